"""Shimmer3 ExG: LogAndStream firmware over Bluetooth's serial profile."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..framing.integers import int16, int24_be, uint24_le
from ..framing.rules import FrameRules
from ..framing.scanner import Frames, FrameScanner
from ..framing.ticks import TickCounter
from ..model import (
    Commands,
    Decoded,
    DeviceEvent,
    Driver,
    Gap,
    Packet,
    Samples,
    StreamSpec,
    Write,
)
from ..registry import DriverInfo
from ..settings import Setting, SettingError, number, numbers, rate

TICKS_HZ = 32768
WRAP = 1 << 24
GRAVITY = 9.80665
VOLTS_FULL_SCALE = 2.42e6
LOW_NOISE, WIDE_RANGE, BATTERY = (0x00, 0x01, 0x02), (0x04, 0x05, 0x06), 0x03
EXG_24 = {0x1E: "exg1_ch1", 0x1F: "exg1_ch2", 0x21: "exg2_ch1", 0x22: "exg2_ch2"}
EXG_16 = {0x23: "exg1_ch1", 0x24: "exg1_ch2", 0x25: "exg2_ch1", 0x26: "exg2_ch2"}
SIZES = dict.fromkeys(range(0x1D), 2) | {0x1B: 3, 0x1D: 1, 0x20: 1}
SIZES |= dict.fromkeys(EXG_24, 3) | dict.fromkeys(EXG_16, 2)
DEFAULTS: dict[tuple[int, ...], tuple[tuple[float, ...], ...]] = {
    LOW_NOISE: ((2047.0,) * 3, (83.0,) * 3, (0, -1, 0, -1, 0, 0, 0, 0, -1)),
    WIDE_RANGE: ((0.0,) * 3, (1631.0,) * 3, (-1, 0, 0, 0, 1, 0, 0, 0, -1)),
}
"""Factory figures of the accelerometers: offset, sensitivity per m/s2, alignment."""

VOLTS_PER_COUNT = 3.0 / 4095 * 1.988
ACK, ANSWER, STATUS, VOLTAGE = 0xFF, 0x8A, 0x71, 0x94
ASIDE_SIZES = {STATUS: 3, VOLTAGE: 5}


@dataclass(frozen=True, slots=True)
class _Part:
    """Where a stream's channels lie in a frame."""

    spec: StreamSpec
    columns: tuple[int, ...]
    kind: str

    def read(self, rows: NDArray[np.uint8]) -> NDArray[np.int32]:
        data = rows[:, self.columns]
        return int24_be(data) if self.kind == ">i3" else int16(data, self.kind)


class Shimmer3(Driver):
    """Packets ``00``, a stamp of 24 bits, channels in the order of the inquiry, to samples.

    There is neither checksum nor counter: a packet is known by its stamp, which must step
    by the sampling interval, and losses are counted from it.
    """

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._rate: float = settings["fs"]
        ids: tuple[int, ...] = settings["channels"]
        places = dict(
            zip(ids, np.cumsum([4] + [SIZES[each] for each in ids[:-1]]), strict=True)
        )
        self._parts = tuple(_parts(settings, places))
        self.streams = tuple(part.spec for part in self._parts)
        divider = TICKS_HZ / self._rate
        self._inquiry = re.compile(
            b"\x02.{6}" + re.escape(bytes([len(ids)])) + b"." + re.escape(bytes(ids)), re.DOTALL
        )
        ticks = TickCounter(WRAP, divider, TICKS_HZ)
        self._scanner = FrameScanner(
            FrameRules(
                4 + sum(SIZES[each] for each in ids),
                b"\0",
                lambda rows: np.asarray(rows[:, 0] == 0),
                lambda rows: uint24_le(rows[:, 1:4]),
                ticks.steps,
                counted=True,
                sure=2,
                aside=_aside,
                aside_size=12,
            )
        )
        self._ticks = ticks

    def feed(self, packets: Sequence[Packet]) -> Decoded:
        """See `Driver.feed`."""
        return self._decode(self._scanner.feed(packets))

    def finish(self) -> Decoded:
        """See `Driver.finish`."""
        return self._decode(self._scanner.finish())

    def _decode(self, frames: Frames) -> Decoded:
        if frames.nothing:
            return Decoded()
        restart = np.zeros(len(frames), np.bool_)
        for row, text in frames.texts.items():
            if row < len(frames) and self._inquiry.search(text):
                restart[row] = True
        rows, arrival = frames.rows, frames.arrival_s
        stamps = uint24_le(rows[:, 1:4])
        index, ticks, losses = self._ticks.number(stamps, arrival, restart)
        said = [
            (row, event) for row, text, time in frames.asides for event in _said(text, time)
        ]
        said += [
            (loss.row, DeviceEvent("restart", arrival_s=float(arrival[loss.row])))
            for loss in losses
            if loss.reason == "restart"
        ]
        events = tuple(event for _row, event in sorted(said, key=itemgetter(0)))
        if not len(frames):
            return Decoded((), (), frames.rejected, events)
        samples = tuple(
            Samples(part.spec.name, part.read(rows), index, ticks / TICKS_HZ, arrival)
            for part in self._parts
        )
        gaps = tuple(
            Gap(spec.name, loss.index, loss.lost, loss.low, loss.high, loss.reason)
            for loss in losses
            for spec in self.streams
        )
        return Decoded(samples, gaps, frames.rejected, events)


