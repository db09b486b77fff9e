"""One stream of a journal as its blocks come: where they lie, and the clock they tell of."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ..clock.arrivals import Arrivals, packet_arrivals
from ..clock.line import CRYSTAL_PPM, SAMPLING_PPM
from ..clock.windowed import Kept, WindowedClock
from .blocks import BlockTimes
from .directory import Pieces

LARGEST_INDEX = 1 << 52
_AT_ONCE = 64
_WHOLE, _REAL = 7, 4

Whole = NDArray[np.int64]
Real = NDArray[np.float64]

NONE = np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a piece lies: chunk in the file, block in the chunk, rows in the block."""

    chunk: int
    at: int
    size: int
    row: int
    count: int


@dataclass(frozen=True, slots=True, eq=False)
class TrackPart:
    """What came of one stream since the last part.

    Attributes
    ----------
    whole
        Columns of the new pieces: chunk, at, size, row, index, count as in `Pieces`, and
        the number of packets.
    real
        Columns ``device_s``, ``last_s``, ``arrival_s``, ``scale`` as in `Pieces`.
    clock
        As it stands; its windows since the last part.
    """

    whole: tuple[Whole, ...]
    real: tuple[Real, ...]
    clock: Kept

    def __post_init__(self) -> None:
        lengths = {len(column) for column in (*self.whole, *self.real)}
        if (len(self.whole), len(self.real), len(lengths)) != (_WHOLE, _REAL, 1):
            raise ValueError("the columns of a stream do not fit")


class Breaks:
    """Running numbers from which samples count anew.

    A device's own clock bridges those where only the number of the lost ones is uncertain.
    """

    def __init__(self) -> None:
        self._certain, self._all = _Ordered(), _Ordered()
        self._new = array("q"), array("b")

    @property
    def certain(self) -> Whole:
        """Those that are certain, in order; good until the next is added."""
        return self._certain.values

    @property
    def all(self) -> Whole:
        """All, in order; good until the next is added."""
        return self._all.values

    def add(self, index: int, *, certain: bool) -> None:
        """Add one; what no journal can hold is passed over."""
        if abs(index) > LARGEST_INDEX:
            return
        self._all.add(index)
        if certain:
            self._certain.add(index)
        for column, value in zip(self._new, (index, certain), strict=True):
            column.append(value)

    def told(self) -> Iterator[tuple[int, bool]]:
        """Yield those that came since the last call, and whether they are certain."""
        new, self._new = self._new, (array("q"), array("b"))
        for index, certain in zip(*new, strict=True):
            yield index, bool(certain)


