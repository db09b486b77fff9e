"""Blocks of samples stamped by the device at their last sample: numbers, times and losses."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ..model import Gap, LossReason

NANO = 1e9
PRIOR_S = 0.25
"""Weight of the nominal rate against what the stamps say, as seconds of signal."""

YOUNG_S = 2.0
"""Signal after which the measured rate is trusted to a percent."""

AHEAD_S = 10.0
"""A stamp this far beyond the host's clock was set, not reached."""

LONGEST_S = 86400.0


class BlockClock:
    """Numbers the samples of one stream.

    The real rate of a sensor is a percent or so off the nominal one: it is measured between
    losses, so that drift is never counted as a loss, nor a loss taken for drift.

    Parameters
    ----------
    stream
        Name that the gaps carry.
    rate_hz
        Nominal rate.
    """

    def __init__(self, stream: str, rate_hz: float) -> None:
        self._stream, self._rate = stream, rate_hz
        self._samples = PRIOR_S * rate_hz
        self._seconds = PRIOR_S
        self._stamp: int | None = None
        self._arrival = math.nan
        self._index = 0
        self._shift = 0  # nanoseconds added to stamps, so that time goes on over a restart

    @property
    def rate_hz(self) -> float:
        """Measured rate, Hz."""
        return self._samples / self._seconds

    def number(
        self, stamp: int, count: int, arrival_s: float, origin: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float64], Gap | None]:
        """Return the numbers and times of a block whose last sample was taken at `stamp`.

        Parameters
        ----------
        stamp, origin
            Nanoseconds; the second is where seconds begin.
        count
            Samples in the block, at least 1.
        arrival_s
            Host clock, or NaN.

        Returns
        -------
        index, seconds, gap
            Shape ``(count,)`` each; the loss before the block, or None.
        """
        lost, reason, span_s = self._before(stamp, count, arrival_s)
        first = self._index + lost
        gap = None
        if lost or reason == "restart":
            exact = reason == "clock"
            low, high = (lost, lost) if exact else (0, None)
            gap = Gap(self._stream, self._index, lost, low, high, reason)
        end = (stamp + self._shift - origin) / NANO
        seconds = end - span_s * (np.arange(count)[::-1] / count)
        self._stamp, self._arrival = stamp, arrival_s
        self._index = first + count
        return first + np.arange(count), seconds, gap

    def _before(
        self, stamp: int, count: int, arrival_s: float
    ) -> tuple[int, LossReason, float]:
        """Return the loss before a block, what it was taken from, and how long the block is."""
        own = count / self.rate_hz
        if self._stamp is None:
            return 0, "clock", count / self._rate
        step = (stamp - self._stamp) / NANO
        waited = arrival_s - self._arrival
        # a clock that was set, or began anew
        if step <= 0 or step > LONGEST_S or step - waited > AHEAD_S:
            gone = waited if math.isfinite(waited) and 0 < waited < LONGEST_S else own
            self._shift += self._stamp - stamp + round(max(gone, own) * NANO)
            return max(0, round(gone * self.rate_hz) - count), "restart", own
        excess = step * self.rate_hz - count
        margin = 0.6 + count * (0.03 if self._seconds < YOUNG_S else 0.01)
        if excess <= margin:
            if excess >= -margin:
                self._samples += count
                self._seconds += step
            return 0, "clock", step
        return max(0, round(excess)), "clock", own
