"""Blocks that were read lately: the signals of one sensor lie in the same blocks."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .reader import JournalReader

MOST_BYTES = 16 << 20


@dataclass(frozen=True, slots=True, eq=False)
class RawBlock:
    """Raw numbers of a block, shape ``(n, n_columns)``, and the factor on their gain."""

    raw: NDArray[np.int32]
    scale: float


class BlockCache:
    """Reads blocks of a journal, and keeps those read last."""

    def __init__(self, reader: JournalReader) -> None:
        self._reader = reader
        self._lock = threading.Lock()
        self._blocks: OrderedDict[tuple[int, int], RawBlock] = OrderedDict()
        self._bytes = 0

    def block(self, chunk: int, at: int, size: int) -> RawBlock:
        """Return the block at a place.

        Raises
        ------
        RecordingError
            The journal was damaged since it was opened.
        """
        with self._lock:
            kept = self._blocks.get((chunk, at))
            if kept is not None:
                self._blocks.move_to_end((chunk, at))
                return kept
            raw, scale = self._reader.raw(chunk, at, size)
            raw.flags.writeable = False
            kept = self._blocks[chunk, at] = RawBlock(raw, scale)
            self._bytes += kept.raw.nbytes
            while self._bytes > MOST_BYTES and len(self._blocks) > 1:
                self._bytes -= self._blocks.popitem(last=False)[1].raw.nbytes
            return kept
