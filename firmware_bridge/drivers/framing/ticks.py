"""Device stamps to running numbers: the clock of the device counts the lost samples."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..model import LossReason

TOLERANCE = 0.125
"""Part of the sampling interval by which two neighbours may be off."""


@dataclass(frozen=True, slots=True)
class Loss:
    """Samples missing before a row; the other fields as in `Gap`."""

    row: int
    index: int
    lost: int
    low: int
    high: int | None
    reason: LossReason


class TickCounter:
    """Stamps that wrap, one for each sample.

    Parameters
    ----------
    wrap
        Ticks after which the stamp begins anew.
    interval
        Ticks from sample to sample.
    tick_hz
        Ticks in a second.
    """

    def __init__(self, wrap: int, interval: float, tick_hz: float) -> None:
        self._wrap, self._interval, self._tick_hz = wrap, interval, tick_hz
        self._margin = max(2.0, TOLERANCE * interval)
        self._last: tuple[int, float] | None = None  # stamp, arrival
        self._index = -1
        self._ticks = 0

    def steps(self, before: NDArray[np.int64], after: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return how many whole intervals one stamp lies after another, 0 where not whole."""
        ticks = (after - before) % self._wrap
        count = np.rint(ticks / self._interval).astype(np.int64)
        whole = np.abs(ticks - count * self._interval) <= self._margin
        return np.where(whole & (ticks < self._wrap // 2), count, 0)

    def number(
        self,
        stamp: NDArray[np.int64],
        arrival_s: NDArray[np.float64],
        restart: NDArray[np.bool_],
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], Sequence[Loss]]:
        """Return running numbers, ticks from the first sample on, and losses."""
        if not len(stamp):
            return stamp, stamp, ()
        begun = self._last is not None
        last_stamp, last_arrival = self._last or (int(stamp[0]), math.nan)
        ticks = np.diff(stamp, prepend=last_stamp) % self._wrap
        waited = np.diff(arrival_s, prepend=last_arrival) * self._tick_hz
        known = np.isfinite(waited)
        behind = np.where(known, waited, 0.0) - ticks
        rounds = np.where(known, np.maximum(0, np.rint(behind / self._wrap)), 0)
        ticks += rounds.astype(np.int64) * self._wrap
        off = np.abs(behind - rounds * self._wrap)
        back = np.where(known, off > self._wrap / 4, ticks >= self._wrap // 2) | restart
        again = np.where(known, np.maximum(waited, self._interval), self._interval)
        ticks = np.where(back, np.rint(again).astype(np.int64), ticks)
        steps = np.maximum(1, np.rint(ticks / self._interval).astype(np.int64))
        if not begun:
            ticks[0], steps[0], back[0] = 0, 1, False
        index = self._index + np.cumsum(steps)
        total = self._ticks + np.cumsum(ticks)
        losses = [
            self._loss(
                int(row),
                int(index[row]),
                int(steps[row]) - 1,
                bool(back[row]),
                bool(known[row]),
            )
            for row in np.flatnonzero((steps > 1) | back)
        ]
        self._last = int(stamp[-1]), float(arrival_s[-1])
        self._index, self._ticks = int(index[-1]), int(total[-1])
        return index, total, losses

    def _loss(self, row: int, index: int, lost: int, back: bool, known: bool) -> Loss:
        first = index - lost
        if back:
            return Loss(row, first, lost, 0, None, "restart")
        return Loss(row, first, lost, lost, lost if known else None, "clock")
