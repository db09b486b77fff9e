"""Gaps from a sequence counter that wraps, with the host's clock as a second witness."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .table import Run

_WINDOW_S = 2.0


@dataclass(frozen=True, slots=True)
class Loss:
    """Samples missing before a row.

    Attributes
    ----------
    row
        The first row after the gap.
    samples
        Samples lost by the counter.
    paused_s
        What the host's clock says of the pause, seconds; NaN where there is none.
    """

    row: int
    samples: int
    paused_s: float = float("nan")


def wrap_of(counter: NDArray[np.int64], usual: Sequence[int]) -> int:
    """Return after how many values a counter starts again, 0 where it never does.

    Parameters
    ----------
    counter
        Values as they come, shape ``(n,)``.
    usual
        Lengths to choose from where the counter does not show its own.
    """
    steps = np.diff(counter)
    back = steps[steps < 0]
    highest = int(counter.max(initial=0))
    if back.size:
        sizes, times = np.unique(back, return_counts=True)
        commonest = int(1 - sizes[np.argmax(times)])
        if commonest > highest or (
            times.max() > 3 and commonest == highest - counter.min() + 1
        ):
            return commonest
    elif highest + 1 not in usual:
        return 0
    return next((size for size in sorted(usual) if size > highest), 0)


def losses(counter: NDArray[np.int64], wrap: int) -> tuple[list[Loss], list[int]]:
    """Return where the counter jumps, and the rows where it stands still.

    A jump is counted modulo `wrap`; with ``wrap == 0`` only forward jumps are known.
    """
    steps = np.diff(counter)
    odd = np.flatnonzero(steps != 1)
    still = (np.flatnonzero(steps == 0) + 1).tolist()
    found = []
    for place in odd.tolist():
        step = int(steps[place])
        lost = (step - 1) % wrap if wrap else step - 1
        if step and lost > 0:
            found.append(Loss(place + 1, lost))
    return found, still


def with_host_clock(
    found: Sequence[Loss],
    still: Sequence[int],
    arrival: NDArray[np.float64],
    wrap: int,
    rate_hz: float,
) -> list[Loss]:
    """Add whole turns of the counter where the host's clock clearly shows them.

    Rows arrive in batches, so a time of arrival is never the time of a sample. The
    earliest arrival in a window, less the time due by the count, is a measure that batches
    do not disturb: where it rises for good by about a whole turn, a turn was lost.

    Parameters
    ----------
    found
        Jumps of the counter.
    still
        Rows where it stands still: a row sent twice, or one sample less than a turn lost.
    arrival
        Time at which each row arrived, seconds, shape ``(n,)``; NaN where unknown.
    wrap
        Length of a turn of the counter, samples.
    rate_hz
        Sampling rate, Hz.
    """
    if not wrap or not np.isfinite(arrival).any():
        return list(found)
    turn_s = wrap / rate_hz
    pauses = np.flatnonzero(np.diff(arrival) > 0.7 * turn_s) + 1
    lost_at = dict.fromkeys(still[:10_000], -1) | {loss.row: loss.samples for loss in found}
    rows = sorted(set(lost_at) | set(pauses.tolist()[:10_000]))
    kept = []
    for row in rows:
        paused = _pause(arrival, row, rate_hz)
        lost = lost_at.get(row, 0)
        turns = (paused - lost / rate_hz) / turn_s
        if np.isfinite(turns) and turns > 0.7 and abs(turns - round(turns)) < 0.3:
            lost += round(turns) * wrap
        if lost > 0:
            kept.append(Loss(row, lost, paused))
    return kept


def runs_of(found: Sequence[Loss], rows: int, rate_hz: float) -> list[Run]:
    """Return the evenly spaced runs of rows between the losses."""
    runs = []
    first = missing = 0
    for loss in [*found, Loss(rows, 0)]:
        runs.append(Run((first + missing) / rate_hz, first, loss.row))
        first = loss.row
        missing += loss.samples
    return [run for run in runs if run.last > run.first]


def _pause(arrival: NDArray[np.float64], row: int, rate_hz: float) -> float:
    """Return by how much the earliest lateness rises at a row, seconds."""
    reach = max(8, int(_WINDOW_S * rate_hz))
    before, after = slice(max(0, row - reach), row), slice(row, row + reach)
    due = np.arange(len(arrival))[before.start : after.stop] / rate_hz
    late = arrival[before.start : after.stop] - due
    split = row - before.start
    if not (np.isfinite(late[:split]).any() and np.isfinite(late[split:]).any()):
        return float("nan")
    return float(np.nanmin(late[split:]) - np.nanmin(late[:split]))
