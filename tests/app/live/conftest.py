"""A band on a leg as its packets arrive: journals written step by step."""

from __future__ import annotations

import numpy as np
import pytest

from crampwatch.recording.journal import (
    JournalHeader,
    JournalStream,
    JournalWriter,
    Note,
    SampleBlock,
)

START_S = 5_000.0
HEADER = JournalHeader(1_790_000_000.0, START_S, zone="Europe/Berlin", utc_offset_s=7200)
RATE_HZ = 200.0
PACKET = 10
HALF = 100


def stream(sensor="left-calf", **changes) -> JournalStream:
    told = {
        "sensor": sensor,
        "stream": "exg",
        "kind": "emg",
        "columns": ("ch1_uV", "ch2_uV"),
        "unit": "uV",
        "rate_hz": RATE_HZ,
        "gain": (0.1, 0.1),
        "offset": (0.0, 0.0),
        "calibrated": True,
        "device_clock": True,
        "side": sensor.partition("-")[0],
        "muscles": ("GM", "TA"),
        "placement": "calf",
        "driver": "simulated",
        "title": "a simulated band",
    }
    return JournalStream(**{**told, **changes})


def acceleration(sensor="left-calf") -> JournalStream:
    return stream(
        sensor, stream="accel", kind="acc", columns=("x_g", "y_g", "z_g"), unit="g",
        gain=(0.001,) * 3, offset=(0.0,) * 3, muscles=(),
    )  # fmt: skip


def block(index, raw, *, ppm=0.0, connection=1, began_s=0.0, device_s=None, scale=1.0):
    """Return samples whose packets arrive a little after their last sample was taken."""
    index = np.asarray(index)
    last = (index // PACKET + 1) * PACKET - 1
    late_s = 0.004 + 0.001 * (last // PACKET % 7)
    arrival_s = START_S + 1.0 + began_s + last / RATE_HZ * (1.0 + ppm * 1e-6) + late_s
    device = 77.0 + index / RATE_HZ if device_s is None else device_s
    return SampleBlock(index, device, arrival_s, raw, scale, connection)


def rest_and_cramp(seconds: float, cramp_s: tuple[float, float], seed=1):
    """Return EMG of a muscle at rest with a sustained contraction in it, and the other one."""
    rng = np.random.default_rng(seed)
    count = int(seconds * RATE_HZ)
    level = np.full(count, 2.0)
    first, last = (int(each * RATE_HZ) for each in cramp_s)
    rise = int(3 * RATE_HZ)
    time = np.arange(count)
    inside = (time >= first) & (time < last)
    level[inside] += 78.0 * np.minimum(1.0, (time[inside] - first) / rise)
    emg = np.stack([level, np.full(count, 2.0)], 1) * rng.standard_normal((count, 2))
    return np.rint(emg / 0.1).astype(np.int32)


def still(seconds: float, seed=2):
    rng = np.random.default_rng(seed)
    count = int(seconds * RATE_HZ)
    return np.rint(rng.normal((0, 0, 1000), 3, (count, 3))).astype(np.int32)


class Band:
    """Writes a band's night, half a second at each call."""

    def __init__(self, path, seconds=60.0, cramp_s=(40.0, 55.0), **block_options):
        self.writer = JournalWriter(path, HEADER)
        self.emg, self.acc = rest_and_cramp(seconds, cramp_s), still(seconds)
        self.channels = [self.writer.open_stream(s) for s in (stream(), acceleration())]
        self.options = block_options
        self.halves = int(seconds * RATE_HZ) // HALF

    def half(self, number: int, lose=(), resend=()) -> None:
        """Write one half second; lost packets leave a gap, and come late when sent again."""
        index = np.arange(number * HALF, (number + 1) * HALF)
        kept = index[~np.isin(index // PACKET, lose)]
        for channel, raw in zip(self.channels, (self.emg, self.acc), strict=True):
            self.writer.samples(channel, block(kept, raw[kept], **self.options))
            if len(resend):
                late = np.concatenate([np.arange(p * PACKET, (p + 1) * PACKET) for p in resend])
                again = block(late, raw[late], **self.options)
                arrived = np.full(len(late), again.arrival_s.max() + 3.0)
                again = SampleBlock(
                    again.index, again.device_s, arrived, again.raw, 1.0, again.connection
                )
                self.writer.samples(channel, again)
        self.writer.sync()

    def note(self, kind, at_s, sensor=None, **data) -> None:
        self.writer.note(Note(kind, START_S + 1.0 + at_s, sensor, data))


@pytest.fixture
def bands():
    class Made:
        pass

    made = Made()
    for each in (stream, acceleration, block, rest_and_cramp, still, Band):
        setattr(made, each.__name__, staticmethod(each))
    made.HEADER, made.START_S, made.RATE_HZ, made.HALF = HEADER, START_S, RATE_HZ, HALF
    return made
