"""Nights to measure with: plain rest with bursts, made quickly and of any length."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from crampwatch.recording import Night, Segment, Stream
from crampwatch.recording.model import ArraySource
from crampwatch.recording.writers.edf import EdfSignal, write_edf

EMG_HZ = 1000.0
ACC_HZ = 100.0
STEP_UV = 0.1
STEP_G = 0.001
_LIMIT = 32767


def emg_raw(hours: float, seed: int) -> NDArray[np.int16]:
    """Return band-limited rest of 1.5 uV with a two-second burst every 25 s."""
    rng = np.random.default_rng(seed)
    n = round(hours * 3600.0 * EMG_HZ)
    spectrum = np.fft.rfft(rng.standard_normal(600_000))
    hz = np.fft.rfftfreq(600_000, 1.0 / EMG_HZ)
    spectrum *= (hz > 20.0) / (1.0 + (hz / 120.0) ** 4)
    rest = np.fft.irfft(spectrum)
    rest *= 15.0 / rest.std()
    raw = np.resize(rest, n)
    for second in range(20, int(n / EMG_HZ) - 30, 25):
        first = round(second * EMG_HZ)
        raw[first : first + 2000] *= 30.0
    return np.round(raw).astype(np.int16)


def acceleration_raw(hours: float, seed: int) -> NDArray[np.int16]:
    """Return three axes at rest, gravity on the last."""
    rng = np.random.default_rng(seed)
    raw = rng.standard_normal((round(hours * 3600.0 * ACC_HZ), 3)) * 5.0
    raw[:, 2] += 1000.0
    return np.round(raw).astype(np.int16)


def make_night(hours: float, n_emg: int = 2, n_acc: int = 2) -> Night:
    """Return a night in memory: EMG at 1 kHz, three-axis acceleration at 100 Hz."""
    sides = ("left", "right")
    streams = []
    for number in range(n_emg):
        side = sides[number % 2]
        muscle = ("TA", "GM")[number // 2 % 2]
        source = ArraySource(emg_raw(hours, number)[:, None])
        streams.append(
            Stream(
                label=f"EMG {side[0].upper()} {muscle}",
                kind="emg",
                rate_hz=EMG_HZ,
                unit="uV",
                segments=(Segment(0.0, source),),
                gain=np.array([STEP_UV]),
                offset=np.zeros(1),
                side="left" if side == "left" else "right",
                placement=muscle,
                calibrated=True,
                raw_limits=(-32768, _LIMIT),
            )
        )
    for number in range(n_acc):
        side = sides[number % 2]
        source = ArraySource(acceleration_raw(hours, 100 + number))
        streams.append(
            Stream(
                label=f"ACC {side[0].upper()} shank",
                kind="acc",
                rate_hz=ACC_HZ,
                unit="g",
                segments=(Segment(0.0, source),),
                gain=np.full(3, STEP_G),
                offset=np.zeros(3),
                axes=("x", "y", "z"),
                side="left" if side == "left" else "right",
                placement="shank",
                calibrated=True,
            )
        )
    return Night(tuple(streams))


def write_night_edf(path: Path, night: Night) -> None:
    """Write a night in memory as EDF+, one record a second."""
    from datetime import datetime

    signals, columns = [], []
    for stream in night.streams:
        source = stream.segments[0].source
        values = source.read(0, len(source))
        for axis in range(stream.n_axes):
            step = float(stream.gain[axis])
            letter = f" {'XYZ'[axis]}" if stream.axes else ""
            label = stream.label.removesuffix(" shank") + letter
            signals.append(
                EdfSignal(
                    label,
                    stream.unit,
                    -_LIMIT * step,
                    _LIMIT * step,
                    -_LIMIT,
                    _LIMIT,
                    round(stream.rate_hz),
                )
            )
            columns.append((values[:, axis], round(stream.rate_hz)))
    seconds = min(values.size // size for values, size in columns)
    blocks = (
        [values[first * size : (first + 60) * size] for values, size in columns]
        for first in range(0, seconds // 60 * 60, 60)
    )
    write_edf(path, signals, blocks, start=datetime(2000, 1, 1, 22), record_s=1.0)  # noqa: DTZ001
