"""Samples of EDF and BDF records through a memory map: only what is asked for is read."""

from __future__ import annotations

import mmap
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..sources import clip

_AROUND = 1 << 21
"""The system maps pages around the one that is touched; give these back too, bytes."""


class Records:
    """The records of a file, mapped.

    What has been copied out is given back to the system at once, so that a reader of a
    whole night holds no more of the file in memory than it looks at.

    Parameters
    ----------
    path
        File to map; it must stay in place.
    offset
        Size of the header, bytes.
    count
        Number of records.
    record_bytes
        Bytes of a record.
    """

    def __init__(self, path: Path, offset: int, count: int, record_bytes: int) -> None:
        with path.open("rb") as file:
            self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._offset = offset
        self._rows = np.frombuffer(
            self._map, np.uint8, count * record_bytes, offset
        ).reshape(count, record_bytes)  # fmt: skip

    def __len__(self) -> int:
        return len(self._rows)

    def take(self, first: int, last: int, begin: int, end: int) -> NDArray[np.uint8]:
        """Return a copy of bytes ``begin`` to ``end`` of records ``first`` to ``last``.

        Returns
        -------
        numpy.ndarray
            Shape ``(last - first, end - begin)``, uint8.
        """
        octets = np.array(self._rows[first:last, begin:end])
        self._give_back(first, last)
        return octets

    def _give_back(self, first: int, last: int) -> None:
        if not hasattr(mmap, "MADV_DONTNEED"):
            return
        size = self._rows.shape[1]
        low = max(0, self._offset + first * size - _AROUND) // mmap.PAGESIZE * mmap.PAGESIZE
        high = min(len(self._map), self._offset + last * size + _AROUND)
        if high > low:
            self._map.madvise(mmap.MADV_DONTNEED, low, high - low)


@dataclass(frozen=True, slots=True)
class RecordSource:
    """One signal in a contiguous run of records.

    Attributes
    ----------
    records
        All records of the file.
    first, last
        The run: its first record, and the record after its last.
    first_byte
        Place of the signal within a record.
    samples
        Its samples in each record.
    width
        Bytes of a sample: 2 or 3.
    """

    records: Records
    first: int
    last: int
    first_byte: int
    samples: int
    width: int

    def __len__(self) -> int:
        return (self.last - self.first) * self.samples

    def read(self, start: int, stop: int) -> NDArray[np.int16] | NDArray[np.int32]:
        """Return raw numbers, shape ``(n, 1)``, int16 or int32."""
        start, stop = clip(start, stop, len(self))
        first, at = divmod(start, self.samples)
        last, to = divmod(stop, self.samples)
        if first == last:
            return self._numbers(self._octets(first, first + (to > at), at, to))
        parts = []
        if at:
            parts.append(self._octets(first, first + 1, at, self.samples))
            first += 1
        if last > first:
            parts.append(self._octets(first, last, 0, self.samples))
        if to:
            parts.append(self._octets(last, last + 1, 0, to))
        return self._numbers(parts[0] if len(parts) == 1 else np.concatenate(parts))

    def _octets(self, first: int, last: int, at: int, to: int) -> NDArray[np.uint8]:
        begin = self.first_byte + at * self.width
        end = self.first_byte + to * self.width
        return self.records.take(self.first + first, self.first + last, begin, end).reshape(-1)

    def _numbers(self, octets: NDArray[np.uint8]) -> NDArray[np.int16] | NDArray[np.int32]:
        if self.width == 2:
            return octets.view("<i2").astype(np.int16, copy=False)[:, None]
        padded = np.zeros((octets.size // 3, 4), np.uint8)
        padded[:, 1:] = octets.reshape(-1, 3)
        return (padded.view("<i4") >> 8).astype(np.int32, copy=False)
