"""Other leg motor events of the night, from tables of bursts on each leg.

A rhythm is found from the timing of the bursts themselves: which leg, how long, how far
apart. What a rule does not allow between two bursts ends the run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ...recording.annotations.hypnogram import Hypnogram
from ...recording.model import Event
from ..plm.movements import LEFT, RIGHT, SIDE_NAMES, Movements
from ..plm.rules import TIME_TOLERANCE_S

_MINUTE_S: Final = 60.0
_NREM: Final = ("N1", "N2", "N3")


@dataclass(frozen=True, slots=True)
class RhythmRule:
    """What makes bursts a rhythm.

    Attributes
    ----------
    trial_type
        Name of the events.
    alternating
        Whether each burst must be on the other leg than the one before; otherwise a rhythm
        belongs to one leg.
    min_rate_hz, max_rate_hz
        Limits of the rate at which bursts follow one another, both included.
    min_burst_s, max_burst_s
        Limits of the duration of a burst, both included.
    min_bursts
        Fewest bursts.
    max_spread
        Largest SD of the intervals between bursts of a long run, in multiples of their mean;
        a short run must be the more regular, see `spread_of`. None for any, as published.
    """

    trial_type: str
    alternating: bool
    min_rate_hz: float
    max_rate_hz: float
    min_burst_s: float
    max_burst_s: float
    min_bursts: int
    max_spread: float | None = None


ALMA: Final = RhythmRule(
    "ALMA",
    alternating=True,
    min_rate_hz=0.5,
    max_rate_hz=3.0,
    min_burst_s=0.1,
    max_burst_s=0.5,
    min_bursts=4,
)
"""Alternating leg muscle activation: at least four bursts that alternate between the legs at
0.5 to 3 Hz, each of 100 to 500 ms (AASM manual, movement rules; first described by Chervin
et al. 2003, Mov Disord 18:551-559)."""

HFT: Final = RhythmRule(
    "HFT",
    alternating=False,
    min_rate_hz=0.3,
    max_rate_hz=4.0,
    min_burst_s=0.25,
    max_burst_s=1.0,
    min_bursts=4,
)
"""Hypnagogic foot tremor: at least four bursts on one leg at 0.3 to 4 Hz, each of 250 to
1000 ms (AASM manual, movement rules). High-frequency leg movements (Yang & Winkelman 2010,
J Clin Sleep Med 6:431-438) share the rate and the number of bursts."""

EFM_MAX_BURST_S: Final = 0.150
EFM_PER_MINUTE: Final = 5
EFM_MINUTES: Final = 20
"""Excessive fragmentary myoclonus: bursts of at most 150 ms, at least 5 in a minute, for at
least 20 minutes of NREM sleep (AASM manual, movement rules; Lins et al. 1993, Can J
Neurol Sci 20:142-146)."""


@dataclass(frozen=True, slots=True, eq=False)
class Myoclonus:
    """Fragmentary myoclonus of a night.

    Attributes
    ----------
    events
        Runs of minutes that fulfil the rule, named ``EFM``; empty where it is not reached.
    minutes
        Number of whole minutes of NREM with enough bursts.
    nrem_minutes
        Number of whole minutes of NREM that were looked at.
    reason
        Why it was or was not named, one sentence.
    """

    events: tuple[Event, ...]
    minutes: int
    nrem_minutes: int
    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class MotorScore:
    """Leg motor events of a night other than leg movements.

    Attributes
    ----------
    legs
        Legs whose muscles could show bursts of a tenth of a second.
    events
        ``ALMA``, ``HFT`` and ``EFM``, in order of time.
    myoclonus
        What was counted for ``EFM``.
    brief_per_minute
        Brief bursts per minute of valid recording by leg, see `count_fasciculations`.
    pulse_minutes
        Minutes by leg in which the heart showed, so that no brief burst was counted.
    trains
        Bursts of one leg that keep a beat, of any rate, named or not: they tell which
        movements are none.
    """

    legs: tuple[str, ...]
    events: tuple[Event, ...]
    myoclonus: Myoclonus
    brief_per_minute: Mapping[str, float | None]
    pulse_minutes: Mapping[str, float]
    trains: tuple[Event, ...] = ()

    def summary(self) -> dict[str, Any]:
        """Return counts, and why myoclonus was or was not named, ready for JSON."""
        both = len(self.legs) == 2
        return {
            "legs": list(self.legs),
            "ALMA": sum(e.trial_type == "ALMA" for e in self.events) if both else None,
            "HFT": sum(e.trial_type == "HFT" for e in self.events) if self.legs else None,
            "EFM": {
                "events": len(self.myoclonus.events),
                "minutes": self.myoclonus.minutes,
                "nrem_minutes": self.myoclonus.nrem_minutes,
                "reason": self.myoclonus.reason,
            },
            "brief_bursts_per_minute": {
                leg: None if rate is None else round(rate, 4)
                for leg, rate in self.brief_per_minute.items()
            },
            "pulse_minutes": dict(self.pulse_minutes),
        }


def find_rhythms(bursts: Movements, rule: RhythmRule) -> tuple[Event, ...]:
    """Find runs of bursts that follow one another as a rule says.

    Parameters
    ----------
    bursts
        EMG bursts on each leg, unmerged.
    rule
        `ALMA` or `HFT`, or a changed copy.

    Returns
    -------
    tuple of Event
        From the first onset to the last end, in order of time, with the number of ``bursts``
        and their median ``rate_hz``. The side of a rhythm on one leg is that leg.
    """
    legs = ((LEFT, RIGHT),) if rule.alternating else ((LEFT,), (RIGHT,))
    found = [event for leg in legs for event in _runs(bursts, rule, leg)]
    return tuple(sorted(found, key=lambda event: event.onset))


def find_motor_events(
    bursts: Movements,
    hypnogram: Hypnogram | None = None,
    *,
    max_spread: float | None = None,
) -> tuple[tuple[Event, ...], Myoclonus]:
    """Find ALMA, then HFT in what is left, then fragmentary myoclonus.

    A burst that belongs to an alternating rhythm takes part in no rhythm of one leg, and a
    burst that belongs to any rhythm is not counted as myoclonus. `max_spread` asks rhythms
    to be regular, see `RhythmRule`.
    """
    alma = find_rhythms(bursts, replace(ALMA, max_spread=max_spread))
    rest = outside(bursts, alma)
    tremor = find_rhythms(rest, replace(HFT, max_spread=max_spread))
    events = tuple(sorted((*alma, *tremor), key=lambda event: event.onset))
    return events, find_myoclonus(outside(rest, tremor), hypnogram)


def spread_of(longest: float, bursts: int) -> float:
    """Return the SD of intervals, over their mean, up to which bursts keep a beat.

    A few bursts that come by chance look even now and then, many do not: four must be even
    to a tenth, a long run to nearly `longest`.

    Parameters
    ----------
    longest
        What a run without end may have.
    bursts
        Number of bursts, above 0.
    """
    return max(min(longest, 0.1), longest * (1.0 - 3.0 / bursts))


def joined(runs: Iterable[Event]) -> tuple[Event, ...]:
    """Join runs of one kind and leg that one misjudged burst has torn apart.

    The pause between them is at most the longest interval of the rule.
    """
    rules = {rule.trial_type: rule for rule in (ALMA, HFT)}
    found: dict[tuple[str, str | None], list[Event]] = {}
    for run in sorted(runs, key=lambda event: event.onset):
        own = found.setdefault((run.trial_type, run.side), [])
        longest = 1.0 / rules[run.trial_type].min_rate_hz
        if not own or run.onset - own[-1].end > longest + TIME_TOLERANCE_S:
            own.append(run)
            continue
        last = own[-1]
        more = max(last, run, key=lambda event: int(event.extra["bursts"]))
        bursts = last.extra["bursts"] + run.extra["bursts"]
        extra = {"bursts": bursts, "rate_hz": more.extra["rate_hz"]}
        own[-1] = replace(last, duration=run.end - last.onset, extra=extra)
    together = (event for own in found.values() for event in own)
    return tuple(sorted(together, key=lambda event: event.onset))


def find_myoclonus(bursts: Movements, hypnogram: Hypnogram | None) -> Myoclonus:
    """Name excessive fragmentary myoclonus where its three numbers are reached.

    Minutes are counted from the start of the hypnogram, and only those that lie in NREM from
    end to end; bursts of both legs count together. Without a hypnogram nothing is named.
    """
    if hypnogram is None or not len(hypnogram):
        return Myoclonus((), 0, 0, "not named: it needs 20 minutes of NREM and a hypnogram")
    edges = np.arange(hypnogram.start_s, hypnogram.end_s + TIME_TOLERANCE_S, _MINUTE_S)
    if edges.size < 2:
        return Myoclonus((), 0, 0, "not named: the hypnogram is shorter than a minute")
    brief = bursts.onset[is_brief(bursts)]
    counts, _ = np.histogram(brief, edges)
    nrem = _time_in_nrem(hypnogram, edges) >= _MINUTE_S - TIME_TOLERANCE_S
    rich = nrem & (counts >= EFM_PER_MINUTE)
    minutes, looked_at = int(rich.sum()), int(nrem.sum())
    told = (
        f"{minutes} of {looked_at} minutes of NREM hold {EFM_PER_MINUTE} or more brief bursts"
    )
    if minutes < EFM_MINUTES:
        return Myoclonus((), minutes, looked_at, f"not named: {told}; {EFM_MINUTES} are needed")
    change = np.diff(np.concatenate(([False], rich, [False])).astype(np.int8))
    events = tuple(
        Event(
            float(edges[start]),
            float(edges[stop] - edges[start]),
            "EFM",
            extra={"bursts": int(counts[start:stop].sum())},
        )
        for start, stop in zip(
            np.flatnonzero(change == 1), np.flatnonzero(change == -1), strict=True
        )
    )
    return Myoclonus(events, minutes, looked_at, told)


def outside(bursts: Movements, events: Iterable[Event]) -> Movements:
    """Return the bursts that overlap none of the events of their leg.

    An event on both legs, or on none that is known, takes the bursts of either.
    """
    free = np.ones(len(bursts), dtype=bool)
    listed = tuple(events)
    for leg, name in enumerate(SIDE_NAMES):
        own = [e for e in listed if e.side in (name, "both", None)]
        start = np.sort(np.array([e.onset for e in own], np.float64))
        stop = np.sort(np.array([e.end for e in own], np.float64))
        begun = np.searchsorted(start, bursts.end, side="left")
        over = np.searchsorted(stop, bursts.onset, side="right")
        free &= (bursts.side != leg) | (begun == over)
    return take(bursts, free)


def count_fasciculations(bursts: Movements, valid_s: float) -> dict[str, float | None]:
    """Return brief bursts (at most 150 ms) per minute of valid recording, for each leg.

    The surface of the skin shows a twitch, not its origin: the name is that of the count.
    """
    brief = bursts.side[is_brief(bursts)]
    return {
        str(SIDE_NAMES[leg]): (
            float(np.sum(brief == leg)) * _MINUTE_S / valid_s if valid_s > 0 else None
        )
        for leg in (LEFT, RIGHT)
    }


def is_brief(bursts: Movements) -> NDArray[np.bool_]:
    """Return which bursts last at most 150 ms, shape ``(n,)``."""
    return np.asarray(bursts.duration <= EFM_MAX_BURST_S + TIME_TOLERANCE_S)


def take(bursts: Movements, keep: NDArray[np.bool_]) -> Movements:
    """Return some of the bursts."""
    return Movements(
        bursts.onset[keep], bursts.duration[keep], bursts.side[keep], bursts.cramp[keep]
    )


def _runs(bursts: Movements, rule: RhythmRule, legs: tuple[int, ...]) -> list[Event]:
    mine = np.isin(bursts.side, legs)
    onset, length, side = bursts.onset[mine], bursts.duration[mine], bursts.side[mine]
    if onset.size < rule.min_bursts:
        return []
    fits = (length >= rule.min_burst_s - TIME_TOLERANCE_S) & (
        length <= rule.max_burst_s + TIME_TOLERANCE_S
    )
    step = np.diff(onset)
    linked = (
        fits[1:]
        & fits[:-1]
        & (step >= 1.0 / rule.max_rate_hz - TIME_TOLERANCE_S)
        & (step <= 1.0 / rule.min_rate_hz + TIME_TOLERANCE_S)
    )
    if rule.alternating:
        linked &= side[1:] != side[:-1]
    begin = np.concatenate(([True], ~linked))
    first = np.flatnonzero(begin)
    last = np.append(first[1:], onset.size) - 1
    events = []
    for a, b in zip(first, last, strict=True):
        between = step[a:b]
        if b - a + 1 < rule.min_bursts or not _is_regular(between, rule):
            continue
        end = float((onset[a : b + 1] + length[a : b + 1]).max())
        events.append(
            Event(
                float(onset[a]),
                end - float(onset[a]),
                rule.trial_type,
                side="both" if rule.alternating else SIDE_NAMES[side[a]],
                extra={
                    "bursts": int(b - a + 1),
                    "rate_hz": round(1.0 / float(np.median(between)), 6),
                },
            )
        )
    return events


def _is_regular(step: NDArray[np.float64], rule: RhythmRule) -> bool:
    if rule.max_spread is None:
        return True
    return bool(step.std() <= spread_of(rule.max_spread, step.size + 1) * step.mean())


def _time_in_nrem(hypnogram: Hypnogram, edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the time in NREM between edges, seconds."""
    light = np.isin(hypnogram.stage, _NREM)
    onset = hypnogram.onset[light]
    length = hypnogram.duration[light]
    before = np.concatenate(([0.0], np.cumsum(length)))
    index = np.searchsorted(onset, edges, side="right")
    previous = np.clip(index - 1, 0, None)
    if not onset.size:
        return np.zeros(edges.size - 1)
    part = np.clip(edges - onset[previous], 0.0, length[previous])
    until = np.where(index > 0, before[previous] + part, 0.0)
    return np.asarray(np.diff(until))
