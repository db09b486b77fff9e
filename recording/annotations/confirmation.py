"""What the sleeper said, held against what was found.

A mark is a weak label: it tells that something was felt within some minutes, never when it
began. It confirms or denies contractions that were found; it adds none, and it moves none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Any, Final

from ..model import Event
from .diary_entries import Diary
from .mark_matching import (
    ANSWER_S,
    CRAMPS,
    REPEAT_S,
    Placed,
    answered,
    fitting,
    matched,
    verdicts_of,
)
from .markers import Mark
from .moments import onset_of
from .remembered import Remembered, remembered_of
from .watching import WATCHED_SHARE, Outcome, Watched, without_time

__all__ = [
    "ANSWER_S",
    "CRAMPS",
    "REPEAT_S",
    "WATCHED_SHARE",
    "Confirmation",
    "Outcome",
    "Remembered",
    "Watched",
    "confirm",
    "marker_events",
]

_MOST_MARKS: Final = 300


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A night with what the sleeper said of it.

    Attributes
    ----------
    events
        As given, in their order; every one of `CRAMPS` has a ``confirmation``.
    remembered
        Cramps and presses, by time; those without a time last.
    """

    events: tuple[Event, ...]
    remembered: tuple[Remembered, ...]

    def counts(self) -> dict[str, int]:
        """Return how many events were confirmed, denied and left unanswered."""
        said = [event.extra.get("confirmation") for event in self.events]
        return {name: said.count(name) for name in ("confirmed", "denied", "unanswered")}


def confirm(
    events: Sequence[Event],
    marks: Iterable[Mark],
    diary: Diary | None,
    watched: Sequence[Watched],
    *,
    start: datetime,
    duration_s: float,
    zone: tzinfo | None = None,
) -> Confirmation:
    """Hold what the sleeper said against the events.

    An event fits a mark where it overlaps the time that the mark may mean, on a leg and a
    muscle that the mark does not contradict. Each cramp of the diary, and each note, takes
    one event at most, and as many as possible find one; a key may be pressed several times
    in one cramp, and notes within ten minutes may tell of one cramp. A press confirms, a
    later word outweighs an earlier one, and an answer about an event outweighs everything
    else. Silence denies nothing: a cramp can be slept through.

    Parameters
    ----------
    events
        In any order.
    marks
        Of `markers.tsv` and of the recording.
    diary
        Of the morning after, or None.
    watched
        Signals on which contractions were sought.
    start
        Clock time of the start of the recording.
    duration_s
        Length of the recording.
    zone
        Zone of a start that has none; by default that of this computer.
    """
    where = {signal.channel: signal.muscle for signal in watched}
    cramps = diary.cramps if diary and diary.cramps else ()
    written = diary.written_at if diary else None
    said = [*marks, *(cramp.as_mark(written) for cramp in cramps)]
    said = [mark for mark in said if mark.kind in ("cramp", "press", "no_cramp")][:_MOST_MARKS]
    placed = [
        Placed(mark, onset_of(mark.at, start, zone), number)
        for number, mark in enumerate(said)
        if mark.at is not None
    ]
    fits = {one.order: fitting(one, events, where) for one in placed}
    taken = matched(placed, fits)
    verdicts = verdicts_of(placed, taken)
    for answer in diary.answers if diary else ():
        place = answered(answer, events, start, zone)
        if place is not None:
            verdicts[place] = "confirmed" if answer.felt else "denied"
    told = remembered_of(placed, taken, watched, duration_s)
    told += [
        Remembered(mark, None, *without_time(mark, watched), (), (mark.source,))
        for mark in said
        if mark.at is None
    ]
    return Confirmation(
        tuple(_with_verdict(event, verdicts.get(n)) for n, event in enumerate(events)),
        tuple(told),
    )


def marker_events(confirmation: Confirmation) -> list[Event]:
    """Return a ``marker`` row for everything remembered that has a time."""
    rows = []
    for one in confirmation.remembered:
        if one.onset_s is None:
            continue
        mark = one.mark
        extra: dict[str, Any] = {
            "text": mark.text or None,
            "outcome": one.outcome,
            "earlier_s": mark.earlier_s,
            "later_s": mark.later_s,
            "pain": mark.pain,
            "source": ",".join(one.sources),
        }
        rows.append(
            Event(
                one.onset_s,
                0.0,
                "marker",
                mark.side,
                confirmation.events[one.events[0]].channel if one.events else None,
                extra=extra,
            )
        )
    return rows


def _with_verdict(event: Event, verdict: str | None) -> Event:
    if event.trial_type not in CRAMPS:
        return event
    return replace(event, extra={**event.extra, "confirmation": verdict or "unanswered"})
