"""Where what is watched comes from: a journal that grows, or a recording that is played."""

from __future__ import annotations

import heapq
import math
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Protocol

from ...detection.engine.live import Levels, LiveEngine
from ...detection.settings import Settings
from ...recording.errors import RecordingError
from ...recording.journal.follow import JournalFollower
from ...recording.model import Night, Stream
from ...recording.readers import open_recording
from ...recording.sources import Window as SourceWindow
from ..judging import find_judge
from ..live.growing import Chunk, Step
from ..live.watching import LiveNight, Watched

BACK_S = 900.0
"""A monitor that comes later learns from so much of the night what rest is."""

_CHUNK_S = 0.25
_QUIET_S = 1.0


class Feed(Protocol):
    """What is watched.

    Attributes
    ----------
    name
        What it is called.
    origin
        ``recording``, ``stored`` or ``sensors``.
    """

    name: str
    origin: str

    @property
    def streams(self) -> tuple[Stream, ...]:
        """Signals so far."""
        ...

    @property
    def start(self) -> datetime | None:
        """When the night began."""
        ...

    @property
    def simulated(self) -> bool:
        """Whether it was made by a program."""
        ...

    @property
    def over(self) -> str:
        """Why nothing comes any more, in words; empty while something may."""
        ...

    def poll(self) -> Iterator[Watched]:
        """Yield what is new."""
        ...

    def marred(self, now_s: float) -> Mapping[str, Mapping[str, float]]:
        """Return by sensor and muscle what part of the last seconds is unusable."""
        ...

    def levels(self, since_s: float) -> Mapping[int, Levels]:
        """Return by muscle's stream its levels since a time."""
        ...

    def close(self) -> None:
        """Give up files or sensors."""
        ...


class LiveFeed:
    """A night that goes on, from its journal or from sensors.

    Parameters
    ----------
    night
        What follows it.
    name
        What it is called.
    origin
        ``recording`` or ``sensors``.
    stop
        Called at the end.
    """

    def __init__(
        self,
        night: LiveNight,
        name: str,
        origin: str = "recording",
        stop: Callable[[], None] = lambda: None,
    ) -> None:
        self.name, self.origin = name, origin
        self._live = night
        self._stop = stop
        self._over = ""
        self._why = ""

    @property
    def streams(self) -> tuple[Stream, ...]:
        """See `Feed`."""
        return self._live.night.streams

    @property
    def start(self) -> datetime | None:
        """See `Feed`."""
        return self._live.night.start

    @property
    def simulated(self) -> bool:
        """See `Feed`."""
        return self._live.night.simulated

    @property
    def over(self) -> str:
        """See `Feed`."""
        return self._over

    def poll(self) -> Iterator[Watched]:
        """See `Feed`."""
        if self._over:
            return
        for watched in self._live.poll():
            self._hear(watched)
            yield watched
        if self._live.night.ended:
            for watched in self._live.rest():
                self._hear(watched)
                yield watched
            self._over = f"The recording has ended{self._why}."

    def marred(self, now_s: float) -> Mapping[str, Mapping[str, float]]:
        """See `Feed`."""
        return self._live.marred(now_s)

    def levels(self, since_s: float) -> Mapping[int, Levels]:
        """See `Feed`."""
        return self._live.levels(since_s)

    def close(self) -> None:
        """See `Feed`."""
        self._live.close()
        self._stop()

    def _hear(self, watched: Watched) -> None:
        for _, note in watched.step.notes:
            if note.kind == "recorder" and note.data.get("event") == "stop":
                reason = str(note.data.get("reason") or "")[:200]
                self._why = f": {reason}" if reason else ""


