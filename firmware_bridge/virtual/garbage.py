"""Damage on the way: bytes changed, put in, or cut off."""

from __future__ import annotations

from typing import Literal

import numpy as np


class Garbage:
    """Damages frames; the same however they are cut into calls.

    Parameters
    ----------
    share
        Part of the bytes over serial, of the notifications over BLE.
    link
        ``ble`` or ``serial``.
    rng
        Where chance comes from.
    """

    def __init__(
        self, share: float, link: Literal["ble", "serial"], rng: np.random.Generator
    ) -> None:
        self._share, self._link, self._rng = share, link, rng
        self._ahead = self._draw()  # whole bytes, or notifications, before the next damage
        self.bytes = 0

    def touch(self, data: bytes) -> tuple[bytes, bool]:
        """Return what arrives of some bytes, and whether these were damaged.

        A byte put in before the first one damages nothing.
        """
        if not self._share:
            return data, False
        if self._link == "ble":
            return self._notification(data)
        if self._ahead >= len(data):
            self._ahead -= len(data)
            return data, False
        out, damaged, place = bytearray(), False, 0
        while place + self._ahead < len(data):
            at = place + self._ahead
            out += data[place:at]
            self.bytes += 1
            if self._rng.integers(2):
                out.append(int(data[at]) ^ int(self._rng.integers(1, 256)))
                damaged = True
            else:
                out += bytes([int(self._rng.integers(256)), data[at]])
                damaged = damaged or at > 0
            place = at + 1
            self._ahead = self._draw()
        self._ahead -= len(data) - place
        return bytes(out + data[place:]), damaged

    def _notification(self, data: bytes) -> tuple[bytes, bool]:
        if self._ahead or not data:
            self._ahead -= 1 if data else 0
            return data, False
        self._ahead = self._draw()
        self.bytes += 1
        at = int(self._rng.integers(len(data)))
        if self._rng.integers(4):
            changed = data[at] ^ int(self._rng.integers(1, 256))
            return data[:at] + bytes([changed]) + data[at + 1 :], True
        return data[:at], True

    def _draw(self) -> int:
        if not self._share:
            return 0
        return int(self._rng.geometric(self._share)) - 1
