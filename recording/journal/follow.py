"""A journal read while another process writes it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from ..errors import RecordingError
from .blocks import SampleBlock, block_from_bytes
from .header import JournalHeader
from .notes import Note, note_from_bytes
from .records import MAGIC, NOTES_CHANNEL
from .scan import ChunkAt, Damage, JournalFile, records_in, scan
from .streams import JournalStream
from .survey import Descriptions


class JournalFollower:
    """Reads what is new in a journal, again and again; it never disturbs the writer.

    Parameters
    ----------
    path
        The journal.

    Raises
    ------
    RecordingError
        It cannot be read, or is no journal.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        place = Path(path)
        try:
            self._file = JournalFile(place)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise RecordingError(f"cannot read {path}: {reason}") from error
        self._told = Descriptions(place.name)
        self._at = len(MAGIC)

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
        for found in scan(self._file, self._at):
            if isinstance(found, Damage) and found.torn:
                return
            self._at = found.offset + found.length
            if isinstance(found, ChunkAt):
                yield list(self._contents(found))

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _contents(self, chunk: ChunkAt) -> Iterator[Note | tuple[int, SampleBlock]]:
        for record in records_in(chunk.content):
            if isinstance(record, tuple):
                self._told.take(*record)
            elif record.channel == NOTES_CHANNEL:
                yield note_from_bytes(bytes(record.data))
            else:
                yield record.channel, block_from_bytes(record.data)
