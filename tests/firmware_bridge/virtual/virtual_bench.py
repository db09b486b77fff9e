"""A virtual sensor on a table: its host's clock is turned by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from streams import joined

from crampwatch.firmware_bridge.drivers import Decoded, Driver, Packet, find_driver
from crampwatch.firmware_bridge.host_clock import HostClock
from crampwatch.firmware_bridge.virtual import Faults, VirtualSensor
from crampwatch.firmware_bridge.virtual.connection import Connection
from crampwatch.firmware_bridge.virtual.wire import wire_for

DRIVERS = (
    ("bitalino", {}),
    ("bitalino", {"channels": "2,5", "fs": "100", "quantity": "emg"}),
    ("chords-ble", {}),
    ("chords-ble", {"fs": "250", "channels": "1"}),
    ("chords-serial", {}),
    ("chords-serial", {"channels": "3", "fs": "500", "bits": "12"}),
    ("cyton", {}),
    ("ganglion", {}),
    ("ganglion", {"firmware": "2"}),
    ("myo", {}),
    ("open-sensor", {}),
    ("open-sensor", {"link": "serial"}),
    ("polar", {}),
    ("shimmer3", {}),
    ("shimmer3", {"channels": "0a,1d,1e,1f,00,01,02,20,21,22,03"}),
    ("shimmer3", {"channels": "04,05,06,23,24", "fs": "128"}),
)


def named(case):
    name, settings = case
    return "-".join([name, *settings.values()])[:40]


class HandClock(HostClock):
    def __init__(self, now_s: float = 1000.0) -> None:
        self.now_s = now_s

    def monotonic(self) -> float:
        return self.now_s

    def awake_or_not(self) -> float:
        return self.now_s

    def wall(self) -> float:
        return 1.7e9 + self.now_s


class Counts:
    """Gives what makes the converter give these numbers; they go round."""

    def __init__(self, raw: Mapping[str, np.ndarray], pieces: Iterable[int] = (37,)) -> None:
        self.raw, self.pieces = raw, tuple(pieces)

    def chunks(self, stream):
        physical = to_physical(stream, self.raw[stream.name])
        at, turn = 0, 0
        while True:
            size = self.pieces[turn % len(self.pieces)]
            yield np.take(physical, range(at, at + size), axis=0, mode="wrap")
            at, turn = at + size, turn + 1

    def at(self, name: str, numbers: np.ndarray) -> np.ndarray:
        return self.raw[name][numbers % len(self.raw[name])]


def to_physical(stream, raw):
    values = raw * stream.gain + stream.offset
    if stream.turn is None:
        return values
    return np.linalg.solve(stream.turn, values.T).T


def streams_of(wire):
    for lane in wire.lanes:
        yield from lane.streams
        for rider in lane.riders:
            yield rider.stream


def random_counts(driver: str, settings: Mapping[str, str], seed: int, rows: int = 3000):
    """Return numbers over the whole range of each converter, its ends often."""
    rng = np.random.default_rng(seed)
    counts = {}
    for stream in streams_of(wire_for(driver, settings)):
        low, high = stream.limits
        raw = rng.integers(low, high, (rows, stream.channels), endpoint=True)
        ends = rng.random(raw.shape)
        raw[ends < 0.05] = low
        raw[ends > 0.95] = high
        counts[stream.name] = raw
    return counts


@dataclass
class Bench:
    """A sensor, its driver, and the host between them."""

    driver_name: str
    settings: Mapping[str, str]
    source: object
    faults: Faults = field(default_factory=Faults)
    seed: int = 0
    speed: float = 1.0

    def __post_init__(self) -> None:
        self.clock = HandClock()
        wire = wire_for(self.driver_name, self.settings, self.seed)
        self.sensor = VirtualSensor(
            self.driver_name,
            wire,
            self.source,
            self.faults,
            clock=self.clock,
            seed=self.seed,
            speed=self.speed,
        )
        self.info = find_driver(self.driver_name)
        self.commands = self.info.commands_for(self.settings)
        self.driver: Driver = self.info.open(self.settings)
        self.packets: list[Packet] = []

    def wait(self, seconds: float, connection: Connection | None = None) -> list[Packet]:
        self.clock.now_s += seconds
        self.sensor.advance()
        if connection is None:
            return []
        found = connection.take(self.sensor.now())
        self.packets += found
        return found

    def connect(self, *notify: str) -> Connection:
        return self.sensor.connect(notify or self.commands.notify)

    def start(self) -> Connection:
        connection = self.connect()
        for write in self.commands.start:
            self.sensor.write(connection, write.data, write.channel)
            self.wait(write.pause_s, connection)
        return connection

    def stop(self, connection: Connection) -> None:
        for write in self.commands.stop:
            self.sensor.write(connection, write.data, write.channel)
        self.wait(0.0, connection)

    def decoded(self) -> Decoded:
        return Decoded.join([self.driver.feed(self.packets), self.driver.finish()])


def numbers(result: Decoded, stream: str, first: int) -> np.ndarray:
    """Return the sensor's own numbers of the samples of a result."""
    return joined(result, stream, "index").astype(np.int64) + first
