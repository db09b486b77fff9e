"""A night in pages: computed when read, a few kept, the same however they are read."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from math import ceil
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

PAGE_S = 60.0
PAGES_KEPT = 4

Page = TypeVar("Page")


class Shelf(Generic[Page]):
    """The last few pages that were made."""

    def __init__(self, make: Callable[[int], Page]) -> None:
        self._make = make
        self._kept: OrderedDict[int, Page] = OrderedDict()

    def page(self, number: int) -> Page:
        """Return a page, made only where it is not kept."""
        if number not in self._kept:
            self._kept[number] = self._make(number)
            if len(self._kept) > PAGES_KEPT:
                self._kept.popitem(last=False)
        return self._kept[number]


class PagedSource:
    """Raw numbers of one segment, made in pages of `PAGE_S` seconds.

    Parameters
    ----------
    rate_hz
        Sampling rate, Hz.
    size
        Number of samples.
    make
        Returns page ``number``, samples ``first`` to ``first + count``, shape
        ``(count, n_axes)``.
    """

    def __init__(
        self, rate_hz: float, size: int, make: Callable[[int, int, int], NDArray[np.int16]]
    ) -> None:
        self._rate_hz = rate_hz
        self._size = size
        self._make = make
        self._shelf = Shelf(self._made)

    def __len__(self) -> int:
        return self._size

    def read(self, start: int, stop: int) -> NDArray[np.int16]:
        """Return samples `start` to `stop`, shape ``(stop - start, n_axes)``."""
        start, stop = max(0, start), min(stop, self._size)
        number = int(start / self._rate_hz / PAGE_S)
        number -= page_span(number, self._rate_hz)[0] > start
        parts = []
        while start < stop:
            first, after = page_span(number, self._rate_hz)
            if after > start:
                parts.append(self._shelf.page(number)[start - first : stop - first])
                start = after
            number += 1
        if not parts:
            return self._shelf.page(0)[:0]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def _made(self, number: int) -> NDArray[np.int16]:
        first, after = page_span(number, self._rate_hz)
        page = self._make(number, first, after - first)
        page.flags.writeable = False
        return page


def page_span(number: int, rate_hz: float) -> tuple[int, int]:
    """Return the first sample of a page and of the next one."""
    return ceil(number * PAGE_S * rate_hz), ceil((number + 1) * PAGE_S * rate_hz)
