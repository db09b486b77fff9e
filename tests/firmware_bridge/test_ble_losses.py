"""Notifications lost, stalled, malformed and repeated: counts, times and values stay right."""

from __future__ import annotations

import struct

import encoders
import numpy as np
import pytest
from streams import decode, index, joined, lost

from crampwatch.firmware_bridge.drivers import Packet

PERIOD = {"ganglion": 0.01, "chords-ble": 0.02, "myo": 0.01}
PER_PACKET = {"ganglion": 2, "chords-ble": 10, "myo": 2}
STREAM = {"ganglion": "exg", "chords-ble": "exg", "myo": "emg"}
each_sensor = pytest.mark.parametrize("name", PERIOD)


def packets(name: str, count: int, *, drift: float = 0.0, seed: int = 0) -> list[Packet]:
    rng = np.random.default_rng(seed)
    times = 0.04 + PERIOD[name] * (1 + drift) * np.arange(count) + 0.013 * rng.random(count)
    times = np.maximum.accumulate(times)
    made = []
    for i in range(count):
        if name == "ganglion":
            data = encoders.ganglion3(i, [int(v) for v in rng.integers(-9999, 9999, 8)], 19)
            channel = encoders.GANGLION_DATA
        elif name == "myo":
            data, channel = rng.bytes(16), encoders.MYO_EMG[i % 4]
        else:
            data = b"".join(encoders.chords_sample(10 * i + k, [k, 1, 2]) for k in range(10))
            channel = encoders.CHORDS_DATA
        made.append(Packet(data, float(times[i]), channel.upper()))
    return made


def numbers(name: str, kept: list[int]) -> list[int]:
    per = PER_PACKET[name]
    return [per * i + k for i in kept for k in range(per)]


@each_sensor
@pytest.mark.parametrize("seconds", [0.02, 0.06, 0.31, 0.77, 1.3, 2.9])
@pytest.mark.parametrize("drift", [0.0, -2e-4])
def test_a_hole_of_any_length_is_counted(name: str, seconds: float, drift: float) -> None:
    gone = max(1, round(seconds / PERIOD[name]))
    sent = packets(name, 900, drift=drift)
    kept = [*range(300), *range(300 + gone, 900)]
    result = decode(name, [sent[i] for i in kept])
    assert index(result, STREAM[name]) == numbers(name, kept)
    assert lost(result, STREAM[name]) == gone * PER_PACKET[name]


@each_sensor
@pytest.mark.parametrize("seconds", [0.05, 0.4, 1.1, 2.5])
def test_a_stall_is_no_loss(name: str, seconds: float) -> None:
    sent = packets(name, 900)
    begin, end = sent[300].arrival_s, sent[300].arrival_s + seconds
    late = [
        Packet(p.data, end if begin <= p.arrival_s < end else p.arrival_s, p.channel)
        for p in sent
    ]
    result = decode(name, late)
    assert index(result, STREAM[name]) == numbers(name, list(range(900)))
    assert not lost(result, STREAM[name])


@each_sensor
def test_a_reconnect_keeps_every_sample(name: str) -> None:
    sent = packets(name, 500)
    away = [Packet(p.data, p.arrival_s + 20.0, p.channel) for p in packets(name, 400, seed=2)]
    result = decode(name, [*sent[7:], *away])
    got = index(result, STREAM[name])
    assert len(got) == PER_PACKET[name] * 893
    assert got == sorted(set(got))
    span = joined(result, STREAM[name], "device_s")
    assert span[-1] - span[0] == pytest.approx(24.0 if name != "chords-ble" else 28.0, abs=0.3)
    assert [gap.reason for gap in result.gaps if gap.stream == STREAM[name]] == ["restart"]


@each_sensor
def test_without_arrival_times_the_counter_alone_counts(name: str) -> None:
    sent = [Packet(p.data, float("nan"), p.channel) for p in packets(name, 400)]
    result = decode(name, sent[:100] + sent[103:])
    assert lost(result, STREAM[name]) == 3 * PER_PACKET[name]
    gap = next(gap for gap in result.gaps if gap.stream == STREAM[name])
    assert gap.lost_high is None


@each_sensor
def test_malformed_notifications_are_rejected(name: str) -> None:
    sent = packets(name, 200)
    bad = [
        Packet(data, sent[50].arrival_s, sent[0].channel) for data in (b"", b"\1\2", bytes(513))
    ]
    other = [Packet(b"\5", sent[50].arrival_s, "00002a19-0000-1000-8000-00805f9b34fb")]
    result = decode(name, [*sent[:50], *bad, *other, *sent[50:]])
    assert index(result, STREAM[name]) == numbers(name, list(range(200)))
    assert len(result.rejected) == 3
    assert [event.kind for event in result.events] == ["battery"]


