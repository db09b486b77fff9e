"""Thalmic Myo: eight dry EMG channels and an inertial unit in an armband, over BLE."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ....recording.model import Kind
from ..framing.integers import int16
from ..framing.notifications import arrivals, battery_events, stack
from ..framing.unwrap import Items, Unwrapper
from ..model import Commands, Decoded, Driver, Packet, Rejected, Samples, StreamSpec, Write
from ..registry import DriverInfo

EMG_HZ, IMU_HZ = 200.0, 50.0
PER_PACKET = 2
IMU_DOUBT_S = 0.045
IMU_PARTS = {"accel": slice(4, 7), "gyro": slice(7, 10), "orientation": slice(0, 4)}
EMG_SIZE, IMU_SIZE = 16, 20
MEDIUM_MS, LONG_MS = 350, 700
"""Above these a vibration is of medium and of long type; myohw.h names no times."""


def _uuid(short: str) -> str:
    return f"d506{short}-a904-deb9-4748-2c7f4a124842"


COMMAND, IMU = _uuid("0401"), _uuid("0402")
EMG = tuple(_uuid(short) for short in ("0105", "0205", "0305", "0405"))
TURN = {uuid: number for number, uuid in enumerate(EMG)}


class Myo(Driver):
    """Notifications without counter or clock to samples.

    The four EMG characteristics come in turn, which counts losses modulo four packets;
    longer ones, and all of the inertial unit, are counted from arrival times.
    """

    def __init__(self, _settings: Mapping[str, Any]) -> None:
        names = tuple(f"ch{number}_counts" for number in range(1, 9))
        self.streams = (
            _stream("emg", "emg", names, "count", (1.0, 127)),
            _stream("accel", "acc", ("x_g", "y_g", "z_g"), "g", (1 / 2048, 32767)),
            _stream("gyro", "gyro", ("x_dps", "y_dps", "z_dps"), "deg/s", (1 / 16, 32767)),
            _stream("orientation", "other", ("w", "x", "y", "z"), "", (1 / 16384, 32767)),
        )
        round_of_four = PER_PACKET * len(EMG)
        self._emg = Unwrapper("emg", round_of_four, EMG_HZ)
        self._imu = Unwrapper("accel", 1, IMU_HZ, doubt_s=IMU_DOUBT_S)

    def feed(self, packets: Sequence[Packet]) -> Decoded:
        """See `Driver.feed`."""
        return self._decode(packets, final=False)

    def finish(self) -> Decoded:
        """See `Driver.finish`."""
        return self._decode((), final=True)

    def _decode(self, packets: Sequence[Packet], *, final: bool) -> Decoded:
        emg: list[Packet] = []
        imu: list[Packet] = []
        bad: list[Rejected] = []
        for packet in packets:
            channel, size = packet.channel.lower(), len(packet.data)
            if channel in TURN and size == EMG_SIZE:
                emg.append(packet)
            elif channel == IMU and size == IMU_SIZE:
                imu.append(packet)
            elif channel in TURN or channel == IMU:
                bad.append(Rejected(size, "wrong length", packet.arrival_s))
        rest = Decoded(rejected=tuple(bad), events=tuple(battery_events(packets)))
        parts = (self._decode_emg(emg, final=final), self._decode_imu(imu, final=final), rest)
        return Decoded.join(parts)

    def _decode_emg(self, packets: Sequence[Packet], *, final: bool) -> Decoded:
        turn = np.array([TURN[packet.channel.lower()] for packet in packets], np.int64)
        items = _items(packets, stack(packets, EMG_SIZE), turn * PER_PACKET, PER_PACKET)
        done = self._emg.push(items, final=final)
        if not len(done):
            return Decoded((), done.gaps)
        index = (done.first[:, None] + np.arange(PER_PACKET)).ravel()
        raw = done.items.rows.reshape(-1, 8).view(np.int8).astype(np.int32)
        arrival = np.repeat(done.items.arrival_s, PER_PACKET)
        samples = Samples("emg", raw, index, index / EMG_HZ, arrival)
        return Decoded((samples,), done.gaps)

    def _decode_imu(self, packets: Sequence[Packet], *, final: bool) -> Decoded:
        items = _items(packets, stack(packets, IMU_SIZE), np.arange(len(packets)), 1)
        done = self._imu.push(items, final=final)
        gaps = tuple(replace(gap, stream=name) for gap in done.gaps for name in IMU_PARTS)
        if not len(done):
            return Decoded((), gaps)
        values = int16(done.items.rows, "<i2")
        seconds = done.first / IMU_HZ
        samples = tuple(
            Samples(name, values[:, part], done.first, seconds, done.items.arrival_s)
            for name, part in IMU_PARTS.items()
        )
        return Decoded(samples, gaps)


def _stream(
    name: str, kind: Kind, columns: tuple[str, ...], unit: str, step: tuple[float, int]
) -> StreamSpec:
    emg = name == "emg"
    gain, limit = step
    return StreamSpec(
        name,
        kind,
        columns,
        unit,
        EMG_HZ if emg else IMU_HZ,
        np.full(len(columns), gain),
        np.zeros(len(columns)),
        calibrated=not emg,
        raw_limits=(-limit - 1, limit),
        counter_modulus=PER_PACKET * len(EMG) if emg else None,
    )


def _items(
    packets: Sequence[Packet],
    rows: NDArray[np.uint8],
    position: NDArray[np.int64],
    length: int,
) -> Items:
    count = len(packets)
    return Items(
        position,
        np.full(count, length, np.int64),
        arrivals(packets),
        np.zeros(count),
        np.zeros(count, np.bool_),
        rows,
    )


def _commands(_settings: Mapping[str, Any]) -> Commands:
    return Commands(
        start=(Write(b"\x09\x01\x01", COMMAND), Write(b"\x01\x03\x02\x01\x00", COMMAND)),
        stop=(Write(b"\x01\x03\x00\x00\x00", COMMAND),),
        notify=(*EMG, IMU),
        vibrate=_vibrate,
    )


def _vibrate(duration_ms: int, _strength: int) -> tuple[Write, ...]:
    """Return the command for one of its three lengths; it knows no strength."""
    kind = 1 + sum(duration_ms > limit for limit in (MEDIUM_MS, LONG_MS))
    return (Write(bytes((0x03, 0x01, kind)), COMMAND),)


DRIVER = DriverInfo(
    name="myo",
    title="Thalmic Myo armband",
    transport="ble",
    wired_to_body=False,
    source="thalmiclabs/myo-bluetooth myohw.h; PerlinWarp/pyomyo",
    settings=(),
    make=Myo,
    commands=_commands,
    battery_h=None,
    calibration="EMG in counts, no unit documented; inertial unit by myohw.h",
    services=(_uuid("0001"),),
    name_prefixes=("Myo",),
)
