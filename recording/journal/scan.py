"""The chunks of a journal one after the other, with a way on after damage.

Nothing in a file is believed: lengths are checked against the file and against fixed limits,
contents against their checksums. What is damaged is passed over and named.
"""

from __future__ import annotations

import os
import struct
import weakref
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import zstandard
from mcap.data_stream import ReadDataStream
from mcap.exceptions import McapError
from mcap.opcode import Opcode

from ..errors import RecordingError
from .records import MAGIC, MOST_CONTENT, Message

MOST_RECORD = MOST_CONTENT + (1 << 16)
MOST_DAMAGE = 100_000
"""Damaged places, at most, before a file is given up."""

_RECORD = struct.Struct("<BQ")
_CHUNK = struct.Struct("<QQQI")
_MESSAGE = struct.Struct("<HIQQ")
_PATTERN = b"\x04\0\0\0zstd"
_PATTERN_AT = _RECORD.size + _CHUNK.size
_FRAME_AT = _PATTERN_AT + len(_PATTERN) + 8
_FRAME = b"\x28\xb5\x2f\xfd"
_WINDOW = 1 << 20
_LARGEST_OPCODE = 0x0F


@dataclass(frozen=True, slots=True)
class ChunkAt:
    """A chunk that is whole.

    Attributes
    ----------
    offset, length
        Its place in the file, bytes.
    first_ns, last_ns
        Times of its messages.
    content
        Its records.
    """

    offset: int
    length: int
    first_ns: int
    last_ns: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Damage:
    """Bytes of a journal that cannot be read.

    Attributes
    ----------
    offset, length
        Where.
    torn
        Whether they are the unfinished end of the file.
    """

    offset: int
    length: int
    torn: bool


@dataclass(frozen=True, slots=True)
class RecordAt:
    """A record outside the chunks: header, metadata, index."""

    opcode: int
    offset: int
    length: int


