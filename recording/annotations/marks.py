"""What an annotation file says, and when it says so."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from ..errors import RecordingError
from ..model import Event

MAX_ROWS: Final = 500_000
"""Rows that a file of annotations may have; a stage for each second of a day is 86 400."""

MAX_BYTES: Final = 64 * 1024 * 1024
"""A night of annotations takes a few megabytes at most; more is some other file."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, eq=False)
class Annotations:
    """Marks of one file.

    Attributes
    ----------
    events
        In order of time. Stages are ``sleep_W``, ``sleep_N1``, ... and ``unscored``; what
        the file calls a thing of another name stays in ``extra["text"]``.
    format
        Name of the file format.
    start
        Clock time of onset 0, naive (local time of the recorder) or with a zone; None where
        the file names none.
    date_known
        Whether the date in `start` can be trusted, not only its time of day.
    notes
        What a reader of the results must know, one sentence each.
    """

    events: tuple[Event, ...]
    format: str
    start: datetime | None = None
    date_known: bool = True
    notes: tuple[str, ...] = ()

    def shifted(self, seconds: float) -> Annotations:
        """Return the same marks, later by `seconds`."""
        events = tuple(replace(e, onset=e.onset + seconds) for e in self.events)
        start = None if self.start is None else self.start - timedelta(seconds=seconds)
        return replace(self, events=events, start=start)


def align(annotations: Annotations, recording_start: datetime | None) -> Annotations:
    """Move the marks onto the time of a recording, by the clock.

    Parameters
    ----------
    annotations
        Marks with a clock time; without one they are returned as they are.
    recording_start
        Clock time of the first sample.

    Returns
    -------
    Annotations
        Onsets in seconds from the start of the recording, with a note that states the
        offset that was applied.

    Raises
    ------
    RecordingError
        If the two start more than a day apart.
    """
    if annotations.start is None or recording_start is None:
        return annotations
    begin, start = _comparable(annotations.start, recording_start)
    offset = begin - start
    if not annotations.date_known:
        offset = (offset + _DAY / 2) % _DAY - _DAY / 2
    if abs(offset) > _DAY:
        raise RecordingError(
            f"the annotations start at {begin:%Y-%m-%d %H:%M:%S}, the recording at "
            f"{start:%Y-%m-%d %H:%M:%S}: not the same night; give the files of one night"
        )
    seconds = offset.total_seconds()
    by = "time of day" if not annotations.date_known else "clock"
    note = f"annotations aligned by {by}: they start {seconds:+.3f} s after the recording"
    moved = annotations.shifted(seconds)
    return replace(moved, start=recording_start, notes=(*annotations.notes, note))


def read_text(path: str | Path) -> str:
    """Return the text of an annotation file, whichever way it is encoded.

    Raises
    ------
    RecordingError
        If the file cannot be read, is far too large, or holds no text.
    """
    try:
        with Path(path).open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise RecordingError(f"cannot read {path}: {error.strerror or error}") from error
    if len(raw) > MAX_BYTES:
        raise RecordingError(
            f"{path}: larger than {MAX_BYTES // 2**20} MiB, hardly one night of annotations; "
            "name the annotation file"
        )
    if raw.count(b"\n") + raw.count(b"\r") > 2 * MAX_ROWS:
        raise RecordingError(f"{path}: more than {MAX_ROWS} rows, hardly one night's marks")
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", "replace")
    if b"\0" in raw:
        raise RecordingError(f"{path}: not a text file; name an annotation file")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _comparable(a: datetime, b: datetime) -> tuple[datetime, datetime]:
    """Where only one of two times names its zone, both are taken as local times."""
    if (a.tzinfo is None) == (b.tzinfo is None):
        return a, b
    return a.replace(tzinfo=None), b.replace(tzinfo=None)
