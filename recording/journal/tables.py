"""A JSON text and tables of integers in one compressed run of bytes."""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from typing import Any

import numpy as np
import zstandard
from numpy.typing import NDArray

from ..errors import RecordingError
from .columns import pack, unpack
from .header import DAMAGED

MOST_ROWS = 1 << 21
MOST_COLUMNS = 16
MOST_BYTES = 256 << 20

BROKEN = (*DAMAGED, struct.error, zstandard.ZstdError, MemoryError)
"""What taking apart damaged or hostile tables may raise."""

Whole = NDArray[np.int64]
Column = NDArray[np.int64] | NDArray[np.float64]

_LENGTH = struct.Struct("<I")


class TablesOut:
    """Collects tables; each is named in the text by what `put` returns."""

    def __init__(self) -> None:
        self._tables: list[bytes] = []

    def put(self, columns: Sequence[Column]) -> list[int]:
        """Add columns of one length, int64 or float64, and return what names them."""
        table = np.stack([np.ascontiguousarray(c).view(np.int64) for c in columns], axis=1)
        self._tables.append(pack(table))
        return [len(table), len(columns)]

    def to_bytes(self, told: Any, level: int = 3) -> bytes:
        """Return the text and all tables."""
        text = json.dumps(told, separators=(",", ":")).encode()
        content = _LENGTH.pack(len(text)) + text + b"".join(self._tables)
        return zstandard.ZstdCompressor(level=level, write_checksum=True).compress(content)


class TablesIn:
    """Takes apart what `TablesOut` made.

    Attributes
    ----------
    told
        The text.

    Raises
    ------
    RecordingError
        It is too large.
    ValueError
        It is damaged; any of `BROKEN`.
    """

    def __init__(self, data: bytes) -> None:
        size = zstandard.get_frame_parameters(data).content_size
        if size > MOST_BYTES:
            raise RecordingError("the index of the journal is too large")
        content = zstandard.ZstdDecompressor().decompress(data, max_output_size=size)
        (length,) = _LENGTH.unpack_from(content)
        self._view = memoryview(content)
        self._at = _LENGTH.size + length
        self.told: Any = json.loads(content[_LENGTH.size : self._at])

    def table(self, shape: list[int]) -> list[Whole]:
        """Return the next table's columns; they come in the order in which they were put.

        Raises
        ------
        ValueError
            There is none of this shape.
        """
        rows, columns = (int(each) for each in shape)
        if not (0 <= rows <= MOST_ROWS and 0 < columns <= MOST_COLUMNS):
            raise ValueError("a table has an impossible shape")
        table, self._at = unpack(self._view, self._at, rows, columns)
        return [np.ascontiguousarray(table[:, number]) for number in range(columns)]
