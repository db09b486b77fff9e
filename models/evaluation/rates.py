"""Shares and rates with the intervals that go with them."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite, sqrt

CONFIDENCE = 0.95
Z = 1.959963984540054
"""Quantile of the normal distribution for a two-sided interval of 95 %."""

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Share:
    """A count out of a number.

    Attributes
    ----------
    count, of
        How many, and out of how many.
    value
        Their ratio; None out of nothing.
    wilson
        Interval of 95 % as if every one were drawn alone (Wilson, J Am Stat Assoc
        1927;22:209).
    bootstrap
        Interval of 95 % over persons or nights; None where there is one of them only, and
        where it was none or all: drawing the same again says nothing.
    """

    count: int
    of: int
    value: float | None
    wilson: Interval | None
    bootstrap: Interval | None = None


@dataclass(frozen=True, slots=True)
class Rate:
    """A count over an exposure.

    Attributes
    ----------
    count
        How many.
    exposure
        Over how many nights or hours.
    value
        Their ratio; None over nothing.
    upper
        Exact one-sided upper bound of 95 % of a Poisson rate.
    bootstrap
        Interval of 95 % over persons or nights; None where there is one of them only, and
        where there was none to count.
    """

    count: int
    exposure: float
    value: float | None
    upper: float | None
    bootstrap: Interval | None = None


def share(count: int, of: int, bootstrap: Interval | None = None) -> Share:
    """Return a share with its Wilson interval."""
    varied = bootstrap if 0 < count < of else None
    return Share(count, of, count / of if of else None, wilson(count, of), varied)


def rate(count: int, exposure: float, bootstrap: Interval | None = None) -> Rate:
    """Return a rate with its exact upper bound."""
    value = count / exposure if exposure > 0 else None
    varied = bootstrap if count else None
    return Rate(count, exposure, value, poisson_upper(count, exposure), varied)


def wilson(count: int, of: int, z: float = Z) -> Interval | None:
    """Return the score interval of a share (Wilson 1927); None out of nothing.

    Raises
    ------
    ValueError
        `count` is not between 0 and `of`.
    """
    if not 0 <= count <= of:
        raise ValueError(f"{count} of {of}: a share needs a count from 0 to its number")
    if not of:
        return None
    p, square = count / of, z * z / of
    middle = (p + square / 2) / (1 + square)
    half = z * sqrt(p * (1 - p) / of + square / (4 * of)) / (1 + square)
    return (
        0.0 if count == 0 else max(0.0, middle - half),
        1.0 if count == of else min(1.0, middle + half),
    )


def poisson_upper(count: int, exposure: float, confidence: float = CONFIDENCE) -> float | None:
    """Return the exact one-sided upper bound of a Poisson rate; None over nothing.

    Half the `confidence` quantile of chi square with ``2 (count + 1)`` degrees of freedom,
    over the exposure (Garwood, Biometrika 1936;28:437).

    Raises
    ------
    ValueError
        `count` or `exposure` is negative or not finite.
    """
    if count < 0 or exposure < 0 or not isfinite(exposure):
        raise ValueError(f"{count} over {exposure}: neither may be negative")
    if exposure == 0:
        return None
    from scipy.special import gammaincinv

    return float(gammaincinv(count + 1, confidence)) / exposure
