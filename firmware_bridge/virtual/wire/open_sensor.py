"""A builder's band with the open protocol; ``docs/protocol.md``."""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np

from ....recording.model import Kind
from ... import open_protocol as protocol
from ...drivers.framing.cobs import Delimited, stuff, unstuff
from ...open_protocol import BadFrameError, CommandCode, EventCode, Frame, FrameType
from ..source import Sensed
from .model import BATTERY_LEVEL, Encoded, Lane, Run, Said, Wire, little_endian, scale

EXG_STEP_UV = 2.42e6 / (2**23 - 1) / 6
"""ADS1292R at gain 6, as in the reference sketch."""

G_PER_COUNT = 1 / 8192
INFO_S, STATUS_S = 10.0, 5.0
RING_S = 900
AGAIN_HZ = 400.0
"""Frames sent again in a second, between new ones."""

FULL_MV, EMPTY_MV = 4150.0, 3400.0
WIDTHS = {"exg": 3, "accel": 2}
BITS = {"exg": 24, "accel": 16}
KINDS: dict[str, Kind] = {"exg": "emg", "accel": "acc"}
FEATURES = protocol.HAS_HAPTIC | protocol.HAS_BUTTON | protocol.HAS_LEADS_OFF


class OpenSensorWire(Wire):
    """Frames with exact numbers, kept in a ring of fifteen minutes to be sent again.

    As the reference sketch, it serves one request to send again at a time: a new one takes
    the place of the last.

    Parameters
    ----------
    link
        ``ble`` or ``serial``.
    exg_hz, accel_hz
        Sampling rates, Hz.
    exg_per_frame, accel_per_frame
        Samples in a frame.
    seed
        Of the boot ids.
    """

    notifies = frozenset({protocol.FROM_DEVICE, BATTERY_LEVEL})
    accepts = frozenset({protocol.TO_DEVICE})
    keeps = True

    def __init__(
        self,
        link: Literal["ble", "serial"] = "ble",
        *,
        exg_hz: float = 500.0,
        accel_hz: float = 50.0,
        exg_per_frame: int = 25,
        accel_per_frame: int = 5,
        seed: int = 0,
    ) -> None:
        super().__init__()
        self.link = link
        exg = Sensed(
            "exg", "emg", exg_hz, "uV", **scale(2, EXG_STEP_UV), limits=(-(2**23), 2**23 - 1)
        )
        accel = Sensed(
            "accel", "acc", accel_hz, "g", **scale(3, G_PER_COUNT), limits=(-(2**15), 2**15 - 1)
        )
        self.lanes = (Lane((exg,), exg_per_frame), Lane((accel,), accel_per_frame))
        self.leads_off = 0
        self.dropped = 0
        self.haptics: list[tuple[float, int, int]] = []
        self._ids = np.random.default_rng([seed, 0xB007])
        self._boot_id = int(self._ids.integers(1 << 32))
        self._begin(0.0)

    def boot(self, now_s: float, /) -> list[Said]:
        """See `Wire.boot`."""
        super().boot(now_s)
        while True:
            drawn = int(self._ids.integers(1 << 32))
            # the frames carry four bits of it
            if (drawn ^ self._boot_id) & protocol.BOOT_MASK:
                break
        self._boot_id = drawn
        self._begin(now_s)
        return []

    def encode(self, lane: Lane, run: Run, /) -> Encoded:
        """See `Wire.encode`."""
        block = run.blocks[lane.name]
        number = self._number(lane.name)
        width, flags = WIDTHS[lane.name], self._flags()
        if self.leads_off and lane.name == "exg":
            flags |= protocol.LEADS_OFF
        body = little_endian(block.raw, width).reshape(run.count, -1).tobytes()
        size = len(body) // run.count
        out = []
        for row in range(run.count):
            seq = lane.first(run.frame + row)
            seconds = (block.first + row * lane.per_frame) / lane.rate_hz - run.boot_s
            payload = body[row * size : (row + 1) * size]
            packed = Frame(
                FrameType.DATA, number, flags, seq % (1 << 32), round(seconds * 1e6), payload
            ).pack()
            self._ring[number].append((seq, lane.per_frame, packed))
            out.append(self._dressed(packed))
        room = round(RING_S * lane.rate_hz / lane.per_frame)
        while len(self._ring[number]) > room:
            self._ring[number].popleft()
        return Encoded(out, (self._channel,))

    def write(self, data: bytes, channel: str, now_s: float, /) -> list[Said]:
        """See `Wire.write`."""
        if self.link == "ble":
            pieces = [data] if channel == protocol.TO_DEVICE else []
        else:
            from ...drivers.model import Packet

            stuffed = (piece for piece, _time in self._cutter.feed((Packet(data),)))
            plain = (unstuff(piece) for piece in stuffed if isinstance(piece, bytes))
            pieces = [piece for piece in plain if piece is not None]
        said: list[Said] = []
        for piece in pieces:
            try:
                frame = protocol.unpack_frame(piece)
            except BadFrameError:
                continue
            if frame.type == FrameType.COMMAND and frame.payload:
                said += self._obey(frame.payload[0], frame.payload[1:], now_s)
        return said

    def says(self, since_s: float, until_s: float, /) -> list[Said]:
        """See `Wire.says`."""
        said = []
        while self._haptic_ends and self._haptic_ends[0] <= until_s:
            said.append(self._event(self._haptic_ends.popleft(), EventCode.HAPTIC_DONE, 0))
        if not self.running:
            return said
        for period, make in ((INFO_S, self._info), (STATUS_S, self._status)):
            first = np.floor((since_s - self._boot_s) / period) + 1
            last = np.floor((until_s - self._boot_s) / period)
            said += [
                make(self._boot_s + number * period)
                for number in range(int(max(first, 1)), int(last) + 1)
            ]
        return said + self._again(since_s, until_s)

    def press(self, now_s: float, *, down: bool) -> Said:
        """Return what a press of the button, or its end, sends."""
        code = EventCode.BUTTON_DOWN if down else EventCode.BUTTON_UP
        return self._event(now_s, code, 0)

    def lose_leads(self, now_s: float, electrodes: int) -> Said:
        """Return what electrodes that come off send, one bit each; 0 for all on again."""
        self.leads_off = electrodes
        code = EventCode.LEADS_OFF if electrodes else EventCode.LEADS_ON
        return self._event(now_s, code, electrodes)

    def _begin(self, now_s: float) -> None:
        self._boot_s = now_s
        self._sequence: dict[int, int] = {}
        self._ring: tuple[deque[tuple[int, int, bytes]], ...] = (deque(), deque())
        self._wanted: deque[tuple[str, int, int, bytes]] = deque()
        self._next_again_s = now_s
        self._haptic_ends: deque[float] = deque()
        self._cutter = Delimited(protocol.LONGEST_FRAME + 8)

    @property
    def _channel(self) -> str:
        return protocol.FROM_DEVICE if self.link == "ble" else ""

    def _number(self, name: str) -> int:
        return next(place for place, lane in enumerate(self.lanes) if lane.name == name)

    def _flags(self) -> int:
        return self._boot_id & protocol.BOOT_MASK

    def _dressed(self, packed: bytes) -> bytes:
        return packed if self.link == "ble" else stuff(packed)

    def _message(self, at_s: float, kind: FrameType, payload: bytes) -> Said:
        seq = self._sequence.get(kind, 0)
        self._sequence[kind] = seq + 1
        t_us = max(0, round((at_s - self._boot_s) * 1e6))
        packed = Frame(kind, 0, self._flags(), seq, t_us, payload).pack()
        return Said(at_s, self._dressed(packed), self._channel)

    def _event(self, at_s: float, code: EventCode, value: int) -> Said:
        return self._message(at_s, FrameType.EVENT, protocol.pack_event(code, value))

    def _info(self, at_s: float) -> Said:
        features = FEATURES | (protocol.IS_WIRED if self.link == "serial" else 0)
        streams = tuple(
            protocol.StreamInfo(
                number,
                KINDS[lane.name],
                WIDTHS[lane.name],
                lane.streams[0].channels,
                round(lane.rate_hz * 1000),
                float(lane.streams[0].gain[0]),
                BITS[lane.name],
                calibrated=True,
                unit=lane.streams[0].unit,
                name=lane.name,
            )
            for number, lane in enumerate(self.lanes)
        )
        info = protocol.Info(self._boot_id, 0, RING_S, features, "Simulated band", streams)
        return self._message(at_s, FrameType.INFO, info.pack())

    def _status(self, at_s: float) -> Said:
        percent = 100.0 if self.battery_percent is None else self.battery_percent
        millivolts = round(EMPTY_MV + (FULL_MV - EMPTY_MV) * percent / 100.0)
        lane = self.lanes[0]
        held = len(self._ring[0]) * lane.per_frame / lane.rate_hz
        status = protocol.Status(
            self._boot_id, millivolts, round(percent), self.leads_off, int(held), self.dropped
        )
        return self._message(at_s, FrameType.STATUS, status.pack())

    def _obey(self, code: int, rest: bytes, now_s: float) -> list[Said]:
        if code == CommandCode.INFO:
            return [self._info(now_s)]
        if code == CommandCode.START:
            self.running = {lane.name for lane in self.lanes}
            return [self._info(now_s), self._status(now_s)]
        if code == CommandCode.STOP:
            self.running.clear()
        elif code == CommandCode.TIME and len(rest) >= 8:
            host_us = struct.unpack_from("<Q", rest)[0]
            device_us = max(0, round((now_s - self._boot_s) * 1e6))
            payload = protocol.pack_time(host_us, device_us)
            return [self._message(now_s, FrameType.TIME, payload)]
        elif code == CommandCode.RESEND and len(rest) >= 9 and rest[0] < len(self.lanes):
            self._want(struct.unpack_from("<BII", rest), now_s)
        elif code == CommandCode.HAPTIC and len(rest) >= 3:
            duration_ms, strength = struct.unpack_from("<HB", rest)
            self.haptics.append((now_s, duration_ms, strength))
            self._haptic_ends.append(now_s + duration_ms / 1000.0)
        return []

    def _want(self, wanted: tuple[int, int, int], now_s: float) -> None:
        stream, first, count = wanted
        name = self.lanes[stream].name
        self._wanted = deque(
            (name, seq, size, packed)
            for seq, size, packed in self._ring[stream]
            if first <= seq and seq + size <= first + count
        )
        self._next_again_s = now_s

    def _again(self, since_s: float, until_s: float) -> list[Said]:
        said = []
        self._next_again_s = max(self._next_again_s, since_s)
        while self._wanted and self._next_again_s <= until_s:
            name, seq, size, packed = self._wanted.popleft()
            said.append(
                Said(
                    self._next_again_s,
                    self._dressed(_marked(packed)),
                    self._channel,
                    (name, seq, size),
                )
            )
            self._next_again_s += 1.0 / AGAIN_HZ
        return said


def from_settings(settings: Mapping[str, Any], seed: int) -> OpenSensorWire:
    """Return a band joined as the driver's settings say."""
    return OpenSensorWire(settings["link"], seed=seed)


def _marked(packed: bytes) -> bytes:
    frame = protocol.unpack_frame(packed)
    return Frame(
        frame.type,
        frame.stream,
        frame.flags | protocol.RESENT,
        frame.seq,
        frame.t_us,
        frame.payload,
    ).pack()
