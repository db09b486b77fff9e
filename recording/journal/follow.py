"""A journal read while another process writes it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from mcap.opcode import Opcode
from numpy.typing import NDArray

from ..errors import RecordingError
from .blocks import SampleBlock, block_from_bytes
from .checkpoints import newest, part_of, walk
from .header import JournalHeader
from .notes import Note, note_from_bytes
from .records import MAGIC, NOTES_CHANNEL
from .scan import ChunkAt, Damage, JournalFile, RecordAt, records_in, scan
from .streams import JournalStream
from .survey import Descriptions
from .tables import BROKEN

_LONGEST_S = 1e9
_LATEST_NS = (1 << 63) - 1


class JournalFollower:
    """Reads what is new in a journal, again and again; it never disturbs the writer.

    Parameters
    ----------
    path
        The journal.
    back_s
        Where to begin: so many seconds before its newest sample (0: with what comes now), or
        None for the beginning of the night. Notes from before are left out; all streams
        are known at once, even those that bring nothing any more.

    Attributes
    ----------
    ended
        Whether the journal was closed: nothing comes any more.

    Raises
    ------
    RecordingError
        It cannot be read, or is no journal.
    """

    def __init__(self, path: str | os.PathLike[str], *, back_s: float | None = None) -> None:
        place = Path(path)
        try:
            self._file = JournalFile(place)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise RecordingError(f"cannot read {path}: {reason}") from error
        self._told = Descriptions(place.name)
        self._at = len(MAGIC)
        self.ended = False
        if back_s is not None:
            self._at = self._near_the_end(max(0.0, back_s))

    @property
    def header(self) -> JournalHeader | None:
        """Start of the night, None before it was read."""
        return self._told.header

    @property
    def streams(self) -> Mapping[int, JournalStream]:
        """Streams by channel, as far as read."""
        return self._told.streams

    def news(self) -> Iterator[Note | tuple[int, SampleBlock]]:
        """Yield what came since the last call: notes, and blocks with their channel.

        An unfinished end is left for the next call; other damage is passed over.
        """
        for chunk in self.chunks():
            yield from chunk

    def chunks(self) -> Iterator[list[Note | tuple[int, SampleBlock]]]:
        """Yield the same as `news`, what was written at once together.

        All that arrived before something of one chunk lies in it or in those before it.
        """
        replaced = self._is_replaced()
        for found in scan(self._file, self._at):
            if isinstance(found, Damage) and found.torn:
                break
            self._at = found.offset + found.length
            if isinstance(found, ChunkAt):
                yield list(self._contents(found))
            elif isinstance(found, RecordAt) and found.opcode == Opcode.FOOTER:
                self.ended = True
        self.ended = self.ended or replaced

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _is_replaced(self) -> bool:
        """Return whether another file is in the journal's place: it was closed, or mended."""
        try:
            return not os.path.samestat(self._file.path.stat(), self._file.status)
        except OSError:
            return False

    def _near_the_end(self, back_s: float) -> int:
        """Learn of all streams, and return where the chunk lies with which to begin."""
        at = newest(self._file, self._file.size)
        try:
            told = [] if at is None else self._checkpoints(at)
        except (*BROKEN, RecordingError):
            at, told = None, []
        behind, end = self._behind(len(MAGIC) if at is None else at)
        chunks = np.concatenate([*told, behind])
        if not len(chunks):
            return end
        wanted = int(chunks[:, 1].max()) - int(min(back_s, _LONGEST_S) * 1e9)
        later = np.flatnonzero(chunks[:, 1] > wanted)
        return int(chunks[later[0], 0]) if len(later) else end

    def _checkpoints(self, at: int) -> list[NDArray[np.int64]]:
        """Learn of all streams that checkpoints tell of; return places and times of chunks."""
        chunks, told = [], []
        for _, tables in walk(self._file, at):
            part = part_of(tables)
            chunks.append(np.stack([part.chunks[0], part.chunks[3]], axis=1))
            told.append((part.header, part.streams))
        for header, streams in reversed(told):
            self._told.header = self._told.header or header
            self._told.streams.update(streams)
        return chunks[::-1]

    def _behind(self, at: int) -> tuple[NDArray[np.int64], int]:
        """Return places and times of the chunks from one place on, and where they end."""
        chunks: list[tuple[int, int]] = []
        end = at
        for found in scan(self._file, at):
            if isinstance(found, Damage) and found.torn:
                break
            end = found.offset + found.length
            if isinstance(found, ChunkAt):
                chunks.append((found.offset, min(found.last_ns, _LATEST_NS)))
                for record in records_in(found.content):
                    if isinstance(record, tuple):
                        self._told.take(*record)
        return np.array(chunks, np.int64).reshape(-1, 2), end

    def _contents(self, chunk: ChunkAt) -> Iterator[Note | tuple[int, SampleBlock]]:
        for record in records_in(chunk.content):
            if isinstance(record, tuple):
                self._told.take(*record)
            elif record.channel == NOTES_CHANNEL:
                yield note_from_bytes(bytes(record.data))
            else:
                yield record.channel, block_from_bytes(record.data)
