"""Nothing that a file can hold makes the detector fail, or speak nonsense."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from crampwatch.detection import Engine, LiveEngine, NightScore, play, score_night
from crampwatch.recording.model import ArraySource, Night, Segment, Stream


def _sane(score: NightScore, night: Night) -> None:
    json.dumps(score.summary(), allow_nan=False)
    for event in score.events:
        assert math.isfinite(event.onset)
        assert event.duration > 0
        assert event.end <= night.duration_s + 0.02
    assert list(score.events) == sorted(score.events, key=lambda e: e.onset)
    for channel, stream in zip(score.channels, night.streams, strict=True):
        assert channel.label == stream.label
        assert channel.valid_s >= 0
        assert (channel.status == "ok") or channel.reason
        assert channel.rule is None or channel.status == "ok"
        if stream.kind in ("emg", "acc"):
            seconds = channel.valid_s + channel.artifact_s + channel.unscorable_s
            assert seconds == pytest.approx(channel.recorded_s, abs=1e-6)
    for track in score.overviews:
        assert np.isfinite(track.level).all()


def _both(night: Night) -> NightScore:
    """Score a night through the reader and play it live."""
    score = score_night(night)
    _sane(score, night)
    for _ in play(night):
        pass
    return score


def test_a_night_without_signals(lab):
    score = _both(lab.night())
    assert (score.events, score.channels, score.duration_s) == ((), (), 0.0)


def test_streams_without_segments(lab):
    score = _both(lab.night(lab.stream(500.0, ()), lab.acc(10.0, segments=())))
    assert [c.status for c in score.channels] == ["unscorable"] * 2
    assert not score.events


def test_empty_segments(lab):
    none = Segment(1.0, ArraySource(np.empty((0, 1), np.int16)))
    assert not _both(lab.night(lab.stream(500.0, (none, none)))).events


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 7, 20, 251, 1000])
def test_segments_of_a_few_samples(lab, n):
    raw = np.arange(n, dtype=np.int16)[:, None] % 7
    _both(lab.night(lab.stream(500.0, (Segment(0.0, ArraySource(raw)),))))
    vector = np.repeat(raw, 3, axis=1)
    _both(lab.night(lab.acc(1.0, segments=(Segment(0.0, ArraySource(vector)),))))


def test_thousands_of_shreds(lab):
    carrier = lab.raw(lab.carrier(0.3), 0.05)
    shreds = tuple(Segment(0.5 * i, ArraySource(carrier)) for i in range(300))
    score = _both(lab.night(lab.stream(500.0, shreds)))
    assert score.channels[0].gap_s == pytest.approx(299 * 0.2)


def test_shreds_shorter_than_a_value_of_the_envelope_are_unscorable(lab):
    shreds = tuple(
        Segment(0.1 * i, ArraySource(np.full((3, 1), i, np.int16))) for i in range(300)
    )
    score = _both(lab.night(lab.stream(500.0, shreds)))
    assert score.channels[0].status == "unscorable"
    assert score.channels[0].unscorable_s == pytest.approx(300 * 3 / 500)


@pytest.mark.parametrize("value", [0, 1, -5, 32767])
def test_constant_signals_are_dead(lab, value):
    raw = np.full((30000, 1), value, np.int16)
    score = _both(
        lab.night(
            lab.stream(500.0, (Segment(0.0, ArraySource(raw)),)),
            lab.acc(1.0, segments=(Segment(0.0, ArraySource(np.repeat(raw[:3000], 3, 1))),)),
        )
    )
    assert [c.status for c in score.channels] == ["dead", "dead"]
    assert all(e.trial_type == "unscorable" for e in score.events)


@pytest.mark.parametrize("value", [np.nan, -np.inf, 1e300, 1e38, 1e13])
@pytest.mark.parametrize("share", [0.001, 0.3, 1.0])
def test_numbers_that_are_none(lab, value, share):
    rng = np.random.default_rng(4)
    emg = lab.muscle(60.0, (40.0, 2.0, 40.0)) / 0.05
    where = rng.random(emg.size) < share
    if share < 0.5:
        where = np.arange(emg.size) < share * emg.size
    emg[where] = value
    motion = rng.standard_normal((3000, 3))
    motion[: int(share * 3000), 1] = value
    night = lab.night(
        lab.stream(500.0, (Segment(0.0, ArraySource(emg[:, None])),)),
        lab.acc(1.0, segments=(Segment(0.0, ArraySource(motion)),)),
    )
    score = _both(night)
    assert score.channels[0].unscorable_s >= share * 60.0 - 0.01
    if share == 0.001:
        assert len(lab.moves(score)) == 1


def test_infinite_gains_and_offsets(lab):
    raw = lab.raw(lab.carrier(60.0), 0.05)
    for gain, offset in ((1e30, 0.0), (0.0, 0.0), (np.inf, 0.0), (1.0, np.nan), (1e-30, 5.0)):
        changes = {"gain": np.array([gain]), "offset": np.array([offset])}
        _both(lab.night(lab.stream(500.0, (Segment(0.0, ArraySource(raw)),), **changes)))


@pytest.mark.parametrize(
    "rate", [0.01, 0.5, 1, 2, 5, 10, 16, 25, 32, 50, 64, 99.9, 100, 111.1, 4000, 30000, 1e6]
)
def test_any_rate(lab, rate):
    n = min(200_000, max(20, round(40 * rate)))
    raw = np.random.default_rng(1).integers(-50, 50, (n, 1)).astype(np.int16)
    night = lab.night(
        lab.stream(rate, (Segment(0.0, ArraySource(raw)),)),
        lab.acc(1.0, rate=rate, segments=(Segment(0.0, ArraySource(np.repeat(raw, 3, 1))),)),
    )
    score = _both(night)
    if rate < 50:
        assert score.channels[0].status == "unscorable"
        assert f"{rate:g} Hz" in score.channels[0].reason


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_accelerometers_of_one_to_three_axes(lab, axes):
    night = lab.night(lab.acc(300.0, (100.0, 3.0, 0.3), axes=axes))
    score = _both(night)
    assert [event.trial_type for event in score.events] == ["LM"]


def test_a_night_of_other_signals_is_not_scored(lab):
    night = lab.night(lab.emg(lab.carrier(30.0), kind="ecg", label="ECG"))
    score = _both(night)
    assert score.channels[0].reason.startswith("not scored")
    assert score.duration_s == 30.0
    assert not score.events


def test_a_stream_that_begins_before_the_night_or_a_month_later(lab):
    signal = lab.muscle(120.0, (60.0, 2.0, 40.0))
    for start in (-500.25, 30 * 86400.0):
        score = score_night(lab.night(lab.emg(signal, starts=(start,))))
        ((onset, _),) = lab.moves(score)
        assert onset == pytest.approx(start + 60.0, abs=0.03)


def test_overlapping_segments_do_not_fail(lab):
    signal = lab.muscle(120.0)
    score_night(lab.night(lab.emg(signal, signal, starts=(0.0, 60.0))))


def test_one_label_for_two_signals(lab):
    signal = lab.muscle(120.0, (60.0, 2.0, 40.0))
    _both(lab.night(lab.emg(signal), lab.emg(signal)))


_WILD = st.one_of(
    hnp.arrays(np.int16, st.tuples(st.integers(0, 400), st.just(1))),
    hnp.arrays(np.float64, st.tuples(st.integers(0, 400), st.just(1))),
)


@settings(max_examples=40)
@given(
    parts=st.lists(_WILD, max_size=4),
    rate=st.floats(100.0, 4000.0),
    calibrated=st.booleans(),
    limits=st.sampled_from([None, (-100, 100), (5, 5)]),
)
def test_wild_segments(lab, parts, rate, calibrated, limits):
    segments: list[Segment] = []
    at = 0.0
    for part in parts:
        segments.append(Segment(at, ArraySource(np.tile(part, (20, 1)))))
        at += 20 * len(part) / rate + 0.7
    stream: Stream = lab.stream(rate, tuple(segments), calibrated=calibrated, raw_limits=limits)
    night = lab.night(stream)
    _sane(score_night(night), night)


def test_engines_may_be_asked_before_anything_came(lab):
    streams = [lab.stream(500.0, ()), lab.acc(1.0, segments=())]
    assert LiveEngine(streams).notices(0.0) == []
    assert Engine(streams).finish().events == ()
