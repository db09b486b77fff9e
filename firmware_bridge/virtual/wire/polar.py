"""Polar H10 by its measurement service; fact sheet, section 3."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any

from ..source import Sensed
from .model import BATTERY_LEVEL, Encoded, Lane, Run, Said, Wire, little_endian, scale

CONTROL = "fb005c81-02e7-f387-1cad-8acd2d8df0c8"
DATA = "fb005c82-02e7-f387-1cad-8acd2d8df0c8"
POWER_ON_NS = 599616000000000000
"""2019-01-01, where the clock begins after power off, in nanoseconds since 2000."""

HEAD = struct.Struct("<BQB")
ECG, ACC = 0, 2
READ, START, STOP = 1, 2, 3
ANSWER = 0xF0
DONE, BAD_OP, BAD_TYPE, BAD_LENGTH, BAD_VALUE, ALREADY, BAD_RATE = 0, 1, 2, 4, 5, 6, 8
RATE, RESOLUTION, RANGE = 0, 1, 2
BITS = {"accel": 16, "ecg": 14}
MOST_BODY = 222
"""Bytes of samples in a frame at the usual MTU of 232 or so."""


class PolarWire(Wire):
    """Frames stamped in nanoseconds at their last sample: acceleration in mg, ECG in uV."""

    link = "ble"
    notifies = frozenset({CONTROL, DATA, BATTERY_LEVEL})
    accepts = frozenset({CONTROL})

    def __init__(self, settings: Mapping[str, Any]) -> None:
        super().__init__()
        limit = 1000 * min(32, settings["acc_range"])
        accel = Sensed(
            "accel", "acc", settings["acc_fs"], "g", **scale(3, 0.001), limits=(-limit, limit)
        )
        ecg = Sensed(
            "ecg", "ecg", settings["ecg_fs"], "uV", **scale(1, 1.0), limits=(-8192, 8191)
        )
        self.lanes = (Lane((accel,), MOST_BODY // 6), Lane((ecg,), MOST_BODY // 3))

    def encode(self, lane: Lane, run: Run, /) -> Encoded:
        """See `Wire.encode`."""
        block = run.blocks[lane.name]
        kind, form, width = (ACC, 1, 2) if lane.name == "accel" else (ECG, 0, 3)
        body = little_endian(block.raw, width).reshape(run.count, -1).tobytes()
        size = len(body) // run.count
        boot_ns = round(run.boot_s * 1e9)
        frames = []
        for row in range(run.count):
            last = block.first + (row + 1) * lane.per_frame - 1
            stamp = POWER_ON_NS + round(last / lane.rate_hz * 1e9) - boot_ns
            frames.append(HEAD.pack(kind, stamp, form) + body[row * size : (row + 1) * size])
        return Encoded(frames, (DATA,))

    def write(self, data: bytes, channel: str, now_s: float, /) -> list[Said]:
        """See `Wire.write`."""
        if channel != CONTROL or len(data) < 2:
            return []
        op, kind = data[0], data[1] & 0x3F
        lane = {ACC: self.lanes[0], ECG: self.lanes[1]}.get(kind)
        status, more = (BAD_TYPE, b"") if lane is None else self._obey(op, lane, data[2:])
        answer = bytes([ANSWER, op, kind, status]) + (b"\0" + more if status == DONE else b"")
        return [Said(now_s, answer, CONTROL)]

    def _obey(self, op: int, lane: Lane, rest: bytes) -> tuple[int, bytes]:
        if op == READ:
            offered = ((RATE, round(lane.rate_hz)), (RESOLUTION, BITS[lane.name]))
            pairs = (struct.pack("<BBH", name, 1, value) for name, value in offered)
            return DONE, b"".join(pairs)
        if op == STOP:
            self.running.discard(lane.name)
            return DONE, b""
        return (self._start(lane, rest) if op == START else BAD_OP), b""

    def _start(self, lane: Lane, rest: bytes) -> int:
        if len(rest) % 4:
            return BAD_LENGTH
        settings = list(struct.iter_unpack("<BBH", rest))
        if any(count != 1 for _name, count, _value in settings):
            return BAD_VALUE
        asked = {name: value for name, _count, value in settings}
        if asked.get(RATE) != round(lane.rate_hz):
            return BAD_RATE
        if lane.name in self.running:
            return ALREADY
        if lane.name == "accel" and RANGE in asked:
            lane.streams[0].limits = (-1000 * asked[RANGE], 1000 * asked[RANGE])
        self.start(lane.name)
        return DONE
