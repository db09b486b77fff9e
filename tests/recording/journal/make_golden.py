"""Writes the journals of this release into ``tests/data/journals``; run once, never again.

``python tests/recording/journal/make_golden.py``: later readers must open what it wrote.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from journals import HALF, HEADER, START_S, WALL_S, block, crash, exg

from crampwatch.recording.journal import JournalWriter, Note, SampleBlock
from crampwatch.recording.journal import writer as journal_writer

DATA = Path(__file__).parents[2] / "data" / "journals"


def main() -> None:
    """Write journals that are not there yet: closed, cut off, and cut off with checkpoints."""
    journal_writer.EVERY_CHUNKS = 20
    for name, close in (
        ("version_1.mcap", True),
        ("version_1_cut_off.mcap", False),
        ("version_1_checkpoints.mcap", False),
    ):
        if (DATA / name).exists():
            continue
        writer = JournalWriter(DATA / name, HEADER)
        write(writer)
        if close:
            writer.note(Note("recorder", START_S + 41.0, None, {"event": "stop"}))
            writer.close()
        else:
            crash(writer)
            writer._small.drop()
            with (DATA / name).open("ab") as file:
                file.write(b"\x06\x00\x10\x00\x00\x00\x00\x00\x00torn")


def write(writer: JournalWriter) -> None:
    """Write forty seconds with a gap, a second stream, and notes."""
    left = writer.open_stream(exg())
    accel = writer.open_stream(
        exg(
            stream="accel",
            kind="acc",
            columns=("x_g", "y_g", "z_g"),
            unit="g",
            rate_hz=50.0,
            gain=(0.001,) * 3,
            offset=(0.0,) * 3,
            muscles=(),
            raw_limits=None,
            device_clock=False,
        )
    )
    writer.note(Note("recorder", START_S, None, {"event": "start"}))
    for half in range(80):
        now_s = START_S + 1.0 + half / 2
        if half in (30, 31):
            continue
        if half == 32:
            told = {"lost": 1000, "lost_low": 1000, "lost_high": 1000, "reason": "counter"}
            told |= {"stream": "exg", "generation": 1, "index": 15_000}
            writer.note(Note("gap", now_s, "left-calf", told))
        if half % 20 == 0:
            wall_s = WALL_S + now_s - START_S
            writer.note(Note("wall", now_s, None, {"wall_s": wall_s, "elapsed_s": None}))
        writer.samples(left, quiet(block(half * HALF, HALF, ppm=20.0)))
        writer.samples(accel, slow(half))
        writer.sync()
    writer.note(Note("marker", START_S + 11.0, None, {"text": "cramp, left calf"}))
    writer.sync()


def quiet(made: SampleBlock) -> SampleBlock:
    """Return the block with small numbers, so that the file is small."""
    return SampleBlock(made.index, made.device_s, made.arrival_s, made.raw >> 12, connection=1)


def slow(half: int) -> SampleBlock:
    """Return half a second of acceleration."""
    told = block(half * 25, 25)
    arrival_s = START_S + 1.0 + (half + 1) / 2 + 0.005
    raw = told.raw[:, [0, 0, 0]] >> 12
    raw[:, 2] += 1000
    return SampleBlock(told.index, told.index / 50.0, told.arrival_s * 0 + arrival_s, raw)


if __name__ == "__main__":
    main()