def test_ganglion_ids_that_carry_no_samples() -> None:
    sent = packets("ganglion", 100)
    said = [b"\xc9" + b"12345Z", b"\xce" + b"hello", b"\xcf" + b"bye"]
    unknown = [bytes([200]) + bytes(19), bytes([208]) + bytes(19)]
    extra = [Packet(d, sent[50].arrival_s, encoders.GANGLION_DATA) for d in said + unknown]
    result = decode("ganglion", [*sent[:50], *extra, *sent[50:]])
    assert index(result) == list(range(200))
    assert len(result.rejected) == 2
    assert [event.text for event in result.events] == ["12345", "hello", "bye"]


@pytest.mark.parametrize("width", [18, 19])
def test_ganglion_3_values(width: int) -> None:
    values = [0, 1 << 6, -(1 << 6), 2**23 - 1, -(2**23), 12345, -12345, 777777]
    packet = Packet(encoders.ganglion3(0, values, width, -7), 0.0, encoders.GANGLION_DATA)
    raw = joined(decode("ganglion", [packet]), "exg", "raw").ravel()
    assert raw.tolist() == [encoders.ganglion3_value(value, width) for value in values]


def ganglion_2(count: int, seed: int = 0) -> tuple[list[Packet], list[np.ndarray]]:
    rng = np.random.default_rng(seed)
    encoder, sent, truth = encoders.Ganglion2(), [], []
    for i in range(count):
        samples = rng.integers(-60000, 60000, (1 if i % 101 == 0 else 2, 4))
        data = encoder.packet(i, samples, 18 if i % 7 else 19)
        sent.append(Packet(data, 0.01 * i, encoders.GANGLION_DATA))
        truth.append(samples)
    return sent, truth


def test_ganglion_2_follows_differences() -> None:
    sent, truth = ganglion_2(300)
    raw = joined(decode("ganglion", sent, firmware="2"), "exg", "raw")
    assert np.array_equal(raw, np.concatenate(truth))


def test_ganglion_2_reads_nothing_on_a_wrong_base_line() -> None:
    sent, truth = ganglion_2(400)
    result = decode("ganglion", sent[:150] + sent[153:], firmware="2")
    kept = truth[:150] + truth[202:]
    assert np.array_equal(joined(result, "exg", "raw"), np.concatenate(kept))
    numbers = np.concatenate([[0], np.cumsum([len(t) for t in truth])])
    expected = [*range(numbers[150]), *range(numbers[202], numbers[400])]
    assert index(result) == expected
    by_reason = {gap.reason: gap.lost for gap in result.gaps if gap.stream == "exg"}
    assert by_reason == {"counter": 6, "baseline": 98}


def test_ganglion_2_begins_with_the_first_whole_sample() -> None:
    sent, truth = ganglion_2(250)
    result = decode("ganglion", sent[40:], firmware="2")
    assert np.array_equal(joined(result, "exg", "raw"), np.concatenate(truth[101:]))
    assert index(result)[0] == 0
    assert not lost(result)


def test_ganglion_2_a_loss_at_the_end_is_none() -> None:
    sent, _truth = ganglion_2(190)
    result = decode("ganglion", sent[:120] + sent[125:], firmware="2")
    assert not lost(result)


