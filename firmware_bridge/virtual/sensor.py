"""A sensor made of software: it samples, sends, answers, and fails as it is told to."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...recording.errors import CrampwatchError
from ..host_clock import HostClock
from ..transports.transport import Fault, TransportError
from .connection import Connection
from .faults import Faults
from .sending import Outgoing, Sender
from .source import SampleSource
from .track import Track
from .truth import Fate, Truth
from .wire import wire_for
from .wire.model import BATTERY_LEVEL, Said, Wire

MOST_FRAMES = 1024
"""Frames made at a time, so that a long absence costs time and not memory."""

BATTERY_EVERY_S = 60.0
BOOT_S = 2.0
"""Over BLE, time out of reach while a sensor starts again."""


def virtual_sensor(
    driver: str,
    source: SampleSource,
    faults: Faults | None = None,
    *,
    clock: HostClock,
    seed: int = 0,
    settings: Mapping[str, str] | None = None,
    speed: float = 1.0,
) -> VirtualSensor:
    """Return a sensor that a driver reads.

    Parameters
    ----------
    driver
        Name of the driver.
    source
        What it measures.
    faults
        What goes wrong.
    clock
        The host's clocks; the sensor is switched on now.
    seed
        Same seed, same faults.
    settings
        Settings of the driver, so that both agree.
    speed
        How much faster than real time it lives: see `VirtualSensor.line`.

    Raises
    ------
    CrampwatchError
        There is no such driver, or a setting or the speed is wrong.
    """
    wire = wire_for(driver, settings, seed)
    return VirtualSensor(driver, wire, source, faults, clock=clock, seed=seed, speed=speed)


class VirtualSensor:
    """A sensor that goes on sampling while nobody is connected.

    It has no task of its own: it catches up whenever it is asked for something. It outlives
    its connections, of which there is at most one at a time.

    Parameters
    ----------
    name
        For messages.
    wire
        Its firmware.
    source, faults, clock, seed, speed
        As in `virtual_sensor`.

    Attributes
    ----------
    truth
        What became of every sample.
    source
        What it measures.
    born_s
        Host's monotonic clock when sample 0 of each stream was taken.
    """

    def __init__(
        self,
        name: str,
        wire: Wire,
        source: SampleSource,
        faults: Faults | None = None,
        *,
        clock: HostClock,
        seed: int = 0,
        speed: float = 1.0,
    ) -> None:
        if not 1e-3 <= speed <= 1e6:
            raise CrampwatchError(f"speed {speed:g} must lie between 0.001 and 1000000")
        self.name, self.wire, self.faults = name, wire, faults or Faults()
        self.truth = Truth()
        self.source = source
        self.speed = speed
        self.born_s = clock.monotonic()
        self._clock = clock
        self._rate = 1.0 + self.faults.drift_ppm * 1e-6
        self._tracks = tuple(Track(lane, source, self.truth) for lane in wire.lanes)
        self._now_s = self.born_s
        self._boot_s = 0.0
        self._connection: Connection | None = None
        self._back_s = -math.inf
        breaks, resets, *others = np.random.SeedSequence(seed).spawn(5 + 2 * len(wire.lanes))
        self._breaks, self._resets = (
            np.random.default_rng(breaks),
            np.random.default_rng(resets),
        )
        self._sender = Sender(
            wire,
            self._tracks,
            self.faults,
            self.truth,
            born_s=self.born_s,
            rate=self._rate,
            seeds=others,
        )
        self._reset_at = self._after(self.born_s, self.faults.reset_s, self._resets)
        self._battery_at = math.inf
        wire.battery_percent = self.faults.battery_percent

    @property
    def ended(self) -> bool:
        """Whether the source has come to its end."""
        return any(track.ended for track in self._tracks)

    def now(self) -> float:
        """Return the present on the line of `line`."""
        return self.line(self._clock.monotonic())

    def line(self, monotonic_s: float) -> float:
        """Return the time that stamps carry at a time of the host's monotonic clock.

        At speed 1 that is the same. A sensor that lives faster stamps what arrives as if the
        host had waited in real time: from `born_s` on, one second of the host's clock counts
        `speed` seconds, so that differences of stamps are seconds of the night.
        """
        return self.born_s + (monotonic_s - self.born_s) * self.speed

    def time_of(self, stream: str, number: NDArray[Any] | int) -> NDArray[np.float64]:
        """Return when samples of a stream were truly taken, on the line of `line`.

        `number` counts from 0, the first sample since the sensor was made.
        """
        for track in self._tracks:
            rates = {each.name: each.rate_hz for each in track.lane.streams}
            rates |= {each.stream.name: each.stream.rate_hz for each in track.lane.riders}
            if stream in rates:
                device_s = np.asarray(number, np.float64) / rates[stream]
                return np.asarray(self.born_s + device_s / self._rate)
        raise KeyError(stream)

    def device_time(self, now_s: float) -> float:
        """Return the sensor's clock since it was made, at a time on the line of `line`."""
        return (now_s - self.born_s) * self._rate

    def say(self, make: Callable[[float], Said]) -> None:
        """Let the sensor say something now, as a press of its button."""
        self.advance()
        self._send_said([make(self.device_time(self._now_s))])

    def connect(self, notify: Sequence[str]) -> Connection:
        """Return a new connection.

        Raises
        ------
        TransportError
            The sensor is out of reach, taken, has no such characteristic, or has ended.
        """
        self.advance()
        self._check_reach(notify)
        wanted = frozenset(uuid.lower() for uuid in notify)
        now = self._now_s
        connection = Connection(
            wanted,
            ends_s=self._after(now, self.faults.disconnect_s, self._breaks),
            silent_s=now if self.faults.never else now + self.faults.silent_s,
        )
        self.truth.connections += 1
        self._connection = connection
        self._battery_at = now if BATTERY_LEVEL in wanted else math.inf
        self._send_said(self.wire.joined(self.device_time(now)))
        self._begin_counters("not streaming")
        return connection

    def leave(self, connection: Connection) -> None:
        """End a connection from the host's side."""
        self.advance()
        connection.cut(-math.inf, "not connected")
        if self._connection is connection:
            self._connection = None

    def write(self, connection: Connection, data: bytes, channel: str) -> None:
        """Take what the host wrote.

        Raises
        ------
        TransportError
            The connection is gone, or has no such characteristic.
        """
        self.advance()
        if connection.ended is not None:
            raise connection.ended
        if self.wire.link == "ble" and channel.lower() not in self.wire.accepts:
            raise TransportError(
                Fault.FOREIGN,
                f"sim:{self.name} has no characteristic {channel or '(none)'} to write to;"
                " is it the sensor that the driver is for?",
            )
        if not self.faults.never:
            due = self._now_s + self.faults.latency_s
            connection.commands.append((due, bytes(data), channel.lower()))

    def advance(self) -> None:
        """Catch up with the present."""
        until = max(self._now_s, self.now())
        while True:
            at, act = self._next_event(until)
            self._sample(at)
            self._now_s = at
            if act is None:
                return
            act()

    def _check_reach(self, notify: Sequence[str]) -> None:
        if self._connection is not None:
            raise TransportError(Fault.BUSY, f"sim:{self.name} is connected already; stop that")
        if self.ended:
            raise TransportError(Fault.ENDED, f"sim:{self.name}: the night has ended")
        if self._now_s < self._back_s:
            where = "out of range" if self.wire.link == "ble" else "unplugged"
            raise TransportError(Fault.NOT_FOUND, f"sim:{self.name} is {where} for now")
        unknown = [uuid for uuid in notify if uuid.lower() not in self.wire.notifies]
        if self.wire.link == "ble" and unknown:
            raise TransportError(
                Fault.FOREIGN,
                f"sim:{self.name} has no characteristic {unknown[0]}; is it the sensor that"
                " the driver is for?",
            )

    def _next_event(self, until: float) -> tuple[float, Callable[[], None] | None]:
        """Return what happens first, and when."""
        events: list[tuple[float, Callable[[], None]]] = [(self._reset_at, self._reset)]
        connection = self._connection
        if connection is not None:
            if connection.commands:
                events.append((connection.commands[0][0], self._obey))
            events.append((connection.ends_s, self._break))
            if not connection.silent:
                events.append((connection.silent_s, self._fall_silent))
        at, act = min(events, key=lambda event: event[0])
        return (max(at, self._now_s), act) if at <= until else (until, None)

    def _obey(self) -> None:
        connection = self._connection
        if connection is None:
            return
        _due, data, channel = connection.commands.popleft()
        said = self.wire.write(data, channel, self.device_time(self._now_s))
        self._begin_counters("not streaming")
        self._send_said(said)

    def _break(self) -> None:
        connection = self._connection
        if connection is None:
            return
        self.truth.disconnects += 1
        outage = self.faults.outage_s
        away = float(self._breaks.exponential(outage)) if outage else 0.0
        self._cut_off(connection, "disconnect", away)

    def _cut_off(self, connection: Connection, reason: Fate, away_s: float) -> None:
        connection.cut(self._now_s, reason)
        connection.ended = TransportError(
            Fault.LOST, f"the connection to sim:{self.name} broke, as it was asked to"
        )
        self._connection = None
        self._back_s = self._now_s + away_s

    def _fall_silent(self) -> None:
        if self._connection is not None:
            self._connection.silent = True

    def _reset(self) -> None:
        self._reset_at = self._after(self._now_s, self.faults.reset_s, self._resets)
        self.truth.resets += 1
        self._boot_s = self.device_time(self._now_s)
        said = self.wire.boot(self._boot_s)
        self._begin_counters("reset")
        connection = self._connection
        if self.wire.link == "serial":
            self._send_said(said)
        elif connection is not None:
            self._cut_off(connection, "reset", BOOT_S)
        else:
            self._back_s = max(self._back_s, self._now_s + BOOT_S)

    def _begin_counters(self, reason: Fate) -> None:
        device_s = self.device_time(self._now_s)
        for track in self._tracks:
            if track.lane.name in self.wire.fresh:
                track.begin_anew(device_s, reason)
        self.wire.fresh.clear()

    def _sample(self, until: float) -> None:
        """Make the frames that are complete by then."""
        device_s = self.device_time(until)
        since_s = self.device_time(self._now_s)
        made: list[Outgoing] = []
        connection = self._connection
        for track in self._tracks:
            while count := min(track.due(device_s), MOST_FRAMES):
                made += self._sender.frames(track, count, connection, self._boot_s)
        if connection is None or connection.silent:
            return
        made += self._sender.others(self.wire.says(since_s, device_s), connection)
        made += self._battery(until)
        made.sort(key=attrgetter("made_s"))
        self._sender.put(connection, made)

    def _battery(self, until: float) -> Iterator[Outgoing]:
        while self._battery_at <= until:
            known = self.faults.battery_percent
            data = bytes([100 if known is None else round(known)])
            yield Outgoing(self._battery_at, self._battery_at, data, BATTERY_LEVEL)
            self._battery_at += BATTERY_EVERY_S

    def _send_said(self, said: Sequence[Said]) -> None:
        connection = self._connection
        if connection is not None and not connection.silent:
            self._sender.put(connection, list(self._sender.others(said, connection)))

    def _after(self, now_s: float, mean_s: float, rng: np.random.Generator) -> float:
        return now_s + float(rng.exponential(mean_s)) if math.isfinite(mean_s) else math.inf
