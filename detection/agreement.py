"""How far two scorings of one night agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..recording.model import Event

_SLACK = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Agreement:
    """Agreement of a scoring with a reference.

    Attributes
    ----------
    criterion
        What made two events the same one.
    n_reference, n_other, n_matched
        Number of events in each, and of pairs.
    precision, recall, f1
        Of the other scoring against the reference; None where nothing was to be found.
    onset_bias_s, onset_sd_s
        Mean and SD of (other - reference) over the pairs, seconds; None without enough.
    kappa
        Cohen's kappa over time (in an event or not), None where the length of the night is
        unknown or chance alone explains everything.
    index_difference
        PLM index of the other scoring minus the reference's, per hour; None if unknown.
    pairs
        Positions of matched events (reference, other), shape ``(n_matched, 2)``.
    """

    criterion: str
    n_reference: int
    n_other: int
    n_matched: int
    precision: float | None
    recall: float | None
    f1: float | None
    onset_bias_s: float | None
    onset_sd_s: float | None
    kappa: float | None
    index_difference: float | None
    pairs: NDArray[np.int64]

    def summary(self) -> Mapping[str, Any]:
        """Return every number but the pairs, ready for JSON."""
        values = asdict(self)
        del values["pairs"]
        return values


def compare_scorings(
    reference: ArrayLike,
    other: ArrayLike,
    *,
    min_iou: float = 0.2,
    onset_tolerance_s: float | None = None,
    duration_s: float | None = None,
    index_difference: float | None = None,
) -> Agreement:
    """Match two lists of events one to one and measure their agreement.

    Parameters
    ----------
    reference, other
        Onset and end of each event, seconds, shape ``(n, 2)``, in any order.
    min_iou
        Events whose intersection over union reaches this can be a pair.
    onset_tolerance_s
        If given, events whose onsets lie this close can be a pair, and `min_iou` is not used.
    duration_s
        Length of the night, for kappa.
    index_difference
        Carried into the result.

    Raises
    ------
    ValueError
        If a list has another shape, an event ends before it begins, or a limit is not
        within its range.
    """
    ours, theirs = _spans(reference, "reference"), _spans(other, "other")
    if onset_tolerance_s is None:
        pairs = match_by_overlap(ours, theirs, min_iou)
        criterion = f"intersection over union >= {min_iou:g}"
    else:
        pairs = match_by_onset(ours, theirs, onset_tolerance_s)
        criterion = f"onsets within {onset_tolerance_s:g} s"
    matched = len(pairs)
    late = theirs[pairs[:, 1], 0] - ours[pairs[:, 0], 0]
    either = len(ours) + len(theirs)
    return Agreement(
        criterion=criterion,
        n_reference=len(ours),
        n_other=len(theirs),
        n_matched=matched,
        precision=matched / len(theirs) if len(theirs) else None,
        recall=matched / len(ours) if len(ours) else None,
        f1=2 * matched / either if either else None,
        onset_bias_s=float(late.mean()) if matched else None,
        onset_sd_s=float(late.std(ddof=1)) if matched > 1 else None,
        kappa=None if duration_s is None else cohen_kappa(ours, theirs, duration_s),
        index_difference=index_difference,
        pairs=pairs,
    )


def night_spans(
    reference: Sequence[Event], other: Sequence[Event], night_s: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Lay the legs of a night one after the other, so that they are never mixed.

    Where either list holds an event of both legs or of an unknown one, all are taken
    together.

    Parameters
    ----------
    reference, other
        Events of two scorings.
    night_s
        Length of the night, seconds.

    Returns
    -------
    reference, other
        Onset and end, shape ``(n, 2)``, seconds.
    float
        Length of all legs together, seconds.
    """
    sides = sorted({str(event.side) for event in (*reference, *other)})
    if not set(sides) <= {"left", "right"} or len(sides) < 2:
        sides = []
    night_s = max([night_s, *(event.end for event in (*reference, *other))])

    def spans(events: Sequence[Event]) -> NDArray[np.float64]:
        late = [sides.index(str(e.side)) * night_s if sides else 0.0 for e in events]
        rows = [(e.onset + s, e.end + s) for e, s in zip(events, late, strict=True)]
        return np.array(rows, np.float64).reshape(-1, 2)

    return spans(reference), spans(other), night_s * max(len(sides), 1)


def match_by_overlap(
    reference: NDArray[np.float64], other: NDArray[np.float64], min_iou: float
) -> NDArray[np.int64]:
    """Pair as many events as possible whose intersection over union reaches `min_iou`.

    Among the largest matchings, the one with the largest total overlap is taken.

    Returns
    -------
    numpy.ndarray
        Positions (reference, other), shape ``(n, 2)``, int64, in order of the reference.
    """
    if not 0 < min_iou <= 1:
        raise ValueError(f"min_iou is {min_iou}; it lies above 0 and is at most 1")
    longest = float(np.max(other[:, 1] - other[:, 0], initial=0.0))
    i, j = _neighbours(reference[:, 0] - longest, reference[:, 1], other[:, 0])
    mine, theirs = reference[i], other[j]
    common = np.minimum(mine[:, 1], theirs[:, 1]) - np.maximum(mine[:, 0], theirs[:, 0])
    union = np.maximum(mine[:, 1], theirs[:, 1]) - np.minimum(mine[:, 0], theirs[:, 0])
    iou = np.divide(common, union, out=np.zeros_like(common), where=union > 0)
    possible = iou >= min_iou - _SLACK
    return _best_matching(i[possible], j[possible], iou[possible])


