"""Which night a note or a diary is about, and when that night was."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from ...recording.errors import RecordingError

JOURNAL = "night.mcap"

_RECORDINGS = frozenset((".mcap", ".edf", ".bdf", ".rec", ".h5", ".hdf5", ".txt", ".csv"))
_FRESH_S = 600.0
_DEPTH = 3
_MOST = 2_000


@dataclass(frozen=True, slots=True)
class Span:
    """When a night was, as far as its recording tells.

    Attributes
    ----------
    start, end
        Of the recording; without a zone they are by the recorder's clock. The end is None
        where it is not known, as while it is being recorded.
    """

    start: datetime | None = None
    end: datetime | None = None


def find_night(named: Path | None, here: Path) -> Path:
    """Return the folder of a night.

    Parameters
    ----------
    named
        Folder, or the recording in it, as the user named it; None for the one in `here`:
        this folder itself, or the night in it whose journal grew last.
    here
        Where to look for one that was not named.

    Raises
    ------
    RecordingError
        There is none, or the folder holds no recording.
    """
    if named is not None:
        if named.is_file() and named.suffix.lower() not in _RECORDINGS:
            raise RecordingError(f"{named} is no recording; name the folder of a night")
        folder = named.parent if named.is_file() else named
        if not folder.is_dir():
            raise RecordingError(f"{named}: no such night; name the folder of the recording")
        if not _holds_recording(folder):
            raise RecordingError(f"{folder} holds no recording; name the folder of a night")
        return folder
    if (here / JOURNAL).exists() or (_holds_recording(here, depth=0) and _opens(here)):
        return here
    journals = []
    for folder in _folders(here):
        with suppress(OSError):
            journals.append(((folder / JOURNAL).stat().st_mtime, folder))
    if not journals:
        raise RecordingError(
            "no night in this folder; name one with --night, the folder of a recording"
        )
    return max(journals)[1]


def span_of(folder: Path) -> Span:
    """Return when the night was; nothing known where its recording cannot be read now.

    Nor while it is being recorded: its journal has no index yet and is left alone, and a time
    of day then means the last such time.
    """
    from ...recording.readers import open_recording

    if _growing(folder):
        return Span()
    try:
        night = open_recording(folder)
    except RecordingError:
        return Span()
    if night.start is None:
        return Span()
    try:
        end = night.start + timedelta(seconds=night.duration_s)
    except OverflowError:
        return Span(night.start)
    return Span(night.start, end)


def _growing(folder: Path) -> bool:
    from ...recording.journal.reader import is_indexed

    journal = folder / JOURNAL
    try:
        fresh = abs(time.time() - journal.stat().st_mtime) < _FRESH_S
        return fresh and not is_indexed(journal)
    except (OSError, RecordingError):
        return False


def _holds_recording(folder: Path, depth: int = _DEPTH) -> bool:
    return any(path.suffix.lower() in _RECORDINGS for path in _files(folder, depth, [_MOST]))


def _opens(folder: Path) -> bool:
    from ...recording.readers import open_recording

    try:
        open_recording(folder)
    except RecordingError:
        return False
    return True


def _files(folder: Path, depth: int, left: list[int]) -> Iterator[Path]:
    inside = []
    with suppress(OSError):
        for entry in folder.iterdir():
            left[0] -= 1
            if left[0] < 0:
                return
            if entry.is_file():
                yield entry
            elif depth and entry.is_dir() and not entry.is_symlink():
                inside.append(entry)
    for each in inside:
        yield from _files(each, depth - 1, left)


def _folders(here: Path) -> Iterator[Path]:
    with suppress(OSError):
        for number, entry in enumerate(here.iterdir()):
            if number >= _MOST:
                return
            if entry.is_dir():
                yield entry
