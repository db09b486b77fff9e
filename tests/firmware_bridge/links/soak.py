"""An hour of two simulated sensors that lose, drift and break; every sample held to account.

Each sample carries its own number, so that what arrived is known without trusting the
decoder. Everything here is simulated: loss, drift and latency are as the virtual sensors
make them.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from fast_time import LoopClock, run_fast
from numpy.typing import NDArray

from crampwatch.firmware_bridge.drivers import Decoded, Gap, Packet, find_driver
from crampwatch.firmware_bridge.links import Link, LinkChange, LinkState
from crampwatch.firmware_bridge.virtual import (
    Faults,
    Sensed,
    VirtualSensor,
    VirtualTransport,
    virtual_sensor,
)
from crampwatch.recording.clock import RoundTrip, WindowedClock

CHUNK = 4096
CLOCKS = RoundTrip.__module__.rpartition(".")[0]


@dataclass(frozen=True)
class Plan:
    """What happens to a sensor."""

    driver: str
    faults: Faults
    seed: int


def hour(seconds: float = 3600.0, disconnects: int = 60) -> list[Plan]:
    """Return two sensors with 1 % loss and 40 ppm drift, each broken off so many times."""
    outage_s = 0.05 * seconds / disconnects
    common = {
        "drop": 0.01,
        "disconnect_s": seconds / disconnects - outage_s,
        "outage_s": outage_s,
        "jitter_s": 0.005,
        "latency_s": 0.012,
    }
    return [
        Plan("cyton", Faults(drift_ppm=40.0, **common), 1),
        Plan("open-sensor", Faults(drift_ppm=-40.0, **common), 2),
    ]


class Counting:
    """Samples that are their own numbers, modulo the range of the converter."""

    def chunks(self, stream: Sensed) -> Iterator[NDArray[np.float64]]:
        low, high = stream.limits
        first = 0
        while True:
            numbers = np.arange(first, first + CHUNK) % (high - low + 1) + low
            yield numbers[:, None] * stream.gain + stream.offset
            first += CHUNK


def number_of(raw: NDArray[np.int32], limits: tuple[int, int], near: int) -> NDArray[np.int64]:
    """Return the numbers that samples carry, of the round that `near` lies in."""
    low, high = limits
    size = high - low + 1
    place = raw.astype(np.int64) - low
    return place + np.rint((near - place) / size).astype(np.int64) * size


@dataclass
class Account:
    """What one stream's samples were, as they arrived."""

    numbers: list[NDArray[np.int64]] = field(default_factory=list)
    index: list[NDArray[np.int64]] = field(default_factory=list)
    device_s: list[NDArray[np.float64]] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    clock: WindowedClock = field(default_factory=WindowedClock)


class Books:
    """A sink that keeps what the accounts need."""

    def __init__(self, sensor: VirtualSensor) -> None:
        self.sensor = sensor
        self.streams: dict[str, Account] = {}
        self.changes: list[LinkChange] = []
        self.trips: list[RoundTrip] = []
        self.rejected = 0
        self._limits = {
            each.name: each.limits for lane in sensor.wire.lanes for each in lane.streams
        }

    def took(self, link: Link, _packets: Sequence[Packet], decoded: Decoded) -> None:
        self.rejected += len(decoded.rejected)
        for gap in decoded.gaps:
            self.streams.setdefault(gap.stream, Account()).gaps.append(gap)
        for run in decoded.samples:
            if run.stream not in self._limits:
                continue
            account = self.streams.setdefault(run.stream, Account())
            near = self.sensor.truth[run.stream].sampled
            account.numbers.append(number_of(run.raw[:, 0], self._limits[run.stream], near))
            account.index.append(run.index)
            account.device_s.append(run.device_s)
            account.clock.add(run.device_s, run.arrival_s, connection=link.connection)

    def changed(self, _link: Link, change: LinkChange) -> None:
        self.changes.append(change)

    def round_trip(self, _link: Link, trip: RoundTrip) -> None:
        self.trips.append(trip)


@dataclass(frozen=True)
class Line:
    """The account of one stream.

    Attributes
    ----------
    received, lost
        As the link and its decoder tell, `lost` between the first and the last sample.
    low, high
        Bounds of `lost`; `high` is None where nothing bounds it.
    truly_lost
        By the numbers that the received samples carry.
    sensor_lost
        As the sensor itself counted.
    true_s, errors_s
        When the received samples were truly taken; their mapped times minus these, less the
        median.
    """

    sensor: str
    stream: str
    received: int
    lost: int
    low: int
    high: int | None
    truly_lost: int
    sensor_lost: int
    in_place: bool
    disconnects: int
    resent: int
    true_s: NDArray[np.float64]
    errors_s: NDArray[np.float64]

    @property
    def p95_ms(self) -> float:
        return float(np.percentile(np.abs(self.errors_s), 95) * 1e3)


