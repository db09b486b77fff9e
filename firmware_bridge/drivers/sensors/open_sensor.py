"""Our own open protocol for builders: see ``docs/protocol.md``."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ... import open_protocol as protocol
from ...open_protocol import BadFrameError, CommandCode, EventCode, Frame, FrameType
from ..framing.cobs import Delimited, stuff, unstuff
from ..framing.holes import Holes
from ..framing.integers import int16, int24_le
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
from ..settings import Setting, choice

MOST_WAITING = 512
"""DATA frames kept until the device has said what they hold."""

OTHER_STREAMS = "the device now describes other streams; connect again"
"""Why an INFO frame is rejected after which only a fresh decoder can go on."""

EVENTS: dict[int, str] = {
    EventCode.BUTTON_DOWN: "button",
    EventCode.BUTTON_UP: "button_up",
    EventCode.LEADS_OFF: "leads_off",
    EventCode.LEADS_ON: "leads_on",
    EventCode.CHARGING: "charging",
    EventCode.BATTERY_LOW: "battery_low",
    EventCode.HAPTIC_DONE: "haptic_done",
}


class OpenSensor(Driver):
    """Frames over serial (stuffed) or BLE (one a notification) to samples.

    The device describes its streams: `streams` is empty until its INFO frame has come, and
    up to `MOST_WAITING` frames of samples wait for it.
    """

    def __init__(self, _settings: Mapping[str, Any]) -> None:
        self.streams = ()
        self.info: protocol.Info | None = None
        self._cutter = Delimited(protocol.LONGEST_FRAME + protocol.LONGEST_FRAME // 254 + 2)
        self._waiting: list[tuple[Frame, float]] = []
        self._tracks: dict[int, _Track] = {}
        self._boot: int | None = None
        self._leads: int | None = None

    @property
    def has_motor(self) -> bool:
        """See `Driver.has_motor`."""
        return self.info is None or bool(self.info.features & protocol.HAS_HAPTIC)

    def feed(self, packets: Sequence[Packet]) -> Decoded:
        """See `Driver.feed`."""
        out = _Collected()
        for piece, arrival_s in self._pieces(packets, out):
            try:
                self._take(protocol.unpack_frame(piece), arrival_s, out)
            except BadFrameError as error:
                out.rejected.append(Rejected(len(piece), str(error), arrival_s))
        return self._done(out)

    def finish(self) -> Decoded:
        """See `Driver.finish`."""
        out = _Collected()
        for frame, arrival_s in self._waiting:
            reason = "samples of a stream that was never described"
            out.rejected.append(Rejected(len(frame.payload), reason, arrival_s))
        return self._done(out)

    @property
    def waiting(self) -> int:
        """Frames of samples that wait for the description."""
        return len(self._waiting)

    def missing(self) -> tuple[tuple[int, int, int], ...]:
        """Return what to ask for again: stream, number of the first sample, how many."""
        return tuple(
            (number, start % (1 << 32), stop - start)
            for number, track in self._tracks.items()
            for start, stop in track.holes
        )

    def _pieces(
        self, packets: Sequence[Packet], out: _Collected
    ) -> Iterator[tuple[bytes, float]]:
        """Yield frames one by one, so that what is rejected stays in its order."""
        times = known([packet.arrival_s for packet in packets])
        for each, time in zip(packets, times, strict=True):
            packet = replace(each, arrival_s=float(time))
            if packet.channel:
                if packet.channel.lower() == protocol.FROM_DEVICE:
                    yield packet.data, packet.arrival_s
                continue
            for stuffed, arrival_s in self._cutter.feed((packet,)):
                if isinstance(stuffed, int):
                    out.rejected.append(Rejected(stuffed, "longer than any frame", arrival_s))
                elif (plain := unstuff(stuffed)) is None:
                    out.rejected.append(Rejected(len(stuffed), "damaged bytes", arrival_s))
                else:
                    yield plain, arrival_s

    def _take(self, frame: Frame, arrival_s: float, out: _Collected) -> None:
        boot = frame.flags & protocol.BOOT_MASK
        if self._boot is not None and boot != self._boot:
            self._begin_anew(arrival_s, out)
        self._boot = boot
        if frame.type == FrameType.DATA:
            self._data(frame, arrival_s, out)
        elif frame.type == FrameType.INFO:
            self._describe(protocol.unpack_info(frame.payload), arrival_s, out)
        elif frame.type == FrameType.STATUS:
            self._status(protocol.unpack_status(frame.payload), arrival_s, out)
        elif frame.type == FrameType.TIME:
            host_us, device_us = protocol.unpack_time(frame.payload)
            middle = (device_us + frame.t_us) / 2
            out.say("time", host_us / 1e6, arrival_s, self._seconds(middle))
        elif frame.type == FrameType.EVENT:
            code, value = protocol.unpack_event(frame.payload)
            kind = EVENTS.get(code, "status")
            out.say(kind, float(value), arrival_s, self._seconds(frame.t_us))

    def _data(self, frame: Frame, arrival_s: float, out: _Collected) -> None:
        track = self._tracks.get(frame.stream)
        if track is None and self.info is None and len(self._waiting) < MOST_WAITING:
            self._waiting.append((frame, arrival_s))
            return
        if track is None:
            raise BadFrameError(f"samples of stream {frame.stream}, which is not described")
        track.take(frame, arrival_s, out)

    def _describe(self, info: protocol.Info, arrival_s: float, out: _Collected) -> None:
        if self.info is None:
            self.info = info
            for each in info.streams:
                spec = _spec(each, {track.spec.name for track in self._tracks.values()})
                self._tracks[each.stream] = _Track(spec, each)
            self.streams = tuple(track.spec for track in self._tracks.values())
            waiting, self._waiting = self._waiting, []
            for frame, time in waiting:
                try:
                    self._data(frame, time, out)
                except BadFrameError as error:
                    out.rejected.append(Rejected(len(frame.payload), str(error), time))
            return
        if info.streams != self.info.streams:
            raise BadFrameError(OTHER_STREAMS)
        if info.boot != self.info.boot:
            if (info.boot ^ self.info.boot) & protocol.BOOT_MASK == 0:
                self._begin_anew(arrival_s, out)
            self.info = info

    def _begin_anew(self, arrival_s: float, out: _Collected) -> None:
        out.say("restart", math.nan, arrival_s, math.nan)
        for track in self._tracks.values():
            track.restart = True

    def _status(self, status: protocol.Status, arrival_s: float, out: _Collected) -> None:
        if status.battery_percent <= 100:
            out.say("battery", float(status.battery_percent), arrival_s, math.nan)
        if status.battery_mv:
            out.say("battery_volts", status.battery_mv / 1000.0, arrival_s, math.nan)
        if status.leads_off != (self._leads or 0):
            kind = "leads_off" if status.leads_off else "leads_on"
            out.say(kind, float(status.leads_off), arrival_s, math.nan)
        self._leads = status.leads_off

    def _seconds(self, t_us: float) -> float:
        shift = next((track.shift_s for track in self._tracks.values()), 0.0)
        return t_us / 1e6 + shift

    def _done(self, out: _Collected) -> Decoded:
        samples = tuple(track.samples() for track in self._tracks.values() if track.blocks)
        return Decoded(samples, tuple(out.gaps), tuple(out.rejected), tuple(out.events))


class _Collected:
    """What one call brings, but for the samples."""

    def __init__(self) -> None:
        self.gaps: list[Gap] = []
        self.rejected: list[Rejected] = []
        self.events: list[DeviceEvent] = []

    def say(self, kind: str, value: float, arrival_s: float, device_s: float) -> None:
        self.events.append(DeviceEvent(kind, value, device_s=device_s, arrival_s=arrival_s))


class _Track:
    """One stream on its way: numbers, holes, and blocks not yet turned into samples."""

    def __init__(self, spec: StreamSpec, info: protocol.StreamInfo) -> None:
        self.spec = spec
        self.holes = Holes()
        self.restart = False
        self.shift_s = 0.0
        self.blocks: list[tuple[int, float, int, float]] = []  # index, seconds, count, arrival
        self._payloads: list[bytes] = []
        self._width, self._channels = info.width, info.channels
        self._next: int | None = None  # sample number since boot
        self._offset = 0  # index minus number
        self._t_us = 0
        self._arrival = math.nan

    def take(self, frame: Frame, arrival_s: float, out: _Collected) -> None:
        count, rest = divmod(len(frame.payload), self._width * self._channels)
        if rest or not count:
            raise BadFrameError("no whole samples in the frame")
        resent = bool(frame.flags & protocol.RESENT)
        if self._next is None:
            if resent:
                raise BadFrameError("samples sent again that nobody asked for")
            self._next, self._offset = frame.seq, -frame.seq
        if not resent and frame.t_us < self._t_us:
            self.restart = True
        if self.restart and not resent:
            self._go_on(frame, count, arrival_s, out)
        step = (frame.seq - self._next + (1 << 31)) % (1 << 32) - (1 << 31)
        number = self._next + step
        if resent:
            if not self.holes.fill(number, number + count):
                raise BadFrameError("these samples are here already")
            index = number + self._offset
            out.gaps.append(Gap(self.spec.name, index, -count, -count, -count, "resent"))
        elif step < 0:
            raise BadFrameError("these samples are here already")
        else:
            if step:
                index = self._next + self._offset
                out.gaps.append(Gap(self.spec.name, index, step, step, step, "counter"))
                self.holes.open(self._next, number)
            self._next = number + count
            self._t_us, self._arrival = frame.t_us, arrival_s
        seconds = frame.t_us / 1e6 + self.shift_s
        self.blocks.append((number + self._offset, seconds, count, arrival_s))
        self._payloads.append(frame.payload)

    def _go_on(self, frame: Frame, count: int, arrival_s: float, out: _Collected) -> None:
        """Go on after the device began anew, by the host's clock where there is one."""
        self.restart = False
        self.holes.clear()
        rate = self.spec.rate_hz
        waited = arrival_s - self._arrival
        lost = max(0, round(waited * rate) - count) if math.isfinite(waited) else 0
        index = (self._next or 0) + self._offset
        out.gaps.append(Gap(self.spec.name, index, lost, 0, None, "restart"))
        self._offset = index + lost - frame.seq
        self._next = frame.seq
        last_s = self._t_us / 1e6 + self.shift_s
        self.shift_s = last_s + (lost + count) / rate - frame.t_us / 1e6

    def samples(self) -> Samples:
        first, seconds, counts, arrival = (
            np.array(part) for part in zip(*self.blocks, strict=True)
        )
        data = b"".join(self._payloads)
        self.blocks, self._payloads = [], []
        rows = np.frombuffer(data, np.uint8).reshape(-1, self._width * self._channels)
        if self._width == 3:
            raw = int24_le(rows)
        elif self._width == 2:
            raw = int16(rows, "<i2")
        else:
            raw = rows.view("<i4").astype(np.int32)
        starts = np.cumsum(counts) - counts
        within = np.arange(len(rows)) - np.repeat(starts, counts)
        return Samples(
            self.spec.name,
            raw,
            np.repeat(first, counts) + within,
            np.repeat(seconds, counts) + within / self.spec.rate_hz,
            np.repeat(arrival, counts),
        )


