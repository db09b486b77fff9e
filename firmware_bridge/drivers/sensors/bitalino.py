"""BITalino (r)evolution: up to six analog channels and four digital lines at 1 kHz."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..framing.rules import FrameRules
from ..framing.scanner import Frames, FrameScanner
from ..framing.serial import counted, restarts
from ..framing.unwrap import Unwrapper
from ..model import Commands, Decoded, Driver, Packet, Samples, StreamSpec, Write
from ..registry import DriverInfo
from ..settings import Setting, choice, number, rate

ROUND = 16
SIZES = (3, 4, 6, 7, 8, 8)
BITS = (10, 10, 10, 10, 6, 6)
RATES = {1.0: 0, 10.0: 1, 100.0: 2, 1000.0: 3}


class Bitalino(Driver):
    """Frames of three to eight bytes to samples.

    The frame has no header: it is found by a checksum of four bits and a counter of four
    bits. A loss of sixteen frames or a multiple cannot be seen in the bytes.
    """

    def __init__(self, settings: Mapping[str, Any]) -> None:
        channels: tuple[int, ...] = settings["channels"]
        self._rate: float = settings["fs"]
        count = len(channels)
        bits = np.array(BITS[:count])
        gain, offset, unit = np.ones(count), np.zeros(count), "counts"
        if settings["quantity"] == "emg":
            whole_uv = settings["vcc"] / settings["emg_gain"] * 1e6
            gain, offset, unit = whole_uv / 2.0**bits, np.full(count, -whole_uv / 2), "uV"
        self.streams = (
            StreamSpec(
                "exg",
                "emg",
                tuple(f"A{channel}_{unit}" for channel in channels),
                "uV" if unit == "uV" else "count",
                self._rate,
                gain,
                offset,
                calibrated=unit == "uV",
                raw_limits=(0, 2 ** int(bits.min()) - 1),
                counter_modulus=ROUND,
            ),
            StreamSpec(
                "digital",
                "other",
                ("I1", "I2", "O1", "O2"),
                "",
                self._rate,
                np.ones(4),
                np.zeros(4),
                raw_limits=(0, 1),
                counter_modulus=ROUND,
            ),
        )
        size = SIZES[count - 1]
        self._read = _reader(size, count)
        self._scanner = FrameScanner(
            FrameRules(
                size,
                b"",
                _checked(size),
                _counter,
                _steps,
                counted=True,
                lone=False,
                overlap=False,
                sure=3,
            )
        )
        self._numbers = Unwrapper("exg", ROUND, self._rate)

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
        restart, events = restarts(frames, position, (b"BITalino",))
        done = self._numbers.push(counted(frames, position, restart), final=final)
        if not len(done):
            return Decoded((), done.gaps, frames.rejected, events)
        analog, digital = self._read(done.items.rows)
        device, arrival = done.first / self._rate, done.items.arrival_s
        samples = (
            Samples("exg", analog, done.first, device, arrival),
            Samples("digital", digital, done.first, device, arrival),
        )
        both = tuple(
            part for gap in done.gaps for part in (gap, replace(gap, stream="digital"))
        )
        return Decoded(samples, both, frames.rejected, events)


def _reader(
    size: int, count: int
) -> Callable[[NDArray[np.uint8]], tuple[NDArray[np.int32], NDArray[np.int32]]]:
    """Return what takes frames apart: read from the last byte backwards, one bit string."""
    widths = np.array(BITS[:count])
    ends = 12 + np.cumsum(widths)
    shifts = (8 * size - ends).astype(np.uint64)
    masks = ((1 << widths) - 1).astype(np.uint64)
    lines = np.array([8 * size - 9 - line for line in range(4)], np.uint64)

    def read(rows: NDArray[np.uint8]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        wide = np.zeros((len(rows), 8), np.uint8)
        wide[:, :size] = rows
        word = wide.view("<u8")
        analog = (word >> shifts) & masks
        digital = (word >> lines) & np.uint64(1)
        return analog.astype(np.int32), digital.astype(np.int32)

    return read


def _checked(size: int) -> Callable[[NDArray[np.uint8]], NDArray[np.bool_]]:
    """Return the check of the four bits modulo ``x^4 + x + 1`` over a whole frame.

    The remainder is linear in the bits, so that each byte adds its own share.
    """
    shares = np.zeros((size, 256), np.uint8)
    for place in range(size):
        for value in range(256):
            shares[place, value] = _remainder(value << 8 * (size - 1 - place), 8 * size)
    last = np.arange(256)
    # the nibble itself counts as zero in the sum, and must equal it
    shares[-1] = shares[-1][last & 0xF0] ^ (last & 0x0F)

    def valid(rows: NDArray[np.uint8]) -> NDArray[np.bool_]:
        sums = shares[0][rows[:, 0]]
        for place in range(1, size):
            sums = sums ^ shares[place][rows[:, place]]
        return np.asarray(sums == 0)

    return valid


def _remainder(value: int, bits: int) -> int:
    rest = 0
    for bit in range(bits - 1, -1, -1):
        rest = rest << 1 | (value >> bit & 1)
        if rest & 0x10:
            rest ^= 0x13
    return rest


def _counter(rows: NDArray[np.uint8]) -> NDArray[np.int64]:
    return (rows[:, -1] >> 4).astype(np.int64)


def _steps(before: NDArray[np.int64], after: NDArray[np.int64]) -> NDArray[np.int64]:
    return (after - before) % ROUND


def _channels(text: str) -> tuple[int, ...]:
    try:
        found = tuple(int(part.strip().removeprefix("A")) for part in text.split(","))
    except ValueError:
        raise ValueError("needs channel numbers, separated by commas") from None
    if not found or len(set(found)) != len(found) or not set(found) <= set(range(1, 7)):
        raise ValueError("needs different channels from 1 to 6")
    return found


def _commands(settings: Mapping[str, Any]) -> Commands:
    code = RATES.get(settings["fs"], 3)
    mask = sum(1 << (channel - 1) for channel in settings["channels"])
    return Commands(
        start=(
            Write(b"\x07", pause_s=0.5),
            Write(bytes([code << 6 | 3]), pause_s=0.1),
            Write(bytes([1 | mask << 2])),
        ),
        stop=(Write(b"\x00"),),
    )


DRIVER = DriverInfo(
    name="bitalino",
    title="BITalino (r)evolution",
    transport="serial",
    wired_to_body=False,
    source="BITalinoWorld revolution-python-api",
    settings=(
        Setting("channels", (1, 2, 3, 4, 5, 6), _channels, "Channels sent, in order: 1,2."),
        Setting("fs", 1000.0, rate, "Sampling rate, Hz: 1, 10, 100 or 1000."),
        Setting("quantity", "counts", choice("counts", "emg"), "emg turns counts into uV."),
        Setting("vcc", 3.3, number(0.1, 100.0), "Supply of the converter, V."),
        Setting("emg_gain", 1009.0, number(0.001, 1e9), "Gain of the EMG front end."),
    ),
    make=Bitalino,
    commands=_commands,
    battery_h=None,
    calibration="vendor's transfer function; the gain is 1000 or 1009 by board and source",
    baud=115200,
)
