"""A journal written anew: small, without what is damaged, and with an index.

It is written beside the old one, checked against it, and put in its place in one step.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from ..errors import RecordingError
from ..writers.beside import cannot_write
from .blocks import block_from_bytes
from .compact import Group, Output
from .files import REAL, JournalFiles
from .finish import Rewritten, recovered_note
from .header import JournalHeader
from .records import NOTES_CHANNEL
from .scan import ChunkAt, Damage, JournalFile, records_in, scan
from .streams import JournalStream
from .survey import NOTHING_LEFT, Descriptions

COPIED_BYTES = 4096
"""A chunk that is as large is copied as it is; smaller ones are joined."""


def rewrite(path: Path, *, files: JournalFiles = REAL) -> Rewritten:
    """Write a journal anew in its place; nobody else may write it meanwhile.

    Memory does not grow with the samples of the night. If anything fails, the old file stays.

    Raises
    ------
    RecordingError
        It cannot be read or written, or nothing is left of it.
    """
    part = part_of(path)
    try:
        source = JournalFile(path)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise RecordingError(f"cannot read {path}: {reason}") from error
    try:
        done = _written(source, part, files)
        source.close()
        files.replace(part, path)
    except OSError as error:
        raise cannot_write(path, error) from error
    finally:
        source.close()
        with suppress(OSError):
            files.remove(part)
    files.fsync_folder(path.parent)
    return done


def part_of(path: Path) -> Path:
    """Return where a journal is written anew; what is there is the rest of a crash."""
    return path.with_name(f".{path.name}.part")


def _written(source: JournalFile, part: Path, files: JournalFiles) -> Rewritten:
    reading = _Reading(source)
    handle = files.rewrite(part)
    try:
        out = Output(handle, files, reading.header)
        for each in reading.groups():
            if isinstance(each, ChunkAt):
                before = out.survey.samples, out.survey.notes
                out.copy(each, source.read(each.offset, each.length))
                reading.samples += out.survey.samples - before[0]
                reading.notes += out.survey.notes - before[1]
            else:
                out.write(each, reading.streams)
        if reading.damage:
            out.tell(recovered_note(reading.damage))
            reading.notes += 1
        size = out.finish(reading.streams)
        files.fsync(handle)
    finally:
        files.close(handle)
    kept = out.survey
    if (kept.samples, kept.notes) != (reading.samples, reading.notes):
        raise RecordingError(f"{source.path}: the new journal is not the same as the old one")
    return Rewritten(source.size, size, kept.samples, kept.notes, tuple(reading.damage))


class _Reading:
    """The old journal, in groups of chunks."""

    def __init__(self, source: JournalFile) -> None:
        self.samples = 0
        self.notes = 0
        self.damage: list[Damage] = []
        self._source = source
        self._told = Descriptions(source.path.name)
        self.header = self._find_header()

    @property
    def streams(self) -> dict[int, JournalStream]:
        return self._told.streams

    def groups(self) -> Iterator[Group | ChunkAt]:
        """Yield large chunks as they are, and groups of small ones."""
        group: Group | None = None
        for found in scan(self._source):
            if isinstance(found, Damage):
                self.damage.append(found)
            if not isinstance(found, ChunkAt):
                continue
            large = found.length >= COPIED_BYTES
            if group is not None and (large or group.is_full(found.last_ns)):
                yield group
                group = None
            if large:
                self._hear(found)
                yield found
                continue
            group = group or Group(found.first_ns)
            self._take(found, group)
        if group is not None:
            yield group

    def _hear(self, chunk: ChunkAt) -> None:
        for record in records_in(chunk.content):
            if isinstance(record, tuple):
                self._told.take(*record)

    def _take(self, chunk: ChunkAt, group: Group) -> None:
        group.last_ns = max(group.last_ns, chunk.last_ns)
        for record in records_in(chunk.content):
            if isinstance(record, tuple):
                self._told.take(*record)
            elif record.channel == NOTES_CHANNEL:
                group.notes.append(record)
                self.notes += 1
            else:
                try:
                    block = block_from_bytes(record.data)
                except RecordingError:
                    self.damage.append(Damage(chunk.offset, chunk.length, torn=False))
                    continue
                group.put(record.channel, block, len(record.data))
                self.samples += len(block)

    def _find_header(self) -> JournalHeader:
        for found in scan(self._source):
            if isinstance(found, ChunkAt):
                self._hear(found)
                if self._told.header is not None:
                    return self._told.header
        raise RecordingError(f"{self._source.path.name}: {NOTHING_LEFT}")
