"""Mains pickup: found in the spectrum, followed in time, taken out as a sinusoid.

A notch filter rings: half a second around every strong burst, and the longer the narrower it
is. So the sinusoid itself is estimated, its amplitude and phase as running medians over many
seconds, which bursts of muscle cannot move. Where no line stands out, nothing is touched.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

MAINS_HZ = (50, 60)
_HALF_WIDTH_HZ = 0.6
_AROUND_HZ = 5.0
# Noise would reach this multiple of the median magnitude once in 10^19 bins.
_FACTOR = 8.0
_FRAME_S = 0.5
_MEDIAN_FRAMES = 11


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """Where one harmonic lies in the spectrum of a block.

    Attributes
    ----------
    mains_hz
        The mains it belongs to, 50 or 60.
    inside
        Bins in which the line must lie.
    around
        Bins beside it.
    """

    mains_hz: int
    inside: slice
    around: tuple[slice, slice]


def mains_lines(
    bins_per_hz: float, n_bins: int, band_hz: tuple[float, float]
) -> tuple[Line, ...]:
    """Return the harmonics of both mains that the band lets through."""
    lines = []
    for mains in MAINS_HZ:
        for harmonic in np.arange(mains, band_hz[1] + 10.0, mains):
            low = round((harmonic - _HALF_WIDTH_HZ) * bins_per_hz)
            high = round((harmonic + _HALF_WIDTH_HZ) * bins_per_hz) + 1
            reach = round(_AROUND_HZ * bins_per_hz)
            if high + reach < n_bins:
                around = (slice(low - reach, low), slice(high, high + reach))
                lines.append(Line(mains, slice(low, high), around))
    return tuple(lines)


def stands_out(spectrum: NDArray[np.complex64], line: Line, bins_per_hz: float) -> float | None:
    """Return the frequency of a line that stands out, Hz; None if it does not."""
    size = np.abs(spectrum[line.inside])
    peak = int(np.argmax(size))
    beside = np.concatenate([np.abs(spectrum[part]) for part in line.around])
    if size[peak] <= _FACTOR * np.median(beside):
        return None
    near = slice(max(0, peak - 3), peak + 4)
    power = size[near].astype(np.float64) ** 2
    centre = np.sum(power * np.arange(near.start, near.start + power.size)) / np.sum(power)
    return float((line.inside.start + centre) / bins_per_hz)


def sinusoid(
    signal: NDArray[np.float32], frequency_hz: float, rate_hz: float
) -> NDArray[np.float32]:
    """Return the steady sinusoid in a signal, whose amplitude and phase may change slowly.

    Parameters
    ----------
    signal
        Shape ``(n,)``, float32.
    frequency_hz
        Its frequency, Hz, to a few hundredths.
    rate_hz
        Sampling rate of the signal, Hz.
    """
    size = max(1, round(_FRAME_S * rate_hz))
    frames = signal.size // size
    if frames < 3:
        return np.zeros_like(signal)
    turn = np.exp(-2j * np.pi * frequency_hz / rate_hz * np.arange(signal.size)).astype(
        np.complex64
    )
    used = frames * size
    phasor = np.einsum(
        "ij,ij->i", signal[:used].reshape(frames, size), turn[:used].reshape(frames, size)
    ) * (2.0 / size)
    centres = size * (np.arange(frames) + 0.5)
    where = np.arange(signal.size)
    steady = [np.interp(where, centres, _running_median(p)) for p in (phasor.real, phasor.imag)]
    wave = steady[0] * turn.real + steady[1] * turn.imag
    return wave.astype(np.float32)


def _running_median(values: NDArray[np.float32]) -> NDArray[np.float64]:
    half = min(_MEDIAN_FRAMES, 2 * ((values.size - 1) // 2) + 1) // 2
    padded = np.pad(values.astype(np.float64), half, mode="reflect")
    return np.asarray(np.median(sliding_window_view(padded, 2 * half + 1), axis=1))
