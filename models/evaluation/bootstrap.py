"""Intervals over nights: what other nights of this kind would have given.

Whole persons are drawn with replacement, each with all its nights; a night whose person is
not known counts as a person. Nothing is fitted again: counts of each person are summed with
the number of times it was drawn. Numbers are whole and sums therefore exact, so that the same
seed gives the same interval on any machine.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .rates import CONFIDENCE, Interval

RESAMPLES = 2000

Floats = NDArray[np.float64]


class Bootstrap:
    """Draws of persons from the nights at hand.

    Parameters
    ----------
    persons
        Whose night each is, one for each night.
    resamples
        Number of draws.
    seed
        Same seed, same draws.
    """

    def __init__(
        self, persons: Sequence[str], resamples: int = RESAMPLES, seed: int = 0
    ) -> None:
        known = {person: number for number, person in enumerate(dict.fromkeys(persons))}
        self.person = np.array([known[person] for person in persons], np.int64)
        self.n_persons = len(known)
        rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(0xB007,)))
        even = np.full(self.n_persons, 1.0 / max(self.n_persons, 1))
        self.drawn: Floats = (
            rng.multinomial(self.n_persons, even, size=resamples).astype(np.float64)
            if self.n_persons
            else np.zeros((resamples, 0))
        )

    def sums(self, values: ArrayLike) -> Floats:
        """Return the sum of a number of each night over every draw.

        Parameters
        ----------
        values
            One row for each night, shape ``(n_nights, ...)``.

        Returns
        -------
        numpy.ndarray
            Shape ``(resamples, ...)``.
        """
        table = np.asarray(values, np.float64)
        each = np.zeros((self.n_persons, *table.shape[1:]))
        np.add.at(each, self.person, table)
        return np.tensordot(self.drawn, each, axes=1)

    def ratio(self, counts: ArrayLike, exposures: ArrayLike) -> Floats:
        """Return sum over sum for every draw; NaN over nothing, shape ``(resamples,)``."""
        above, below = self.sums(counts), self.sums(exposures)
        return np.divide(above, below, out=np.full_like(above, np.nan), where=below > 0)

    def interval(self, draws: Floats) -> Interval | None:
        """Return the percentile interval of a number over the draws.

        None where there is one person only, or where more than a twentieth of the draws
        holds nothing to compute it from.
        """
        known = draws[~np.isnan(draws)]
        if self.n_persons < 2 or known.size < CONFIDENCE * draws.size:
            return None
        tail = (1 - CONFIDENCE) / 2
        low, high = np.quantile(known, [tail, 1 - tail])
        return float(low), float(high)

    def ratio_interval(self, counts: ArrayLike, exposures: ArrayLike) -> Interval | None:
        """Return the interval of sum over sum."""
        return self.interval(self.ratio(counts, exposures))

    def quantile_interval(
        self, values: ArrayLike, nights: ArrayLike, share: float
    ) -> Interval | None:
        """Return the interval of a quantile of values that lie in nights.

        Parameters
        ----------
        values
            Pooled over nights, shape ``(n,)``.
        nights
            Position of the night of each value, shape ``(n,)``.
        share
            Which quantile, 0 to 1.
        """
        pooled = np.asarray(values, np.float64)
        if not pooled.size:
            return None
        order = np.argsort(pooled, kind="stable")
        person = self.person[np.asarray(nights, np.int64)][order]
        found = np.full(self.drawn.shape[0], np.nan)
        for number, draw in enumerate(self.drawn):
            weight = np.cumsum(draw[person])
            if weight[-1] > 0:
                at = np.searchsorted(weight, share * weight[-1], side="left")
                found[number] = pooled[order[min(int(at), pooled.size - 1)]]
        return self.interval(found)
