"""What is known of a night that was scored before."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True, slots=True)
class PastCramp:
    """A cramp-like contraction of a night.

    Attributes
    ----------
    onset_s, duration_s
        Seconds, the onset from the start of the recording.
    at
        Clock time of the onset, None where the recording has none.
    possible
        Whether it was found as a possible one only.
    confirmation
        ``confirmed``, ``denied``, or nothing where the sleeper said nothing of it.
    side, muscle
        Leg, and the entry of the vocabulary's muscles, as far as they are known.
    settled_s
        From the end until leg and muscle lay at rest, None where half an hour did not show it.
    """

    onset_s: float
    duration_s: float
    at: datetime | None
    possible: bool
    confirmation: str = ""
    side: str | None = None
    muscle: str | None = None
    settled_s: float | None = None

    @property
    def counts(self) -> bool:
        """Whether it counts: found and not denied, or a possible one that was confirmed."""
        if self.possible:
            return self.confirmation == "confirmed"
        return self.confirmation != "denied"


def _nothing() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class PastNight:
    """A night of a person, as its folder tells.

    Attributes
    ----------
    folder
        Folder of the score, or of the recording where there is no score.
    person
        Whose it is: a part ``sub-X`` of its path, else the folder that holds the night.
    start
        When it began by the recorder's clock, or None.
    problem
        Why it is not scored, in one line; nothing where it is. All that follows is empty then.
    recorded_s, valid_s
        Seconds recorded, and scored on the best-covered signal.
    cramps
        All that were found, also those denied and the possible ones.
    remembered, missed, not_watched
        Cramps that the sleeper remembers or noted; of them those that were watched and not
        found, and those where no sensor was. None where the sleeper said nothing.
    plm_per_h, plm_definition
        Index of periodic limb movements by a standard, and what it counts; None where no
        signal could be scored so.
    factors
        What the diary tells of the day before, by the names of the vocabulary.
    restless_legs
        Whether restless legs were felt, None where it was not told.
    watched
        Legs and muscles whose EMG was scored, in words.
    intervened
        Whether alerts were told: how long its cramps lasted, and how many there were, is then
        no measure of a night that is left alone.
    simulated
        Whether the recording is simulated.
    judge
        What named the cramps, version and model together: nights with different ones are no
        fair comparison.
    notes
        What to know of the folder, one line each.
    """

    folder: Path
    person: str
    start: datetime | None = None
    problem: str = ""
    recorded_s: float = 0.0
    valid_s: float = 0.0
    cramps: tuple[PastCramp, ...] = ()
    remembered: int | None = None
    missed: int = 0
    not_watched: int = 0
    plm_per_h: float | None = None
    plm_definition: str = ""
    factors: Mapping[str, Any] = field(default_factory=_nothing)
    restless_legs: bool | None = None
    watched: tuple[str, ...] = ()
    intervened: bool = False
    simulated: bool = False
    judge: str = ""
    notes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Name of the folder."""
        return self.folder.name

    @property
    def scored(self) -> bool:
        """Whether there is a score that could be read."""
        return not self.problem

    @property
    def counted(self) -> tuple[PastCramp, ...]:
        """The cramp-like contractions that count."""
        return tuple(cramp for cramp in self.cramps if cramp.counts)

    @property
    def confirmed(self) -> int:
        """How many the sleeper confirmed."""
        return sum(cramp.confirmation == "confirmed" for cramp in self.cramps)

    @property
    def denied(self) -> int:
        """How many the sleeper denied."""
        return sum(cramp.confirmation == "denied" for cramp in self.cramps)

    @property
    def possible(self) -> int:
        """How many are possible only: neither confirmed nor denied."""
        return sum(cramp.possible and not cramp.confirmation for cramp in self.cramps)

    @property
    def evening(self) -> date | None:
        """Date of the evening it began on; before noon counts as the evening before."""
        if self.start is None:
            return None
        with suppress(OverflowError):
            return (self.start - timedelta(hours=12)).date()
        return None
