"""Leg movements on an envelope: two thresholds, and the quiet that ends a movement.

A movement starts where the envelope rises above the upper threshold and ends at the start of
the first half second that stays at or below the lower one (WASM 2016, Ferri et al., Sleep Med
2016; AASM manual, movement rules). As in machine scoring by that standard it must hold a half
second whose median lies above the lower threshold.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Movement:
    """A movement in hops of the envelope: first, one past the last, and its amplitude.

    Attributes
    ----------
    first, last
        Hop of the onset, and the hop at which the quiet begins.
    mean, peak
        Mean and largest envelope between them.
    """

    first: int
    last: int
    mean: float
    peak: float


class MovementScanner:
    """Find movements in an envelope that comes in pieces.

    Parameters
    ----------
    quiet
        Hops of quiet that end a movement.
    shortest
        Hops of the shortest movement.
    longest
        Hops after which a movement is cut for want of memory.
    """

    def __init__(self, quiet: int, shortest: int, longest: int = 1_000_000) -> None:
        self._quiet = quiet
        self._shortest = shortest
        self._longest = longest
        self._base = 0
        self._envelope = np.empty(0, np.float32)
        self._upper = np.empty(0, np.float32)
        self._lower = np.empty(0, np.float32)

    def scan(
        self,
        envelope: NDArray[np.float32],
        upper: NDArray[np.float32],
        lower: NDArray[np.float32],
        *,
        last: bool = False,
    ) -> list[Movement]:
        """Take the next piece and return the movements that ended in it.

        Parameters
        ----------
        envelope
            Next values; NaN where the signal cannot be trusted, which ends a movement.
        upper, lower
            Thresholds, same shape; NaN where the resting level is unknown.
        last
            Whether the signal ends here.
        """
        self._envelope = np.concatenate([self._envelope, envelope])
        self._upper = np.concatenate([self._upper, upper])
        self._lower = np.concatenate([self._lower, lower])
        runs = active_runs(self._envelope, self._lower, self._quiet)
        done = self._envelope.size
        if runs.size and not last:
            tail = int(runs[-1, 1])
            is_open = self._envelope.size - tail < self._quiet
            if is_open and self._envelope.size - runs[-1, 0] <= self._longest:
                done = int(runs[-1, 0])
                runs = runs[:-1]
        found = [m for run in runs if (m := self._movement(*run)) is not None]
        self._base += done
        self._envelope = self._envelope[done:]
        self._upper = self._upper[done:]
        self._lower = self._lower[done:]
        return found

    def _movement(self, first: int, last: int) -> Movement | None:
        values = self._envelope[first:last]
        above = values >= self._upper[first:last]
        if not above.any():
            return None
        onset = first + int(np.argmax(above))
        values = self._envelope[onset:last]
        if values.size < self._shortest:
            return None
        if not _holds_median(values > self._lower[onset:last], self._quiet):
            return None
        return Movement(
            self._base + onset,
            self._base + last,
            float(values.mean(dtype=np.float64)),
            float(values.max()),
        )


def active_runs(
    envelope: NDArray[np.float32], lower: NDArray[np.float32], quiet: int
) -> NDArray[np.intp]:
    """Return stretches above `lower`, bridged over quiet shorter than `quiet` hops.

    Returns
    -------
    numpy.ndarray
        Shape ``(n, 2)``: first hop, one past the last. Untrusted hops (NaN) are never bridged.
    """
    with np.errstate(invalid="ignore"):
        runs = true_runs(envelope > lower)
    if len(runs) < 2:
        return runs
    gaps = runs[1:, 0] - runs[:-1, 1]
    broken = np.concatenate([[0], np.cumsum(np.isnan(envelope) | np.isnan(lower))])
    whole = broken[runs[1:, 0]] == broken[runs[:-1, 1]]
    joined = (gaps < quiet) & whole
    starts = runs[np.r_[True, ~joined], 0]
    ends = runs[np.r_[~joined, True], 1]
    return np.stack([starts, ends], axis=1)


def true_runs(mask: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return the runs of True, shape ``(n, 2)``: first index, one past the last."""
    edges = np.flatnonzero(np.diff(np.r_[False, mask, False].astype(np.int8)))
    return edges.reshape(-1, 2)


def _holds_median(above: NDArray[np.bool_], width: int) -> bool:
    """Whether some window of `width` hops has its median above the threshold."""
    width = min(width, above.size)
    total = np.concatenate([[0], np.cumsum(above)])
    return bool(np.max(total[width:] - total[:-width]) > width / 2)
