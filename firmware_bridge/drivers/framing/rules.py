"""What a frame of one size looks like, and where in some bytes one may stand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Counters = NDArray[np.int64]
Flags = NDArray[np.bool_]


def _no_aside(_data: bytes) -> int:
    return 0


@dataclass(frozen=True, slots=True)
class FrameRules:
    """What a frame looks like.

    Attributes
    ----------
    size
        Bytes of a frame.
    header
        Bytes that every frame begins with; may be empty.
    valid
        Takes frames, shape ``(m, size)``, and says which could be real.
    counter
        Takes the same and gives their counters.
    steps
        Takes two arrays of counters and gives how many frames the second is after the first:
        1 for neighbours, more where frames are missing, 0 where it cannot come after it.
    counted
        Whether a frame in step must also follow its predecessor, because `valid` alone lets
        too much pass.
    lone
        Whether one frame where and when it is due proves itself between two damaged ones.
    overlap
        Whether a frame cut short can pass for a whole one that runs into the next.
    sure
        Frames in a row that prove a place.
    aside
        Takes the bytes at a place where no frame stands and gives the length of a message
        that may stand between frames, or 0.
    aside_size
        Most bytes of such messages in a row.
    """

    size: int
    header: bytes
    valid: Callable[[Bytes], Flags]
    counter: Callable[[Bytes], Counters]
    steps: Callable[[Counters, Counters], Counters]
    counted: bool = False
    lone: bool = True
    overlap: bool = True
    sure: int = 3
    aside: Callable[[bytes], int] = _no_aside
    aside_size: int = 0


class Signs:
    """Where frames may stand in a short stretch of bytes."""

    def __init__(self, rules: FrameRules, data: Bytes, *, final: bool) -> None:
        self._rules, self._data, self._final = rules, data, final
        size, places = rules.size, max(0, len(data) - rules.size + 1)
        self.likely = self.sure = np.zeros(len(data), np.bool_)
        if not places:
            return
        rows = sliding_window_view(data, size)
        valid = rules.valid(rows)
        self._counter = counter = rules.counter(rows)
        # beyond the data everything is possible
        ahead = rules.sure * size
        padded = np.concatenate((valid, np.ones(ahead, np.bool_)))
        sure, count = valid.copy(), valid.astype(np.int64)
        moving = valid.copy()
        for number in range(1, rules.sure + 1):
            start = number * size
            count += padded[start : start + places]
            inside = max(0, places - start)
            pair = slice(start - size, start - size + inside), slice(start, start + inside)
            steps = rules.steps(counter[pair[0]], counter[pair[1]])
            moving[:inside] &= steps >= 1
            if number < rules.sure:
                sure &= padded[start : start + places]
                sure[:inside] &= steps == 1
        self.sure = np.zeros(len(data), np.bool_)
        self.sure[:places] = sure
        self.likely = np.zeros(len(data), np.bool_)
        self.likely[:places] = valid & moving & (count >= rules.sure + rules.counted)

    def proof(self, at: int, *, after: int | None = None, first: bool = False) -> bool:
        """Return whether frames in a row stand here.

        At the end of the stream a single frame is enough where it is plausible `after` the
        last one, is the `first`, or where the rest begins like a frame.
        """
        if at >= len(self.sure) or not self.sure[at]:
            return False
        if self._whole(at) >= 2 or first:
            return True
        return self.steps(at, after) >= 1 if after is not None else self._ends_well(at)

    def hint(self, at: int, *, after: int | None = None) -> bool:
        """Return whether nearly all frames from here on are there."""
        if at >= len(self.likely) or not self.likely[at] or self._whole(at) < 2:
            return False
        return after is None or self.steps(at, after) >= 1

    def steps(self, at: int, last: int) -> int:
        """Return how many frames after the last one a frame here is, 0 where none can be."""
        if self._whole(at) < 1:
            return 0
        row = self._data[at : at + self._rules.size][None]
        before = np.array([last], np.int64)
        steps = self._rules.steps(before, self._rules.counter(row))
        return int(steps[0]) if self._rules.valid(row)[0] else 0

    def counter(self, at: int) -> int | None:
        """Return the counter of a frame here, None where none can stand."""
        row = self._data[at : at + self._rules.size][None]
        return int(self._rules.counter(row)[0]) if self._rules.valid(row)[0] else None

    def is_last(self, at: int) -> bool:
        """Return whether the stream ends before another whole frame can follow."""
        return self._final and self._whole(at) == 1

    def _whole(self, at: int) -> int:
        return (len(self._data) - at) // self._rules.size

    def _ends_well(self, at: int) -> bool:
        rest = self._data[at + self._rules.size :].tobytes()
        header = self._rules.header
        return bool(header) and rest.startswith(header[: len(rest)])
