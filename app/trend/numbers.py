"""Honest numbers from few nights: intervals and tests that hold for small samples."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

LEVEL: Final = 0.95
"""Confidence level of all intervals."""

_RESAMPLES: Final = 9_999


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its interval.

    Attributes
    ----------
    value
        The number, None where there is nothing to compute it from.
    low, high
        Ends of the 95 % interval; None where there are too few values for one.
    n
        Number of values, or of nights, behind it.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int

    def as_json(self) -> dict[str, Any]:
        """Return the number and its interval, JSON-ready."""
        names = ("value", "low", "high")
        told = {name: getattr(self, name) for name in names}
        shown = {k: None if v is None else round(v, 6) for k, v in told.items()}
        return {**shown, "n": self.n}


def share(found: int, of: int) -> Estimate:
    """Return a share with Jeffreys' interval (Brown, Cai and DasGupta 2001).

    Where none or all were found, the end of the interval on that side is 0 or 1.
    """
    from scipy.stats import beta

    if of <= 0:
        return Estimate(None, None, None, 0)
    tail = (1 - LEVEL) / 2
    low = 0.0 if found == 0 else float(beta.ppf(tail, found + 0.5, of - found + 0.5))
    high = 1.0 if found == of else float(beta.ppf(1 - tail, found + 0.5, of - found + 0.5))
    return Estimate(found / of, low, high, of)


def rate(count: int, amount: float, n: int) -> Estimate:
    """Return a count per amount (hours, nights) with the exact Poisson interval (Garwood 1936).

    It takes events for independent; where they come in clusters it is too narrow.
    """
    from scipy.stats import chi2

    if not amount > 0:
        return Estimate(None, None, None, n)
    tail = (1 - LEVEL) / 2
    low = float(chi2.ppf(tail, 2 * count)) / 2 if count else 0.0
    high = float(chi2.ppf(1 - tail, 2 * count + 2)) / 2
    return Estimate(count / amount, low / amount, high / amount, n)


def median(values: Sequence[float]) -> Estimate:
    """Return a median with the distribution-free interval of order statistics (Conover 1999).

    Below six values there is no 95 % interval.
    """
    from scipy.stats import quantile_test

    if not values:
        return Estimate(None, None, None, 0)
    middle = float(np.median(values))
    found: Any = quantile_test(values, q=middle, p=0.5).confidence_interval(LEVEL)
    if not (math.isfinite(found.low) and math.isfinite(found.high)):
        return Estimate(middle, None, None, len(values))
    return Estimate(middle, float(found.low), float(found.high), len(values))


def difference(first: Sequence[float], second: Sequence[float], seed: int = 0) -> Estimate:
    """Return the difference of two means, `first` less `second`, with a bootstrap interval.

    Percentile method, nights drawn within each group.
    """
    from scipy.stats import bootstrap

    if not first or not second:
        return Estimate(None, None, None, len(first) + len(second))
    value = float(np.mean(first) - np.mean(second))
    count = len(first) + len(second)
    if min(len(first), len(second)) < 2 or np.ptp(first) == np.ptp(second) == 0:
        return Estimate(value, None, None, count)
    found = bootstrap(
        (np.asarray(first, float), np.asarray(second, float)),
        _mean_difference,
        method="percentile",
        confidence_level=LEVEL,
        n_resamples=_RESAMPLES,
        vectorized=True,
        random_state=np.random.default_rng(seed),
        batch=500,
    ).confidence_interval
    return Estimate(value, float(found.low), float(found.high), count)


def permuted(first: Sequence[float], second: Sequence[float], seed: int = 0) -> float:
    """Return the two-sided p of a difference of means when nights are exchanged at random.

    Every exchange is looked at where there are few, else 9,999 of them.
    """
    from scipy.stats import permutation_test

    found = permutation_test(
        (np.asarray(first, float), np.asarray(second, float)),
        _mean_difference,
        permutation_type="independent",
        vectorized=True,
        n_resamples=_RESAMPLES,
        alternative="two-sided",
        random_state=np.random.default_rng(seed),
        batch=500,
    )
    return min(1.0, float(found.pvalue))


def holm(p: Sequence[float]) -> list[float]:
    """Return p-values corrected for their number (Holm 1979), in the order given."""
    corrected = [0.0] * len(p)
    least = 0.0
    for rank, place in enumerate(sorted(range(len(p)), key=lambda each: p[each])):
        least = max(least, min(1.0, (len(p) - rank) * p[place]))
        corrected[place] = least
    return corrected


def _mean_difference(
    first: NDArray[np.float64], second: NDArray[np.float64], axis: int = -1
) -> NDArray[np.float64]:
    return np.asarray(np.mean(first, axis=axis) - np.mean(second, axis=axis))
