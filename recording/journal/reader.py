"""A journal read back: whole or torn, finished or still growing, never all at once."""

from __future__ import annotations

import os
import struct
import threading
import weakref
from collections import OrderedDict
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from mcap.opcode import Opcode
from mcap.records import Attachment, AttachmentIndex, Footer, SummaryOffset
from numpy.typing import NDArray

from ..errors import DamagedError, RecordingError
from .blocks import SampleBlock, block_from_bytes, raw_from_bytes
from .directory import Directory, directory_from_bytes
from .header import JournalHeader
from .notes import Note, note_from_bytes
from .records import DIRECTORY_NAME, MAGIC
from .scan import Damage, JournalFile, chunk_at, parsed, scan
from .streams import JournalStream
from .surveying import survey_of

MOST_KEPT = 2 << 20
_MOST_SUMMARY = 64 << 20
_RECORD = struct.Struct("<BQ")
_FOOTER_SIZE = _RECORD.size + 20


class JournalReader:
    """Reads a journal; what is damaged is left out and named.

    A journal with an index is opened from it. One without (the recording was cut off, or goes
    on) is read through once, in memory; `recover` writes the index.

    Parameters
    ----------
    path
        The journal.
    every_chunk
        Whether each chunk is read through on opening, index or not: what is damaged is then
        left out, where else it is found only once it is read.

    Attributes
    ----------
    path
        As given.
    directory
        What lies where.
    indexed
        Whether the journal has an index.

    Raises
    ------
    RecordingError
        It cannot be read, is no journal, or nothing is left of it.
    """

    def __init__(self, path: str | os.PathLike[str], *, every_chunk: bool = False) -> None:
        self.path = Path(path)
        self._file = opened(self.path)
        # a night is read lazily and closed by nobody
        weakref.finalize(self, self._file.close)
        self._chunks = _Kept()
        self._lock = threading.Lock()
        found = _indexed(self._file)
        self.indexed = found is not None
        if found is None or every_chunk:
            found = _surveyed(self._file, every_chunk=every_chunk)
        self.directory: Directory = found

    @property
    def header(self) -> JournalHeader:
        """Start of the night."""
        return self.directory.header

    @property
    def streams(self) -> Mapping[int, JournalStream]:
        """Streams by channel."""
        return self.directory.streams

    @property
    def damage(self) -> tuple[Damage, ...]:
        """Places that cannot be read."""
        return self.directory.damage

    def blocks(self, channel: int, start: int | None = None) -> Iterator[SampleBlock]:
        """Yield the blocks of one stream in the order of arrival.

        Parameters
        ----------
        channel
            As in `streams`.
        start
            Running number; blocks that end before it are left out.

        Raises
        ------
        KeyError
            There is no such channel.
        RecordingError
            The file was damaged or cut since it was opened.
        """
        pieces = self.directory.pieces[channel]
        before: tuple[int, int] | None = None
        for number in range(len(pieces)):
            place = int(pieces.chunk[number]), int(pieces.at[number])
            last = int(pieces.index[number]) + int(pieces.count[number])
            if place == before or (start is not None and last <= start):
                continue
            before = place
            yield self.block(*place, int(pieces.size[number]))

    def notes(self, kinds: Collection[str] | None = None) -> Iterator[Note]:
        """Yield notes in the order of the file, of some kinds or of all."""
        places = self.directory.notes
        for row in zip(
            places.chunk.tolist(), places.at.tolist(), places.size.tolist(), strict=True
        ):
            chunk, at, size = row
            try:
                note = note_from_bytes(self.content(chunk)[at : at + size])
            except RecordingError:
                continue
            if kinds is None or note.kind in kinds:
                yield note

    def block(self, chunk: int, at: int, size: int) -> SampleBlock:
        """Return the block at a place; errors as `blocks`."""
        return block_from_bytes(memoryview(self.content(chunk))[at : at + size])

    def raw(self, chunk: int, at: int, size: int) -> tuple[NDArray[np.int32], float]:
        """Return the raw numbers of a block and their scale; errors as `blocks`."""
        return raw_from_bytes(memoryview(self.content(chunk))[at : at + size])

    def content(self, offset: int) -> bytes:
        """Return the content of the chunk at a place.

        Raises
        ------
        DamagedError
            The file was damaged or cut since it was opened.
        RecordingError
            The disk failed.
        """
        with self._lock:
            kept = self._chunks.get(offset)
            if kept is not None:
                return kept
            try:
                found = chunk_at(self._file, offset)
            except OSError as error:
                reason = error.strerror or type(error).__name__
                raise RecordingError(f"cannot read {self.path}: {reason}") from error
            if found is None:
                _doubted.add(_identity(self._file.status))
                raise DamagedError(
                    f"{self.path}: damaged at byte {offset}; run crampwatch recover on it"
                )
            self._chunks.put(offset, found.content)
            return found.content

    def close(self) -> None:
        """Close the file; nothing can be read afterwards."""
        self._file.close()


