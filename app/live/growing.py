"""A journal that is still being written, as a night that goes on: streams, samples, notes.

What comes out depends on what the journal holds and not on when it was looked at: times are
the causal ones, and steps end at fixed times by the host's clock.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ...recording.assemble import with_own_labels
from ...recording.journal.blocks import SampleBlock
from ...recording.journal.follow import JournalFollower
from ...recording.journal.header import JournalHeader
from ...recording.journal.notes import Note
from ...recording.journal.shapes import family_of
from ...recording.journal.streams import JournalStream
from ...recording.model import Stream
from .clocks import AHEAD_S, Breaks, StreamClock, rows_of
from .lanes import Laid, Lane
from .night_time import NightTime

STEP_S = 0.5
"""Length of a step by the host's clock; samples that arrived in it come together."""


class Following(Protocol):
    """What a night comes from: a journal on the disk, or sensors; see `JournalFollower`."""

    @property
    def header(self) -> JournalHeader | None:
        """Start of the night, None before it is known."""
        ...

    @property
    def streams(self) -> Mapping[int, JournalStream]:
        """Streams by channel."""
        ...

    @property
    def ended(self) -> bool:
        """Whether nothing comes any more."""
        ...

    def chunks(self) -> Iterator[list[Note | tuple[int, SampleBlock]]]:
        """Yield what came since the last call."""
        ...

    def close(self) -> None:
        """Give up what is held."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """Samples of one stream of the night that follow on each other.

    Attributes
    ----------
    stream
        Number of the stream.
    segment, start_s
        Number of its segment, and time of that segment's first sample, seconds of the night.
    first
        Number of the first of these samples in its segment.
    raw
        Raw numbers, shape ``(n, n_axes)``.
    """

    stream: int
    segment: int
    start_s: float
    first: int
    raw: NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """What came in one step of the night.

    Attributes
    ----------
    now_s
        Its end, seconds of the night.
    host_s
        The same by the host's monotonic clock.
    chunks
        Samples in the order in which the detector takes them.
    notes
        Time of night, seconds, and note.
    """

    now_s: float
    host_s: float
    chunks: tuple[Chunk, ...] = ()
    notes: tuple[tuple[float, Note], ...] = ()


@dataclass(slots=True)
class _Waiting:
    """What was read and lies in a later step."""

    blocks: list[tuple[int, SampleBlock]] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


class GrowingNight:
    """Follows the journal of a night; never disturbs who writes it.

    Memory does not grow with the night.

    Parameters
    ----------
    source
        The journal, or what is followed in its place.
    back_s
        Where to begin in a journal: so many seconds before its newest sample, or None for the
        beginning of the night. Times are those of the whole night all the same.

    Attributes
    ----------
    streams
        Streams of the night so far, named as the stored night will name them; rates are the
        nominal ones, and there are no segments. More may come, none goes.

    Raises
    ------
    RecordingError
        It cannot be read, or is no journal.
    """

    def __init__(
        self, source: str | os.PathLike[str] | Following, *, back_s: float | None = None
    ) -> None:
        self.streams: tuple[Stream, ...] = ()
        self._first_s: float | None = None
        if isinstance(source, str | os.PathLike):
            self._first_s = None if back_s is None else _first_sample_s(source)
            self._follower: Following = JournalFollower(source, back_s=back_s)
        else:
            self._follower = source
        self._time: NightTime | None = None
        self._newest_s = -math.inf
        self._ended_s = -math.inf
        self._waiting = _Waiting()
        self._breaks = Breaks()
        self._families: dict[str, Lane] = {}
        self._lanes: dict[int, Lane] = {}
        self._clocks: dict[int, StreamClock] = {}

    @property
    def ended(self) -> bool:
        """Whether the journal was closed: nothing comes any more."""
        return self._follower.ended

    @property
    def simulated(self) -> bool:
        """Whether any of the signals says that it is simulated."""
        told = self._follower.streams.values()
        return any("simulat" in f"{each.driver} {each.title}".lower() for each in told)

    @property
    def first_s(self) -> float | None:
        """Host's monotonic time of the first sample, None before it came."""
        return None if self._time is None else self._time.start_s

    @property
    def start(self) -> datetime | None:
        """When the night began by the clock on the wall; None before the first sample."""
        return None if self._time is None else self._time.start

    def time_of(self, monotonic_s: float) -> float:
        """Return the time of night of a time by the host's monotonic clock; NaN at first."""
        return math.nan if self._time is None else self._time.of(monotonic_s)

    def poll(self) -> Iterator[Step]:
        """Yield the steps that are over since the last call.

        Raises
        ------
        RecordingError
            The journal is of a later version, or hostile.
        """
        for chunk in self._follower.chunks():
            for item in chunk:
                if isinstance(item, Note):
                    self._waiting.notes.append(item)
                    if item.kind == "wall":
                        self._see(item.at_s)
                else:
                    self._waiting.blocks.append(item)
                    self._see(float(np.fmax.reduce(item[1].arrival_s)))
            yield from self._steps()

    def rest(self) -> Iterator[Step]:
        """Yield what came after the last step that was over: for a night that has ended."""
        if self._time is not None and self._newest_s >= self._ended_s:
            self._ended_s = math.nextafter(self._newest_s, math.inf)
            yield self._step(self._ended_s, self._time)

    def close(self) -> None:
        """Close the journal."""
        self._follower.close()

    def _see(self, arrival_s: float) -> None:
        if math.isfinite(arrival_s):
            self._newest_s = max(self._newest_s, arrival_s)

    def _steps(self) -> Iterator[Step]:
        header = self._follower.header
        if header is None or not math.isfinite(self._newest_s):
            return
        if self._time is None:
            self._time = NightTime(header)
            self._time.start_s = self._first_s
            self._ended_s = header.monotonic_s
        last = math.floor((self._newest_s - header.monotonic_s) / STEP_S)
        while True:
            until_s = self._next_end(header.monotonic_s, last)
            if until_s <= self._ended_s:
                return
            self._ended_s = until_s
            yield self._step(until_s, self._time)

    def _next_end(self, begin_s: float, last: int) -> float:
        """Return the end of the next step in which there is anything, at most the last one."""
        firsts = [_first_s(block) for _, block in self._waiting.blocks]
        firsts += [_first_s(note) for note in self._waiting.notes]
        known = [each for each in firsts if math.isfinite(each)]
        first_s = max(min(known, default=self._newest_s), self._ended_s)
        number = min(math.floor((first_s - begin_s) / STEP_S) + 1, last)
        return begin_s + number * STEP_S

    def _step(self, until_s: float, time: NightTime) -> Step:
        waiting, self._waiting = self._waiting, _Waiting()
        notes = []
        for note in waiting.notes:
            if until_s <= note.at_s < self._newest_s + AHEAD_S:
                self._waiting.notes.append(note)
                continue
            self._breaks.hear(note)
            if note.kind == "wall":
                time.hear(note.at_s, note.data)
            notes.append(note)
        blocks = []
        for channel, block in waiting.blocks:
            count = _before(block, until_s)
            if count:
                blocks.append((channel, rows_of(block, slice(0, count))))
            if count < len(block):
                rest = rows_of(block, slice(count, len(block)))
                self._waiting.blocks.append((channel, rest))
        placed = list(self._placed(blocks, time.slept_s))
        if time.start_s is None and placed:
            time.start_s = min(host_s for host_s, _ in placed)
        chunks = tuple(replace(each, start_s=time.of(host_s)) for host_s, each in placed)
        told = tuple((time.of(note.at_s), note) for note in notes)
        return Step(time.of(until_s), until_s, chunks, told)

    def _placed(
        self, blocks: list[tuple[int, SampleBlock]], slept_s: float
    ) -> Iterator[tuple[float, Chunk]]:
        """Yield chunks, and the host's time at which their segment begins."""
        for channel, block in blocks:
            told = self._follower.streams.get(channel)
            if told is None or block.raw.shape[1] != len(told.columns):
                continue
            lane = self._lane(channel, told, block.scale)
            clock = self._clocks.get(channel)
            if clock is None:
                clock = self._clocks[channel] = StreamClock(told)
            for run, part in self._breaks.cut(told, block):
                fresh = lane.fresh(channel, part)
                if fresh:
                    clock.take(part, run)
                for piece in fresh:
                    taken_s, _ = clock.taken_s(piece, run)
                    laid = lane.put(channel, piece, taken_s, slept_s)
                    if laid is not None:
                        yield from _chunks(lane, laid, piece)

    def _lane(self, channel: int, told: JournalStream, scale: float) -> Lane:
        lane = self._lanes.get(channel)
        if lane is not None:
            return lane
        family = family_of(told)
        lane = self._families.get(family)
        if lane is None:
            lane = self._families[family] = Lane(told, scale, len(self.streams))
            self.streams = with_own_labels([*self.streams, *lane.streams])
        self._lanes[channel] = lane
        return lane


def _first_sample_s(path: str | os.PathLike[str]) -> float | None:
    """Return the host's monotonic time at which a night begins, None where it has not begun."""
    beginning = GrowingNight(path)
    try:
        for _ in beginning.poll():
            if beginning.first_s is not None:
                return beginning.first_s
    finally:
        beginning.close()
    return None


def _chunks(lane: Lane, laid: Laid, block: SampleBlock) -> Iterator[tuple[float, Chunk]]:
    for number, part in enumerate(lane.parts):
        raw = lane.values(block, laid.rows, part)
        chunk = Chunk(lane.first + number, laid.segment, laid.start_s, laid.first, raw)
        yield laid.start_s, chunk


def _first_s(item: Note | SampleBlock) -> float:
    """Return when something came, NaN where nobody knows."""
    return item.at_s if isinstance(item, Note) else float(np.fmin.reduce(item.arrival_s))


def _before(block: SampleBlock, until_s: float) -> int:
    """Return how many samples of a block arrived before a time."""
    arrival = np.nan_to_num(block.arrival_s, nan=-np.inf)
    return int(np.searchsorted(np.maximum.accumulate(arrival), until_s))
