"""From a raw score to a calibrated probability, and from one prevalence to another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """A rising broken line from raw to calibrated log-odds, straight on at both ends.

    Attributes
    ----------
    raw, calibrated
        Corners, float64, shape ``(k,)`` with k >= 1; `raw` rises, `calibrated` never falls.
    slope
        Slope beyond the first and the last corner, above 0.
    """

    raw: Floats
    calibrated: Floats
    slope: float = 1.0

    def __call__(self, score: Floats) -> Floats:
        """Return calibrated log-odds for raw ones, same shape."""
        inside = np.interp(score, self.raw, self.calibrated)
        below = np.minimum(score - self.raw[0], 0.0)
        above = np.maximum(score - self.raw[-1], 0.0)
        moved: Floats = inside + self.slope * (below + above)
        return moved


def line(slope: float, offset: float) -> Curve:
    """Return the straight curve ``slope * score + offset``."""
    return Curve(np.zeros(1), np.array([float(offset)]), float(slope))


def probability(log_odds: Floats) -> Floats:
    """Return probabilities of log-odds, same shape."""
    chance: Floats = 1.0 / (1.0 + np.exp(-np.clip(log_odds, -50.0, 50.0)))
    return chance


def log_odds(chance: ArrayLike) -> Floats:
    """Return log-odds of probabilities, same shape; 0 and 1 become -50 and 50."""
    value = np.clip(np.asarray(chance, np.float64), 2e-22, 1.0)
    with np.errstate(divide="ignore"):
        found = np.log(value) - np.log1p(-value)
    clipped: Floats = np.clip(found, -50.0, 50.0)
    return clipped


def at_prevalence(chance: ArrayLike, assumed: float, wanted: float) -> Floats:
    """Return what probabilities become where cramps are rarer or more frequent.

    Bayes' theorem on the odds: a probability that assumes the prevalence `assumed` is moved
    to the prevalence `wanted`; the evidence of the signal stays what it is.

    Parameters
    ----------
    chance
        Probabilities, any shape.
    assumed, wanted
        Shares of cramps among the contractions that are looked at, between 0 and 1 (both
        excluded).

    Returns
    -------
    numpy.ndarray
        Shape of `chance`, float64.

    Raises
    ------
    ValueError
        A prevalence is not between 0 and 1.
    """
    for share in (assumed, wanted):
        if not 0.0 < share < 1.0:
            raise ValueError(f"a prevalence of {share} is not between 0 and 1")
    moved = log_odds(chance) + float(log_odds(wanted) - log_odds(assumed))
    return probability(moved)
