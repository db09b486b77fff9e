"""Tables of integers in few bytes: differences, no wider than needed, byte by byte.

A table of ``n`` rows and ``c`` columns is stored as ``order u8 | width u8 | base i64 x c``,
with ``slope i64 x c`` where the order is 1, then residuals. Order 0: value less base. Order 1:
difference to the row before, less slope. Residuals are folded (0, -1, 1, -2, ... become
0, 1, 2, 3, ...) and cut to `width` bytes; all lowest bytes come first, then the next ones,
each column by column, so that a general compressor finds what repeats.
"""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

Table = NDArray[np.int64]

_HEAD = struct.Struct("<BB")
_SIGN = np.uint64(63)
_ONE = np.uint64(1)


def pack(table: Table) -> bytes:
    """Return a table, shape ``(n, c)``, int64, as bytes."""
    rows, columns = table.shape
    if not rows:
        return _HEAD.pack(0, 0) + bytes(8 * columns)
    middle = rows // 2
    base = (table.min(axis=0) >> 1) + (table.max(axis=0) >> 1)
    head, residual, order = base.tobytes(), table - base, 0
    if rows > 2:
        steps = table[1:] - table[:-1]
        slope = np.partition(steps, middle - 1, axis=0)[middle - 1]
        steps -= slope
        if _size(steps) < _size(residual):
            head, residual, order = table[0].tobytes() + slope.tobytes(), steps, 1
    folded = (residual << 1 ^ residual >> 63).view(np.uint64)
    width = (int(folded.max()).bit_length() + 7) // 8
    planes = np.ascontiguousarray(folded).view(np.uint8).reshape(*folded.shape, 8)
    lowest_first: bytes = planes[:, :, :width].transpose(2, 1, 0).tobytes()
    return b"".join((_HEAD.pack(order, width), head, lowest_first))


def unpack(data: memoryview, at: int, rows: int, columns: int) -> tuple[Table, int]:
    """Return a table that `pack` wrote, and where it ends.

    Raises
    ------
    ValueError
        The bytes are too few, or no table.
    """
    at, order, width = _shape(data, at)
    base = np.frombuffer(data, "<i8", columns, at)
    at += 8 * columns
    slope = base
    if order:
        slope = np.frombuffer(data, "<i8", columns, at)
        at += 8 * columns
    stored = rows - 1 if order else rows
    if width == 0:
        if order:
            return base + np.arange(rows, dtype=np.int64)[:, None] * slope, at
        return np.repeat(base[None, :], rows, axis=0), at
    size = width * columns * stored
    planes = np.frombuffer(data, np.uint8, size, at).reshape(width, columns, stored)
    folded = np.zeros((stored, columns), np.uint64)
    spread = folded.view(np.uint8).reshape(stored, columns, 8)
    spread[:, :, :width] = planes.transpose(2, 1, 0)
    residual = (folded >> _ONE).view(np.int64) ^ -(folded & _ONE).view(np.int64)
    if not order:
        residual += base
        return residual, at + size
    table = np.empty((rows, columns), np.int64)
    table[0] = base
    table[1:] = residual
    table[1:] += slope
    return np.cumsum(table, axis=0, out=table), at + size


def skip(data: memoryview, at: int, rows: int, columns: int) -> int:
    """Return where a table ends, without reading it."""
    at, order, width = _shape(data, at)
    stored = rows - 1 if order else rows
    return at + 8 * columns * (1 + order) + width * columns * stored


def _shape(data: memoryview, at: int) -> tuple[int, int, int]:
    if at + _HEAD.size > len(data):
        raise ValueError("a table is cut short")
    order, width = _HEAD.unpack_from(data, at)
    if order > 1 or width > 8:
        raise ValueError("a table has an unknown form")
    return at + _HEAD.size, order, width


def _size(residual: Table) -> float:
    return float(np.abs(residual.astype(np.float64)).sum()) / max(1, len(residual))
