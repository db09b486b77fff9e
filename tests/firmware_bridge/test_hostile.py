"""Any bytes, in any pieces: no failure, the same result, bounded memory."""

from __future__ import annotations

import json
import math
import tracemalloc
from pathlib import Path

import encoders
import numpy as np
import pytest
from device_vectors import vectors
from hypothesis import given, settings
from hypothesis import strategies as st
from streams import plain

from crampwatch.firmware_bridge import open_protocol
from crampwatch.firmware_bridge.drivers import (
    Decoded,
    Driver,
    Packet,
    driver_names,
    find_driver,
)

CHANNELS = {
    "polar": [encoders.POLAR_DATA, encoders.POLAR_DATA.replace("5c82", "5c81")],
    "ganglion": [encoders.GANGLION_DATA],
    "chords-ble": [encoders.CHORDS_DATA],
    "myo": [*encoders.MYO_EMG, encoders.MYO_IMU],
    "open-sensor": [open_protocol.FROM_DEVICE, ""],
}
SERIAL = ["cyton", "chords-serial", "bitalino", "shimmer3"]
VARIANTS = [(name, {}) for name in driver_names()]
VARIANTS += [("ganglion", {"firmware": "2"}), ("bitalino", {"channels": "1"})]
each_variant = pytest.mark.parametrize(("name", "given_settings"), VARIANTS)

ARRIVALS = st.one_of(
    st.floats(0, 100), st.sampled_from([math.nan, math.inf, -math.inf, 1e300, -5.0, 0.0])
)
HEADS = [
    b"\xa0",
    b"\xc7\x7c",
    b"\0",
    b"\x8a\x71",
    b"\xff",
    b"OpenBCI$$$",
    b"\x02\0\0\0\0\0\0\0\0\x81",
]
BYTES = st.one_of(
    st.binary(max_size=80),
    st.builds(lambda head, tail: head + tail, st.sampled_from(HEADS), st.binary(max_size=40)),
    st.builds(
        lambda byte, count: bytes([byte]) * count, st.integers(0, 255), st.integers(0, 70)
    ),
    st.sampled_from([7, 16, 20, 70]).flatmap(lambda n: st.binary(min_size=n, max_size=n)),
)


def check(driver: Driver, result: Decoded) -> None:
    """Hold what every consumer relies on."""
    for samples in result.samples:
        spec = driver.stream(samples.stream)
        count = len(samples)
        assert count
        assert samples.raw.shape == (count, len(spec.columns))
        assert samples.raw.dtype == np.int32
        assert samples.index.dtype == np.int64
        assert samples.device_s.shape == samples.arrival_s.shape == (count,)
        assert np.isfinite(samples.device_s).all()
        assert spec.physical(samples.raw, samples.scale).shape == samples.raw.shape


@each_variant
@settings(max_examples=25)
@given(data=st.data())
def test_any_packets_are_survived(
    name: str, given_settings: dict[str, str], data: st.DataObject
) -> None:
    channels = CHANNELS.get(name, [""])
    packet = st.builds(Packet, BYTES, ARRIVALS, st.sampled_from([*channels, "2a19"]))
    driver = find_driver(name).open(given_settings)
    for batch in data.draw(st.lists(st.lists(packet, max_size=12), max_size=6)):
        check(driver, driver.feed(batch))
    check(driver, driver.finish())


@pytest.mark.parametrize("name", SERIAL)
@settings(max_examples=25)
@given(data=st.data())
def test_serial_bytes_may_be_cut_anywhere(name: str, data: st.DataObject) -> None:
    raw = bytearray(capture(name))
    for _ in range(data.draw(st.integers(0, 4))):
        at = data.draw(st.integers(0, len(raw) - 1))
        fault = data.draw(st.sampled_from(["flip", "cut", "insert"]))
        if fault == "flip":
            raw[at] ^= data.draw(st.integers(1, 255))
        elif fault == "cut":
            del raw[at : at + data.draw(st.integers(1, 40))]
        else:
            raw[at:at] = data.draw(BYTES)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(raw)), max_size=30)))
    pieces = [
        Packet(bytes(raw[a:b])) for a, b in zip([0, *cuts], [*cuts, len(raw)], strict=True)
    ]
    whole, pieced = find_driver(name).open(), find_driver(name).open()
    once = Decoded.join([whole.feed([Packet(bytes(raw))]), whole.finish()])
    many = Decoded.join([*(pieced.feed([piece]) for piece in pieces), pieced.finish()])
    assert plain(once) == plain(many)


