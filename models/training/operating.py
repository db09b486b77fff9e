"""Operating points: how many false alarms a night are borne, and what is found for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...detection.cramps.aftertone import aftertone_of
from ..artefact.judge import SHORTEST_CRAMP_S
from ..artefact.linear import Floats
from ..table.table import CrampFacts, Rows
from .lessons import Lessons

NIGHT_H = 8.0
"""Hours that could be scored which count as one night."""

CONFIDENCE = 0.95
CLASSES_S = ((0.0, 10.0), (10.0, 20.0), (20.0, 60.0), (60.0, np.inf))
LEAST_CRAMP, LEAST_POSSIBLE = 0.5, 0.1


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """One threshold and what it costs on held-out predictions.

    Attributes
    ----------
    threshold
        Least probability.
    wanted
        False alarms a night that were asked for.
    false_alarms
        How many there were.
    nights
        Nights of eight scorable hours.
    upper
        One-sided 95 % upper bound of false alarms a night (Poisson).
    by_bound
        Whether the bound itself keeps to what was asked for; else only the mean does.
    """

    threshold: float
    wanted: float
    false_alarms: int
    nights: float
    upper: float
    by_bound: bool


def upper_bound(count: int, nights: float) -> float:
    """Return the one-sided 95 % upper bound of a Poisson rate a night (Garwood 1936)."""
    from scipy.stats import chi2

    if nights <= 0:
        return float("inf")
    return float(chi2.ppf(CONFIDENCE, 2 * (count + 1)) / 2 / nights)


def choose(
    rows: Rows, chance: Floats, nights: float, wanted: float, *, sure: bool
) -> OperatingPoint:
    """Return the lowest threshold that keeps false alarms to what is asked for.

    By their upper bound where there are nights enough for that, else by their mean. Never
    below a half for a cramp, or a tenth for a possible one.

    Parameters
    ----------
    rows
        Contractions of which it is known what they are.
    chance
        Held-out probability of each.
    nights
        Nights of eight scorable hours that they come from.
    wanted
        False alarms a night.
    sure
        Whether this is the threshold of ``cramp``, which needs ten seconds.
    """
    highest = np.sort(false_scores(rows, chance, sure=sure))[::-1]
    by_bound = upper_bound(0, nights) <= wanted
    borne = 0
    if by_bound:
        while upper_bound(borne + 1, nights) <= wanted:
            borne += 1
    else:
        borne = int(np.floor(wanted * nights + 1e-9))
    least = LEAST_CRAMP if sure else LEAST_POSSIBLE
    threshold = least
    if borne < len(highest) and highest[borne] >= least:
        threshold = min(1.0, float(np.nextafter(highest[borne], 2.0)))
        higher = highest[highest > highest[borne]]
        if higher.size:
            threshold = 0.5 * (float(highest[borne]) + float(higher[-1]))
    count = int(np.sum(highest >= threshold))
    return OperatingPoint(
        threshold, wanted, count, nights, upper_bound(count, nights), by_bound
    )


def without_aftertone(
    taught: Lessons, chance: Floats, named_from: float | None = None
) -> Floats:
    """Return the probabilities with 0 where the detector would give no name of its own.

    What a named contraction left behind goes without a name: see
    `crampwatch.detection.cramps.aftertone`.

    Parameters
    ----------
    taught
        Contractions, among them cut ones.
    chance
        Probability of each.
    named_from
        From where on a contraction is named. None where that is not known yet: then only
        what a likelier one left behind is sure to go without, wherever the threshold will be.
    """
    rows = taught.rows
    ratio = taught.values[:, taught.names.index("ratio_median")]
    end = rows.onset_s + known_s(rows)
    leg = np.where(rows.side == "", rows.channel, rows.side).astype(str)
    left = chance.copy()
    order = np.lexsort((leg, rows.night))
    change = (np.diff(rows.night[order]) != 0) | (leg[order][1:] != leg[order][:-1])
    for own in np.split(order, np.flatnonzero(change) + 1):
        pairs = aftertone_of(rows.onset_s[own], end[own], ratio[own])
        # only a whole contraction leaves anything behind
        pairs &= rows.complete[own][None, :]
        least = chance[own][:, None] if named_from is None else named_from
        pairs &= chance[own][None, :] >= least
        left[own[pairs.any(axis=1)]] = 0.0
    return left


def false_scores(rows: Rows, chance: Floats, *, sure: bool) -> Floats:
    """Return the highest probability of each false alarm that could be given.

    Contractions of one leg that overlap are one alarm.
    """
    known = known_s(rows)
    able = (rows.label == 0) & ((known >= SHORTEST_CRAMP_S) if sure else True)
    found: list[float] = []
    sides = np.where(rows.side == "", rows.channel, rows.side)
    chosen = np.flatnonzero(able)
    order = sorted(chosen, key=lambda i: (rows.night[i], sides[i], rows.onset_s[i], i))
    last: tuple[int, str] | None = None
    until = -np.inf
    for i in order:
        place = (int(rows.night[i]), str(sides[i]))
        if place == last and rows.onset_s[i] < until:
            found[-1] = max(found[-1], float(chance[i]))
            until = max(until, rows.onset_s[i] + known[i])
        else:
            found.append(float(chance[i]))
            until = rows.onset_s[i] + known[i]
            last = place
    return np.array(found, np.float64)


def found_cramps(
    rows: Rows, chance: Floats, cramps: Sequence[CrampFacts], t_cramp: float, t_possible: float
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return for each true cramp whether it is called ``cramp``, and at least possible."""
    sure = np.zeros(len(cramps), bool)
    possible = np.zeros(len(cramps), bool)
    own = rows.label == 1
    long = known_s(rows) >= SHORTEST_CRAMP_S
    sure[rows.cramp[own & long & (chance >= t_cramp)]] = True
    possible[rows.cramp[own & (chance >= t_possible)]] = True
    return sure, possible | sure


def known_s(rows: Rows) -> Floats:
    """Return how much of each contraction is known, seconds."""
    return np.fmin(rows.duration_s, rows.cut_s)


def wilson(hits: int, of: int) -> tuple[float, float]:
    """Return the two-sided 95 % interval of a share (Wilson 1927)."""
    if of == 0:
        return 0.0, 1.0
    z = 1.959963984540054
    share = hits / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z / (1 + z * z / of) * np.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))


def sensitivity(
    cramps: Sequence[CrampFacts], sure: NDArray[np.bool_], possible: NDArray[np.bool_]
) -> list[dict[str, float | int | str | None]]:
    """Return what was found of the true cramps, by duration, with intervals."""
    table: list[dict[str, float | int | str | None]] = []
    lengths = np.array([cramp.duration_s for cramp in cramps])
    for low, high in CLASSES_S:
        own = (lengths >= low) & (lengths < high) if len(cramps) else np.zeros(0, bool)
        count, hits = int(own.sum()), int(possible[own].sum())
        interval = wilson(hits, count)
        name = f"{low:g} to {high:g} s" if np.isfinite(high) else f"over {low:g} s"
        table.append(
            {
                "duration": name,
                "cramps": count,
                "looked_at": int(sum(c.met for c, o in zip(cramps, own, strict=True) if o)),
                "cramp": int(sure[own].sum()),
                "cramp_or_possible": hits,
                "share": round(hits / count, 6) if count else None,
                "low": round(interval[0], 6),
                "high": round(interval[1], 6),
            }
        )
    return table
