"""What is no leg movement though a shin is active: whole legs, tone, twitches, lost contact."""

from __future__ import annotations

import numpy as np
import pytest

from crampwatch.detection import score_night
from crampwatch.detection.agreement import match_by_overlap
from crampwatch.sample_data.simulator import simulate_night

LENGTH = 700.0


def emg(lab, label, *acts, length=LENGTH, **changes):
    seed = 1 + sum(map(ord, label))
    return lab.emg(lab.muscle(length, *acts, seed=seed), label=label, **changes)


def leg(lab, letter, *acts, share, length=LENGTH):
    """Return shin and calf of a leg; the calf works at a share of the shin, above rest."""
    calf = [(onset, lasts, 1.0 + share * (level - 1.0)) for onset, lasts, level in acts]
    return (
        emg(lab, f"EMG {letter} TA", *acts, length=length),
        emg(lab, f"EMG {letter} GM", *calf, length=length),
    )


def large(score):
    return [e for e in score.events if e.trial_type == "large_movement"]


def onsets(lab, score):
    return [onset for onset, _ in lab.moves(score)]


def test_a_stretch_of_one_leg_is_one_large_movement_without_an_accelerometer(lab):
    score = score_night(lab.night(*leg(lab, "L", (300.0, 5.0, 60.0), share=0.5)))
    (one,) = large(score)
    assert (one.side, one.extra["reason"]) == ("left", "the whole leg worked")
    assert (one.onset, one.end) == pytest.approx((300.0, 305.0), abs=0.2)
    assert lab.moves(score) == []


@pytest.mark.parametrize(("lasts", "share"), [(2.0, 0.9), (5.0, 0.2), (1.0, 0.5)])
def test_a_leg_movement_that_takes_the_calf_along_stays(lab, lasts, share):
    score = score_night(lab.night(*leg(lab, "L", (300.0, lasts, 60.0), share=share)))
    assert large(score) == []
    assert lab.moves(score) == [pytest.approx((300.0, 300.0 + lasts), abs=0.1)]


def test_movements_that_come_again_and_again_are_no_stretches(lab):
    acts = [(100.0 + 25.0 * i, 4.5, 60.0) for i in range(8)]
    score = score_night(lab.night(*leg(lab, "L", *acts, share=0.5)))
    assert large(score) == []
    assert len(lab.moves(score)) == 8


def test_both_legs_with_calf_and_shin_are_a_turn_with_its_pauses(lab):
    acts = [(300.0, 1.5, 40.0), (302.2, 2.0, 60.0), (304.9, 1.5, 30.0)]
    streams = (*leg(lab, "L", *acts, share=0.9), *leg(lab, "R", *acts, share=0.6))
    score = score_night(lab.night(*streams))
    (one,) = large(score)
    assert (one.side, one.extra["reason"]) == ("both", "both legs worked")
    assert lab.moves(score) == []


def test_a_movement_of_both_feet_is_none(lab):
    acts = [(300.0, 3.0, 40.0)]
    streams = (*leg(lab, "L", *acts, share=0.2), *leg(lab, "R", *acts, share=0.2))
    score = score_night(lab.night(*streams))
    assert large(score) == []
    assert len(lab.moves(score)) == 2


def test_bursts_that_reach_beyond_the_bout_belong_to_the_turn(lab):
    shin = emg(lab, "EMG L TA", (300.0, 2.0, 40.0), (302.7, 3.0, 30.0), (306.3, 1.5, 30.0))
    acc = lab.acc(LENGTH, (303.0, 1.5, 0.3), turns=[(304.0, 60.0)])
    score = score_night(lab.night(shin, acc))
    (one,) = large(score)
    assert (one.side, one.extra["reason"]) == ("left", "posture changed")
    assert (one.onset, one.end) == pytest.approx((300.0, 307.8), abs=0.2)
    assert lab.moves(score) == []


def test_a_movement_some_seconds_beside_a_turn_stays(lab):
    acts = [(292.0, 2.0, 40.0), (300.0, 5.0, 40.0), (309.0, 2.0, 40.0)]
    acc = lab.acc(LENGTH, (300.0, 5.0, 0.3), turns=[(302.5, 60.0)])
    score = score_night(lab.night(emg(lab, "EMG L TA", *acts), acc))
    assert onsets(lab, score) == pytest.approx([292.0, 309.0], abs=0.1)


def steps(first, count, apart, level):
    return [(first + apart * i, 0.6, level) for i in range(count)]


def test_steps_without_an_accelerometer_are_one_large_movement(lab):
    streams = [
        emg(lab, f"EMG {letter} {name}", *steps(300.0 + late + turn, 14, 1.8, 40.0))
        for letter, late in (("L", 0.0), ("R", 0.9))
        for name, turn in (("GM", 0.0), ("TA", 0.7))
    ]
    score = score_night(lab.night(*streams))
    assert lab.moves(score) == []
    (walk,) = large(score)
    assert walk.extra["reason"] == "steps"
    assert walk.duration == pytest.approx(25.6, abs=1.0)


def test_a_shin_that_stirs_while_the_calf_holds_is_no_movement(lab):
    calf = emg(lab, "EMG L GM", (300.0, 30.0, 30.0))
    shin = emg(lab, "EMG L TA", (306.0, 1.5, 14.0), (316.0, 2.0, 14.0))
    assert lab.moves(score_night(lab.night(calf, shin))) == []


