"""Blocks that were read lately: the signals of one sensor lie in the same blocks."""

from __future__ import annotations

import threading
from collections import OrderedDict

from .blocks import SampleBlock
from .reader import JournalReader

MOST_BYTES = 32 << 20


class BlockCache:
    """Reads blocks of a journal, and keeps those read last."""

    def __init__(self, reader: JournalReader) -> None:
        self._reader = reader
        self._lock = threading.Lock()
        self._blocks: OrderedDict[tuple[int, int], SampleBlock] = OrderedDict()
        self._bytes = 0

    def block(self, chunk: int, at: int, size: int) -> SampleBlock:
        """Return the block at a place.

        Raises
        ------
        RecordingError
            The journal was damaged since it was opened.
        """
        with self._lock:
            found = self._blocks.get((chunk, at))
            if found is not None:
                self._blocks.move_to_end((chunk, at))
                return found
            found = self._reader.block(chunk, at, size)
            found.raw.flags.writeable = False
            self._blocks[chunk, at] = found
            self._bytes += _size(found)
            while self._bytes > MOST_BYTES and len(self._blocks) > 1:
                self._bytes -= _size(self._blocks.popitem(last=False)[1])
            return found


def _size(block: SampleBlock) -> int:
    return block.raw.nbytes + 24 * len(block) + 500
