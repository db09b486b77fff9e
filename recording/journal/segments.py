"""Contiguous runs of a stream, placed on the night and read from the journal on demand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..model import Segment
from .cache import BlockCache, RawBlock
from .directory import Pieces

BEND_S = 0.05
"""A run whose true times leave the straight line by more is cut in two."""

Numbers = NDArray[Any]
Real = NDArray[np.float64]
Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """Pieces whose running numbers follow on each other.

    Attributes
    ----------
    pieces
        Numbers of the pieces, in order.
    skip
        Rows at the beginning of each that an earlier piece holds already.
    first
        Place of each one's first sample from the beginning of the stretch.
    count
        Samples.
    """

    pieces: Whole
    skip: Whole
    first: Whole
    count: int


def stretches(pieces: Pieces) -> list[Stretch]:
    """Return the contiguous runs of a stream in the order of its running numbers.

    Samples sent again take their place; what came twice is taken once.
    """
    order = np.lexsort((pieces.count, pieces.index, pieces.run))
    index, run = pieces.index[order], pieces.run[order]
    end = index + pieces.count[order]
    reached = _reached(end, run)
    skip = np.clip(reached - index, 0, None)
    fresh = index + skip < end
    order, index, run, end = order[fresh], index[fresh], run[fresh], end[fresh]
    skip, reached = skip[fresh], reached[fresh]
    if not len(order):
        return []
    begins = np.flatnonzero((index > reached) | (np.diff(run, prepend=run[0] - 1) != 0))
    found = []
    for first, stop in zip(begins, np.append(begins[1:], len(order)), strict=True):
        part = slice(first, stop)
        at = index[part] + skip[part] - index[first] - skip[first]
        count = int(end[stop - 1] - index[first] - skip[first])
        found.append(Stretch(order[part], skip[part], at, count))
    return found


def place(stretch: Stretch, times_s: Real, rate_hz: float) -> list[tuple[float, Stretch]]:
    """Return where a stretch begins, cut where its times are no straight line.

    Parameters
    ----------
    stretch
        Contiguous samples.
    times_s
        Shape ``(n, 2)``: times of the first and last sample of every piece of the stream.
    rate_hz
        Rate that times within the stretch are computed with.
    """
    firsts = times_s[stretch.pieces, 0] + (stretch.skip - stretch.first) / rate_hz
    last = float(times_s[stretch.pieces[-1], 1]) - (stretch.count - 1) / rate_hz
    if len(firsts) < 2 or np.ptp(firsts) <= BEND_S:
        begin = float(firsts[0])
        return [((begin + last) / 2 if abs(last - begin) <= BEND_S else begin, stretch)]
    middle = len(firsts) // 2
    return [found for part in _cut(stretch, middle) for found in place(part, times_s, rate_hz)]


def rate_of(found: list[Stretch], times_s: Real) -> tuple[float, float]:
    """Return how many samples were taken in how many seconds, by the mapped times."""
    samples = seconds = 0.0
    for each in found:
        span = float(times_s[each.pieces[-1], 1] - times_s[each.pieces[0], 0])
        if span > 0:
            samples += each.count - 1 + int(each.skip[0])
            seconds += span
    return samples, seconds


@dataclass(frozen=True, slots=True, eq=False)
class JournalSource:
    """The raw numbers of one stretch, some of its columns, read when they are asked for.

    Attributes
    ----------
    cache
        Reads blocks and keeps some.
    pieces
        Of the stream.
    stretch
        What part of it.
    columns
        Which columns, in order.
    scale
        Factor that the gain of the night's stream already holds; blocks with another one
        are brought to it.
    mixing
        Matrix, shape ``(n, n)``, and vector, shape ``(n,)``, that turn all columns into the
        axes of the case, or None.
    """

    cache: BlockCache
    pieces: Pieces
    stretch: Stretch
    columns: tuple[int, ...]
    scale: float
    mixing: tuple[Real, Real] | None = None
    exact: bool = field(default=True)

    def __len__(self) -> int:
        return self.stretch.count

    def read(self, start: int, stop: int) -> Numbers:
        """Return raw numbers, shape ``(stop - start, n_columns)``.

        Raises
        ------
        RecordingError
            The journal was damaged since it was opened.
        """
        stop = min(max(stop, 0), len(self))
        start = min(max(start, 0), stop)
        parts = list(self._parts(start, stop))
        if len(parts) == 1:
            return parts[0]
        if not parts:
            kind = np.int32 if self.exact and self.mixing is None else np.float64
            return np.empty((0, len(self.columns)), kind)
        return np.concatenate(parts)

    def _parts(self, start: int, stop: int) -> Iterator[Numbers]:
        first, at = self.stretch.first, start
        number = int(np.searchsorted(first, start, side="right")) - 1
        while at < stop:
            end = int(first[number + 1]) if number + 1 < len(first) else len(self)
            piece = int(self.stretch.pieces[number])
            shift = int(self.pieces.row[piece] + self.stretch.skip[number] - first[number])
            upto = min(end, stop)
            yield self._values(self._block(piece), slice(at + shift, upto + shift))
            at, number = upto, number + 1

    def _block(self, piece: int) -> RawBlock:
        table = self.pieces
        return self.cache.block(
            int(table.chunk[piece]), int(table.at[piece]), int(table.size[piece])
        )

    def _values(self, block: RawBlock, rows: slice) -> Numbers:
        factor = None if self.exact else block.scale / self.scale
        return columns_of(block.raw[rows], block.scale, self.columns, factor, self.mixing)


def columns_of(
    raw: Numbers,
    scale: float,
    columns: tuple[int, ...],
    factor: float | None = None,
    mixing: tuple[Real, Real] | None = None,
) -> Numbers:
    """Return some columns of a sensor's raw numbers as a stream of the night holds them.

    Parameters
    ----------
    raw
        All columns, shape ``(n, n_columns)``.
    scale
        Factor on the gain that they bear.
    columns
        Which columns, in order.
    factor
        Brings them to the gain of the stream; None where they bear it as they are.
    mixing
        As in `JournalSource`.
    """
    if mixing is not None:
        matrix, more = mixing
        return np.asarray(np.einsum("nj,ij->ni", raw * scale, matrix) + more)
    taken = raw[:, columns]
    return taken if factor is None else taken * factor


def segments_of(
    placed: list[tuple[float, JournalSource]], rate_hz: float
) -> tuple[Segment, ...]:
    """Return segments in order of time; none begins before the one before it ends."""
    found: list[Segment] = []
    end = 0.0
    for start_s, source in sorted(placed, key=lambda each: each[0]):
        begin = max(start_s, end)
        found.append(Segment(begin, source))
        end = begin + len(source) / rate_hz
    return tuple(found)


def _reached(end: Whole, run: Whole) -> Whole:
    """Return for each piece the highest number that those before it in its run reach."""
    reached = np.empty(len(end), np.int64)
    lowest = np.iinfo(np.int64).min // 2
    for number in np.unique(run):
        here = np.flatnonzero(run == number)
        highest = np.maximum.accumulate(end[here])
        reached[here] = np.concatenate(([lowest], highest[:-1]))
    return reached


def _cut(stretch: Stretch, at: int) -> tuple[Stretch, Stretch]:
    begin = int(stretch.first[at])
    return (
        Stretch(stretch.pieces[:at], stretch.skip[:at], stretch.first[:at], begin),
        Stretch(
            stretch.pieces[at:], stretch.skip[at:], stretch.first[at:] - begin,
            stretch.count - begin,
        ),
    )  # fmt: skip
