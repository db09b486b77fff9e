"""OpenBCI Ganglion, firmware 2 and 3; fact sheet, section 2."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..source import Sensed
from .model import (
    Carried,
    Encoded,
    Lane,
    Numbers,
    Raw,
    Rider,
    Run,
    Said,
    Wire,
    big_endian,
    rows,
    scale,
)

DATA = "2d30c082-f39f-4ce6-923f-3484ea480596"
COMMAND = "2d30c083-f39f-4ce6-923f-3484ea480596"
DISCONNECT = "2d30c084-f39f-4ce6-923f-3484ea480596"
UV_PER_COUNT = 1.2e6 / (8388607 * 1.5 * 51)
PER_ACCEL = 20
TEXT = 207
FILLER = np.frombuffer(b"ABCDEFG", np.uint8)


@dataclass(frozen=True, slots=True)
class _Ring(Lane):
    """Firmware 2: 101 packets hold 201 samples, the first of them one."""

    def first(self, frame: Numbers | int) -> Any:
        """See `Lane.first`."""
        around, place = np.divmod(frame, 101)
        return 201 * around + np.maximum(0, 2 * place - 1)

    def frames(self, samples: int) -> int:
        """See `Lane.frames`."""
        around, rest = divmod(samples, 201)
        return 101 * around + (1 + (rest - 1) // 2 if rest else 0)


class GanglionWire(Wire):
    """Packets of 20 bytes: 18 bits and an axis of the accelerometer, or 19 bits without.

    The board begins anew with each connection, and its packets with each start.
    """

    link = "ble"
    notifies = frozenset({DATA})
    accepts = frozenset({COMMAND, DISCONNECT})

    def __init__(self, settings: Mapping[str, Any]) -> None:
        super().__init__()
        fs: float = settings["fs"]
        self._old = settings["firmware"] == "2"
        exg = Sensed(
            "exg", "emg", fs, "uV", **scale(4, UV_PER_COUNT), limits=(-(2**23), 2**23 - 1)
        )
        accel = Sensed(
            "accel", "acc", fs / PER_ACCEL, "g", **scale(3, 0.016), limits=(-128, 127)
        )
        kind = _Ring if self._old else Lane
        self.lanes = (kind((exg,), 2, (Rider(accel, PER_ACCEL),)),)
        self._last = np.zeros((1, 4), np.int64)
        self._axes = np.zeros(3, np.int64)
        self._held = -1
        self._with_accel = False

    def boot(self, now_s: float, /) -> list[Said]:
        """See `Wire.boot`."""
        self._with_accel = False
        return super().boot(now_s)

    def joined(self, now_s: float, /) -> list[Said]:
        """See `Wire.joined`."""
        self._with_accel = False
        return super().joined(now_s)

    def write(self, data: bytes, channel: str, now_s: float, /) -> list[Said]:
        """See `Wire.write`."""
        said: list[Said] = []
        if channel != COMMAND:
            return said
        for char in data.decode("latin-1"):
            if char == "b" and "exg" not in self.running:
                self.start("exg")
            elif char == "s":
                self.running.discard("exg")
            elif char in "nN":
                self._with_accel = char == "n"
            elif char == "v":
                self.boot(now_s)
                words = b"OpenBCI Ganglion v%d" % (2 if self._old else 3)
                said.append(Said(now_s, bytes([TEXT]) + words[:19], DATA))
        return said

    def encode(self, lane: Lane, run: Run, /) -> Encoded:
        """See `Wire.encode`."""
        frames, block = run.frames, run.blocks["exg"]
        round_ = 101 if self._old else 100
        place = frames % round_
        width = 18 if self._with_accel else 19
        out = np.zeros((run.count, 20), np.uint8)
        out[:, 0] = place if self._with_accel else place + 100
        fields = (
            self._differences(block.raw, place, width)
            if self._old
            else _tops(block.raw, width).reshape(-1, 8)
        )
        packed = _packed(fields, width)
        out[:, 1 : 1 + packed.shape[1]] = packed
        starts = lane.first(frames) - lane.first(run.frame)
        whole = place == 0 if self._old else np.zeros(run.count, np.bool_)
        out[whole, 0] = 0
        out[whole, 1:13] = big_endian(block.raw[starts[whole]], 3)
        out[whole, 13:] = FILLER
        carried = self._axis(out, run, place, block.first + starts, whole=whole)
        return Encoded(rows(out), (DATA,), {"accel": carried})

    def _differences(self, raw: Raw, place: Numbers, width: int) -> Raw:
        """Return old minus new, the sign in bit 0; shape ``(frames, 8)``, 0 in whole ones."""
        before = np.concatenate((self._last, raw[:-1]))
        self._last = raw[-1:].copy()
        delta = before - raw
        field = delta & ((1 << width) - 2) | (delta < 0)
        sizes = np.where(place == 0, 1, 2)
        ends = np.cumsum(sizes)
        fields = np.zeros((len(place), 2, 4), np.int64)
        double = np.flatnonzero(place != 0)
        fields[double, 0] = field[ends[double] - 2]
        fields[double, 1] = field[ends[double] - 1]
        return fields.reshape(-1, 8)

    def _axis(
        self,
        out: NDArray[np.uint8],
        run: Run,
        place: Numbers,
        numbers: Numbers,
        *,
        whole: NDArray[np.bool_],
    ) -> Carried:
        """Put X, Y and Z into the packets whose number ends in 1, 2 and 3."""
        if not self._with_accel:
            nothing = np.empty(0, np.int64)
            return Carried(nothing, nothing, np.empty(0, np.bool_))
        axis = place % 10 - 1
        samples = run.blocks["accel"]
        at = np.flatnonzero((axis >= 0) & (axis < 3) & ~whole)
        carried = np.empty(len(at), np.int64)
        for place_in, row in enumerate(at):
            if axis[row] == 0:
                self._held = int(numbers[row]) // PER_ACCEL
                self._axes = samples.at(np.array([self._held]))[0]
            carried[place_in] = self._held
            out[row, 19] = self._axes[axis[row]] & 0xFF
        return Carried(at, carried, axis[at] == 2)


def _tops(raw: Raw, width: int) -> Raw:
    """Return the upper bits of int24, the sign in bit 0."""
    field = (raw >> (24 - width)) & ((1 << width) - 2)
    return np.asarray(field | (raw < 0))


def _packed(fields: Raw, width: int) -> NDArray[np.uint8]:
    """Return eight fields a row, the most significant bit first, without gaps."""
    places = np.arange(width - 1, -1, -1)
    bits = (fields[:, :, None] >> places) & 1
    return np.packbits(bits.reshape(len(fields), -1).astype(np.uint8), axis=1)
