"""Intervals over persons."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crampwatch.models.evaluation.bootstrap import Bootstrap

COUNTS = st.lists(
    st.tuples(st.sampled_from("abcdef"), st.integers(0, 9), st.integers(1, 9)), min_size=2
)


def test_persons_are_drawn_with_all_their_nights():
    draws = Bootstrap(["anna", "ben", "anna"], resamples=500, seed=1)
    sums = draws.sums([1, 10, 100])
    # two draws of two persons, 101 or 10 each
    assert set(sums.tolist()) == {20.0, 111.0, 202.0}
    assert draws.n_persons == 2


def test_the_interval_of_a_mean_is_that_of_the_normal_approximation():
    rng = np.random.default_rng(3)
    values = rng.normal(10.0, 2.0, 400)
    draws = Bootstrap([str(n) for n in range(400)], resamples=4000, seed=2)
    low, high = draws.ratio_interval(values, np.ones(400))
    half = 1.96 * values.std() / 20
    assert (low, high) == pytest.approx(
        (values.mean() - half, values.mean() + half), abs=0.1 * half
    )


def test_a_quantile_of_equal_values_is_certain():
    draws = Bootstrap(["a", "b", "c"], resamples=200)
    assert draws.quantile_interval([2.0] * 9, [0, 1, 2] * 3, 0.9) == (2.0, 2.0)


def test_a_quantile_is_the_first_value_that_so_many_do_not_exceed():
    draws = Bootstrap(["a", "b"], resamples=200)
    assert draws.quantile_interval([1.0, 2.0, 1.0, 2.0], [0, 0, 1, 1], 0.5) == (1.0, 1.0)
    assert draws.quantile_interval([1.0, 2.0, 1.0, 2.0], [0, 0, 1, 1], 0.6) == (2.0, 2.0)


def test_the_median_of_drawn_values_is_one_of_them():
    draws = Bootstrap([str(n) for n in range(30)], resamples=300, seed=5)
    values = np.arange(30.0) ** 2
    low, high = draws.quantile_interval(values, range(30), 0.5)
    assert low in values
    assert high in values
    assert low < np.median(values) < high


def test_one_person_gives_no_interval():
    draws = Bootstrap(["anna"] * 5)
    assert draws.ratio_interval([1, 2, 3, 4, 5], [9] * 5) is None


def test_where_many_draws_hold_nothing_there_is_no_interval():
    draws = Bootstrap(["a", "b", "c"])
    assert draws.ratio_interval([1, 0, 0], [1, 0, 0]) is None


@given(COUNTS, st.integers(0, 1000))
def test_same_seed_same_interval_and_another_order_of_nights_within_persons_changes_nothing(
    nights, seed
):
    def interval(rows):
        persons, counts, exposures = zip(*rows, strict=True)
        return Bootstrap(persons, 100, seed).ratio_interval(counts, exposures)

    assert interval(nights) == interval(nights)
    # persons come in the same order of their first night
    by_person = sorted(nights, key=lambda row: [r[0] for r in nights].index(row[0]))
    assert interval(by_person) == interval(nights)


@given(COUNTS)
def test_splitting_a_night_of_a_person_in_two_changes_nothing(nights):
    persons, counts, exposures = zip(*nights, strict=True)
    whole = Bootstrap(persons, 50).ratio(counts, exposures)
    split = Bootstrap((*persons, persons[0]), 50).ratio(
        (counts[0], *counts[1:], 0), (exposures[0] - 1, *exposures[1:], 1)
    )
    assert np.array_equal(whole, split, equal_nan=True)