def test_ganglion_acceleration_skips_what_lost_an_axis() -> None:
    sent = [
        Packet(encoders.ganglion3(i, [0] * 8, 18, i % 100), 0.01 * i, encoders.GANGLION_DATA)
        for i in range(200)
    ]
    result = decode("ganglion", sent[:32] + sent[33:152] + sent[154:])
    raw = joined(result, "accel", "raw")
    ids = [i for i in range(3, 200, 10) if i not in (33, 153)]
    assert raw.tolist() == [[i % 100 - 2, i % 100 - 1, i % 100] for i in ids]
    assert index(result, "accel") == [(i - 3) // 10 for i in ids]


def polar_frames(
    rate: float, real: float, count: int, frames: int, seed: int = 0
) -> tuple[list[Packet], np.ndarray]:
    rng = np.random.default_rng(seed)
    values = rng.integers(-2000, 2000, (count * frames, 3))
    start = 800_000_000 * 10**9
    sent = []
    for i in range(frames):
        stamp = start + round(1e9 * count * (i + 1) / real)
        block = values[count * i : count * (i + 1)]
        data = encoders.polar_acc16(stamp, block)
        sent.append(
            Packet(data, count * (i + 1) / real + 0.05 * rng.random(), encoders.POLAR_DATA)
        )
    return sent, values


@pytest.mark.parametrize("off", [-0.012, 0.0, 0.012])
@pytest.mark.parametrize("gone", [0, 1, 2, 15])
def test_polar_counts_losses_and_not_drift(off: float, gone: int) -> None:
    sent, values = polar_frames(52.0, 52.0 * (1 + off), 36, 80)
    kept = [*range(30), *range(30 + gone, 80)]
    result = decode("polar", [sent[i] for i in kept], acc_fs="52")
    assert lost(result, "accel") == 36 * gone
    assert index(result, "accel") == [36 * i + k for i in kept for k in range(36)]
    expected = np.concatenate([values[36 * i : 36 * i + 36] for i in kept])
    assert np.array_equal(joined(result, "accel", "raw"), expected)
    seconds = joined(result, "accel", "device_s")
    true = np.array(index(result, "accel")) / (52.0 * (1 + off))
    assert np.abs((seconds - seconds[-1]) - (true - true[-1])).max() < 0.5 / 52


def test_polar_clock_that_jumps_is_a_restart() -> None:
    sent, _values = polar_frames(200.0, 200.0, 36, 40)
    moved = []
    for packet in sent[20:]:
        stamp = struct.unpack_from("<Q", packet.data, 1)[0] - 200_000_000 * 10**9
        data = packet.data[:1] + struct.pack("<Q", stamp) + packet.data[9:]
        moved.append(Packet(data, packet.arrival_s, packet.channel))
    result = decode("polar", [*sent[:20], *moved])
    assert len(index(result, "accel")) == 36 * 40
    assert [gap.reason for gap in result.gaps] == ["restart"]
    seconds = joined(result, "accel", "device_s")
    assert np.diff(seconds).min() > 0
    assert seconds[-1] - seconds[0] == pytest.approx(7.2, abs=0.1)


@pytest.mark.parametrize("form", [0, 1])
def test_polar_compressed_frames(form: int) -> None:
    rng = np.random.default_rng(form)
    values = np.cumsum(rng.integers(-300, 300, (60, 3)), axis=0)
    data = encoders.polar_compressed(10**18, values, [20, 1, 30, 8], form)
    result = decode(
        "polar", [Packet(data, 0.0, encoders.POLAR_DATA)], acc_fs="52", acc_factor="0.002"
    )
    (samples,) = result.samples
    assert np.array_equal(samples.raw, values)
    assert samples.scale == pytest.approx(2.0 if form == 0 else 1.0)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\2" * 10,
        encoders.polar(2, 1, 1, bytes(7)),
        encoders.polar(0, 1, 0, bytes(4)),
        encoders.polar(9, 1, 0, bytes(6)),
        encoders.polar(2, 1, 7, bytes(6)),
        encoders.polar(2, 1, 0x81, bytes(5)),
        encoders.polar(2, 1, 0x81, bytes(6) + b"\x08\x04\1\2"),
        encoders.polar(2, 1, 0x81, bytes(6) + b"\x08"),
        encoders.polar(2, 1, 0x81, bytes(6) + b"\xff\x01" + bytes(96)),
        encoders.polar(0, 1, 0x80, bytes(6)),
    ],
)
def test_polar_frames_that_cannot_be_are_rejected(data: bytes) -> None:
    result = decode("polar", [Packet(data, 0.0, encoders.POLAR_DATA)])
    assert len(result.rejected) == 1
    assert not result.samples


def test_polar_takes_the_factor_from_the_start_response() -> None:
    answer = (
        b"\xf0\x02\x02\x00\x00" + b"\x00\x01\x34\x00" + b"\x05\x01" + struct.pack("<f", 0.004)
    )
    control = encoders.POLAR_DATA.replace("5c82", "5c81")
    values = np.arange(9).reshape(3, 3)
    data = encoders.polar_compressed(10**18, values, [2], 0)
    result = decode(
        "polar", [Packet(answer, 0.0, control), Packet(data, 0.1, encoders.POLAR_DATA)]
    )
    assert result.samples[0].scale == pytest.approx(4.0)


def test_polar_stop_is_told() -> None:
    control = encoders.POLAR_DATA.replace("5c82", "5c81")
    assert decode("polar", [Packet(b"\1\2", 0.0, control)]).events[0].kind == "stopped"


def test_myo_inertial_holes_are_counted_by_the_host_clock() -> None:
    rng = np.random.default_rng(0)
    sent = [
        Packet(rng.bytes(20), 0.02 * i + 0.008 * rng.random(), encoders.MYO_IMU)
        for i in range(400)
    ]
    result = decode("myo", sent[:150] + sent[200:])
    assert index(result, "accel") == [*range(150), *range(200, 400)]
