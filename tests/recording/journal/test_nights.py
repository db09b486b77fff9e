"""A journal as a night: true times, explicit gaps, and no more read than is asked for."""

from __future__ import annotations

import threading
import tracemalloc
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from journals import (
    HALF,
    HEADER,
    PACKET,
    RATE_HZ,
    START_S,
    WALL_S,
    block,
    exg,
    indexes,
    journal,
    raw_of,
)

from crampwatch.recording import RecordingError, open_recording
from crampwatch.recording.journal import JournalWriter, Note, SampleBlock, cache, reader
from crampwatch.recording.journal.night import night_of
from crampwatch.recording.journal.reader import JournalReader


@pytest.fixture(params=[False, True], ids=["cut off", "closed"])
def close(request):
    """Whether the journal was closed cleanly; what a night says is the same."""
    return request.param


@pytest.fixture
def write(tmp_path, close):
    """Write a journal of blocks and notes, in the order given."""

    def make(*things, stream=None, sync_every=50):
        path = tmp_path / "night.mcap"
        writer = JournalWriter(path, HEADER)
        channel = writer.open_stream(stream or exg())
        for number, each in enumerate(things, 1):
            if isinstance(each, Note):
                writer.note(each)
            elif isinstance(each, tuple):
                channel = writer.open_stream(each[0])
            else:
                writer.samples(channel, each)
            if number % sync_every == 0:
                writer.sync()
        writer.sync()
        if close:
            writer.close()
        else:
            writer._files.close(writer._handle)
            writer._handle = None
        return night_of(path)

    return make


def gap(index: int, lost: int, reason: str = "counter", *, high=0, **more) -> Note:
    told = {"stream": "exg", "generation": 1, "index": index, "lost": lost}
    told |= {"lost_low": lost, "lost_high": lost if high == 0 else high, "reason": reason}
    return Note("gap", START_S, "left-calf", {**told, **more})


def numbers(stream) -> np.ndarray:
    """Return the raw numbers of all segments."""
    return np.concatenate([raw for _, _, raw in stream.chunks(3.0)])


def minutes(count: float, **more) -> list[SampleBlock]:
    return [block(n * HALF, HALF, **more) for n in range(int(count * 120))]


def test_a_night_is_what_was_sent(write, close):
    mark = Note("marker", START_S + 31.0, None, {"text": "cramp"})
    night = write(*minutes(1), mark)
    assert [stream.label for stream in night.streams] == ["EMG L GM", "EMG L TA"]
    for number, stream in enumerate(night.streams):
        assert (stream.unit, stream.calibrated, stream.side) == ("uV", True, "left")
        assert (stream.sensor, stream.nominal_rate_hz) == ("left-calf", RATE_HZ)
        assert stream.gain.tolist() == [0.5]
        assert len(stream.segments) == 1
        assert (numbers(stream)[:, 0] == raw_of(np.arange(60_000))[:, number]).all()
        assert stream.rate_hz == pytest.approx(RATE_HZ, rel=1e-5)
        assert stream.start_s == pytest.approx(0.0, abs=1e-6)
    assert night.devices == ("left-calf: a simulated band",)
    assert [event.trial_type for event in night.events] == ["marker"]
    assert night.events[0].onset == pytest.approx(30.0, abs=0.02)
    assert night.events[0].extra == {"text": "cramp"}
    expected = datetime.fromtimestamp(WALL_S + 1.0, UTC)
    assert abs(night.start - expected) < timedelta(seconds=0.02)
    assert night.start.utcoffset() == timedelta(hours=2)
    assert any("cut off" in note for note in night.notes) is not close


@pytest.mark.parametrize("ppm", [-300.0, 40.0])
def test_the_drift_of_the_sensor_is_taken_out(write, ppm):
    night = write(*minutes(10, ppm=ppm))
    stream = night.streams[0]
    assert stream.rate_hz == pytest.approx(RATE_HZ / (1 + ppm * 1e-6), rel=2e-6)
    true_s = 600.0 * (1 + ppm * 1e-6)
    assert stream.end_s == pytest.approx(true_s, abs=0.002)
    assert len(stream.segments) == 1


def test_lost_samples_are_a_gap_of_their_length(write):
    blocks = minutes(1)
    night = write(*blocks[:40], gap(20_000, 2 * HALF), *blocks[42:])
    stream = night.streams[0]
    assert len(stream.segments) == 2
    (hole,) = stream.gaps
    assert hole.start_s == pytest.approx(20.0, abs=0.002)
    assert hole.duration_s == pytest.approx(1.0, abs=0.002)
    assert "1000 of 60000 samples lost" in stream.notes[0]


def test_samples_sent_again_take_their_place_once(write):
    blocks = minutes(1)
    late = block(10_000, HALF)
    night = write(*blocks[:20], *blocks[21:60], late, late, *blocks[60:])
    stream = night.streams[0]
    assert len(stream.segments) == 1
    assert (numbers(stream)[:, 0] == raw_of(np.arange(60_000))[:, 0]).all()


