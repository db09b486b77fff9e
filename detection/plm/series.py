"""Intervals between movements, and the periodic series they form."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .rules import TIME_TOLERANCE_S, Rules


def find_series(
    onset: NDArray[np.float64],
    candidate: NDArray[np.bool_],
    rules: Rules,
    barriers: NDArray[np.float64] | None = None,
) -> NDArray[np.int64]:
    """Give the periodic series their numbers.

    Two candidates that follow one another are linked if the interval between their onsets
    lies within the limits; a run of at least `Rules.min_series` linked candidates is a
    series. Whatever stands between them and is no candidate cuts the link.

    Parameters
    ----------
    onset
        Onsets of all movements in order of time, seconds, shape ``(n,)``.
    candidate
        Which of them may be part of a series, shape ``(n,)``.
    barriers
        Onset and end of further interruptions, shape ``(m, 2)``, seconds.

    Returns
    -------
    numpy.ndarray
        1, 2, ... in order of time, 0 outside a series; shape ``(n,)``, int64.
    """
    kept = _passing_short(onset, candidate, rules)
    numbers = np.zeros(onset.size, dtype=np.int64)
    if not kept.any():
        return numbers
    onset, candidate = onset[kept], candidate[kept]
    linked = _links(onset, candidate, rules, barriers)
    run = np.cumsum(candidate & ~linked) * candidate
    if not rules.short_imi_can_start:
        close = np.concatenate(([False], np.diff(onset) < rules.imi_min - TIME_TOLERANCE_S))
        run[~linked & close] = 0
    length = np.bincount(run)
    length[0] = 0
    is_series = length >= rules.min_series
    numbers[kept] = np.where(is_series[run], np.cumsum(is_series)[run], 0)
    return numbers


def intervals(
    onset: NDArray[np.float64],
    candidate: NDArray[np.bool_],
    rules: Rules,
    interruptions: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """Return the intermovement interval that belongs to each movement.

    Parameters
    ----------
    onset, candidate
        As for `find_series`.
    rules
        Says where an interval starts.
    interruptions
        Onset and end of what stands between movements like a non-candidate, shape
        ``(m, 2)``, seconds.

    Returns
    -------
    numpy.ndarray
        Onset to onset, seconds, shape ``(n,)``, float64; NaN where `Rules.imi_from` gives
        none.
    """
    found = np.full(onset.size, np.nan)
    if rules.imi_from == "previous_candidate":
        where = np.flatnonzero(candidate)
        found[where[1:]] = np.diff(onset[where])
        return found
    found[1:] = np.diff(onset)
    if rules.imi_from == "adjacent_candidate":
        found[1:][~(candidate[1:] & candidate[:-1])] = np.nan
        if interruptions is not None and interruptions.size:
            found[1:][_between(onset, interruptions)] = np.nan
    return found


def _links(
    onset: NDArray[np.float64],
    candidate: NDArray[np.bool_],
    rules: Rules,
    barriers: NDArray[np.float64] | None,
) -> NDArray[np.bool_]:
    """Return whether each movement carries on the run of the one before it."""
    step = np.diff(onset)
    slack = TIME_TOLERANCE_S if rules.imi_max_inclusive else -TIME_TOLERANCE_S
    fits = (step >= rules.imi_min - TIME_TOLERANCE_S) & (step <= rules.imi_max + slack)
    linked = np.zeros(onset.size, dtype=bool)
    linked[1:] = fits & candidate[1:] & candidate[:-1]
    if barriers is not None and barriers.size:
        linked[1:] &= ~_between(onset, barriers)
    return linked


def _between(onset: NDArray[np.float64], barriers: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return whether a barrier touches the time from each onset to the next."""
    begun = np.searchsorted(np.sort(barriers[:, 0]), onset[1:], side="right")
    over = np.searchsorted(np.sort(barriers[:, 1]), onset[:-1], side="left")
    return np.asarray(begun > over)


def _passing_short(
    onset: NDArray[np.float64], candidate: NDArray[np.bool_], rules: Rules
) -> NDArray[np.bool_]:
    """Return what is left when movements too soon after the last one are passed over."""
    kept = np.ones(onset.size, dtype=bool)
    if rules.short_interval == "ends_series":
        return kept
    last = -np.inf
    for i in np.flatnonzero(candidate):
        kept[i] = onset[i] - last >= rules.imi_min - TIME_TOLERANCE_S
        last = onset[i] if kept[i] else last
    return kept
