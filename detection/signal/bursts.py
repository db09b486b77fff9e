"""Bursts of a tenth of a second and more: the beats that leg rhythms are made of.

A burst leaves rest, rises well above it, and is over where the short envelope is back at rest
or at a small part of the strongest burst beside it, for longer than a dip of noise lasts. Its
edges lie where it passes a tenth of its height over rest, less what the running mean widens
it by there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d

from .scanner import true_runs

WINDOW_S = 0.05
"""Window of the short envelope, seconds."""

MIN_RATE_HZ = 200.0
"""Below this rate the short envelope of rest varies too much to show a burst."""

LONGEST_S = 2.0
"""Longest burst that is looked at, seconds; those of every rhythm are shorter."""

_FOOT = 0.1
_RELEASE = 0.15
_BESIDE_S = 0.5
_PAUSE_S = 0.05
_GROUPS = 5


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
    hop_s
        Length of a hop of the envelope, seconds.
    """

    def __init__(self, onset_ratio: float, offset_ratio: float, hop_s: float) -> None:
        self._upper = np.float32(onset_ratio)
        self._lower = np.float32(offset_ratio)
        self._longest = round(LONGEST_S / hop_s)
        self._beside = round(_BESIDE_S / hop_s)
        self._pause = max(1, round(_PAUSE_S / hop_s))
        self._smear = (0.5 - _FOOT) * WINDOW_S / hop_s
        self._base = 0
        self._past = 0
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
        known = np.nan_to_num(ratio)
        # In a run of strong bursts the pauses need not come down to rest.
        strongest = self._strongest(known)
        active = known > np.maximum(self._lower, np.float32(_RELEASE) * strongest)
        active[: self._past] = False
        runs = self._bridged(true_runs(active))
        done = ratio.size
        if not last:
            done = max(ratio.size - self._beside, self._past)
            open_runs = runs[runs[:, 1] + self._pause > done]
            if len(open_runs):
                done = max(int(open_runs[0, 0]), self._past)
            if ratio.size - done > 2 * self._longest + self._beside:
                done = ratio.size - self._longest - self._beside
            runs = runs[runs[:, 1] <= done]
        bursts = [self._burst(ratio, *run) for run in self._strong(known, runs)]
        keep = max(0, done - self._beside)
        self._past = done - keep
        self._base += keep
        self._ratio = ratio[keep:]
        return bursts

    def _strongest(self, known: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the strongest value within about half a second of each."""
        size = max(1, self._beside // _GROUPS)
        padded = np.pad(known, (0, -known.size % size))
        peaks = padded.reshape(-1, size).max(axis=1) if known.size else padded
        if not peaks.size or peaks.max() < self._upper:
            return np.zeros(known.size, np.float32)
        around: NDArray[np.float32] = maximum_filter1d(peaks, 2 * _GROUPS + 1)
        return np.repeat(around, size)[: known.size]

    def _bridged(self, runs: NDArray[np.intp]) -> NDArray[np.intp]:
        """Join runs over dips too short to be a pause."""
        if len(runs) < 2:
            return runs
        apart = runs[1:, 0] - runs[:-1, 1] >= self._pause
        return np.stack([runs[np.r_[True, apart], 0], runs[np.r_[apart, True], 1]], axis=1)

    def _strong(self, known: NDArray[np.float32], runs: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return the runs that rise far enough and do not last too long."""
        if not len(runs):
            return runs
        padded = np.append(known, np.float32(0))
        peaks = np.maximum.reduceat(padded, runs.ravel())[::2]
        return runs[(peaks >= self._upper) & (runs[:, 1] - runs[:, 0] <= self._longest)]

    def _burst(self, ratio: NDArray[np.float32], start: int, stop: int) -> Burst:
        values = np.nan_to_num(ratio[start:stop])
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
