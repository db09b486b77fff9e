"""What a detector must reach before it is shipped, and whether it did on these nights."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from .alarms import Alarms
from .calibration import Calibration
from .latency import Errors
from .matching import CRAMP, POSSIBLE
from .movement_score import MovementScore
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

    def bound(name: str) -> float | None:
        return alarms[name].per_night.upper

    series = movements.get("all", {}).get("all")
    least = _least([score.loose.f1 for score in movements.get("family", {}).values()])
    figures: list[tuple[str, float, bool, float | None]] = [
        ("cramps over 20 s found, as cramp or possible", 0.95, True, found(OVER_20_S)),
        ("cramps of 10-20 s found, as cramp or possible", 0.80, True, found("10-20 s")),
        *(
            (f"false {name} per night, upper bound of 95 %", limit, False, bound(name))
            for name, limit in ((CRAMP, 0.02), (POSSIBLE, 0.3))
        ),
        (
            "movements of a series called a cramp",
            0.0,
            False,
            float(swallowed["PLM"][CRAMP]) if series and series.series.recall.of else None,
        ),
        ("onset error of half of the finds, s", 2.0, False, onset and onset.half_s),
        ("onset error of 90 % of the finds, s", 10.0, False, onset and onset.most_s),
        ("expected calibration error", 0.05, False, error("final")),
        ("the same without what follows the contraction", 0.05, False, error("causal")),
        (
            "F1 of leg movements, the worst family of sensors",
            0.85,
            True,
            least if least is not None else series and series.loose.f1,
        ),
    ]
    return [_goal(*figure) for figure in figures]


def _goal(what: str, limit: float, at_least: bool, measured: float | None) -> Goal:
    reached: Callable[[float], bool] = limit.__le__ if at_least else limit.__ge__
    return Goal(
        what, limit, at_least, measured, None if measured is None else reached(measured)
    )


def _least(values: Sequence[float | None]) -> float | None:
    return min((value for value in values if value is not None), default=None)
