"""Bursts of a tenth of a second and more: the beats that leg rhythms are made of.

A burst leaves rest, rises well above it, and is over where the short envelope is back. Its
edges lie where it passes a tenth of its height over rest, less what the running mean widens
it by there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .movements import true_runs

WINDOW_S = 0.05
"""Window of the short envelope, seconds."""

MIN_RATE_HZ = 200.0
"""Below this rate the short envelope of rest varies too much to show a burst."""

LONGEST_S = 2.0
"""Longest burst that is looked at, seconds; those of every rhythm are shorter."""

_FOOT = 0.1


@dataclass(frozen=True, slots=True)
class Burst:
    """Where a burst begins and ends, in hops from the start of its segment."""

    first: float
    last: float


class BurstScanner:
    """Find bursts in a short envelope that comes in pieces.

    Parameters
    ----------
    onset_ratio, offset_ratio
        Multiples of the resting level that a burst must reach, and at which it is over.
    longest
        Hops of the longest burst; what stays away from rest for longer is none.
    window
        Hops of the running mean that made the envelope.
    """

    def __init__(
        self, onset_ratio: float, offset_ratio: float, longest: int, window: int
    ) -> None:
        self._upper = np.float32(onset_ratio)
        self._lower = np.float32(offset_ratio)
        self._longest = longest
        self._smear = (0.5 - _FOOT) * window
        self._base = 0
        self._ratio = np.empty(0, np.float32)

    def scan(
        self,
        envelope: NDArray[np.float32],
        resting: NDArray[np.float32],
        *,
        last: bool = False,
    ) -> list[Burst]:
        """Take the next piece and return the bursts that ended in it.

        Parameters
        ----------
        envelope
            Next values; NaN where the signal cannot be trusted.
        resting
            Resting level, above 0, same shape; NaN where it is unknown.
        last
            Whether the signal ends here.
        """
        ratio = np.concatenate([self._ratio, envelope / resting])
        with np.errstate(invalid="ignore"):
            active = ratio > self._lower
        done = ratio.size
        if done and active[-1] and not last:
            quiet = np.flatnonzero(~active)
            done = int(quiet[-1]) + 1 if quiet.size else 0
            if ratio.size - done > 2 * self._longest:
                # More than the longest stays, so that its last part is no burst either.
                active[done:] = False
                done = ratio.size - self._longest - 1
        runs = true_runs(active[:done])
        bursts = [self._burst(ratio, *run) for run in self._strong(ratio[:done], runs)]
        self._base += done
        self._ratio = ratio[done:]
        return bursts

    def _strong(self, ratio: NDArray[np.float32], runs: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return the runs that rise far enough and do not last too long."""
        if not len(runs):
            return runs
        padded = np.append(ratio, np.float32(0))
        peaks = np.maximum.reduceat(padded, runs.ravel())[::2]
        return runs[(peaks >= self._upper) & (runs[:, 1] - runs[:, 0] <= self._longest)]

    def _burst(self, ratio: NDArray[np.float32], start: int, stop: int) -> Burst:
        values = ratio[start:stop]
        foot = 1.0 + _FOOT * (float(values.max()) - 1.0)
        high = start + np.flatnonzero(values >= foot)
        first, last = int(high[0]), int(high[-1])
        rise = _crossing(ratio, first, first - 1, foot) + self._smear
        fall = _crossing(ratio, last, last + 1, foot) - self._smear
        # The value of a hop stands for its middle.
        return Burst(self._base + rise + 0.5, self._base + fall + 0.5)


def _crossing(ratio: NDArray[np.float32], inside: int, outside: int, level: float) -> float:
    """Return where the envelope passes a level between two neighbouring hops."""
    if not 0 <= outside < ratio.size or not np.isfinite(ratio[outside]):
        return float(inside)
    high, low = float(ratio[inside]), float(ratio[outside])
    part = (high - level) / (high - low) if high > low else 0.0
    return inside + (outside - inside) * part
