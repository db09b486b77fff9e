"""What is said to sensors that need more than a start command, held against virtual ones."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest
from fast_time import LoopClock, run_fast
from scripted import Notes, run_for

from crampwatch.firmware_bridge import open_protocol as protocol
from crampwatch.firmware_bridge.drivers import find_driver
from crampwatch.firmware_bridge.links import Link, LinkState
from crampwatch.firmware_bridge.transports import Fault
from crampwatch.firmware_bridge.virtual import Faults, Noise, VirtualTransport, virtual_sensor

S = LinkState


class Bench:
    """A virtual sensor, a link to it, and what the link said."""

    def __init__(self, driver, faults=None, *, seed=0, settings=None, sensor_settings=None):
        self.clock = LoopClock()
        self.sensor = virtual_sensor(
            driver,
            Noise(),
            faults,
            clock=self.clock,
            seed=seed,
            settings=settings if sensor_settings is None else sensor_settings,
        )
        self.notes = Notes()
        self.written = []
        self.transports = []
        self.link = Link(
            driver,
            find_driver(driver),
            settings or {},
            self.connect,
            self.notes,
            clock=self.clock,
            seed=seed,
        )

    def connect(self):
        transport = VirtualTransport(self.sensor, clock=self.clock)
        write = transport.write

        async def noted(data, channel=""):
            self.written.append(data)
            await write(data, channel)

        transport.write = noted
        self.transports.append(transport)
        return transport

    def commands(self, code):
        if self.link.settings.get("link") == "serial":
            raise ValueError("stuffed")
        frames = [protocol.unpack_frame(data) for data in self.written]
        return [frame.payload[1:] for frame in frames if frame.payload[:1] == bytes([code])]


def bench(driver, faults=None, seconds=60.0, *, during=None, **more):
    async def main():
        made = Bench(driver, faults, **more)
        jobs = [run_for(made.link, seconds)]
        if during is not None:
            jobs.append(during(made))
        await asyncio.gather(*jobs)
        return made

    return run_fast(main())


def accounted(made, stream="exg"):
    """Return samples received and lost between the first and the last, and their span."""
    index = np.sort(made.notes.index(stream))
    assert (np.diff(index) > 0).all()
    return len(index), made.notes.lost(stream), int(index[-1] - index[0]) + 1


@pytest.mark.parametrize(
    "driver",
    [
        "cyton",
        "ganglion",
        "polar",
        "shimmer3",
        "chords-ble",
        "chords-serial",
        "bitalino",
        "myo",
        "open-sensor",
    ],
)
def test_every_sensor_streams_and_is_stopped(driver):
    made = bench(driver, seconds=10)
    assert made.notes.states == [S.CONNECTING, S.CONFIGURING, S.STREAMING, S.STOPPED]
    assert not made.sensor.wire.running
    stream = made.link.driver.streams[0].name if made.link.driver.streams else "exg"
    assert made.notes.count(stream) > 0
    assert made.notes.lost(stream) == 0


def test_open_asks_until_it_is_told_what_comes():
    made = bench("open-sensor", Faults(drop=0.7), seed=3)
    assert S.STREAMING in made.notes.states
    assert made.notes.states.count(S.CONNECTING) == 1
    assert len(made.commands(protocol.CommandCode.INFO)) > 1


def test_open_everything_lost_in_a_drop_out_is_sent_again():
    made = bench("open-sensor", Faults(disconnect_s=40, outage_s=20), 300, seed=1)
    assert made.sensor.truth.disconnects >= 3
    for stream in ("exg", "accel"):
        count, lost, span = accounted(made, stream)
        truth = made.sensor.truth[stream]
        assert truth.resent > 0
        assert count + lost == span
        assert lost == truth.lost
        assert lost < 0.001 * span


def test_open_frames_lost_on_the_way_are_sent_again():
    made = bench("open-sensor", Faults(drop=0.05), 120)
    count, lost, span = accounted(made)
    assert count + lost == span
    assert lost < 0.01 * span  # only the last ones are still on their way


def test_open_round_trips_come_often_at_first_and_then_each_half_minute():
    made = bench("open-sensor", Faults(latency_s=0.02), 100)
    sent = np.array([trip.sent_s for trip in made.notes.trips])
    assert len(sent) == 5 + 3
    assert np.diff(sent)[:4] == pytest.approx(1, abs=0.3)
    assert np.diff(sent)[5:] == pytest.approx(30, abs=0.3)
    for trip in made.notes.trips:
        assert trip.received_s - trip.sent_s == pytest.approx(0.04, abs=1e-6)
        true_s = made.sensor.device_time((trip.sent_s + trip.received_s) / 2)
        assert trip.device_s == pytest.approx(true_s, abs=1e-5)


def test_open_a_reset_on_a_cable_is_seen_and_it_is_started_again():
    async def reset(made):
        wire, boot = made.sensor.wire, made.sensor.wire.boot
        wire.boot = lambda now_s: [*boot(now_s), wire._status(now_s)]
        await asyncio.sleep(30)
        made.sensor.advance()
        made.sensor._reset()

    made = bench("open-sensor", settings={"link": "serial"}, during=reset)
    assert made.notes.states == [
        S.CONNECTING,
        S.CONFIGURING,
        S.STREAMING,
        S.CONFIGURING,
        S.STREAMING,
        S.STOPPED,
    ]
    assert "began anew" in made.notes.changes[3].reason
    assert made.notes.changes[4].at_s - made.notes.changes[3].at_s < 0.5
    assert made.notes.count() > 57 * 500


def test_open_a_reset_that_says_nothing_is_a_silence():
    async def reset(made):
        await asyncio.sleep(30)
        made.sensor.advance()
        made.sensor._reset()

    made = bench("open-sensor", settings={"link": "serial"}, during=reset)
    assert made.notes.states[3:] == [
        S.SILENT,
        S.WAITING,
        S.CONNECTING,
        S.CONFIGURING,
        S.STREAMING,
        S.STOPPED,
    ]


def test_open_a_reset_over_the_air_is_a_lost_connection():
    async def reset(made):
        for _time in range(2):
            await asyncio.sleep(25)
            made.sensor.advance()
            made.sensor._reset()

    made = bench("open-sensor", seconds=80, during=reset)
    assert made.notes.states[-2] is S.STREAMING
    events = [event.kind for part in made.notes.decoded for event in part.events]
    assert events.count("restart") == 2


def test_open_what_the_ring_no_longer_holds_is_given_up():
    async def forget(made):
        await asyncio.sleep(60)
        made.sensor.leave(made.transports[-1]._connection)
        made.transports[-1]._connection.ended = made.transports[-1]._connection.ended or gone()
        await asyncio.sleep(30)
        for ring in made.sensor.wire._ring:
            ring.clear()

    def gone():
        from crampwatch.firmware_bridge.transports import TransportError

        return TransportError(Fault.LOST, "out of range")

    made = bench("open-sensor", Faults(), 150, during=forget)
    assert made.notes.states[-2] is S.STREAMING
    assert len(made.commands(protocol.CommandCode.RESEND)) < 20


def test_open_only_status_and_no_samples():
    async def no_samples(made):
        obey = made.sensor.wire.write

        def write(*given):
            said = obey(*given)
            made.sensor.wire.running.clear()
            return said

        made.sensor.wire.write = write

    made = bench("open-sensor", seconds=60, during=no_samples)
    silent = next(each for each in made.notes.changes if each.state is S.SILENT)
    assert silent.fault is Fault.NO_ANSWER
    assert "it is there and sends no samples" in silent.reason


def test_cyton_is_not_reset_where_it_still_streams():
    made = bench("cyton", Faults(disconnect_s=20, outage_s=5), 150, seed=1)
    assert made.sensor.truth.disconnects >= 3
    assert made.written.count(b"v") == 1
    count, lost, span = accounted(made)
    truth = made.sensor.truth["exg"]
    assert count + lost == span
    assert lost == truth.lost


def test_cyton_tells_its_clock():
    made = bench("cyton", Faults(latency_s=0.01), 75)
    assert len(made.notes.trips) == 5 + 2
    for trip in made.notes.trips:
        assert 0 < trip.received_s - trip.sent_s < 0.2
    first = made.notes.trips[0]
    for trip in made.notes.trips[1:]:
        host_s = trip.received_s - first.received_s
        assert trip.device_s - first.device_s == pytest.approx(host_s, abs=0.01)


def test_shimmer_says_itself_what_it_sends():
    made = bench("shimmer3", sensor_settings={"channels": "04,05,06,1d,1e,1f", "fs": "256"})
    assert made.link.settings["channels"] == "04,05,06,1d,1e,1f"
    assert made.link.generation == 1
    assert made.notes.states.count(S.CONNECTING) == 1
    assert made.notes.count("exg") == pytest.approx(59 * 256, rel=0.05)


def test_shimmer_that_does_not_answer_is_told_what_to_do_with():
    made = bench("shimmer3", Faults(never=True))
    assert any("switch it off and on" in line for line in made.notes.news)


def test_shimmer_that_was_set_up_anew_in_the_night_gets_a_fresh_decoder():
    async def change(made):
        await asyncio.sleep(30)
        made.transports[-1]._connection.silent = True
        settings = {"channels": "23,24"}
        made.sensor = virtual_sensor("shimmer3", Noise(), clock=made.clock, settings=settings)

    made = bench("shimmer3", during=change)
    assert made.link.generation == 2
    assert made.link.settings["channels"] == "23,24"
    assert any("sends something else" in line for line in made.notes.news)
    assert made.notes.states[-2] is S.STREAMING


@pytest.mark.parametrize(
    "driver",
    [
        "cyton",
        "ganglion",
        "polar",
        "chords-ble",
        "bitalino",
        "myo",
        "open-sensor",
        "shimmer3",
        "chords-serial",
    ],
)
def test_every_sensor_comes_back_from_everything(driver):
    faults = Faults(
        drop=0.01, disconnect_s=40, outage_s=8, silent_s=40, reset_s=60, garbage=1e-4
    )
    made = bench(driver, faults, 180, seed=5)
    last = [each for each in made.notes.changes if each.state is S.STREAMING][-1]
    assert last.at_s > 1000 + 180 - 90
    assert made.notes.states.count(S.STREAMING) > 3
