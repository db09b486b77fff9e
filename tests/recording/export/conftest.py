"""Nights for the export tests: two sensors, off the grid, with holes."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace

import numpy as np
import pytest

from crampwatch.recording.model import ArraySource, Event, Night, Segment, Stream

START = datetime(2026, 3, 28, 23, 30, 12, 250_000)  # noqa: DTZ001


@pytest.fixture(scope="session")
def make():
    """Return the makers of streams and nights."""
    return SimpleNamespace(
        stream=stream, noise=noise, calf=calf, shin=shin, night=night, start=START
    )


def stream(label, segments, rate_hz=1000.0, **more):
    """Return a stream of integer arrays by their start."""
    axes = more.get("axes", ())
    gain = np.full(max(1, len(axes)), more.pop("gain", 0.1))
    options = {
        "kind": "acc" if axes else "emg",
        "unit": "g" if axes else "uV",
        "calibrated": True,
        "raw_limits": (-32768.0, 32767.0),
        "offset": np.zeros(len(gain)),
    } | more
    runs = tuple(
        Segment(at, ArraySource(v if v.ndim == 2 else v[:, None])) for at, v in segments
    )
    return Stream(label=label, rate_hz=rate_hz, segments=runs, gain=gain, **options)


def noise(count, seed=0, top=3000, axes=1, dtype=np.int16):
    return np.random.default_rng(seed).integers(-top, top, (count, axes)).astype(dtype)


def still(count, seed=0):
    """Three axes at rest: gravity along the third."""
    values = noise(count, seed, 20, 3)
    values[:, 2] += 8192
    return values


def calf(**more):
    """EMG whose clock is 70 ppm slow and off the grid, with a hole, and acceleration."""
    drifting = [(0.0123, noise(9_000, 1)), (11.0077, noise(5_000, 2))]
    motion = [(0.0, still(900, 3)), (11.0, still(512, 4))]
    return (
        stream("EMG L GM", drifting, 999.93, nominal_rate_hz=1000.0, side="left",
               placement="GM", **more),
        stream("ACC L shank", motion, 100.0, axes=("x", "y", "z"), gain=1 / 8192, side="left",
               placement="shank", **more),
    )  # fmt: skip


def shin(**more):
    """EMG of 24 bits on the grid."""
    values = [(0.0, noise(15_500, 5, 2**22, dtype=np.int32) // 1000)]
    return (
        stream("EMG R TA", values, 1000.0, gain=0.0223517, side="right", placement="TA",
               raw_limits=(-(2.0**23), 2.0**23 - 1), **more),
    )  # fmt: skip


EVENTS = (
    Event(2.0, 1.5, "cramp", "left", "EMG L GM"),
    Event(12.5, 0.0, "marker", extra={"text": "Peter woke me"}),
)


def night(streams=None, **more):
    return Night(
        streams=(*calf(sensor="left-calf"), *shin(sensor="right shin"))
        if streams is None
        else tuple(streams),
        **({"start": START, "events": EVENTS, "devices": ("Band 7788123",)} | more),
    )
