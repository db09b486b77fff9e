"""Labels in from any annotation file, and out to tables, EDF+ or a night folder."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from ...recording.annotations.edf_marks import write_edf_annotations
from ...recording.annotations.markers import one_line
from ...recording.annotations.read import read_annotations
from ...recording.annotations.tsv import write_events
from ...recording.errors import RecordingError
from ...recording.model import Event, Night
from .labels import Edit, Label, Labels, same_place
from .log import MOST_NOTE

_NO_LABEL = ("marker", "BAD_gap", "unscored")
_TOLERANCE_S = 1.0


def labels_in(path: Path, night: Night, known: Labels) -> tuple[Edit, tuple[str, ...]]:
    """Return the edit that takes over the marks of a file, and what was left out.

    Parameters
    ----------
    path
        ``events.tsv``, EDF+ annotations, NSRR or Profusion XML, Luna, DOMINO, CSV.
    night
        The night; a clock in the file is aligned to its own.
    known
        Labels that there are: what they say already is not taken over again.

    Raises
    ------
    RecordingError
        The file cannot be read, or holds marks outside the night.
    """
    found = read_annotations(path, recording_start=night.start)
    notes = list(found.notes)
    new: dict[str, Label | None] = {}
    there = [label for _, label in known.in_order()]
    stages = foreign = same = 0
    for event in found.events:
        if event.trial_type.startswith("sleep_") or event.trial_type in _NO_LABEL:
            stages += 1
        elif not (math.isfinite(event.onset) and event.duration >= 0):
            foreign += 1
        else:
            label = _label(event)
            _check(path, label, night)
            if same_place(there, label):
                same += 1
            else:
                new[uuid4().hex[:12]] = label
    for count, why in (
        (stages, "are stages, markers or padding, which are no labels"),
        (foreign, "have no time"),
        (same, "are labels already"),
    ):
        if count:
            notes.append(f"{count} marks of {path.name} {why}")
    return Edit("import", new), tuple(notes)


def labels_out(
    path: Path, events: Sequence[Event], annotator: str, start: datetime | None
) -> Path:
    """Write labels, and return the file.

    Parameters
    ----------
    path
        ``.tsv`` is BIDS-style events, ``.edf`` EDF+ annotations; in a folder it becomes
        ``events_NAME.tsv``, as `train` and `evaluate` look for it.
    events
        Labels.
    annotator
        Whose they are.
    start
        Clock time of the recording, for EDF+.

    Raises
    ------
    RecordingError
        The file cannot be written, is of another kind, or holds what the detector wrote.
    """
    target = path / f"events_{annotator}.tsv" if path.is_dir() else path
    suffix = target.suffix.lower()
    if suffix == ".tsv":
        if target.name == "events.tsv" and (target.parent / "provenance.json").exists():
            raise RecordingError(
                f"{target} was written by the detector; export into the folder, which makes it"
                f" events_{annotator}.tsv"
            )
        write_events(target, events)
    elif suffix == ".edf":
        write_edf_annotations(target, events, start)
    else:
        raise RecordingError(f"{path}: labels are written as .tsv or .edf, or into a folder")
    return target


def _label(event: Event) -> Label:
    text = event.extra.get("text")
    note = "" if text is None else one_line(str(text), MOST_NOTE)
    side = event.side if event.side in ("left", "right", "both") else None
    channel = None if event.channel is None else one_line(event.channel, 120) or None
    kind = one_line(event.trial_type, 60)
    return Label(round(event.onset, 6), round(event.duration, 6), kind, side, channel, note)


def _check(path: Path, label: Label, night: Night) -> None:
    if label.onset < -_TOLERANCE_S or label.end > night.duration_s + _TOLERANCE_S:
        raise RecordingError(
            f"{path}: the mark {label.trial_type} at {label.onset:g} s lies outside the night,"
            f" which lasts {night.duration_s:g} s; are these the marks of another recording?"
        )
