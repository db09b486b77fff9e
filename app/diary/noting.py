"""From the words of a note to a mark on the night."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ...recording.annotations.markers import (
    MOST_TEXT,
    NOTE_EARLIER_S,
    NOW_LATER_S,
    Mark,
    one_line,
)
from ...recording.annotations.moments import (
    Moment,
    clock_zone,
    localised,
    moment_of,
    seconds_between,
)
from ...recording.annotations.vocabulary import KINDS, MUSCLES, SIDES
from ...recording.errors import RecordingError
from .nights import Span
from .plain_words import read_words


@dataclass(frozen=True, slots=True)
class Noted:
    """A mark, and what the person must be told of it, one sentence each."""

    mark: Mark
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stated:
    """What was stated beside the words of a note; it outweighs them.

    Attributes
    ----------
    at
        Time, as `moments.moment_of` reads it.
    within_min
        How far off that time may be, minutes.
    kind, side, muscles, pain
        As in `Mark`; None where nothing was stated.
    """

    at: str | None = None
    within_min: float | None = None
    kind: str | None = None
    side: str | None = None
    muscles: tuple[str, ...] | None = None
    pain: int | None = None


def note_to_mark(text: str, stated: Stated, span: Span, now: datetime) -> Noted:
    """Return the mark of a note.

    Parameters
    ----------
    text
        Plain English.
    stated
        What was stated beside it.
    span
        When the night was.
    now
        With a zone.

    Raises
    ------
    RecordingError
        Nothing is said, or the time or a word makes no sense.
    """
    if not text.strip() and stated.kind is None:
        raise RecordingError('nothing was noted; say what happened, as in "cramp, left calf"')
    words = read_words(text)
    for word, known in ((stated.kind, KINDS), (stated.side, SIDES)):
        if word is not None and word not in known:
            raise RecordingError(f"{word!r} is none of {', '.join(known)}")
    for muscle in stated.muscles or ():
        if muscle not in MUSCLES:
            raise RecordingError(f"{muscle!r} is none of {', '.join(MUSCLES)}")
    when = stated.at if stated.at is not None else words.when
    moment = when_of(when, span, now) if when else Moment(now, NOTE_EARLIER_S, NOW_LATER_S)
    earlier, later = moment.earlier_s, moment.later_s
    if stated.within_min is not None:
        earlier = later = 60.0 * stated.within_min
    mark = Mark(
        moment.at.replace(microsecond=0) if when else moment.at,
        earlier,
        later,
        stated.kind or words.kind,
        stated.side or words.side,
        words.muscles if stated.muscles is None else stated.muscles,
        words.pain if stated.pain is None else stated.pain,
        "note",
        now,
        one_line(text),
    )
    remarks = [moment.remark] if moment.remark else []
    remarks += _outside(moment, span)
    if len(" ".join(text.split())) > MOST_TEXT:
        remarks.append(f"only the first {MOST_TEXT} characters are kept")
    return Noted(mark, tuple(remarks))


def when_of(text: str, span: Span, now: datetime) -> Moment:
    """Return the moment that a time means on a night; errors as `moments.moment_of`."""
    zone = clock_zone(span.start)
    return moment_of(text, now=now, start=span.start, end=span.end, zone=zone)


def _outside(moment: Moment, span: Span) -> list[str]:
    """Return a sentence where a moment lies wholly outside of the recording."""
    if span.start is None:
        return []
    zone = clock_zone(span.start)
    try:
        before = seconds_between(moment.at, localised(span.start, zone))
        after = (
            None if span.end is None else seconds_between(localised(span.end, zone), moment.at)
        )
    except RecordingError:
        return []
    shown = f"{moment.at:%Y-%m-%d %H:%M}"
    if before > moment.later_s:
        return [f"{shown} is before the recording began ({span.start:%H:%M}); is it meant?"]
    if after is not None and after > moment.earlier_s:
        return [
            f"{shown} is after the recording ended ({span.end:%H:%M}); --at states the time"
        ]
    return []
