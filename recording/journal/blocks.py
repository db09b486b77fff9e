"""Samples as they arrived, and their bytes in the journal."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from ..errors import RecordingError
from .columns import pack, skip, unpack

MOST_NUMBERS = 1 << 20
"""Raw numbers in one block, at most."""

_HEAD = struct.Struct("<BBHIIdI")
_VERSION = 1
_NS = 1e9
_UNKNOWN = np.iinfo(np.int64).min
_LATEST_S = 9.0e9


@dataclass(frozen=True, slots=True, eq=False)
class SampleBlock:
    """A run of received samples of one stream, in the order of arrival.

    Attributes
    ----------
    index
        Shape ``(n,)``, int64: running number, lost samples counted.
    device_s
        Shape ``(n,)``, float64: seconds by the device's clock, or NaN.
    arrival_s
        Shape ``(n,)``, float64: host's monotonic clock on arrival, seconds, or NaN; equal for
        the samples of one packet. Both times are stored to the nanosecond.
    raw
        Shape ``(n, n_columns)``, int32.
    scale
        Factor on the gain of the stream.
    connection
        Which connection of the link brought them, from 1.
    """

    index: NDArray[np.int64]
    device_s: NDArray[np.float64]
    arrival_s: NDArray[np.float64]
    raw: NDArray[np.int32]
    scale: float = 1.0
    connection: int = 0

    def __len__(self) -> int:
        return len(self.index)


@dataclass(frozen=True, slots=True, eq=False)
class BlockTimes:
    """When the samples of a block were taken and arrived, without their values.

    Attributes
    ----------
    index, device_s, arrival_s, scale, connection
        As in `SampleBlock`.
    columns
        Number of columns of the raw numbers.
    """

    index: NDArray[np.int64]
    device_s: NDArray[np.float64]
    arrival_s: NDArray[np.float64]
    scale: float
    connection: int
    columns: int


def join_blocks(blocks: Sequence[SampleBlock]) -> SampleBlock:
    """Return blocks of one scale and one connection as one."""
    if len(blocks) == 1:
        return blocks[0]
    return SampleBlock(
        np.concatenate([block.index for block in blocks]),
        np.concatenate([block.device_s for block in blocks]),
        np.concatenate([block.arrival_s for block in blocks]),
        np.concatenate([block.raw for block in blocks]),
        blocks[0].scale,
        blocks[0].connection,
    )


def in_parts(block: SampleBlock) -> Iterator[SampleBlock]:
    """Yield a block in parts that are not too large for one message."""
    most = max(1, MOST_NUMBERS // 4 // max(1, block.raw.shape[1]))
    for at in range(0, len(block), most):
        part = slice(at, at + most)
        yield SampleBlock(
            block.index[part],
            block.device_s[part],
            block.arrival_s[part],
            block.raw[part],
            block.scale,
            block.connection,
        )


def block_to_bytes(block: SampleBlock) -> bytes:
    """Return a block as the payload of one message.

    Raises
    ------
    RecordingError
        Its columns are not of one length, or it is too large.
    """
    count = len(block.index)
    shapes = block.device_s.shape, block.arrival_s.shape, block.raw.shape[:1]
    if block.raw.ndim != 2 or set(shapes) != {(count,)} or block.raw.size > MOST_NUMBERS:
        raise RecordingError(f"a block of samples has the shapes {shapes}, not one length")
    arrival = _to_ns(block.arrival_s)
    begins = np.flatnonzero(np.diff(arrival, prepend=arrival[:1] ^ 1))
    counts = np.diff(begins, append=count)
    head = _HEAD.pack(
        _VERSION, 0, block.raw.shape[1], count, len(begins), block.scale, block.connection
    )
    tables = (
        np.asarray(block.index, np.int64)[:, None],
        _to_ns(block.device_s)[:, None],
        np.asarray(counts, np.int64)[:, None],
        arrival[begins][:, None],
        block.raw.astype(np.int64),
    )
    return head + b"".join(pack(table) for table in tables)


def block_from_bytes(data: bytes | memoryview) -> SampleBlock:
    """Return the block in the payload of a message.

    Raises
    ------
    RecordingError
        It is damaged, or written by a later version.
    """
    try:
        view = memoryview(data)
        times, at = _times(view)
        wide, _ = unpack(view, at, len(times.index), times.columns)
    except (ValueError, struct.error, OverflowError) as error:
        raise RecordingError(f"a block of samples is damaged: {error}") from error
    raw = wide.astype(np.int32)
    return SampleBlock(
        times.index, times.device_s, times.arrival_s, raw, times.scale, times.connection
    )


def raw_from_bytes(data: bytes | memoryview) -> tuple[NDArray[np.int32], float]:
    """Return the raw numbers of a payload and their scale; errors as `block_from_bytes`."""
    try:
        view = memoryview(data)
        columns, count, packets, scale, _ = _head(view)
        at = skip(view, _HEAD.size, count, 1)
        at = skip(view, at, count, 1)
        at = skip(view, at, packets, 1)
        at = skip(view, at, packets, 1)
        wide, _ = unpack(view, at, count, columns)
    except (ValueError, struct.error, OverflowError) as error:
        raise RecordingError(f"a block of samples is damaged: {error}") from error
    return wide.astype(np.int32), scale


def times_from_bytes(data: bytes | memoryview) -> BlockTimes:
    """Return what a payload tells without its raw numbers; errors as `block_from_bytes`."""
    try:
        view = memoryview(data)
        times, at = _times(view)
        end = skip(view, at, len(times.index), times.columns)
    except (ValueError, struct.error, OverflowError) as error:
        raise RecordingError(f"a block of samples is damaged: {error}") from error
    if end > len(view):
        raise RecordingError("a block of samples is damaged: it is cut short")
    return times


def _head(view: memoryview) -> tuple[int, int, int, float, int]:
    """Return columns, samples, packets, scale and connection."""
    version, _, columns, count, packets, scale, connection = _HEAD.unpack_from(view)
    if version != _VERSION:
        raise ValueError(f"its form {version} is of a later version")
    if not (isfinite(scale) and scale > 0):
        raise ValueError(f"a scale of {scale} is not possible")
    if not columns or count * columns > MOST_NUMBERS or packets > count:
        raise ValueError(f"{count} samples of {columns} columns are not possible")
    return columns, count, packets, scale, connection


def _times(view: memoryview) -> tuple[BlockTimes, int]:
    columns, count, packets, scale, connection = _head(view)
    index, at = unpack(view, _HEAD.size, count, 1)
    device, at = unpack(view, at, count, 1)
    counts, at = unpack(view, at, packets, 1)
    arrival, at = unpack(view, at, packets, 1)
    counts = counts[:, 0]
    if (counts < 0).any() or (counts > count).any() or int(counts.sum()) != count:
        raise ValueError("its packets do not add up")
    arrivals = np.repeat(_to_s(arrival[:, 0]), counts)
    device_s = _to_s(device[:, 0])
    return BlockTimes(index[:, 0], device_s, arrivals, scale, connection, columns), at


def _to_ns(seconds: NDArray[np.float64]) -> NDArray[np.int64]:
    known = np.abs(seconds) < _LATEST_S
    whole = np.rint(np.where(known, seconds, 0.0) * _NS).astype(np.int64)
    return whole if known.all() else np.where(known, whole, _UNKNOWN)


def _to_s(whole: NDArray[np.int64]) -> NDArray[np.float64]:
    seconds: NDArray[np.float64] = whole / _NS
    if len(whole) and whole.min() == _UNKNOWN:
        seconds[whole == _UNKNOWN] = np.nan
    return seconds
