"""Samples of one sensor's stream, laid on the night as contiguous runs while they come."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...recording.journal.blocks import SampleBlock
from ...recording.journal.shapes import Part, Shape, parts_of, stream_of
from ...recording.journal.streams import JournalStream
from ...recording.model import Stream
from .clocks import rows_of

BEND_S = 0.2
"""Where the times of a run leave the nominal rate by more, another run begins."""


@dataclass(frozen=True, slots=True, eq=False)
class Laid:
    """Samples that follow on those before them, or begin a segment.

    Attributes
    ----------
    segment
        Number of the segment, from 0.
    start_s
        Host's monotonic time of the first sample of the segment.
    first
        Number of the first of these samples in its segment.
    rows
        Which rows of the block.
    """

    segment: int
    start_s: float
    first: int
    rows: slice


class Lane:
    """One stream of a sensor, over all its decoders.

    Late samples are passed over: the final score takes them, the live one does not look back.

    Parameters
    ----------
    told
        The stream as the journal describes it.
    scale
        Factor on the gain that its first block bears.
    first
        Number of the first of its streams in the night.

    Attributes
    ----------
    streams
        Its streams in the night, without segments.
    """

    def __init__(self, told: JournalStream, scale: float, first: int) -> None:
        self.told = told
        self.first = first
        self.parts: tuple[Part, ...] = tuple(parts_of(told))
        self.rate_hz = told.rate_hz
        self._shape = Shape(told, [scale])
        self.streams: tuple[Stream, ...] = tuple(
            stream_of(told, part, self._shape, told.rate_hz) for part in self.parts
        )
        self._channel = -1
        self._reached = -1
        self._segment = -1
        self._start_s = 0.0
        self._count = 0
        self._slept_s = 0.0
        self._broken = False

    def fresh(self, channel: int, block: SampleBlock) -> list[SampleBlock]:
        """Return what of a block is not late, cut where samples are missing.

        Parameters
        ----------
        channel
            Of the journal: running numbers begin anew with each.
        """
        reached = self._reached if channel == self._channel else _LOWEST
        before = np.maximum.accumulate(np.concatenate(([reached], block.index[:-1])))
        fresh = block.index > before
        if not fresh.any():
            return []
        if not fresh.all():
            block = rows_of(block, np.flatnonzero(fresh))
        cuts = np.flatnonzero(np.diff(block.index) != 1) + 1
        edges = [0, *cuts.tolist(), len(block)]
        return [rows_of(block, slice(a, b)) for a, b in pairwise(edges)]

    def put(
        self, channel: int, block: SampleBlock, taken_s: float, slept_s: float
    ) -> Laid | None:
        """Lay down contiguous samples; return where, None where none of them has a place.

        Parameters
        ----------
        channel, block
            As `fresh` returned them.
        taken_s
            Host's monotonic time at which the first of them was taken.
        slept_s
            How long the computer has slept so far in this night.
        """
        follows = (
            channel == self._channel
            and int(block.index[0]) == self._reached + 1
            and slept_s == self._slept_s
            and not self._broken
        )
        self._channel, self._reached = channel, int(block.index[-1])
        end_s = self._start_s + self._count / self.rate_hz
        if self._segment >= 0 and follows and abs(taken_s - end_s) <= BEND_S:
            return self._on(slice(0, len(block)))
        skip = 0
        if self._segment >= 0 and taken_s < end_s - BEND_S:
            # a device that is faster than it says: what would lie over other samples goes
            skip = int(np.ceil((end_s - taken_s) * self.rate_hz))
            if skip >= len(block):
                self._broken = True
                return None
            taken_s += skip / self.rate_hz
        self._segment += 1
        self._start_s = max(taken_s, end_s) if self._segment else taken_s
        self._count, self._slept_s, self._broken = 0, slept_s, False
        return self._on(slice(skip, len(block)))

    def values(self, block: SampleBlock, rows: slice, part: Part) -> NDArray[Any]:
        """Return raw numbers as one of `streams` scales them, shape ``(n, n_axes)``."""
        return self._shape.values(block.raw[rows], block.scale, part.columns)

    def _on(self, rows: slice) -> Laid:
        laid = Laid(self._segment, self._start_s, self._count, rows)
        self._count += rows.stop - rows.start
        return laid


_LOWEST = np.iinfo(np.int64).min // 2