def _spec(info: protocol.StreamInfo, taken: set[str]) -> StreamSpec:
    name = re.sub(r"[^a-z0-9]+", "_", info.name.lower()).strip("_") or f"stream{info.stream}"
    if name in taken or name == "summary":
        name = f"{name}_{info.stream}"
    unit = re.sub(r"[^\w/%]", "", info.unit) or "count"
    axes = ("x", "y", "z") if info.kind in ("acc", "gyro") and info.channels == 3 else None
    labels = axes or tuple(f"ch{number}" for number in range(1, info.channels + 1))
    limit = 1 << (info.bits - 1)
    return StreamSpec(
        name,
        info.kind,
        tuple(f"{label}_{unit}" for label in labels),
        unit,
        info.rate_mhz / 1000.0,
        np.full(info.channels, float(info.gain)),
        np.zeros(info.channels),
        calibrated=info.calibrated,
        raw_limits=(-limit, limit - 1),
        device_clock=True,
    )


def _commands(settings: Mapping[str, Any]) -> Commands:
    ble = settings["link"] == "ble"

    def write(frame: bytes) -> Write:
        return Write(frame, protocol.TO_DEVICE) if ble else Write(stuff(frame))

    def ask(code: CommandCode) -> Write:
        return write(protocol.command(code))

    return Commands(
        start=(ask(CommandCode.INFO), ask(CommandCode.START)),
        stop=(ask(CommandCode.STOP),),
        notify=(protocol.FROM_DEVICE,) if ble else (),
        vibrate=lambda duration_ms, strength: (write(protocol.haptic(duration_ms, strength)),),
    )


DRIVER = DriverInfo(
    name="open-sensor",
    title="Builder's band with the open protocol",
    transport="both",
    wired_to_body=True,
    source="docs/protocol.md",
    settings=(
        Setting("link", "ble", choice("ble", "serial"), "How it is joined: ble or serial."),
    ),
    make=OpenSensor,
    commands=_commands,
    battery_h=None,
    calibration="as the device says in its INFO frame",
    services=(protocol.SERVICE,),
    name_prefixes=("Crampwatch",),
    baud=921600,
)
