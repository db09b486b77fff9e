"""What the diary tells of the day before, held against which nights had cramps.

Nights are not experiments: what goes with cramps need not cause them. Medicines, supplements
and the week of pregnancy are kept in the diary and not compared: they are for a doctor, and
they seldom change from night to night.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from ...recording.annotations.vocabulary import FACTORS, NIGHT_FIELDS, Field
from .numbers import Estimate, difference, holm, permuted
from .past_night import PastNight

LEAST_NIGHTS: Final = 12
LEAST_EACH: Final = 4
"""Below so many nights in all, with and without cramps, and of each answer, nothing is said."""

_NOT_COMPARED: Final = ("supplements", "medicines", "pregnancy_week")


@dataclass(frozen=True, slots=True)
class Compared:
    """One factor, on nights with cramps and on the others.

    Attributes
    ----------
    name, about
        Of the vocabulary.
    unit
        Of the means; ``share`` for yes and no, ``level`` for ordered answers.
    with_cramps, without_cramps
        Number of nights that the factor was told of.
    mean_with, mean_without
        Mean on nights with cramps and on the others.
    effect
        Difference of the means with its bootstrap interval; None where there are too few.
    p, p_corrected
        Of the permutation test, and corrected for all factors looked at (Holm); None where
        there are too few nights.
    why_not
        Why nothing can be said; nothing where it can.
    """

    name: str
    about: str
    unit: str
    with_cramps: int
    without_cramps: int
    mean_with: float | None = None
    mean_without: float | None = None
    effect: Estimate | None = None
    p: float | None = None
    p_corrected: float | None = None
    why_not: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return everything, JSON-ready."""
        return {
            "factor": self.name,
            "about": self.about,
            "unit": self.unit,
            "nights_with_cramps": self.with_cramps,
            "nights_without": self.without_cramps,
            "mean_with_cramps": self.mean_with,
            "mean_without": self.mean_without,
            "difference": self.effect.as_json() if self.effect else None,
            "p": self.p,
            "p_corrected": self.p_corrected,
            "why_not": self.why_not,
        }


def compare(nights: Sequence[PastNight]) -> tuple[Compared, ...]:
    """Return each factor that was told of, those with enough nights tested.

    Parameters
    ----------
    nights
        Usable nights without alerts.
    """
    found = [each for factor in _fields() for each in _one(factor, nights)]
    tested = [each for each in found if each.p is not None]
    corrected = iter(holm([each.p for each in tested if each.p is not None]))
    return tuple(
        replace(each, p_corrected=next(corrected)) if each.p is not None else each
        for each in found
    )


def _fields() -> list[Field]:
    asked = [each for each in FACTORS if each.name not in _NOT_COMPARED]
    return [*asked, *(each for each in NIGHT_FIELDS if each.kind == "yes_no")]


def _one(factor: Field, nights: Sequence[PastNight]) -> Iterator[Compared]:
    told = [(value, night) for night in nights if (value := _value(factor, night)) is not None]
    if not told:
        return
    first = [value for value, night in told if night.counted]
    second = [value for value, night in told if not night.counted]
    unit = factor.unit or {"yes_no": "share", "choice": "level"}.get(factor.kind, "")
    base = Compared(
        factor.name,
        factor.about,
        unit,
        len(first),
        len(second),
        sum(first) / len(first) if first else None,
        sum(second) / len(second) if second else None,
    )
    why = _why_not(factor, first, second)
    if why:
        yield replace(base, why_not=why)
    else:
        yield replace(base, effect=difference(first, second), p=permuted(first, second))


def _why_not(factor: Field, first: Sequence[float], second: Sequence[float]) -> str:
    count = len(first) + len(second)
    if count < LEAST_NIGHTS:
        return f"too few nights to say: {count}, at least {LEAST_NIGHTS} are needed"
    if min(len(first), len(second)) < LEAST_EACH:
        return (
            f"too few nights to say: {len(first)} with cramps and {len(second)} without, at"
            f" least {LEAST_EACH} of each are needed"
        )
    values = [*first, *second]
    if len(set(values)) == 1:
        return "the same every night"
    rarest = min(values.count(0.0), values.count(1.0))
    if factor.kind == "yes_no" and rarest < LEAST_EACH:
        return (
            f"too few nights to say: {rarest} of the rarer answer, at least {LEAST_EACH} are"
            " needed"
        )
    return ""


def _value(factor: Field, night: PastNight) -> float | None:
    told: object = night.factors.get(factor.name)
    if factor.name == "restless_legs":
        told = night.restless_legs
    if factor.kind == "yes_no":
        return float(told) if isinstance(told, bool) else None
    if factor.kind == "choice":
        order = list(factor.values)
        return float(order.index(told)) if isinstance(told, str) and told in order else None
    if isinstance(told, bool) or not isinstance(told, int | float):
        return None
    return float(told) if factor.low <= told <= factor.high else None
