"""Raw numbers seen through a window or side by side, without copying them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .model import SampleSource, Segment


@dataclass(frozen=True, slots=True)
class Window:
    """Samples ``start`` to ``stop`` of another source."""

    source: SampleSource
    start: int
    stop: int

    def __len__(self) -> int:
        return self.stop - self.start

    def read(self, start: int, stop: int) -> NDArray[Any]:
        """Return samples of the window, shape ``(n, n_axes)``."""
        start, stop = clip(start, stop, len(self))
        return self.source.read(self.start + start, self.start + stop)


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Scalar sources of one length as the axes of a vector."""

    sources: tuple[SampleSource, ...]

    def __len__(self) -> int:
        return len(self.sources[0])

    def read(self, start: int, stop: int) -> NDArray[Any]:
        """Return samples of all axes, shape ``(n, n_axes)``."""
        return np.concatenate([source.read(start, stop) for source in self.sources], axis=1)


def clip(start: int, stop: int, length: int) -> tuple[int, int]:
    """Return `start` and `stop` brought into ``0 <= start <= stop <= length``."""
    start = min(max(start, 0), length)
    return start, min(max(stop, start), length)


def cut_out(
    segments: Sequence[Segment], rate_hz: float, holes: Sequence[tuple[float, float]]
) -> tuple[Segment, ...]:
    """Return the segments without the samples that begin inside a hole.

    Parameters
    ----------
    segments
        In order of time.
    rate_hz
        Sampling rate, Hz.
    holes
        Start and end, seconds from the start of the night, in order and not overlapping.
    """
    left: list[Segment] = []
    for segment in segments:
        begin = 0
        for start, end in holes:
            first = _index(start - segment.start_s, rate_hz, len(segment))
            last = _index(end - segment.start_s, rate_hz, len(segment))
            if last <= first:
                continue
            left.append(part(segment, rate_hz, begin, first))
            begin = last
        left.append(part(segment, rate_hz, begin, len(segment)))
    return tuple(segment for segment in left if len(segment))


def part(segment: Segment, rate_hz: float, start: int, stop: int) -> Segment:
    """Return samples ``start`` to ``stop`` of a segment at their time."""
    if start <= 0 and stop >= len(segment):
        return segment
    source = segment.source
    if isinstance(source, Window):
        window = replace(source, start=source.start + start, stop=source.start + stop)
    else:
        window = Window(source, start, max(start, stop))
    return Segment(segment.start_s + start / rate_hz, window)


def side_by_side(
    axes: Sequence[tuple[Segment, ...]], rate_hz: float
) -> tuple[Segment, ...] | None:
    """Return segments of a vector where all axes have samples, None if grids differ."""
    joined: list[Segment] = []
    places = [0] * len(axes)
    while all(place < len(axis) for place, axis in zip(places, axes, strict=True)):
        now = [axis[place] for place, axis in zip(places, axes, strict=True)]
        begin = max(segment.start_s for segment in now)
        ends = [segment.start_s + len(segment) / rate_hz for segment in now]
        offsets = [(begin - segment.start_s) * rate_hz for segment in now]
        if any(abs(offset - round(offset)) > 1e-3 for offset in offsets):
            return None
        first = [round(offset) for offset in offsets]
        count = min(len(segment) - at for segment, at in zip(now, first, strict=True))
        if count > 0:
            cut = [
                part(segment, rate_hz, at, at + count)
                for segment, at in zip(now, first, strict=True)
            ]
            joined.append(Segment(begin, SideBySide(tuple(each.source for each in cut))))
        soonest = min(ends)
        places = [
            place + (end <= soonest + 1e-3 / rate_hz)
            for place, end in zip(places, ends, strict=True)
        ]
    return tuple(joined)


def _index(seconds: float, rate_hz: float, length: int) -> int:
    place = seconds * rate_hz
    if place <= 0:
        return 0
    return length if place >= length else min(length, math.ceil(place - 1e-3))
