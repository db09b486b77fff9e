"""What is told while the night runs: soon, once, and in bounded memory."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from crampwatch.detection import LiveEngine, Playback, play, score_night
from crampwatch.recording.model import Segment

RATE = 250.0
CRAMPS = ("cramp", "possible_cramp")


def _night(lab, seconds=900.0):
    acts = [(60.0 + 24.0 * i, 1.5, 20.0) for i in range(10)]
    values = lab.muscle(seconds, *acts, (500.0, 60.0, 10.0), rate=RATE)
    return lab.night(
        lab.emg(values, label="EMG L GM", rate=RATE),
        lab.acc(seconds, (700.0, 20.0, 0.4), turns=((705.0, 60.0),)),
    )


@pytest.fixture(scope="module")
def played(lab):
    night = _night(lab)
    playback = play(night)
    told = [(now, notice) for now, notices in playback for notice in notices]
    return night, playback, told


def test_a_cramp_is_told_while_it_goes_on(played):
    _, _, told = played
    now, first = next((now, n) for now, n in told if n.event.trial_type in CRAMPS)
    assert first.ongoing
    assert first.event.onset == pytest.approx(500.0, abs=2.0)
    assert now - first.event.onset < 16.0
    assert first.event.duration >= 10.0


def test_a_cramp_becomes_certain_and_its_end_is_told(played):
    _, _, told = played
    cramps = [n for _, n in told if n.event.trial_type == "cramp"]
    assert [n.ongoing for n in cramps] == [True, False]
    assert cramps[-1].event.end == pytest.approx(560.0, abs=4.0)


def test_nothing_is_told_before_it_happened(played):
    _, _, told = played
    for now, notice in told:
        assert notice.decided_at == now
        assert notice.event.onset <= notice.decided_at
        assert notice.event.end <= notice.decided_at + 1.0


def test_nothing_is_told_twice(played):
    _, _, told = played
    rows = [n for _, n in told]
    for kind in {n.event.trial_type for n in rows}:
        for ongoing in (True, False):
            same = [n.event for n in rows if (n.event.trial_type, n.ongoing) == (kind, ongoing)]
            same.sort(key=lambda e: e.onset)
            for one, other in pairwise(same):
                assert other.onset >= one.end


def test_movements_are_told_within_seconds(played):
    _, _, told = played
    moves = [(now, n) for now, n in told if n.event.trial_type == "LM"]
    assert len(moves) >= 9
    assert max(now - n.event.end for now, n in moves) < 5.0


def test_a_turn_is_told_when_it_is_over(played):
    _, _, told = played
    (turn,) = [n for _, n in told if n.event.trial_type == "large_movement"]
    assert not turn.ongoing
    assert turn.event.onset == pytest.approx(700.0, abs=2.0)


def test_every_second_is_played(lab):
    clock = [now for now, _ in play(_night(lab, 570.5))]
    assert clock[:-1] == [float(second) for second in range(1, len(clock))]
    assert clock[-1] == 570.5


def test_the_result_of_a_playback_is_the_score_of_the_night(played):
    night, playback, _ = played
    score = score_night(night)
    assert playback.result.events == score.events
    assert playback.result.channels == score.channels
    assert playback.result is playback.result
    assert Playback(night).result.events == score.events


def _long(lab, hours):
    n = round(hours * 3600 * 100)
    tile = lab.raw(lab.muscle(60.0, (20.0, 2.0, 20.0), rate=100.0), lab.step)
    motion = np.round(1000 * np.random.default_rng(0).normal(0, 0.003, (1500, 3)))
    motion[:, 0] += 1000
    motion[500:600, 2] += 300 * np.sin(np.arange(100))
    return lab.night(
        lab.stream(100.0, (Segment(0.0, lab.tiled(tile, n)),), label="EMG L GM"),
        lab.acc(1.0, rate=25.0, segments=(Segment(0.0, lab.tiled(motion, n // 4)),)),
    )


def _held(value, seen=None):
    """Count the numbers and rows that an object holds, through everything it refers to."""
    seen = set() if seen is None else seen
    if id(value) in seen:
        return 0
    seen.add(id(value))
    if isinstance(value, np.ndarray):
        return value.size if value.base is None else _held(value.base, seen)
    if isinstance(value, dict):
        return sum(_held(v, seen) for v in value.values())
    if isinstance(value, list | tuple | set) or type(value).__name__ == "deque":
        return len(value) + sum(_held(v, seen) for v in value)
    slots = getattr(type(value), "__slots__", ())
    parts = [getattr(value, name, None) for name in slots]
    return sum(_held(v, seen) for v in [*parts, *getattr(value, "__dict__", {}).values()])


def test_a_live_engine_holds_no_more_as_the_night_goes_on(lab):
    night, every_s = _long(lab, 2.0), 60.0
    engine = LiveEngine(night.streams)
    readers = [s.chunks(every_s) for s in night.streams]
    held = {}
    for minute, chunks in enumerate(zip(*readers, strict=True), start=1):
        for number, (segment, _, raw) in enumerate(chunks):
            engine.push(number, segment, 0.0, raw)
        engine.notices(minute * every_s)
        if minute in (75, 120):
            held[minute] = _held(engine)
    for channel in engine._channels.values():
        assert len(channel.cells) * channel.grid.cell_s <= 3600 + 120
    # The resting level of every minute of the night is kept, four numbers a minute.
    assert held[120] <= held[75] + 1000


def test_live_and_final_agree_on_the_cramp(played):
    night, _, told = played
    (final,) = [e for e in score_night(night).events if e.trial_type == "cramp"]
    live = [n.event for _, n in told if n.event.trial_type == "cramp"][-1]
    assert (live.onset, live.end) == pytest.approx((final.onset, final.end), abs=3.0)


def test_a_live_accelerometer_alone_tells_movements(lab):
    night = lab.night(lab.acc(300.0, (100.0, 2.0, 0.3), (200.0, 2.0, 0.3)))
    told = [n for _, notices in play(night) for n in notices]
    assert [n.event.onset for n in told] == pytest.approx([100.0, 200.0], abs=0.3)
    assert {n.event.extra["rule"] for n in told} == {"accelerometric"}


def test_a_gap_of_two_hours_does_not_stop_the_live_engine(lab):
    part = lab.muscle(200.0, (100.0, 30.0, 10.0), rate=RATE)
    stream = lab.emg(part, part, starts=(0.0, 7400.0), label="EMG L GM", rate=RATE)
    told = [n for _, notices in play(lab.night(stream)) for n in notices]
    onsets = [n.event.onset for n in told if n.event.trial_type == "cramp" and not n.ongoing]
    assert onsets == pytest.approx([100.0, 7500.0], abs=3.0)
