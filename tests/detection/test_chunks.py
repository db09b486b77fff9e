"""The score depends on the samples and their times, not on how they arrive."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crampwatch.detection import Engine, NightScore, score_night
from crampwatch.detection.engine.scoring import _recall
from crampwatch.recording.model import ArraySource, Night, Segment


@pytest.fixture(scope="module")
def night(lab) -> Night:
    """A night of 50 minutes with all that makes chunks matter."""
    acts = [(100.0 + 31.0 * i, 1.5, 25.0) for i in range(20)]
    left = lab.muscle(1500.0, *acts, (900.0, 60.0, 12.0), rate=250.0)
    left[700 * 250 : 706 * 250] = np.nan
    left[1200 * 250 : 1230 * 250] = left[1200 * 250]
    more = lab.muscle(1400.0, *acts, rate=250.0, seed=2)
    right = lab.muscle(3000.0, *[(t + 0.2, d, u) for t, d, u in acts], rate=128.0, seed=3)
    right[500 * 128 :] += 400.0 * np.exp(-np.arange(right.size - 500 * 128) / 64.0)
    return lab.night(
        lab.emg(left, more, starts=(0.0, 1600.25), rate=250.0, label="EMG L GM"),
        lab.emg(right, rate=128.0, starts=(3.3,), label="EMG R TA"),
        lab.acc(3000.0, (300.0, 5.0, 0.2), (1700.0, 20.0, 0.4), turns=((1705.0, 60.0),)),
    )


@pytest.fixture(scope="module")
def whole(night: Night) -> NightScore:
    """The score of the night in one piece a segment."""
    return _score(night, {}, np.random.default_rng(0), keep_order=True)


def _score(
    night: Night, cuts: dict[int, list[float]], rng: np.random.Generator, *, keep_order: bool
) -> NightScore:
    queues = []
    for number, stream in enumerate(night.streams):
        queue = []
        for segment, part in enumerate(stream.segments):
            n = len(part)
            at = sorted({0, n, *(int(share * n) for share in cuts.get(number, []))})
            queue += [
                (number, segment, part.start_s, part.source.read(a, b)) for a, b in pairwise(at)
            ]
        queues.append(queue)
    engine = Engine(night.streams)
    while queues := [queue for queue in queues if queue]:
        turn = 0 if keep_order else int(rng.integers(len(queues)))
        for piece in [queues[turn].pop(0) for _ in range(min(3, len(queues[turn])))]:
            engine.push(*piece)
    return engine.finish({n: _recall(s) for n, s in enumerate(night.streams)})


def _same(one: NightScore, other: NightScore) -> None:
    assert one.events == other.events
    assert one.channels == other.channels
    assert one.warnings == other.warnings
    assert one.duration_s == other.duration_s
    for a, b in zip(one.overviews, other.overviews, strict=True):
        for name in ("time_s", "level", "resting", "valid", "gravity"):
            left, right = getattr(a, name), getattr(b, name)
            if left is None:
                assert right is None
            else:
                assert left.dtype == right.dtype
                np.testing.assert_array_equal(left, right)


def test_the_night_holds_every_kind_of_event(whole):
    kinds = {event.trial_type for event in whole.events}
    assert {"artifact", "unscorable", "large_movement"} <= kinds
    assert {"LM", "PLM"} & kinds
    assert any("cramp" in kind for kind in kinds)


_SHARES = st.lists(st.floats(0.0, 1.0), max_size=25)


@settings(max_examples=12)
@given(cuts=st.fixed_dictionaries(dict.fromkeys(range(3), _SHARES)), seed=st.integers(0, 99))
def test_any_chunks_in_any_order_of_signals_give_the_same_bits(night, whole, cuts, seed):
    _same(_score(night, cuts, np.random.default_rng(seed), keep_order=False), whole)


def test_one_second_chunks_and_the_reader_give_the_same_bits(night, whole):
    cuts = {n: list(np.linspace(0, 1, 1500)) for n in range(3)}
    _same(_score(night, cuts, np.random.default_rng(1), keep_order=False), whole)
    _same(score_night(night), whole)


def test_sample_by_sample_gives_the_same_bits(lab):
    signal = lab.muscle(95.0, (40.0, 2.0, 30.0), rate=100.0)
    stream = lab.emg(signal, rate=100.0)
    raw = stream.segments[0].source.read(0, signal.size)
    singly = lab.push_all(
        Engine([stream]), [(0, 0, 0.0, raw[i : i + 1]) for i in range(len(raw))]
    )
    _same(singly, lab.push_all(Engine([stream]), [(0, 0, 0.0, raw)]))
    assert lab.moves(singly)


def test_empty_chunks_change_nothing(lab):
    stream = lab.emg(lab.muscle(60.0))
    raw = stream.segments[0].source.read(0, 30000)
    pieces = [(0, 0, 0.0, raw[:0]), (0, 0, 0.0, raw), (0, 0, 0.0, raw[:0])]
    _same(lab.push_all(Engine([stream]), pieces), lab.push_all(Engine([stream]), pieces[1:2]))


def test_a_signal_is_scored_alike_in_company(lab, night, whole):
    alone = score_night(replace(night, streams=night.streams[1:2]))
    assert alone.channels[0] == whole.channels[1]
    np.testing.assert_array_equal(alone.overviews[0].level, whole.overviews[1].level)


def test_a_flat_start_longer_than_the_look_back_keeps_chunks_alike(lab):
    """Until something moves, the step of the converter is not known."""
    signal = lab.muscle(3600.0, *[(3000.0 + 30 * i, 1.0, 20.0) for i in range(15)], rate=100.0)
    signal[: 2900 * 100] = 0.0
    stream = lab.emg(signal, rate=100.0)
    raw = stream.segments[0].source.read(0, signal.size)
    pieces = [(0, 0, 0.0, raw[i : i + 700]) for i in range(0, len(raw), 700)]
    _same(
        lab.push_all(Engine([stream]), pieces),
        lab.push_all(Engine([stream]), [(0, 0, 0.0, raw)]),
    )


def test_a_buffer_of_segments_may_be_read_in_any_dtype(lab):
    signal = lab.muscle(60.0, (20.0, 2.0, 30.0))
    stream = lab.emg(signal)
    raw = stream.segments[0].source.read(0, 30000)
    scores = [
        score_night(
            lab.night(replace(stream, segments=(Segment(0.0, ArraySource(raw.astype(kind))),)))
        )
        for kind in (np.int16, np.int32, np.int64, np.float32, np.float64)
    ]
    spans = [lab.moves(score) for score in scores]
    assert spans[0]
    assert all(span == spans[0] for span in spans)
