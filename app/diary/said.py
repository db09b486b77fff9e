"""What the sleeper said of a night, held against its score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np

from ...detection.result import NightScore
from ...recording.annotations import diary as diary_file
from ...recording.annotations import markers as marker_file
from ...recording.annotations.confirmation import (
    Confirmation,
    Remembered,
    Watched,
    confirm,
    marker_events,
)
from ...recording.annotations.diary import Diary, read_diary
from ...recording.annotations.markers import (
    NOW_LATER_S,
    PRESS_EARLIER_S,
    PRESSES,
    Mark,
    one_line,
    read_marks,
)
from ...recording.annotations.moments import clock_zone, localised, onset_of
from ...recording.annotations.vocabulary import muscle_of
from ...recording.errors import RecordingError
from ...recording.model import Event, Night

JOURNAL_FORMAT = "Crampwatch journal"
_SAME_PRESS_S = 2.0
_FROM_START = "a night without a clock time cannot be held against notes or a diary"


@dataclass(frozen=True, slots=True)
class Said:
    """What the sleeper said, and what became of it.

    Attributes
    ----------
    confirmation
        Events with their confirmation, and what is remembered.
    marks
        Of ``markers.tsv`` and of the recording.
    diary
        Of the morning after, or None.
    files
        Files that it was read from.
    notes
        What could not be read, one sentence each.
    """

    confirmation: Confirmation
    marks: tuple[Mark, ...]
    diary: Diary | None
    files: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()

    def summary(self) -> dict[str, Any]:
        """Return the entry ``said`` of ``summary.json``."""
        content = diary_file.to_json(self.diary) if self.diary else {}
        cramps = content.get("cramps")
        return {
            "confirmation": self.confirmation.counts(),
            "remembered": [
                _entry(one, self.confirmation.events) for one in self.confirmation.remembered
            ],
            "cramps_in_diary": None if cramps is None else len(cramps),
            "restless_legs": content.get("restless_legs"),
            "partner_noticed": content.get("partner_noticed"),
            "factors": content.get("factors", {}),
        }


def with_what_was_said(
    recording: Path, night: Night, score: NightScore
) -> tuple[NightScore, Said | None]:
    """Return a score with what the sleeper said of the night.

    Parameters
    ----------
    recording
        Folder of the night, or a recording in one.
    night, score
        The night and its score.

    Returns
    -------
    tuple
        The score, its events with ``confirmation`` and with a ``marker`` row for everything
        remembered; and what was said. The score as it was, and None, where the folder holds
        neither markers nor a diary.
    """
    folder = recording if recording.is_dir() else _folder_of(recording, night)
    if folder is None:
        return score, None
    marks, diary, notes = _read(folder)
    marks = (*marks, *_presses(night, marks))
    if not marks and diary is None:
        return replace(score, warnings=(*score.warnings, *notes)), None
    if night.start is None:
        return replace(score, warnings=(*score.warnings, *notes, _FROM_START)), None
    confirmation = confirm(
        score.events,
        marks,
        diary,
        watched_by(score),
        start=night.start,
        duration_s=night.duration_s,
    )
    rows = [*confirmation.events, *marker_events(confirmation)]
    rows.sort(key=lambda event: (event.onset, event.duration))
    names = (marker_file.FILE, diary_file.FILE)
    files = tuple(folder / name for name in names if (folder / name).is_file())
    warned = (*score.warnings, *notes)
    return (
        replace(score, events=tuple(rows), warnings=warned),
        Said(confirmation, marks, diary, files, tuple(notes)),
    )


def watched_by(score: NightScore) -> tuple[Watched, ...]:
    """Return the muscles that were watched for contractions, and when."""
    tracks = {track.label: track for track in score.overviews}
    found = []
    for channel in score.channels:
        if channel.kind != "emg" or channel.status != "ok" or channel.rule is None:
            continue
        track = tracks.get(channel.label)
        spans: tuple[tuple[float, float], ...] = ((0.0, score.duration_s),)
        if track is not None:
            edges = np.flatnonzero(np.diff(np.concatenate(([0], track.valid, [0]))))
            ends = np.append(track.time_s, 0.0)
            spans = tuple(
                (float(ends[first]), float(ends[last - 1]) + track.cell_s)
                for first, last in edges.reshape(-1, 2)
            )
        found.append(Watched(channel.label, channel.side, muscle_of(channel.placement), spans))
    return tuple(found)


def _read(folder: Path) -> tuple[tuple[Mark, ...], Diary | None, list[str]]:
    """Return marks, diary, and what could not be read: it must cost no night its score."""
    notes: list[str] = []
    marks: tuple[Mark, ...] = ()
    diary = None
    try:
        found = read_marks(folder)
        marks = found.marks
        notes += found.notes
    except RecordingError as error:
        notes.append(str(error))
    try:
        diary = read_diary(folder)
        notes += diary.notes if diary else ()
    except RecordingError as error:
        notes.append(str(error))
    return marks, diary, notes


def _folder_of(recording: Path, night: Night) -> Path | None:
    """Return the folder of a recording, where that folder is the night's and no heap."""
    folder = recording.resolve().parent
    names = (marker_file.FILE, diary_file.FILE)
    if not any((folder / name).exists() for name in names):
        return None
    from ...recording.readers import open_recording

    try:
        return folder if open_recording(folder).source == night.source else None
    except RecordingError:
        return None


def _presses(night: Night, known: tuple[Mark, ...]) -> list[Mark]:
    """Return the keys and buttons of the recording that the markers do not hold already."""
    if night.start is None:
        return []
    zone = clock_zone(night.start)
    held = [onset_of(m.at, night.start, zone) for m in known if m.pressed and m.at is not None]
    found = []
    for event in night.events:
        pressed = event.trial_type == "marker" and _source(night, event) is not None
        if pressed and not any(abs(event.onset - at) <= _SAME_PRESS_S for at in held):
            mark = _press(night, event)
            if mark is not None:
                found.append(mark)
    return found


def _press(night: Night, event: Event) -> Mark | None:
    if night.start is None:
        return None
    try:
        at = localised(night.start) + timedelta(seconds=event.onset)
    except (RecordingError, OverflowError):
        return None
    text = one_line(str(event.extra.get("text") or ""))
    source = _source(night, event) or ""
    return Mark(at, PRESS_EARLIER_S, NOW_LATER_S, "press", event.side, source=source, text=text)


def _source(night: Night, event: Event) -> str | None:
    """Return what was pressed, None where the mark of a recording is no press.

    Marks of other formats are anything: lights off, a trigger, a technician's remark.
    """
    source = str(event.extra.get("source") or "")
    if not source and night.format == JOURNAL_FORMAT:
        source = "button"
    return one_line(source, 60) if source.partition(":")[0] in PRESSES else None


def _entry(one: Remembered, events: Sequence[Event]) -> Mapping[str, Any]:
    mark = one.mark
    return {
        "kind": mark.kind,
        "at": mark.at.isoformat(timespec="seconds") if mark.at else None,
        "onset": None if one.onset_s is None else round(one.onset_s, 3),
        "earlier_s": mark.earlier_s,
        "later_s": mark.later_s,
        "side": mark.side,
        "muscles": list(mark.muscles),
        "pain": mark.pain,
        "outcome": one.outcome,
        "reason": one.reason or None,
        "sources": list(one.sources),
        "found": [round(events[place].onset, 6) for place in one.events],
    }
