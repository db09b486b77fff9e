"""Leg movements: the rules to the letter, and which rule runs where."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from crampwatch.detection import Settings, score_night
from crampwatch.detection.signal.scanner import (
    Movement,
    MovementScanner,
    active_runs,
    true_runs,
)

QUIET = 50  # hops of 10 ms
REST = 1.0


def _scan(envelope: np.ndarray, *, upper: float = 9.0, lower: float = 3.0) -> list[Movement]:
    """Scan an envelope in uV at rest 1 uV with the microvolt thresholds."""
    x = np.asarray(envelope, np.float32)
    full = [np.full(x.size, v, np.float32) for v in (upper, lower)]
    return MovementScanner(QUIET, QUIET).scan(x, *full, last=True)


def _flat(*parts: tuple[int, float]) -> np.ndarray:
    return np.concatenate([np.full(n, v, np.float32) for n, v in parts])


def _spans(movements: list[Movement]) -> list[tuple[int, int]]:
    return [(m.first, m.last) for m in movements]


def test_onset_at_8_uv_above_resting_and_not_below():
    assert _spans(_scan(_flat((100, REST), (80, 9.0), (100, REST)))) == [(100, 180)]
    assert _scan(_flat((100, REST), (80, 8.99), (100, REST))) == []


def test_onset_is_where_the_upper_threshold_is_reached_not_the_lower():
    assert _spans(_scan(_flat((100, REST), (30, 5.0), (80, 9.0), (100, REST)))) == [(130, 210)]


def test_end_is_the_start_of_a_half_second_not_above_2_uv_over_resting():
    assert _spans(_scan(_flat((80, 20.0), (200, 3.01), (60, REST)))) == [(0, 280)]
    assert _spans(_scan(_flat((80, 20.0), (200, 3.0)))) == [(0, 80)]


def test_quiet_shorter_than_half_a_second_does_not_end_a_movement():
    assert _spans(_scan(_flat((80, 20.0), (49, REST), (80, 20.0), (60, REST)))) == [(0, 209)]
    assert _spans(_scan(_flat((80, 20.0), (50, REST), (80, 20.0), (60, REST)))) == [
        (0, 80),
        (130, 210),
    ]


def test_after_a_bridge_the_lower_threshold_keeps_a_movement_going():
    assert _spans(_scan(_flat((80, 20.0), (49, REST), (30, 4.0), (60, REST)))) == [(0, 159)]


def test_shortest_movement_is_half_a_second():
    assert _scan(_flat((100, REST), (49, 20.0), (100, REST))) == []
    assert _spans(_scan(_flat((100, REST), (50, 20.0), (100, REST)))) == [(100, 150)]


def test_no_longest_movement():
    assert _spans(_scan(_flat((10, REST), (30_000, 20.0), (60, REST)))) == [(10, 30_010)]


def test_a_movement_holds_a_half_second_whose_median_is_above_the_lower_threshold():
    ticks = np.tile(_flat((5, 20.0), (40, REST)), 10)
    assert _scan(np.r_[_flat((100, REST)), ticks, _flat((100, REST))]) == []
    dense = np.tile(_flat((26, 20.0), (24, REST)), 4)
    assert len(_scan(np.r_[_flat((100, REST)), dense, _flat((100, REST))])) == 1


def test_a_number_that_is_none_ends_a_movement():
    values = _flat((10, REST), (80, 20.0), (1, np.nan), (80, 20.0), (60, REST))
    assert _spans(_scan(values)) == [(10, 90), (91, 171)]


def test_where_resting_is_unknown_nothing_is_found():
    x = _flat((10, REST), (80, 20.0), (60, REST))
    none = np.full(x.size, np.nan, np.float32)
    assert MovementScanner(QUIET, QUIET).scan(x, none, none, last=True) == []


def test_a_movement_under_way_at_the_end_counts():
    assert _spans(_scan(_flat((10, REST), (80, 20.0)))) == [(10, 90)]


def test_amplitude_is_the_mean_and_the_peak_between_the_edges():
    (one,) = _scan(_flat((100, REST), (50, 10.0), (50, 30.0), (100, REST)))
    assert (one.mean, one.peak) == (20.0, 30.0)


_ENVELOPES = hnp.arrays(
    np.float32,
    st.integers(1, 400),
    elements=st.sampled_from([0.0, 1.0, 3.0, 3.5, 8.0, 9.0, 20.0, float("nan")]),
    fill=st.sampled_from([1.0, 20.0]),
)


@given(
    envelope=_ENVELOPES,
    cuts=st.lists(st.integers(0, 400), max_size=12),
    repeat=st.integers(1, 30),
)
def test_an_envelope_in_pieces_gives_the_same_movements(envelope, cuts, repeat):
    envelope = np.repeat(envelope, repeat)
    upper = np.full(envelope.size, 9.0, np.float32)
    lower = np.full(envelope.size, 3.0, np.float32)
    whole = MovementScanner(QUIET, QUIET).scan(envelope, upper, lower, last=True)
    scanner = MovementScanner(QUIET, QUIET)
    at = sorted({0, envelope.size, *(c * repeat for c in cuts if c * repeat < envelope.size)})
    found = []
    for a, b in pairwise(at):
        found += scanner.scan(envelope[a:b], upper[a:b], lower[a:b])
    found += scanner.scan(envelope[:0], upper[:0], lower[:0], last=True)
    assert found == whole


@given(envelope=_ENVELOPES, repeat=st.integers(1, 30))
def test_every_movement_obeys_the_rule(envelope, repeat):
    envelope = np.repeat(envelope, repeat)
    found = _scan(envelope)
    for one in found:
        part = envelope[one.first : one.last]
        assert not np.isnan(part).any()
        assert part[0] >= 9.0
        assert part[-1] > 3.0
        assert part.size >= QUIET
        after = envelope[one.last : one.last + QUIET]
        assert (
            np.isnan(after[:1]).all()
            or not (after > 3.0)[~np.isnan(after)].any()
            or (np.isnan(after).any())
        )
        quiet = [b - a for a, b in true_runs(part <= 3.0)]
        assert max(quiet, default=0) < QUIET
    for one, other in pairwise(found):
        gap = envelope[one.last : other.first]
        assert np.isnan(gap).any() or gap.size >= QUIET


@given(mask=hnp.arrays(np.bool_, st.integers(0, 200)))
def test_runs_are_the_runs(mask):
    rebuilt = np.zeros(mask.size, np.bool_)
    runs = true_runs(mask)
    for first, last in runs:
        assert first < last
        rebuilt[first:last] = True
    np.testing.assert_array_equal(rebuilt, mask)
    assert (runs[1:, 0] > runs[:-1, 1]).all()


@given(mask=hnp.arrays(np.bool_, st.integers(0, 300)), quiet=st.integers(1, 40))
def test_active_runs_bridge_what_is_shorter_than_the_quiet(mask, quiet):
    envelope = mask.astype(np.float32)
    runs = active_runs(envelope, np.full(mask.size, 0.5, np.float32), quiet)
    assert (runs[1:, 0] - runs[:-1, 1] >= quiet).all()
    covered = np.zeros(mask.size, np.bool_)
    for first, last in runs:
        assert mask[first]
        assert mask[last - 1]
        covered[first:last] = True
    assert not (mask & ~covered).any()


def _burst_night(lab, **changes):
    rate = changes.get("rate", 500.0)
    rest = changes.pop("rest", 1.0)
    level = changes.pop("level", 20.0)
    acts = [(30.0 + 25.0 * i, 2.0, level * rest) for i in range(20)]
    return lab.night(lab.emg(lab.muscle(600.0, *acts, rate=rate, rest=rest), **changes))


@pytest.mark.parametrize(
    ("changes", "rule", "reason"),
    [
        ({}, "wasm2016", "calibrated tibialis anterior"),
        ({"label": "EMG L GM"}, "calf", "calf muscle"),
        ({"label": "EMG L SOL"}, "calf", "calf muscle"),
        ({"label": "EMG L"}, "relative", "muscle not known"),
        ({"calibrated": False}, "relative", "scale not known"),
        ({"calibrated": False, "unit": "count"}, "relative", "scale not known"),
        ({"step": 2.5}, "relative", "converter step"),
        ({"rate": 199.0}, "relative", "199 Hz"),
        ({"rest": 3.0}, "relative", "resting level 2.6 uV"),
    ],
)
def test_which_rule_runs_where_and_why(lab, changes, rule, reason):
    score = score_night(_burst_night(lab, **changes))
    (channel,) = score.channels
    assert (channel.status, channel.rule) == ("ok", rule)
    assert reason in channel.reason
    assert len(lab.moves(score)) == 20
    assert {e.extra["rule"] for e in score.events} == {rule}


def test_the_standard_that_is_asked_for_is_named(lab):
    score = score_night(_burst_night(lab), Settings(rules="aasm"))
    assert score.channels[0].rule == "aasm"
    assert {e.extra["rule"] for e in score.events} == {"aasm"}


def test_an_accelerometer_alone_is_scored_by_its_own_rule(lab):
    moves = [(50.0 + 30.0 * i, 2.0, 0.2) for i in range(10)]
    score = score_night(lab.night(lab.acc(600.0, *moves)))
    assert {e.extra["rule"] for e in score.events} == {"accelerometric"}
    onsets = [onset for onset, _ in lab.moves(score)]
    assert onsets == pytest.approx([m[0] for m in moves], abs=0.15)


def test_an_accelerometer_beside_a_muscle_gives_no_leg_movements(lab):
    emg = lab.emg(lab.muscle(600.0))
    score = score_night(lab.night(emg, lab.acc(600.0, (50.0, 2.0, 0.2))))
    assert lab.moves(score) == []


def test_microvolt_thresholds_are_absolute(lab):
    """Six times resting is no movement at 0.5 uV of rest, and twice is one at 1.9 uV."""
    few = score_night(_burst_night(lab, rest=0.5, level=10.0))
    many = score_night(_burst_night(lab, rest=1.8, level=7.5))
    assert few.channels[0].rule == many.channels[0].rule == "wasm2016"
    assert lab.moves(few) == []
    assert len(lab.moves(many)) == 20


def test_two_muscles_of_a_leg_give_one_row_and_the_tibialis_keeps_it(lab):
    acts = [(30.0 + 25.0 * i, 2.0, 20.0) for i in range(20)]
    ta = lab.emg(lab.muscle(600.0, *acts))
    gm = lab.emg(lab.muscle(600.0, *acts, seed=2), label="EMG L GM")
    score = score_night(lab.night(gm, ta))
    assert {e.channel for e in score.events} == {"EMG L TA"}
    assert len(score.events) == 20


def test_both_legs_keep_their_rows(lab):
    acts = [(30.0 + 25.0 * i, 2.0, 20.0) for i in range(20)]
    left = lab.emg(lab.muscle(600.0, *acts))
    right = lab.emg(lab.muscle(600.0, *acts, seed=2), label="EMG R TA")
    assert len(score_night(lab.night(left, right)).events) == 40


def test_a_coarse_quiet_converter_is_not_multiplied_from_zero(lab):
    """At rest a 10-bit board toggles its last bit; that is no movement."""
    acts = [(30.0 + 25.0 * i, 2.0, 40.0) for i in range(20)]
    stream = lab.emg(lab.muscle(600.0, *acts, rest=0.6), step=3.2, calibrated=False)
    score = score_night(lab.night(replace(stream, placement=None)))
    assert len(lab.moves(score)) == 20
    assert {e.trial_type for e in score.events} <= {"LM", "PLM"}
