"""Thalmic Myo; fact sheet, section 7."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ....recording.model import Kind
from ..source import Sensed
from .model import (
    BATTERY_LEVEL,
    Encoded,
    Lane,
    Run,
    Said,
    Wire,
    little_endian,
    rows,
    scale,
)

COMMAND, IMU = (f"d506{short}-a904-deb9-4748-2c7f4a124842" for short in ("0401", "0402"))
EMG = tuple(
    f"d506{short}-a904-deb9-4748-2c7f4a124842" for short in ("0105", "0205", "0305", "0405")
)
UV_PER_COUNT = 4.0
"""Made up: nobody documents the scale."""

SHORT = (-(2**15), 2**15 - 1)
MODE, VIBRATE, SLEEP, NEVER_SLEEP = 1, 3, 4, 9


class MyoWire(Wire):
    """EMG on four characteristics in turn, two samples each, and the inertial unit."""

    link = "ble"
    notifies = frozenset({*EMG, IMU, BATTERY_LEVEL})
    accepts = frozenset({COMMAND})

    def __init__(self, _settings: Mapping[str, Any]) -> None:
        super().__init__()
        emg = Sensed("emg", "emg", 200.0, "uV", **scale(8, UV_PER_COUNT), limits=(-128, 127))

        def inertial(name: str, kind: Kind, unit: str, gain: float, count: int) -> Sensed:
            return Sensed(name, kind, 50.0, unit, **scale(count, gain), limits=SHORT)

        self.lanes = (
            Lane((emg,), 2),
            Lane(
                (
                    inertial("accel", "acc", "g", 1 / 2048, 3),
                    inertial("gyro", "gyro", "deg/s", 1 / 16, 3),
                    inertial("orientation", "other", "", 1 / 16384, 4),
                )
            ),
        )
        self.vibrations: list[tuple[float, int]] = []

    def encode(self, lane: Lane, run: Run, /) -> Encoded:
        """See `Wire.encode`."""
        if lane.name == "emg":
            data = little_endian(run.blocks["emg"].raw, 1).reshape(run.count, 16)
            return Encoded(rows(data), [EMG[frame % 4] for frame in run.frames])
        parts = [run.blocks[name].raw for name in ("orientation", "accel", "gyro")]
        return Encoded(rows(little_endian(np.concatenate(parts, axis=1), 2)), (IMU,))

    def write(self, data: bytes, channel: str, now_s: float, /) -> list[Said]:
        """See `Wire.write`."""
        if channel != COMMAND or len(data) < 2 or data[1] != len(data) - 2:
            return []
        if data[0] == MODE and len(data) == 5:
            for lane, on in (("emg", data[2] in (2, 3)), ("accel", data[3] != 0)):
                if not on:
                    self.running.discard(lane)
                elif lane not in self.running:
                    self.start(lane)
        elif data[0] == VIBRATE and len(data) == 3:
            self.vibrations.append((now_s, data[2]))
        elif data[0] == SLEEP:
            self.running.clear()
        return []
