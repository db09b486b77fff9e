"""One estimator of a model: features in, calibrated log-odds out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...detection.cramps.candidates import Candidate
from .curve import Curve, probability
from .forest import Forest
from .linear import Floats, Linear, Scale


@dataclass(frozen=True, slots=True, eq=False)
class Personal:
    """What was learned from one person's nights on top of a model for everybody.

    Attributes
    ----------
    slope, offset
        Of the log-odds of the model for everybody.
    scale
        Brings features to one scale.
    weights
        Log-odds for each unit of a scaled feature; float64, shape ``(features,)``.
    """

    slope: float
    offset: float
    scale: Scale
    weights: Floats

    def __call__(self, log_odds: Floats, values: Floats) -> Floats:
        """Return this person's log-odds, shape ``(n,)``."""
        scaled = self.scale(values)
        parts = np.where(np.isnan(scaled), 0.0, scaled) * self.weights
        own: Floats = np.add.reduce(np.ascontiguousarray(parts), axis=1)
        return self.slope * log_odds + self.offset + own


@dataclass(frozen=True, slots=True, eq=False)
class Scorer:
    """One estimator with its calibration and its thresholds.

    Attributes
    ----------
    features
        Names of the columns, in order.
    members
        Estimators whose log-odds are averaged.
    shares
        Weight of each member; they sum to 1.
    calibration
        From averaged to calibrated log-odds.
    t_cramp, t_possible
        Probabilities from which on a candidate is a cramp, and a possible one.
    typical
        Median of each feature among what is no cramp, NaN where never known; float64.
    personal
        What one person's nights added, None in a model for everybody.
    """

    features: tuple[str, ...]
    members: tuple[Forest | Linear, ...]
    shares: tuple[float, ...]
    calibration: Curve
    t_cramp: float
    t_possible: float
    typical: Floats
    personal: Personal | None = None

    def raw(self, values: Floats) -> Floats:
        """Return log-odds before calibration, shape ``(n,)``."""
        total = np.zeros(len(values))
        for share, member in zip(self.shares, self.members, strict=True):
            total += share * member.log_odds(values)
        return total

    def log_odds(self, values: Floats) -> Floats:
        """Return calibrated log-odds, shape ``(n,)``, of features ``(n, len(features))``."""
        found = self.calibration(self.raw(values))
        return found if self.personal is None else self.personal(found, values)

    def probabilities(self, values: Floats) -> Floats:
        """Return probabilities, shape ``(n,)``, of features ``(n, len(features))``."""
        return probability(self.log_odds(values))

    def values(self, candidates: Sequence[Candidate]) -> Floats:
        """Return the features of candidates, shape ``(n, len(features))``, NaN if unknown."""
        rows = [[c.values.get(name, np.nan) for name in self.features] for c in candidates]
        # training saw float32: the same numbers must fall on the same side of a threshold
        table = np.array(rows, np.float32).reshape(len(rows), len(self.features))
        return as_known(table)


def as_known(table: np.typing.NDArray[np.float32]) -> Floats:
    """Return features as float64, with NaN for what is not finite."""
    values = table.astype(np.float64)
    values[~np.isfinite(values)] = np.nan
    return values
