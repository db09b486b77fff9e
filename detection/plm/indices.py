"""The numbers of a scored night: intervals, periodicity, and how they spread over the night."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ...recording.annotations.hypnogram import Hypnogram
from .rules import TIME_TOLERANCE_S

LOG_IMI_STEP: Final = 0.25
LOG_IMI_MAX: Final = 6.0
"""Histogram of the natural logarithm of the interval: 0 (1 s) to 6 (403 s)."""


def per_hour(count: float, seconds: float) -> float | None:
    """Return a rate, or None where there is no time to divide by."""
    return count * 3600.0 / seconds if seconds > 0 else None


def periodicity_share(plm: int, candidates: int) -> float | None:
    """Return the share of candidates that are periodic (as PLMScoRe and SOMAS define it)."""
    return plm / candidates if candidates else None


def periodicity_ferri2006(
    onset: NDArray[np.float64], counted: NDArray[np.bool_]
) -> float | None:
    """Return the periodicity index of Ferri et al. 2006 (Sleep 29:759-769).

    The share of all intervals between consecutive leg movements that belong to a run of at
    least three intervals of more than 10 and at most 90 s each. It goes by movements of
    every length and by its own open limit, so it is not the share of periodic candidates.

    Parameters
    ----------
    onset
        Of all leg movements, seconds, shape ``(n,)``, in order of time.
    counted
        Which movements count (those in sleep), shape ``(n,)``; an interval counts if both
        of its ends do.
    """
    step = np.diff(onset)
    valid = counted[1:] & counted[:-1]
    if not valid.any():
        return None
    fits = valid & (step > 10.0 + TIME_TOLERANCE_S) & (step <= 90.0 + TIME_TOLERANCE_S)
    run = np.cumsum(np.diff(fits, prepend=False) & fits) * fits
    length = np.bincount(run)
    length[0] = 0
    return float(length[length >= 3].sum() / valid.sum())


def interval_statistics(imi: NDArray[np.float64]) -> Mapping[str, Any]:
    """Return count, mean and SD of the natural logarithm, and the geometric mean in seconds."""
    logs = np.log(imi[np.isfinite(imi) & (imi > 0)])
    mean = float(logs.mean()) if logs.size else None
    return {
        "n": int(logs.size),
        "log_mean": mean,
        "log_sd": float(logs.std(ddof=1)) if logs.size > 1 else None,
        "geometric_mean_s": float(np.exp(mean)) if mean is not None else None,
    }


def interval_histogram(imi: NDArray[np.float64]) -> Mapping[str, Any]:
    """Return the histogram of the natural logarithm of the intervals.

    Returns
    -------
    mapping
        ``edges_s`` (seconds, one more than ``counts``), ``counts``, and what lies
        ``below`` and ``above``.
    """
    logs = np.log(imi[np.isfinite(imi) & (imi > 0)])
    edges = np.arange(0.0, LOG_IMI_MAX + LOG_IMI_STEP / 2, LOG_IMI_STEP)
    counts, _ = np.histogram(logs, edges)
    return {
        "edges_s": [round(float(edge), 6) for edge in np.exp(edges)],
        "counts": [int(count) for count in counts],
        "below": int(np.sum(logs < edges[0])),
        "above": int(np.sum(logs > edges[-1])),
    }


def series_lengths(series: NDArray[np.int64]) -> Mapping[str, int]:
    """Return how many series there are of each number of movements."""
    lengths = np.bincount(series[series > 0])
    values, counts = np.unique(lengths[lengths > 0], return_counts=True)
    return {str(int(v)): int(c) for v, c in zip(values, counts, strict=True)}


def spread(
    onset: NDArray[np.float64],
    edges: NDArray[np.float64],
    hypnogram: Hypnogram | None,
) -> list[dict[str, Any]]:
    """Count movements between edges, with the rate per hour asleep (or of recording).

    Parameters
    ----------
    onset
        Of the movements to count, seconds, shape ``(n,)``.
    edges
        Seconds, shape ``(m + 1,)``, ascending.
    hypnogram
        Gives the time asleep in each part; without it the rate is per recorded hour.
    """
    counts, _ = np.histogram(onset, edges)
    parts = []
    for count, start, stop in zip(counts, edges[:-1], edges[1:], strict=True):
        time = stop - start if hypnogram is None else hypnogram.sleep_within(start, stop)
        parts.append(
            {
                "start_s": float(start),
                "end_s": float(stop),
                "count": int(count),
                "time_s": float(time),
                "per_h": per_hour(int(count), float(time)),
            }
        )
    return parts
