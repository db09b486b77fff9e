"""How soon a suspected cramp is told while recording, and what the alert process costs.

``python benchmarks/alerts.py [--begin S] [--seconds S] [--seed N]``: in real time. Part of a
simulated night is written to a journal as two sensors would bring it (2 EMG at 2 kHz and
acceleration at 100 Hz each, a sync each half second), and the alert process follows it, on
its own, as beside a recording. Compared with the moment at which the same engine, which
has each sample at once and looks every tenth of a second, calls the same thing a cramp.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crampwatch.app.devices.resampling import Resampled
from crampwatch.app.judging import find_judge
from crampwatch.app.live.growing import GrowingNight
from crampwatch.app.record.alerts.process import AlertProcess
from crampwatch.app.record.alerts.settings import AlertSettings
from crampwatch.detection.engine.live import LiveEngine
from crampwatch.detection.settings import Settings
from crampwatch.firmware_bridge.host_clock import SystemClock
from crampwatch.recording.journal import (
    JournalHeader,
    JournalStream,
    JournalWriter,
    SampleBlock,
)
from crampwatch.recording.model import Night, Stream
from crampwatch.sample_data.simulator import simulate_night

EMG_HZ, ACC_HZ = 2000.0, 100.0
EMG_UV, ACC_G = 0.1, 0.001
PACKET_S = 0.02
DELAY_S = 0.01
SYNC_S = 0.5
SETTLED_S = 30.0

Numbers = NDArray[np.int32]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--begin", type=float, default=620.0)
    parser.add_argument("--seconds", type=float, default=260.0)
    parser.add_argument("--scenario", default="dense")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    night = simulate_night(given.scenario, given.seed, hours=1.0).night
    sources = _sources(night, given.begin, given.seconds)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "night.mcap"
        cost, begun, peak, heard = asyncio.run(_measure(path, sources, given.seconds))
        crossings = _crossings(path, sources, given.seconds)
        table = (path.parent / "alerts.tsv").read_text("utf-8").splitlines()
    print(f"{'alert process, share of one core':36}{cost:8.2%}")
    print(f"{'seconds of a core for its beginning':36}{begun:8.1f}")
    print(f"{'its memory at most, MB':36}{peak:8.0f}")
    print(f"{'heard by the recorder':36}{heard:8d}")
    names = table[0].split("\t")
    for line in table[1:]:
        row = dict(zip(names, line.split("\t"), strict=True))
        if row["kind"] != "cramp suspected" or row["result"] != "told":
            continue
        onset, told = float(row["onset"]), float(row["told_at"])
        crossed = [at for label, begun, at in crossings if label == row["channel"]
                   and abs(begun - onset) < 5.0]  # fmt: skip
        words = f"{row['channel']}: began {onset:.1f} s, told {told:.2f} s"
        if crossed:
            words += f", crossed {crossed[0]:.2f} s: {told - crossed[0]:.2f} s later"
        print(words)


def _sources(
    night: Night, begin_s: float, seconds: float
) -> list[tuple[JournalStream, Numbers]]:
    """Return the raw numbers of two sensors, already converted."""
    found = []
    for side in ("left", "right"):
        emg = [s for s in night.of_kind("emg") if s.side == side]
        [acc] = [s for s in night.of_kind("acc") if s.side == side]
        for name, kind, group, rate_hz, unit, step in (
            ("exg", "emg", emg, EMG_HZ, "uV", EMG_UV),
            ("accel", "acc", [acc], ACC_HZ, "g", ACC_G),
        ):
            raw = np.concatenate(
                [_cut(s, rate_hz, begin_s, seconds, step) for s in group], axis=1
            )
            count = raw.shape[1]
            muscles = tuple(s.placement for s in group) if kind == "emg" else ()
            stream = JournalStream(
                f"{side}-calf", name, kind,  # type: ignore[arg-type]
                tuple(f"ch{n + 1}_{unit}" for n in range(count)), unit, rate_hz,
                (step,) * count, (0.0,) * count, calibrated=True, device_clock=True,
                side=side, muscles=muscles, placement="calf",  # type: ignore[arg-type]
            )  # fmt: skip
            found.append((stream, raw))
    return found


def _cut(
    stream: Stream, rate_hz: float, begin_s: float, seconds: float, step: float
) -> Numbers:
    first, count = round(begin_s * rate_hz), round(seconds * rate_hz)
    values = Resampled(stream, rate_hz).read(first, count)
    return np.rint(np.nan_to_num(values) / step).astype(np.int32)


async def _measure(
    path: Path, sources: list[tuple[JournalStream, Numbers]], seconds: float
) -> tuple[float, float, float, int]:
    clock = SystemClock()
    header = JournalHeader(clock.wall(), clock.monotonic(), clock.awake_or_not())
    writer = JournalWriter(path, header)
    channels = [writer.open_stream(stream) for stream, _ in sources]
    settings = AlertSettings(on=True, bell=False, haptic=True)
    heard: list[Any] = []
    process = AlertProcess(
        path, ["left-calf", "right-calf"], settings, speed=1.0,
        hear=lambda kind, value: heard.append((kind, value)),
    )  # fmt: skip
    process.start()
    begin_s = time.monotonic()
    sent = 0
    spent = peak = settled = settled_s = 0.0
    while sent * PACKET_S < seconds:
        now_s = time.monotonic() - begin_s
        upto = min(int(now_s / PACKET_S), int(seconds / PACKET_S))
        for channel, (stream, raw) in zip(channels, sources, strict=True):
            _send(writer, (channel, stream, raw), sent, upto, begin_s)
        sent = upto
        await asyncio.to_thread(writer.sync)
        if process.pid is not None:
            spent, peak = _usage(process.pid)
            if not settled and now_s > SETTLED_S:
                settled, settled_s = spent, now_s
        left_s = begin_s + (int(now_s / SYNC_S) + 1) * SYNC_S - time.monotonic()
        await asyncio.sleep(max(0.0, left_s))
    took_s = time.monotonic() - begin_s
    await asyncio.to_thread(process.end)
    alerts = sum(kind == "alert" for kind, _ in heard)
    return (spent - settled) / (took_s - settled_s), settled, peak, alerts


def _send(
    writer: JournalWriter,
    source: tuple[int, JournalStream, Numbers],
    first: int,
    stop: int,
    begin_s: float,
) -> None:
    channel, stream, raw = source
    per = round(stream.rate_hz * PACKET_S)
    index = np.arange(first * per, stop * per)
    arrival = begin_s + DELAY_S + (index // per + 1) * PACKET_S
    block = SampleBlock(
        index, index / stream.rate_hz, np.minimum(arrival, time.monotonic()),
        raw[index[0] : index[-1] + 1] if len(index) else raw[:0], connection=1,
    )  # fmt: skip
    writer.samples(channel, block)


def _usage(pid: int) -> tuple[float, float]:
    """Return processor time, seconds, and largest memory, MB, of a process."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
        status = Path(f"/proc/{pid}/status").read_text("ascii")
    except OSError:
        return 0.0, 0.0
    ticks = int(fields[11]) + int(fields[12])
    [peak] = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")]
    return ticks / os.sysconf("SC_CLK_TCK"), int(peak) / 1024