def test_a_restart_of_the_sensor_is_placed_by_its_arrival(write):
    first, later = minutes(2), []
    for each in first:
        index = each.index + 120_000
        arrival = each.arrival_s + 150.0
        later.append(SampleBlock(index, each.device_s - 60.0, arrival, each.raw, connection=2))
    night = write(*first, gap(120_000, 0, "restart"), *later)
    (hole,) = night.streams[0].gaps
    assert hole.start_s == pytest.approx(120.0, abs=0.003)
    assert hole.duration_s == pytest.approx(30.0, abs=0.01)


def test_without_a_device_clock_an_uncertain_loss_is_placed_by_arrival(write):
    counted = exg(device_clock=False, counter_modulus=256)
    first, later = minutes(2), []
    for each in first:
        index = each.index + 120_000 + 100
        late = each.arrival_s + 120.0 + 2.148
        later.append(SampleBlock(index, index / RATE_HZ, late, each.raw, connection=1))
    night = write(*first, gap(120_000, 100, high=None), *later, stream=counted)
    (hole,) = night.streams[0].gaps
    assert hole.duration_s == pytest.approx(2.148, abs=0.01)
    assert "about 100 samples lost" in night.streams[0].notes[0]


def test_a_renewed_decoder_goes_on_in_the_same_stream(write):
    again = [
        SampleBlock(b.index, b.device_s, b.arrival_s + 70.0, b.raw, connection=2)
        for b in minutes(1)
    ]
    night = write(*minutes(1), (exg(generation=2, settings={"x": "1"}),), *again)
    assert len(night.streams) == 2
    (hole,) = night.streams[0].gaps
    assert hole.duration_s == pytest.approx(10.0, abs=0.005)
    assert night.streams[0].n_samples == 120_000


def test_a_change_of_scale_on_the_way_keeps_the_physical_values(write):
    blocks = minutes(1)
    finer = [
        SampleBlock(b.index, b.device_s, b.arrival_s, b.raw, scale=0.25) for b in blocks[80:]
    ]
    stream = write(*blocks[:80], *finer).streams[0]
    raw = raw_of(np.arange(60_000))[:, 0]
    values = np.concatenate([stream.physical(0, a, a + 20_000)[:, 0] for a in range(0, 60_000, 20_000)])  # fmt: skip  # noqa: E501
    np.testing.assert_allclose(values[:40_000], raw[:40_000] * 0.5, rtol=1e-6)
    np.testing.assert_allclose(values[40_000:], raw[40_000:] * 0.125, rtol=1e-6)


def test_axes_are_turned_to_those_of_the_case(write):
    turned = exg(
        stream="accel",
        kind="acc",
        columns=("a_g", "b_g", "c_g"),
        unit="g",
        gain=(0.001,) * 3,
        offset=(0.0, 0.0, 0.5),
        mixing=((0.0, 1.0, 0.0), (-1.0, 0.0, 0.0), (0.0, 0.0, 1.0)),
        muscles=(),
        raw_limits=None,
    )
    index = np.arange(60_000)
    raw = np.stack([index % 7, index % 11, index % 13], axis=1).astype(np.int32)
    made = block(0, 60_000)
    night = write(SampleBlock(index, made.device_s, made.arrival_s, raw), stream=turned)
    (stream,) = night.streams
    assert (stream.label, stream.axes, stream.unit) == ("ACC L calf", ("x", "y", "z"), "g")
    physical = raw * 0.001 + [0, 0, 0.5]
    expected = np.stack([physical[:, 1], -physical[:, 0], physical[:, 2]], axis=1)
    np.testing.assert_allclose(stream.physical(0, 0, 60_000), expected, atol=1e-6)
    assert stream.step == pytest.approx(0.001)


def test_sleep_of_the_computer_counts_as_night(write):
    def reading(at_s, wall_s):
        return Note("wall", at_s, None, {"wall_s": wall_s, "elapsed_s": wall_s - WALL_S})

    awake = [reading(START_S + s, WALL_S + s) for s in (0.0, 61.5)]
    after = [reading(START_S + s, WALL_S + s + 3600.0) for s in (62.5, 120.0)]
    blocks = minutes(1)
    later = [
        SampleBlock(b.index + 60_000, b.device_s + 3660.0, b.arrival_s + 62.0, b.raw)
        for b in blocks
    ]
    night = write(*awake, *blocks, *after, gap(60_000, 0, "restart"), *later)
    (hole,) = night.streams[0].gaps
    assert hole.duration_s == pytest.approx(3602.0, abs=0.01)
    assert any("slept for 3600" in note for note in night.notes)


