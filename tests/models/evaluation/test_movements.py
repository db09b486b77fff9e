"""Leg movements, counted leg by leg."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from crampwatch.models.evaluation.movements import count_movements, legs_without_shin
from crampwatch.recording.labels import guess
from crampwatch.recording.model import Stream


def test_each_leg_on_its_own(event):
    truth = [event(100, 2, "LM", "left"), event(100, 2, "LM", "right")]
    found = [event(100, 2, "PLM", "left"), event(200, 2, "LM", "right")]
    counts = count_movements(truth, found)
    assert (counts["left"].marked, counts["left"].found, counts["left"].matched) == (1, 1, 1)
    assert (counts["right"].marked, counts["right"].found, counts["right"].matched) == (1, 1, 0)
    # in series by name alone
    assert (counts["left"].series_marked, counts["left"].series_found) == (0, 1)


def test_a_movement_of_both_legs_puts_the_legs_together(event):
    counts = count_movements([event(100, 2, "LM", "both")], [event(100, 2, "LM", "left")])
    assert list(counts) == ["both"]
    assert counts["both"].matched == 1


def test_the_stricter_overlap(event):
    truth = [event(100, 4, "LM"), event(200, 4, "LM")]
    found = [event(101, 4, "LM"), event(202, 4, "LM")]
    (counts,) = count_movements(truth, found).values()
    # 3 of 5 seconds, and 2 of 6
    assert (counts.matched, counts.matched_half) == (2, 1)


def test_fragments_of_a_large_movement_are_told_apart(event):
    truth = [
        event(100, 20, "large_movement", "both"),
        event(200, 60, "cramp"),
        event(105, 3, "LM"),
    ]
    found = [event(at, 3, "LM") for at in (101, 105, 112, 210, 400)]
    (counts,) = count_movements(truth, found).values()
    assert (counts.matched, counts.fragments, counts.in_cramps) == (1, 2, 1)


def test_an_extra_find_on_a_movement_and_a_cramp_is_a_fragment_only(event):
    truth = [event(100, 20, "large_movement"), event(90, 60, "cramp")]
    (counts,) = count_movements(truth, [event(105, 3, "LM")]).values()
    assert (counts.fragments, counts.in_cramps) == (1, 0)


def test_a_series_found_as_single_movements_is_no_series(event):
    truth = [event(20 * n, 2, "PLM") for n in range(6)]
    (counts,) = count_movements(truth, [replace(e, trial_type="LM") for e in truth]).values()
    assert (counts.matched, counts.series_found, counts.series_matched) == (6, 0, 0)


def test_without_movements_there_is_nothing_to_count(event):
    assert count_movements([event(0, 30)], []) == {}


def test_a_movement_of_a_shin_that_no_channel_records_is_counted_apart(event):
    shin = {"channel": "EMG L TA"}
    truth = [replace(event(at, 2, "PLM"), **shin) for at in (100, 130, 160)]
    truth += [replace(event(200, 2, "LM"), channel="EMG L GM"), event(300, 2, "LM")]
    found = [event(at, 2, "LM") for at in (100, 200, 300, 400)]
    (counts,) = count_movements(truth, found, {"left"}).values()
    assert (counts.unrecorded, counts.unrecorded_found) == (3, 1)
    assert (counts.marked, counts.found, counts.matched) == (2, 3, 2)
    assert (counts.series_marked, counts.series_found) == (0, 0)
    (seen,) = count_movements(truth, found).values()
    assert (seen.marked, seen.found, seen.matched, seen.unrecorded) == (5, 4, 3, 0)


def test_a_find_that_fits_a_recorded_movement_is_never_given_to_another(event):
    truth = [event(100, 2, "LM"), replace(event(100.4, 2, "LM"), channel="EMG L TA")]
    (counts,) = count_movements(truth, [event(100.1, 2, "LM")], {"left"}).values()
    assert (counts.matched, counts.found, counts.unrecorded_found) == (1, 1, 0)


def test_a_leg_without_its_shin_is_one_of_which_other_muscles_alone_are_known():
    def leg(*labels):
        return legs_without_shin([stream(label) for label in labels])

    assert leg("EMG L GM", "EMG R GM") == {"left", "right"}
    assert leg("EMG L GM", "EMG L TA", "EMG R SOL") == {"right"}
    assert leg("EMG L", "EMG L GM", "ACC R shank") == frozenset()


def stream(label):
    said = guess(label)
    return Stream(
        label=label, kind=said.kind, rate_hz=100.0, unit="uV", segments=(), gain=np.ones(1),
        offset=np.zeros(1), side=said.side, placement=None if said.note else said.placement,
    )  # fmt: skip
