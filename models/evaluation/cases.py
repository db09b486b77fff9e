"""The single finds and misses behind the figures, to go and look at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .alarms import Nights
from .matching import CRAMP

MOST = 200


@dataclass(frozen=True, slots=True)
class Case:
    """One false alarm, or one cramp that was missed.

    Attributes
    ----------
    night
        Name of the night.
    onset_s, duration_s
        Seconds from the start of the night.
    side
        Leg, or None.
    what
        Name of the false find, or ``missed``.
    why
        Cause of a false alarm; of a miss what is known of the cramp.
    probability
        As the detector gave it, or None.
    """

    night: str
    onset_s: float
    duration_s: float
    side: str | None
    what: str
    why: str
    probability: float | None


def false_cases(nights: Nights) -> list[Case]:
    """Return at most `MOST` false alarms: cramps first, then by probability."""
    cases = [
        Case(night.id, a.onset_s, a.duration_s, a.side, a.name, a.cause, a.probability)
        for night, decision in nights
        for a in decision.false_alarms
    ]
    cases.sort(key=lambda c: (c.what != CRAMP, -(c.probability or 0.0), c.night, c.onset_s))
    return cases[:MOST]


def missed_cases(nights: Nights) -> list[Case]:
    """Return at most `MOST` cramps that were missed, the longest first."""
    cases = [
        Case(
            night.id,
            cramp.onset_s,
            cramp.duration_s,
            cramp.side,
            "missed",
            _known(cramp.facts.items(), cramp.marred),
            None,
        )
        for night, decision in nights
        for cramp, hit in zip(night.cramps, decision.hits, strict=True)
        if hit is None
    ]
    cases.sort(key=lambda c: (-c.duration_s, c.night, c.onset_s))
    return cases[:MOST]


def _known(facts: Iterable[Sequence[str]], marred: float) -> str:
    told = ("level_uv", "muscle", "head", "rise_s", "ending")
    texts = {name: text[:40] for name, text in facts}
    words = [f"{name} {texts[name]}" for name in told if name in texts]
    return ", ".join([*words, *([f"marred {marred:.0%}"] if marred > 0 else [])])
