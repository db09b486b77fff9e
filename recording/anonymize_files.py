"""Which files of a folder are recordings, and what texts they hold."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from .anonymize_edf import texts_of
from .anonymize_journal import journal_start, journal_texts
from .errors import RecordingError
from .journal.records import MAGIC
from .readers.edf import read_header
from .readers.edf_header import is_edf

_RECORDINGS = (".edf", ".bdf", ".rec")
_MOST_FILES = 20_000


def files_in(source: Path) -> list[Path]:
    """Return a file, or all files of a folder that are not hidden, sorted.

    Raises
    ------
    RecordingError
        There is none, or there are too many.
    """
    if not source.exists():
        raise RecordingError(f"{source}: no such file or folder")
    if source.is_file():
        return [source]
    found: list[Path] = []
    for folder, folders, names in os.walk(source):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [Path(folder, name) for name in sorted(names)]
        if len(found) > _MOST_FILES:
            raise RecordingError(f"{source}: more than {_MOST_FILES} files; name a part of it")
    return [file for file in found if file.is_file()]


def texts_in(file: Path) -> Iterable[str]:
    """Yield all texts in a recording, or that of a text file."""
    if is_journal(file):
        return journal_texts(file)
    return texts_of(file) if is_recording(file) else [file.read_text("utf-8")]


def is_journal(file: Path) -> bool:
    """Return whether a file is a journal."""
    if file.suffix.lower() != ".mcap" or not file.is_file():
        return False
    with file.open("rb") as handle:
        return handle.read(len(MAGIC)) == MAGIC


def is_recording(file: Path) -> bool:
    """Return whether a file is a recording that can be anonymised."""
    if is_journal(file):
        return True
    if file.suffix.lower() not in _RECORDINGS or not file.is_file():
        return False
    with file.open("rb") as handle:
        return is_edf(handle.read(8))


def paths_in(folder: Path) -> list[str]:
    """Return the paths of all files in a folder, relative to it."""
    return [file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()]


def start_of(file: Path) -> datetime | None:
    """Return the clock time at which a recording begins, None where it tells none."""
    start = journal_start(file) if is_journal(file) else read_header(file).start
    return start if isinstance(start, datetime) else None
