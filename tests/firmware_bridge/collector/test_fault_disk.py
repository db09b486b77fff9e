"""A disk that takes nothing for a while: links go on, memory is bounded, the loss is a gap."""

from __future__ import annotations

import asyncio
from pathlib import Path
from threading import Event, Thread

import numpy as np
import pytest

from crampwatch.firmware_bridge.collector import Collector, Fan, Writing
from crampwatch.firmware_bridge.collector.collector import MISSED
from crampwatch.firmware_bridge.drivers import Decoded, Samples, find_driver
from crampwatch.firmware_bridge.host_clock import SystemClock
from crampwatch.recording.errors import RecordingError
from crampwatch.recording.journal import JournalFiles, JournalHeader, JournalWriter, Note
from crampwatch.recording.journal.night import night_of
from crampwatch.recording.journal.reader import JournalReader

PACKET = 25
RATE_HZ = 250.0


class Hanging(JournalFiles):
    """A disk that stands still between `hang` and `answer`."""

    def __init__(self) -> None:
        self.answers, self.stands = Event(), Event()
        self.answers.set()

    def hang(self) -> None:
        self.stands.clear()
        self.answers.clear()

    def write(self, handle, data) -> int:
        if not self.answers.is_set():
            self.stands.set()
            self.answers.wait()
        return super().write(handle, data)


class Band:
    """What the collector asks of a link: one sensor that counts its samples."""

    name, connection, generation, settings = "left-calf", 1, 1, {}
    info = find_driver("cyton")
    driver = info.open()

    def __init__(self) -> None:
        self.sent = 0

    def packet(self) -> Decoded:
        index = np.arange(self.sent, self.sent + PACKET)
        self.sent += PACKET
        raw = np.repeat(index[:, None], 8, axis=1).astype(np.int32)
        seconds = 100.0 + index / RATE_HZ
        return Decoded((Samples("exg", raw, index, seconds, seconds),))


@pytest.fixture
def disk(tmp_path: Path):
    """Return a hanging disk, a band, and a collector with little memory."""
    files, clock = Hanging(), SystemClock()
    header = JournalHeader(clock.wall(), 100.0, 100.0)
    writer = JournalWriter(tmp_path / "night.mcap", header, files=files)
    collector = Collector(writer, clock, sync_every_s=0.01, most_waiting=1 << 20)
    yield files, Band(), collector
    files.answers.set()


def send(collector, band, packets: int) -> None:
    for _ in range(packets):
        collector.took(band, (), band.packet())


def kept(tmp_path: Path) -> np.ndarray:
    reader = JournalReader(tmp_path / "night.mcap")
    index = np.concatenate([block.index for c in reader.streams for block in reader.blocks(c)])
    reader.close()
    return index


def test_what_fits_into_memory_waits_for_the_disk(tmp_path: Path, disk) -> None:
    files, band, collector = disk
    send(collector, band, 20)
    files.hang()
    send(collector, band, 1)
    assert files.stands.wait(30)
    send(collector, band, 100)
    assert collector.waiting_bytes > 0
    assert collector.stuck_s > 0.0
    files.answers.set()
    collector.close()
    assert collector.error is None
    assert not collector.remarks
    assert (kept(tmp_path) == np.arange(band.sent)).all()


def test_what_does_not_fit_is_a_gap_that_says_why_and_the_night_goes_on(
    tmp_path: Path, disk
) -> None:
    files, band, collector = disk
    send(collector, band, 20)
    files.hang()
    send(collector, band, 1)
    assert files.stands.wait(30)
    most = 0
    for _ in range(3000):
        send(collector, band, 1)
        most = max(most, collector.waiting_bytes)
    assert most <= 1 << 20
    while_it_stood = band.sent
    files.answers.set()
    while collector.waiting_bytes:
        pass
    send(collector, band, 40)
    collector.close()
    assert collector.error is None
    index = kept(tmp_path)
    jumps = np.flatnonzero(np.diff(index) != 1)
    assert len(jumps) == 1
    missing = int(index[jumps[0] + 1] - index[jumps[0]] - 1)
    assert index[-1] == band.sent - 1
    assert index[jumps[0] + 1] == while_it_stood
    reader = JournalReader(tmp_path / "night.mcap")
    [gap] = [note.data for note in reader.notes(["gap"])]
    reader.close()
    assert (gap["lost"], gap["index"], gap["reason"]) == (missing, index[jumps[0]] + 1, MISSED)
    assert [line for line in collector.remarks if MISSED in line]
    [stream, *_] = night_of(tmp_path / "night.mcap").streams
    [hole] = stream.gaps
    assert hole.duration_s == pytest.approx(missing / RATE_HZ, abs=0.1)


def test_what_is_still_missing_at_the_end_is_told_too(tmp_path: Path, disk) -> None:
    files, band, collector = disk
    send(collector, band, 20)
    files.hang()
    send(collector, band, 1)
    assert files.stands.wait(30)
    send(collector, band, 3000)
    closing = Thread(target=collector.close)
    closing.start()
    files.answers.set()
    closing.join()
    reader = JournalReader(tmp_path / "night.mcap")
    [gap] = [note.data for note in reader.notes(["gap"])]
    reader.close()
    assert gap["lost"] == band.sent - len(kept(tmp_path))


def test_a_hanging_disk_holds_up_nobody_who_hands_over(disk) -> None:
    files, band, collector = disk

    async def night() -> int:
        turns = 0
        files.hang()
        send(collector, band, 1)
        for _ in range(200):
            send(collector, band, 10)
            await asyncio.sleep(0)
            turns += 1
        return turns

    assert asyncio.run(night()) == 200
    files.answers.set()
    collector.close()


def test_one_piece_of_work_that_fails_costs_itself(tmp_path: Path) -> None:
    failed: list[Exception] = []
    writer = JournalWriter(tmp_path / "night.mcap", JournalHeader(1.79e9, 0.0))
    writing = Writing(writer, failed.append, every_s=0.01)
    wrong = RecordingError("8 samples of 2 columns, but raw numbers of the shape (8, 3)")

    def poisoned(error: Exception):
        def work(_writer) -> None:
            raise error

        return work

    for number in range(300):
        writing.put(lambda journal, n=number: journal.note(Note("marker", float(n))))
        if number % 100 == 50:
            writing.put(poisoned(wrong))
            writing.put(poisoned(MemoryError()))
    writing.close()
    assert not failed
    assert writing.error is None
    assert writing.mishaps == {f"RecordingError: {wrong}": 3, "MemoryError:": 3}
    reader = JournalReader(tmp_path / "night.mcap")
    assert [note.at_s for note in reader.notes(["marker"])] == [float(n) for n in range(300)]
    reader.close()


def test_a_listener_that_raises_harms_neither_the_others_nor_the_link() -> None:
    class Broken:
        def took(self, *_):
            raise MemoryError

        changed = round_trip = took

    class Counting:
        calls = 0

        def took(self, *_):
            self.calls += 1

        changed = round_trip = took

    counting = Counting()
    fan = Fan(Broken(), counting, Broken())
    for _ in range(50):
        fan.took(None, (), Decoded())
        fan.changed(None, None)
        fan.round_trip(None, None)
    assert counting.calls == 150
