"""A journal written anew: small, without what is damaged, and with an index.

It is written beside the old one, checked against it, and put in its place in one step.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from ..errors import RecordingError
from ..writers.beside import cannot_write
from .blocks import SampleBlock, block_from_bytes, block_to_bytes, in_parts, join_blocks
from .ending import ending
from .files import REAL, JournalFiles
from .finish import Rewritten, recovered_note
from .header import JournalHeader
from .notes import Note, note_to_bytes
from .records import (
    NOTES_CHANNEL,
    Message,
    chunk_bytes,
    descriptions,
    message_bytes,
    opening,
)
from .scan import ChunkAt, Damage, JournalFile, records_in, scan
from .streams import JournalStream
from .survey import NOTHING_LEFT, Descriptions, Survey

CHUNK_NS = 1_000_000_000
"""A chunk holds at least a second, so that damage costs little more."""

LONGEST_NS = 8_000_000_000
SMALL_BYTES = 8192
"""Chunks of slow streams hold up to eight seconds: one second would be mostly overhead."""

_NOTES_BYTES = 64 << 10
_DESCRIBE_NS = 600_000_000_000
_LEVEL = 6


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
        out = _Output(handle, files, reading.header)
        for group in reading.groups():
            out.write(group, reading.streams)
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


class _Group:
    """Chunks that become one."""

    def __init__(self, first_ns: int) -> None:
        self.first_ns = first_ns
        self.last_ns = first_ns
        self.bytes = 0
        self.blocks: dict[tuple[int, float, int], list[SampleBlock]] = defaultdict(list)
        self.notes: list[Message] = []

    def is_full(self, next_ns: int) -> bool:
        span = next_ns - self.first_ns
        return span >= LONGEST_NS or (span >= CHUNK_NS and self.bytes >= SMALL_BYTES)


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

    def groups(self) -> Iterator[_Group]:
        group: _Group | None = None
        for found in scan(self._source):
            if isinstance(found, Damage):
                self.damage.append(found)
            if not isinstance(found, ChunkAt):
                continue
            if group is not None and group.is_full(found.last_ns):
                yield group
                group = None
            group = group or _Group(found.first_ns)
            self._take(found, group)
        if group is not None:
            yield group

    def _take(self, chunk: ChunkAt, group: _Group) -> None:
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
                key = record.channel, block.scale, block.connection
                group.blocks[key].append(block)
                group.bytes += len(record.data)
                self.samples += len(block)

    def _find_header(self) -> JournalHeader:
        for found in scan(self._source):
            if isinstance(found, ChunkAt):
                for record in records_in(found.content):
                    if isinstance(record, tuple):
                        self._told.take(*record)
                if self._told.header is not None:
                    return self._told.header
        raise RecordingError(f"{self._source.path.name}: {NOTHING_LEFT}")


class _Output:
    """The new journal."""

    def __init__(self, handle: int, files: JournalFiles, header: JournalHeader) -> None:
        self.survey = Survey("the new journal")
        self._handle, self._files, self._header = handle, files, header
        self._at = 0
        self._last_ns = 0
        self._notes: list[Message] = []
        self._note_bytes = 0
        self._sequence = 0
        self._described = (-_DESCRIBE_NS, -1)
        self._put(opening(header))

    def write(self, group: _Group, streams: dict[int, JournalStream]) -> None:
        messages = []
        for (channel, _, _), blocks in group.blocks.items():
            for block in in_parts(join_blocks(blocks)):
                self._sequence += 1
                data = block_to_bytes(block)
                messages.append(Message(channel, group.last_ns, data, self._sequence))
        self._notes += group.notes
        self._note_bytes += sum(len(note.data) for note in group.notes)
        for note in group.notes:
            self.survey.hear(note)
        if self._note_bytes >= _NOTES_BYTES:
            self._write_notes(streams)
        if messages:
            self._chunk(messages, group.first_ns, group.last_ns, streams)

    def tell(self, note: Note) -> None:
        """Add a note of the one who writes the journal anew."""
        self._notes.append(Message(NOTES_CHANNEL, self._last_ns, note_to_bytes(note)))

    def finish(self, streams: dict[int, JournalStream]) -> int:
        """Write the index and return the size of the file."""
        self._write_notes(streams)
        directory = self.survey.directory(self._at)
        self._put(ending(directory, self.survey.chunks))
        return self._at

    def _write_notes(self, streams: dict[int, JournalStream]) -> None:
        if self._notes:
            times = [note.time_ns for note in self._notes]
            self._chunk(self._notes, min(times), max(times), streams)
        self._notes, self._note_bytes = [], 0

    def _chunk(
        self,
        messages: list[Message],
        first_ns: int,
        last_ns: int,
        streams: dict[int, JournalStream],
    ) -> None:
        content = b"".join(message_bytes(each) for each in messages)
        told_ns, told = self._described
        if told != len(streams) or last_ns - told_ns >= _DESCRIBE_NS:
            content = descriptions(self._header, streams.items()) + content
            self._described = last_ns, len(streams)
        data = chunk_bytes(content, first_ns, last_ns, _LEVEL)
        self.survey.take(ChunkAt(self._at, len(data), first_ns, last_ns, content))
        self._last_ns = max(self._last_ns, last_ns)
        self._put(data)

    def _put(self, data: bytes) -> None:
        left = memoryview(data)
        while left:
            left = left[self._files.write(self._handle, left) :]
        self._at += len(data)
