"""Any annotation file of the field, by its name and its first bytes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final

from ..errors import RecordingError
from ..model import Event
from .domino import is_domino, read_domino
from .edf_marks import read_edf_annotations
from .edf_text import TRIAL_TYPES
from .hypnogram import Hypnogram, hypnogram_from_rows
from .luna import read_luna_annot, read_luna_eannot
from .marks import Annotations, align, read_text
from .names import AROUSAL, RESPIRATORY, UNSCORED
from .table import read_table
from .xml_scoring import read_scoring_xml

_EDF: Final = frozenset({".edf", ".bdf", ".rec"})


def read_annotations(
    path: str | Path,
    *,
    recording_start: datetime | None = None,
    epoch_s: float | None = None,
    as_type: str | None = None,
) -> Annotations:
    """Read annotations: EDF+, BIDS or CSV table, NSRR or Profusion XML, Luna, DOMINO.

    Parameters
    ----------
    path
        File to read.
    recording_start
        Clock time of the recording's first sample. Marks with a clock of their own are moved
        onto it, and the offset is stated in the notes.
    epoch_s
        Length of an epoch, seconds, for files that give one label for each.
    as_type
        Event type of the rows of a table that names none.

    Raises
    ------
    RecordingError
        If the file cannot be read or understood.
    """
    if epoch_s is not None and not epoch_s > 0:
        raise RecordingError(f"an epoch of {epoch_s:g} s is not possible; give a time above 0")
    suffix = Path(path).suffix.lower()
    if suffix in _EDF:
        found = read_edf_annotations(path)
    elif suffix == ".xml":
        found = read_scoring_xml(path)
    elif suffix == ".annot":
        found = read_luna_annot(path, recording_start=recording_start)
    elif suffix == ".eannot":
        found = read_luna_eannot(path, epoch_s=epoch_s)
    else:
        head = read_text(path).lstrip()[:200]
        if head.startswith("<"):
            found = read_scoring_xml(path)
        elif is_domino(head):
            found = read_domino(path)
        else:
            found = read_table(
                path, recording_start=recording_start, epoch_s=epoch_s, as_type=as_type
            )
    return align(found, recording_start)


def read_hypnogram(
    path: str | Path,
    *,
    recording_start: datetime | None = None,
    epoch_s: float | None = None,
) -> Hypnogram:
    """Read the stages of an annotation file; parameters and errors of `read_annotations`.

    Raises
    ------
    RecordingError
        Also if the file holds no stage at all.
    """
    found = read_annotations(path, recording_start=recording_start, epoch_s=epoch_s)
    if not any(event.trial_type.startswith("sleep_") for event in found.events):
        raise RecordingError(
            f"{path}: holds no sleep stage; known are W, N1, N2, N3, R, their usual spellings, "
            "and numbers"
        )
    stages = hypnogram_of(found)
    strange = {e.trial_type for e in found.events if not is_epoch(e)} - _NO_STAGE
    if not strange:
        return stages
    shown = ", ".join(repr(name[:40]) for name in sorted(strange)[:5])
    note = f"rows of the hypnogram that are no stage ({shown}) count as unscored"
    return replace(stages, notes=(*stages.notes, note))


def hypnogram_of(annotations: Annotations) -> Hypnogram:
    """Return the stages among marks of all kinds.

    Raises
    ------
    RecordingError
        If a stage has no onset or no positive duration.
    """
    rows = [event for event in annotations.events if is_epoch(event)]
    return hypnogram_from_rows(
        [event.onset for event in rows],
        [event.duration for event in rows],
        [event.trial_type.removeprefix("sleep_") for event in rows],
        annotations.notes,
    )


def is_epoch(event: Event) -> bool:
    """Return whether an event is a scored (or explicitly unscored) stretch of the night."""
    return event.trial_type.startswith("sleep_") or event.trial_type == UNSCORED


_NO_STAGE: Final = (TRIAL_TYPES | RESPIRATORY) | {AROUSAL, "desat", "lights_on", "lights_off"}
