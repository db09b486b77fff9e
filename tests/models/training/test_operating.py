"""Operating points and calibration on numbers small enough to check by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from crampwatch.models.artefact.curve import probability
from crampwatch.models.training.calibration import expected_error, fit_calibration
from crampwatch.models.training.operating import (
    choose,
    false_scores,
    found_cramps,
    sensitivity,
    upper_bound,
    wilson,
)


@pytest.fixture
def rows(tables):
    """Return six contractions of one leg, far from each other, none of them a cramp."""
    table = tables(persons=1, nights=1, cramps=0, others=6)
    return table.rows.take(table.rows.complete)


def test_no_event_in_n_nights_is_at_most_three_over_n():
    # the rule of three: -ln(0.05) = 2.9957
    assert upper_bound(0, 150.0) == pytest.approx(2.99573 / 150, rel=1e-4)


def test_the_bound_of_one_event_is_the_published_one():
    # one-sided 95 %: 4.744 for one event (Garwood 1936)
    assert upper_bound(1, 1.0) == pytest.approx(4.744, abs=1e-3)


def test_without_nights_nothing_is_bounded():
    assert upper_bound(0, 0.0) == np.inf


def test_the_threshold_lies_between_what_is_borne_and_what_is_not(rows):
    chance = np.array([0.9, 0.8, 0.7, 0.3, 0.2, 0.1])
    point = choose(rows, chance, 10.0, 0.1, sure=True)
    assert point.false_alarms == 1
    assert 0.8 < point.threshold < 0.9
    assert not point.by_bound


def test_with_nights_enough_the_bound_itself_is_kept(rows):
    chance = np.array([0.9, 0.8, 0.7, 0.3, 0.2, 0.1])
    point = choose(rows, chance, 300.0, 0.02, sure=True)
    assert point.by_bound
    assert point.upper <= 0.02
    assert upper_bound(point.false_alarms + 1, 300.0) > 0.02


def test_a_cramp_is_never_called_below_a_half(rows):
    point = choose(rows, np.full(6, 0.01), 1000.0, 0.5, sure=True)
    assert point.threshold == 0.5


@given(hnp.arrays(np.float64, 6, elements=st.floats(0, 1)), st.floats(1, 500))
def test_what_is_asked_for_is_kept(tables, chance, nights):
    table = tables(persons=1, nights=1, cramps=0, others=6)
    rows = table.rows.take(table.rows.complete)
    point = choose(rows, chance, nights, 0.3, sure=False)
    assert point.false_alarms / nights <= 0.3 or point.threshold == 1.0
    if point.by_bound:
        assert point.upper <= 0.3 or point.threshold == 1.0


def test_two_muscles_of_one_leg_at_once_are_one_false_alarm(rows):
    together = replace(rows, onset_s=np.zeros(6))
    assert false_scores(together, np.linspace(0, 1, 6), sure=False).tolist() == [1.0]


def test_below_ten_seconds_there_is_no_false_cramp(rows):
    short = replace(rows, duration_s=np.full(6, 9.0))
    assert false_scores(short, np.ones(6), sure=True).size == 0
    assert false_scores(short, np.ones(6), sure=False).size == 6


def test_a_cramp_that_was_not_looked_at_is_missed(table):
    rows, cramps = table.rows, table.cramps
    keep = rows.cramp != 0
    sure, possible = found_cramps(rows.take(keep), np.ones(int(keep.sum())), cramps, 0.5, 0.1)
    assert not sure[0]
    assert not possible[0]
    assert sure[1:].all()


def test_sensitivity_is_told_by_length(table):
    count = len(table.cramps)
    told = sensitivity(table.cramps, np.zeros(count, bool), np.ones(count, bool))
    by_length = {row["duration"]: row for row in told}
    assert by_length["20 to 60 s"]["cramp_or_possible"] == count
    assert by_length["over 60 s"]["share"] is None


def test_wilson_gives_the_published_interval():
    # Newcombe 1998, table I: 81 of 263
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)


@given(st.integers(0, 50), st.integers(1, 50))
def test_an_interval_holds_its_share(hits, of):
    hits = min(hits, of)
    low, high = wilson(hits, of)
    assert 0 <= low <= hits / of + 1e-12
    assert hits / of - 1e-12 <= high <= 1


@pytest.mark.parametrize(("count", "method"), [(200, "sigmoid"), (20_000, "isotonic")])
def test_calibration_mends_scores_that_say_too_much(count, method):
    rng = np.random.default_rng(0)
    truth = rng.normal(-1.0, 2.0, count)
    label = (rng.random(count) < probability(truth)).astype(np.int8)
    curve, name = fit_calibration(3.0 * truth + 1.0, label)
    assert name == method
    fresh = rng.normal(-1.0, 2.0, 20_000)
    happened = (rng.random(20_000) < probability(fresh)).astype(np.int8)
    said = probability(curve(3.0 * fresh + 1.0))
    assert expected_error(said, happened) < (0.05 if method == "sigmoid" else 0.02)


@given(hnp.arrays(np.float64, 40, elements=st.floats(-20, 20)), st.integers(1, 39))
def test_calibration_never_turns_two_contractions_round(score, positive):
    label = (np.arange(40) < positive).astype(np.int8)
    curve, _ = fit_calibration(score, label)
    grid = np.linspace(-30, 30, 200)
    assert np.all(np.diff(curve(grid)) > 0)


def test_separated_classes_stay_finite():
    score = np.concatenate([np.full(5, -10.0), np.full(5, 10.0)])
    curve, _ = fit_calibration(score, np.repeat([0, 1], 5).astype(np.int8))
    assert np.abs(curve(score)).max() < 60


def test_expected_error_by_hand():
    chance = np.array([0.05, 0.05, 0.95, 0.95])
    label = np.array([0, 1, 1, 1], np.int8)
    # bins: |0.1 - 1| / 4 + |1.9 - 2| / 4
    assert expected_error(chance, label) == pytest.approx(0.25)
