"""A journal written small: chunks of a second or more, and an index."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from .blocks import SampleBlock, block_to_bytes, in_parts, join_blocks
from .ending import ending
from .files import JournalFiles
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
from .scan import ChunkAt
from .streams import JournalStream
from .survey import Survey

CHUNK_NS = 1_000_000_000
"""A chunk holds at least a second, so that damage costs little more."""

LONGEST_NS = 8_000_000_000
SMALL_BYTES = 8192
"""Chunks of slow streams hold up to eight seconds: one second would be mostly overhead."""

_NOTES_BYTES = 64 << 10
_DESCRIBE_NS = 600_000_000_000


class Group:
    """Chunks that become one."""

    def __init__(self, first_ns: int) -> None:
        self.first_ns = first_ns
        self.last_ns = first_ns
        self.bytes = 0
        self.blocks: dict[tuple[int, float, int], list[SampleBlock]] = defaultdict(list)
        self.notes: list[Message] = []

    def put(self, channel: int, block: SampleBlock, size: int) -> None:
        """Add a block of so many bytes."""
        self.blocks[channel, block.scale, block.connection].append(block)
        self.bytes += size

    def is_full(self, next_ns: int) -> bool:
        """Return whether what ends at a time belongs into the next one."""
        span = next_ns - self.first_ns
        return span >= LONGEST_NS or (span >= CHUNK_NS and self.bytes >= SMALL_BYTES)


class Output:
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

    @property
    def size(self) -> int:
        """Bytes written."""
        return self._at

    def write(self, group: Group, streams: Mapping[int, JournalStream]) -> None:
        """Write a group as one chunk; its notes wait for others."""
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

    def copy(self, chunk: ChunkAt, data: bytes) -> None:
        """Write a chunk as it is."""
        self.survey.take(
            ChunkAt(self._at, len(data), chunk.first_ns, chunk.last_ns, chunk.content)
        )
        self._last_ns = max(self._last_ns, chunk.last_ns)
        self._put(data)

    def tell(self, note: Note) -> None:
        """Add a note of the one who writes the journal anew."""
        self._notes.append(Message(NOTES_CHANNEL, self._last_ns, note_to_bytes(note)))

    def finish(self, streams: Mapping[int, JournalStream]) -> int:
        """Write the index and return the size of the file."""
        self._write_notes(streams)
        directory = self.survey.directory(self._at)
        self._put(ending(directory, self.survey.chunks))
        return self._at

    def _write_notes(self, streams: Mapping[int, JournalStream]) -> None:
        if self._notes:
            times = [note.time_ns for note in self._notes]
            self._chunk(self._notes, min(times), max(times), streams)
        self._notes, self._note_bytes = [], 0

    def _chunk(
        self,
        messages: list[Message],
        first_ns: int,
        last_ns: int,
        streams: Mapping[int, JournalStream],
    ) -> None:
        content = b"".join(message_bytes(each) for each in messages)
        told_ns, told = self._described
        if told != len(streams) or last_ns - told_ns >= _DESCRIBE_NS:
            content = descriptions(self._header, streams.items()) + content
            self._described = last_ns, len(streams)
        data = chunk_bytes(content, first_ns, last_ns)
        self.survey.take(ChunkAt(self._at, len(data), first_ns, last_ns, content))
        self._last_ns = max(self._last_ns, last_ns)
        self._put(data)

    def _put(self, data: bytes) -> None:
        left = memoryview(data)
        while left:
            left = left[self._files.write(self._handle, left) :]
        self._at += len(data)
