"""Intervals against published and independently computed values."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from crampwatch.models.evaluation.rates import Z, poisson_upper, rate, share, wilson


def test_nothing_in_150_nights_still_allows_one_in_fifty():
    assert poisson_upper(0, 150) == pytest.approx(0.019972, abs=5e-7)
    assert poisson_upper(0, 150) <= 0.02 < poisson_upper(0, 149)


@pytest.mark.parametrize(
    ("count", "upper"),
    # Garwood's table, one-sided 95 %: 0 to 10 events
    [
        (0, 2.9957),
        (1, 4.7439),
        (2, 6.2958),
        (3, 7.7537),
        (4, 9.1535),
        (5, 10.513),
        (10, 16.962),
    ],
)
def test_poisson_upper_bound_is_garwoods(count, upper):
    assert poisson_upper(count, 1.0) == pytest.approx(upper, abs=5e-4)
    assert poisson_upper(count, 1.0) == pytest.approx(stats.chi2.ppf(0.95, 2 * count + 2) / 2)


@given(st.integers(0, 400), st.floats(0.01, 1e4))
def test_at_the_upper_bound_so_few_come_one_time_in_twenty(count, exposure):
    upper = poisson_upper(count, exposure)
    assert stats.poisson.cdf(count, upper * exposure) == pytest.approx(0.05, rel=1e-6)


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    # Newcombe, Stat Med 1998;17:857, table I, method 3
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_interval_is_the_published_one(count, of, low, high):
    assert wilson(count, of) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(1, 500).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_wilson_holds_the_share_and_is_its_own_mirror(pair):
    count, of = pair
    low, high = wilson(count, of)
    assert 0 <= low <= count / of <= high <= 1
    mirrored = wilson(of - count, of)
    assert mirrored == pytest.approx((1 - high, 1 - low))


def test_the_quantile_of_the_normal_distribution():
    assert pytest.approx(stats.norm.ppf(0.975)) == Z


def test_out_of_nothing_there_is_no_share_and_no_rate():
    assert share(0, 0).value is share(0, 0).wilson is None
    assert rate(0, 0.0).value is rate(0, 0.0).upper is None


def test_drawing_nothing_again_is_no_interval():
    assert share(0, 9, (0.0, 0.0)).bootstrap is None
    assert share(9, 9, (1.0, 1.0)).bootstrap is None
    assert share(3, 9, (0.1, 0.5)).bootstrap == (0.1, 0.5)
    assert rate(0, 9.0, (0.0, 0.0)).bootstrap is None
    assert rate(1, 9.0, (0.0, 0.3)).bootstrap == (0.0, 0.3)


@pytest.mark.parametrize("wrong", [(-1, 5), (6, 5)])
def test_a_count_beyond_its_number_is_refused(wrong):
    with pytest.raises(ValueError, match="a share needs"):
        wilson(*wrong)


@pytest.mark.parametrize("wrong", [(-1, 5.0), (1, -5.0), (1, math.inf)])
def test_a_negative_or_endless_exposure_is_refused(wrong):
    with pytest.raises(ValueError, match="negative"):
        poisson_upper(*wrong)
