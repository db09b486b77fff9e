"""Samples of EDF and BDF records through a memory map: only what is asked for is read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..sources import clip


@dataclass(frozen=True, slots=True)
class RecordSource:
    """One signal in a contiguous run of records.

    Attributes
    ----------
    records
        Bytes of the run, shape ``(n_records, record_bytes)``, a view of the mapped file.
    first_byte
        Place of the signal within a record.
    samples
        Its samples in each record.
    width
        Bytes of a sample: 2 or 3.
    """

    records: NDArray[np.uint8]
    first_byte: int
    samples: int
    width: int

    def __len__(self) -> int:
        return int(self.records.shape[0]) * self.samples

    def read(self, start: int, stop: int) -> NDArray[np.int16] | NDArray[np.int32]:
        """Return raw numbers, shape ``(n, 1)``, int16 or int32."""
        start, stop = clip(start, stop, len(self))
        first, at = divmod(start, self.samples)
        last, to = divmod(stop, self.samples)
        if first == last:
            return self._numbers(self._octets(first, first + 1, at, to))
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
        begin = self.first_byte
        block = self.records[first:last, begin + at * self.width : begin + to * self.width]
        return np.array(block).reshape(-1)

    def _numbers(self, octets: NDArray[np.uint8]) -> NDArray[np.int16] | NDArray[np.int32]:
        if self.width == 2:
            return octets.view("<i2").astype(np.int16, copy=False)[:, None]
        padded = np.zeros((octets.size // 3, 4), np.uint8)
        padded[:, 1:] = octets.reshape(-1, 3)
        return (padded.view("<i4") >> 8).astype(np.int32, copy=False)
