"""The collector: all that links bring is in the journal, and nothing of it is changed."""

from __future__ import annotations

import asyncio
import errno
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
from fast_time import LoopClock, run_fast

from crampwatch.firmware_bridge.collector import Collector, Counts, Fan, RawLog, Worn
from crampwatch.firmware_bridge.drivers import find_driver
from crampwatch.firmware_bridge.drivers.model import Packet
from crampwatch.firmware_bridge.links import Link
from crampwatch.firmware_bridge.transports.capture import notification
from crampwatch.firmware_bridge.virtual import (
    Faults,
    Noise,
    VirtualTransport,
    virtual_sensor,
)
from crampwatch.recording.journal import JournalFiles, JournalHeader, JournalWriter
from crampwatch.recording.journal.reader import JournalReader

FAULTS = Faults(drop=0.02, disconnect_s=20.0, outage_s=2.0, reset_s=40.0, battery_percent=37.0)
WORN = {"left-calf": Worn("left", ("GM", "TA"), "calf")}


class Kept:
    """A listener that keeps everything, to hold the journal against."""

    def __init__(self) -> None:
        self.runs = defaultdict(list)
        self.gaps, self.changes, self.trips, self.packets = [], [], [], []
        self.specs = {}

    def took(self, link, packets, decoded) -> None:
        self.packets += [(link.name, packet) for packet in packets]
        self.gaps += [(link.name, gap) for gap in decoded.gaps]
        for run in decoded.samples:
            key = link.name, link.generation, run.stream
            self.runs[key].append((run, link.connection))
            self.specs[key] = link.driver.stream(run.stream)

    def changed(self, link, change) -> None:
        self.changes.append((link.name, change))

    def round_trip(self, link, trip) -> None:
        self.trips.append((link.name, trip))


@pytest.fixture
def journal(tmp_path: Path):
    readers = []

    def opened() -> JournalReader:
        readers.append(JournalReader(tmp_path / "night.mcap"))
        return readers[-1]

    yield opened
    for reader in readers:
        reader.close()


def make_links(sink, clock, drivers):
    links = []
    for seed, (name, driver) in enumerate(drivers.items()):
        sensor = virtual_sensor(driver, Noise(seed=seed), FAULTS, clock=clock, seed=seed)

        def connect(sensor=sensor):
            return VirtualTransport(sensor, clock=clock)

        links.append(Link(name, find_driver(driver), {}, connect, sink, clock=clock))
    return links


async def collect(
    folder: Path, drivers, *, seconds=120.0, files=None, raw=False, each_second=None
):
    """Record and return the listener, the collector and the counts."""
    clock = LoopClock()
    header = JournalHeader(clock.wall(), clock.monotonic(), clock.awake_or_not())
    writer = JournalWriter(folder / "night.mcap", header, files=files or JournalFiles())
    raw_log = RawLog(folder / "raw") if raw else None
    # the night passes in a second or two, and is synced as often as one that lasts
    collector = Collector(writer, clock, worn=WORN, raw_log=raw_log, sync_every_s=0.01)
    kept, counts = Kept(), Counts(clock, drivers)
    links = make_links(Fan(kept, counts, collector), clock, drivers)
    tasks = [asyncio.create_task(link.run()) for link in links]
    for second in range(int(seconds)):
        await asyncio.sleep(1.0)
        if each_second is not None:
            each_second(second, clock)
        collector.tick()
    for link in links:
        await link.stop()
    await asyncio.gather(*tasks)
    collector.close()
    return kept, collector, counts


DRIVERS = {"left-calf": "cyton", "right-calf": "open-sensor", "arm": "myo"}


def test_every_sample_is_in_the_journal_as_it_was(tmp_path: Path, journal) -> None:
    kept, collector, _ = run_fast(collect(tmp_path, DRIVERS))
    assert collector.error is None
    reader = journal()
    assert len(reader.streams) == len(kept.runs)
    for channel, stream in reader.streams.items():
        runs = kept.runs[stream.sensor, stream.generation, stream.stream]
        blocks = list(reader.blocks(channel))
        for name in ("index", "raw"):
            told = np.concatenate([getattr(block, name) for block in blocks])
            true = np.concatenate([getattr(run, name) for run, _ in runs])
            assert np.array_equal(told, true)
        for name in ("device_s", "arrival_s"):
            told = np.concatenate([getattr(block, name) for block in blocks])
            true = np.concatenate([getattr(run, name) for run, _ in runs])
            assert np.allclose(told, true, rtol=0.0, atol=1e-9, equal_nan=True)
        told = np.concatenate([np.full(len(block), block.connection) for block in blocks])
        true = np.concatenate([np.full(len(run), connection) for run, connection in runs])
        assert np.array_equal(told, true)


