"""Short counters to running numbers, with arrival times where the counter is too short.

A counter that repeats after ``modulus`` samples cannot tell a loss from that loss plus one
round. Where the host's clock disagrees with the counter by more than part of a round, the
samples that follow are held back for a moment: a link that only stalled delivers them in a
burst and catches up; after a real loss it stays behind.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..model import Gap, LossReason

RESTART_S = 5.0
"""Silence after which a link counts as made anew, and counters as begun afresh."""

WINDOW_S = 1.0
"""Stretch before a break whose most punctual item tells when samples should come."""

SUSPICIOUS = 0.4
"""Part of a round by which clock and counter may disagree without being looked at."""

HINT_TOLERANCE = 1e-3
"""How far the clock behind a hint may drift; a small hint must fit the counter exactly."""

SURE_ROUND_S = 0.2
"""Arrival times tell rounds at least this long apart for certain."""

LATEST_S = 1e12
REMEMBERED = 1024
MOST_HELD = 2048


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


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What is missing before an item: samples, whole rounds among them, and the gap."""

    lost: int
    rounds: int
    gap: Gap | None


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
    checked
        Whether counters arrive as they were sent. Without a checksum, one counter that fits
        neither neighbour, while these fit each other, was damaged on the way.
    """

    def __init__(
        self,
        stream: str,
        modulus: int,
        rate_hz: float,
        *,
        doubt_s: float | None = None,
        checked: bool = True,
    ) -> None:
        self._checked = checked
        self._stream, self._modulus, self._rate = stream, modulus, rate_hz
        self._round_s = modulus / rate_hz
        self._doubt_s = SUSPICIOUS * self._round_s if doubt_s is None else doubt_s
        self._hold_s = min(1.0, max(0.25, self._round_s / 2))
        self._held: Items | None = None
        self._next = 0  # running number expected
        self._end: int | None = None  # counter expected, None before the first item
        self._arrival = math.nan
        self._late = np.empty((2, 0))  # when items were due, and how far behind they came
        self._forced = False  # the first held item waits for a verdict

    def push(self, items: Items, *, final: bool = False) -> Numbered:
        """Take items in order, and return those whose numbers are certain."""
        if self._held is not None:
            items = self._held.then(items)
            self._held = None
        if not self._checked:
            items = self._mend(items, final=final)
        gaps: list[Gap] = []
        parts: list[NDArray[np.int64]] = []
        done = 0
        while done < len(items):
            if not done:
                lost, sure, doubtful = self._losses(items)
                doubts = np.flatnonzero(doubtful)
            at = done if self._forced else _first_from(doubts, done, len(items))
            parts.append(self._emit(items, lost, slice(done, at), gaps))
            done = at
            stop = self._window(items.arrival_s[at:], final=final) if at < len(items) else None
            if stop is None:
                if at < len(items):
                    self._hold(items[slice(at, None)])
                break
            here = slice(at, at + stop)
            ended = at + stop == len(items)
            verdict = self._settle(items[here], lost[here], int(sure[at]), ended=ended)
            broken = np.flatnonzero(sure[at : at + stop + 1])
            self._forced = verdict.rounds > 0 and bool(len(broken)) and bool(broken[0])
            if self._forced:
                # only late: the rounds belong to the break in the counter that follows
                done = at + int(broken[0])
                parts.append(self._emit(items, lost, slice(at, done), None, late=True))
                continue
            lost[at] = verdict.lost
            if verdict.gap is not None:
                gaps.append(verdict.gap)
            parts.append(self._emit(items, lost, slice(at, at + 1), None))
            done = at + 1
        numbers = np.concatenate(parts) if parts else np.empty(0, np.int64)
        return Numbered(items[slice(0, done)], numbers, tuple(gaps))

    def _hold(self, items: Items) -> None:
        self._held = items if self._held is None else items.then(self._held)

    def _mend(self, items: Items, *, final: bool) -> Items:
        """Return items with damaged counters set right; one in doubt at the end is held."""
        if not len(items):
            return items
        end = int(items.position[0]) if self._end is None else self._end
        position, length = items.position.copy(), items.length
        for at in np.flatnonzero(self._breaks(items, end)):
            due = end if not at else int(position[at - 1] + length[at - 1])
            if at + 1 == len(items):
                if not final:
                    self._held = items[slice(at, None)]
                    return replace(items[slice(0, at)], position=position[:at])
            elif (
                (due - position[at]) % self._modulus
                and (position[at + 1] - due - length[at]) % self._modulus == 0
                and not items.restart[at : at + 2].any()
            ):
                position[at] = due
        return replace(items, position=position)

    def _breaks(self, items: Items, end: int) -> NDArray[np.bool_]:
        ends = np.concatenate(([end], items.position[:-1] + items.length[:-1]))
        return np.asarray((items.position - ends) % self._modulus != 0)

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
        near = arrivals[:MOST_HELD]
        if math.isnan(near[0]):
            return 1
        beyond = np.flatnonzero(near >= near[0] + self._hold_s)
        if len(beyond):
            return int(beyond[0])
        return len(near) if final or len(near) == MOST_HELD else None

    def _settle(
        self, window: Items, lost: NDArray[np.int64], sure: int, *, ended: bool
    ) -> _Verdict:
        """Return what is missing before the first item."""
        steps = lost + window.length
        steps[0] = sure + window.length[0]
        behind = window.arrival_s - (self._next + np.cumsum(steps)) / self._rate
        after = np.nanmin(behind) if np.isfinite(behind).any() else math.nan
        shift = after - self._punctual()
        step = window.arrival_s[0] - self._arrival
        if bool(window.restart[0]) or step > RESTART_S or not math.isfinite(shift):
            missing = sure + round(shift * self._rate) if math.isfinite(shift) else 0
            return self._verdict(max(0, missing), 0, None, "restart")
        rounds = round(shift / self._round_s)
        if rounds < 0 and self._modulus > 1:
            return self._verdict(0, 0, None, "restart")
        # at the end of the stream, items that catch up were only late
        took = window.arrival_s[-1] - window.arrival_s[0]
        catching_up = took < (behind[0] - behind[-1] + took) / 2
        rounds = 0 if ended and not sure and catching_up else max(0, rounds)
        missing = sure + rounds * self._modulus
        reason: LossReason = "arrival" if rounds else "counter"
        if self._round_s >= SURE_ROUND_S:
            return self._verdict(missing, missing, missing, reason, rounds)
        return self._verdict(missing, sure, missing + self._modulus, "arrival", rounds)

    def _punctual(self) -> float:
        """Return how far behind its number the most punctual recent item came, or NaN."""
        if not self._late.shape[1]:
            return math.nan
        recent = self._late[0] >= self._late[0, -1] - WINDOW_S
        return float(self._late[1, recent].min())

    def _verdict(
        self, lost: int, low: int, high: int | None, reason: LossReason, rounds: int = 0
    ) -> _Verdict:
        none = lost == 0 and reason != "restart"
        gap = None if none else Gap(self._stream, self._next, lost, low, high, reason)
        return _Verdict(lost, rounds, gap)

    def _emit(
        self,
        items: Items,
        lost: NDArray[np.int64],
        part: slice,
        gaps: list[Gap] | None,
        *,
        late: bool = False,
    ) -> NDArray[np.int64]:
        """Return the numbers of a part, and add what is missing in it to `gaps`, if given."""
        if part.start == part.stop:
            return np.empty(0, np.int64)
        length, missing, arrival = items.length[part], lost[part], items.arrival_s[part]
        ends = self._next + np.cumsum(missing + length)
        first = ends - length
        if gaps is not None:
            known = np.isfinite(arrival) & (self._round_s >= SURE_ROUND_S)
            for at in np.flatnonzero(missing):
                count = int(missing[at])
                low = count % self._modulus
                high = count if known[at] else None
                start = int(first[at]) - count
                gaps.append(Gap(self._stream, start, count, low, high, "counter"))
        self._next = int(ends[-1])
        self._end = int(items.position[part.stop - 1] + length[-1])
        self._arrival = float(arrival[-1])
        if not late:
            due = ends / self._rate
            new = np.stack((due, arrival - due))[:, np.isfinite(arrival)][:, -REMEMBERED:]
            self._late = np.concatenate((self._late, new), axis=1)[:, -REMEMBERED:]
        return np.asarray(first)


def known(arrival_s: Sequence[float]) -> NDArray[np.float64]:
    """Return arrival times, NaN where one cannot be a clock's."""
    times = np.array(arrival_s, np.float64)
    return np.where(np.abs(times) < LATEST_S, times, math.nan)


def _first_from(sorted_places: NDArray[np.int64], start: int, otherwise: int) -> int:
    at = int(np.searchsorted(sorted_places, start))
    return int(sorted_places[at]) if at < len(sorted_places) else otherwise
