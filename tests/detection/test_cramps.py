"""A cramp-like contraction is one event; what a leg does otherwise in bed is none."""

from __future__ import annotations

import numpy as np
import pytest

from crampwatch.detection import Candidate, RuleJudge, Verdict, score_night
from crampwatch.detection.cramps.features.catalogue import FEATURE_NAMES
from crampwatch.detection.settings import CrampSettings

CRAMPS = ("cramp", "possible_cramp")
RATE = 500.0
REST = 900.0


def _built_up(seconds, level, rise=4.0, rate=RATE):
    """Return a level that builds up, holds with slow modulation, and stops."""
    t = np.arange(round(seconds * rate)) / rate
    return 1.0 + (level - 1.0) * np.clip(t / rise, 0, 1) * (1 + 0.2 * np.sin(2 * np.pi * t))


def _with(lab, shape, at=400.0, seed=1, seconds=REST, rate=RATE):
    values = lab.carrier(seconds, rate, seed).copy()
    start = round(at * rate)
    values[start : start + shape.size] *= shape
    return values


def _calf(lab, values, *others, **changes):
    gm = lab.emg(values, label="EMG L GM", rate=RATE, **changes)
    return score_night(lab.night(gm, *others))


def _named(score):
    return [(e.onset, e.end) for e in score.events if e.trial_type in CRAMPS]


@pytest.mark.parametrize("seconds", [22.0, 60.0, 180.0, 600.0])
@pytest.mark.parametrize("level", [3.0, 30.0])
def test_a_sustained_contraction_of_a_still_leg_is_one_cramp(lab, seconds, level):
    values = _with(lab, _built_up(seconds, level), seconds=1500.0)
    score = _calf(lab, values, lab.acc(1500.0))
    (event,) = [e for e in score.events if e.trial_type in CRAMPS]
    assert event.trial_type == "cramp"
    assert (event.side, event.channel) == ("left", "EMG L GM")
    assert event.onset == pytest.approx(400.0, abs=3.0)
    assert event.end == pytest.approx(400.0 + seconds, abs=3.0)
    assert event.extra["rule"] == "calf"
    assert event.extra["reason"]
    assert not lab.moves(score)


@pytest.mark.parametrize("seconds", [11.0, 12.0, 15.0, 18.0])
def test_under_twenty_seconds_it_is_possible_at_most(lab, seconds):
    score = _calf(lab, _with(lab, _built_up(seconds, 8.0, rise=1.0)), lab.acc(REST))
    kinds = {e.trial_type for e in score.events if e.trial_type in CRAMPS}
    assert kinds <= {"possible_cramp"}


@pytest.mark.parametrize("seconds", [3.0, 6.0, 8.0])
def test_under_ten_seconds_it_is_none(lab, seconds):
    score = _calf(lab, _with(lab, _built_up(seconds, 8.0, rise=1.0)), lab.acc(REST))
    assert _named(score) == []


@pytest.mark.parametrize("pop_s", [0.4, 1.0, 2.0])
def test_a_pop_in_a_cramp_does_not_cut_it(lab, pop_s):
    values = _with(lab, _built_up(60.0, 10.0))
    t = np.arange(round(20 * RATE)) / RATE
    at = round(430 * RATE)
    values[at : at + t.size] += 1500.0 * np.exp(-t / pop_s)
    assert len(_named(_calf(lab, values, lab.acc(REST)))) == 1


@pytest.mark.parametrize("loss", ["nan", "flat", "clip"])
def test_a_second_without_signal_does_not_cut_a_cramp(lab, loss):
    values = _with(lab, _built_up(60.0, 10.0))
    part = slice(round(430 * RATE), round(431.2 * RATE))
    values[part] = {"nan": np.nan, "flat": values[part][0], "clip": 1e4}[loss]
    (span,) = _named(_calf(lab, values, lab.acc(REST)))
    assert span == pytest.approx((400.0, 460.0), abs=3.0)


def test_a_cramp_ends_where_the_leg_begins_to_walk(lab):
    steps = 1.0 + 20.0 * (np.sin(2 * np.pi * np.arange(round(60 * RATE)) / RATE) > 0.3)
    shape = np.r_[_built_up(50.0, 12.0), steps]
    motion = lab.acc(REST, (450.0, 60.0, 0.4))
    score = _calf(lab, _with(lab, shape), motion)
    (span,) = _named(score)
    assert span == pytest.approx((400.0, 450.0), abs=6.0)
    assert any(e.trial_type == "large_movement" for e in score.events)


