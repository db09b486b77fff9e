"""What a detector must reach before it is shipped, and whether it did on these nights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .alarms import Alarms
from .calibration import Calibration
from .latency import Errors
from .matching import CRAMP, POSSIBLE
from .movement_score import MovementScore
from .rates import Rate
from .sensitivity import OVER_20_S, Sensitivity


@dataclass(frozen=True, slots=True)
class Goal:
    """One thing to reach.

    Attributes
    ----------
    what
        In words.
    limit
        The figure to reach.
    at_least
        Whether `limit` is the lowest figure that will do, or the highest.
    measured
        The figure, None where these nights cannot tell.
    reached
        Whether it does, None where these nights cannot tell.
    """

    what: str
    limit: float
    at_least: bool
    measured: float | None
    reached: bool | None


def goals(
    *,
    sensitivity: Mapping[str, Mapping[str, Sensitivity]],
    alarms: Mapping[str, Alarms],
    swallowed: Mapping[str, Mapping[str, int]],
    onset: Errors | None,
    calibration: Mapping[str, Calibration],
    movements: Mapping[str, Mapping[str, MovementScore]],
) -> list[Goal]:
    """Return every goal with what was measured."""
    duration = sensitivity.get("duration", {})

    def found(name: str) -> float | None:
        return duration[name].either.value if name in duration else None

    def error(name: str) -> float | None:
        return calibration[name].error.value if name in calibration else None

    series = movements.get("all", {}).get("all")
    least = _least([score.loose.f1 for score in movements.get("family", {}).values()])
    if least is None and series is not None:
        least = series.loose.f1
    taken = swallowed["PLM"][CRAMP] if series and series.series.recall.of else None
    return [
        _goal("cramps over 20 s found, as cramp or possible", 0.95, True, found(OVER_20_S)),
        _goal("cramps of 10-20 s found, as cramp or possible", 0.80, True, found("10-20 s")),
        _rare("false cramps a night, upper bound of 95 %", 0.02, alarms[CRAMP].per_night),
        _rare(
            "false possible cramps a night, upper bound of 95 %",
            0.3,
            alarms[POSSIBLE].per_night,
        ),
        _goal("movements of a series called a cramp", 0.0, False, taken),
        _goal(
            "onset error of half of the finds, s", 2.0, False, onset.half_s if onset else None
        ),
        _goal(
            "onset error of 90 % of the finds, s", 10.0, False, onset.most_s if onset else None
        ),
        _goal("expected calibration error", 0.05, False, error("final")),
        _goal("the same without what follows the contraction", 0.05, False, error("causal")),
        _goal("F1 of leg movements, the worst family of sensors", 0.85, True, least),
    ]


def _goal(what: str, limit: float, at_least: bool, measured: float | None) -> Goal:
    if measured is None:
        return Goal(what, limit, at_least, None, None)
    reached = measured >= limit if at_least else measured <= limit
    return Goal(what, limit, at_least, measured, reached)


def _rare(what: str, limit: float, rate: Rate) -> Goal:
    """Return a goal for an upper bound, which too few nights can neither show nor refute."""
    reached: bool | None = None
    if rate.upper is not None and rate.upper <= limit:
        reached = True
    elif rate.value is not None and rate.value > limit:
        reached = False
    return Goal(what, limit, False, rate.upper, reached)


def _least(values: Sequence[float | None]) -> float | None:
    return min((value for value in values if value is not None), default=None)
