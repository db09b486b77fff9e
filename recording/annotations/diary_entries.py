"""What a diary of a morning holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from .markers import Mark

Told = Mapping[str, Any]


def _nothing() -> Told:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class RememberedCramp:
    """A cramp that the sleeper remembers in the morning.

    Attributes
    ----------
    at
        When, with a zone; None where that is not remembered.
    earlier_s, later_s
        How much earlier and later it may have been, seconds.
    side, muscles
        Leg and muscles of the vocabulary.
    told
        Values of `vocabulary.CRAMP_FIELDS`, those that were told.
    text
        Anything else.
    """

    at: datetime | None = None
    earlier_s: float = 0.0
    later_s: float = 0.0
    side: str | None = None
    muscles: tuple[str, ...] = ()
    told: Told = field(default_factory=_nothing)
    text: str = ""

    def as_mark(self, made_at: datetime | None) -> Mark:
        """Return it as a mark on the night."""
        return Mark(
            self.at,
            self.earlier_s,
            self.later_s,
            "cramp",
            self.side,
            self.muscles,
            self.told.get("pain"),
            "diary",
            made_at,
            self.text,
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """What the sleeper says of one contraction that was found.

    Attributes
    ----------
    at
        Its onset, with a zone.
    duration_s
        Its length, seconds.
    felt
        Whether it was a cramp to the sleeper.
    side, channel
        As in the events, or None.
    """

    at: datetime
    duration_s: float
    felt: bool
    side: str | None = None
    channel: str | None = None


@dataclass(frozen=True, slots=True)
class Diary:
    """One morning.

    Attributes
    ----------
    written_at
        With a zone, or None.
    cramps
        Those remembered, none of them where the sleeper remembers none; None where it was
        not told.
    answers
        What was said of contractions that were found.
    told
        Values of `vocabulary.NIGHT_FIELDS`, those that were told.
    factors
        Values of `vocabulary.FACTORS`, those that were told.
    text
        Anything else.
    notes
        What of the file could not be read, one sentence each.
    """

    written_at: datetime | None = None
    cramps: tuple[RememberedCramp, ...] | None = None
    answers: tuple[Answer, ...] = ()
    told: Told = field(default_factory=_nothing)
    factors: Told = field(default_factory=_nothing)
    text: str = ""
    notes: tuple[str, ...] = ()