@pytest.mark.parametrize("after", [1.6, 2.0])
def test_the_tone_that_follows_is_not_part_of_it(lab, after):
    shape = np.r_[_built_up(60.0, 12.0), np.full(round(180 * RATE), after)]
    (span,) = _named(_calf(lab, _with(lab, shape), lab.acc(REST)))
    assert span == pytest.approx((400.0, 460.0), abs=5.0)


def test_tone_after_a_stretch_is_no_second_cramp(lab):
    """The sleeper pulls the foot up; what stays is the tone that follows a cramp."""
    shape = np.r_[_built_up(60.0, 12.0), np.full(round(200 * RATE), 2.0)]
    motion = lab.acc(REST, (458.0, 15.0, 0.3))
    (span,) = _named(_calf(lab, _with(lab, shape), motion))
    assert span == pytest.approx((400.0, 458.0), abs=6.0)


def test_alternating_bursts_of_both_legs_are_no_cramp(lab):
    t = np.arange(round(60 * RATE)) / RATE
    phase = (t * 1.0) % 1.0
    left = 1.0 + 15.0 * (phase < 0.35)
    right = 1.0 + 15.0 * ((phase > 0.5) & (phase < 0.85))
    other = lab.emg(_with(lab, right, seed=2), label="EMG R GM", rate=RATE)
    assert _named(_calf(lab, _with(lab, left), other, lab.acc(REST))) == []
    assert _named(_calf(lab, _with(lab, left))) == []


@pytest.mark.parametrize("pace", [0.8, 1.0, 1.4, 2.0])
def test_walking_is_no_cramp(lab, pace):
    t = np.arange(round(90 * RATE)) / RATE
    gait = 1.0 + 20.0 * np.clip(np.sin(2 * np.pi * pace * t), 0, 1) ** 2 + 1.0
    motion = lab.acc(REST, (400.0, 90.0, 0.4))
    assert _named(_calf(lab, _with(lab, gait), motion)) == []


@pytest.mark.parametrize("share_", [0.7, 1.0])
def test_co_contraction_is_no_cramp(lab, share_):
    shape = _built_up(40.0, 10.0)
    antagonist = 1.0 + share_ * (shape - 1.0)
    ta = lab.emg(_with(lab, antagonist, seed=4), label="EMG L TA", rate=RATE)
    score = _calf(lab, _with(lab, shape), ta, lab.acc(REST))
    assert _named(score) == []


def test_a_nearly_silent_antagonist_does_not_speak_against_it(lab):
    shape = _built_up(40.0, 10.0)
    ta = lab.emg(_with(lab, 1 + 0.1 * (shape - 1), seed=4), label="EMG L TA", rate=RATE)
    assert len(_named(_calf(lab, _with(lab, shape), ta, lab.acc(REST)))) == 1


def test_both_calves_at_once_are_a_movement_of_the_sleeper(lab):
    shape = _built_up(40.0, 10.0)
    other = lab.emg(_with(lab, shape, seed=4), label="EMG R GM", rate=RATE)
    assert _named(_calf(lab, _with(lab, shape), other, lab.acc(REST))) == []


def test_two_heads_of_one_calf_are_one_row(lab):
    shape = _built_up(60.0, 10.0)
    other = lab.emg(_with(lab, 1 + 0.45 * (shape - 1), seed=4), label="EMG L GL", rate=RATE)
    assert len(_named(_calf(lab, _with(lab, shape), other, lab.acc(REST)))) == 1


def test_a_posture_shift_is_a_large_movement_and_no_cramp(lab):
    shape = _built_up(18.0, 8.0, rise=1.0)
    motion = lab.acc(REST, (400.0, 18.0, 0.2), turns=((405.0, 70.0),))
    score = _calf(lab, _with(lab, shape), motion)
    assert _named(score) == []
    assert [e.trial_type for e in score.events] == ["large_movement"]


def test_tone_after_a_turn_is_no_cramp(lab):
    shape = np.full(round(120 * RATE), 2.0)
    motion = lab.acc(REST, (395.0, 6.0, 0.2), turns=((398.0, 70.0),))
    assert _named(_calf(lab, _with(lab, shape), motion)) == []


