"""Chunks of any size in, blocks on a fixed grid out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...recording.model import to_physical
from .grid import Grid

# Beyond this no sensor measures anything, and squares leave float32 behind.
_BEYOND_REASON = 1e12


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """One block of one segment, with its context.

    Attributes
    ----------
    start
        Index of the first sample of the block proper in its segment.
    n_samples
        Samples of the block proper; fewer than the grid's block at the end of a segment.
    values
        Physical values with context on both sides, shape ``(n_axes, n_fft)``, float32; the
        block proper begins at ``grid.left``.
    n_filled
        Samples of `values` that hold signal or its reflection; the rest is zero.
    marred
        Where the block proper lies within a cell of a raw number that was not finite, shape
        ``(grid.block,)``; None where there is none. `values` hold the last sound value there.
    """

    start: int
    n_samples: int
    values: NDArray[np.float32]
    n_filled: int
    marred: NDArray[np.bool_] | None


class BlockFeeder:
    """Cut one segment into blocks, whatever the chunks it comes in.

    Parameters
    ----------
    grid
        Lengths for the sampling rate.
    gain, offset
        From raw numbers to physical values, one for each axis.
    """

    def __init__(
        self, grid: Grid, gain: NDArray[np.float64], offset: NDArray[np.float64]
    ) -> None:
        self.grid = grid
        self._gain = gain
        self._offset = offset
        largest = np.abs(gain) * 2.0**31 + np.abs(offset)
        self._trusts_integers = bool(np.all(largest < _BEYOND_REASON))
        self._parts: list[NDArray[Any]] = []
        self._base = 0
        self._held = 0
        self._next = 0

    def feed(self, raw: NDArray[Any]) -> Iterator[Block]:
        """Take raw numbers, shape ``(n, n_axes)``, and yield the blocks they complete."""
        self._parts.append(raw)
        self._held += raw.shape[0]
        need = self.grid.block + self.grid.right
        while self._base + self._held >= self._next + need:
            yield self._cut(self.grid.block)

    def close(self) -> Iterator[Block]:
        """Yield what is left at the end of the segment."""
        while (left := self._base + self._held - self._next) > 0:
            yield self._cut(min(left, self.grid.block))

    def _cut(self, n_samples: int) -> Block:
        grid = self.grid
        held = self._joined()
        first = max(0, self._next - grid.left)
        last = min(self._base + self._held, self._next + grid.block + grid.right)
        raw = held[first - self._base : last - self._base]
        physical, marred = self._sound(raw, self._next - first)
        values = np.zeros((physical.shape[1], grid.n_fft), np.float32)
        at = grid.left - (self._next - first)
        wanted = grid.left + grid.block + grid.right
        values[:, at : at + physical.shape[0]] = physical.T
        _reflect(values, at, at + physical.shape[0], wanted)
        block = Block(self._next, n_samples, values, at + physical.shape[0], marred)
        self._next += n_samples
        self._drop_before(self._next - grid.left)
        return block

    def _sound(
        self, raw: NDArray[Any], at: int
    ) -> tuple[NDArray[np.float32], NDArray[np.bool_] | None]:
        """Return physical values without a NaN, and where the block proper is marred.

        Parameters
        ----------
        raw
            The block and its context, shape ``(n, n_axes)``.
        at
            Where the block proper begins in it.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            physical = to_physical(raw, self._gain, self._offset)
        if raw.dtype.kind in "iu" and self._trusts_integers:
            return physical, None
        sound = np.abs(physical) < _BEYOND_REASON
        bad: NDArray[np.bool_] = np.logical_not(np.all(sound, axis=1))
        if not bad.any():
            return physical, None
        held = np.maximum.accumulate(np.where(bad, -1, np.arange(bad.size)))
        first = int(np.argmin(bad))
        physical = physical[np.maximum(held, first)]
        if bad.all():
            physical = np.zeros_like(physical)
        return physical, self._near(bad, at)

    def _near(self, bad: NDArray[np.bool_], at: int) -> NDArray[np.bool_]:
        """Return the block proper of a mask, widened by a cell on either side."""
        grid = self.grid
        total = np.concatenate([[0], np.cumsum(bad)])
        place = at + np.arange(grid.block)
        low = np.clip(place - grid.cell, 0, bad.size)
        high = np.clip(place + grid.cell + 1, 0, bad.size)
        near: NDArray[np.bool_] = total[high] > total[low]
        return near

    def _joined(self) -> NDArray[Any]:
        if len(self._parts) > 1:
            self._parts = [np.concatenate(self._parts)]
        return self._parts[0]

    def _drop_before(self, index: int) -> None:
        drop = index - self._base
        if drop > 0:
            self._parts = [self._joined()[drop:]]
            self._base = index
            self._held -= drop


def _reflect(values: NDArray[np.float32], first: int, last: int, stop: int) -> None:
    """Fill the context beyond the ends of a segment by odd reflection, in place."""
    head = min(first, last - first - 1)
    if head > 0:
        mirror = values[:, first + 1 : first + 1 + head][:, ::-1]
        values[:, first - head : first] = 2 * values[:, first : first + 1] - mirror
    values[:, : first - head] = values[:, first - head : first - head + 1]
    tail = min(stop - last, last - first - 1)
    if tail > 0:
        mirror = values[:, last - 1 - tail : last - 1][:, ::-1]
        values[:, last : last + tail] = 2 * values[:, last - 1 : last] - mirror
    end = last + max(tail, 0)
    values[:, end:stop] = values[:, end - 1 : end]
