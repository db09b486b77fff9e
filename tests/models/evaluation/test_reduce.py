"""From a scored night to counts: what the engine's own rules leave, what was marred."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from crampwatch.detection import Candidate, NightScore, Verdict
from crampwatch.models.evaluation.reduce import (
    named_without_after,
    true_cramps_of,
    watched_truth,
)
from crampwatch.recording.model import Event, Night, Stream


class ByDuration:
    """Calls everything a cramp, the longer the surer."""

    def judge(self, candidates):
        assert all(c.cut_s == c.duration_s for c in candidates)
        return [Verdict("cramp", min(0.99, c.duration_s / 100), "") for c in candidates]


def candidate(onset, duration, side="left", muscle="GM"):
    label = f"EMG {side[0].upper()} {muscle}"
    values = {"ratio_median": 3.0}
    return Candidate(float(onset), float(duration), side, muscle, label, None, values)


def score(candidates=(), events=()):
    return NightScore(600.0, tuple(events), (), (), (), candidates=tuple(candidates))


def spans(found):
    return [(event.onset, event.duration, event.side) for event in found]


def test_one_row_is_kept_where_two_muscles_of_a_leg_show_the_same():
    both = [candidate(100, 30), candidate(105, 40, muscle="TA"), candidate(100, 30, "right")]
    found = named_without_after(score(both), ByDuration())
    assert spans(found) == [(100.0, 30.0, "right"), (105.0, 40.0, "left")]


@pytest.mark.parametrize(("side", "kept"), [("left", 0), ("both", 0), ("right", 1)])
def test_what_a_large_movement_of_its_leg_covers_is_none(side, kept):
    large = Event(95.0, 20.0, "large_movement", side)
    found = named_without_after(score([candidate(100, 28)], [large]), ByDuration())
    assert len(found) == kept


def test_a_large_movement_over_less_than_half_leaves_it():
    large = Event(95.0, 18.0, "large_movement", "left")
    assert named_without_after(score([candidate(100, 28)], [large]), ByDuration())


def test_cut_views_are_not_judged_twice():
    cut = replace(candidate(100, 10), cut_s=10.0)
    found = named_without_after(score([cut, candidate(100, 30)]), ByDuration())
    assert spans(found) == [(100.0, 30.0, "left")]


def test_without_candidates_nothing_is_named():
    assert named_without_after(score(), ByDuration()) == []


def test_how_much_of_a_cramp_was_marred():
    cramp = Event(100.0, 40.0, "cramp", "left", "EMG L GM", None, {"level_uv": 12.5})
    marred = [
        Event(90.0, 20.0, "artifact", "left", "EMG L GM"),
        Event(105.0, 10.0, "unscorable", "left", "EMG L GM"),
        Event(130.0, 100.0, "unscorable", "left", "EMG L GM"),
        Event(100.0, 40.0, "unscorable", "left", "EMG L TA"),
        Event(100.0, 40.0, "unscorable", "right", "EMG R GM"),
        Event(100.0, 40.0, "LM", "left", "EMG L GM"),
    ]
    (found,) = true_cramps_of([cramp], marred)
    assert found.marred == pytest.approx(25 / 40)
    assert found.facts == {"level_uv": "12.5", "muscle": "GM"}


def test_a_gap_of_the_whole_leg_mars_it_too():
    cramp = Event(100.0, 40.0, "cramp", "left", "EMG L GM")
    (found,) = true_cramps_of([cramp], [Event(100.0, 20.0, "unscorable", None)])
    assert found.marred == 0.5


def emg(side, muscle):
    return Stream(
        f"EMG {side[0].upper()} {muscle}", "emg", 1000.0, "uV", (), np.ones(1), np.zeros(1),
        side=side, placement=muscle,
    )  # fmt: skip


def test_a_cramp_in_a_muscle_that_was_not_recorded_is_neither_found_nor_missed():
    night = Night((emg("left", "GM"), emg("right", "GM")))
    marks = [
        Event(100.0, 40.0, "cramp", "left", "EMG L GM"),
        Event(300.0, 40.0, "cramp", "left", "EMG L TA"),
        Event(500.0, 40.0, "cramp", "right", None),
        Event(700.0, 40.0, "cramp", "right", "calf electrode"),
        Event(900.0, 5.0, "LM", "left", "EMG L TA"),
    ]
    truth, unwatched = watched_truth(marks, night)
    assert unwatched == 1
    assert truth == [marks[0], replace(marks[1], trial_type="possible_cramp"), *marks[2:]]
