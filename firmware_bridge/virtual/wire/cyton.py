"""OpenBCI Cyton behind its radio dongle; fact sheet, section 1."""

from __future__ import annotations

from collections.abc import Mapping
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

GAINS = (1.0, 2.0, 4.0, 6.0, 8.0, 12.0, 24.0)
PLAIN, TIME_SET, TIMED = 0xC0, 0xC3, 0xC4
PER_ACCEL = 10
FIRST_AXIS = 7
ACCEL_LIMIT = (-(2**15), 2**15 - 1)
BANNER = b"OpenBCI V3 8-16 channel\nADS1299 Device ID: 0x3E\nLIS3DH Device ID: 0x33\n$$$"
END = b"$$$"


class CytonWire(Wire):
    """Frames ``A0``, a counter of eight bits, eight channels, six more bytes, a stop byte.

    The counter begins anew with each start of the stream. Gains are what the host has set,
    and 24 at first.
    """

    link = "serial"

    def __init__(self, settings: Mapping[str, Any]) -> None:
        super().__init__()
        gain = np.broadcast_to(np.array(settings["gain"], np.float64), (8,))
        fs: float = settings["fs"]
        self._exg = Sensed(
            "exg", "emg", fs, "uV", _steps(gain), np.zeros(8), (-(2**23), 2**23 - 1)
        )
        accel = Sensed(
            "accel", "acc", fs / PER_ACCEL, "g", **scale(3, 0.002 / 16), limits=ACCEL_LIMIT
        )
        self.lanes = (Lane((self._exg,), 1, (Rider(accel, PER_ACCEL),)),)
        self._begin()

    def boot(self, now_s: float, /) -> list[Said]:
        """See `Wire.boot`."""
        super().boot(now_s)
        self._begin()
        return [Said(now_s, BANNER)]

    def encode(self, _lane: Lane, run: Run, /) -> Encoded:
        """See `Wire.encode`."""
        exg, accel = run.blocks["exg"], run.blocks["accel"]
        counter = run.frames % 256
        numbers = exg.first + np.arange(run.count)
        out = np.zeros((run.count, 33), np.uint8)
        out[:, 0] = 0xA0
        out[:, 1] = counter
        out[:, 2:26] = big_endian(exg.raw, 3)
        if self._stamps:
            carried = self._timed(out, run, counter, numbers)
            return Encoded(rows(out), riders={"accel": carried})
        at = np.flatnonzero(numbers % PER_ACCEL == PER_ACCEL - 1)
        samples = numbers[at] // PER_ACCEL
        out[at, 26:32] = big_endian(accel.at(samples), 2)
        out[:, 32] = PLAIN
        carried = Carried(at, samples, np.ones(len(at), np.bool_))
        return Encoded(rows(out), riders={"accel": carried})

    def write(self, data: bytes, _channel: str, now_s: float, /) -> list[Said]:
        """See `Wire.write`."""
        answers = [self._obey(chr(byte), now_s) for byte in data]
        return [Said(now_s, answer) for answer in answers if answer]

    def _begin(self) -> None:
        self._setting: str | None = None
        self._stamps = False
        self._set_time = False
        self._held = -1
        self._axes: Raw = np.zeros((1, 3), np.int64)
        self._exg.gain = _steps(np.full(8, 24.0))

    def _timed(
        self, out: NDArray[np.uint8], run: Run, counter: Numbers, numbers: Numbers
    ) -> Carried:
        """Fill in stamps, and X, Y and Z in the frames whose counter ends in 7, 8 and 9."""
        seconds = numbers / self._exg.rate_hz - run.boot_s
        milliseconds = np.floor(seconds * 1000.0 + 1e-6).astype(np.int64)
        out[:, 28:32] = big_endian(milliseconds[:, None], 4)
        axis = counter % 10 - FIRST_AXIS
        at = np.flatnonzero(axis >= 0)
        samples = np.empty(len(at), np.int64)
        for place, row in enumerate(at):
            if axis[row] == 0:
                self._held = int(numbers[row]) // PER_ACCEL
                self._axes = run.blocks["accel"].at(np.array([self._held]))
            samples[place] = self._held
            out[row, 26:28] = big_endian(self._axes[:, axis[row], None], 2)
        out[:, 32] = TIMED
        if self._set_time and run.count:
            out[0, 32] = TIME_SET
            self._set_time = False
        return Carried(at, samples, axis[at] == 2)

    def _obey(self, char: str, now_s: float) -> bytes:
        if self._setting is not None:
            self._setting += char
            if char != "X" and len(self._setting) < 9:
                return b""
            setting, self._setting = self._setting, None
            return self._set_channel(setting)
        if char == "x":
            self._setting = char
            return b""
        if char in "<>":
            return self._time_stamps(on=char == "<")
        return self._simple(char, now_s)

    def _simple(self, char: str, now_s: float) -> bytes:
        answer = b""
        if char == "b" and not self.running:
            self.start("exg")
        elif char == "s":
            self.running.discard("exg")
        elif char == "v":
            self.boot(now_s)
            answer = BANNER
        elif char == "d":
            self._exg.gain = _steps(np.full(8, 24.0))
            answer = b"updating channel settings to default" + END
        elif char == "~":
            answer = b"Sample rate is %dHz" % round(self._exg.rate_hz) + END
        return answer

    def _time_stamps(self, *, on: bool) -> bytes:
        self._stamps = self._set_time = on
        words = b"Time stamp ON" if on else b"Time stamp OFF"
        return b"" if self.running else words + END

    def _set_channel(self, setting: str) -> bytes:
        if len(setting) == 9 and setting[1] in "12345678" and setting[3] in "0123456":
            number = int(setting[1])
            gain = self._exg.gain.copy()
            gain[number - 1] = _steps(np.array([GAINS[int(setting[3])]]))[0]
            self._exg.gain = gain
            return b"" if self.running else b"Channel set for %d" % number + END
        return b"" if self.running else b"Failed to set channel" + END


def _steps(gain: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(4.5e6 / gain / (2**23 - 1))
