"""What a find is worth."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crampwatch.models.evaluation.bootstrap import Bootstrap
from crampwatch.models.evaluation.predictive import (
    RATES,
    predictive_value,
    predictive_values,
)


def test_a_textbook_case():
    # 0.95 of one cramp a week, one false alarm in fifty nights
    assert predictive_value(0.95, 0.02, 1 / 7) == pytest.approx(0.8716, abs=5e-5)


def test_without_any_find_it_is_not_known():
    assert predictive_value(0.0, 0.0, 1.0) is None


@given(st.floats(0.01, 1), st.floats(1e-4, 10), st.floats(1e-3, 10))
def test_more_cramps_make_a_find_worth_more(sensitivity, false, per_night):
    assert predictive_value(sensitivity, false, per_night) <= predictive_value(
        sensitivity, false, 2 * per_night
    )


def test_rates_are_a_month_a_week_a_night():
    assert list(RATES.values()) == pytest.approx([1 / 30.4375, 1 / 7, 1])


def test_the_figures_of_two_nights(two_nights):
    nights = [(night, night.final) for night in two_nights]
    found = {
        (one.name, one.per_night): one
        for one in predictive_values(nights, Bootstrap(["a", "b"], 200), {"often": 1.0})
    }
    # cramp: 3 of 6 found, 2 false in two nights; either: 4 of 6, and 4 false
    assert found["cramp", 1.0].value == pytest.approx(0.5 / (0.5 + 1.0))
    assert found["either", 1.0].value == pytest.approx((4 / 6) / (4 / 6 + 2.0))
    assert found["cramp", 1.0].at_worst < found["cramp", 1.0].value


def test_without_a_true_cramp_nothing_is_claimed(tally):
    night = tally()
    assert predictive_values([(night, night.final)], Bootstrap(["a"])) == []
