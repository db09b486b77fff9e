"""Weeks of nights of one person, put together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ...recording.errors import CrampwatchError
from ..report.words import DISCLAIMER
from .factors import LEAST_EACH, LEAST_NIGHTS, Compared, compare
from .nights import find_nights
from .numbers import LEVEL, Estimate, median, rate, share
from .past_night import PastNight

LEAST_HOURS: Final = 4.0
"""Hours that must have been scored before a night counts as one without cramps."""

NO_CAUSE: Final = (
    "What goes with cramps need not cause them: nights differ in many ways at once, and a"
    " sleeper who had a cramp remembers the day differently. Only a trial tells more"
    " (crampwatch trial)."
)


@dataclass(frozen=True, slots=True)
class Weeks:
    """The nights of one person.

    Attributes
    ----------
    person
        Whose they are.
    nights
        All that were found, the oldest first, also those without a score.
    least_hours
        Hours scored from which a night is usable.
    factors
        What the diary tells, against cramps.
    """

    person: str
    nights: tuple[PastNight, ...]
    least_hours: float
    factors: tuple[Compared, ...]

    @property
    def scored(self) -> tuple[PastNight, ...]:
        """Nights with a score."""
        return tuple(night for night in self.nights if night.scored)

    @property
    def usable(self) -> tuple[PastNight, ...]:
        """Nights of which enough was scored."""
        return tuple(night for night in self.scored if self.is_usable(night))

    @property
    def counted(self) -> tuple[PastNight, ...]:
        """Usable nights that no alert disturbed: what all statistics are made of."""
        return tuple(night for night in self.usable if not night.intervened)

    @property
    def missing_evenings(self) -> int:
        """Evenings between the first and the last recording without one."""
        evenings = {night.evening for night in self.nights if night.evening}
        return (max(evenings) - min(evenings)).days + 1 - len(evenings) if evenings else 0

    def is_usable(self, night: PastNight) -> bool:
        """Return whether enough of a night was scored."""
        return night.scored and night.valid_s >= self.least_hours * 3600.0

    def estimates(self) -> dict[str, tuple[Estimate, str]]:
        """Return each number with what it is, and of what it is a share or a rate."""
        counted = self.counted
        cramps = [cramp for night in counted for cramp in night.counted]
        hours = sum(night.valid_s for night in counted) / 3600.0
        settled = [cramp.settled_s for cramp in cramps if cramp.settled_s is not None]
        indices = [night.plm_per_h for night in counted if night.plm_per_h is not None]
        with_any = sum(bool(night.counted) for night in counted)
        n = len(counted)
        return {
            "cramp_nights": (share(with_any, n), "share of usable nights with cramps"),
            "cramps_per_8_hours": (
                rate(len(cramps), hours / 8.0, n),
                "cramp-like contractions in eight usable hours, as if each came by itself",
            ),
            "duration_s": (
                median([cramp.duration_s for cramp in cramps]),
                "median length of a contraction, s",
            ),
            "settled_s": (
                median(settled),
                "median time until the leg lay at rest, s, where half an hour showed it",
            ),
            "plm_per_h": (
                median(indices),
                "median index of periodic limb movements by a standard, 1/h",
            ),
            "usable_hours": (
                median([night.valid_s / 3600.0 for night in counted]),
                "median hours that could be scored",
            ),
        }

    def by_hour(self) -> dict[int, int]:
        """Return how many contractions began in each hour of the clock, from noon on."""
        begun = [c.at.hour for night in self.counted for c in night.counted if c.at]
        hours = [*range(12, 24), *range(12)]
        return {hour: begun.count(hour) for hour in hours if hour in begun}

    def remarks(self) -> list[str]:
        """Return what the reader must know of the nights, one sentence each."""
        found = [
            _unscored(self),
            _short(self),
            _intervened(self),
            _missing(self),
            _same_evening(self.scored),
        ]
        judges = {night.judge for night in self.scored}
        if len(judges) > 1:
            found.append(
                "Cramps were named by different models: score all nights anew with one before"
                " you compare them."
            )
        if len({night.watched for night in self.counted}) > 1:
            found.append("Not every night watched the same muscles.")
        if len({night.plm_definition for night in self.counted if night.plm_definition}) > 1:
            found.append("The index of periodic limb movements is not the same every night.")
        found += [f"{n.name}: {note}" for n in self.nights for note in n.notes][:20]
        return [each for each in found if each]

    def as_json(self) -> dict[str, Any]:
        """Return everything, JSON-ready."""
        return {
            "person": self.person,
            "nights": [
                night_json(night, usable=self.is_usable(night)) for night in self.nights
            ],
            "denominators": {
                "nights": len(self.nights),
                "scored": len(self.scored),
                "usable": len(self.usable),
                "with_alerts": len(self.usable) - len(self.counted),
                "counted": len(self.counted),
                "evenings_without_recording": self.missing_evenings,
                "least_hours": self.least_hours,
            },
            "estimates": {
                name: {**estimate.as_json(), "about": about}
                for name, (estimate, about) in self.estimates().items()
            },
            "level": LEVEL,
            "by_clock_hour": {f"{hour:02d}": n for hour, n in self.by_hour().items()},
            "factors": [each.as_json() for each in self.factors],
            "factors_tested": sum(each.p is not None for each in self.factors),
            "least_nights": {"all": LEAST_NIGHTS, "each": LEAST_EACH},
            "remarks": self.remarks(),
            "no_cause": NO_CAUSE,
            "disclaimer": DISCLAIMER,
        }


def gather(
    folders: Iterable[Path],
    *,
    person: str | None = None,
    one_person: bool = False,
    least_hours: float = LEAST_HOURS,
) -> Weeks:
    """Return the nights of one person in folders.

    Parameters
    ----------
    folders
        Each a night, or a folder of nights.
    person
        Only nights of this person.
    one_person
        Take all nights for those of one person, wherever they lie.
    least_hours
        Hours scored from which a night is usable.

    Raises
    ------
    CrampwatchError
        There is no night, or there are nights of several persons.
    """
    nights = find_nights(folders)
    persons = sorted({night.person for night in nights})
    if person is not None:
        nights = tuple(night for night in nights if night.person == person)
        if not nights:
            raise CrampwatchError(f"no night of {person!r}; there are {_some(persons)}")
    elif len(persons) > 1 and not one_person:
        raise CrampwatchError(
            f"nights of several persons ({_some(persons)}): name one with --person, or say"
            " --one-person where all are of one"
        )
    whose = person or (persons[0] if len(persons) == 1 else "one person")
    weeks = Weeks(whose, nights, least_hours, ())
    return Weeks(whose, nights, least_hours, compare(weeks.counted))


def night_json(night: PastNight, *, usable: bool) -> dict[str, Any]:
    """Return one night, JSON-ready; also a row of the table."""
    durations = sorted(cramp.duration_s for cramp in night.counted)
    settled = sorted(c.settled_s for c in night.counted if c.settled_s is not None)
    row: dict[str, Any] = {
        "night": night.name,
        "evening": night.evening.isoformat() if night.evening else None,
        "start": night.start.isoformat(timespec="seconds") if night.start else None,
        "scored": night.scored,
        "problem": night.problem or None,
    }
    if not night.scored:
        return row
    return row | {
        "usable": usable,
        "intervened": night.intervened,
        "simulated": night.simulated,
        "usable_hours": round(night.valid_s / 3600.0, 3),
        "recorded_hours": round(night.recorded_s / 3600.0, 3),
        "cramps": len(night.counted),
        "confirmed": night.confirmed,
        "denied": night.denied,
        "possible": night.possible,
        "remembered": night.remembered,
        "missed": night.missed,
        "not_watched": night.not_watched,
        "times": [f"{cramp.at:%H:%M}" for cramp in night.counted if cramp.at],
        "median_duration_s": durations[len(durations) // 2] if durations else None,
        "median_settled_s": settled[len(settled) // 2] if settled else None,
        "plm_per_h": night.plm_per_h,
        "watched": list(night.watched),
        "factors": dict(night.factors),
        "restless_legs": night.restless_legs,
    }


def _unscored(weeks: Weeks) -> str:
    count = len(weeks.nights) - len(weeks.scored)
    return (
        f"{count} {_nights(count)} without a score: nothing is known of them." if count else ""
    )


def _short(weeks: Weeks) -> str:
    count = len(weeks.scored) - len(weeks.usable)
    if not count:
        return ""
    return (
        f"{count} {_nights(count)} with less than {weeks.least_hours:g} usable hours: shown,"
        " not counted."
    )


def _intervened(weeks: Weeks) -> str:
    count = len(weeks.usable) - len(weeks.counted)
    if not count:
        return ""
    return (
        f"{count} {_nights(count)} with alerts: shown, not counted, for who is woken stops what"
        " would have gone on."
    )


def _missing(weeks: Weeks) -> str:
    count = weeks.missing_evenings
    if not count:
        return ""
    evenings = "evening" if count == 1 else "evenings"
    return (
        f"{count} {evenings} between the first and the last night without a recording: whether"
        " they had cramps is not known, and they are no nights without."
    )


def _same_evening(nights: Sequence[PastNight]) -> str:
    evenings = [night.evening for night in nights if night.evening]
    twice = len(evenings) - len(set(evenings))
    if not twice:
        return ""
    return "Some evenings have more than one recording; each counts as a night of its own."


def _nights(count: int) -> str:
    return "night" if count == 1 else "nights"


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:6])
    return shown if len(names) <= 6 else f"{shown} and {len(names) - 6} more"
