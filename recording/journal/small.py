"""The journal of slow streams once more, small, written beside it while it grows.

A chunk of half a second costs some hundred bytes beside its samples. Where that is much, the
same samples are written a second time in longer chunks, without any hurry to the disk; on a
clean stop that copy takes the place of the journal. It is dropped as soon as it does not pay
or hinders: the journal itself never depends on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

import numpy as np

from ..errors import RecordingError
from .blocks import SampleBlock
from .compact import Group, Output
from .files import JournalFiles
from .header import JournalHeader
from .records import NOTES_CHANNEL, Message
from .rewrite import part_of
from .streams import JournalStream

SLOW_BYTES = 1500
"""Bytes of a chunk, on average, from which on a smaller copy does not pay."""

_GRACE_BYTES = 16 << 10


class SmallCopy:
    """A small copy of a journal that is being written.

    Parameters
    ----------
    path
        The journal.
    header
        Start of the night.
    files
        System calls to use.

    Attributes
    ----------
    alive
        Whether it can still take the journal's place.
    """

    def __init__(self, path: Path, header: JournalHeader, files: JournalFiles) -> None:
        self._path, self._part, self._files = path, part_of(path), files
        self._group: Group | None = None
        self._samples = self._notes = self._chunks = 0
        self._handle: int | None = None
        self._out: Output | None = None
        with suppress(OSError):
            self._handle = files.rewrite(self._part)
            self._out = Output(self._handle, files, header)
        self.alive = self._out is not None
        if not self.alive:
            self.drop()

    def take(
        self,
        blocks: Iterable[tuple[int, SampleBlock]],
        messages: Iterable[Message],
        streams: Mapping[int, JournalStream],
        size: int,
    ) -> None:
        """Take what the journal holds since the last call.

        Parameters
        ----------
        blocks
            Samples with their channel.
        messages
            All messages of the chunk, these samples among them.
        streams
            By channel.
        size
            Of the journal.
        """
        told = list(messages)
        if not self.alive or not told:
            return
        self._chunks += 1
        if size > _GRACE_BYTES + SLOW_BYTES * self._chunks:
            self.drop()
            return
        first_ns = min(each.time_ns for each in told)
        last_ns = max(each.time_ns for each in told)
        try:
            if self._group is not None and self._group.is_full(last_ns):
                self._write(streams)
            group = self._group = self._group or Group(first_ns)
        except (OSError, RecordingError):
            self.drop()
            return
        group.last_ns = max(group.last_ns, last_ns)
        for each in told:
            if each.channel == NOTES_CHANNEL:
                group.notes.append(each)
                self._notes += 1
            else:
                group.bytes += len(each.data)
        for channel, block in blocks:
            group.put(channel, _owned(block), 0)
            self._samples += len(block)

    def replace(self, streams: Mapping[int, JournalStream], size: int) -> bool:
        """Put the copy in the place of the journal; return whether that went.

        Parameters
        ----------
        streams
            By channel.
        size
            Of the journal; a copy that is not smaller is dropped.
        """
        out, handle = self._out, self._handle
        if not self.alive or out is None or handle is None:
            return False
        try:
            self._write(streams)
            out.finish(streams)
            kept = out.survey.samples, out.survey.notes
            if out.size >= size or kept != (self._samples, self._notes):
                return False
            self._files.fsync(handle)
            self._handle = None
            self._files.close(handle)
            self._files.replace(self._part, self._path)
        except (OSError, RecordingError):
            return False
        finally:
            self.drop()
        self._files.fsync_folder(self._path.parent)
        return True

    def drop(self) -> None:
        """Remove the copy."""
        self.alive, self._out, self._group = False, None, None
        handle, self._handle = self._handle, None
        with suppress(OSError):
            if handle is not None:
                self._files.close(handle)
        with suppress(OSError):
            self._files.remove(self._part)

    def _write(self, streams: Mapping[int, JournalStream]) -> None:
        group, self._group = self._group, None
        if group is not None and self._out is not None:
            self._out.write(group, streams)


def _owned(block: SampleBlock) -> SampleBlock:
    """Return the block with arrays that nobody else changes."""
    return SampleBlock(
        np.array(block.index),
        np.array(block.device_s),
        np.array(block.arrival_s),
        np.array(block.raw),
        block.scale,
        block.connection,
    )
