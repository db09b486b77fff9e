"""How far the onset and the end of a find lie from the true ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .bootstrap import Bootstrap
from .rates import Interval
from .tally import Decision, NightTally


@dataclass(frozen=True, slots=True)
class Errors:
    """Differences in time of the hits.

    Attributes
    ----------
    n
        Number of them.
    median_s
        Median of found minus true: above 0 is late, seconds.
    half_s, most_s
        Half, and 90 %, of them are off by at most this much either way, seconds.
    half_interval, most_interval
        Bootstrap intervals of 95 % of these two.
    """

    n: int
    median_s: float
    half_s: float
    most_s: float
    half_interval: Interval | None
    most_interval: Interval | None


@dataclass(frozen=True, slots=True)
class LiveScore:
    """What was told while the nights ran.

    Attributes
    ----------
    delay
        From the onset of a true contraction to the first word on it; None without any.
    told, of
        How many true contractions were told, out of how many.
    false_per_night
        Finds told that are none, by name, over nights of eight hours.
    """

    delay: Errors | None
    told: int
    of: int
    false_per_night: dict[str, float]


def onset_errors(
    nights: Sequence[tuple[NightTally, Decision]], bootstrap: Bootstrap
) -> Errors | None:
    """Return how far found onsets lie from the true ones; None without a hit."""
    return _errors(nights, bootstrap, "onset")


def end_errors(
    nights: Sequence[tuple[NightTally, Decision]], bootstrap: Bootstrap
) -> Errors | None:
    """Return how far found ends lie from the true ones; None without a hit."""
    return _errors(nights, bootstrap, "end")


def live_score(nights: Sequence[NightTally], bootstrap: Bootstrap) -> LiveScore | None:
    """Return what was told live; None where no night was played."""
    played = [(number, night) for number, night in enumerate(nights) if night.live is not None]
    if not played:
        return None
    delays = [
        (number, delay)
        for number, night in played
        for delay in (night.live.delays_s if night.live else ())
    ]
    known = [(number, delay) for number, delay in delays if delay is not None]
    length = sum(night.duration_s for _, night in played) / 3600.0 / 8.0
    alarms = [night.live.false_alarms for _, night in played if night.live is not None]
    return LiveScore(
        summarise([d for _, d in known], [n for n, _ in known], bootstrap),
        len(known),
        len(delays),
        {
            name: sum(each[name] for each in alarms) / length
            for name in sorted({name for each in alarms for name in each})
            if length > 0
        },
    )


def summarise(
    seconds: Sequence[float], night: Sequence[int], bootstrap: Bootstrap
) -> Errors | None:
    """Return quantiles of signed differences that lie in nights; None without any."""
    if not seconds:
        return None
    signed = np.asarray(seconds, np.float64)
    size = np.abs(signed)
    half, most = np.quantile(size, [0.5, 0.9])
    return Errors(
        signed.size,
        float(np.median(signed)),
        float(half),
        float(most),
        bootstrap.quantile_interval(size, night, 0.5),
        bootstrap.quantile_interval(size, night, 0.9),
    )


def _errors(
    nights: Sequence[tuple[NightTally, Decision]], bootstrap: Bootstrap, edge: str
) -> Errors | None:
    found = [
        (number, hit.onset_error_s if edge == "onset" else hit.end_error_s)
        for number, (_, decision) in enumerate(nights)
        for hit in decision.hits
        if hit is not None
    ]
    return summarise([s for _, s in found], [n for n, _ in found], bootstrap)