def is_doubted(path: Path) -> bool:
    """Return whether this process found damage in a journal while it read its samples."""
    try:
        return _identity(path.stat()) in _doubted
    except OSError:
        return False


def is_indexed(path: Path) -> bool:
    """Return whether a journal has a sound index.

    Raises
    ------
    RecordingError
        It cannot be read, or is no journal.
    """
    file = opened(path)
    try:
        return _indexed(file) is not None
    finally:
        file.close()


def is_damaged(path: Path) -> bool:
    """Return whether anything before the end of a journal cannot be read.

    The whole file is read; errors as `is_indexed`.
    """
    file = opened(path)
    try:
        return any(isinstance(each, Damage) and not each.torn for each in scan(file))
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise RecordingError(f"cannot read {path}: {reason}") from error
    finally:
        file.close()


def opened(path: Path) -> JournalFile:
    """Open a journal; errors as `is_indexed`."""
    try:
        return JournalFile(path)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise RecordingError(f"cannot read {path}: {reason}") from error


_doubted: set[tuple[int, int]] = set()


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


class _Kept:
    """Chunks that were read lately."""

    def __init__(self) -> None:
        self._bytes = 0
        self._contents: OrderedDict[int, bytes] = OrderedDict()

    def get(self, offset: int) -> bytes | None:
        content = self._contents.get(offset)
        if content is not None:
            self._contents.move_to_end(offset)
        return content

    def put(self, offset: int, content: bytes) -> None:
        self._contents[offset] = content
        self._bytes += len(content)
        while self._bytes > MOST_KEPT and len(self._contents) > 1:
            self._bytes -= len(self._contents.popitem(last=False)[1])


def _surveyed(file: JournalFile, *, every_chunk: bool) -> Directory:
    found = survey_of(file, every_chunk=every_chunk)
    return found.survey.directory(found.end)


def _indexed(file: JournalFile) -> Directory | None:
    """Return the directory that the journal itself holds, None where it has no sound one."""
    try:
        size = file.size
        tail = file.read(size - _FOOTER_SIZE - len(MAGIC), _FOOTER_SIZE + len(MAGIC))
        if not tail.endswith(MAGIC) or tail[0] != Opcode.FOOTER:
            return None
        footer = parsed(Footer, tail[_RECORD.size : _FOOTER_SIZE])
        if not isinstance(footer, Footer):
            return None
        for offset in _summary(file, footer.summary_offset_start, size, SummaryOffset):
            if offset.group_opcode != Opcode.ATTACHMENT_INDEX:
                continue
            end = offset.group_start + offset.group_length
            for index in _summary(file, offset.group_start, end, AttachmentIndex):
                if index.name == DIRECTORY_NAME and index.length <= _MOST_SUMMARY:
                    return _attached(file, index.offset, index.length)
    except (OSError, RecordingError, OverflowError, struct.error):
        return None
    return None


def _attached(file: JournalFile, offset: int, length: int) -> Directory | None:
    data = file.read(offset, length)
    attachment = parsed(Attachment, data[_RECORD.size :])
    if len(data) != length or not isinstance(attachment, Attachment):
        return None
    directory = directory_from_bytes(attachment.data)
    return directory if directory.end == offset else None


def _summary(file: JournalFile, start: int, stop: int, kind: type[Any]) -> Iterator[Any]:
    at = start
    while 0 < at < stop and at - start < _MOST_SUMMARY:
        opcode, length = _RECORD.unpack(file.read(at, _RECORD.size))
        if length > _MOST_SUMMARY:
            return
        record = parsed(kind, file.read(at + _RECORD.size, length))
        if not isinstance(record, kind) or opcode == Opcode.FOOTER:
            return
        yield record
        at += _RECORD.size + length