class StoredFeed:
    """A finished recording: played from some moment, or its last minutes at once.

    Parameters
    ----------
    night
        The recording.
    name
        What it is called.
    from_s
        Where to begin to play, seconds of the night; None: only its end is shown.
    back_s
        How much before is read besides.
    clock
        A clock that nobody sets, seconds.
    """

    def __init__(
        self,
        night: Night,
        name: str,
        *,
        from_s: float | None = None,
        back_s: float = BACK_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        settings = Settings()
        self.name, self.origin = name, "stored"
        self.streams, self.start = night.streams, night.start
        said = (night.source.name if night.source else "", *night.notes, *night.devices)
        self.simulated = any("simulat" in text.lower() for text in said)
        self.over = ""
        self._end_s = night.duration_s
        self._play_s = self._end_s if from_s is None else min(max(0.0, from_s), self._end_s)
        begin_s = max(0.0, self._play_s - back_s)
        self._engine = LiveEngine(self.streams, settings, find_judge(None, settings).judge)
        self._arrivals = heapq.merge(
            *(_chunks(number, stream, begin_s) for number, stream in enumerate(self.streams)),
            key=lambda arrival: arrival[0],
        )
        self._next = next(self._arrivals, None)
        self._clock = clock
        self._begun_s = math.nan
        self._told_s = begin_s

    def poll(self) -> Iterator[Watched]:
        """See `Feed`."""
        if self.over:
            return
        now = self._clock()
        if math.isnan(self._begun_s):
            self._begun_s = now
        until_s = min(self._play_s + now - self._begun_s, self._end_s)
        while self._told_s < until_s:
            step_s = min(self._told_s + _QUIET_S, until_s)
            chunks = []
            while self._next is not None and self._next[0] <= step_s:
                chunks.append(self._next[1])
                self._next = next(self._arrivals, None)
            for each in chunks:
                self._engine.push(each.stream, each.segment, each.start_s, each.raw)
            self._told_s = step_s
            yield Watched(
                Step(step_s, step_s, tuple(chunks)), tuple(self._engine.notices(step_s))
            )
        if until_s >= self._end_s:
            self.over = "This is the end of the recording."

    def marred(self, now_s: float) -> Mapping[str, Mapping[str, float]]:
        """See `Feed`."""
        found: dict[str, dict[str, float]] = {}
        for number, part in self._engine.marred(now_s).items():
            stream = self.streams[number]
            found.setdefault(stream.sensor, {})[stream.label] = part
        return found

    def levels(self, since_s: float) -> Mapping[int, Levels]:
        """See `Feed`."""
        return self._engine.levels(since_s)

    def close(self) -> None:
        """See `Feed`."""


def open_feed(path: Path, from_s: float | None = None) -> Feed:
    """Return what is at a path: a night being recorded, or a finished one.

    Parameters
    ----------
    path
        Folder of a night, its journal, or another recording.
    from_s
        Where to begin to play a finished one, seconds of the night.

    Raises
    ------
    CrampwatchError
        It cannot be read; or it is being recorded and `from_s` is told.
    """
    journal = path / "night.mcap" if path.is_dir() else path
    whole = path.resolve()
    name = whole.parent.name if whole.name == "night.mcap" else whole.name
    if journal.suffix == ".mcap" and journal.is_file():
        if from_s is None:
            return LiveFeed(LiveNight(journal, back_s=BACK_S), name)
        if not _is_closed(journal):
            raise RecordingError(
                f"{path}: it is being recorded, or was cut off and crampwatch recover mends it;"
                " leave out --from"
            )
    night = open_recording(path)
    if not any(stream.n_samples for stream in night.streams):
        raise RecordingError(f"{path}: there is no signal in it to look at")
    return StoredFeed(night, name, from_s=from_s)


def _is_closed(journal: Path) -> bool:
    """Return whether nobody writes a journal any more: it has its end.

    One that was cut off, or whose recorder hangs, cannot be told from one that grows: nothing
    of it may be mended here.
    """
    follower = JournalFollower(journal, back_s=1.0)
    try:
        for _ in follower.chunks():
            pass
        return follower.ended
    finally:
        follower.close()


def _chunks(number: int, stream: Stream, begin_s: float) -> Iterator[tuple[float, Chunk]]:
    """Yield what is sampled after a time, with when it has come."""
    size = max(1, round(_CHUNK_S * stream.rate_hz))
    begun = 0
    for segment in stream.segments:
        skip = max(0, math.ceil((begin_s - segment.start_s) * stream.rate_hz))
        if skip >= len(segment):
            continue
        source = SourceWindow(segment.source, skip, len(segment))
        start_s = segment.start_s + skip / stream.rate_hz
        for first in range(0, len(source), size):
            raw = source.read(first, min(first + size, len(source)))
            at_s = start_s + (first + len(raw)) / stream.rate_hz
            yield at_s, Chunk(number, begun, start_s, first, raw)
        begun += 1
