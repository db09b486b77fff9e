"""What the journal of a night costs, and what is left of it after a kill.

``python benchmarks/journal.py night [--hours H]``: two sensors, each 2 EMG channels at 2 kHz
and an accelerometer at 100 Hz, 16 bits, packets of 32 bytes with a jittering arrival. Written
as fast as it goes, in chunks of half a second, without waiting for the disk. Sizes are against
the raw integers of 2 bytes: for noise that fills all 16 bits (nothing can be smaller), for
quieter noise, and for two accelerometers at 50 Hz alone.

``python benchmarks/journal.py kills [--kills N]``: a recorder in real time, killed by SIGKILL
at random moments; what its journal still holds.
"""

from __future__ import annotations

import argparse
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from crampwatch.recording.journal import (
    JournalFiles,
    JournalHeader,
    JournalStream,
    JournalWriter,
    SampleBlock,
)
from crampwatch.recording.journal.follow import JournalFollower
from crampwatch.recording.journal.night import night_of
from crampwatch.recording.journal.reader import JournalReader
from crampwatch.recording.journal.recover import recover

SYNC_S = 0.5
EMG_HZ, ACC_HZ, SLOW_HZ = 2000.0, 100.0, 50.0
START_S = 1000.0
_NIGHTS = {
    "full": "noise of 16 bits",
    "quiet": "noise of 8 bits",
    "slow": "two accelerometers at 50 Hz alone, noise of 16 bits",
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("night", "kills", "recorder"))
    parser.add_argument("path", nargs="?")
    parser.add_argument("--hours", type=float, default=8.0)
    parser.add_argument("--kills", type=int, default=100)
    given = parser.parse_args()
    if given.what == "recorder":
        _recorder(given.path)
    elif given.what == "kills":
        _kills(given.kills)
    else:
        _night(given.hours)


def _night(hours: float) -> None:
    for what, told in _NIGHTS.items():
        print(f"| {hours:g} h, {told} | |")
        print("|---|---|")
        for name, value in _measured(hours, what).items():
            print(f"| {name} | {value} |", flush=True)


def _measured(hours: float, what: str) -> dict[str, str]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "night.mcap"
        writer = JournalWriter(path, JournalHeader(1.79e9, START_S), files=_Unsynced())
        kinds = (1,) if what == "slow" else (0, 1)
        sources = [_Source(writer, s, k, what) for s in ("left", "right") for k in kinds]
        spent, raw = 0.0, 0
        for half in range(round(hours * 3600 / SYNC_S)):
            blocks = [source.block(half) for source in sources]
            begun = time.process_time()
            for source, block in zip(sources, blocks, strict=True):
                writer.samples(source.channel, block)
                raw += block.raw.size * 2
            writer.sync()
            spent += time.process_time() - begun
        while_recording = writer.size
        torn = Path(folder) / "torn.mcap"
        shutil.copyfile(path, torn)
        begun = time.perf_counter()
        JournalFollower(path, back_s=0.0).close()
        following = time.perf_counter() - begun
        begun = time.process_time()
        writer.close()
        closing = time.process_time() - begun
        found = {
            "raw integers": f"{raw / 1e6:.0f} MB",
            "journal while recording": f"{while_recording / raw:.3f} x",
            "journal after a clean stop": f"{path.stat().st_size / raw:.3f} x",
            "writer, share of one core": f"{spent / hours / 3600:.2%}",
            "closing": f"{closing:.1f} s",
            "following from the end on": f"{following:.2f} s",
        }
        for name, place in (("closed", path), ("cut off", torn)):
            begun = time.perf_counter()
            night = night_of(place)
            found[f"opening, {name}"] = f"{time.perf_counter() - begun:.2f} s"
        begun = time.perf_counter()
        recover(torn, every_chunk=False)
        found["finishing one cut off"] = f"{time.perf_counter() - begun:.2f} s"
        begun = time.perf_counter()
        recover(path)
        found["every chunk checked"] = f"{time.perf_counter() - begun:.1f} s"
        begun = time.perf_counter()
        for stream in night_of(path).streams:
            for _ in stream.chunks(30.0):
                pass
        found["all samples read"] = f"{time.perf_counter() - begun:.1f} s"
        del night
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    found["peak memory so far"] = f"{peak:.0f} MB"
    return found


class _Unsynced(JournalFiles):
    """Leaves it to the system when the disk is written."""

    def fsync(self, handle: int) -> None:
        """Do nothing."""


