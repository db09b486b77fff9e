"""What the envelope runs together: pauses of half a second, and beats of a train."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crampwatch.detection import Engine, score_night
from crampwatch.detection.movements.motor_events import spread_of
from crampwatch.detection.movements.trains import find_trains
from crampwatch.detection.plm import movements_from_arrays

LENGTH = 700.0


def scored(lab, *acts, **changes):
    return score_night(lab.night(lab.emg(lab.muscle(LENGTH, *acts, **changes))))


@pytest.mark.parametrize(("pause", "rows"), [(0.4, 1), (0.46, 1), (0.58, 2), (0.7, 2)])
def test_half_a_second_of_quiet_ends_a_movement_however_strong_it_is(lab, pause, rows):
    acts = [(300.0, 1.0, 80.0), (301.0 + pause, 1.2, 80.0)]
    moves = lab.moves(scored(lab, *acts))
    assert len(moves) == rows
    assert moves[0][0] == pytest.approx(300.0, abs=0.05)
    assert moves[-1][1] == pytest.approx(302.2 + pause, abs=0.1)
    if rows > 1:
        assert moves[0][1] == pytest.approx(301.0, abs=0.05)
        assert moves[1][0] == pytest.approx(301.0 + pause, abs=0.05)


def test_a_pause_at_a_low_level_is_none(lab):
    acts = [(300.0, 1.0, 60.0), (301.0, 0.6, 6.0), (301.6, 1.0, 60.0)]
    assert lab.moves(scored(lab, *acts)) == [pytest.approx((300.0, 302.6), abs=0.1)]


def test_without_the_stored_night_a_pause_is_found_in_the_bursts(lab):
    values = lab.muscle(LENGTH, (300.0, 1.0, 80.0), (301.62, 1.2, 80.0))
    engine = Engine((lab.emg(values),))
    engine.push(0, 0, 0.0, lab.raw(values, lab.step))
    assert len(lab.moves(engine.finish())) == 2


def test_twitches_whose_pauses_the_envelope_hides_are_no_movement(lab):
    pairs = [(100.0 + 40.0 * i + late, 0.3, 60.0) for i in range(8) for late in (0.0, 0.88)]
    assert lab.moves(scored(lab, *pairs)) == []


@pytest.mark.parametrize(("gap", "burst"), [(0.29, 0.12), (0.4, 0.18), (0.7, 0.6)])
def test_the_beats_of_a_tremor_are_no_movements_whatever_its_rate(lab, gap, burst):
    beats = [(300.0 + gap * i, burst, 40.0) for i in range(20)]
    assert lab.moves(scored(lab, *beats, (500.0, 2.0, 40.0))) == [
        pytest.approx((500.0, 502.0), abs=0.1)
    ]


def test_legs_that_alternate_faster_than_the_rule_are_no_movements(lab):
    left, right = (
        [(300.0 + late + 0.56 * i, 0.2, 40.0) for i in range(12)] for late in (0.0, 0.28)
    )
    night = lab.night(
        lab.emg(lab.muscle(LENGTH, *left)),
        lab.emg(lab.muscle(LENGTH, *right, seed=2), label="EMG R TA"),
    )
    score = score_night(night)
    assert lab.moves(score) == []
    assert not any(e.trial_type == "ALMA" for e in score.events)


def test_irregular_twitches_that_run_together_are_a_movement(lab):
    at = [0.0, 0.31, 0.9, 1.15, 1.75, 2.0]
    acts = [(300.0 + onset, 0.2, 40.0) for onset in at]
    assert lab.moves(scored(lab, *acts)) == [pytest.approx((300.0, 302.2), abs=0.1)]


def train(onsets, length=0.2):
    return find_trains(
        movements_from_arrays(onsets, [length] * len(onsets), ["left"] * len(onsets))
    )


def test_a_train_goes_on_over_a_burst_that_was_missed():
    onsets = [0.5 * i for i in range(20) if i != 9]
    (one,) = train(onsets)
    assert (one.onset, one.end) == pytest.approx((0.0, 9.7))
    assert (one.side, one.extra["bursts"], one.extra["rate_hz"]) == ("left", 19, 2.0)


def test_fewer_bursts_must_be_more_even():
    assert [spread_of(0.3, n) for n in (4, 5, 10)] == pytest.approx([0.1, 0.12, 0.21])
    assert spread_of(0.3, 10**6) == pytest.approx(0.3, abs=1e-5)
    steps = np.array([0.435, 0.565, 0.435, 0.565])
    short, long = np.cumsum([0.0, *steps]), np.cumsum([0.0, *np.tile(steps, 5)])
    assert train(short.tolist()) == ()
    assert len(train(long.tolist())) == 1


def test_series_and_single_bursts_are_no_train():
    assert train([]) == ()
    assert train([1.0]) == ()
    assert train([25.0 * i for i in range(10)]) == ()
    assert train([0.0, 0.5, 1.0, 1.5]) == ()


@given(st.lists(st.floats(0.05, 5.0), max_size=40), st.floats(0.05, 1.2))
def test_trains_hold_bursts_in_order_and_do_not_overlap(steps, length):
    found = train(np.cumsum(steps).tolist(), length)
    assert all(one.extra["bursts"] >= 5 for one in found)
    assert all(a.onset <= b.onset for a, b in pairwise(found))
    assert all(one.duration > 0 for one in found)


def ramped(lab, label, onset, lasts, level, rise, seed):
    """Return a muscle that builds up to a level, holds it, and lets go."""
    rate = 500
    t = np.arange(round(LENGTH * rate)) / rate - onset
    part = np.clip(np.minimum(t / rise, (lasts - t) / min(rise, 0.5)), 0.0, 1.0)
    shape = 0.5 - 0.5 * np.cos(np.pi * part)
    return lab.emg(lab.carrier(LENGTH, seed=seed) * (1.0 + (level - 1.0) * shape), label=label)


@pytest.mark.parametrize(
    ("rise", "share", "moves"), [(0.9, 0.25, 0), (0.15, 0.25, 1), (0.9, 0.05, 1)]
)
def test_a_shin_that_builds_up_with_the_calf_is_a_stretch(lab, rise, share, moves):
    score = score_night(
        lab.night(
            ramped(lab, "EMG L TA", 300.0, 3.5, 60.0, rise, 3),
            ramped(lab, "EMG L GM", 300.0, 3.5, 1.0 + share * 59.0, rise, 4),
        )
    )
    assert len(lab.moves(score)) == moves
    large = [e for e in score.events if e.trial_type == "large_movement"]
    assert len(large) == 1 - moves
    assert {e.extra["reason"] for e in large} <= {"the whole leg worked"}


def test_twitching_of_both_legs_for_minutes_is_no_turn(lab):
    rng = np.random.default_rng(3)
    streams = []
    for number, label in enumerate(("EMG L TA", "EMG L GM", "EMG R TA", "EMG R GM")):
        at = 200.0 + np.cumsum(rng.uniform(2.6, 6.0, 45))
        acts = [(float(o), float(rng.uniform(0.6, 1.0)), 40.0) for o in at]
        streams.append(lab.emg(lab.muscle(LENGTH, *acts, seed=number), label=label))
    score = score_night(lab.night(*streams))
    large = [e for e in score.events if e.trial_type == "large_movement"]
    assert sum(e.duration for e in large) < 0.25 * 190.0
    assert len(lab.moves(score)) > 60


def test_legs_that_work_for_minutes_and_turn_nothing_are_no_turn(lab):
    rng = np.random.default_rng(5)
    streams = []
    for number, label in enumerate(("EMG L TA", "EMG L GM", "EMG R TA", "EMG R GM")):
        at = 300.0 + np.cumsum(rng.uniform(1.5, 2.4, 60))
        acts = [(float(onset), float(rng.uniform(0.6, 1.0)), 40.0) for onset in at]
        streams.append(lab.emg(lab.muscle(LENGTH, *acts, seed=number), label=label))
    score = score_night(lab.night(*streams))
    large = [e for e in score.events if e.trial_type == "large_movement"]
    both = [e.duration for e in large if e.extra["reason"] == "both legs worked"]
    assert max(both, default=0.0) <= 45.0