def test_a_long_contraction_of_tibialis_anterior_is_doubted(lab):
    """Lifting the foot looks the same."""
    ta = lab.emg(_with(lab, _built_up(60.0, 10.0)), label="EMG L TA", rate=RATE)
    score = score_night(lab.night(ta, lab.acc(REST)))
    assert [e.trial_type for e in score.events if e.trial_type in CRAMPS] == ["possible_cramp"]
    short = lab.emg(_with(lab, _built_up(15.0, 10.0)), label="EMG L TA", rate=RATE)
    assert _named(score_night(lab.night(short, lab.acc(REST)))) == []


def test_an_hour_of_tone_is_no_cramp(lab):
    values = _with(lab, np.full(round(3600 * RATE), 3.0), at=1500.0, seconds=7200.0)
    assert _named(_calf(lab, values)) == []


def test_two_cramps_within_the_hour_are_two(lab):
    values = _with(lab, _built_up(60.0, 10.0), at=300.0)
    more = _built_up(45.0, 6.0)
    values[round(600 * RATE) : round(600 * RATE) + more.size] *= more
    assert len(_named(_calf(lab, values, lab.acc(REST)))) == 2


def test_a_lost_electrode_is_no_cramp(lab):
    values = lab.carrier(REST, RATE).copy()
    t = np.arange(round(60 * RATE)) / RATE
    values[round(400 * RATE) : round(460 * RATE)] = (
        20.0 * np.sin(2 * np.pi * 50 * t) * (1 + 0.3 * np.sin(2 * np.pi * 0.3 * t))
    )
    assert _named(_calf(lab, values, lab.acc(REST))) == []


_CLEAR = {
    "duration_s": 60.0,
    "muscle": "GM",
    "ratio_median": 6.0,
    "ratio_peak": 9.0,
    "continuity": 1.0,
    "antagonist": 0.05,
    "other_leg": 0.0,
    "movement": 0.005,
    "moving": 0.02,
    "movement_before": 0.005,
    "movement_after": 0.3,
    "onset_turn_deg": 1.0,
    "turn_deg": 2.0,
}
_NAN = float("nan")


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({}, "cramp"),
        ({"ratio_median": 1.8}, "cramp"),
        ({"antagonist": _NAN, "other_leg": _NAN}, "cramp"),
        (dict.fromkeys(("movement", "moving", "turn_deg", "onset_turn_deg"), _NAN), "cramp"),
        ({"movement": _NAN, "duration_s": 25.0}, "possible_cramp"),
        ({"duration_s": 19.9}, "possible_cramp"),
        ({"duration_s": 15.0, "ratio_median": 1.5}, None),
        ({"muscle": "TA"}, "possible_cramp"),
        ({"muscle": "TA", "duration_s": 15.0}, None),
        ({"muscle": "TA", "ratio_median": 2.0}, None),
        ({"movement": 0.1}, "large_movement"),
        ({"duration_s": 30.0, "moving": 0.5}, "large_movement"),
        ({"duration_s": 30.0, "turn_deg": 45.0}, "large_movement"),
        ({"duration_s": 60.0, "turn_deg": 45.0}, "cramp"),
        ({"continuity": 0.5}, None),
        ({"antagonist": 0.8}, None),
        ({"other_leg": 0.8}, None),
        ({"duration_s": 3000.0}, None),
        ({"onset_turn_deg": 60.0, "ratio_median": 2.0}, None),
    ],
)
def test_the_rule_says_why(changes, kind):
    (verdict,) = RuleJudge(CrampSettings()).judge([_candidate({**_CLEAR, **changes})])
    assert verdict.trial_type == kind
    assert verdict.reason


def _candidate(known):
    values = dict.fromkeys(FEATURE_NAMES, _NAN) | known
    muscle = values.pop("muscle")
    label = f"EMG L {muscle}"
    return Candidate(100.0, values["duration_s"], "left", muscle, label, None, values)


def test_another_judge_takes_the_place_of_the_rule(lab):
    class Certain:
        def judge(self, candidates):
            return [Verdict("possible_cramp", 0.25, "because") for _ in candidates]

    stream = lab.emg(_with(lab, _built_up(60.0, 10.0)), label="EMG L GM", rate=RATE)
    score = score_night(lab.night(stream), judge=Certain())
    (event,) = [e for e in score.events if e.trial_type in CRAMPS]
    assert (event.trial_type, event.probability) == ("possible_cramp", 0.25)
    assert event.extra["reason"] == "because"
