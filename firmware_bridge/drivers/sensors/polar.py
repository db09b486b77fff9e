"""Polar sensors by their measurement service: H10 and Verity Sense, acceleration and ECG."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..framing.blocks import BlockClock
from ..framing.integers import fields_lsb, int16, int24_le
from ..framing.notifications import LONGEST, battery_events
from ..framing.unwrap import known
from ..model import (
    Commands,
    Decoded,
    DeviceEvent,
    Driver,
    Gap,
    Packet,
    Rejected,
    Samples,
    StreamSpec,
    Write,
)
from ..registry import DriverInfo
from ..settings import Setting, number, rate, whole

SERVICE = "fb005c80-02e7-f387-1cad-8acd2d8df0c8"
CONTROL = "fb005c81-02e7-f387-1cad-8acd2d8df0c8"
DATA = "fb005c82-02e7-f387-1cad-8acd2d8df0c8"
HEADER = struct.Struct("<BQB")
ECG, ACC = 0, 2
COMPRESSED = 0x80
WIDEST_DELTA = 24
G_PER_COUNT = 8 / 32768
"""Step of 16 bits over 8 g, where the device has not sent its factor."""

LEAST_MG_FACTOR = 0.01
"""A smaller factor turns counts into g, not mg into mg."""

SETTING_SIZES = {0: 2, 1: 2, 2: 2, 3: 4, 4: 1, 5: 4}
FACTOR = 5


class _BadFrameError(ValueError):
    """A frame whose body does not fit its head."""


class Polar(Driver):
    """Frames stamped in nanoseconds at their last sample to samples."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._factor: float | None = settings["acc_factor"]
        self.streams = (
            StreamSpec(
                "accel",
                "acc",
                ("x_g", "y_g", "z_g"),
                "g",
                settings["acc_fs"],
                np.full(3, 0.001),
                np.zeros(3),
                calibrated=True,
                device_clock=True,
            ),
            StreamSpec(
                "ecg",
                "ecg",
                ("ecg_uV",),
                "uV",
                settings["ecg_fs"],
                np.ones(1),
                np.zeros(1),
                calibrated=True,
                device_clock=True,
            ),
        )
        self._clocks = {spec.name: BlockClock(spec.name, spec.rate_hz) for spec in self.streams}
        self._origin: int | None = None
        self._newest: dict[str, bytes] = {}

    def feed(self, packets: Sequence[Packet]) -> Decoded:
        """See `Driver.feed`."""
        samples: list[Samples] = []
        gaps: list[Gap] = []
        bad: list[Rejected] = []
        events: list[DeviceEvent] = battery_events(packets)
        for packet in packets:
            channel = packet.channel.lower()
            if channel == CONTROL:
                events += self._control(packet)
            elif channel == DATA:
                try:
                    samples.append(self._frame(packet, gaps))
                except _BadFrameError as error:
                    bad.append(Rejected(len(packet.data), str(error), packet.arrival_s))
        return Decoded(_joined(samples), tuple(gaps), tuple(bad), tuple(events))

    def finish(self) -> Decoded:
        """See `Driver.finish`."""
        return Decoded()

    def _frame(self, packet: Packet, gaps: list[Gap]) -> Samples:
        data = packet.data
        if not HEADER.size < len(data) <= LONGEST:
            raise _BadFrameError("wrong length")
        kind, stamp, form = HEADER.unpack_from(data)
        body = data[HEADER.size :]
        if kind & 0x3F == ECG and form == 0:
            name, raw, scale = "ecg", _plain(body, 3, 1), 1.0
        elif kind & 0x3F == ACC:
            name = "accel"
            raw, scale = self._acceleration(body, form)
        else:
            raise _BadFrameError(f"measurement {kind & 0x3F} in frame type {form} is not read")
        if self._newest.get(name) == data:
            raise _BadFrameError("the same frame again")
        self._newest[name] = data
        clock = self._clocks[name]
        if self._origin is None:
            self._origin = stamp - round(len(raw) / clock.rate_hz * 1e9)
        time = float(known([packet.arrival_s])[0])
        index, seconds, gap = clock.number(stamp, len(raw), time, self._origin)
        if gap is not None:
            gaps.append(gap)
        arrival = np.full(len(raw), time)
        return Samples(name, raw, index, seconds, arrival, scale)

    def _acceleration(self, body: bytes, form: int) -> tuple[NDArray[np.int32], float]:
        """Return raw numbers and the factor that turns them into mg."""
        if form in (0, 1, 2):
            return _plain(body, form + 1, 3), 1.0
        if form == COMPRESSED:
            return _compressed(body), 1000.0 * (self._factor or G_PER_COUNT)
        if form == COMPRESSED | 1:
            scaled = self._factor is not None and self._factor >= LEAST_MG_FACTOR
            return _compressed(body), self._factor if scaled and self._factor else 1.0
        raise _BadFrameError(f"acceleration in frame type {form} is not read")

    def _control(self, packet: Packet) -> list[DeviceEvent]:
        data = packet.data
        if data[:1] == b"\x01":
            return [DeviceEvent("stopped", text=data[1:].hex(), arrival_s=packet.arrival_s)]
        if len(data) > 5 and data[:2] == b"\xf0\x02" and data[2] & 0x3F == ACC and data[3] == 0:
            self._factor = _factor(data[5:]) or self._factor
        return []


