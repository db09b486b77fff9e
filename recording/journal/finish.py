"""A journal finished where it lies: an index is appended, and nothing before it is touched."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass

from ..writers.beside import cannot_write
from .ending import ending
from .files import JournalFiles
from .notes import Note, note_to_bytes
from .records import NOTES_CHANNEL, Message, chunk_bytes, message_bytes
from .scan import ChunkAt, Damage, JournalFile
from .surveying import Surveyed, survey_of


@dataclass(frozen=True, slots=True)
class Rewritten:
    """What became of a journal.

    Attributes
    ----------
    before_bytes, after_bytes
        Its size.
    samples, notes
        What was kept.
    damage
        Places that could not be read, in the old file.
    """

    before_bytes: int
    after_bytes: int
    samples: int
    notes: int
    damage: tuple[Damage, ...]


def recovered_note(damage: list[Damage]) -> Note:
    """Return the note that tells of what was lost."""
    told = {
        "reason": "recovered",
        "lost_bytes": sum(each.length for each in damage),
        "damaged": sum(not each.torn for each in damage),
    }
    return Note("recorder", math.nan, None, told)


def finish(
    file: JournalFile, handle: int, files: JournalFiles, samples: int | None = None
) -> Rewritten | None:
    """Append the index of a journal to it; an unfinished end is cut off.

    If anything fails, the journal is as long as it was, and reads as it did.

    Parameters
    ----------
    file
        The journal, for reading.
    handle
        The same, for writing.
    files
        System calls to use.
    samples
        How many it must hold, where that is known.

    Returns
    -------
    Rewritten or None
        What became of it; None where it is damaged before its end, and so must be
        written anew.

    Raises
    ------
    RecordingError
        It cannot be read or written, or nothing is left of it.
    """
    before = file.size
    found = survey_of(file)
    if any(not each.torn for each in found.damage):
        return None
    if samples is not None and found.survey.samples != samples:
        return None
    data = _told(found) if found.damage else b""
    directory = found.survey.directory(found.end + len(data))
    data += ending(directory, found.survey.chunks, found.checkpoints)
    try:
        files.truncate(handle, found.end)
        _append(handle, files, data, found.end)
    except OSError as error:
        raise cannot_write(file.path, error) from error
    return Rewritten(
        before,
        found.end + len(data),
        found.survey.samples,
        found.survey.notes,
        tuple(found.damage),
    )


def _told(found: Surveyed) -> bytes:
    """Return a chunk that tells of the end that was cut off, and take it into the survey."""
    times = found.survey.chunks[3]
    time_ns = int(times.max()) if len(times) else 0
    note = Message(NOTES_CHANNEL, time_ns, note_to_bytes(recovered_note(found.damage)))
    content = message_bytes(note)
    data = chunk_bytes(content, time_ns, time_ns)
    found.survey.take(ChunkAt(found.end, len(data), time_ns, time_ns, content))
    return data


def _append(handle: int, files: JournalFiles, data: bytes, end: int) -> None:
    left = memoryview(data)
    try:
        while left:
            left = left[files.write(handle, left) :]
        files.fsync(handle)
    except OSError:
        with suppress(OSError):
            files.truncate(handle, end)
        raise
