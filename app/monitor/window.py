"""Which part of the last minutes is shown, and how high."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from .board import BIN_S, Track

SPANS_S = (10.0, 30.0, 60.0, 120.0, 300.0, 600.0)
SHOWN_BINS = 500
"""Bins on the width of a window, whichever it is."""

FILLED = 0.44
"""Part of a row's height on each side of its middle that a signal may take."""

_LEAST_RANGE = {"emg": 10.0, "acc": 0.5}
_SHRINKS = 0.2


def together(span_s: float) -> int:
    """Return how many bins of the board are drawn as one."""
    return max(1, round(span_s / BIN_S / SHOWN_BINS))


def bin_at(time_s: float, span_s: float) -> int:
    """Return the first drawn bin that is not complete at a time."""
    return math.floor(time_s / (BIN_S * together(span_s)) + 1e-9)


def bin_times(first: int, stop: int, span_s: float) -> NDArray[np.float64]:
    """Return two times for each drawn bin: one for its smallest, one for its largest value."""
    width_s = BIN_S * together(span_s)
    return np.asarray((np.arange(2 * first, 2 * stop) + 0.5) * (width_s / 2.0), np.float64)


def heights(
    track: Track, first: int, stop: int, span_s: float, *, row: int, half: float
) -> NDArray[np.float32]:
    """Return smallest and largest value of each drawn bin as heights in the figure.

    Row ``k`` lies between ``-k - 1`` and ``-k``.

    Returns
    -------
    numpy.ndarray
        Shape ``(2 * (stop - first), n_axes)``, float32, NaN where nothing came.
    """
    low, high = track.bins.read(first, stop, together(span_s))
    both = np.stack([low, high], axis=1).reshape(-1, low.shape[1])
    limit = 1.06 * half
    drawn = np.clip(both, -limit, limit) * (FILLED / half) - (row + 0.5)
    return np.asarray(drawn, np.float32)


def largest(track: Track, first: int, stop: int, span_s: float) -> float:
    """Return the largest absolute value in a window; NaN where there is nothing."""
    low, high = track.bins.read(first, stop, together(span_s))
    found = np.fmax(np.abs(low), np.abs(high))
    return float(np.fmax.reduce(found, axis=None)) if found.size else math.nan


class Scale:
    """Half the height of a row in the unit of its signal: 1, 2 or 5 times a power of ten.

    It grows at once, and shrinks only where four fifths of it are empty.
    """

    def __init__(self, kind: str) -> None:
        self._least = least_range(kind)
        self.half = self._least

    def fit(self, value: float) -> bool:
        """Take the largest absolute value in the window; return whether the scale changed."""
        if not math.isfinite(value) or _SHRINKS * self.half <= value <= 0.96 * self.half:
            return False
        wanted = max(self._least, nice(1.05 * value))
        changed = wanted != self.half
        self.half = wanted
        return changed


def least_range(kind: str) -> float:
    """Return the smallest half height of a row: rest shall look like rest."""
    return _LEAST_RANGE.get(kind, 1e-3)


def nice(value: float) -> float:
    """Return 1, 2 or 5 times a power of ten that is not below a value."""
    if not value > 0.0:
        return 1e-9
    power = 10.0 ** math.floor(math.log10(value))
    steps = (power, 2.0 * power, 5.0 * power)
    return next((step for step in steps if step >= value * 0.9999), 10.0 * power)