class _Source:
    """One stream: noise in packets of 32 bytes (30 for the accelerometer)."""

    def __init__(self, writer: JournalWriter, side: str, kind: int, what: str) -> None:
        width = 3 if kind else 2
        self.rate_hz = (SLOW_HZ if what == "slow" else ACC_HZ) if kind else EMG_HZ
        self.packet = 5 if kind else 8
        self.channel = writer.open_stream(
            JournalStream(
                sensor=f"{side}-calf",
                stream="accel" if kind else "exg",
                kind="acc" if kind else "emg",
                columns=("x", "y", "z") if kind else ("ch1", "ch2"),
                unit="g" if kind else "uV",
                rate_hz=self.rate_hz,
                gain=(1e-3,) * width,
                offset=(0.0,) * width,
                device_clock=True,
                side="left" if side == "left" else "right",
            )
        )
        self._rng = np.random.default_rng((width, side == "left"))
        self._shape = round(self.rate_hz * SYNC_S), width
        self._noise = [self._made(what) for _ in range(40)]

    def block(self, half: int) -> SampleBlock:
        count = self._shape[0]
        index = np.arange(count) + half * count
        last = index // self.packet * self.packet + self.packet - 1
        late_s, raw = self._noise[half % len(self._noise)]
        arrival_s = np.round(START_S + last / self.rate_hz * (1 + 2e-5) + 0.01 + late_s, 9)
        return SampleBlock(index, index / self.rate_hz, arrival_s, raw, 1.0, 1)

    def _made(self, what: str) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
        """Return lateness and raw numbers of half a second; no chunk sees the one before."""
        count = self._shape[0]
        late_s = np.repeat(self._rng.exponential(0.003, count), self.packet)[:count]
        if what != "quiet":
            raw = self._rng.integers(-32768, 32768, self._shape)
        else:
            raw = np.rint(self._rng.normal(0.0, 50.0, self._shape))
        return late_s, raw.astype(np.int32)


def _recorder(path: str) -> None:
    """Record in real time, and say what was handed over."""
    writer = JournalWriter(path, JournalHeader(time.time(), time.monotonic()))
    source = _Source(writer, "left", 0, "full")
    begun = due = time.monotonic()
    half, part = 0, 0
    block = source.block(0)
    step = len(block) // 10
    while True:
        rows = slice(part * step, (part + 1) * step)
        writer.samples(
            source.channel,
            SampleBlock(
                block.index[rows], block.device_s[rows], block.arrival_s[rows], block.raw[rows]
            ),
        )
        print(half * len(block) + rows.stop, flush=True)
        part += 1
        if part == 10:
            half, part, block = half + 1, 0, source.block(half + 1)
        if time.monotonic() >= due:
            writer.sync()
            due += SYNC_S
        time.sleep(max(0.0, begun + (half * 10 + part) * SYNC_S / 10 - time.monotonic()))


def _kills(kills: int) -> None:
    rng = random.Random(1)
    lost, rows = [], []
    for number in range(kills):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "night.mcap"
            command = [sys.executable, __file__, "recorder", str(path)]
            with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
                first = child.stdout.readline() if child.stdout else ""
                moment = rng.uniform(0.0, 4.0)
                time.sleep(moment)
                child.send_signal(signal.SIGKILL)
                said = first + (child.stdout.read() if child.stdout else "")
            handed = int(said[: said.rfind("\n")].rsplit("\n", 1)[-1])
            begun = time.perf_counter()
            kept = _first_without_hole(path)
            opened = time.perf_counter() - begun
            lost.append((handed - kept) / EMG_HZ)
            rows.append((number + 1, moment, handed, kept, lost[-1], opened * 1e3))
    print("| kill | after s | handed over | in the journal | lost s | read in ms |")
    print("|---|---|---|---|---|---|")
    for row in rows:
        print("| {} | {:.2f} | {} | {} | {:.2f} | {:.0f} |".format(*row))
    print(f"\nlost: median {np.median(lost):.2f} s, most {max(lost):.2f} s; older holes: none")


def _first_without_hole(path: Path) -> int:
    """Return how many samples there are; they must be the first ones, each of them."""
    reader = JournalReader(path)
    index = [each.index for channel in reader.streams for each in reader.blocks(channel)]
    reader.close()
    found = np.concatenate(index) if index else np.empty(0, np.int64)
    if (found != np.arange(len(found))).any():
        raise SystemExit(f"{path}: an older sample is missing")
    return len(found)


if __name__ == "__main__":
    main()
