"""BITalino (r)evolution; fact sheet, section 6."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..source import Sensed
from .model import Encoded, Lane, Run, Said, Wire, rows, scale

WIDTHS = (10, 10, 10, 10, 6, 6)
SIZES = (3, 4, 6, 7, 8, 8)
VERSION, STATE = 0x07, 0x0B
TIMES_16 = np.array([0, 3, 6, 5, 12, 15, 10, 9, 11, 8, 13, 14, 7, 4, 1, 2], np.uint8)
"""Remainders of ``x^4`` times each nibble modulo ``x^4 + x + 1``."""


class BitalinoWire(Wire):
    """Frames that are read from their last byte backwards, with four bits of checksum.

    The counter of four bits begins anew with each start.
    """

    link = "serial"

    def __init__(self, settings: Mapping[str, Any]) -> None:
        super().__init__()
        self._channels: tuple[int, ...] = settings["channels"]
        count, fs = len(self._channels), settings["fs"]
        self._widths = WIDTHS[:count]
        self._size = SIZES[count - 1]
        whole_uv = settings["vcc"] / settings["emg_gain"] * 1e6
        steps = np.array([whole_uv / 2**width for width in self._widths])
        exg = Sensed("exg", "emg", fs, "uV", steps, np.full(count, -whole_uv / 2), (0, 1023))
        digital = Sensed("digital", "other", fs, "", **scale(4, 1.0), limits=(0, 1))
        self.lanes = (Lane((exg, digital)),)

    def encode(self, _lane: Lane, run: Run, /) -> Encoded:
        """See `Wire.encode`."""
        word = np.zeros(run.count, np.uint64)
        place = 8 * self._size - 4
        word |= (run.frames % 16).astype(np.uint64) << np.uint64(place)
        place -= 4
        for line in run.blocks["digital"].raw.T:
            place -= 1
            word |= line.astype(np.uint64) << np.uint64(place)
        for values, width in zip(run.blocks["exg"].raw.T, self._widths, strict=True):
            place -= width
            clipped = np.minimum(values, 2**width - 1)
            word |= clipped.astype(np.uint64) << np.uint64(place)
        out = word.astype("<u8").view(np.uint8).reshape(-1, 8)[:, : self._size].copy()
        out[:, -1] |= _checksum(out)
        return Encoded(rows(out))

    def write(self, data: bytes, _channel: str, now_s: float, /) -> list[Said]:
        """See `Wire.write`."""
        said = []
        for byte in data:
            if byte in (0x00, 0xFF):
                self.running.discard("exg")
            elif self.running:
                continue
            elif byte == VERSION:
                said.append(Said(now_s, b"BITalino_v5.2\n"))
            elif byte == STATE:
                said.append(Said(now_s, bytes(17)))
            elif byte & 3 == 1 and byte >> 2 == self._mask:
                self.start("exg")
        return said

    @property
    def _mask(self) -> int:
        return sum(1 << (channel - 1) for channel in self._channels)


def _checksum(frames: NDArray[np.uint8]) -> NDArray[np.uint8]:
    rest = np.zeros(len(frames), np.uint8)
    for column in frames.T:
        rest = TIMES_16[rest] ^ (column >> 4)
        rest = TIMES_16[rest] ^ (column & 15)
    return rest
