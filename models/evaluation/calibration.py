"""Whether a probability means what it says.

Candidates are put into bins of equal number by their probability; equal ones stay together.
The expected calibration error is the mean distance, weighted by number, between the mean
probability of a bin and the share of true ones in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .bootstrap import Bootstrap
from .rates import Interval, Share, share

BINS = 10
OPEN = 0.05
"""From this probability on a candidate is not plainly none."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its bootstrap interval of 95 %, None where there is none."""

    value: float
    bootstrap: Interval | None


@dataclass(frozen=True, slots=True)
class Bin:
    """Candidates of much the same probability.

    Attributes
    ----------
    low, high
        Smallest and largest probability.
    mean
        Mean probability.
    true
        Share of true ones.
    """

    low: float
    high: float
    mean: float
    true: Share


@dataclass(frozen=True, slots=True)
class Calibration:
    """Probabilities of candidates against what they were.

    Attributes
    ----------
    n, positives
        Candidates, and true ones among them.
    error
        Expected calibration error.
    open_error, n_open
        The same among candidates with a probability of at least `OPEN`, and their number.
        Where nearly all candidates are plainly none they make `error` small whatever the
        rest are given; this is the figure for the rest. None without any.
    brier
        Mean squared error of the probabilities.
    brier_of_base_rate
        The same, had every candidate been given the share of true ones.
    roc_auc
        Chance that a true one has the higher probability; None with one class only.
    average_precision
        Area under precision over recall, in steps; None without a true one.
    bins
        The reliability curve.
    """

    n: int
    positives: int
    error: Estimate
    open_error: Estimate | None
    n_open: int
    brier: Estimate
    brier_of_base_rate: float
    roc_auc: Estimate | None
    average_precision: float | None
    bins: tuple[Bin, ...]


def calibrate(
    probability: Sequence[float],
    is_true: Sequence[bool],
    night: Sequence[int],
    bootstrap: Bootstrap,
    bins: int = BINS,
) -> Calibration | None:
    """Compare probabilities with what was true.

    Parameters
    ----------
    probability, is_true, night
        One of each for every candidate: 0 to 1, whether it was a cramp, position of its night.
    bootstrap
        Draws of persons.
    bins
        Number of bins; fewer where many probabilities are equal.

    Returns
    -------
    Calibration or None
        None without candidates.

    Raises
    ------
    ValueError
        A probability is not between 0 and 1.
    """
    p, y = np.asarray(probability, np.float64), np.asarray(is_true, np.float64)
    if not p.size:
        return None
    if not bool(np.all((p >= 0) & (p <= 1))):
        raise ValueError("a probability lies between 0 and 1")
    where = np.asarray(night, np.int64)
    member = equal_mass_bins(p, bins)
    base = float(y.mean())
    some = p >= OPEN
    return Calibration(
        n=p.size,
        positives=int(y.sum()),
        error=_error(p, y, member, where, bootstrap),
        open_error=_error(
            p[some], y[some], equal_mass_bins(p[some], bins), where[some], bootstrap
        )
        if some.any()
        else None,
        n_open=int(some.sum()),
        brier=_brier(p, y, where, bootstrap),
        brier_of_base_rate=base * (1 - base),
        roc_auc=_auc_estimate(p, y, where, bootstrap),
        average_precision=average_precision(p, y),
        bins=tuple(
            Bin(
                float(p[member == b].min()),
                float(p[member == b].max()),
                float(p[member == b].mean()),
                share(int(y[member == b].sum()), int((member == b).sum())),
            )
            for b in range(int(member.max()) + 1)
        ),
    )


def equal_mass_bins(probability: Floats, bins: int = BINS) -> NDArray[np.int64]:
    """Return the bin of each probability, counted from 0 without gaps, shape as given."""
    inner = np.quantile(probability, np.arange(1, bins) / bins, method="inverted_cdf")
    member = np.searchsorted(np.unique(inner), probability, side="left")
    return np.unique(member, return_inverse=True)[1].astype(np.int64)


def roc_auc(probability: Floats, is_true: Floats) -> float | None:
    """Return the area under the ROC curve, ties counted half; None with one class only."""
    from scipy.stats import rankdata

    true = is_true > 0
    n_true, n_false = int(true.sum()), int((~true).sum())
    if not n_true or not n_false:
        return None
    rank = float(rankdata(probability)[true].sum())
    return (rank - n_true * (n_true + 1) / 2) / (n_true * n_false)


def average_precision(probability: Floats, is_true: Floats) -> float | None:
    """Return the mean precision over the steps of recall; None without a true one."""
    total = float(is_true.sum())
    if not total:
        return None
    order = np.argsort(-probability, kind="stable")
    hits = np.cumsum(is_true[order])
    last = np.append(np.flatnonzero(np.diff(probability[order])), probability.size - 1)
    precision, recall = hits[last] / (last + 1.0), hits[last] / total
    return float(np.sum(np.diff(recall, prepend=0.0) * precision))


def _error(
    p: Floats, y: Floats, member: NDArray[np.int64], night: NDArray[np.int64], draws: Bootstrap
) -> Estimate:
    n_bins = int(member.max()) + 1
    table = np.zeros((draws.person.size, n_bins))
    np.add.at(table, (night, member), p - y)
    number = _per_night(np.ones_like(p), night, draws)
    value = float(np.abs(table.sum(axis=0)).sum() / p.size)
    total = draws.sums(number)
    off = np.abs(draws.sums(table)).sum(axis=1)
    return Estimate(value, draws.interval(_over(off, total)))


def _brier(p: Floats, y: Floats, night: NDArray[np.int64], draws: Bootstrap) -> Estimate:
    squared = _per_night((p - y) ** 2, night, draws)
    number = _per_night(np.ones_like(p), night, draws)
    return Estimate(float(np.mean((p - y) ** 2)), draws.ratio_interval(squared, number))


def _auc_estimate(
    p: Floats, y: Floats, night: NDArray[np.int64], draws: Bootstrap
) -> Estimate | None:
    value = roc_auc(p, y)
    if value is None:
        return None
    # the area from weighted counts over the distinct probabilities, for every draw at once
    distinct, at = np.unique(p, return_inverse=True)
    person = draws.person[night]
    true, false = (np.zeros((draws.n_persons, distinct.size)) for _ in range(2))
    np.add.at(true, (person, at), y)
    np.add.at(false, (person, at), 1 - y)
    found = np.empty(draws.drawn.shape[0])
    for start in range(0, found.size, 200):
        part = slice(start, start + 200)
        ours, others = draws.drawn[part] @ true, draws.drawn[part] @ false
        below = np.cumsum(others, axis=1) - 0.5 * others
        pairs = ours.sum(axis=1) * others.sum(axis=1)
        found[part] = _over((ours * below).sum(axis=1), pairs)
    return Estimate(value, draws.interval(found))


def _per_night(values: Floats, night: NDArray[np.int64], draws: Bootstrap) -> Floats:
    return np.bincount(night, values, minlength=draws.person.size).astype(np.float64)


def _over(above: Floats, below: Floats) -> Floats:
    return np.divide(above, below, out=np.full_like(above, np.nan), where=below > 0)