def _crossings(
    path: Path, sources: list[tuple[JournalStream, Numbers]], seconds: float
) -> list[tuple[str, float, float]]:
    """Return label, onset and time of what the engine calls a cramp without any delay."""
    follower = GrowingNight(path)
    for _ in follower.poll():
        pass
    columns: dict[str, Callable[[int, int], Numbers]] = {}
    for stream, raw in sources:
        for each in follower.streams:
            if each.sensor != stream.sensor or (each.kind == "acc") != (stream.kind == "acc"):
                continue
            at = [stream.columns.index(name) for name in each.source_labels]
            columns[each.label] = lambda a, b, raw=raw, at=at: raw[a:b][:, at]
    settings = Settings()
    engine = LiveEngine(follower.streams, settings, find_judge(None, settings).judge)
    found, last = [], (0,) * len(follower.streams)
    measured: tuple[float, ...] = ()
    for tenth in range(1, int(seconds * 10)):
        now_s = tenth / 10.0
        upto = tuple(int(now_s * each.rate_hz) for each in follower.streams)
        for number, each in enumerate(follower.streams):
            engine.push(number, 0, 0.0, columns[each.label](last[number], upto[number]))
        last = upto
        if engine.measured_s == measured:
            continue
        measured = engine.measured_s
        for notice in engine.notices(now_s):
            event = notice.event
            if event.trial_type == "cramp":
                found.append((str(event.channel), event.onset, now_s))
    return found


if __name__ == "__main__":
    main()