def match_by_onset(
    reference: NDArray[np.float64], other: NDArray[np.float64], tolerance_s: float
) -> NDArray[np.int64]:
    """Pair as many events as possible whose onsets differ by at most `tolerance_s`.

    The result is that of `match_by_overlap`; among the largest matchings, the one with the
    smallest total distance is taken.
    """
    if not (np.isfinite(tolerance_s) and tolerance_s > 0):
        raise ValueError(f"onset_tolerance_s is {tolerance_s}; it is a time above 0")
    reach = tolerance_s + _SLACK
    i, j = _neighbours(reference[:, 0] - reach, reference[:, 0] + reach, other[:, 0])
    distance = np.abs(reference[i, 0] - other[j, 0])
    return _best_matching(i, j, np.clip(1.0 - distance / tolerance_s, 0.0, 1.0))


def cohen_kappa(
    reference: NDArray[np.float64], other: NDArray[np.float64], duration_s: float
) -> float | None:
    """Return Cohen's kappa of "in an event" over the time from 0 to `duration_s`.

    It is computed from the spans themselves, not on a grid.
    """
    if not (np.isfinite(duration_s) and duration_s > 0):
        raise ValueError(f"duration_s is {duration_s}; it is the length of the night, above 0")
    edges = np.unique(np.concatenate((reference.ravel(), other.ravel(), [0.0, duration_s])))
    edges = edges[(edges >= 0) & (edges <= duration_s)]
    width = np.diff(edges) / duration_s
    middle = (edges[:-1] + edges[1:]) / 2
    a, b = _covered(reference, middle), _covered(other, middle)
    observed = float(width[a == b].sum())
    share_a, share_b = float(width[a].sum()), float(width[b].sum())
    chance = share_a * share_b + (1 - share_a) * (1 - share_b)
    return None if chance >= 1.0 - _SLACK else (observed - chance) / (1.0 - chance)


def _best_matching(
    i: NDArray[np.int64], j: NDArray[np.int64], merit: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Return the largest one-to-one choice among possible pairs, then the most merit.

    Pairs fall into groups that share no event; each is an assignment problem of its own.
    """
    if not i.size:
        return np.empty((0, 2), dtype=np.int64)
    from scipy.optimize import linear_sum_assignment
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    rows, row = np.unique(i, return_inverse=True)
    columns, column = np.unique(j, return_inverse=True)
    size = rows.size + columns.size
    graph = coo_array((np.ones(i.size), (row, column + rows.size)), shape=(size, size))
    _, group = connected_components(graph, directed=False)
    order = np.argsort(group[row], kind="stable")
    cuts = np.flatnonzero(np.diff(group[row][order])) + 1
    chosen = []
    for part in np.split(order, cuts):
        if part.size == 1:
            chosen.append((row[part[0]], column[part[0]]))
            continue
        left, r = np.unique(row[part], return_inverse=True)
        right, c = np.unique(column[part], return_inverse=True)
        gain = np.zeros((left.size, right.size))
        gain[r, c] = min(left.size, right.size) + 1.0 + merit[part]
        best_r, best_c = linear_sum_assignment(gain, maximize=True)
        real = gain[best_r, best_c] > 0
        chosen += list(zip(left[best_r[real]], right[best_c[real]], strict=True))
    found = np.array([(rows[r], columns[c]) for r, c in chosen], dtype=np.int64)
    return found[np.argsort(found[:, 0])]


def _neighbours(
    low: NDArray[np.float64], high: NDArray[np.float64], onsets: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return pairs (i, j) with ``low[i] <= onsets[j] <= high[i]``."""
    order = np.argsort(onsets, kind="stable")
    first = np.searchsorted(onsets[order], low, side="left")
    last = np.searchsorted(onsets[order], high, side="right")
    number = np.maximum(last - first, 0)
    i = np.repeat(np.arange(low.size), number)
    within = np.arange(i.size) - np.repeat(np.cumsum(number) - number, number)
    return i, order[first[i] + within]


def _covered(spans: NDArray[np.float64], times: NDArray[np.float64]) -> NDArray[np.bool_]:
    begun = np.searchsorted(np.sort(spans[:, 0]), times, side="right")
    over = np.searchsorted(np.sort(spans[:, 1]), times, side="right")
    return np.asarray(begun > over)


def _spans(table: ArrayLike, what: str) -> NDArray[np.float64]:
    spans = np.asarray(table, dtype=np.float64)
    if spans.size == 0:
        return np.empty((0, 2))
    if spans.ndim != 2 or spans.shape[1] != 2 or not np.all(np.isfinite(spans)):
        raise ValueError(f"{what}: shape {spans.shape}; needed is (n, 2), finite onset and end")
    if np.any(spans[:, 1] < spans[:, 0]):
        raise ValueError(f"{what}: an event ends before it begins; columns are onset and end")
    return spans