def test_both_ways_to_read_give_one_night(tmp_path):
    kinds = (False, True)
    paths = [journal(tmp_path / f"{each}.mcap", 240, close=each, ppm=30.0) for each in kinds]
    torn, closed = (night_of(path) for path in paths)
    assert [JournalReader(path).indexed for path in paths] == [False, True]
    assert torn.start == closed.start
    for a, b in zip(torn.streams, closed.streams, strict=True):
        assert a.rate_hz == b.rate_hz
        assert [each.start_s for each in a.segments] == [each.start_s for each in b.segments]
        assert (numbers(a) == numbers(b)).all()
    assert torn.events == closed.events


def test_a_read_is_the_part_that_was_asked_for(tmp_path, close):
    night = night_of(journal(tmp_path / "night.mcap", 20, close=close))
    source = night.streams[1].segments[0].source
    whole = raw_of(np.arange(20 * HALF))[:, 1:]
    rng = np.random.default_rng(3)
    for start, stop in rng.integers(-100, 20 * HALF + 100, (50, 2)):
        low = min(max(start, 0), 20 * HALF)
        high = min(max(stop, low), 20 * HALF)
        found = source.read(start, stop)
        assert found.shape == (high - low, 1)
        assert (found == whole[low:high]).all()


def test_a_folder_with_a_journal_is_that_night(tmp_path):
    folder = tmp_path / "night"
    folder.mkdir()
    journal(folder / "night.mcap", 4, close=True)
    (folder / "export.csv").write_text("time,EMG L TA\n0,1\n")
    night = open_recording(folder)
    assert night.format == "Crampwatch journal"
    assert night.source == folder / "night.mcap"
    assert night.streams[0].n_samples == 4 * HALF


def test_a_journal_without_samples_says_so(tmp_path):
    writer = JournalWriter(tmp_path / "night.mcap", HEADER)
    writer.open_stream(exg())
    writer.close()
    with pytest.raises(RecordingError, match="no sample was recorded"):
        night_of(tmp_path / "night.mcap")


def test_an_electrode_without_a_muscle_beside_named_ones_is_no_leg(write):
    night = write(*minutes(0.1), stream=exg(muscles=("GM", None)))
    assert [stream.kind for stream in night.streams] == ["emg", "other"]


def test_packets_are_told_apart(tmp_path):
    path = journal(tmp_path / "night.mcap", 4)
    read = JournalReader(path)
    (channel,) = read.streams
    arrival = np.concatenate([each.arrival_s for each in read.blocks(channel)])
    assert (np.unique(arrival, return_counts=True)[1] <= PACKET).all()
    assert len(list(read.blocks(channel, start=3 * HALF))) == 1


def trip(at_s: float, sensor: str = "left-calf") -> Note:
    """Return a round trip of 2 ms to the device's clock of `block`."""
    device_s = at_s - START_S - 1.0 + 77.0
    told = {"sent_s": at_s - 0.001, "received_s": at_s + 0.001, "device_s": device_s}
    return Note("round_trip", at_s, sensor, told)


def test_round_trips_take_out_the_constant_latency(write):
    late = [
        SampleBlock(b.index, b.device_s, b.arrival_s + 0.5, b.raw, connection=1)
        for b in minutes(1)
    ]
    trips = [trip(START_S + 5.0 + n) for n in range(40)]
    night = write(*trips, *late)
    true_start = datetime.fromtimestamp(WALL_S + 1.0, UTC)
    assert abs(night.start - true_start) < timedelta(seconds=0.002)


def test_round_trips_of_another_hour_are_not_believed(write):
    night = write(*(trip(START_S + 9000.0 + n) for n in range(40)), *minutes(1))
    assert abs(night.start - datetime.fromtimestamp(WALL_S + 1.0, UTC)) < timedelta(seconds=0.1)


def test_memory_does_not_grow_with_the_night(tmp_path, close, monkeypatch):
    monkeypatch.setattr(cache, "MOST_BYTES", 100_000)
    monkeypatch.setattr(reader, "MOST_KEPT", 100_000)
    peaks = []
    for halves in (600, 960):
        path = journal(tmp_path / f"{halves}.mcap", halves, close=close)
        tracemalloc.start()
        for stream in night_of(path).streams:
            for _ in stream.chunks(5.0):
                pass
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    raw_bytes_between = 360 * HALF * 2 * 2
    assert peaks[1] - peaks[0] < raw_bytes_between / 3


def test_samples_are_handed_over_while_another_thread_syncs(tmp_path):
    path = tmp_path / "night.mcap"
    writer = JournalWriter(path, HEADER)
    channel = writer.open_stream(exg())
    ended = threading.Event()

    def sync() -> None:
        while not ended.is_set():
            writer.sync()

    thread = threading.Thread(target=sync)
    thread.start()
    for first in range(0, 40_000, 50):
        writer.samples(channel, block(first, 50))
    ended.set()
    thread.join()
    writer.close()
    assert (indexes(path) == np.arange(40_000)).all()