@settings(max_examples=50)
@given(data=st.data())
def test_what_an_open_sensor_rejects_keeps_its_order(data: st.DataObject) -> None:
    long = st.integers(1030, 3000).map(lambda size: b"\x55" * size + b"\0")
    raw = b"".join(data.draw(st.lists(st.one_of(BYTES, long), max_size=12)))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(raw)), max_size=12)))
    pieces = [Packet(raw[a:b]) for a, b in zip([0, *cuts], [*cuts, len(raw)], strict=True)]
    whole, pieced = find_driver("open-sensor").open(), find_driver("open-sensor").open()
    once = Decoded.join([whole.feed([Packet(raw)]), whole.finish()])
    many = Decoded.join([*(pieced.feed([piece]) for piece in pieces), pieced.finish()])
    assert plain(once) == plain(many)


def capture(name: str) -> bytes:
    rng = np.random.default_rng(1)
    if name == "cyton":
        made = [encoders.cyton(i, rng.integers(-(2**23), 2**23, 8)) for i in range(40)]
    elif name == "chords-serial":
        made = [encoders.chords_serial(i, rng.integers(0, 1024, 6)) for i in range(40)]
    elif name == "bitalino":
        made = [
            encoders.bitalino(i, list(map(int, rng.integers(0, 64, 6))), "0101")
            for i in range(60)
        ]
    else:
        made = [encoders.shimmer3(64 * i, rng.bytes(7)) for i in range(60)]
    return b"".join(made)


BLE_VECTORS = vectors("polar", "ganglion", "chords-ble", "myo")


@pytest.mark.parametrize("vector", BLE_VECTORS, ids=lambda path: path.stem)
@settings(max_examples=15)
@given(data=st.data())
def test_notifications_may_be_batched_anyhow(vector: Path, data: st.DataObject) -> None:
    about = json.loads(vector.read_text())
    lines = [
        json.loads(line) for line in (vector.parent / about["raw"]).read_text().splitlines()
    ]
    packets = [Packet(bytes.fromhex(e["data"]), e["t"], e["char"]) for e in lines]
    drop = data.draw(st.sets(st.integers(0, len(packets) - 1), max_size=8))
    late = data.draw(st.integers(0, len(packets) - 1))
    by = data.draw(st.sampled_from([0.0, 0.3, 1.2, 7.0]))
    packets = [
        Packet(p.data, p.arrival_s + by * (i >= late), p.channel)
        for i, p in enumerate(packets)
        if i not in drop
    ]
    cuts = sorted(data.draw(st.lists(st.integers(0, len(packets)), max_size=40)))
    whole = find_driver(about["driver"]).open(about["settings"])
    pieced = find_driver(about["driver"]).open(about["settings"])
    once = Decoded.join([whole.feed(packets), whole.finish()])
    batches = [packets[a:b] for a, b in zip([0, *cuts], [*cuts, len(packets)], strict=True)]
    many = Decoded.join([*(pieced.feed(batch) for batch in batches), pieced.finish()])
    assert plain(once) == plain(many)


@each_variant
def test_memory_does_not_grow_with_garbage(name: str, given_settings: dict[str, str]) -> None:
    rng = np.random.default_rng(2)
    channels = CHANNELS.get(name, [""])
    sizes = [7, 16, 20, 70, 100]
    driver = find_driver(name).open(given_settings)

    def feed(count: int) -> None:
        for i in range(count):
            batch = [
                Packet(rng.bytes(sizes[k % 5]), 1.0, channels[k % len(channels)])
                for k in range(100)
            ]
            batch += [Packet(bytes([i % 256]) * 20, 1.0, channels[0])]
            driver.feed(batch)

    feed(40)
    tracemalloc.start()
    feed(20)
    middle = tracemalloc.get_traced_memory()[0]
    feed(30)
    grown = tracemalloc.get_traced_memory()[0] - middle
    tracemalloc.stop()
    assert grown < 200_000
