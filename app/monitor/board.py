"""What is known of the last minutes of a night, in memory that does not grow with it."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np

from ...detection.result import Notice
from ...recording.journal.notes import Note
from ...recording.model import Event, Stream, to_physical
from ..live.growing import Chunk
from ..live.watching import Watched
from ..report.words import CRAMPS
from .bins import Bins
from .feeds import Feed
from .sensors import Sensors

BIN_S = 0.02
KEPT_S = 600.0
"""So much of every signal is kept."""

MOST_TRACKS = 12
MOST_EVENTS = 200

_ENVELOPE_BIN_S = 0.1
_SETTLES_S = 2.0
_AWAY_S = 3.0
_CALMS = 0.99
_KNOWN = ("marker", "alert")


@dataclass(slots=True, eq=False)
class Track:
    """One signal that is shown.

    Attributes
    ----------
    stream
        What it is.
    bins, envelope
        Its last minutes, and those of its envelope where it is a muscle's.
    newest_s
        Time of its newest sample, seconds of the night; NaN before one came.
    """

    stream: Stream
    bins: Bins
    envelope: Bins | None
    newest_s: float = math.nan
    cell_s: float = -math.inf
    offset: float = math.nan


@dataclass(frozen=True, slots=True)
class Seen:
    """Something that happened.

    Attributes
    ----------
    notice
        What the detector said, provisional; None for a mark or an alert.
    at_s
        When it began, seconds of the night.
    words
        Text of a mark or an alert.
    kind
        ``event``, ``marker`` or ``alert``.
    """

    notice: Notice | None
    at_s: float
    words: str = ""
    kind: str = "event"


@dataclass(slots=True)
class Board:
    """Takes a feed step by step; looked at by views from other threads under its `lock`.

    Attributes
    ----------
    tracks
        Signals that are shown, muscles first in the order of their coming.
    hidden
        How many more there are.
    events
        What happened, oldest first.
    sensors
        How each is doing.
    newest_s
        Time of night of what came last; NaN at first.
    complete_s
        Up to which time every signal that still comes has come; NaN at first.
    grown_s
        When that moved last, by the computer's clock that nobody sets.
    changes
        Counts up when events change.
    failed
        Why the monitor cannot go on, or nothing.
    """

    feed: Feed
    clock: Callable[[], float] = time.monotonic
    lock: threading.RLock = field(default_factory=threading.RLock)
    tracks: list[Track] = field(default_factory=list)
    hidden: int = 0
    events: deque[Seen] = field(default_factory=lambda: deque(maxlen=MOST_EVENTS))
    sensors: Sensors = field(default_factory=Sensors)
    newest_s: float = math.nan
    complete_s: float = math.nan
    grown_s: float = math.nan
    changes: int = 0
    failed: str = ""
    over: str = ""
    start: datetime | None = None
    _by_stream: dict[int, Track] = field(default_factory=dict)
    _known: int = 0
    _judged_s: float = -math.inf
    _late_s: float = 0.0

    def poll(self) -> None:
        """Take what is new; errors as those of the feed."""
        for watched in self.feed.poll():
            with self.lock:
                self._take(watched)
        with self.lock:
            self.over = self.feed.over
            if self.over:
                self.complete_s = self.newest_s

    def silent_s(self) -> float:
        """Return for how long nothing has come, seconds of the computer's clock."""
        return 0.0 if math.isnan(self.grown_s) else max(0.0, self.clock() - self.grown_s)

    def _take(self, watched: Watched) -> None:
        step = watched.step
        self.start = self.feed.start
        for number in range(self._known, len(self.feed.streams)):
            self._add(number, self.feed.streams[number])
        self._known = len(self.feed.streams)
        for chunk in step.chunks:
            track = self._by_stream.get(chunk.stream)
            stream = self.feed.streams[chunk.stream]
            end_s = chunk.start_s + (chunk.first + len(chunk.raw)) / stream.rate_hz
            self.sensors.sampled(stream, end_s)
            if track is not None:
                self._samples(track, chunk)
        for at_s, note in step.notes:
            self.sensors.noted(note)
            self._note(at_s, note)
        for notice in watched.notices:
            self._notice(notice)
        self._envelopes(step.now_s)
        if step.now_s - self._judged_s >= 1.0:
            self._judged_s = step.now_s
            self.sensors.judged(self.feed.marred(step.now_s))
        late = [step.now_s - track.newest_s for track in self.tracks]
        now_s = max((each for each in late if each < _AWAY_S), default=0.0)
        self._late_s = max(0.0, now_s, self._late_s * _CALMS)
        self.newest_s = step.now_s
        self.complete_s = step.now_s - self._late_s
        self.grown_s = self.clock()

    def _add(self, number: int, stream: Stream) -> None:
        self.sensors.named(stream)
        # a muscle that is named comes first, a channel that nobody named not beside it
        named = any(t.stream.kind == "emg" for t in self.tracks)
        if len(self.tracks) >= MOST_TRACKS or (stream.kind == "other" and named):
            self.hidden += 1
            return
        count = round(KEPT_S / BIN_S)
        envelope = None
        if stream.kind == "emg":
            envelope = Bins(_ENVELOPE_BIN_S, round(KEPT_S / _ENVELOPE_BIN_S))
        track = Track(stream, Bins(BIN_S, count, stream.n_axes), envelope)
        self._by_stream[number] = track
        self.tracks.append(track)
        self.tracks.sort(key=lambda each: each.stream.kind != "emg")

    def _samples(self, track: Track, chunk: Chunk) -> None:
        stream = track.stream
        values = to_physical(chunk.raw, stream.gain, stream.offset)
        begin_s = chunk.start_s + chunk.first / stream.rate_hz
        if stream.kind == "emg" and values.size:
            # electrodes have an offset that has nothing to do with the muscle
            mean = float(np.nanmean(values)) if np.isfinite(values).any() else 0.0
            part = min(1.0, len(values) / stream.rate_hz / _SETTLES_S)
            new = math.isnan(track.offset)
            track.offset = mean if new else track.offset + part * (mean - track.offset)
            values = values - np.float32(track.offset)
        times = begin_s + np.arange(len(values)) / stream.rate_hz
        track.bins.put(times, values, 1.0 / stream.rate_hz)
        track.newest_s = begin_s + len(values) / stream.rate_hz

    def _envelopes(self, now_s: float) -> None:
        tracks = {n: t for n, t in self._by_stream.items() if t.envelope is not None}
        if not tracks:
            return
        since_s = max(min(t.cell_s for t in tracks.values()), now_s - KEPT_S)
        for number, levels in self.feed.levels(since_s).items():
            track = tracks.get(number)
            if track is None or track.envelope is None:
                continue
            fresh = levels.time_s > track.cell_s
            if fresh.any():
                time_s = levels.time_s[fresh]
                strength = levels.level[fresh].astype(np.float32)[:, None]
                track.envelope.put(time_s, strength, levels.cell_s)
                track.cell_s = float(time_s[-1])

    def _note(self, at_s: float, note: Note) -> None:
        if note.kind not in _KNOWN:
            return
        words = str(note.data.get("text") or note.data.get("alert") or note.kind)[:200]
        at_s = at_s if math.isfinite(at_s) else self.newest_s
        self._put(Seen(None, at_s, words, note.kind))

    def _notice(self, notice: Notice) -> None:
        """Take a notice; of an event that went on it replaces what was said before."""
        event = notice.event
        for place in range(len(self.events) - 1, -1, -1):
            before = self.events[place].notice
            if before is None or not before.ongoing:
                continue
            old = before.event
            if _is_same(old, event) and old.onset < event.end and event.onset < old.end:
                self.events[place] = Seen(_newer(before, notice), old.onset)
                self.changes += 1
                return
        self._put(Seen(notice, event.onset))

    def _put(self, seen: Seen) -> None:
        self.events.append(seen)
        self.changes += 1


def _is_same(old: Event, new: Event) -> bool:
    """Return whether both may be one event: a contraction is first possibly a cramp."""
    kinds = {old.trial_type, new.trial_type}
    return old.channel == new.channel and (len(kinds) == 1 or kinds == set(CRAMPS))


def _newer(before: Notice, notice: Notice) -> Notice:
    """Return what is known after a notice; what was called a cramp stays one."""
    old, new = before.event, notice.event
    if old.trial_type != "cramp" or new.trial_type == "cramp":
        return notice
    longer = replace(old, duration=max(old.end, new.end) - old.onset)
    return replace(notice, event=longer)
