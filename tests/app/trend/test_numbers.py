"""Intervals cover, tests keep their size, corrections only ever correct upwards."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from crampwatch.app.trend.numbers import difference, holm, median, permuted, rate, share


@settings(deadline=None, max_examples=50)
@given(st.integers(1, 60), st.data())
def test_a_share_lies_in_its_interval_which_mirrors(of, data):
    found = data.draw(st.integers(0, of))
    one, other = share(found, of), share(of - found, of)
    assert 0 <= one.low <= one.value <= one.high <= 1
    assert (one.low, one.high) == pytest.approx((1 - other.high, 1 - other.low))


@pytest.mark.parametrize("true", [0.05, 0.2, 0.5])
def test_jeffreys_interval_covers_about_as_often_as_it_says(true):
    counts = np.arange(29)
    covers = [share(int(k), 28).low <= true <= share(int(k), 28).high for k in counts]
    covered = stats.binom.pmf(counts, 28, true)[covers].sum()
    assert covered > 0.92


@settings(deadline=None, max_examples=30)
@given(st.floats(0.1, 30))
def test_the_exact_poisson_interval_covers_at_least_as_often_as_it_says(true):
    counts = np.arange(0, 120)
    covers = [rate(int(k), 1.0, 1).low <= true <= rate(int(k), 1.0, 1).high for k in counts]
    assert stats.poisson.pmf(counts, true)[covers].sum() >= 0.95 - 1e-9


def test_no_hours_give_no_rate():
    assert rate(0, 0.0, 0).value is None


def test_a_median_of_few_values_has_no_interval():
    assert median([1.0, 2.0, 3.0, 4.0, 5.0]).low is None
    six = median([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    assert (six.low, six.high) == (1.0, 6.0)
    assert median([]).value is None


@settings(deadline=None)
@given(st.lists(st.floats(0, 1), max_size=12))
def test_holm_corrects_upwards_and_keeps_the_order(p):
    corrected = holm(p)
    assert all(before <= after <= 1 for before, after in zip(p, corrected, strict=True))
    order = sorted(range(len(p)), key=lambda each: p[each])
    assert [corrected[each] for each in order] == sorted(corrected)
    if p:
        assert min(corrected) == pytest.approx(min(1.0, len(p) * min(p)))


def test_holm_of_a_textbook():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])


def test_the_permutation_test_keeps_its_size_on_few_nights():
    rng = np.random.default_rng(4)
    p = [permuted(rng.poisson(2, 5).tolist(), rng.poisson(2, 4).tolist()) for _ in range(200)]
    assert np.mean(np.array(p) <= 0.05) <= 0.09


def test_a_difference_that_is_plain_is_found():
    p = permuted([1.0] * 8, [0.0] * 8)
    assert p < 0.001
    found = difference([1.0, 1.0, 0.0, 1.0] * 3, [0.0, 0.0, 1.0, 0.0] * 3)
    assert found.low < found.value == 0.5 < found.high


def test_the_same_numbers_come_out_again():
    first, second = [1.0, 3.0, 2.0, 5.0], [2.0, 2.0, 7.0, 1.0]
    assert difference(first, second) == difference(first, second)
    assert permuted(first, second) == permuted(first, second)
