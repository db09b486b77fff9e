"""The first lines of the page: what was found, what was watched, and what was not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from ...detection.channels.report import ChannelReport
from ...recording.annotations.vocabulary import muscle_of
from ...recording.model import Event
from .findings import Findings
from .words import CRAMPS, clock, duration

_NUMBERS = (
    *("no", "one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)
_KINDS = {
    "confirmed": ("cramp, confirmed by the sleeper", "cramps, confirmed by the sleeper"),
    "cramp": ("cramp-like contraction", "cramp-like contractions"),
    "possible_cramp": ("possible cramp-like contraction", "possible cramp-like contractions"),
    "denied": (
        "cramp-like contraction that was no cramp, says the sleeper",
        "cramp-like contractions that were no cramps, says the sleeper",
    ),
}
# where cramps at night are felt
_MANY = {"calf": "calves", "foot": "feet", "thigh": "thighs"}
_MOST_TIMES = 4


def first_line(found: Findings, start: datetime | None) -> str:
    """Return ``One cramp-like contraction, 03:12, left calf, 2 min 10 s``."""
    cramps = [event for event in found.events if event.trial_type in CRAMPS]
    if not cramps:
        if not any(c.status == "ok" and c.kind in ("emg", "acc") for c in found.channels):
            return "Nothing in this recording could be scored"
        if not _watched(found):
            return "No muscle could be watched for cramp-like contractions"
        return "No cramp-like contraction was found"
    parts = [
        _of_kind(kind, own, found, start)
        for kind in _KINDS
        if (own := [event for event in cramps if _kind(event) == kind])
    ]
    text = "; ".join(parts)
    return text[:1].upper() + text[1:]


def watched_line(found: Findings) -> str:
    """Return ``Watched: left calf, 7 h 41 min``: muscles, and how long each could be scored."""
    watched = _watched(found)
    if not watched:
        return "Watched for cramps: nothing"
    return "Watched: " + "; ".join(
        f"{place}, {duration(seconds)}" for place, seconds in watched.items()
    )


def not_watched_line(found: Findings) -> str:
    """Return ``Not watched: feet, thighs, right leg``; nothing where nothing is missing."""
    seen = {
        (report.side, "thigh" if muscle == "hamstring" else muscle)
        for report in found.channels
        if _is_watched(report) and (muscle := muscle_of(report.placement)) is not None
    }
    sides = [side for side in ("left", "right") if any(own == side for own, _ in seen)]
    if not sides:
        return "" if _watched(found) else "Not watched: both legs"
    parts = []
    for place in ("foot", "thigh", "calf"):
        if not any((side, place) in seen for side in sides):
            own = place == "calf" and len(sides) == 1
            parts.append(f"{sides[0]} calf" if own else _MANY[place])
        else:
            parts += [f"{side} {place}" for side in sides if (side, place) not in seen]
    parts += [f"{side} leg" for side in ("left", "right") if side not in sides]
    return f"Not watched: {', '.join(parts)}" if parts else ""


def number_word(count: int) -> str:
    """Return ``two``; ``13`` above twelve."""
    return _NUMBERS[count] if count < len(_NUMBERS) else str(count)


def _kind(event: Event) -> str:
    said = event.extra.get("confirmation")
    return said if said in ("confirmed", "denied") else event.trial_type


def _of_kind(
    kind: str, events: Sequence[Event], found: Findings, start: datetime | None
) -> str:
    count = len(events)
    words = f"{number_word(count)} {_KINDS[kind][count > 1]}"
    if kind == "denied":
        return words
    places = list(dict.fromkeys(_place(event, found) for event in events))
    where = [", ".join(place for place in places if place)] if len(places) <= 3 else []
    times = [_minute(start, event.onset) for event in events]
    when = " and ".join(filter(None, [", ".join(times[:-1]), times[-1]]))
    if count > _MOST_TIMES:
        when = f"the first {times[0]}, the last {times[-1]}"
    longest = duration(max(event.duration for event in events))
    length = longest if count == 1 else f"the longest {longest}"
    return ", ".join(part for part in (words, when, *where, length) if part)


def _minute(start: datetime | None, seconds: float) -> str:
    if start is None:
        return f"{clock(None, seconds)} from the start"
    try:
        return f"{start + timedelta(seconds=seconds):%H:%M}"
    except OverflowError:
        return clock(None, seconds)


def _place(event: Event, found: Findings) -> str:
    report = next((c for c in found.channels if c.label == event.channel), None)
    muscle = muscle_of(report.placement if report else None)
    if event.side == "both":
        return f"both {_MANY.get(muscle or '', 'legs')}"
    return f"{event.side or ''} {muscle or ('leg' if event.side else '')}".strip()


def _is_watched(report: ChannelReport) -> bool:
    return report.kind == "emg" and report.status == "ok" and report.rule is not None


def _watched(found: Findings) -> dict[str, float]:
    """Return the seconds by muscle, the longest of signals that share one."""
    places: dict[str, float] = {}
    for report in found.channels:
        if _is_watched(report):
            muscle = muscle_of(report.placement) or report.placement or "leg"
            place = f"{report.side or ''} {muscle}".strip()
            places[place] = max(report.valid_s, places.get(place, 0.0))
    return places
