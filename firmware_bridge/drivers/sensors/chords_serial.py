"""Upside Down Labs Chords over USB serial: BioAmp front ends on Arduino-like boards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..framing.integers import int16
from ..framing.rules import FrameRules
from ..framing.scanner import Frames, FrameScanner
from ..framing.serial import counted, restarts
from ..framing.unwrap import Unwrapper
from ..model import Commands, Decoded, Driver, Packet, Samples, StreamSpec, Write
from ..registry import DriverInfo
from ..settings import Setting, rate, whole

ROUND = 256
BOARDS = (b"UNO", b"PICO", b"GIGA", b"NANO", b"MEGA", b"GENUINO", b"STM32", b"ESP32", b"RPI")


class ChordsSerial(Driver):
    """Frames ``C7 7C counter n x u16 01`` to samples.

    The frame carries no checksum; the counter has eight bits.
    """

    def __init__(self, settings: Mapping[str, Any]) -> None:
        channels: int = settings["channels"]
        self._rate: float = settings["fs"]
        self.streams = (
            StreamSpec(
                "exg",
                "emg",
                tuple(f"ch{number}_counts" for number in range(1, channels + 1)),
                "count",
                self._rate,
                np.ones(channels),
                np.zeros(channels),
                raw_limits=(0, 2 ** settings["bits"] - 1),
                counter_modulus=ROUND,
            ),
        )
        size = 2 * channels + 4
        self._scanner = FrameScanner(
            FrameRules(size, b"\xc7\x7c", _valid, _counter, _steps, sure=2)
        )
        self._numbers = Unwrapper("exg", ROUND, self._rate, checked=False)

    def feed(self, packets: Sequence[Packet]) -> Decoded:
        """See `Driver.feed`."""
        return self._decode(self._scanner.feed(packets), final=False)

    def finish(self) -> Decoded:
        """See `Driver.finish`."""
        return self._decode(self._scanner.finish(), final=True)

    def _decode(self, frames: Frames, *, final: bool) -> Decoded:
        if frames.nothing and not final:
            return Decoded()
        position = _counter(frames.rows)
        restart, events = restarts(frames, position, BOARDS)
        done = self._numbers.push(counted(frames, position, restart), final=final)
        if not len(done):
            return Decoded((), done.gaps, frames.rejected, events)
        exg = Samples(
            "exg",
            int16(done.items.rows[:, 3:-1], ">u2"),
            done.first,
            done.first / self._rate,
            done.items.arrival_s,
        )
        return Decoded((exg,), done.gaps, frames.rejected, events)


def _valid(rows: NDArray[np.uint8]) -> NDArray[np.bool_]:
    head = (rows[:, 0] == 0xC7) & (rows[:, 1] == 0x7C)
    return np.asarray(head & (rows[:, -1] == 0x01))


def _counter(rows: NDArray[np.uint8]) -> NDArray[np.int64]:
    return rows[:, 2].astype(np.int64)


def _steps(before: NDArray[np.int64], after: NDArray[np.int64]) -> NDArray[np.int64]:
    return (after - before) % ROUND


def _commands(_settings: Mapping[str, Any]) -> Commands:
    return Commands(
        start=(Write(b"WHORU\n", pause_s=0.5), Write(b"START\n")), stop=(Write(b"STOP\n"),)
    )


DRIVER = DriverInfo(
    name="chords-serial",
    title="Upside Down Labs Chords (Arduino-like board on USB)",
    transport="serial",
    wired_to_body=True,
    source="upsidedownlabs Chords-Arduino-Firmware and Chords-Python",
    settings=(
        Setting("channels", 6, whole(1, 16), "Channels that the board sends."),
        Setting("fs", 250.0, rate, "Sampling rate, Hz: 250 on UNO-R3, 500 on most others."),
        Setting("bits", 10, whole(1, 16), "Bits of the converter."),
    ),
    make=ChordsSerial,
    commands=_commands,
    battery_h=None,
    calibration="counts of the board's converter: the scale depends on the front end",
    baud=230400,
)
