"""A band is let vibrate: what reaches the motor, and that samples never wait for it."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest
from fast_time import LoopClock, run_fast
from scripted import Notes, run_for

from crampwatch.firmware_bridge import open_protocol as protocol
from crampwatch.firmware_bridge.drivers import find_driver
from crampwatch.firmware_bridge.links import Link
from crampwatch.firmware_bridge.links.buzzing import MOST_MS
from crampwatch.firmware_bridge.transports import Fault, TransportError
from crampwatch.firmware_bridge.virtual import Noise, VirtualTransport, virtual_sensor
from crampwatch.firmware_bridge.virtual.wire import open_sensor as virtual


class Band:
    """A virtual sensor, a link to it, and what came of each wish to vibrate."""

    def __init__(self, driver, settings=None):
        self.clock = LoopClock()
        self.sensor = virtual_sensor(driver, Noise(), clock=self.clock, settings=settings or {})
        self.notes = Notes()
        self.answers = []
        self.link = Link(
            driver,
            find_driver(driver),
            settings or {},
            self.connect,
            self.notes,
            clock=self.clock,
        )

    def connect(self):
        return VirtualTransport(self.sensor, clock=self.clock)

    def buzz(self, *given):
        self.answers.append(self.link.buzz(*given))


def night(driver, during, settings=None, kind=Band):
    async def main():
        band = kind(driver, settings)
        await asyncio.gather(run_for(band.link, 60.0), during(band))
        return band

    return run_fast(main())


async def once(band):
    await asyncio.sleep(20.0)
    band.buzz(400, 80)


@pytest.mark.parametrize("link", ["ble", "serial"])
def test_the_open_sensor_vibrates_as_long_and_as_strongly_as_told(link) -> None:
    band = night("open-sensor", once, {"link": link})
    assert band.answers == [True]
    assert [entry[1:] for entry in band.sensor.wire.haptics] == [(400, 80)]
    assert "haptic_done" in {each.kind for part in band.notes.decoded for each in part.events}
    assert band.notes.lost() == 0


@pytest.mark.parametrize(
    ("duration_ms", "kind"), [(50, 1), (350, 1), (351, 2), (700, 2), (701, 3), (5000, 3)]
)
def test_the_myo_has_three_lengths(duration_ms, kind) -> None:
    async def during(band):
        await asyncio.sleep(20.0)
        band.buzz(duration_ms, 200)

    band = night("myo", during)
    assert [each for _at, each in band.sensor.wire.vibrations] == [kind]


@pytest.mark.parametrize("driver", ["cyton", "ganglion", "polar", "shimmer3", "bitalino"])
def test_a_sensor_without_a_motor_is_told_nothing(driver) -> None:
    assert night(driver, once).answers == [False]


def test_a_band_that_says_it_has_no_motor_is_told_nothing(monkeypatch) -> None:
    monkeypatch.setattr(virtual, "FEATURES", protocol.HAS_BUTTON)
    band = night("open-sensor", once)
    assert band.answers == [False]
    assert band.sensor.wire.haptics == []


def test_before_it_streams_and_after_it_has_ended_nothing_is_sent() -> None:
    async def during(band):
        band.buzz(400, 80)
        await asyncio.sleep(70.0)
        band.buzz(400, 80)

    band = night("open-sensor", during)
    assert band.answers == [False, False]
    assert band.sensor.wire.haptics == []


def test_while_one_is_on_its_way_no_other_is_sent() -> None:
    async def during(band):
        await asyncio.sleep(20.0)
        for _ in range(100):
            band.buzz(400, 80)
        await asyncio.sleep(1.0)
        band.buzz(400, 80)

    band = night("open-sensor", during)
    assert band.answers.count(True) == len(band.sensor.wire.haptics) == 2


def test_what_no_motor_can_do_is_limited() -> None:
    async def during(band):
        await asyncio.sleep(20.0)
        band.buzz(10**9, 10**9)
        await asyncio.sleep(1.0)
        band.buzz(-1, -1)

    band = night("open-sensor", during)
    assert [entry[1:] for entry in band.sensor.wire.haptics] == [(MOST_MS, 255), (1, 1)]


class Deaf(Band):
    """A band that no longer takes what is written to it once it streams."""

    def connect(self):
        transport = super().connect()
        write = transport.write

        async def refusing(data, channel=""):
            if protocol.haptic(400, 80)[:-2] in data:
                raise TransportError(Fault.LOST, "not written")
            await write(data, channel)

        transport.write = refusing
        return transport


def test_a_failed_write_costs_no_sample() -> None:
    band = night("open-sensor", once, {"link": "ble"}, kind=Deaf)
    assert band.answers == [True]
    assert band.sensor.wire.haptics == []
    index = band.notes.index()
    assert (np.diff(index) == 1).all()
    assert band.notes.lost() == 0