def settings_from_inquiry(answer: bytes) -> dict[str, str]:
    """Return ``channels`` and ``fs`` from an inquiry response, its ``02`` first.

    Raises
    ------
    SettingError
        It is cut short, names a channel nobody knows, or packs several samples in a packet.
    """
    if len(answer) < 9 or answer[0] != 0x02 or len(answer) < 9 + answer[7]:
        raise SettingError("shimmer3: the inquiry response is cut short; connect again")
    divider = int.from_bytes(answer[1:3], "little")
    ids = answer[9 : 9 + answer[7]]
    if not divider or not ids or any(each not in SIZES for each in ids):
        raise SettingError(f"shimmer3: unknown channels in the inquiry response {answer.hex()}")
    if answer[8] != 1:
        raise SettingError("shimmer3: several samples in a packet; set the buffer size to 1")
    return {"channels": ",".join(f"{each:02x}" for each in ids), "fs": repr(TICKS_HZ / divider)}


def inquiry_in(data: bytes) -> bytes:
    """Return the inquiry response among the answers in `data`, empty where there is none."""
    found = b""
    for at, byte in enumerate(data):
        if byte != 0x02 or len(data) < at + 9:
            continue
        answer = data[at : at + 9 + data[at + 7]]
        ids = answer[9:]
        if len(ids) < data[at + 7]:
            continue
        if ids and all(each in SIZES for each in ids) and answer[1:3] != b"\0\0":
            return answer
        if not found and data[at - 1 : at] == bytes([ACK]):
            found = answer
    return found


def _parts(settings: Mapping[str, Any], places: Mapping[int, Any]) -> list[_Part]:
    fs: float = settings["fs"]

    def columns(ids: Sequence[int]) -> tuple[int, ...]:
        return tuple(int(places[i]) + byte for i in ids for byte in range(SIZES[i]))

    parts = []
    wide = [i for i in EXG_24 if i in places]
    narrow = [i for i in EXG_16 if i in places]
    for ids, names, bits, kind in ((wide, EXG_24, 24, ">i3"), (narrow, EXG_16, 16, ">i2")):
        if not ids or (narrow and wide and bits == 16):
            continue
        limit = 2 ** (bits - 1)
        gain = VOLTS_FULL_SCALE / (limit - 1) / settings["exg_gain"]
        labels = tuple(f"{names[i]}_uV" for i in ids)
        spec = StreamSpec(
            "exg",
            "emg",
            labels,
            "uV",
            fs,
            np.full(len(ids), gain),
            np.zeros(len(ids)),
            calibrated=True,
            raw_limits=(-limit, limit - 1),
            device_clock=True,
        )
        parts.append(_Part(spec, columns(ids), kind))
    for axes, kind in ((LOW_NOISE, "<u2"), (WIDE_RANGE, "<i2")):
        if all(axis in places for axis in axes):
            parts.append(_Part(_accel_spec(settings, axes), columns(axes), kind))
            break
    if BATTERY in places:
        spec = StreamSpec(
            "battery",
            "other",
            ("vbatt_counts",),
            "count",
            fs,
            np.ones(1),
            np.zeros(1),
            raw_limits=(0, 4095),
            device_clock=True,
        )
        parts.append(_Part(spec, columns((BATTERY,)), "<u2"))
    return parts


