"""One lane of a virtual sensor: its samples in time, cut into frames."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .source import Feed, SampleSource
from .truth import Fate, StreamTruth, Truth
from .wire.model import Block, Carried, Lane, Raw, Run

EPSILON = 1e-6
"""Part of a sample by which floating point may be off."""

LATE = 2
"""Samples of a rider that may still be on their way into a frame."""


class Track:
    """Samples of one lane, from the making of the sensor on.

    Parameters
    ----------
    lane
        What is sampled.
    source
        Where the samples come from.
    truth
        Where their number is kept.
    """

    def __init__(self, lane: Lane, source: SampleSource, truth: Truth) -> None:
        self.lane = lane
        self.origin = 0  # number of the sample that the counter began with
        self.frame = 0  # next frame since then
        self.ended = False
        self.truths = tuple(
            truth.streams.setdefault(each.name, StreamTruth()) for each in lane.streams
        )
        self._feeds = tuple(Feed(source, each) for each in lane.streams)
        self._riders = tuple(
            _RiderTrack(Feed(source, rider.stream), rider.every, truth) for rider in lane.riders
        )

    @property
    def next(self) -> int:
        """Number of the first sample that is in no frame yet."""
        return int(self.origin + self.lane.first(self.frame))

    def taken_by(self, device_s: float) -> int:
        """Return how many samples have been taken by a time of the sensor's clock."""
        return int(np.floor(device_s * self.lane.rate_hz + EPSILON)) + 1

    def due(self, device_s: float) -> int:
        """Return how many frames are complete and not made yet."""
        if self.ended:
            return 0
        taken = self.taken_by(device_s) - self.origin
        return max(0, self.lane.frames(max(0, taken)) - self.frame)

    def ends_s(self, count: int) -> NDArray[np.float64]:
        """Return when each of the next frames is complete, seconds by the sensor's clock."""
        after = self.lane.first(np.arange(self.frame + 1, self.frame + count + 1))
        return np.asarray((self.origin + after - 1) / self.lane.rate_hz)

    def begin_anew(self, device_s: float, reason: Fate) -> None:
        """Let the counter begin with the next sample; what is in no frame yet is lost."""
        taken = self.taken_by(device_s)
        left = taken - self.next
        if left > 0 and not self.ended:
            first = self.next
            self._pull(left)
            self._lose(first, left, reason)
        self.origin, self.frame = max(taken, self.next), 0

    def skip(self, count: int, reason: Fate) -> None:
        """Lose the samples of the next frames."""
        first = self.next
        size = int(self.origin + self.lane.first(self.frame + count)) - first
        got, _ = self._pull(size)
        self.frame += count
        self._lose(first, got, reason)

    def runs(self, count: int, boot_s: float) -> Iterator[tuple[int, Run]]:
        """Yield the next frames in runs without what the source does not have.

        Each comes with the number of its first frame among those asked for.
        """
        first, begin = self.next, self.frame
        bounds = self.origin + self.lane.first(np.arange(begin, begin + count + 1)) - first
        got, parts = self._pull(int(bounds[-1]))
        if got < bounds[-1]:
            count = int(np.searchsorted(bounds, got, side="right")) - 1
            self.frame = begin + count
        else:
            self.frame = begin + count
        if count <= 0:
            return
        for each in self.truths:
            each.sampled += int(bounds[count])
        bad = np.isnan(parts[0]).any(axis=1)
        holed = np.logical_or.reduceat(bad, bounds[:count]) if bad.any() else None
        for start, stop in _stretches(holed, count):
            low, high = int(bounds[start]), int(bounds[stop])
            if holed is not None and holed[start]:
                self._lose(first + low, high - low, "source", sampled=True)
                continue
            blocks = {
                each.name: Block(first + low, each.raw(part[low:high]))
                for each, part in zip(self.lane.streams, parts, strict=True)
            }
            for rider in self._riders:
                blocks[rider.name] = rider.block(first + low, first + high)
            yield start, Run(begin + start, stop - start, blocks, boot_s)

    def riding(self, name: str, riding: Carried, until: int) -> Riding:
        """Return what became of a rider's samples, to be asked frame by frame."""
        rider = next(each for each in self._riders if each.name == name)
        return Riding(rider, riding, until)

    def _pull(self, size: int) -> tuple[int, list[NDArray[Any]]]:
        parts = [feed.take(size) for feed in self._feeds]
        got = len(parts[0])
        if got < size:
            self.ended = True
        return got, [_as_long(part, got) for part in parts]

    def _lose(self, first: int, count: int, reason: Fate, *, sampled: bool = False) -> None:
        for each in self.truths:
            if not sampled:
                each.sampled += count
            each.lose(first, count, reason)
        for rider in self._riders:
            rider.lose_until((first + count) // rider.every, reason)


class _RiderTrack:
    """A slower stream in the frames of a lane."""

    def __init__(self, feed: Feed, every: int, truth: Truth) -> None:
        self.every = every
        self.name = feed.stream.name
        self.truth = truth.streams.setdefault(self.name, StreamTruth())
        self.broken: dict[int, Fate] = {}
        self._feed = feed
        self._first = 0  # number of the first sample held
        self._next = 0  # number of the next one from the source
        self._held: Raw = np.empty((0, feed.stream.channels), np.int64)

    def block(self, start: int, stop: int) -> Block:
        """Return the samples that ride with samples `start` to `stop` of the lane."""
        first, after = start // self.every, (stop - 1) // self.every + 1
        self._held = self._held[first - self._first :]
        self._first = first
        if self._next < first:
            self._feed.skip(first - self._next)
            self._next = first
        if self._next < after:
            more = self._feed.stream.raw(self._feed.take(after - self._next))
            self._held = np.concatenate((self._held, more))
            self._next = after
        return Block(first, _as_long(self._held, after - first))

    def lose_until(self, number: int, reason: Fate) -> None:
        """Lose what was not accounted for before this number."""
        count = number - self.truth.sampled
        if count > 0:
            self.truth.lose(self.truth.sampled, count, reason)
            self.truth.sampled = number


class Riding:
    """Which samples of a rider are complete with which frame of a run."""

    def __init__(self, rider: _RiderTrack, riding: Carried, until: int) -> None:
        self._rider, self._until = rider, until
        rows = zip(
            riding.row.tolist(), riding.number.tolist(), riding.last.tolist(), strict=True
        )
        self._by_row = {row: (number, last) for row, number, last in rows}

    def fate(self, row: int, lost: Fate | None) -> tuple[StreamTruth, int, int] | None:
        """Tell what became of a frame, and return the sample that it completes, if any."""
        found = self._by_row.get(row)
        if found is None:
            return None
        rider, (number, last) = self._rider, found
        if lost is not None:
            rider.broken[number] = lost
        if not last:
            return None
        rider.lose_until(number, "not carried")
        reason = rider.broken.pop(number, None)
        rider.broken.clear()
        if number < rider.truth.sampled:
            return None
        rider.truth.sampled = number + 1
        if reason is not None:
            rider.truth.lose(number, 1, reason)
            return None
        return rider.truth, number, 1

    def done(self) -> None:
        """Take what has not ridden by now for not carried."""
        self._rider.lose_until(self._until // self._rider.every - LATE, "not carried")


def _as_long(part: NDArray[Any], size: int) -> NDArray[Any]:
    """Return as many rows as asked for; the last one goes on where the source has ended."""
    if len(part) >= size:
        return part[:size]
    last = part[-1:] if len(part) else np.zeros((1, part.shape[1]), part.dtype)
    return np.concatenate((part, np.repeat(last, size - len(part), axis=0)))


def _stretches(marks: NDArray[np.bool_] | None, count: int) -> Iterator[tuple[int, int]]:
    """Yield the stretches in which a mark stays the same."""
    if marks is None:
        yield 0, count
        return
    borders = [0, *(np.flatnonzero(np.diff(marks)) + 1).tolist(), count]
    yield from pairwise(borders)
