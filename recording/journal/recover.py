"""A broken journal made whole again: what can be read is kept, and indexed."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ..errors import RecordingError
from ..writers.beside import cannot_write
from .files import REAL, JournalFiles
from .finish import Rewritten, finish
from .reader import is_damaged, is_indexed, opened
from .rewrite import part_of, rewrite

JOURNAL_NAME = "night.mcap"


@dataclass(frozen=True, slots=True)
class Recovery:
    """What became of a journal.

    Attributes
    ----------
    path
        The journal.
    needed
        Whether it had to be written anew; everything else is zero where not.
    before_bytes, after_bytes
        Its size.
    lost_bytes
        Bytes that could not be read; they are gone.
    damaged
        Places within the journal that were left out.
    torn_bytes
        Bytes of an unfinished write at the end, among `lost_bytes`.
    samples, notes
        What was kept.
    """

    path: Path
    needed: bool
    before_bytes: int = 0
    after_bytes: int = 0
    lost_bytes: int = 0
    damaged: int = 0
    torn_bytes: int = 0
    samples: int = 0
    notes: int = 0


def recover(
    path: str | os.PathLike[str], *, every_chunk: bool = True, files: JournalFiles = REAL
) -> Recovery:
    """Make the journal of a night whole: without what is damaged, and with an index.

    Where only the index is missing, it is appended. Where a place before the end is damaged,
    the journal is written anew beside the old one and put in its place in one step.

    Parameters
    ----------
    path
        The folder of a night, or the journal itself.
    every_chunk
        Whether the whole file is read through for damage.
    files
        System calls to use.

    Raises
    ------
    RecordingError
        There is no journal, it is being recorded now, it cannot be written, or nothing is
        left of it. The file is then as it was.
    """
    journal = journal_in(path)
    try:
        handle = files.existing(journal)
    except OSError as error:
        raise cannot_write(journal, error) from error
    try:
        if not files.lock(handle) or not _is_still(journal, handle):
            raise RecordingError(f"{journal} is being recorded now; stop the recording first")
        with suppress(OSError):
            files.remove(part_of(journal))
        damaged = every_chunk and is_damaged(journal)
        if not damaged and is_indexed(journal):
            return Recovery(journal, needed=False)
        done = None if damaged else _finished(journal, handle, files)
        if done is None:
            if not files.replaces_open:
                files.close(handle)
            done = rewrite(journal, files=files)
        return _told(journal, done)
    finally:
        with suppress(OSError):
            files.close(handle)


def recover_if_broken(
    path: str | os.PathLike[str], *, every_chunk: bool = False
) -> Recovery | None:
    """Recover the journal of a night where it has no index, before the night is read.

    Parameters
    ----------
    path
        A recording of any kind.
    every_chunk
        Whether one with an index is read through too, and recovered where it is damaged.

    Returns
    -------
    Recovery or None
        What became of it; None where there was nothing to do, or where it cannot be written
        now: it is recorded, or lies in a read-only place. It can be read all the same.
    """
    place = Path(path)
    journal = place / JOURNAL_NAME if place.is_dir() else place
    try:
        if journal.suffix.lower() != ".mcap":
            return None
        if not every_chunk and is_indexed(journal):
            return None
        done = recover(journal, every_chunk=every_chunk)
    except RecordingError:
        return None
    return done if done.needed else None


def journal_in(path: str | os.PathLike[str]) -> Path:
    """Return the journal of a night by its folder, or the path itself.

    Raises
    ------
    RecordingError
        There is none.
    """
    place = Path(path)
    journal = place / JOURNAL_NAME if place.is_dir() else place
    if not journal.is_file():
        raise RecordingError(f"{path}: there is no journal ({JOURNAL_NAME})")
    return journal


def _finished(journal: Path, handle: int, files: JournalFiles) -> Rewritten | None:
    file = opened(journal)
    try:
        return finish(file, handle, files)
    finally:
        file.close()


def _told(journal: Path, done: Rewritten) -> Recovery:
    torn = sum(each.length for each in done.damage if each.torn)
    return Recovery(
        journal,
        needed=True,
        before_bytes=done.before_bytes,
        after_bytes=done.after_bytes,
        lost_bytes=sum(each.length for each in done.damage),
        damaged=sum(not each.torn for each in done.damage),
        torn_bytes=torn,
        samples=done.samples,
        notes=done.notes,
    )


def _is_still(journal: Path, handle: int) -> bool:
    """Return whether the path still names the file that is open."""
    try:
        return os.path.samestat(journal.stat(), os.fstat(handle))
    except OSError:
        return False
