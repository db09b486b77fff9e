"""Bytes to integers, vectorised: 16 and 24 bits in either order, and packed bit fields."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]


def int24_be(data: Bytes) -> NDArray[np.int32]:
    """Return signed big-endian 24-bit numbers; shape ``(n, 3 k)`` to ``(n, k)``."""
    count, channels = len(data), data.shape[1] // 3
    wide = np.zeros((count, channels, 4), np.uint8)
    wide[:, :, :3] = data.reshape(count, channels, 3)
    return wide.view(">i4")[:, :, 0].astype(np.int32) >> 8


def int24_le(data: Bytes) -> NDArray[np.int32]:
    """Return signed little-endian 24-bit numbers; shape ``(n, 3 k)`` to ``(n, k)``."""
    count, channels = len(data), data.shape[1] // 3
    wide = np.zeros((count, channels, 4), np.uint8)
    wide[:, :, 1:] = data.reshape(count, channels, 3)
    return wide.view("<i4")[:, :, 0].astype(np.int32) >> 8


def int16(data: Bytes, kind: str) -> NDArray[np.int32]:
    """Return 16-bit numbers of a numpy type (``>i2``, ``<u2``); ``(n, 2 k)`` to ``(n, k)``."""
    return np.ascontiguousarray(data).view(kind).astype(np.int32)


def uint24_le(data: Bytes) -> NDArray[np.int64]:
    """Return unsigned little-endian 24-bit numbers; shape ``(n, 3)`` to ``(n,)``."""
    return (
        data[:, 0].astype(np.int64)
        | (data[:, 1].astype(np.int64) << 8)
        | (data[:, 2].astype(np.int64) << 16)
    )


def uint32_be(data: Bytes) -> NDArray[np.int64]:
    """Return unsigned big-endian 32-bit numbers; shape ``(n, 4)`` to ``(n,)``."""
    return np.ascontiguousarray(data).view(">u4")[:, 0].astype(np.int64)


def fields_msb(data: Bytes, width: int, count: int) -> NDArray[np.int32]:
    """Return unsigned bit fields, packed without gaps, the most significant bit first.

    Parameters
    ----------
    data
        Shape ``(n, m)``.
    width
        Bits of a field, at most 24.
    count
        Fields in a row, from the first bit on.

    Returns
    -------
    numpy.ndarray
        Shape ``(n, count)``, int32.
    """
    start = np.arange(count) * width
    first = start // 8
    padded = np.concatenate((data, np.zeros((len(data), 4), np.uint8)), axis=1)
    word = np.zeros((len(data), count), np.uint32)
    for byte in range(4):
        word |= padded[:, first + byte].astype(np.uint32) << np.uint32(24 - 8 * byte)
    shift = (32 - width - start % 8).astype(np.uint32)
    return ((word >> shift) & np.uint32((1 << width) - 1)).astype(np.int32)


def fields_lsb(data: bytes, width: int, count: int) -> NDArray[np.int64]:
    """Return signed bit fields, packed without gaps, the least significant bit first.

    Parameters
    ----------
    data
        At least ``ceil(width * count / 8)`` bytes.
    width
        Bits of a field, at most 32.
    count
        Fields to read.

    Returns
    -------
    numpy.ndarray
        Shape ``(count,)``, int64.
    """
    if width == 0:
        return np.zeros(count, np.int64)
    need = -(-width * count // 8)
    raw = np.frombuffer(data, np.uint8, need)
    bits = np.unpackbits(raw, bitorder="little")[: width * count]
    weights = np.left_shift(np.int64(1), np.arange(width, dtype=np.int64))
    weights[-1] = -weights[-1]
    return np.asarray(bits.reshape(count, width) @ weights, np.int64)
