"""A trial held against its nights, by the randomisation that was planned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..report.words import DISCLAIMER
from .numbers import LEVEL, Estimate
from .past_night import PastNight
from .trial_plan import OUTCOME, OUTCOMES, Plan, PlannedNight

DRAWS: Final = 9_999
LEAST_EACH: Final = 4
"""Below so many nights with and without the measure nothing is said."""

EARLY: Final = (
    "The trial is not over. Looking early, and stopping when it looks good, finds what is not"
    " there: go on to the last planned night."
)


@dataclass(frozen=True, slots=True)
class Effect:
    """What differs between nights with the measure and without.

    Attributes
    ----------
    mean_with, mean_without
        Means over the nights that count.
    difference
        With less without, with the 95 % interval from the same randomisation.
    p
        Two-sided, of the randomisation test.
    """

    mean_with: float
    mean_without: float
    difference: Estimate
    p: float

    def as_json(self) -> dict[str, Any]:
        """Return everything, JSON-ready."""
        return {
            "mean_with": self.mean_with,
            "mean_without": self.mean_without,
            "difference": self.difference.as_json(),
            "p": self.p,
        }


@dataclass(frozen=True, slots=True)
class Analysis:
    """A trial and what its nights show.

    Attributes
    ----------
    plan
        As it was sealed.
    counted
        Nights that count, with what was planned for them.
    left_out
        Evenings that should count and do not, with why.
    finished
        Whether the last planned evening is over or recorded.
    asked, kept
        Nights whose diary tells whether the measure was taken, and of them those on which
        that was as planned.
    effects
        By outcome; empty where there are too few nights, or the trial is not over and nobody
        insisted.
    why_not
        Why there is no effect; nothing where there is one.
    """

    plan: Plan
    counted: tuple[tuple[PlannedNight, PastNight], ...]
    left_out: tuple[tuple[date, str], ...]
    finished: bool
    asked: int
    kept: int
    effects: dict[str, Effect]
    why_not: str

    def as_json(self) -> dict[str, Any]:
        """Return everything, JSON-ready."""
        taken = sum(planned.measure for planned, _ in self.counted)
        return {
            "measure": self.plan.measure,
            "sha256": self.plan.digest(),
            "outcome": OUTCOME,
            "nights_planned": sum(night.counted for night in self.plan.calendar()),
            "nights_counted": len(self.counted),
            "nights_with": taken,
            "nights_without": len(self.counted) - taken,
            "left_out": [{"evening": d.isoformat(), "why": why} for d, why in self.left_out],
            "finished": self.finished,
            "early_look": not self.finished and bool(self.effects),
            "diary_tells": self.asked,
            "as_planned": self.kept,
            "effects": {name: each.as_json() for name, each in self.effects.items()},
            "outcomes": dict(OUTCOMES),
            "level": LEVEL,
            "why_not": self.why_not,
            "disclaimer": DISCLAIMER,
        }


def analyse(
    plan: Plan, nights: Sequence[PastNight], today: date, *, early: bool = False
) -> Analysis:
    """Return what the nights of a trial show, as assigned whether or not it was kept to.

    Parameters
    ----------
    plan
        The sealed plan.
    nights
        Nights of the person; those of other evenings are passed over.
    today
        Date, to know whether the trial is over.
    early
        Whether to show an effect before it is over.
    """
    by_evening: dict[date, list[PastNight]] = {}
    for night in nights:
        if night.evening is not None:
            by_evening.setdefault(night.evening, []).append(night)
    counted: list[tuple[PlannedNight, PastNight]] = []
    left_out: list[tuple[date, str]] = []
    asked = kept = 0
    for planned in plan.calendar():
        found = by_evening.get(planned.evening, [])
        told = _taken(plan, found)
        if told is not None:
            asked += 1
            kept += told is planned.measure
        if not planned.counted:
            continue
        why = _why_left_out(found, plan.least_hours)
        if why:
            left_out.append((planned.evening, why))
        else:
            counted.append((planned, max(found, key=lambda night: night.valid_s)))
    last = plan.calendar()[-1].evening
    finished = today > last or last in by_evening
    why_not = _too_few(counted)
    if not why_not and not finished and not early:
        why_not = f"{EARLY} --early shows what there is."
    effects = {} if why_not else _effects(plan, counted)
    return Analysis(
        plan, tuple(counted), tuple(left_out), finished, asked, kept, effects, why_not
    )


def randomised(
    values: NDArray[np.float64], taken: NDArray[np.bool_], drawn: NDArray[np.bool_]
) -> tuple[Estimate, float]:
    """Return a difference of means with interval and p from redrawn orders.

    Parameters
    ----------
    values
        Outcome of each night, shape ``(nights,)``.
    taken
        Whether the measure was assigned, shape ``(nights,)``.
    drawn
        The same for each redrawn order, shape ``(draws, nights)``; an order that leaves no
        night with or without says nothing and is passed over.

    Notes
    -----
    The interval holds every constant effect that the same test does not reject at 5 %
    (Edgington and Onghena, Randomization Tests, 2007).
    """
    with_count = drawn.sum(axis=1)
    drawn = drawn[(with_count > 0) & (with_count < values.size)]
    observed = _difference(values, taken[None])[0]
    null = _difference(values, drawn)
    shift = _difference(taken.astype(np.float64), drawn)
    p = _tail(null, np.asarray(observed))
    low = _edge(observed, null, shift, -1.0)
    high = _edge(observed, null, shift, 1.0)
    return Estimate(float(observed), low, high, values.size), p


def _effects(
    plan: Plan, counted: Sequence[tuple[PlannedNight, PastNight]]
) -> dict[str, Effect]:
    taken = np.array([planned.measure for planned, _ in counted])
    periods = np.array([planned.period for planned, _ in counted])
    # never the seed of the plan: its own order must not come first among those drawn
    drawn = plan.draw(DRAWS, plan.seed + 1_000_003)[:, periods]
    cramps = np.array([len(night.counted) for _, night in counted], np.float64)
    found = {}
    for name, values in (("cramp_nights", (cramps > 0).astype(np.float64)), ("cramps", cramps)):
        estimate, p = randomised(values, taken, drawn)
        found[name] = Effect(
            float(values[taken].mean()), float(values[~taken].mean()), estimate, p
        )
    return found


def _difference(values: NDArray[np.float64], taken: NDArray[np.bool_]) -> NDArray[np.float64]:
    count = taken.sum(axis=1)
    inside = (taken * values).sum(axis=1)
    whole = values.sum()
    return np.asarray(inside / count - (whole - inside) / (values.size - count))


def _tail(null: NDArray[np.float64], observed: NDArray[np.float64]) -> float:
    reached = np.abs(null) >= np.abs(observed) - 1e-12
    return float((1 + np.count_nonzero(reached)) / (1 + null.size))


def _edge(
    observed: float, null: NDArray[np.float64], shift: NDArray[np.float64], sign: float
) -> float | None:
    """Return the farthest effect on one side that is not rejected; None where none is."""

    def kept(effect: float) -> bool:
        return _tail(null - effect * shift, np.asarray(observed - effect)) > 1 - LEVEL

    inside, step = observed, max(float(np.ptp(null)), 0.25)
    outside = observed + sign * step
    for _ in range(12):
        if not kept(outside):
            break
        inside, step = outside, step * 2
        outside = observed + sign * step
    else:
        return None
    for _ in range(40):
        middle = (inside + outside) / 2
        inside, outside = (middle, outside) if kept(middle) else (inside, middle)
    return float(inside)


def _too_few(counted: Sequence[tuple[PlannedNight, PastNight]]) -> str:
    taken = sum(planned.measure for planned, _ in counted)
    if min(taken, len(counted) - taken) >= LEAST_EACH:
        return ""
    return (
        f"too few nights to say: {taken} with the measure and {len(counted) - taken} without,"
        f" at least {LEAST_EACH} of each are needed"
    )


def _why_left_out(found: Sequence[PastNight], least_hours: float) -> str:
    if not found:
        return "no recording"
    if any(night.intervened for night in found):
        return "alerts"
    scored = [night for night in found if night.scored]
    if not scored:
        return found[0].problem
    if max(night.valid_s for night in scored) < least_hours * 3600.0:
        return "too few usable hours"
    return ""


def _taken(plan: Plan, found: Sequence[PastNight]) -> bool | None:
    if not plan.factor:
        return None
    told = [night.factors.get(plan.factor) for night in found]
    return next((each for each in told if isinstance(each, bool)), None)
