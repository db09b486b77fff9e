"""Upside Down Labs Chords over BLE and over serial; fact sheet, section 5."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..source import Sensed
from .model import Encoded, Lane, Run, Said, Wire, big_endian, rows, scale

DATA = "beb5483e-36e1-4688-b7f5-ea07361b26a8"
CONTROL = "0000ff01-0000-1000-8000-00805f9b34fb"
OLD_HZ = 500.0
OLD_PER_FRAME, NEW_PER_FRAME = 10, 25
LONGEST = 244
LONGEST_LINE = 64


def _exg(channels: int, fs: float, bits: int) -> Sensed:
    # nobody documents a scale: 1 uV a count, around the middle of the converter
    middle = 1 << (bits - 1)
    return Sensed(
        "exg", "emg", fs, "uV", **scale(channels, 1.0, -middle), limits=(0, 2 * middle - 1)
    )


class ChordsBleWire(Wire):
    """Notifications of 10 samples at 500 Hz, of 25 with the newer firmware at 250 Hz.

    The counter of eight bits goes on while nothing is sent.
    """

    link = "ble"
    notifies = frozenset({DATA})
    accepts = frozenset({CONTROL})

    def __init__(self, settings: Mapping[str, Any]) -> None:
        super().__init__()
        channels, fs = settings["channels"], settings["fs"]
        wanted = OLD_PER_FRAME if fs >= OLD_HZ else NEW_PER_FRAME
        per_frame = min(wanted, LONGEST // (2 * channels + 1))
        self.lanes = (Lane((_exg(channels, fs, 12),), per_frame),)

    def encode(self, lane: Lane, run: Run, /) -> Encoded:
        """See `Wire.encode`."""
        raw = run.blocks["exg"].raw
        counter = lane.first(run.frame) + np.arange(len(raw))
        samples = _samples(counter, raw)
        return Encoded(rows(samples.reshape(run.count, -1)), (DATA,))

    def write(self, data: bytes, channel: str, _now_s: float, /) -> list[Said]:
        """See `Wire.write`."""
        word = data.strip()
        if channel == CONTROL and word == b"START":
            self.running.add("exg")
        elif channel == CONTROL and word == b"STOP":
            self.running.discard("exg")
        return []


class ChordsSerialWire(Wire):
    """Frames ``C7 7C``, a counter of eight bits, numbers of 16 bits, ``01``."""

    link = "serial"

    def __init__(self, settings: Mapping[str, Any]) -> None:
        super().__init__()
        self.lanes = (Lane((_exg(settings["channels"], settings["fs"], settings["bits"]),)),)
        self._line = b""

    def encode(self, _lane: Lane, run: Run, /) -> Encoded:
        """See `Wire.encode`."""
        body = _samples(run.frames, run.blocks["exg"].raw)
        head = np.broadcast_to(np.array([0xC7, 0x7C], np.uint8), (run.count, 2))
        tail = np.ones((run.count, 1), np.uint8)
        return Encoded(rows(np.concatenate((head, body, tail), axis=1)))

    def write(self, data: bytes, _channel: str, now_s: float, /) -> list[Said]:
        """See `Wire.write`."""
        *lines, self._line = (self._line + data).split(b"\n")
        self._line = self._line[-LONGEST_LINE:]
        said = []
        for line in (line.strip() for line in lines):
            if line == b"WHORU":
                said.append(Said(now_s, b"UNO-R3\r\n"))
            elif line == b"START":
                self.running.add("exg")
            elif line == b"STOP":
                self.running.discard("exg")
            elif line == b"STATUS":
                said.append(Said(now_s, b"START\r\n" if self.running else b"STOP\r\n"))
        return said


def _samples(counter: NDArray[np.int64], raw: NDArray[np.int64]) -> NDArray[np.uint8]:
    return np.concatenate(
        ((counter % 256)[:, None].astype(np.uint8), big_endian(raw, 2)), axis=1
    )
