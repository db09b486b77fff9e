"""The last minutes of a signal as extremes of short bins, in memory that does not grow."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ...recording.errors import CrampwatchError

_FINE = 4
_EMPTY = np.iinfo(np.int64).min


class Bins:
    """Smallest and largest value of each bin of a fixed grid of time; gaps stay gaps.

    Parameters
    ----------
    width_s
        Length of a bin; bin ``k`` begins at ``k * width_s``.
    count
        How many are kept.
    n_axes
        Numbers of a sample.
    """

    def __init__(self, width_s: float, count: int, n_axes: int = 1) -> None:
        if not (width_s > 0.0 and count > 0):
            raise CrampwatchError("bins need a width and a number")
        self.width_s, self.count = width_s, count
        self._low = np.full((count, n_axes), np.nan, np.float32)
        self._high = self._low.copy()
        self._bin = np.full(count, _EMPTY, np.int64)
        self._newest = _EMPTY

    def put(
        self, time_s: NDArray[np.float64], values: NDArray[np.float32], hold_s: float
    ) -> None:
        """Take samples in the order of their time.

        Parameters
        ----------
        time_s
            Seconds, shape ``(n,)``.
        values
            Shape ``(n, n_axes)``; what is not finite is left out.
        hold_s
            For how long a sample holds: the time to the next one.
        """
        known = np.isfinite(values).all(axis=1) & np.isfinite(time_s)
        if not known.all():
            time_s, values = time_s[known], values[known]
        if hold_s * _FINE > self.width_s:
            # a sample fills all bins up to the next one
            times = math.ceil(hold_s * _FINE / self.width_s)
            part = np.arange(times) * (hold_s / times)
            time_s = (time_s[:, None] + part).ravel()
            values = np.repeat(values, times, axis=0)
        number = np.floor(time_s / self.width_s).astype(np.int64)
        fresh = number > max(self._newest, int(number.max(initial=_EMPTY))) - self.count
        if not fresh.all():
            number, values = number[fresh], values[fresh]
        if not len(number):
            return
        order = np.argsort(number, kind="stable")
        number, values = number[order], values[order]
        first = np.flatnonzero(np.diff(number, prepend=number[0] - 1))
        bins = number[first]
        low = np.minimum.reduceat(values, first, axis=0)
        high = np.maximum.reduceat(values, first, axis=0)
        place = bins % self.count
        same = self._bin[place] == bins
        low[same] = np.minimum(low[same], self._low[place[same]])
        high[same] = np.maximum(high[same], self._high[place[same]])
        self._low[place], self._high[place], self._bin[place] = low, high, bins
        self._newest = max(self._newest, int(bins[-1]))

    def read(
        self, first: int, stop: int, together: int = 1
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return smallest and largest values, NaN where there was nothing.

        Parameters
        ----------
        first, stop
            Bins of `together` bins each, on a grid of their own.
        together
            How many bins make one.

        Returns
        -------
        tuple
            Two arrays of shape ``(stop - first, n_axes)``.
        """
        number = np.arange(first * together, max(first, stop) * together)
        place = number % self.count
        kept = number > self._newest - self.count
        there = (kept & (self._bin[place] == number))[:, None]
        shape = (-1, together, self._low.shape[1])
        low = np.where(there, self._low[place], np.nan).reshape(shape)
        high = np.where(there, self._high[place], np.nan).reshape(shape)
        return (
            np.asarray(np.fmin.reduce(low, axis=1), np.float32),
            np.asarray(np.fmax.reduce(high, axis=1), np.float32),
        )
