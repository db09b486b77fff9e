"""Least and greatest values of a signal at ever coarser steps, kept on the disk.

Any stretch of the night is drawn from about as many values as the screen has columns. Below
sixteen samples a column the signal itself is read.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .signals import Samples, Signal

BASE = 16
"""Samples in a value of the finest level."""
STEP = 8
"""Values in one of the next level."""

_COARSEST = 2048
_BLOCK = 1 << 17
_RAW_PER_BIN = 3.0


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """A stretch of a signal, to be drawn.

    Attributes
    ----------
    time_s
        Middle of each bin, or the time of each sample, seconds; shape ``(n,)``.
    low, high
        Least and greatest value in each bin, shape ``(n, n_axes)``, float32; NaN where
        nothing was recorded. Equal where samples are shown one by one.
    raw
        Whether samples are shown one by one.
    """

    time_s: NDArray[np.float64]
    low: Samples
    high: Samples
    raw: bool


def level_names(n_samples: int) -> list[str]:
    """Return the names of the files of the levels of a signal, the finest first."""
    return [f"level{number}.npy" for number in range(_n_levels(n_samples))]


def build(
    signal: Signal, folder: Path, prefix: str, progress: Callable[[float], None] | None = None
) -> None:
    """Write the levels of a signal into a folder.

    Memory is bounded: the finest level is a file from the start.

    Parameters
    ----------
    signal
        The signal, read once from its start to its end.
    folder
        Where to write; the caller puts it into place.
    prefix
        Beginning of the names of the files.
    progress
        Called with the part done, from 0 to 1.
    """
    names = level_names(len(signal))
    if not names:
        return
    count = -(-len(signal) // BASE)
    shape = (count, signal.n_axes, 2)
    finest = _create(folder / f"{prefix}{names[0]}", shape)
    for first in range(0, len(signal), _BLOCK):
        stop = min(first + _BLOCK, len(signal))
        reduced = _extremes(signal.read(first, stop), BASE)
        finest[first // BASE : first // BASE + len(reduced)] = reduced
        if progress is not None:
            progress(stop / len(signal))
    below: NDArray[np.float32] = finest
    for name in names[1:]:
        level = _create(folder / f"{prefix}{name}", (-(-len(below) // STEP), *shape[1:]))
        for at in range(0, len(below), _BLOCK):
            part = _coarser(below[at : at + _BLOCK], STEP)
            level[at // STEP : at // STEP + len(part)] = part
        level.flush()
        below = level
    finest.flush()


class Pyramid:
    """A signal with its levels.

    Parameters
    ----------
    signal
        The signal.
    levels
        Arrays of shape ``(n, n_axes, 2)``, float32, the finest first, as `build` wrote them.
    """

    def __init__(self, signal: Signal, levels: Sequence[NDArray[np.float32]]) -> None:
        self.signal = signal
        self._levels = tuple(levels)

    @classmethod
    def load(cls, signal: Signal, folder: Path, prefix: str) -> Pyramid:
        """Open the levels that `build` wrote.

        Raises
        ------
        ValueError
            A file is missing, cut off, or belongs to another signal.
        """
        levels = []
        count = -(-len(signal) // BASE)
        for name in level_names(len(signal)):
            try:
                level = np.load(folder / f"{prefix}{name}", mmap_mode="r", allow_pickle=False)
            except (OSError, EOFError) as error:
                raise ValueError(f"{prefix}{name} cannot be read") from error
            if level.shape != (count, signal.n_axes, 2) or level.dtype != np.float32:
                raise ValueError(f"{prefix}{name} belongs to another signal")
            levels.append(level)
            count = -(-count // STEP)
        return cls(signal, levels)

    def stretch(self, start_s: float, end_s: float, n_bins: int) -> Stretch:
        """Return what a window of the night looks like.

        Parameters
        ----------
        start_s, end_s
            Window, seconds from the start of the night.
        n_bins
            About how many columns the screen has for it; bins lie on a fixed grid, so that
            they do not flicker while the window moves.
        """
        rate = self.signal.rate_hz
        first = min(max(0, math.floor(start_s * rate) - 1), len(self.signal))
        stop = max(first, min(len(self.signal), math.ceil(end_s * rate) + 2))
        wanted = max(1.0, (end_s - start_s) * rate / max(1, n_bins))
        if wanted < _RAW_PER_BIN:
            values = self.signal.read(first, stop)
            times = np.arange(first, stop, dtype=np.float64) / rate
            return Stretch(times, values, values, raw=True)
        factor, level = 1, -1
        while level + 1 < len(self._levels) and BASE * STEP ** (level + 1) <= wanted:
            level += 1
            factor = BASE * STEP**level
        group = max(1, round(wanted / factor))
        width = group * factor
        begin, end = first // width, -(-stop // width)
        if level < 0:
            reach = min(end * width, len(self.signal))
            reduced = _extremes(self.signal.read(begin * width, reach), width)
        else:
            part = np.asarray(self._levels[level][begin * group : end * group])
            reduced = _coarser(part, group)
        number = np.arange(begin, begin + len(reduced), dtype=np.float64)
        middle = (number + 0.5) * (width / rate)
        return Stretch(middle, reduced[:, :, 0], reduced[:, :, 1], raw=False)


def _n_levels(n_samples: int) -> int:
    count, levels = -(-n_samples // BASE), 0
    while count > 0:
        levels += 1
        if count <= _COARSEST:
            break
        count = -(-count // STEP)
    return levels


def _create(
    path: Path, shape: tuple[int, ...]
) -> np.memmap[tuple[int, ...], np.dtype[np.float32]]:
    return np.lib.format.open_memmap(path, "w+", np.dtype(np.float32), shape)


def _extremes(values: Samples, width: int) -> NDArray[np.float32]:
    """Return least and greatest of each `width` samples, shape ``(n, n_axes, 2)``."""
    pairs = np.broadcast_to(values[:, :, None], (*values.shape, 2))
    return _coarser(pairs, width)


def _coarser(pairs: NDArray[np.float32], width: int) -> NDArray[np.float32]:
    whole = len(pairs) // width * width
    n_axes = pairs.shape[1]
    found = np.empty((-(-len(pairs) // width), n_axes, 2), np.float32)
    for axis in range(n_axes):
        for side, least in enumerate((True, False)):
            column = np.ascontiguousarray(pairs[:, axis, side])
            rows = column[:whole].reshape(-1, width)
            found[: len(rows), axis, side] = _reduce(rows, least=least)
            if whole < len(pairs):
                found[-1, axis, side] = _reduce(column[None, whole:], least=least)[0]
    return found


def _reduce(rows: NDArray[np.float32], *, least: bool) -> NDArray[np.float32]:
    """Return least or greatest of each row; NaN only where a row holds nothing else."""
    found: NDArray[np.float32] = rows.min(axis=1) if least else rows.max(axis=1)
    holed = np.flatnonzero(np.isnan(found))
    if holed.size:
        reduce = np.fmin.reduce if least else np.fmax.reduce
        found[holed] = reduce(rows[holed], axis=1)
    return found
