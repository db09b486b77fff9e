"""Shimmer3 ExG with LogAndStream firmware; fact sheet, section 4."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..source import Sensed
from .model import Encoded, Lane, Raw, Run, Said, Wire, big_endian, little_endian, rows

TICKS_HZ = 32768
GRAVITY = 9.80665
LOW_NOISE, WIDE_RANGE, BATTERY = (0x00, 0x01, 0x02), (0x04, 0x05, 0x06), 0x03
EXG_24, EXG_16 = (0x1E, 0x1F, 0x21, 0x22), (0x23, 0x24, 0x25, 0x26)
STATUS_IDS = (0x1D, 0x20)
LONG = (0x1B,)
BIG_ENDIAN_16 = (*EXG_16, 0x0A, 0x0B, 0x0C)
FACTORY = {
    LOW_NOISE: ((2047.0,) * 3, (83.0,) * 3, (0, -1, 0, -1, 0, 0, 0, 0, -1)),
    WIDE_RANGE: ((0.0,) * 3, (1631.0,) * 3, (-1, 0, 0, 0, 1, 0, 0, 0, -1)),
}
ACK = b"\xff"
INQUIRY, SET_RATE, START, STOP, SENSORS, STATUS, CHARGE, CALIBRATION, ACK_PREFIX = (
    0x01, 0x05, 0x07, 0x20, 0x08, 0x72, 0x95, 0x2C, 0xA3,
)  # fmt: skip
LENGTHS = {SET_RATE: 3, SENSORS: 4, ACK_PREFIX: 2}
FULL_MV, EMPTY_MV = 4167.0, 3200.0


class Shimmer3Wire(Wire):
    """Packets ``00``, a stamp of 24 bits, then the channels in order of the inquiry.

    Every command is answered with ``FF`` until that is switched off.
    """

    link = "serial"

    def __init__(self, settings: Mapping[str, Any]) -> None:
        super().__init__()
        self._ids: tuple[int, ...] = settings["channels"]
        self._fs: float = settings["fs"]
        self._settings = settings
        self._ack = ACK
        self._command = b""
        ids = set(self._ids)
        streams = []
        wide = tuple(each for each in EXG_24 if each in ids)
        self._exg = wide or tuple(each for each in EXG_16 if each in ids)
        if self._exg:
            limit = 2 ** (23 if wide else 15)
            gain = 2.42e6 / (limit - 1) / settings["exg_gain"]
            count = len(self._exg)
            limits = (-limit, limit - 1)
            streams.append(
                Sensed(
                    "exg", "emg", self._fs, "uV", np.full(count, gain), np.zeros(count), limits
                )
            )
        whole = (axes for axes in (LOW_NOISE, WIDE_RANGE) if ids.issuperset(axes))
        self._axes: tuple[int, ...] = next(whole, ())
        if self._axes:
            streams.append(self._accelerometer())
        if BATTERY in ids or not streams:
            gain = np.ones(1)
            streams.append(
                Sensed("battery", "other", self._fs, "", gain, np.zeros(1), (0, 4095))
            )
        self.lanes = (Lane(tuple(streams)),)

    def boot(self, now_s: float, /) -> list[Said]:
        """See `Wire.boot`."""
        self._ack, self._command = ACK, b""
        return super().boot(now_s)

    def encode(self, lane: Lane, run: Run, /) -> Encoded:
        """See `Wire.encode`."""
        block = run.blocks[lane.name]
        seconds = (block.first + np.arange(run.count)) / self._fs - run.boot_s
        ticks = np.rint(seconds * TICKS_HZ).astype(np.int64)[:, None]
        parts = [np.zeros((run.count, 1), np.uint8), little_endian(ticks, 3)]
        parts += [self._column(each, run) for each in self._ids]
        return Encoded(rows(np.concatenate(parts, axis=1)))

    def write(self, data: bytes, _channel: str, now_s: float, /) -> list[Said]:
        """See `Wire.write`."""
        said = []
        for byte in data:
            self._command += bytes([byte])
            if len(self._command) == LENGTHS.get(self._command[0], 1):
                command, self._command = self._command, b""
                answer = self._obey(command)
                if answer is not None and self._ack + answer:
                    said.append(Said(now_s, self._ack + answer))
        return said

    def _obey(self, command: bytes) -> bytes | None:
        """Return what follows the acknowledgement, None where there is no such command."""
        code = command[0]
        aside = b"\x8a" if self.running else b""
        if code == INQUIRY:
            return self._inquiry()
        if code == START and not self.running:
            self.start(self.lanes[0].name)
        elif code == STOP:
            self.running.clear()
        elif code == STATUS:
            return b"\x8a\x71" + bytes([0x10 if aside else 0x00])
        elif code == CHARGE:
            return b"\x8a\x94" + struct.pack("<HB", self._charge, 0x80)
        elif code == CALIBRATION:
            return b"\x2d" + self._calibration()
        elif code == ACK_PREFIX:
            self._ack = ACK if command[1] else b""
        elif code not in LENGTHS and code != START:
            return None
        return b""

    @property
    def _charge(self) -> int:
        """The battery's voltage as its converter reads it."""
        percent = 100.0 if self.battery_percent is None else self.battery_percent
        volts = (EMPTY_MV + (FULL_MV - EMPTY_MV) * percent / 100.0) / 1000.0
        return round(volts / 1.988 / 3.0 * 4095)

    def _inquiry(self) -> bytes:
        divider = round(TICKS_HZ / self._fs)
        head = struct.pack("<BHIBB", 0x02, divider, 0, len(self._ids), 1)
        return head + bytes(self._ids)

    def _column(self, each: int, run: Run) -> NDArray[np.uint8]:
        if each in STATUS_IDS:
            return np.full((run.count, 1), 0x80, np.uint8)
        values: Raw = np.zeros((run.count, 1), np.int64)
        if each in self._exg:
            place = self._exg.index(each)
            values = run.blocks["exg"].raw[:, place : place + 1]
        elif each in self._axes:
            place = self._axes.index(each)
            values = run.blocks["accel"].raw[:, place : place + 1]
        elif each == BATTERY:
            values = np.full((run.count, 1), self._charge)
        if each in (*EXG_24, *LONG):
            return big_endian(values, 3)
        if each in BIG_ENDIAN_16:
            return big_endian(values, 2)
        return little_endian(values, 2)

    def _figures(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Return offset, sensitivity and alignment of the accelerometer."""
        keys = ("accel_offset", "accel_sens", "accel_align")
        factory = FACTORY[WIDE_RANGE if self._axes == WIDE_RANGE else LOW_NOISE]
        given = [
            self._settings[key] if self._settings[key] is not None else default
            for key, default in zip(keys, factory, strict=True)
        ]
        offset, sensitivity, alignment = (np.array(each, np.float64) for each in given)
        return offset, sensitivity, alignment.reshape(3, 3)

    def _accelerometer(self) -> Sensed:
        offset, sensitivity, alignment = self._figures()
        limits = (0, 4095) if self._axes == LOW_NOISE else (-(2**15), 2**15 - 1)
        turn = np.diag(sensitivity) @ alignment * GRAVITY
        return Sensed(
            "accel", "acc", self._fs, "g", np.ones(3), -offset, limits, np.asarray(turn)
        )

    def _calibration(self) -> bytes:
        """Return 84 bytes: this accelerometer's figures, in each of the four places."""
        offset, sensitivity, alignment = self._figures()
        figures = np.clip(np.rint([*offset, *sensitivity]), -(2**15), 2**15 - 1)
        turned = np.clip(np.rint(alignment.ravel() * 100), -128, 127)
        one = figures.astype(">i2").tobytes() + turned.astype(np.int8).tobytes()
        return 4 * one
