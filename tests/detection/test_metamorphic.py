"""What must not change when the signal is the same signal said differently."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import resample_poly

from crampwatch.detection import score_night
from crampwatch.recording.model import Event, Segment

_ACTS = [(60.0 + 24.0 * i, 1.0 + i % 3, 15.0 + i) for i in range(18)]


def _signal(lab, rate=500.0):
    return lab.muscle(1200.0, *_ACTS, (700.0, 60.0, 9.0), rate=rate)


def _legs(lab, **changes):
    left = lab.emg(_signal(lab), label="EMG L GM", **changes)
    right = lab.emg(lab.muscle(1200.0, (300.0, 2.0, 20.0), seed=2), label="EMG R TA", **changes)
    motion = lab.acc(1200.0, (300.0, 3.0, 0.2), side="right")
    return left, right, motion


def _rows(score, shift=0.0):
    return [
        (round(e.onset - shift, 6), round(e.duration, 6), e.trial_type, e.side, e.channel)
        for e in score.events
    ]


@pytest.mark.parametrize("factor", [0.25, 2.0, 64.0])
def test_an_unknown_scale_does_not_matter(lab, factor):
    stream = lab.emg(_signal(lab), label="EMG L GM", calibrated=False, unit="count")
    scaled = replace(stream, gain=stream.gain * factor)
    one, other = score_night(lab.night(stream)), score_night(lab.night(scaled))
    assert _rows(one) == _rows(other)
    np.testing.assert_array_equal(
        one.overviews[0].level * np.float32(factor), other.overviews[0].level
    )


def test_polarity_does_not_matter(lab):
    stream = lab.emg(_signal(lab), label="EMG L GM")
    turned = replace(stream, gain=-stream.gain)
    assert _rows(score_night(lab.night(stream))) == _rows(score_night(lab.night(turned)))


@settings(max_examples=5)
@given(shift=st.sampled_from([0.5, 12.345, 60.0, 3600.0, 20_000.125]))
def test_a_shift_in_time_shifts_the_events(lab, shift):
    streams = _legs(lab)
    later = [
        replace(s, segments=tuple(Segment(p.start_s + shift, p.source) for p in s.segments))
        for s in streams
    ]
    one, other = score_night(lab.night(*streams)), score_night(lab.night(*later))
    before = [(e.trial_type, e.side, e.onset, e.end) for e in one.events]
    after = [(e.trial_type, e.side, e.onset - shift, e.end - shift) for e in other.events]
    assert [row[:2] for row in before] == [row[:2] for row in after]
    edges = np.array([row[2:] for row in before]) - np.array([row[2:] for row in after])
    assert np.abs(edges).max() < 0.02


def test_swapped_legs_swap_the_sides(lab):
    other_side = {"left": "right", "right": "left", "both": "both", None: None}
    streams = _legs(lab)
    swapped = [replace(s, side=other_side[s.side]) for s in streams]
    one, other = score_night(lab.night(*streams)), score_night(lab.night(*swapped))

    def key(event: Event, side: str | None) -> tuple:
        return (event.onset, event.duration, event.trial_type, side or "", event.channel or "")

    assert sorted(key(e, other_side[e.side]) for e in one.events) == sorted(
        key(e, e.side) for e in other.events
    )


def test_the_order_of_the_signals_does_not_matter(lab):
    streams = _legs(lab)
    assert _rows(score_night(lab.night(*streams))) == _rows(
        score_night(lab.night(*streams[::-1]))
    )


@pytest.mark.parametrize("label", ["EMG R GM", "EMG L SOL", "EMG"])
def test_a_silent_muscle_changes_nothing_for_others(lab, label):
    streams = _legs(lab)
    silent = lab.emg(lab.muscle(1200.0, seed=9), label=label)
    assert _rows(score_night(lab.night(*streams))) == _rows(
        score_night(lab.night(*streams, silent))
    )


def test_a_dead_channel_changes_nothing_for_others(lab):
    streams = _legs(lab)
    dead = lab.emg(np.zeros(600_000), label="EMG R GM")
    rows = [r for r in _rows(score_night(lab.night(*streams, dead))) if r[4] != "EMG R GM"]
    assert rows == _rows(score_night(lab.night(*streams)))


@pytest.mark.parametrize(("up", "down"), [(1, 2), (2, 1), (2, 5), (3, 2), (8, 1)])
def test_resampling_keeps_the_events(lab, up, down):
    signal = _signal(lab)
    stream = lab.emg(signal, label="EMG L GM")
    again = lab.emg(resample_poly(signal, up, down), rate=500.0 * up / down, label="EMG L GM")
    one, other = score_night(lab.night(stream)), score_night(lab.night(again))
    assert [e.trial_type for e in one.events] == [e.trial_type for e in other.events]
    edges = [np.array([(e.onset, e.end) for e in score.events]) for score in (one, other)]
    assert np.quantile(np.abs(edges[0] - edges[1]), 0.9) < 0.06


def test_more_bits_change_little(lab):
    one = score_night(lab.night(lab.emg(_signal(lab), step=0.2)))
    other = score_night(lab.night(lab.emg(_signal(lab), step=0.001)))
    assert [e.trial_type for e in one.events] == [e.trial_type for e in other.events]
    edges = [np.array([(e.onset, e.end) for e in score.events]) for score in (one, other)]
    assert np.abs(edges[0] - edges[1]).max() < 0.1


def test_a_rotated_accelerometer_says_the_same(lab):
    stream = lab.acc(900.0, (200.0, 2.0, 0.2), (400.0, 6.0, 0.4), turns=((402.0, 60.0),))
    turned = replace(
        stream,
        segments=tuple(
            Segment(p.start_s, lab.tiled(p.source.read(0, len(p))[:, ::-1], len(p)))
            for p in stream.segments
        ),
    )
    one, other = score_night(lab.night(stream)), score_night(lab.night(turned))
    assert [e.trial_type for e in one.events] == [e.trial_type for e in other.events]
    assert [e.onset for e in one.events] == pytest.approx([e.onset for e in other.events])
