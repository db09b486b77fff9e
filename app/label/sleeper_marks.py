"""Markers and diary entries of a night, shown beside the labels: they are none."""

from __future__ import annotations

from pathlib import Path

from ...recording.annotations.diary import read_diary
from ...recording.annotations.markers import Mark, read_marks
from ...recording.annotations.moments import clock_zone, onset_of
from ...recording.errors import RecordingError
from ...recording.model import Event, Night
from ..diary.words import mark_words

_PADDING = "BAD_gap"
_MOST = 2_000


def marks_of(folder: Path, night: Night) -> tuple[tuple[Event, ...], tuple[str, ...]]:
    """Return what was said of the night, and what could not be read.

    Parameters
    ----------
    folder
        Folder of the night.
    night
        The night; marks that came with it are shown too.

    Returns
    -------
    tuple
        Events of type ``marker``, by onset; their ``text`` says what was meant. A time that
        is not known well lasts from its earliest to its latest.
    """
    notes: list[str] = []
    marks: list[Mark] = []
    try:
        found = read_marks(folder)
        marks += found.marks
        notes += found.notes
    except RecordingError as error:
        notes.append(str(error))
    try:
        diary = read_diary(folder)
        if diary is not None:
            marks += [cramp.as_mark(diary.written_at) for cramp in diary.cramps or ()]
            notes += diary.notes
    except RecordingError as error:
        notes.append(str(error))
    events = [_came_with(event) for event in night.events if event.trial_type != _PADDING]
    if night.start is not None:
        zone = clock_zone(night.start)
        for mark in marks:
            if mark.at is not None:
                at = onset_of(mark.at, night.start, zone)
                begin = at - mark.earlier_s
                length = mark.earlier_s + mark.later_s
                text = f"{mark_words(mark)} ({mark.source})"
                events.append(Event(begin, length, "marker", mark.side, extra={"text": text}))
    elif marks:
        notes.append("without a clock time of the recording no mark or diary can be shown")
    events.sort(key=lambda event: event.onset)
    return tuple(events[:_MOST]), tuple(notes)


def _came_with(event: Event) -> Event:
    text = str(event.extra.get("text") or event.trial_type)
    return Event(event.onset, event.duration, "marker", event.side, event.channel, None,
                 {"text": text})  # fmt: skip
