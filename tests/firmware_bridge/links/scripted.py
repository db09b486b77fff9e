"""Transports that do what a script says, one script for each connection."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import encoders
import numpy as np
from fast_time import LoopClock

from crampwatch.firmware_bridge.drivers import Decoded, Packet, find_driver
from crampwatch.firmware_bridge.links import Link, LinkChange, LinkPolicy, LinkState
from crampwatch.firmware_bridge.transports import Fault, Transport, TransportError


@dataclass(frozen=True)
class Script:
    """How one connection goes; times count from when it was opened."""

    open_s: float = 0.2
    open_error: Exception | None = None
    quiet: tuple[float, float] = (math.inf, math.inf)
    rubbish: tuple[float, float] = (math.inf, math.inf)
    lost_s: float = math.inf
    lost_error: Exception = field(
        default_factory=lambda: TransportError(Fault.LOST, "the connection broke")
    )
    write_s: float = 0.0
    write_error: Exception | None = None
    close_s: float = 0.0


WELL = Script()
HANGS = 1e9
POLL_S = 0.08


class Sensor(Protocol):
    """The other end of the wire, whether or not somebody is connected."""

    channel: str

    def heard(self, data: bytes, now_s: float) -> None: ...

    def says(self, now_s: float) -> list[bytes]: ...


class World:
    """A sensor, and the scripts of the connections to it; the last script stays."""

    def __init__(self, sensor: Sensor, scripts: Sequence[Script] = (WELL,)) -> None:
        self.sensor = sensor
        self.clock = LoopClock()
        self.scripts = list(scripts)
        self.written: list[bytes] = []
        self.transports: list[ScriptedTransport] = []
        self.misused: list[str] = []

    def connect(self) -> ScriptedTransport:
        script = self.scripts.pop(0) if len(self.scripts) > 1 else self.scripts[0]
        transport = ScriptedTransport(self, script)
        self.transports.append(transport)
        return transport

    @property
    def well_used(self) -> bool:
        """Whether every transport was opened once, alone, and closed."""
        return not self.misused and all(each.closed for each in self.transports)


class ScriptedTransport(Transport):
    """Needs no task of its own: what was due is made when it is asked for."""

    def __init__(self, world: World, script: Script) -> None:
        self.address = "scripted"
        self.touched = self.closed = False
        self._world = world
        self.script = script
        self._opened_s = math.nan

    async def open(self, notify: Sequence[str] = ()) -> None:
        others = (each for each in self._world.transports if each is not self)
        if self.touched or any(each.touched and not each.closed for each in others):
            self._world.misused.append(f"open {notify}: opened twice, or two at once")
        self.touched = True
        await asyncio.sleep(self.script.open_s)
        if self.script.open_error is not None:
            raise self.script.open_error
        self._opened_s = self._now()
        self._world.sensor.says(self._opened_s)

    async def write(self, data: bytes, channel: str = "") -> None:
        if channel != self._world.sensor.channel:
            self._world.misused.append(f"written to {channel!r}")
        await asyncio.sleep(self.script.write_s)
        self._raise_where_lost()
        if self.script.write_error is not None:
            raise self.script.write_error
        self._world.written.append(data)
        self._world.sensor.heard(data, self._now())

    async def receive(self) -> list[Packet]:
        while True:
            packets = self._due()
            if packets:
                return packets
            self._raise_where_lost()
            await asyncio.sleep(POLL_S)

    async def close(self) -> None:
        try:
            await asyncio.sleep(self.script.close_s)
        finally:
            self.closed = True

    def _now(self) -> float:
        return self._world.clock.monotonic()

    def _within(self, span: tuple[float, float]) -> bool:
        return span[0] <= self._now() - self._opened_s < span[1]

    def _raise_where_lost(self) -> None:
        if self._now() - self._opened_s >= self.script.lost_s:
            raise self.script.lost_error

    def _due(self) -> list[Packet]:
        if self._now() - self._opened_s >= self.script.lost_s:
            return []
        said = self._world.sensor.says(self._now())
        if self._within(self.script.quiet):
            return []
        if self._within(self.script.rubbish):
            said = [np.random.default_rng(len(s)).bytes(max(1, len(s))) for s in said]
        channel = FROM.get(self._world.sensor.channel, self._world.sensor.channel)
        return [Packet(data, self._now(), channel) for data in said]


FROM: dict[str, str] = {}
"""Characteristic that notifies, by the one that is written."""


class Chords:
    """Upside Down Labs board on a cable: streams from START to STOP, counts in a byte."""

    channel = ""
    rate_hz = 50.0

    def __init__(self) -> None:
        self.streaming = False
        self._sent = 0

    def heard(self, data: bytes, now_s: float) -> None:
        if data == b"WHORU\n":
            self.streaming = False
        elif data == b"START\n":
            self.streaming, self._sent = True, self._number(now_s)
        elif data == b"STOP\n":
            self.streaming = False

    def says(self, now_s: float) -> list[bytes]:
        first, self._sent = self._sent, self._number(now_s)
        if not self.streaming or first == self._sent:
            return []
        return [
            b"".join(
                encoders.chords_serial(i, [i % 1024] * 6) for i in range(first, self._sent)
            )
        ]

    def _number(self, now_s: float) -> int:
        return int(now_s * self.rate_hz)


class Notes:
    """A sink that remembers."""

    def __init__(self) -> None:
        self.changes: list[LinkChange] = []
        self.decoded: list[Decoded] = []
        self.packets: list[Packet] = []
        self.trips: list[object] = []
        self._waiting: list[tuple[LinkState, asyncio.Event]] = []

    def took(self, _link: Link, packets: Sequence[Packet], decoded: Decoded) -> None:
        self.packets += packets
        self.decoded.append(decoded)

    def changed(self, _link: Link, change: LinkChange) -> None:
        self.changes.append(change)
        for state, event in self._waiting:
            if state is change.state:
                event.set()

    def round_trip(self, _link: Link, trip: object) -> None:
        self.trips.append(trip)

    async def next(self, state: LinkState) -> LinkChange:
        """Wait for the next transition into this state."""
        event = asyncio.Event()
        self._waiting.append((state, event))
        await event.wait()
        return next(each for each in reversed(self.changes) if each.state is state)

    @property
    def states(self) -> list[LinkState]:
        return [each.state for each in self.changes]

    @property
    def news(self) -> list[str]:
        return [each.reason for each in self.changes if each.news]

    def count(self, stream: str = "exg") -> int:
        return sum(
            len(run) for part in self.decoded for run in part.samples if run.stream == stream
        )

    def index(self, stream: str = "exg") -> np.ndarray:
        runs = [
            run.index for part in self.decoded for run in part.samples if run.stream == stream
        ]
        return np.concatenate(runs) if runs else np.empty(0, np.int64)

    def lost(self, stream: str = "exg") -> int:
        return sum(
            gap.lost for part in self.decoded for gap in part.gaps if gap.stream == stream
        )


def make_link(
    world: World,
    notes: Notes,
    driver: str = "chords-serial",
    *,
    policy: LinkPolicy | None = None,
    search: Callable[[], Awaitable[object]] | None = None,
    **settings: str,
) -> Link:
    if driver == "chords-serial":
        settings.setdefault("fs", f"{Chords.rate_hz}")
    return Link(
        driver,
        find_driver(driver),
        settings,
        world.connect,
        notes,
        clock=world.clock,
        policy=policy,
        search=search,
    )


async def run_for(link: Link, seconds: float) -> None:
    """Run a link for a while, then stop it."""
    running = asyncio.create_task(link.run())
    await asyncio.sleep(seconds)
    await link.stop()
    await running


def failing(fault: Fault, words: str = "", **more: object) -> Script:
    error = TransportError(fault, words or f"it is {fault.value}")
    return replace(Script(open_error=error), **more)
