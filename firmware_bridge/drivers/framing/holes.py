"""What is missing of a stream, so that samples sent again are counted once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

MOST = 1024
"""Holes remembered; the oldest is given up first."""


class Holes:
    """Ranges of missing sample numbers, sorted and apart."""

    def __init__(self) -> None:
        self._ranges: list[tuple[int, int]] = []

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return iter(self._ranges)

    def open(self, start: int, stop: int) -> None:
        """Note that the samples from `start` to before `stop` did not come."""
        self._ranges.append((start, stop))
        del self._ranges[:-MOST]

    def fill(self, start: int, stop: int) -> bool:
        """Take samples that came after all; False if any of them is not missing."""
        at = bisect_right(self._ranges, (start, 1 << 80)) - 1
        if at < 0 or self._ranges[at][1] < stop:
            return False
        first, last = self._ranges[at]
        left = [(a, b) for a, b in ((first, start), (stop, last)) if a < b]
        self._ranges[at : at + 1] = left
        return True

    def clear(self) -> None:
        """Forget them all: the device has, too."""
        self._ranges.clear()