def test_the_calf_scores_only_where_the_shin_cannot_be_trusted(lab):
    acts = [(200.0, 2.0, 30.0), (400.0, 2.0, 30.0)]
    calf = emg(lab, "EMG L GM", *acts)
    rest = lab.muscle(LENGTH, seed=9)
    rest[190 * 500 : 230 * 500] = 0.0
    (row,) = lab.moves(score_night(lab.night(calf, lab.emg(rest))))
    assert row == pytest.approx((200.0, 202.0), abs=0.1)
    assert len(lab.moves(score_night(lab.night(calf)))) == 2


def test_movements_on_tone_are_found_and_tone_is_none(lab):
    rate = 500
    level = np.full(round(1500 * rate), 1.0)
    level[400 * rate : 900 * rate] = 6.0
    at = [500.0, 560.0, 700.0]
    for onset in at:
        level[round(onset * rate) : round((onset + 2.0) * rate)] = 40.0
    score = score_night(lab.night(lab.emg(lab.carrier(1500.0) * level)))
    rows = [e for e in lab.moves(score) if 410.0 < e[0] < 890.0]
    assert [onset for onset, _ in rows] == pytest.approx(at, abs=0.05)
    assert [end - onset for onset, end in rows] == pytest.approx([2.0] * 3, abs=0.1)
    assert all(end - onset < 10.0 for onset, end in lab.moves(score))


def test_two_twitches_half_a_second_apart_are_no_movement(lab):
    pairs = [(100.0 + 40.0 * i + late, 0.1, 60.0) for i in range(8) for late in (0.0, 0.45)]
    assert lab.moves(score_night(lab.night(emg(lab, "EMG L TA", *pairs)))) == []
    dense = [(100.0 + 40.0 * i + late, 0.3, 60.0) for i in range(8) for late in (0.0, 0.45)]
    assert len(lab.moves(score_night(lab.night(emg(lab, "EMG L TA", *dense))))) == 8


def test_beside_a_lost_electrode_nothing_is_a_movement(lab):
    rate, values = 500, lab.muscle(LENGTH, (500.0, 2.0, 30.0), seed=4)
    t = np.arange(values.size) / rate
    off = (t >= 300.0) & (t < 340.0)
    hum = off & ~((t >= 318.0) & (t < 320.0))
    noise = np.random.default_rng(2).standard_normal(values.size)
    values = np.where(off, 15.0 * noise, values)
    values = values + np.where(hum, 900.0 * np.sin(2 * np.pi * 50.0 * t), 0.0)
    score = score_night(lab.night(lab.emg(values)))
    assert any(e.extra.get("cause") == "electrode off" for e in score.events)
    assert onsets(lab, score) == pytest.approx([500.0], abs=0.1)


def test_the_stretch_that_ends_a_cramp_is_no_leg_movement(lab):
    calf = emg(lab, "EMG L GM", (300.0, 40.0, 15.0))
    shin = emg(lab, "EMG L TA", (338.5, 3.5, 80.0), (500.0, 2.0, 30.0))
    score = score_night(lab.night(calf, shin))
    assert any("cramp" in e.trial_type for e in score.events)
    assert onsets(lab, score) == pytest.approx([500.0], abs=0.1)


def test_a_strong_movement_of_the_shin_within_a_cramp_is_its_own(lab):
    calf = emg(lab, "EMG L GM", (300.0, 60.0, 8.0))
    shin = emg(lab, "EMG L TA", (320.0, 2.0, 60.0))
    score = score_night(lab.night(calf, shin))
    assert any("cramp" in e.trial_type for e in score.events)
    assert onsets(lab, score) == pytest.approx([320.0], abs=0.1)


def test_a_foot_that_trembles_for_long_is_a_tremor_and_no_large_movement(lab):
    beats = [(300.0 + 0.9 * i, 0.45, 30.0) for i in range(18)]
    shin, calf = leg(lab, "L", *beats, share=0.1)
    acc = lab.acc(LENGTH, (300.0, 16.0, 0.2))
    score = score_night(lab.night(shin, calf, acc))
    assert {e.trial_type for e in score.events} == {"HFT"}


def test_chunks_and_order_of_channels_do_not_matter(lab):
    streams = (
        *leg(lab, "L", (300.0, 5.0, 60.0), (400.0, 2.0, 30.0), share=0.5),
        lab.acc(LENGTH, (300.0, 5.0, 0.2)),
    )
    one, other = (score_night(lab.night(*s)) for s in (streams, streams[::-1]))
    assert one.events == other.events


@pytest.mark.parametrize(
    ("scenario", "family"),
    [("posture", "dry"), ("stretching", "standard")],
)
def test_turns_and_stretches_of_a_simulated_night_leave_few_leg_movements(scenario, family):
    made = simulate_night(scenario, 34, hours=1.0, family=family)
    found = [e for e in score_night(made.night).events if e.trial_type in {"LM", "PLM"}]
    wanted = [e for e in made.truth if e.trial_type in {"LM", "PLM"}]
    matched = sum(
        len(
            match_by_overlap(
                *(
                    np.array([(e.onset, e.end) for e in rows if e.side == side]).reshape(-1, 2)
                    for rows in (wanted, found)
                ),
                0.2,
            )
        )
        for side in ("left", "right")
    )
    assert sum(e.trial_type == "large_movement" for e in made.truth) >= 6
    assert matched == len(wanted)
    assert len(found) - matched <= 1
