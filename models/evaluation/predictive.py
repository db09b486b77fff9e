"""What a find is worth to someone who has cramps now and then.

The share of right ones among all finds follows from the sensitivity, from the false alarms of
a night, and from how often there is a cramp: none of these nights says how often that is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .alarms import EITHER, Nights, alarm_counts, exposure_nights
from .bootstrap import Bootstrap
from .matching import CRAMP, NAMES
from .rates import Interval, poisson_upper, wilson

RATES: Mapping[str, float] = {
    "one a month": 12 / 365.25,
    "one a week": 1 / 7,
    "one a night": 1.0,
}
"""Cramps per night."""


@dataclass(frozen=True, slots=True)
class Predictive:
    """Share of right finds at a stated rate of cramps.

    Attributes
    ----------
    name
        Finds that are counted: ``cramp``, or ``either`` for possible ones too.
    rate
        How often there is a cramp, in words.
    per_night
        The same, cramps per night.
    value
        Share of right ones among the finds; None where nothing would be found at all.
    at_worst
        The same with the lower Wilson bound of the sensitivity and the one-sided upper
        Poisson bound of the false alarms: with few nights the honest figure.
    bootstrap
        Interval of 95 % over persons or nights; None without any false alarm.
    """

    name: str
    rate: str
    per_night: float
    value: float | None
    at_worst: float | None
    bootstrap: Interval | None


def predictive_values(
    nights: Nights, bootstrap: Bootstrap, rates: Mapping[str, float] = RATES
) -> list[Predictive]:
    """Return the predictive value of finds at each rate; nothing without a true cramp.

    Parameters
    ----------
    nights
        Judged nights: their mix of durations stands for that of the cramps to come.
    bootstrap
        Draws of persons.
    rates
        Cramps per night by name.
    """
    n_true = np.array([len(night.cramps) for night, _ in nights], np.int64)
    if not n_true.sum():
        return []
    length = exposure_nights([night for night, _ in nights])
    found = []
    for name in (CRAMP, EITHER):
        hits = _hits(nights, name)
        alarms = alarm_counts(nights, name)
        sensitivity, false = bootstrap.ratio(hits, n_true), bootstrap.ratio(alarms, length)
        bounds = wilson(int(hits.sum()), int(n_true.sum()))
        upper = poisson_upper(int(alarms.sum()), float(length.sum()))
        found += [
            Predictive(
                name,
                words,
                per_night,
                predictive_value(
                    hits.sum() / n_true.sum(), alarms.sum() / length.sum(), per_night
                ),
                None
                if bounds is None or upper is None
                else predictive_value(bounds[0], upper, per_night),
                bootstrap.interval(_values(sensitivity, false, per_night))
                if alarms.any()
                else None,
            )
            for words, per_night in rates.items()
        ]
    return found


def predictive_value(sensitivity: float, false: float, per_night: float) -> float | None:
    """Return right finds over all finds of a night; None where there are none.

    Parameters
    ----------
    sensitivity
        Share of cramps found, 0 to 1.
    false
        False alarms per night.
    per_night
        Cramps per night.
    """
    right = sensitivity * per_night
    return float(right / (right + false)) if right + false > 0 else None


def _values(
    sensitivity: NDArray[np.float64], false: NDArray[np.float64], per_night: float
) -> NDArray[np.float64]:
    right = sensitivity * per_night
    total = right + false
    return np.divide(right, total, out=np.full_like(right, np.nan), where=total > 0)


def _hits(nights: Nights, name: str) -> NDArray[np.int64]:
    wanted: Sequence[str] = NAMES if name == EITHER else (name,)
    return np.array(
        [sum(h is not None and h.name in wanted for h in d.hits) for _, d in nights], np.int64
    )