def test_streams_say_where_they_are_worn_and_what_numbers_mean(tmp_path: Path, journal) -> None:
    kept, _, _ = run_fast(collect(tmp_path, DRIVERS, seconds=20.0))
    for stream in journal().streams.values():
        spec = kept.specs[stream.sensor, stream.generation, stream.stream]
        assert stream.kind == spec.kind
        assert stream.gain == tuple(spec.gain)
        assert stream.rate_hz == spec.rate_hz
        if stream.sensor != "left-calf":
            assert (stream.side, stream.muscles, stream.placement) == (None, (), None)
        elif stream.kind == "emg":
            assert stream.muscles == ("GM", "TA", *[None] * 6)
            assert (stream.side, stream.placement) == ("left", "calf")


def test_links_gaps_batteries_and_round_trips_are_noted(tmp_path: Path, journal) -> None:
    kept, _, counts = run_fast(collect(tmp_path, DRIVERS))
    notes = list(journal().notes())
    gaps = [
        (note.sensor, note.data["index"], note.data["lost"])
        for note in notes
        if note.kind == "gap"
    ]
    assert gaps == [(name, gap.index, gap.lost) for name, gap in kept.gaps]
    states = [(note.sensor, note.data["state"]) for note in notes if note.kind == "link"]
    assert states == [(name, change.state.value) for name, change in kept.changes]
    trips = [note.data["device_s"] for note in notes if note.kind == "round_trip"]
    assert trips == [trip.device_s for _, trip in kept.trips]
    assert trips
    batteries = [note.data["value"] for note in notes if note.kind == "battery"]
    assert batteries
    lost = {name: sum(gap.lost for n, gap in kept.gaps if n == name) for name in DRIVERS}
    assert {name: count.lost for name, count in counts.sensors.items()} == lost


def test_the_clocks_are_noted_each_minute_and_around_sleep(tmp_path: Path, journal) -> None:
    def sleep(second: int, clock: LoopClock) -> None:
        if second == 90:
            clock.suspend(3600.0)
        if second == 100:
            clock.step_wall(-30.0)

    run_fast(collect(tmp_path, {"left-calf": "cyton"}, seconds=200.0, each_second=sleep))
    reader = journal()
    at = [note.at_s - reader.header.monotonic_s for note in reader.notes(["wall"])]
    assert {0, 90, 91, 100, 101} <= {round(each) for each in at}
    assert max(np.diff(at)) <= 61.5


def test_raw_bytes_are_kept_as_decode_reads_them(tmp_path: Path) -> None:
    kept, _, _ = run_fast(collect(tmp_path, DRIVERS, seconds=10.0, raw=True))
    serial = b"".join(packet.data for name, packet in kept.packets if name == "left-calf")
    assert (tmp_path / "raw" / "left-calf.bin").read_bytes() == serial
    lines = (tmp_path / "raw" / "arm.jsonl").read_bytes().splitlines()
    sent = [packet for name, packet in kept.packets if name == "arm"]
    assert [notification(line) for line in lines] == [
        Packet(packet.data, packet.arrival_s, packet.channel.lower()) for packet in sent
    ]


class Failing(JournalFiles):
    """A disk that fails from a number of bytes on, or at a sync."""

    def __init__(self, most: int = 1 << 40, syncs: int = 1 << 40) -> None:
        self.left, self.syncs = most, syncs

    def write(self, handle, data) -> int:
        self.left -= len(data)
        if self.left < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(handle, data)

    def fsync(self, handle) -> None:
        self.syncs -= 1
        if self.syncs < 0:
            raise OSError(errno.EIO, "Input/output error")
        super().fsync(handle)


@pytest.mark.parametrize(
    ("files", "words"),
    [(Failing(most=200_000), "No space left"), (Failing(syncs=4), "Input/output error")],
    ids=["full", "broken"],
)
def test_a_failing_disk_ends_the_writing_and_harms_no_link(
    files, words, tmp_path, journal
) -> None:
    kept, collector, _ = run_fast(collect(tmp_path, DRIVERS, seconds=60.0, files=files))
    assert words in str(collector.error)
    assert all(runs for runs in kept.runs.values())
    assert collector.waiting_bytes == 0
    assert not journal().damage


def test_a_raw_log_that_fails_is_told_and_the_journal_goes_on(tmp_path: Path, journal) -> None:
    (tmp_path / "raw").write_text("a file where a folder should be")
    kept, collector, _ = run_fast(collect(tmp_path, {"arm": "myo"}, seconds=10.0, raw=True))
    assert collector.error is None
    assert "raw bytes are not kept" in collector.remarks[0]
    reader = journal()
    count = sum(len(block) for channel in reader.streams for block in reader.blocks(channel))
    assert count == sum(len(run) for runs in kept.runs.values() for run, _ in runs)