class JournalFile:
    """The bytes of a journal, open for reading until it is closed or nobody knows it any more.

    Parameters
    ----------
    path
        The journal.

    Raises
    ------
    OSError
        It cannot be opened.
    RecordingError
        It is no MCAP file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        self.close = weakref.finalize(self, os.close, self._handle)
        if self.read(0, len(MAGIC)) != MAGIC:
            self.close()
            raise RecordingError(f"{path.name}: no journal; its first bytes are not MCAP")

    @property
    def status(self) -> os.stat_result:
        """What the system says of the file."""
        return os.fstat(self._handle)

    @property
    def size(self) -> int:
        """Length at this moment."""
        return self.status.st_size

    def read(self, offset: int, length: int) -> bytes:
        """Return bytes, fewer at the end of the file."""
        if offset < 0 or length <= 0:
            return b""
        if hasattr(os, "pread"):
            return os.pread(self._handle, length, offset)
        os.lseek(self._handle, offset, os.SEEK_SET)
        return os.read(self._handle, length)


def scan(
    file: JournalFile, start: int = len(MAGIC), stop: int | None = None
) -> Iterator[ChunkAt | RecordAt | Damage]:
    """Yield what a journal holds, in order, from one place on.

    Parameters
    ----------
    file
        The journal.
    start
        A place where a record begins.
    stop
        Where to end; by default where the file ends now.

    Raises
    ------
    RecordingError
        It is damaged in more than `MOST_DAMAGE` places.
    """
    end = file.size if stop is None else stop
    at, damages = start, 0
    while at < end:
        found = _record_at(file, at, end)
        if found is None:
            after = _next_chunk(file, at + 1, end)
            damages += 1
            if damages > MOST_DAMAGE:
                raise RecordingError(f"{file.path.name}: damaged in too many places to be read")
            yield Damage(at, after - at, torn=after == end)
            at = after
            continue
        yield found
        at += found.length
        if isinstance(found, RecordAt) and found.opcode == Opcode.FOOTER:
            at += len(MAGIC)


def chunk_at(file: JournalFile, offset: int, end: int | None = None) -> ChunkAt | None:
    """Return the chunk at a place, None where there is none or it is damaged."""
    end = file.size if end is None else end
    head = file.read(offset, _FRAME_AT + len(_FRAME))
    if len(head) < _FRAME_AT + len(_FRAME) or head[0] != Opcode.CHUNK:
        return None
    if head[_PATTERN_AT : _PATTERN_AT + len(_PATTERN)] != _PATTERN:
        return None
    length = _RECORD.unpack_from(head)[1]
    first_ns, last_ns, size, crc = _CHUNK.unpack_from(head, _RECORD.size)
    packed = int.from_bytes(head[_FRAME_AT - 8 : _FRAME_AT], "little")
    whole = length + _RECORD.size
    if length > MOST_RECORD or packed + _FRAME_AT != whole or offset + whole > end:
        return None
    if size > MOST_CONTENT or head[_FRAME_AT:] != _FRAME:
        return None
    data = file.read(offset + _FRAME_AT, packed)
    content = _decompressed(data, size) if len(data) == packed else None
    if content is None or zlib.crc32(content) != crc:
        return None
    return ChunkAt(offset, whole, first_ns, last_ns, content)


def records_in(content: bytes) -> Iterator[Message | tuple[int, bytes]]:
    """Yield the messages of a chunk, and its other records as opcode and bytes.

    Raises
    ------
    RecordingError
        The records do not fit the chunk.
    """
    at = 0
    view = memoryview(content)
    while at < len(content):
        if at + _RECORD.size > len(content):
            raise RecordingError("a chunk is cut short")
        opcode, length = _RECORD.unpack_from(content, at)
        at += _RECORD.size
        if at + length > len(content):
            raise RecordingError("a record is longer than its chunk")
        if opcode == Opcode.MESSAGE and length >= _MESSAGE.size:
            channel, sequence, time_ns, _ = _MESSAGE.unpack_from(content, at)
            begin = at + _MESSAGE.size
            yield Message(channel, time_ns, view[begin : at + length], sequence, begin)
        elif opcode != Opcode.MESSAGE:
            yield opcode, content[at : at + length]
        at += length


def parsed(kind: type[Any], data: bytes) -> object | None:
    """Return a record of the container, None where it is damaged."""
    try:
        found: object = kind.read(ReadDataStream(BytesIO(data)))
    except (McapError, ValueError, struct.error, OverflowError, MemoryError):
        return None
    return found


def _record_at(file: JournalFile, at: int, end: int) -> ChunkAt | RecordAt | None:
    head = file.read(at, _RECORD.size)
    if len(head) < _RECORD.size or at + _RECORD.size > end:
        return None
    opcode, length = _RECORD.unpack(head)
    if opcode == Opcode.CHUNK:
        return chunk_at(file, at, end)
    whole = length + _RECORD.size
    if not 0 < opcode <= _LARGEST_OPCODE or at + whole > end:
        return None
    hidden = file.read(at + _PATTERN_AT, len(_PATTERN)) == _PATTERN
    if hidden or _next_chunk(file, at + 1, at + whole) < at + whole:
        return None  # the head of a chunk was damaged, or the length of this record
    return RecordAt(opcode, at, whole)


def _next_chunk(file: JournalFile, at: int, end: int) -> int:
    """Return where the next whole chunk begins, or the end."""
    while at < end:
        window = file.read(at, min(_WINDOW, end - at))
        if not window:
            return end
        found = window.find(_PATTERN)
        while found >= 0:
            begin = at + found - _PATTERN_AT
            if found >= _PATTERN_AT and chunk_at(file, begin, end) is not None:
                return begin
            found = window.find(_PATTERN, found + 1)
        if len(window) <= _PATTERN_AT + len(_PATTERN):
            return end
        at += len(window) - _PATTERN_AT - len(_PATTERN)
    return end


def _decompressed(data: bytes, size: int) -> bytes | None:
    try:
        if zstandard.get_frame_parameters(data).content_size != size:
            return None
        return zstandard.ZstdDecompressor().decompress(data, max_output_size=size)
    except (zstandard.ZstdError, MemoryError):
        return None
