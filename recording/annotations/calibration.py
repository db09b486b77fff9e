"""The guided calibration of a night: when it was, and what was asked for in which part of it.

Among the events of a night it is ``artifact`` rows whose column ``cause`` says the part, so
that every format that carries events carries it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import inf, isfinite
from typing import Final

from ..model import Event

WHOLE: Final = "calibration"
REST: Final = "calibration rest"
PRESS: Final = "calibration press"
LIFT: Final = "calibration lift"
TAP: Final = "calibration tap"

CAUSES: Final = {
    WHOLE: "The guided calibration from its first word to its last; nothing in it is counted.",
    REST: "The sleeper was asked to lie still.",
    PRESS: "The sleeper was asked to press gently with the foot, the ankle in neutral.",
    LIFT: "The sleeper was asked to lift the toes gently, the ankle in neutral.",
    TAP: "The sleeper was asked to tap a band, or to knock the heels together.",
}
"""Meaning of each entry of ``cause`` that is part of a calibration."""

LONGEST_S: Final = 1800.0
"""Nothing longer is a calibration."""

_JOINED_S = 30.0

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Held:
    """A reference contraction that was asked for.

    Attributes
    ----------
    cause
        `PRESS` or `LIFT`.
    side
        Leg, or None.
    start_s, end_s
        Seconds from the start of the night.
    """

    cause: str
    side: str | None
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """The calibration of a night; times in seconds from its start.

    Attributes
    ----------
    spans
        Start and end of all that is kept out of scoring, in order, not overlapping.
    rest
        Start and end of the rests.
    held
        The reference contractions.
    """

    spans: tuple[Span, ...]
    rest: tuple[Span, ...] = ()
    held: tuple[Held, ...] = ()

    @property
    def start_s(self) -> float:
        """Start of the first part."""
        return self.spans[0][0]

    @property
    def end_s(self) -> float:
        """End of the last part."""
        return self.spans[-1][1]

    @property
    def length_s(self) -> float:
        """Seconds that are kept out of scoring."""
        return sum(end - start for start, end in self.spans)

    def share(self, start_s: float, end_s: float) -> float:
        """Return which part of a stretch of time lies in the calibration, 0 to 1."""
        inside = sum(
            max(0.0, min(end_s, end) - max(start_s, start)) for start, end in self.spans
        )
        if end_s > start_s:
            return inside / (end_s - start_s)
        return float(any(start <= start_s < end for start, end in self.spans))


def calibration_of(events: Iterable[Event]) -> Calibration | None:
    """Return the calibration that the events of a night tell of, None where there is none."""
    parts = [event for event in events if is_calibration(event)]
    if not parts:
        return None
    return Calibration(
        _joined((each.onset, each.end) for each in parts),
        tuple((e.onset, e.end) for e in parts if e.extra["cause"] == REST),
        tuple(
            Held(e.extra["cause"], e.side, e.onset, e.end)
            for e in parts
            if e.extra["cause"] in (PRESS, LIFT)
        ),
    )


def is_calibration(event: Event) -> bool:
    """Return whether an event is a part of a calibration."""
    return (
        event.trial_type == "artifact"
        and event.extra.get("cause") in CAUSES
        and isfinite(event.onset)
        and 0.0 <= event.duration <= LONGEST_S
    )


def _joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return spans in order, those that are close made one."""
    found: list[Span] = []
    last = -inf
    for start, end in sorted(spans):
        if found and start - last <= _JOINED_S:
            last = max(last, end)
            found[-1] = (found[-1][0], last)
        else:
            found.append((start, end))
            last = end
    return tuple(found)
