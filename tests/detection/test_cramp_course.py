"""What a cramp event tells: rise, ending, what the sleeper did, and when it settled."""

from __future__ import annotations

import numpy as np
import pytest

from crampwatch.detection import Verdict, score_night

RATE = 500.0
NIGHT = 900.0
ONSET, END = 400.0, 450.0


class Certain:
    """Calls everything a cramp."""

    def judge(self, candidates):
        return [Verdict("cramp", 0.9, "because", 0.8) for _ in candidates]


def shaped(lab, points, seed=1):
    """Return a calf whose level follows ``(time, level)`` points, one at rest."""
    times, levels = zip(*points, strict=True)
    t = np.arange(round(NIGHT * RATE)) / RATE
    level = np.interp(t, times, levels, left=1.0, right=1.0)
    return lab.emg(lab.carrier(NIGHT, RATE, seed) * level, label="EMG L GM", rate=RATE)


def shin(lab, *bursts):
    return lab.emg(lab.muscle(NIGHT, *bursts, rate=RATE, seed=7), label="EMG L TA", rate=RATE)


def first_cramp(lab, *streams):
    score = score_night(lab.night(*streams), judge=Certain())
    return next(e for e in score.events if e.trial_type == "cramp" and e.side == "left")


ABRUPT = [(ONSET, 1.0), (ONSET + 10.0, 12.0), (END - 0.2, 12.0), (END, 1.0)]
FADED = [(ONSET, 1.0), (ONSET + 2.0, 12.0), (END - 20.0, 12.0), (END, 1.0)]


def test_the_rise_is_the_time_to_four_fifths_of_the_plateau(lab):
    event = first_cramp(lab, shaped(lab, ABRUPT), lab.acc(NIGHT))
    assert event.extra["rise_s"] == pytest.approx(8.0, abs=1.5)
    assert event.extra["ratio_peak"] == pytest.approx(12.0, rel=0.2)
    assert event.extra["peak_reference"] is None
    assert (event.probability, event.extra["probability_causal"]) == (0.9, 0.8)


@pytest.mark.parametrize("sensors", ["moves", "pulls", "both"])
def test_it_was_stretched_where_it_stops_at_once_and_the_leg_moves_or_the_antagonist_pulls(
    lab, sensors
):
    streams = [shaped(lab, ABRUPT)]
    if sensors != "pulls":
        streams.append(lab.acc(NIGHT, (END - 1.0, 4.0, 0.2)))
    if sensors != "moves":
        streams.append(shin(lab, (END - 0.5, 4.0, 40.0)))
    assert first_cramp(lab, *streams).extra["ending"] == "stretched"


def test_it_faded_where_the_fall_takes_its_time(lab):
    event = first_cramp(lab, shaped(lab, FADED), lab.acc(NIGHT), shin(lab))
    assert event.extra["ending"] == "faded"


def test_how_it_ended_is_unknown_without_a_movement_and_before_a_gap(lab):
    still = first_cramp(lab, shaped(lab, ABRUPT), lab.acc(NIGHT), shin(lab))
    assert still.extra["ending"] == "unknown"
    whole = lab.carrier(NIGHT, RATE, 1) * np.interp(
        np.arange(round(NIGHT * RATE)) / RATE, *zip(*ABRUPT, strict=True), left=1.0, right=1.0
    )
    cut, on = round((END - 5.0) * RATE), round((END + 60.0) * RATE)
    lost = lab.emg(
        whole[:cut], whole[on:], rate=RATE, starts=(0.0, END + 60.0), label="EMG L GM"
    )
    event = first_cramp(lab, lost, lab.acc(NIGHT))
    assert event.extra["ending"] == "unknown"
    assert event.extra["settled_s"] is None


def test_who_walks_stood_up_and_who_turns_or_rubs_did_not(lab):
    calf = shaped(lab, ABRUPT)
    up = lab.acc(
        NIGHT,
        (END + 20.0, 60.0, 0.2),
        turns=[(END + 20.0, 85.0), (END + 80.0, -85.0)],
    )
    rubs = lab.acc(NIGHT, (END + 5.0, 30.0, 0.2))
    turns = lab.acc(NIGHT, (END + 20.0, 6.0, 0.2), turns=[(END + 23.0, 85.0)])
    assert first_cramp(lab, calf, up).extra["stood_up"] is True
    assert first_cramp(lab, calf, rubs).extra["stood_up"] is False
    assert first_cramp(lab, calf, turns).extra["stood_up"] is False
    assert first_cramp(lab, calf).extra["stood_up"] is None


def test_it_is_settled_when_tone_and_leg_are_at_rest_for_a_minute(lab):
    tone = [*ABRUPT[:-1], (END, 2.0), (END + 90.0, 2.0), (END + 90.5, 1.0)]
    at_once = first_cramp(lab, shaped(lab, ABRUPT), lab.acc(NIGHT))
    later = first_cramp(lab, shaped(lab, tone), lab.acc(NIGHT))
    moved = first_cramp(lab, shaped(lab, tone), lab.acc(NIGHT, (END + 100.0, 80.0, 0.2)))
    assert at_once.extra["settled_s"] == pytest.approx(0.0, abs=4.0)
    assert later.extra["settled_s"] == pytest.approx(90.0, abs=8.0)
    assert moved.extra["settled_s"] == pytest.approx(180.0, abs=10.0)


def test_movement_before_and_after_is_told_in_g(lab):
    event = first_cramp(lab, shaped(lab, ABRUPT), lab.acc(NIGHT, (END + 2.0, 28.0, 0.2)))
    assert event.extra["movement_before"] <= 0.01
    assert event.extra["movement_after"] == pytest.approx(0.2 / np.sqrt(2.0), rel=0.3)