@dataclass(frozen=True)
class Result:
    lines: list[Line]
    objects: list[int]
    changes: dict[str, list[LinkChange]]
    trips: dict[str, list[RoundTrip]]

    @property
    def between_ms(self) -> NDArray[np.float64]:
        """Return how far the two EMG streams are mapped apart, each second, less the median."""
        first, second = (each for each in self.lines if each.stream == "exg")
        begin = max(first.true_s[0], second.true_s[0])
        at_s = np.arange(begin, min(first.true_s[-1], second.true_s[-1]))
        apart_s = np.interp(at_s, second.true_s, second.errors_s)
        apart_s -= np.interp(at_s, first.true_s, first.errors_s)
        return np.asarray(np.abs(apart_s - np.median(apart_s)) * 1e3)


def soak(plans: Sequence[Plan], seconds: float) -> Result:
    """Run the sensors side by side, and return the accounts."""

    async def main() -> Result:
        clock = LoopClock()
        links, books = [], []
        for plan in plans:
            sensor = virtual_sensor(
                plan.driver, Counting(), plan.faults, clock=clock, seed=plan.seed
            )
            book = Books(sensor)

            def connect(sensor: VirtualSensor = sensor) -> VirtualTransport:
                return VirtualTransport(sensor, clock=clock)

            info = find_driver(plan.driver)
            links.append(
                Link(plan.driver, info, {}, connect, book, clock=clock, seed=plan.seed)
            )
            books.append(book)
        running = [asyncio.create_task(link.run()) for link in links]
        objects = []
        for _third in range(3):
            await asyncio.sleep(seconds / 3)
            gc.collect()
            objects.append(sum(not _is_kept(each) for each in gc.get_objects()))
        await asyncio.gather(*(link.stop() for link in links))
        await asyncio.gather(*running)
        lines = [
            line(plan.driver, book, name)
            for plan, book in zip(plans, books, strict=True)
            for name in book.streams
            if book.streams[name].numbers
        ]
        return Result(
            lines,
            objects,
            {plan.driver: book.changes for plan, book in zip(plans, books, strict=True)},
            {plan.driver: book.trips for plan, book in zip(plans, books, strict=True)},
        )

    return run_fast(main())


def line(name: str, book: Books, stream: str) -> Line:
    """Return the account of one stream."""
    account, truth = book.streams[stream], book.sensor.truth[stream]
    numbers = np.concatenate(account.numbers)
    index = np.concatenate(account.index)
    device_s = np.concatenate(account.device_s)
    order = np.argsort(numbers)
    numbers, index, device_s = numbers[order], index[order], device_s[order]
    if (np.diff(numbers) <= 0).any():
        raise AssertionError(f"{name} {stream}: a sample came twice")
    true_s = book.sensor.time_of(stream, numbers)
    errors = account.clock.mapping().to_host(device_s) - true_s
    high = [gap.lost_high for gap in account.gaps]
    return Line(
        name,
        stream,
        len(numbers),
        sum(gap.lost for gap in account.gaps),
        sum(gap.lost_low for gap in account.gaps),
        None if None in high else sum(each for each in high if each is not None),
        int(numbers[-1] - numbers[0]) + 1 - len(numbers),
        truth.missing_between(int(numbers[0]), int(numbers[-1])),
        bool((np.diff(index) == np.diff(numbers)).all()),
        book.sensor.truth.disconnects,
        truth.resent,
        true_s,
        errors - np.median(errors),
    )


def table(result: Result) -> str:
    """Return the accounts for people."""
    head = (
        f"{'sensor':13}{'stream':8}{'breaks':>7}{'received':>10}{'resent':>8}{'lost':>8}"
        f"{'bounds':>16}{'truly':>8}{'p95 ms':>8}{'worst':>8}"
    )
    rows = [head]
    for each in result.lines:
        bounds = f"{each.low}..{'' if each.high is None else each.high}"
        worst_ms = float(np.abs(each.errors_s).max() * 1e3)
        rows.append(
            f"{each.sensor:13}{each.stream:8}{each.disconnects:7}{each.received:10,}"
            f"{each.resent:8,}{each.lost:8,}{bounds:>16}{each.truly_lost:8,}"
            f"{each.p95_ms:8.2f}{worst_ms:8.2f}"
        )
    between_ms = result.between_ms
    rows.append(
        f"between the two: p95 {np.percentile(between_ms, 95):.2f} ms, "
        f"worst {between_ms.max():.2f} ms"
    )
    for name, changes in result.changes.items():
        counted = {state: sum(each.state is state for each in changes) for state in LinkState}
        words = ", ".join(f"{state.value} {n}" for state, n in counted.items() if n)
        rows.append(f"{name}: {words}; {len(result.trips[name])} round trips")
    return "\n".join(rows)


def _is_kept(thing: object) -> bool:
    """Whether it is of those that the accounts hold."""
    kind = type(thing)
    return kind in (Gap, LinkChange) or str(kind.__module__).startswith(CLOCKS)
