"""Muscle noise without motor units: white noise, or sparse pulses, with a moving spectrum."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Texture = Literal["gauss", "laplace", "sparse"]
Array = NDArray[np.float32]

_AT_ONCE = 2048
"""Blocks of the spectrum that are in memory together."""


def muscle_noise(
    rng: np.random.Generator,
    n: int,
    fs: float,
    corners: tuple[float, float] | NDArray[np.float64],
    texture: Texture = "gauss",
) -> Array:
    """Return `n` samples of noise whose power over all frequencies is one.

    What lies above ``fs / 2`` is lost, as behind an anti-alias filter.

    Parameters
    ----------
    corners
        Low and high corner of the spectrum of Shwedyk et al. (1977), Hz: one pair, or rows
        that are spread evenly over the noise, for a spectrum that moves.
    texture
        ``gauss``; ``laplace``, which is peaked because its power flickers within tens of
        milliseconds; ``sparse``, a few irregular trains of pulses over a weak noise.
    """
    size = _block(fs)
    hop = size // 2
    blocks = n // hop + 2
    white = _driver(rng, (blocks + 1) * hop, fs, texture)
    window = np.sqrt(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)).astype(np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(white, size)[::hop]
    rows = _spread(np.atleast_2d(np.asarray(corners, np.float64)), len(frames))
    f = np.fft.rfftfreq(size, 1 / fs).astype(np.float64)
    out = np.zeros((len(frames) + 1, hop), np.float32)
    for start in range(0, len(frames), _AT_ONCE):
        part = slice(start, min(start + _AT_ONCE, len(frames)))
        filtered = np.fft.rfft(frames[part] * window, axis=1)
        own = rows if len(rows) == 1 else rows[part]
        filtered *= _response(f, own, fs, odd=texture == "sparse")
        made = np.fft.irfft(filtered, size, axis=1).astype(np.float32) * window
        out[part] += made[:, :hop]
        out[start + 1 : part.stop + 1] += made[:, hop:]
    noise = out.ravel()[hop : hop + n]
    if texture == "laplace":
        noise *= _flicker(rng, n, fs)
    return noise


def _block(fs: float) -> int:
    return int(2 ** np.round(np.log2(0.25 * fs)))


def _spread(rows: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    if len(rows) == 1:
        return rows
    at, knots = np.linspace(0, len(rows) - 1, count), np.arange(len(rows))
    spread: NDArray[np.float64] = np.stack(
        [np.interp(at, knots, column) for column in rows.T], axis=1
    )
    return spread


def _response(
    f: NDArray[np.float64], corners: NDArray[np.float64], fs: float, *, odd: bool
) -> NDArray[np.complex64]:
    low, high = corners[:, :1], corners[:, 1:]
    grid = np.arange(0.5, 1500.0, 1.0)
    area = np.sum(_shwedyk(grid[None], low, high), axis=1, keepdims=True)
    gain = np.sqrt(_shwedyk(f[None], low, high) / area * fs / 2.0)
    response: NDArray[np.complex64] = (gain * (1j if odd else 1.0)).astype(np.complex64)
    return response


def _shwedyk(
    f: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64]
) -> NDArray[np.float64]:
    f2 = f * f
    power: NDArray[np.float64] = f2 / ((f2 + low**2) * (f2 + high**2) ** 2)
    return power


def _driver(rng: np.random.Generator, n: int, fs: float, texture: Texture) -> Array:
    white = rng.standard_normal(n, dtype=np.float32)
    if texture != "sparse":
        return white
    pulses = np.zeros(n, np.float32)
    for _ in range(int(rng.integers(1, 5))):
        mean = fs / rng.uniform(10.0, 28.0)
        steps = mean * rng.lognormal(0.0, rng.uniform(0.1, 0.35), int(1.2 * n / mean) + 5)
        at = np.cumsum(steps).astype(np.int64)
        pulses[at[at < n]] += rng.lognormal(0.0, 0.5) * (1.0 if rng.random() < 0.5 else -1.0)
    power = float(np.mean(pulses**2)) or 1.0
    mixed: Array = (0.95 * pulses / np.sqrt(power) + 0.3 * white).astype(np.float32)
    return mixed


def _flicker(rng: np.random.Generator, n: int, fs: float) -> Array:
    hold = max(2, round(0.015 * fs))
    power = np.sqrt(rng.exponential(1.0, n // hold + 2)).astype(np.float32)
    at = np.arange(n) / hold
    flicker: Array = np.interp(at, np.arange(len(power)), 1.1 * power).astype(np.float32)
    return flicker