def _plain(body: bytes, width: int, channels: int) -> NDArray[np.int32]:
    if len(body) % (width * channels):
        raise _BadFrameError("wrong length")
    data = np.frombuffer(body, np.uint8).reshape(-1, width * channels)
    if width == 1:
        return data.view(np.int8).astype(np.int32)
    return int16(data, "<i2") if width == 2 else int24_le(data)


def _compressed(body: bytes) -> NDArray[np.int32]:
    """Return a reference sample and what blocks of packed differences add to it."""
    if len(body) < 6:
        raise _BadFrameError("no reference sample")
    parts = [np.frombuffer(body, "<i2", 3).astype(np.int64)[None]]
    place = 6
    while place < len(body):
        if place + 2 > len(body):
            raise _BadFrameError("cut off in the head of a block")
        width, count = body[place], body[place + 1]
        size = -(-width * count * 3 // 8)
        place += 2
        if width > WIDEST_DELTA or place + size > len(body):
            raise _BadFrameError("a block longer than its frame")
        deltas = fields_lsb(body[place : place + size], width, 3 * count)
        parts.append(deltas.reshape(count, 3))
        place += size
    return np.cumsum(np.concatenate(parts), axis=0).astype(np.int32)


def _factor(settings: bytes) -> float | None:
    """Return the factor among the settings of a start response, if it is there."""
    place = 0
    while place + 2 <= len(settings):
        kind, count = settings[place], settings[place + 1]
        size = SETTING_SIZES.get(kind)
        if size is None or place + 2 + size * count > len(settings):
            return None
        if kind == FACTOR and count:
            value = float(struct.unpack_from("<f", settings, place + 2)[0])
            return value if 0 < value < 1e3 else None
        place += 2 + size * count
    return None


def _joined(samples: list[Samples]) -> tuple[Samples, ...]:
    """Return runs of the same stream and scale as one, in order."""
    runs: dict[str, list[list[Samples]]] = {}
    for each in samples:
        groups = runs.setdefault(each.stream, [])
        if not groups or groups[-1][0].scale != each.scale:
            groups.append([])
        groups[-1].append(each)
    return tuple(
        Samples(
            stream,
            np.concatenate([each.raw for each in group]),
            np.concatenate([each.index for each in group]),
            np.concatenate([each.device_s for each in group]),
            np.concatenate([each.arrival_s for each in group]),
            group[0].scale,
        )
        for stream, groups in runs.items()
        for group in groups
    )


def _start(kind: int, *pairs: tuple[int, int]) -> bytes:
    settings = (bytes([name, 1]) + value.to_bytes(2, "little") for name, value in pairs)
    return bytes([2, kind]) + b"".join(settings)


def _commands(settings: Mapping[str, Any]) -> Commands:
    acc = _start(ACC, (0, round(settings["acc_fs"])), (1, 16), (2, settings["acc_range"]))
    writes = [Write(acc, CONTROL, pause_s=0.3)]
    if settings["ecg_fs"] == ECG_HZ:
        writes.append(Write(_start(ECG, (0, 130), (1, 14)), CONTROL, pause_s=0.3))
    return Commands(
        start=tuple(writes),
        stop=(Write(bytes([3, ACC]), CONTROL), Write(bytes([3, ECG]), CONTROL)),
        notify=(DATA, CONTROL),
    )


ECG_HZ = 130.0

DRIVER = DriverInfo(
    name="polar",
    title="Polar H10 and Verity Sense",
    transport="ble",
    wired_to_body=False,
    source="polarofficial/polar-ble-sdk",
    settings=(
        Setting(
            "acc_fs", 200.0, rate, "Rate of the acceleration, Hz: 25 to 200, 52 on Verity."
        ),
        Setting("ecg_fs", ECG_HZ, rate, "Rate of the ECG, Hz."),
        Setting(
            "acc_factor",
            None,
            number(1e-9, 1e3),
            "g for one count in compressed frames of type 0, as the start response says.",
        ),
        Setting("acc_range", 8, whole(1, 64), "Range of the acceleration, g."),
    ),
    make=Polar,
    commands=_commands,
    battery_h=None,
    calibration="the device's own: mg and uV",
    services=(SERVICE, "180d"),
    name_prefixes=("Polar",),
)
