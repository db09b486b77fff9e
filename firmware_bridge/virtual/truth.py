"""What a virtual sensor truly did: every sample it took, and what became of it."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

Fate = Literal[
    "not connected", "not streaming", "drop", "disconnect", "reset", "silent", "source",
    "damaged", "not carried",
]  # fmt: skip
"""Why a sample was not sent whole.

``source``: the night that is played has a gap there. ``damaged``: its frame was sent, and
garbage was put into it; a receiver without checksums may still take it. ``not carried``: the
sensor's own format has no room for it.
"""


@dataclass(slots=True)
class StreamTruth:
    """The samples of one stream, numbered from the making of the sensor on.

    Attributes
    ----------
    sampled
        Samples taken.
    sent
        Samples that arrived at the host at their first sending.
    resent
        Samples that arrived when they were sent again, having been missing.
    dropped
        Samples that did not, by reason; those sent again later are still counted here.
    first_sent, last_sent
        Numbers of the first and the last sample that arrived, None where none did.
    """

    sampled: int = 0
    sent: int = 0
    resent: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    first_sent: int | None = None
    last_sent: int | None = None
    _starts: array[int] = field(default_factory=partial(array, "q"))
    _stops: array[int] = field(default_factory=partial(array, "q"))

    @property
    def on_the_way(self) -> int:
        """Samples that neither arrived nor were lost so far."""
        return self.sampled - self.sent - self.dropped.total()

    def missing(self) -> Iterator[tuple[int, int]]:
        """Yield the runs of samples that never arrived, as ``(first, after the last)``."""
        return zip(self._starts, self._stops, strict=True)

    def missing_between(self, first: int, last: int) -> int:
        """Return how many of the samples `first` to `last`, both included, never arrived."""
        low = bisect_right(self._stops, first)
        high = bisect_right(self._starts, last)
        pairs = zip(self._starts[low:high], self._stops[low:high], strict=True)
        return sum(min(stop, last + 1) - max(start, first) for start, stop in pairs)

    @property
    def lost(self) -> int:
        """Samples missing between the first and the last one that arrived."""
        if self.first_sent is None or self.last_sent is None:
            return 0
        return self.missing_between(self.first_sent, self.last_sent)

    def arrived(self, first: int, count: int) -> None:
        """Note samples that arrived."""
        self.sent += count
        last = first + count - 1
        self.first_sent = first if self.first_sent is None else min(first, self.first_sent)
        self.last_sent = last if self.last_sent is None else max(last, self.last_sent)

    def lose(self, first: int, count: int, reason: Fate) -> None:
        """Note samples that did not."""
        if count <= 0:
            return
        self.dropped[reason] += count
        stop = first + count
        if self._stops and first == self._stops[-1]:
            self._stops[-1] = stop
            return
        at = bisect_left(self._starts, first)
        self._starts.insert(at, first)
        self._stops.insert(at, stop)

    def is_missing(self, number: int) -> bool:
        """Return whether this sample is known to be lost."""
        at = bisect_right(self._starts, number) - 1
        return at >= 0 and number < self._stops[at]

    def arrived_again(self, first: int, count: int) -> None:
        """Note samples that arrived at last."""
        stop = first + count
        at = max(0, bisect_right(self._stops, first))
        while at < len(self._starts) and self._starts[at] < stop:
            start, end = self._starts[at], self._stops[at]
            low, high = max(start, first), min(end, stop)
            self.resent += high - low
            left = [(a, b) for a, b in ((start, low), (high, end)) if a < b]
            self._starts[at : at + 1] = array("q", [a for a, _b in left])
            self._stops[at : at + 1] = array("q", [b for _a, b in left])
            at += len(left)
        self.first_sent = first if self.first_sent is None else min(first, self.first_sent)
        self.last_sent = max(self.last_sent or 0, stop - 1)


@dataclass(slots=True)
class Truth:
    """What became of every sample.

    Attributes
    ----------
    streams
        By name.
    connections, disconnects, resets
        How often each happened.
    frames, damaged_frames
        Frames made for a connection, and those among them that were damaged.
    garbage_bytes
        Bytes changed or put in.
    """

    streams: dict[str, StreamTruth] = field(default_factory=dict)
    connections: int = 0
    disconnects: int = 0
    resets: int = 0
    frames: int = 0
    damaged_frames: int = 0
    garbage_bytes: int = 0

    def __getitem__(self, name: str) -> StreamTruth:
        return self.streams[name]
