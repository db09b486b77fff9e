"""Frames of one size in a stream of bytes: kept in step, and found again after damage.

While in step nothing else is looked at, so that bytes inside a frame that look like a frame
are never taken for one. Out of step, a place is believed only when several frames in a row
stand there whose counters follow each other.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..model import Packet, Rejected
from .rules import Bytes, FrameRules, Signs
from .unwrap import known

DAMAGED_IN_ROW = 3
MOST_ROWS = 8192
SEARCH_BYTES = 65536
TEXT_KEPT = 2048


@dataclass(frozen=True, slots=True, eq=False)
class Frames:
    """Frames found, and what lay between them.

    Attributes
    ----------
    rows
        Shape ``(n, size)``, uint8.
    arrival_s
        When the last byte of each arrived, shape ``(n,)``.
    skipped
        Bytes thrown away right before each, shape ``(n,)``.
    texts
        The beginning of what was thrown away before a frame, by row.
    asides
        Messages between frames, with the row they stand before.
    rejected
        Runs thrown away.
    """

    rows: Bytes
    arrival_s: NDArray[np.float64]
    skipped: NDArray[np.int64]
    texts: dict[int, bytes]
    asides: tuple[tuple[int, bytes, float], ...]
    rejected: tuple[Rejected, ...]

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def nothing(self) -> bool:
        """Whether neither a frame nor anything else came out."""
        return not (len(self.rows) or self.rejected or self.asides)


class FrameScanner:
    """Finds the frames of one stream of bytes; holds back at most a few frames.

    Parameters
    ----------
    rules
        What a frame looks like.
    """

    def __init__(self, rules: FrameRules) -> None:
        self._rules = rules
        self._reach = (DAMAGED_IN_ROW + rules.sure + 3) * rules.size + rules.aside_size
        self._bytes: Bytes = np.empty(0, np.uint8)
        self._arrivals: list[tuple[int, float]] = []
        self._offset = 0  # of the first byte held, in the whole stream
        self._place = 0
        self._held: int | None = None
        self._in_step = False
        self._fresh = True
        self._last = 0
        self._run = 0
        self._run_text = b""
        self._begin()
        self._none = self._frames()

    def feed(self, packets: Iterable[Packet]) -> Frames:
        """Return the frames that are certain by now."""
        parts = [self._bytes]
        end = self._offset + len(self._bytes)
        for packet in packets:
            if packet.data:
                end += len(packet.data)
                parts.append(np.frombuffer(packet.data, np.uint8))
                self._arrivals.append((end, packet.arrival_s))
        if len(parts) > 1:
            self._bytes = np.concatenate(parts)
        if len(self._bytes) - self._place < self._rules.size:
            return self._none
        return self._run_scan(final=False)

    def finish(self) -> Frames:
        """Return the frames at the end; an incomplete last one is not rejected."""
        return self._run_scan(final=True)

    def _run_scan(self, *, final: bool) -> Frames:
        self._begin()
        self._scan(final=final)
        if final:
            self._end()
        frames = self._frames()
        kept = len(self._bytes) if final else self._base()
        self._bytes = self._bytes[kept:].copy()
        self._place -= kept
        self._held = None if self._held is None else self._held - kept
        self._offset += kept
        passed = 0
        while passed + 1 < len(self._arrivals) and self._arrivals[passed][0] <= self._offset:
            passed += 1
        del self._arrivals[:passed]
        return frames

    def _begin(self) -> None:
        self._spans: list[tuple[int, int]] = []
        self._found = 0
        self._skips: list[tuple[int, int]] = []
        self._texts: dict[int, bytes] = {}
        self._asides: list[tuple[int, bytes, float]] = []
        self._rejected: list[Rejected] = []

    def _base(self) -> int:
        return self._place if self._held is None else self._held

    def _scan(self, *, final: bool) -> None:
        block = 16
        size = self._rules.size
        while len(self._bytes) - self._place >= size:
            if self._in_step:
                taken, asked = self._take_rows(block)
                block = min(2 * block, MOST_ROWS) if taken == asked else 16
                if taken == asked:
                    continue
            if not final and len(self._bytes) - self._place < self._reach:
                return
            if self._in_step and not self._only_lost():
                self._mend(final=final)
            elif self._in_step:
                self._resume(self._place)
            else:
                self._search(final=final)

    def _take_rows(self, most: int) -> tuple[int, int]:
        rules, place = self._rules, self._place
        asked = min(most, (len(self._bytes) - place) // rules.size)
        rows = self._bytes[place : place + asked * rules.size].reshape(asked, rules.size)
        good = rules.valid(rows)
        counters = rules.counter(rows)
        if rules.counted:
            before = np.concatenate(([self._last], counters[:-1]))
            linked = rules.steps(before, counters) == 1
            linked[0] |= self._fresh
            good = good & linked
        taken = asked if good.all() else int(np.argmin(good))
        if taken:
            self._release()
            self._accept(place, taken - 1)
            self._place = place + taken * rules.size
            self._held = self._place - rules.size
            self._last = int(counters[taken - 1])
            self._fresh = False
        return taken, asked

    def _only_lost(self) -> bool:
        """Return whether the stream just goes on after lost frames: the usual case, quickly."""
        size, count = self._rules.size, self._rules.sure
        piece = self._bytes[self._place : self._place + size * count]
        if len(piece) < size * count:
            return False
        rows = piece.reshape(count, size)
        counters = self._rules.counter(rows)
        steps = self._rules.steps(counters[:-1], counters[1:])
        return bool(self._rules.valid(rows).all() and (steps == 1).all())

    def _mend(self, *, final: bool) -> None:
        """Decide where the stream goes on after the frame in step is not one."""
        size, base = self._rules.size, self._base()
        signs = Signs(self._rules, self._bytes[base : self._place + self._reach], final=final)
        here = self._place - base
        aside = self._past_asides(self._place)
        if aside and signs.steps(here + aside, self._last) == 1:
            self._note_asides(aside)
            return
        phase = [here + size * count for count in range(DAMAGED_IN_ROW + 2)]
        at = self._in_phase(signs, phase)
        if at is not None:
            self._resume(base + at)
            return
        if aside and signs.proof(here + aside, after=self._last):
            self._note_asides(aside)
            return
        first = 1 if self._rules.overlap else here + 1
        for slipped in np.flatnonzero(signs.sure[first : here + size]) + first:
            if signs.proof(int(slipped)):
                self._resume(base + int(slipped))
                return
        for at in phase[:-1]:
            if signs.hint(at, after=self._last):
                self._resume(base + at)
                return
        self._release()
        self._in_step = False

    def _in_phase(self, signs: Signs, phase: list[int]) -> int | None:
        """Return the first frame where nothing but damage lies between it and the last one."""
        proofs = [signs.proof(at, after=self._last) for at in phase[:-1]]
        steps = [signs.steps(at, self._last) for at in phase]
        due = [step == count for count, step in enumerate(steps, 1)]
        for count, at in enumerate(phase[:-1]):
            proven = any(proofs[count + 1 :])
            backed = self._rules.lone or proven or due[count + 1] or signs.is_last(at)
            likely = not self._rules.counted or signs.hint(at, after=self._last)
            loose = proven and steps[count] and likely
            if proofs[count] or loose or (due[count] and backed):
                return at
        return None

    def _search(self, *, final: bool) -> None:
        """Find the first place that frames in a row, or nearly so, prove."""
        size, place = self._rules.size, self._place
        window = self._bytes[place : place + SEARCH_BYTES + self._reach]
        signs = Signs(self._rules, window, final=final)
        rest = len(self._bytes) - place
        stop = min(SEARCH_BYTES, rest if final else rest - self._reach + 1)
        weak = np.False_ if self._rules.counted else signs.likely[:stop]
        for at in np.flatnonzero(signs.sure[:stop] | weak):
            better = np.flatnonzero(signs.sure[at : at + 2 * size])
            for place_of in (*(at + better), at):
                one = int(place_of)
                hinted = not self._rules.counted and signs.hint(one)
                if signs.proof(one, first=self._offset + place + one == 0) or hinted:
                    one = self._before_aside(signs, one)
                    self._reject(place, place + one)
                    self._place = place + one
                    self._in_step = self._fresh = True
                    return
        stop = min(stop, max(1, rest - size + 1))
        self._reject(place, place + stop)
        self._place = place + stop

    def _resume(self, at: int) -> None:
        """Go on at a proven place, over what lies before it."""
        if self._held is not None and at < self._place:
            self._reject(self._held, at)
            self._held = None
        else:
            self._release()
            self._reject(self._place, at)
        self._place = at
        self._fresh = True

    def _before_aside(self, signs: Signs, at: int) -> int:
        """Return where a frame stands before the messages that end at a proven place."""
        size = self._rules.size
        for length in range(1, min(self._rules.aside_size, at - size) + 1):
            before = at - length - size
            if self._past_asides(self._place + at - length) == length:
                counter = signs.counter(before)
                if counter is not None and signs.steps(at, counter) == 1:
                    return before
        return at

    def _past_asides(self, start: int) -> int:
        if not self._rules.aside_size:
            return 0
        window = self._bytes[start : start + self._rules.aside_size].tobytes()
        step = 0
        while step < len(window) and (more := self._rules.aside(window[step:])):
            step += more
        return step

    def _note_asides(self, step: int) -> None:
        self._release()
        start = self._place
        self._asides.append(
            (
                self._found,
                self._bytes[start : start + step].tobytes(),
                self._arrival(start + step),
            )
        )
        self._place = start + step
        self._fresh = True

    def _release(self) -> None:
        if self._held is not None:
            self._accept(self._held, 1)
            self._held = None

    def _accept(self, start: int, count: int) -> None:
        if not count:
            return
        self._close_run(start)
        self._spans.append((start, count))
        self._found += count

    def _close_run(self, stop: int) -> None:
        if self._run:
            self._skips.append((self._found, self._run))
            self._texts[self._found] = self._run_text
            self._rejected.append(
                Rejected(self._run, "no valid frame in these bytes", self._arrival(stop))
            )
            self._run, self._run_text = 0, b""

    def _reject(self, start: int, stop: int) -> None:
        if stop > start:
            room = TEXT_KEPT - len(self._run_text)
            self._run_text += self._bytes[start : min(stop, start + room)].tobytes()
            self._run += stop - start

    def _end(self) -> None:
        self._release()
        if step := self._past_asides(self._place):
            self._note_asides(step)
        rest = self._bytes[self._place :].tobytes()
        header = self._rules.header[: len(rest)]
        unfinished = self._in_step and rest.startswith(header)
        if not unfinished:
            self._reject(self._place, len(self._bytes))
        self._close_run(len(self._bytes))
        self._place = len(self._bytes)

    def _arrival(self, stop: int) -> float:
        end = self._offset + stop
        return next((time for last, time in self._arrivals if last >= end), np.nan)

    def _frames(self) -> Frames:
        size = self._rules.size
        parts = [
            self._bytes[start : start + count * size].reshape(count, size)
            for start, count in self._spans
        ]
        rows = np.concatenate(parts) if parts else np.empty((0, size), np.uint8)
        skipped = np.zeros(len(rows), np.int64)
        for row, count in self._skips:
            if row < len(rows):
                skipped[row] = count
        return Frames(
            rows,
            self._arrivals_of_rows(len(rows)),
            skipped,
            self._texts,
            tuple(self._asides),
            tuple(self._rejected),
        )

    def _arrivals_of_rows(self, count: int) -> NDArray[np.float64]:
        if not count:
            return np.empty(0)
        size = self._rules.size
        starts = np.repeat([start for start, _ in self._spans], [n for _, n in self._spans])
        first = np.cumsum([0] + [n for _, n in self._spans[:-1]])
        within = np.arange(count) - np.repeat(first, [n for _, n in self._spans])
        stops = self._offset + starts + (within + 1) * size
        ends = np.array([end for end, _ in self._arrivals])
        times = known([time for _, time in self._arrivals])
        return np.asarray(times[np.searchsorted(ends, stops)])
