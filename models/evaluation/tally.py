"""What is kept of a judged night: counts and short lists, no signal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from .movements import MovementCounts

NOTHING = "nothing"
"""Cause of a false alarm where nothing is marked."""


@dataclass(frozen=True, slots=True)
class TrueCramp:
    """A true cramp-like contraction.

    Attributes
    ----------
    onset_s, duration_s
        Seconds from the start of the night.
    side
        Leg, or None.
    marred
        Share of it in which its signal was an artefact, missing or unscorable, 0 to 1.
    facts
        Further columns of its row in the truth, as text.
    """

    onset_s: float
    duration_s: float
    side: str | None
    marred: float
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Hit:
    """The find that stands for a true contraction.

    Attributes
    ----------
    name
        ``cramp`` or ``possible_cramp``.
    onset_error_s, end_error_s
        Found minus true, seconds.
    probability
        As the detector gave it, or None.
    """

    name: str
    onset_error_s: float
    end_error_s: float
    probability: float | None


@dataclass(frozen=True, slots=True)
class FalseAlarm:
    """A find where no cramp-like contraction is.

    Attributes
    ----------
    name
        ``cramp`` or ``possible_cramp``.
    onset_s, duration_s, side
        Where it lies.
    cause
        What is marked there: the mimic that overlaps it best, ``the other leg``,
        ``after a cramp`` (in the minutes that follow one), or ``nothing``.
    probability
        As the detector gave it, or None.
    """

    name: str
    onset_s: float
    duration_s: float
    side: str | None
    cause: str
    probability: float | None


@dataclass(frozen=True, slots=True)
class Mimic:
    """True events of one kind that must not be called a cramp.

    Attributes
    ----------
    n
        Number of them in the night.
    called
        Of them called ``cramp`` or ``possible_cramp``, by that name.
    """

    n: int
    called: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Decision:
    """What a detector made of a night.

    Attributes
    ----------
    hits
        One for each true contraction, None where it was missed.
    false_alarms
        Finds that are none.
    touching
        Finds by name that overlap a true or doubtful contraction without being its hit.
    mimics
        By cause.
    swallowed
        Single leg movements and those in series that a false find covers to a fifth or
        more: ``{"PLM": {"cramp": 0, "possible_cramp": 0}, "LM": ...}``.
    """

    hits: tuple[Hit | None, ...]
    false_alarms: tuple[FalseAlarm, ...]
    touching: Mapping[str, int]
    mimics: Mapping[str, Mimic]
    swallowed: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Judged:
    """A candidate, what it was, and what the detector gave it.

    Attributes
    ----------
    duration_s
        Seconds.
    cut_s
        Seconds after its onset at which knowledge ended; None for a complete one.
    is_cramp
        Whether it is a true one; None where nobody can tell, as where it merely touches one.
    final, causal
        Probability with and without what follows its end, or None.
    """

    duration_s: float
    cut_s: float | None
    is_cramp: bool | None
    final: float | None
    causal: float | None


@dataclass(frozen=True, slots=True)
class Live:
    """What a detector said while the night ran.

    Attributes
    ----------
    delays_s
        From the onset of each true contraction to the first word on it, seconds; None where
        it was not told.
    false_alarms
        Finds by name that overlap no true or doubtful contraction.
    """

    delays_s: tuple[float | None, ...]
    false_alarms: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class NightTally:
    """A judged night.

    Attributes
    ----------
    id, person, source, group, held_out, about
        As in the data set.
    duration_s, valid_s
        Length, and of it what could be scored, seconds.
    cramps
        True contractions in order of time.
    final
        The decisions as `score` gives them.
    without_after
        The same without what follows the end of a contraction; None where the detector
        makes no such difference.
    movements
        Leg movements by leg.
    candidates
        All contractions that were looked at.
    live
        None unless asked for.
    remarks
        What the reader must know, one sentence each.
    unwatched
        True contractions in muscles that were not recorded: neither found nor missed.
    """

    id: str
    person: str | None
    source: str
    group: str
    held_out: bool
    about: Mapping[str, str]
    duration_s: float
    valid_s: float
    cramps: tuple[TrueCramp, ...]
    final: Decision
    without_after: Decision | None = None
    movements: Mapping[str, MovementCounts] = field(default_factory=dict)
    candidates: tuple[Judged, ...] = ()
    live: Live | None = None
    remarks: tuple[str, ...] = ()
    unwatched: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return all of it, JSON-ready."""
        values = asdict(self)
        values["candidates"] = [
            [c.duration_s, c.cut_s, c.is_cramp, c.final, c.causal] for c in self.candidates
        ]
        return values


@dataclass(frozen=True, slots=True)
class Unusable:
    """A night that could not be judged.

    Attributes
    ----------
    id
        As in the data set.
    reason
        One line.
    """

    id: str
    reason: str


def tally_from_json(values: Mapping[str, Any]) -> NightTally:
    """Return what `NightTally.as_json` gave.

    Raises
    ------
    KeyError, TypeError, ValueError, AttributeError
        It was something else.
    """
    live = values["live"]
    without = values["without_after"]
    return NightTally(
        id=str(values["id"]),
        person=values["person"],
        source=str(values["source"]),
        group=str(values["group"]),
        held_out=bool(values["held_out"]),
        about=dict(values["about"]),
        duration_s=float(values["duration_s"]),
        valid_s=float(values["valid_s"]),
        cramps=tuple(TrueCramp(**row) for row in values["cramps"]),
        final=_decision(values["final"]),
        without_after=None if without is None else _decision(without),
        movements={leg: MovementCounts(**row) for leg, row in values["movements"].items()},
        candidates=tuple(Judged(*row) for row in values["candidates"]),
        live=None if live is None else Live(tuple(live["delays_s"]), live["false_alarms"]),
        remarks=tuple(values["remarks"]),
        unwatched=int(values["unwatched"]),
    )


def _decision(values: Mapping[str, Any]) -> Decision:
    hits: Sequence[Mapping[str, Any] | None] = values["hits"]
    return Decision(
        hits=tuple(None if row is None else Hit(**row) for row in hits),
        false_alarms=tuple(FalseAlarm(**row) for row in values["false_alarms"]),
        touching=dict(values["touching"]),
        mimics={cause: Mimic(**row) for cause, row in values["mimics"].items()},
        swallowed=dict(values["swallowed"]),
    )