def _accel_spec(settings: Mapping[str, Any], axes: tuple[int, ...]) -> StreamSpec:
    offset, sensitivity, alignment = (
        np.array(given if given is not None else default, np.float64)
        for given, default in zip(
            (settings["accel_offset"], settings["accel_sens"], settings["accel_align"]),
            DEFAULTS[axes],
            strict=True,
        )
    )
    turned = np.diag(sensitivity) @ alignment.reshape(3, 3)
    if abs(np.linalg.det(turned)) < 1e-9:
        raise SettingError("shimmer3: accel_sens and accel_align cannot be inverted")
    return StreamSpec(
        "accel",
        "acc",
        ("x_g", "y_g", "z_g"),
        "g",
        settings["fs"],
        np.ones(3),
        -offset,
        mixing=np.asarray(np.linalg.inv(turned) / GRAVITY, np.float64),
        calibrated=settings["accel_sens"] is not None,
        device_clock=True,
    )


def _aside(data: bytes) -> int:
    if data[0] == ACK:
        return 1
    if data[0] == ANSWER and len(data) > 1:
        size = ASIDE_SIZES.get(data[1], 0)
        return size if size <= len(data) else 0
    return 0


def _said(data: bytes, arrival_s: float) -> list[DeviceEvent]:
    events = []
    while data:
        size = _aside(data)
        if size == ASIDE_SIZES[STATUS]:
            events.append(DeviceEvent("status", float(data[2]), arrival_s=arrival_s))
        elif size == ASIDE_SIZES[VOLTAGE]:
            volts = int.from_bytes(data[2:4], "little") * VOLTS_PER_COUNT
            events.append(DeviceEvent("battery_volts", volts, arrival_s=arrival_s))
        data = data[max(1, size) :]
    return events


def _channel_ids(text: str) -> tuple[int, ...]:
    try:
        ids = tuple(int(part, 16) for part in text.split(","))
    except ValueError:
        raise ValueError("needs hexadecimal channel ids, separated by commas") from None
    unknown = [f"{each:02x}" for each in ids if each not in SIZES]
    if unknown or len(set(ids)) != len(ids):
        raise ValueError(f"unknown or repeated channels: {', '.join(unknown) or text}")
    return ids


def _commands(settings: Mapping[str, Any]) -> Commands:
    divider = round(TICKS_HZ / settings["fs"])
    return Commands(
        start=(
            Write(b"\x05" + divider.to_bytes(2, "little"), pause_s=0.2),
            Write(b"\x01", pause_s=0.3),
            Write(b"\x07"),
        ),
        stop=(Write(b"\x20"),),
    )


DRIVER = DriverInfo(
    name="shimmer3",
    title="Shimmer3 ExG (LogAndStream)",
    transport="serial",
    wired_to_body=False,
    source="seemoo-lab/pyshimmer; Shimmer LogAndStream firmware",
    settings=(
        Setting(
            "channels",
            (0x1D, 0x1E, 0x1F),
            _channel_ids,
            "Channel ids in the order of the inquiry response, hexadecimal: 1d,1e,1f.",
        ),
        Setting("fs", 512.0, rate, "Sampling rate, Hz: 32768 over a whole number."),
        Setting("exg_gain", 12.0, number(0.1, 1000.0), "Gain of the ExG amplifier."),
        Setting("accel_offset", None, numbers((3,), -1e6, 1e6), "Offset of each axis."),
        Setting("accel_sens", None, numbers((3,), -1e6, 1e6), "Counts per m/s2 of each axis."),
        Setting("accel_align", None, numbers((9,), -1e3, 1e3), "Alignment, row by row."),
    ),
    make=Shimmer3,
    commands=_commands,
    battery_h=None,
    calibration="ExG by the data sheet; accelerometer by the figures of the unit (2C command)",
    baud=115200,
)
