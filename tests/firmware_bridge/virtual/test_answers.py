"""What virtual sensors answer to commands, and that none streams before it is told to."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from encoders import POLAR_DATA
from virtual_bench import DRIVERS, Bench, Counts, named, random_counts

from crampwatch.firmware_bridge import open_protocol as protocol
from crampwatch.firmware_bridge.drivers.framing.cobs import stuff, unstuff
from crampwatch.firmware_bridge.drivers.sensors.shimmer3 import settings_from_inquiry
from crampwatch.firmware_bridge.transports import Fault, TransportError
from crampwatch.firmware_bridge.virtual import Noise

POLAR_CONTROL = "fb005c81-02e7-f387-1cad-8acd2d8df0c8"


def bench_of(name, settings=None, **more):
    return Bench(name, settings or {}, Noise(), **more)


def ask(bench, connection, data, channel=""):
    bench.sensor.write(connection, data, channel)
    return [packet.data for packet in bench.wait(0.0, connection)]


@pytest.mark.parametrize("case", DRIVERS, ids=named)
def test_nothing_streams_before_it_is_told_to_nor_after_it_is_stopped(case) -> None:
    bench = bench_of(*case)
    connection = bench.connect()
    assert bench.wait(5.0, connection) == []
    bench.sensor.leave(connection)
    connection = bench.start()
    assert bench.wait(5.0, connection)
    bench.stop(connection)
    bench.wait(0.001, connection)
    assert bench.wait(5.0, connection) == []


@pytest.mark.parametrize("case", DRIVERS, ids=named)
def test_over_ble_a_new_connection_does_not_stream_and_over_serial_it_goes_on(case) -> None:
    bench = bench_of(*case)
    bench.sensor.leave(bench.start())
    streams = bench.wait(3.0, bench.connect())
    assert bool(streams) == (bench.sensor.wire.link == "serial")


@pytest.mark.parametrize("case", DRIVERS, ids=named)
def test_any_bytes_may_be_written(case) -> None:
    rng = np.random.default_rng(3)
    bench = bench_of(*case)
    for _ in range(20):
        connection = bench.connect()
        channels = sorted(bench.sensor.wire.accepts) or [""]
        for _ in range(20):
            data = rng.bytes(int(rng.integers(0, 40)))
            bench.sensor.write(connection, data, channels[int(rng.integers(len(channels)))])
            bench.wait(0.02, connection)
        bench.sensor.leave(connection)
    connection = bench.connect()
    for write in (*bench.commands.stop, *bench.commands.start):
        bench.sensor.write(connection, write.data, write.channel)
    assert connection.ended is None


@pytest.mark.parametrize("name", ["ganglion", "polar", "myo", "chords-ble", "open-sensor"])
def test_another_sensors_characteristics_are_not_there(name: str) -> None:
    bench = bench_of(name)
    with pytest.raises(TransportError, match="characteristic") as caught:
        bench.connect("0000ffff-0000-1000-8000-00805f9b34fb")
    assert caught.value.fault is Fault.FOREIGN
    connection = bench.connect()
    with pytest.raises(TransportError, match="to write to"):
        bench.sensor.write(connection, b"b", POLAR_DATA)


def test_cyton_answers_with_its_banner_and_takes_gains() -> None:
    bench = bench_of("cyton")
    connection = bench.connect()
    (banner,) = ask(bench, connection, b"v")
    assert banner.startswith(b"OpenBCI V3")
    assert banner.endswith(b"$$$")
    assert ask(bench, connection, b"d") == [b"updating channel settings to default$$$"]
    assert ask(bench, connection, b"x3020110X") == [b"Channel set for 3$$$"]
    assert ask(bench, connection, b"<") == [b"Time stamp ON$$$"]
    gains = 4.5e6 / (2**23 - 1) / bench.sensor.wire.lanes[0].streams[0].gain
    assert gains.round().tolist() == [24, 24, 4, 24, 24, 24, 24, 24]


def test_bitalino_names_its_version() -> None:
    bench = bench_of("bitalino")
    assert ask(bench, bench.connect(), b"\x07") == [b"BITalino_v5.2\n"]


def test_chords_says_who_it_is() -> None:
    bench = bench_of("chords-serial")
    connection = bench.connect()
    assert ask(bench, connection, b"WHO") == []
    assert ask(bench, connection, b"RU\nSTATUS\n") == [b"UNO-R3\r\n", b"STOP\r\n"]


def test_shimmer_tells_its_channels_and_its_battery() -> None:
    settings = {"channels": "00,01,02,1e,1f", "fs": "1024"}
    bench = bench_of("shimmer3", settings)
    connection = bench.connect()
    (answer,) = ask(bench, connection, b"\x01")
    assert answer[:1] == b"\xff"
    assert settings_from_inquiry(answer[1:]) == {"channels": "00,01,02,1e,1f", "fs": "1024.0"}
    (charge,) = ask(bench, connection, b"\x95")
    raw = int.from_bytes(charge[3:5], "little")
    assert charge[:3] == b"\xff\x8a\x94"
    assert raw * 3.0 / 4095 * 1.988 == pytest.approx(4.167, abs=1e-3)
    (figures,) = ask(bench, connection, b"\x2c")
    assert len(figures) == 86
    assert struct.unpack(">3h3h", figures[2:14]) == (2047, 2047, 2047, 83, 83, 83)
    assert ask(bench, connection, b"\xa3") == []
    assert ask(bench, connection, b"\x00\x72") == [b"\x8a\x71\x00"]


def test_polar_starts_measurements_one_by_one_and_refuses_what_it_cannot() -> None:
    bench = bench_of("polar")
    connection = bench.connect()

    def control(text: str) -> str:
        (answer,) = ask(bench, connection, bytes.fromhex(text), POLAR_CONTROL)
        return answer.hex()

    assert control("0102") == "f00102000000" + "01c800" + "01011000"
    assert control("02020001c8000101100002010800") == "f002020000"
    assert control("02020001c8000101100002010800") == "f0020206"
    assert control("020200010a00") == "f0020208"
    assert control("020000018200") == "f002000000"
    assert control("0209") == "f0020901"[:6] + "02"
    bench.wait(2.0, connection)
    assert {packet.data[0] for packet in bench.packets if packet.channel == POLAR_DATA} == {
        0,
        2,
    }
    assert control("0300") == "f003000000"
    bench.packets.clear()
    bench.wait(2.0, connection)
    assert {packet.data[0] for packet in bench.packets} == {2}


def test_myo_vibrates() -> None:
    bench = bench_of("myo")
    connection = bench.connect()
    bench.sensor.write(connection, b"\x03\x01\x02", bench.commands.start[0].channel)
    bench.wait(0.0, connection)
    assert [strength for _at, strength in bench.sensor.wire.vibrations] == [2]


@pytest.mark.parametrize("link", ["ble", "serial"])
def test_the_open_sensor_answers_everything_the_protocol_has(link: str) -> None:
    bench = bench_of("open-sensor", {"link": link})
    connection = bench.connect()
    dressed = stuff if link == "serial" else bytes
    channel = protocol.TO_DEVICE if link == "ble" else ""

    def frames(command: bytes, wait_s: float = 0.0) -> list[protocol.Frame]:
        bench.sensor.write(connection, dressed(command), channel)
        found = [packet.data for packet in bench.wait(wait_s, connection)]
        plain = [unstuff(data[:-1]) if link == "serial" else data for data in found]
        return [protocol.unpack_frame(data) for data in plain]

    bench.wait(1.25, connection)
    (info,) = frames(protocol.command(protocol.CommandCode.INFO))
    about = protocol.unpack_info(info.payload)
    assert info.t_us == 1_250_000
    assert [stream.name for stream in about.streams] == ["exg", "accel"]
    assert about.ring_s == 900
    assert bool(about.features & protocol.IS_WIRED) == (link == "serial")
    (answer,) = frames(protocol.ask_time(123_456))
    assert protocol.unpack_time(answer.payload) == (123_456, 1_250_000)
    assert frames(protocol.haptic(400, 80)) == []
    assert [entry[1:] for entry in bench.sensor.wire.haptics] == [(400, 80)]
    started = frames(protocol.command(protocol.CommandCode.START), 1.0)
    kinds = [frame.type for frame in started]
    assert kinds[:2] == [protocol.FrameType.INFO, protocol.FrameType.STATUS]
    events = [frame for frame in started if frame.type == protocol.FrameType.EVENT]
    (done,) = (protocol.unpack_event(event.payload) for event in events)
    assert done == (protocol.EventCode.HAPTIC_DONE, 0)
    assert events[0].t_us == 1_650_000
    assert kinds.count(protocol.FrameType.DATA) == 20 + 10


def test_buttons_and_electrodes_of_the_open_sensor() -> None:
    bench = bench_of("open-sensor")
    connection = bench.start()
    wire = bench.sensor.wire
    bench.wait(1.0, connection)
    bench.sensor.say(lambda now_s: wire.press(now_s, down=True))
    bench.sensor.say(lambda now_s: wire.lose_leads(now_s, 0b0101))
    bench.wait(1.0, connection)
    events = {event.kind: event for event in bench.decoded().events}
    assert events["button"].arrival_s == pytest.approx(1001.0)
    assert events["leads_off"].value == 5.0
    data = [protocol.unpack_frame(packet.data) for packet in bench.packets]
    marked = [frame for frame in data if frame.flags & protocol.LEADS_OFF]
    assert {frame.stream for frame in marked} == {0}


def test_the_open_sensor_sends_again_what_its_ring_holds() -> None:
    source = Counts(random_counts("open-sensor", {}, 1))
    bench = Bench("open-sensor", {}, source)
    connection = bench.start()
    bench.wait(2.0, connection)
    bench.sensor.leave(connection)
    bench.wait(30.0)
    connection = bench.start()
    bench.wait(2.0, connection)
    bench.driver.feed(bench.packets)
    missing = bench.driver.missing()
    assert sum(count for *_rest, count in missing) == (
        bench.sensor.truth["exg"].lost + bench.sensor.truth["accel"].lost
    )
    for stream, first, count in missing:
        command = protocol.resend(stream, first, count)
        bench.sensor.write(connection, command, protocol.TO_DEVICE)
        bench.driver.feed(bench.wait(5.0, connection))
    assert bench.driver.missing() == ()
    truth = bench.sensor.truth["exg"]
    assert truth.lost == 0
    assert truth.resent == truth.dropped["not connected"] - truth.first_sent
    assert list(truth.missing()) == [(0, truth.first_sent)] * bool(truth.first_sent)


def test_a_new_request_to_send_again_takes_the_place_of_the_last() -> None:
    bench = bench_of("open-sensor")
    connection = bench.start()
    bench.wait(60.0, connection)
    bench.packets.clear()
    for first in (0, 25_000):
        command = protocol.resend(0, first, 2_000)
        bench.sensor.write(connection, command, protocol.TO_DEVICE)
    bench.wait(3.0, connection)
    frames = [protocol.unpack_frame(packet.data) for packet in bench.packets]
    again = [frame.seq for frame in frames if frame.flags & protocol.RESENT]
    # the first frame of the old request had left when the new one came
    assert again == [0, *range(25_000, 27_000, 25)]


def test_the_ring_holds_fifteen_minutes() -> None:
    bench = bench_of("open-sensor")
    bench.wait(3 * 900.0)
    connection = bench.start()
    bench.wait(1.0, connection)
    bench.packets.clear()
    bench.sensor.write(connection, protocol.resend(0, 0, 1 << 31), protocol.TO_DEVICE)
    bench.wait(60.0, connection)
    frames = [protocol.unpack_frame(packet.data) for packet in bench.packets]
    again = [frame.seq for frame in frames if frame.flags & protocol.RESENT]
    assert len(again) == 900 * 20
    assert again[0] == pytest.approx((3 * 900 - 900 + 1) * 500, abs=500)