class Track:
    """One stream: where its pieces lie, and its clock.

    Parameters
    ----------
    stamped
        Whether the device stamps its samples.

    Attributes
    ----------
    clock
        As fed so far; `settle` first.
    """

    def __init__(self, *, stamped: bool) -> None:
        self._ppm = CRYSTAL_PPM if stamped else SAMPLING_PPM
        self.clock = WindowedClock(self._ppm)
        self._whole = tuple(array("q") for _ in range(_WHOLE))
        self._real = tuple(array("d") for _ in range(_REAL))
        self._key = (0, 0)
        self._waiting: list[Arrivals] = []

    def put(self, place: Place, times: BlockTimes, run: int) -> None:
        """Take a piece."""
        rows = slice(place.row, place.row + place.count)
        packets = packet_arrivals(times.device_s[rows], times.arrival_s[rows])
        whole = (
            place.chunk,
            place.at,
            place.size,
            place.row,
            int(times.index[place.row]),
            place.count,
            len(packets),
        )
        real = (
            float(times.device_s[rows.start]),
            float(times.device_s[rows.stop - 1]),
            float(times.arrival_s[rows.start]),
            times.scale,
        )
        for column, value in zip(self._whole, whole, strict=True):
            column.append(value)
        for numbers, number in zip(self._real, real, strict=True):
            numbers.append(number)
        self._feed(packets, (times.connection, run))

    def settle(self) -> None:
        """Hand what waits to the clock."""
        if not self._waiting:
            return
        device_s = np.concatenate([each.device_s for each in self._waiting])
        arrival_s = np.concatenate([each.arrival_s for each in self._waiting])
        self._waiting.clear()
        connection, run = self._key
        self.clock.add(device_s, arrival_s, connection=connection, run=run)

    def pieces(self, breaks: Whole) -> Pieces:
        """Return the pieces, their runs told apart by the numbers at which these begin."""
        chunk, at, size, row, index, count, _ = (whole(column) for column in self._whole)
        device_s, last_s, arrival_s, scale = (np.array(each, np.float64) for each in self._real)
        run = np.searchsorted(breaks, index, side="right").astype(np.int64)
        return Pieces(
            chunk, at, size, row, index, count, run, device_s, last_s, arrival_s, scale
        )

    def part(self) -> TrackPart:
        """Return what came since the last part, and hold it no longer."""
        self.settle()
        part = TrackPart(
            tuple(whole(column) for column in self._whole),
            tuple(np.array(column, np.float64) for column in self._real),
            self.clock.hand_over(),
        )
        for column in self._whole:
            del column[:]
        for numbers in self._real:
            del numbers[:]
        return part

    def add(self, parts: list[TrackPart]) -> None:
        """Take all parts of this stream; then the packets of `unsettled` again."""
        lows: list[Real] = []
        windows = 0
        for part in parts:
            if part.clock.first > windows:
                raise ValueError("windows of a clock are missing")
            for column, values in zip(self._whole, part.whole, strict=True):
                column.frombytes(values.tobytes())
            for numbers, reals in zip(self._real, part.real, strict=True):
                numbers.frombytes(reals.tobytes())
            lows = [each for each in lows if len(each)]
            rows = np.concatenate(lows)[: part.clock.first] if lows else part.clock.lows[:0]
            lows = [rows, part.clock.lows]
            windows = part.clock.windows
        last = parts[-1].clock
        kept = Kept(last.state, 0, np.concatenate(lows), last.found)
        self.clock = WindowedClock.resume(kept, self._ppm)
        self._key = int(last.opening.connection), int(last.opening.run)

    def unsettled(self) -> Iterator[tuple[Place, int]]:
        """Yield the pieces of the window that is open, and how many packets to pass over."""
        seen = int(self.clock.opening.seen)
        upto = np.cumsum(whole(self._whole[6]))
        first = bisect_right(upto, seen)
        for number in range(first, len(upto)):
            chunk, at, size, row, _, count, packets = (column[number] for column in self._whole)
            passed = max(0, seen - (int(upto[number]) - packets))
            yield Place(chunk, at, size, row, count), passed

    def again(self, place: Place, times: BlockTimes, passed: int) -> None:
        """Hand a piece of `unsettled` to the clock."""
        rows = slice(place.row, place.row + place.count)
        packets = packet_arrivals(times.device_s[rows], times.arrival_s[rows])
        rest = Arrivals(packets.device_s[passed:], packets.arrival_s[passed:])
        self._feed(rest, self._key)

    def _feed(self, packets: Arrivals, key: tuple[int, int]) -> None:
        if key != self._key or len(self._waiting) >= _AT_ONCE:
            self.settle()
            self._key = key
        self._waiting.append(packets)


def runs(index: Whole, breaks: Whole) -> list[tuple[int, int, int]]:
    """Return first row, last row and run of the samples whose numbers count up by one."""
    count = len(index)
    run = int(np.searchsorted(breaks, index[0], side="right"))
    straight = count == 1 or bool((index[1:] - index[:-1] == 1).all())
    if straight and (run == len(breaks) or int(breaks[run]) > int(index[-1])):
        return [(0, count, run)]
    found = np.searchsorted(breaks, index, side="right")
    ends = np.flatnonzero((np.diff(index) != 1) | (np.diff(found) != 0)) + 1
    return [
        (first, stop, int(found[first])) for first, stop in pairwise((0, *ends.tolist(), count))
    ]


def whole(column: array[int]) -> Whole:
    """Return a column as numbers of its own."""
    return np.array(column, np.int64)


class _Ordered:
    """Different numbers in order, most of which come in order."""

    def __init__(self) -> None:
        self._room = np.empty(0, np.int64)
        self._count = 0

    @property
    def values(self) -> Whole:
        return self._room[: self._count]

    def add(self, value: int) -> None:
        count = self._count
        at = int(np.searchsorted(self.values, value))
        if at < count and self._room[at] == value:
            return
        if count == len(self._room):
            self._room = np.concatenate((self._room, np.empty(max(16, count // 2), np.int64)))
        self._room[at + 1 : count + 1] = self._room[at:count]
        self._room[at] = value
        self._count += 1
