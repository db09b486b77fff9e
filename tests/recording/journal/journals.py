"""Journals with known samples: what a sample is follows from its number alone."""

from __future__ import annotations

import numpy as np

from crampwatch.recording.journal import (
    JournalHeader,
    JournalStream,
    JournalWriter,
    Note,
    SampleBlock,
)
from crampwatch.recording.journal.files import REAL, JournalFiles
from crampwatch.recording.journal.reader import JournalReader

WALL_S = 1_790_000_000.0
START_S = 5_000.0
HEADER = JournalHeader(WALL_S, START_S, zone="Europe/Berlin", utc_offset_s=7200)
RATE_HZ = 1000.0
PACKET = 10
HALF = int(RATE_HZ / 2)


def exg(**changes) -> JournalStream:
    told = {
        "sensor": "left-calf",
        "stream": "exg",
        "kind": "emg",
        "columns": ("ch1_uV", "ch2_uV"),
        "unit": "uV",
        "rate_hz": RATE_HZ,
        "gain": (0.5, 0.5),
        "offset": (0.0, 0.0),
        "calibrated": True,
        "raw_limits": (-32768, 32767),
        "device_clock": True,
        "side": "left",
        "muscles": ("GM", "TA"),
        "placement": "calf",
        "driver": "simulated",
        "title": "a simulated band",
    }
    return JournalStream(**{**told, **changes})


def raw_of(index) -> np.ndarray:
    """Return 16-bit noise that is a function of the running number."""
    mixed = np.asarray(index, np.uint64)[:, None] * np.uint64(0x9E3779B97F4A7C15)
    mixed = mixed + np.array([1, 7], np.uint64) * np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0x94D049BB133111EB)
    return (mixed >> np.uint64(48)).astype(np.int32) - 32768


def block(first: int, count: int, *, ppm: float = 0.0, connection: int = 1) -> SampleBlock:
    """Return samples in packets of `PACKET`, by a device's clock that is `ppm` slow."""
    index = np.arange(first, first + count)
    device_s = 77.0 + index / RATE_HZ
    last = (index // PACKET + 1) * PACKET - 1
    late_s = 0.004 + 0.001 * (last // PACKET % 7)
    arrival_s = START_S + 1.0 + last / RATE_HZ * (1.0 + ppm * 1e-6) + late_s
    return SampleBlock(index, device_s, arrival_s, raw_of(index), connection=connection)


def record(writer: JournalWriter, halves: range, **more) -> int:
    """Write half seconds, each of them synced; return the channel."""
    channel = writer.open_stream(exg())
    for half in halves:
        writer.samples(channel, block(half * HALF, HALF, **more))
        writer.sync()
    return channel


def journal(path, halves: int, *, close: bool = False, files: JournalFiles = REAL, **more):
    """Write a journal of some half seconds, closed cleanly or as a crash leaves it."""
    writer = JournalWriter(path, HEADER, files=files)
    writer.note(Note("marker", START_S + 2.0, None, {"text": "cramp, left calf"}))
    record(writer, range(halves), **more)
    if close:
        writer.close()
    else:
        crash(writer)
    return path


def crash(writer: JournalWriter) -> None:
    """Let go of the file as the end of the process does."""
    writer._files.close(writer._handle)
    writer._handle = None


def indexes(path) -> np.ndarray:
    """Return the running numbers that a journal holds, checked to carry their samples."""
    reader = JournalReader(path)
    found = [np.empty(0, np.int64)]
    for channel in reader.streams:
        for each in reader.blocks(channel):
            assert (each.raw == raw_of(each.index)).all()
            found.append(each.index)
    reader.close()
    return np.concatenate(found)
