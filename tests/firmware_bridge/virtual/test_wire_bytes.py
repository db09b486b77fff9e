"""The fast encoders against the slow ones, byte for byte; each was written from the facts."""

from __future__ import annotations

import encoders
import numpy as np
import pytest
from virtual_bench import Bench, Counts, random_counts

SECONDS = 2.5


def serial_bytes(case) -> tuple[Counts, Bench, bytes]:
    source = Counts(random_counts(*case, 4))
    bench = Bench(*case, source)
    connection = bench.start()
    bench.packets.clear()
    for _ in range(5):
        bench.wait(SECONDS / 5, connection)
    return source, bench, b"".join(packet.data for packet in bench.packets)


def sent(source: Counts, bench: Bench, stream: str) -> np.ndarray:
    truth = bench.sensor.truth[stream]
    return source.at(stream, np.arange(truth.first_sent, truth.last_sent + 1))


def test_cyton() -> None:
    source, bench, data = serial_bytes(("cyton", {}))
    raw, first = sent(source, bench, "exg"), bench.sensor.truth["exg"].first_sent
    expected = []
    for counter, values in enumerate(raw.tolist()):
        number, place = divmod(first + counter, 10)
        axes = source.at("accel", np.array([number]))[0].tolist()
        aux = (
            b"".join(encoders.big_endian(axis, 2) for axis in axes) if place == 9 else bytes(6)
        )
        expected.append(encoders.cyton(counter, values, aux))
    assert data == b"".join(expected)


def test_chords_serial() -> None:
    source, bench, data = serial_bytes(("chords-serial", {}))
    raw = sent(source, bench, "exg").tolist()
    begin = data[2]
    frames = [encoders.chords_serial(begin + row, values) for row, values in enumerate(raw)]
    assert data == b"".join(frames)


def test_chords_ble() -> None:
    source, bench, data = serial_bytes(("chords-ble", {}))
    raw = sent(source, bench, "exg").tolist()
    begin = data[0]
    frames = [encoders.chords_sample(begin + row, values) for row, values in enumerate(raw)]
    assert data == b"".join(frames)
    assert {len(packet.data) for packet in bench.packets} == {70}


@pytest.mark.parametrize("count", range(1, 7))
def test_bitalino(count: int) -> None:
    channels = ",".join(str(number) for number in range(1, count + 1))
    source, bench, data = serial_bytes(("bitalino", {"channels": channels}))
    widths = np.array([10, 10, 10, 10, 6, 6])[:count]
    analog = np.minimum(sent(source, bench, "exg"), 2**widths - 1).tolist()
    digital = sent(source, bench, "digital").tolist()
    frames = [
        encoders.bitalino(row, values, lines)
        for row, (values, lines) in enumerate(zip(analog, digital, strict=True))
    ]
    assert data == b"".join(frames)


def test_shimmer3() -> None:
    source, bench, data = serial_bytes(("shimmer3", {}))
    raw, first = sent(source, bench, "exg").tolist(), bench.sensor.truth["exg"].first_sent
    frames = [
        encoders.shimmer3(
            (first + row) * 64,
            b"\x80" + b"".join(encoders.big_endian(value, 3) for value in values),
        )
        for row, values in enumerate(raw)
    ]
    assert data == b"".join(frames)


@pytest.mark.parametrize("with_accel", [True, False])
def test_ganglion_firmware_3(with_accel: bool) -> None:
    case = ("ganglion", {})
    source = Counts(random_counts(*case, 4))
    bench = Bench(*case, source)
    connection = bench.connect()
    start = b"nb" if with_accel else b"b"
    bench.sensor.write(connection, start, bench.commands.start[0].channel)
    bench.wait(SECONDS, connection)
    raw, first = sent(source, bench, "exg"), bench.sensor.truth["exg"].first_sent
    for row, packet in enumerate(bench.packets):
        values = raw[2 * row : 2 * row + 2].ravel().tolist()
        axis = 0
        if with_accel and row % 10 in (1, 2, 3):
            number = (first + 2 * (row - row % 10 + 1)) // 20
            axis = int(source.at("accel", np.array([number]))[0, row % 10 - 1])
        width = 18 if with_accel else 19
        assert packet.data == encoders.ganglion3(row, values, width, axis)


@pytest.mark.parametrize("with_accel", [True, False])
def test_ganglion_firmware_2(with_accel: bool) -> None:
    case = ("ganglion", {"firmware": "2"})
    source = Counts(random_counts(*case, 4) | {"accel": np.zeros((5, 3), np.int64)})
    bench = Bench(*case, source)
    connection = bench.connect()
    start = b"nb" if with_accel else b"b"
    bench.sensor.write(connection, start, bench.commands.start[0].channel)
    bench.wait(SECONDS, connection)
    raw, at = sent(source, bench, "exg").astype(np.int64), 0
    slow = encoders.Ganglion2()
    for row, packet in enumerate(bench.packets):
        size = 1 if row % 101 == 0 else 2
        samples = raw[at : at + size].copy()
        # this firmware takes differences to what it measured, not to what was received
        slow.receiver = raw[max(0, at - 1)].copy()
        if size == 2:
            first = slow.packet(row, samples[:1].repeat(2, axis=0), 18 if with_accel else 19)
            slow.receiver = samples[0].copy()
        at += size
        if size == 1:
            assert packet.data[:13] == slow.packet(row, samples)[:13]
        else:
            width = 18 if with_accel else 19
            fields = [
                int(((old - new) & ((1 << width) - 1)) & ~1 | (old - new < 0))
                for before, after in zip(raw[at - 3 : at - 1], raw[at - 2 : at], strict=True)
                for old, new in zip(before.tolist(), after.tolist(), strict=True)
            ]
            assert packet.data[0] == first[0]
            assert packet.data[1:].startswith(encoders.packed(fields, width)[:18])


def test_polar() -> None:
    case = ("polar", {})
    source, bench, _data = serial_bytes(case)
    began = {"accel": 0, "ecg": 0}
    for packet in bench.packets:
        if packet.channel != encoders.POLAR_DATA:
            continue
        kind = packet.data[0]
        name, rate, make = (
            ("accel", 200, encoders.polar_acc16)
            if kind == 2
            else ("ecg", 130, encoders.polar_ecg)
        )
        size = (len(packet.data) - 10) // (6 if kind == 2 else 3)
        stamp = int.from_bytes(packet.data[1:9], "little") - 599616000000000000
        last = round(stamp * rate / 1e9)
        values = source.at(name, np.arange(last - size + 1, last + 1))
        values = values if kind == 2 else values.ravel()
        assert packet.data == make(599616000000000000 + round(last / rate * 1e9), values)
        began[name] += 1
    assert all(count >= 3 for count in began.values())


def test_myo_takes_its_characteristics_in_turn() -> None:
    source, bench, _data = serial_bytes(("myo", {}))
    emg = [packet for packet in bench.packets if packet.channel in encoders.MYO_EMG]
    assert [packet.channel for packet in emg[:8]] == [*encoders.MYO_EMG, *encoders.MYO_EMG]
    data = b"".join(packet.data for packet in emg)
    assert data == sent(source, bench, "emg").astype(np.int8).tobytes()
    imu = b"".join(p.data for p in bench.packets if p.channel == encoders.MYO_IMU)
    parts = [sent(source, bench, name) for name in ("orientation", "accel", "gyro")]
    assert imu == np.concatenate(parts, axis=1).astype("<i2").tobytes()
