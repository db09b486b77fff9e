"""Short counters to running numbers, with arrival times where the counter is too short.

A counter that repeats after ``modulus`` samples cannot tell a loss from that loss plus one
round. Where the host's clock disagrees with the counter by more than part of a round, the
samples that follow are held back for a moment: a link that only stalled delivers them in a
burst and catches up; after a real loss it stays behind.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..model import Gap, LossReason

RESTART_S = 5.0
"""Silence after which a link counts as made anew, and counters as begun afresh."""

WINDOW_S = 1.0
"""Stretch before a break whose earliest arrivals tell when samples should come."""

SUSPICIOUS = 0.4
"""Part of a round by which clock and counter may disagree without being looked at."""

HINT_TOLERANCE = 1e-3
"""How far the clock behind a hint may drift; a small hint must fit the counter exactly."""

REMEMBERED = 1024


@dataclass(frozen=True, slots=True, eq=False)
class Items:
    """Packets or frames with a counter each.

    Attributes
    ----------
    position
        Counter, in samples, modulo the modulus; shape ``(n,)``.
    length
        Samples in each.
    arrival_s
        Host clock, or NaN.
    skipped
        Hint at the samples missing before each, from the bytes thrown away or a clock.
    restart
        Where the device is known to have begun anew.
    rows
        Whatever belongs to each; first axis ``n``.
    """

    position: NDArray[np.int64]
    length: NDArray[np.int64]
    arrival_s: NDArray[np.float64]
    skipped: NDArray[np.float64]
    restart: NDArray[np.bool_]
    rows: NDArray[Any]

    def __len__(self) -> int:
        return len(self.position)

    def __getitem__(self, part: slice) -> Items:
        return Items(*(getattr(self, name)[part] for name in Items.__slots__))

    def then(self, other: Items) -> Items:
        """Return both, one after the other."""
        return Items(
            *(
                np.concatenate((getattr(self, name), getattr(other, name)))
                for name in Items.__slots__
            )
        )


@dataclass(frozen=True, slots=True, eq=False)
class Numbered:
    """Items with the running number of their first sample, and what is missing between."""

    items: Items
    first: NDArray[np.int64]
    gaps: tuple[Gap, ...]

    def __len__(self) -> int:
        return len(self.first)


class Unwrapper:
    """Running numbers for one stream.

    Parameters
    ----------
    stream
        Name that the gaps carry.
    modulus
        Samples after which the counter repeats.
    rate_hz
        Nominal rate.
    doubt_s
        By how much clock and counter may disagree without being looked at, seconds; by
        default a part of a round.
    """

    def __init__(
        self, stream: str, modulus: int, rate_hz: float, doubt_s: float | None = None
    ) -> None:
        self._stream, self._modulus, self._rate = stream, modulus, rate_hz
        self._round_s = modulus / rate_hz
        self._doubt_s = SUSPICIOUS * self._round_s if doubt_s is None else doubt_s
        self._hold_s = min(1.0, max(0.25, self._round_s / 2))
        self._held: Items | None = None
        self._next = 0  # running number expected
        self._end: int | None = None  # counter expected, None before the first item
        self._arrival = math.nan
        self._late = np.empty((2, 0))  # arrivals, and how far behind their number they came

    def push(self, items: Items, *, final: bool = False) -> Numbered:
        """Take items in order, and return those whose numbers are certain."""
        if self._held is not None:
            items = self._held.then(items)
            self._held = None
        gaps: list[Gap] = []
        parts: list[NDArray[np.int64]] = []
        done = 0
        if len(items):
            lost, sure, doubtful = self._losses(items)
            for at in np.flatnonzero(doubtful):
                parts.append(self._emit(items, lost, slice(done, at), gaps))
                done = int(at)
                stop = self._window(items.arrival_s[at:], final=final)
                if stop is None:
                    self._held = items[slice(done, None)]
                    break
                window = items[slice(done, done + stop)]
                number, gap = self._settle(window, lost[at : at + stop], int(sure[at]))
                lost[at] = number - self._next
                parts.append(self._emit(items, lost, slice(done, done + 1), None))
                gaps += [gap] if gap else []
                done += 1
            else:
                parts.append(self._emit(items, lost, slice(done, len(items)), gaps))
                done = len(items)
        numbers = np.concatenate(parts) if parts else np.empty(0, np.int64)
        return Numbered(items[slice(0, done)], numbers, tuple(gaps))

    def _losses(
        self, items: Items
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
        """Return the likely and the certain loss before each item, and what is in doubt."""
        if self._end is None:
            self._end = int(items.position[0])
            self._arrival = float(items.arrival_s[0]) - items.length[0] / self._rate
        ends = np.concatenate(([self._end], items.position[:-1] + items.length[:-1]))
        sure = (items.position - ends) % self._modulus
        more = np.rint((items.skipped - sure) / self._modulus) * self._modulus
        near = np.abs(items.skipped - sure - more) <= 0.5 + HINT_TOLERANCE * items.skipped
        lost = sure + np.where(near & (more > 0), more, 0.0).astype(np.int64)
        step = np.diff(items.arrival_s, prepend=self._arrival)
        odd = np.abs(step - (lost + items.length) / self._rate)
        doubtful = (odd > self._doubt_s) | (step > RESTART_S) | items.restart
        return lost, sure, doubtful

    def _window(self, arrivals: NDArray[np.float64], *, final: bool) -> int | None:
        """Return how many items tell if the first is late, None while too few are there."""
        near = arrivals[:REMEMBERED]
        if math.isnan(near[0]):
            return 1
        beyond = np.flatnonzero(near >= near[0] + self._hold_s)
        if len(beyond):
            return int(beyond[0])
        return len(near) if final or len(near) == REMEMBERED else None

    def _settle(
        self, window: Items, lost: NDArray[np.int64], sure: int
    ) -> tuple[int, Gap | None]:
        """Return the running number of the first item, and the gap before it."""
        steps = lost + window.length
        steps[0] = sure + window.length[0]
        behind = window.arrival_s - (self._next + np.cumsum(steps)) / self._rate
        after = np.nanmin(behind) if np.isfinite(behind).any() else math.nan
        recent = self._late[0] >= self._arrival - WINDOW_S
        shift = after - (self._late[1, recent].min() if recent.any() else math.nan)
        step = window.arrival_s[0] - self._arrival
        if bool(window.restart[0]) or step > RESTART_S or not math.isfinite(shift):
            missing = sure + round(shift * self._rate) if math.isfinite(shift) else 0
            return self._gap(max(0, missing), 0, None, "restart")
        rounds = round(shift / self._round_s)
        if rounds < 0 and self._modulus > 1:
            return self._gap(0, 0, None, "restart")
        missing = sure + max(0, rounds) * self._modulus
        if self._round_s >= WINDOW_S / 5:
            return self._gap(missing, missing, missing, "arrival" if rounds else "counter")
        return self._gap(missing, sure, missing + self._modulus, "arrival")

    def _gap(
        self, lost: int, low: int, high: int | None, reason: LossReason
    ) -> tuple[int, Gap | None]:
        none = lost == 0 and reason != "restart"
        gap = None if none else Gap(self._stream, self._next, lost, low, high, reason)
        return self._next + lost, gap

    def _emit(
        self,
        items: Items,
        lost: NDArray[np.int64],
        part: slice,
        gaps: list[Gap] | None,
    ) -> NDArray[np.int64]:
        """Return the numbers of a part, and add what is missing in it to `gaps`, if given."""
        if part.start == part.stop:
            return np.empty(0, np.int64)
        length, missing, arrival = items.length[part], lost[part], items.arrival_s[part]
        ends = self._next + np.cumsum(missing + length)
        first = ends - length
        if gaps is not None:
            known = np.isfinite(arrival) & (self._round_s >= WINDOW_S / 5)
            for at in np.flatnonzero(missing):
                count = int(missing[at])
                low = count % self._modulus
                high = count if known[at] else None
                start = int(first[at]) - count
                gaps.append(Gap(self._stream, start, count, low, high, "counter"))
        self._next = int(ends[-1])
        self._end = int(items.position[part.stop - 1] + length[-1])
        self._arrival = float(arrival[-1])
        timed = np.isfinite(arrival)
        late = np.stack((arrival, arrival - ends / self._rate))[:, timed][:, -REMEMBERED:]
        self._late = np.concatenate((self._late, late), axis=1)[:, -REMEMBERED:]
        return np.asarray(first)
