"""The transport of virtual sensors: as any other, without a task of its own."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest
from fast_time import LoopClock, run_fast
from virtual_bench import Bench

from crampwatch.firmware_bridge.drivers import Decoded, find_driver
from crampwatch.firmware_bridge.transports import Fault, TransportError
from crampwatch.firmware_bridge.virtual import (
    Faults,
    Noise,
    VirtualSensor,
    VirtualTransport,
    virtual_sensor,
)
from crampwatch.recording.errors import CrampwatchError


def made(driver="cyton", faults=None, **more) -> tuple[VirtualSensor, LoopClock]:
    clock = LoopClock()
    return virtual_sensor(driver, Noise(), faults, clock=clock, **more), clock


async def started(sensor, clock) -> VirtualTransport:
    transport = VirtualTransport(sensor, clock=clock)
    commands = find_driver(sensor.name).commands_for()
    await transport.open(commands.notify)
    for write in commands.start:
        await transport.write(write.data, write.channel)
        await asyncio.sleep(write.pause_s)
    return transport


async def taken(transport, clock, seconds):
    packets, end = [], clock.monotonic() + seconds
    while clock.monotonic() < end:
        packets += await transport.receive()
    return packets


async def until_it_ends(transport):
    packets = []
    while True:
        try:
            packets += await transport.receive()
        except TransportError as error:
            return packets, error.fault


def test_packets_come_in_time_and_with_exact_stamps() -> None:
    async def main():
        sensor, clock = made("ganglion")
        transport = await started(sensor, clock)
        arrived = []
        for _ in range(200):
            packets = await transport.receive()
            arrived += [(packet.arrival_s, clock.monotonic()) for packet in packets]
        await transport.close()
        return np.array(arrived)

    stamps = run_fast(main())
    late = stamps[:, 1] - stamps[:, 0]
    assert late.min() >= 0
    assert late.max() <= 0.031
    assert np.diff(stamps[:, 0]) == pytest.approx(0.01)


def test_the_sensor_goes_on_while_nobody_listens() -> None:
    async def main():
        sensor, clock = made("chords-ble")
        driver = find_driver("chords-ble").open()
        parts = []
        for _ in range(3):
            transport = await started(sensor, clock)
            parts.append(driver.feed(await taken(transport, clock, 5.0)))
            await transport.close()
            await asyncio.sleep(3.0)
        parts.append(driver.finish())
        return sensor, Decoded.join(parts)

    sensor, result = run_fast(main())
    truth = sensor.truth["exg"]
    assert truth.dropped["not connected"] > 3000
    assert sum(gap.lost for gap in result.gaps) == truth.lost
    assert sensor.truth.connections == 3


def test_only_one_may_be_connected() -> None:
    async def main():
        sensor, clock = made()
        first = await started(sensor, clock)
        with pytest.raises(TransportError, match="already") as caught:
            await VirtualTransport(sensor, clock=clock).open()
        await first.close()
        await first.close()
        again = VirtualTransport(sensor, clock=clock)
        await again.open()
        await again.close()
        with pytest.raises(TransportError, match="once"):
            await again.open()
        return caught.value.fault

    assert run_fast(main()) is Fault.BUSY


def test_a_broken_connection_gives_what_had_arrived_and_then_ends() -> None:
    async def main():
        sensor, clock = made(faults=Faults(disconnect_s=20.0, outage_s=60.0), seed=1)
        transport = await started(sensor, clock)
        packets, fault = await until_it_ends(transport)
        assert fault is Fault.LOST
        with pytest.raises(TransportError):
            await transport.write(b"b")
        await transport.close()
        with pytest.raises(TransportError) as away:
            await VirtualTransport(sensor, clock=clock).open()
        assert away.value.fault is Fault.NOT_FOUND
        await asyncio.sleep(1000.0)
        await (await started(sensor, clock)).close()
        return sensor, packets

    sensor, packets = run_fast(main())
    data = sum(len(packet.data) == 33 for packet in packets)
    assert sensor.truth["exg"].sent == data
    assert sensor.truth.disconnects == 1


def test_one_that_never_answers_over_ble() -> None:
    async def main():
        sensor, clock = made("myo", Faults(never=True))
        begin = clock.monotonic()
        with pytest.raises(TransportError) as caught:
            await VirtualTransport(sensor, clock=clock).open()
        return caught.value.fault, clock.monotonic() - begin

    assert run_fast(main()) == (Fault.NO_ANSWER, 10.0)


class Short:
    def chunks(self, stream):
        yield np.zeros((int(10 * stream.rate_hz), stream.channels))


def test_a_night_that_is_over_ends_the_connection() -> None:
    async def main():
        clock = LoopClock()
        sensor = virtual_sensor("open-sensor", Short(), clock=clock)
        transport = await started(sensor, clock)
        _packets, fault = await until_it_ends(transport)
        await transport.close()
        with pytest.raises(TransportError) as again:
            await started(sensor, clock)
        return sensor, fault, again.value.fault

    sensor, first, second = run_fast(main())
    assert first is second is Fault.ENDED
    assert sensor.truth["exg"].sampled == 5000


class Torn:
    def chunks(self, stream):
        seconds = np.arange(int(30 * stream.rate_hz)) / stream.rate_hz
        chunk = np.ones((len(seconds), stream.channels))
        chunk[(seconds >= 10) & (seconds < 12.5)] = np.nan
        yield chunk


def test_a_gap_of_the_source_is_a_loss_of_the_sensor() -> None:
    for driver in ("cyton", "open-sensor", "ganglion"):
        bench = Bench(driver, {}, Torn())
        connection = bench.start()
        for _ in range(40):
            bench.wait(0.5, connection)
        result = bench.decoded()
        (gap,) = (gap for gap in result.gaps if gap.stream == "exg" and gap.lost)
        truth = bench.sensor.truth["exg"]
        assert gap.lost == truth.lost == truth.dropped["source"]
        assert gap.lost / result.samples[0].index[-1] == pytest.approx(2.5 / 19, rel=0.2)


@pytest.mark.parametrize("speed", [0.5, 60.0])
def test_a_faster_night_is_stamped_as_if_it_had_been_waited_for(speed: float) -> None:
    async def main():
        sensor, clock = made("cyton", Faults(drift_ppm=100.0), speed=speed)
        transport = await started(sensor, clock)
        begin = clock.monotonic()
        packets = [p for p in await taken(transport, clock, 5.0) if len(p.data) == 33]
        await transport.close()
        return packets, clock.monotonic() - begin

    packets, waited = run_fast(main())
    stamped = packets[-1].arrival_s - packets[0].arrival_s
    assert stamped == pytest.approx(waited * speed, abs=0.1 * speed)
    assert len(packets) == pytest.approx(250 * stamped, abs=2 + 1e-3 * 250 * stamped)
    driver = find_driver("cyton").open()
    result = Decoded.join([driver.feed(packets), driver.finish()])
    assert not result.gaps


@pytest.mark.parametrize("speed", [0.0, -1.0, float("nan"), float("inf")])
def test_an_impossible_speed_is_refused(speed: float) -> None:
    async def main():
        made(speed=speed)

    with pytest.raises(CrampwatchError, match="speed"):
        run_fast(main())


def test_a_source_of_the_wrong_shape_is_named() -> None:
    class Wrong:
        def chunks(self, stream):
            yield np.zeros((5, stream.channels + 1))

    bench = Bench("cyton", {}, Wrong())
    with pytest.raises(ValueError, match=r"exg: a source gave a chunk of shape \(5, 9\)"):
        bench.wait(1.0)


def test_cancelled_while_it_waits_nothing_is_left() -> None:
    async def main():
        sensor, clock = made("ganglion")
        transport = VirtualTransport(sensor, clock=clock)
        opening = asyncio.create_task(transport.open())
        await asyncio.sleep(0.1)
        opening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await opening
        transport = await started(sensor, clock)
        waiting = asyncio.create_task(transport.receive())
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert await transport.receive()
        await transport.close()

    run_fast(main())
