"""A penalised linear score on features brought to one scale, as plain numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """Each feature on the scale of a normal distribution, by rising broken lines.

    Attributes
    ----------
    knots
        Quantiles of each feature, never falling; float64, shape ``(features, k)``.
    scores
        Normal scores of the quantiles; float64, shape ``(k,)``.
    """

    knots: Floats
    scores: Floats

    def __call__(self, values: Floats) -> Floats:
        """Return scaled features, NaN where unknown, same shape ``(n, features)``."""
        out = np.full(values.shape, np.nan)
        for column, knots in enumerate(self.knots):
            known = np.isfinite(values[:, column])
            if knots[-1] > knots[0]:
                out[known, column] = np.interp(values[known, column], knots, self.scores)
            else:
                out[known, column] = 0.0
        return out


@dataclass(frozen=True, slots=True, eq=False)
class Linear:
    """Log-odds as a weighted sum of scaled features and of what is missing.

    Attributes
    ----------
    scale
        Brings features to one scale.
    weights
        Log-odds for each unit of a scaled feature; float64, shape ``(features,)``.
    missing
        Log-odds that an unknown feature adds; float64, shape ``(features,)``.
    start
        Log-odds of a candidate with every feature at its median.
    """

    scale: Scale
    weights: Floats
    missing: Floats
    start: float

    def log_odds(self, values: Floats) -> Floats:
        """Return log-odds, shape ``(n,)``, of features of shape ``(n, columns)``."""
        scaled = self.scale(values)
        unknown = np.isnan(scaled)
        parts = np.where(unknown, self.missing, np.where(unknown, 0.0, scaled) * self.weights)
        # row by row: a sum must not depend on what else is judged with it
        total: Floats = self.start + np.add.reduce(np.ascontiguousarray(parts), axis=1)
        return total
