"""The journal of a night while it is recorded: at most half a second is ever at stake."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from math import isfinite
from pathlib import Path

import numpy as np

from ..errors import RecordingError
from ..writers.beside import cannot_write
from .blocks import SampleBlock, block_to_bytes, in_parts, join_blocks
from .checkpoints import EVERY_CHUNKS, MOST_UNTOLD, checkpoint_bytes
from .files import REAL, JournalFiles
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
from .small import SmallCopy
from .streams import MOST_STREAMS, JournalStream
from .survey import Survey

DESCRIBE_NS = 60_000_000_000
"""Streams are described anew this often: damage to one place hides none of them."""

MOST_HELD = 1 << 20
"""Raw numbers held in memory, at most, where nobody calls `JournalWriter.sync`."""


@dataclass(frozen=True, slots=True)
class _Chunk:
    data: bytes
    at: ChunkAt


class JournalWriter:
    """Writes the journal of a night.

    What is handed over is held until `sync`, which writes it as one chunk and returns once it
    is on the disk; call it every half second, from any thread. Handing over never waits
    for the disk. A failed write is cut off again, so that the file holds all before, and
    nothing can be written afterwards.

    Parameters
    ----------
    path
        File to write; it must not exist.
    header
        Start of the night.
    files
        System calls to use.

    Attributes
    ----------
    path
        As given.
    size
        Bytes written.
    failed
        Why nothing can be written any more, None while all is well.

    Raises
    ------
    RecordingError
        The file exists, another process writes it, or the folder cannot be written.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        header: JournalHeader,
        *,
        files: JournalFiles = REAL,
    ) -> None:
        self.path = Path(path)
        self.size = 0
        self.failed: RecordingError | None = None
        self._header = header
        self._files = files
        self._held = threading.Lock()
        self._writing = threading.Lock()
        self._streams: dict[int, JournalStream] = {}
        self._blocks: list[tuple[int, SampleBlock]] = []
        self._notes: list[Note] = []
        self._numbers = 0
        self._latest_ns = self._ns(header.monotonic_s, 0)
        self._described: tuple[int, int] | None = None
        self._sequence = 0
        self._survey: Survey | None = Survey(self.path.name)
        self._chunks = 0
        self._samples = 0
        self._checkpoint = 0
        self._handle: int | None = self._create()

    def open_stream(self, stream: JournalStream) -> int:
        """Add a stream and return the number of its channel.

        Raises
        ------
        RecordingError
            There are too many streams.
        """
        with self._held:
            if len(self._streams) >= MOST_STREAMS:
                raise RecordingError(f"{self.path}: more than {MOST_STREAMS} streams")
            channel = NOTES_CHANNEL + 1 + len(self._streams)
            self._streams[channel] = stream
            return channel

    def samples(self, channel: int, block: SampleBlock) -> None:
        """Take samples of one stream, in the order of arrival.

        Raises
        ------
        RecordingError
            The journal has failed or is closed, or the block does not fit the stream.
        """
        count, width = len(block), len(self._streams[channel].columns)
        times = len(block.device_s), len(block.arrival_s)
        if block.raw.shape != (count, width) or times != (count, count):
            raise RecordingError(
                f"{self.path}: {count} samples of {width} columns, but raw numbers of the "
                f"shape {block.raw.shape} and {times} times"
            )
        if not count:
            return
        with self._held:
            self._check()
            self._blocks.append((channel, block))
            self._numbers += block.raw.size
            full = self._numbers > MOST_HELD
        if full:
            self.sync()

    def note(self, note: Note) -> None:
        """Take a note; errors as `samples`."""
        with self._held:
            self._check()
            self._notes.append(note)

    def sync(self) -> None:
        """Write what is held, and return once it is on the disk.

        Raises
        ------
        RecordingError
            The disk is full, or failed. All that earlier calls wrote is kept.
        """
        with self._writing:
            with self._held:
                self._check()
                blocks, self._blocks = self._blocks, []
                notes, self._notes = self._notes, []
                streams = dict(self._streams)
                self._numbers = 0
            messages = [*self._note_messages(notes), *self._block_messages(blocks)]
            if messages or self._described is None:
                told = self._told()
                chunk = self._chunk(messages, streams, self.size + len(told))
                self._put(told + chunk.data)
                self._samples += sum(len(block) for _, block in blocks)
                self._take(chunk)
                self._small.take(blocks, messages, streams, self.size)

    def close(self) -> None:
        """Write what is held, and an index behind it; see `finish` and `SmallCopy`.

        After a failure the file is only closed. Where there is no space for the index, the
        journal stays as it is: readers find their way without it.

        Raises
        ------
        RecordingError
            The disk is full, or failed, while the last half second was written.
        """
        if self._handle is None:
            return
        try:
            if self.failed is None:
                self.sync()
                self._finish()
        finally:
            self._small.drop()
            self._release()

    def _release(self) -> None:
        handle, self._handle = self._handle, None
        if handle is not None:
            with suppress(OSError):
                self._files.close(handle)

    def _finish(self) -> None:
        if self._small.alive:
            if not self._files.replaces_open:
                self._release()
            if self._small.replace(self._streams, self.size):
                return
        self._index()

    def _index(self) -> None:
        from .finish import finish
        from .reader import opened

        handle = self._handle
        if handle is None:
            return
        with suppress(RecordingError):
            file = opened(self.path)
            try:
                done = finish(file, handle, self._files, self._samples)
            finally:
                file.close()
            if done is not None:
                self.size = done.after_bytes

    def _create(self) -> int:
        try:
            handle = self._files.create(self.path)
        except FileExistsError as error:
            raise RecordingError(
                f"{self.path} exists and is never overwritten; name another folder"
            ) from error
        except OSError as error:
            raise cannot_write(self.path, error) from error
        self._handle = handle
        self._files.lock(handle)
        self._small = SmallCopy(self.path, self._header, self._files)
        try:
            self._put(opening(self._header))
            self.sync()
        except BaseException:
            self._small.drop()
            self._files.close(handle)
            with suppress(OSError):
                self._files.remove(self.path)
            raise
        self._files.fsync_folder(self.path.parent)
        return handle

    def _check(self) -> None:
        if self.failed is not None:
            raise self.failed
        if self._handle is None:
            raise RecordingError(f"{self.path}: the journal is closed")

    def _chunk(
        self, messages: list[Message], streams: dict[int, JournalStream], at: int
    ) -> _Chunk:
        content = b"".join(message_bytes(each) for each in messages)
        now_ns = max([self._latest_ns, *(each.time_ns for each in messages)])
        first_ns = min((each.time_ns for each in messages), default=now_ns)
        if self._is_due(now_ns, len(streams)):
            content = descriptions(self._header, streams.items()) + content
            self._described = now_ns, len(streams)
        self._latest_ns = now_ns
        data = chunk_bytes(content, first_ns, now_ns)
        return _Chunk(data, ChunkAt(at, len(data), first_ns, now_ns, content))

    def _told(self) -> bytes:
        """Return a checkpoint where one is due: it tells of what is on the disk already."""
        if self._survey is None:
            return b""
        if self._chunks < EVERY_CHUNKS and self._survey.untold < MOST_UNTOLD:
            return b""
        part = self._survey.part()
        if part is None:
            return b""
        data = checkpoint_bytes(part, self.size, self._checkpoint, self._latest_ns)
        self._checkpoint, self._chunks = self.size, 0
        return data

    def _take(self, chunk: _Chunk) -> None:
        """Keep what the next checkpoint will tell; a night too odd for it has none."""
        if self._survey is None:
            return
        try:
            self._survey.take(chunk.at)
        except RecordingError:
            self._survey = None
        self._chunks += 1

    def _is_due(self, now_ns: int, streams: int) -> bool:
        if self._described is None:
            return True
        told_ns, told = self._described
        return streams != told or now_ns - told_ns >= DESCRIBE_NS

    def _note_messages(self, notes: list[Note]) -> Iterable[Message]:
        for note in notes:
            self._sequence += 1
            at_ns = self._ns(note.at_s, self._latest_ns)
            yield Message(NOTES_CHANNEL, at_ns, note_to_bytes(note), self._sequence)

    def _block_messages(self, blocks: list[tuple[int, SampleBlock]]) -> Iterable[Message]:
        blocks.sort(key=lambda each: each[0])
        for (channel, _, _), group in groupby(
            blocks, key=lambda each: (each[0], each[1].scale, each[1].connection)
        ):
            for block in in_parts(join_blocks([each for _, each in group])):
                self._sequence += 1
                last_s = float(np.fmax.reduce(block.arrival_s))
                at_ns = self._ns(last_s, self._latest_ns)
                yield Message(channel, at_ns, block_to_bytes(block), self._sequence)

    def _ns(self, monotonic_s: float, otherwise: int) -> int:
        """Return the time of day of a monotonic time, as the clock stood at the start."""
        if not isfinite(monotonic_s):
            return otherwise
        wall_s = self._header.wall_s + (monotonic_s - self._header.monotonic_s)
        return min(max(round(wall_s * 1e9), 0), (1 << 63) - 1)

    def _put(self, data: bytes) -> None:
        """Write `data` and see it on the disk, or cut it off again."""
        handle = self._handle
        if handle is None:
            raise RecordingError(f"{self.path}: the journal is closed")
        try:
            self._append(handle, data)
        except OSError as error:
            with suppress(OSError):
                self._files.truncate(handle, self.size)
            self.failed = cannot_write(self.path, error)
            raise self.failed from error
        self.size += len(data)

    def _append(self, handle: int, data: bytes) -> None:
        left = memoryview(data)
        try:
            while left:
                left = left[self._files.write(handle, left) :]
        except OSError:
            if not self._small.alive:
                raise
            self._small.drop()  # the copy may be what filled the disk
            while left:
                left = left[self._files.write(handle, left) :]
        self._files.fsync(handle)
