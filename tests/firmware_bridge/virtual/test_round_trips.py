"""What a virtual sensor measures is what its driver reads: numbers, losses and times."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streams import joined, lost
from virtual_bench import DRIVERS, Bench, Counts, named, numbers, random_counts

from crampwatch.firmware_bridge.virtual import Faults

STEPS = st.lists(st.floats(0.001, 0.7), min_size=1, max_size=12)
PIECES = st.lists(st.integers(1, 200), min_size=1, max_size=4)


def ganglion3(raw, width=18):
    """Return what firmware 3 keeps of int24: the upper bits, the lowest a copy of the sign."""
    return ((raw >> (24 - width)) & ~1) << (24 - width)


def bitalino(raw, width_of):
    return np.minimum(raw, 2**width_of - 1)


def expected(case, stream, raw):
    name, _settings = case
    if name == "ganglion" and stream == "exg":
        return ganglion3(raw)
    if name == "bitalino" and stream == "exg":
        widths = np.array([10, 10, 10, 10, 6, 6])[: raw.shape[1]]
        return bitalino(raw, widths)
    return raw


def expected_at(case, stream, source, number):
    return expected(case, stream, source.at(stream, np.array([number])))[0]


CASES = [case for case in DRIVERS if case[1].get("firmware") != "2"]


@pytest.mark.parametrize("case", CASES, ids=named)
@settings(deadline=None, max_examples=12)
@given(seed=st.integers(0, 2**32), steps=STEPS, pieces=PIECES, idle=st.floats(0, 40))
def test_every_number_arrives_as_it_was_converted(case, seed, steps, pieces, idle) -> None:
    source = Counts(random_counts(*case, seed), pieces)
    bench = Bench(*case, source)
    bench.wait(idle)
    connection = bench.start()
    for step in steps:
        bench.wait(step, connection)
    bench.wait(1.0, connection)
    result = bench.decoded()
    for name, truth in bench.sensor.truth.streams.items():
        if name not in {spec.name for spec in bench.driver.streams}:
            continue
        assert truth.sent
        assert lost(result, name) == truth.lost == 0
        at = numbers(result, name, truth.first_sent)
        raw = joined(result, name, "raw")
        if (case[0], name) == ("shimmer3", "battery"):
            assert len(raw) == truth.sent
            continue
        assert np.array_equal(raw, expected(case, name, source.at(name, at)))
        assert len(at) == truth.sent


@pytest.mark.parametrize("case", CASES, ids=named)
@settings(deadline=None, max_examples=5)
@given(seed=st.integers(0, 2**32), drop=st.floats(0.001, 0.05))
def test_lost_frames_are_counted_and_the_others_keep_their_numbers(case, seed, drop) -> None:
    source = Counts(random_counts(*case, seed))
    bench = Bench(*case, source, Faults(drop=drop), seed)
    connection = bench.connect()
    for write in bench.commands.start:
        # what is lost here are frames, not what starts them
        bench.sensor.write(connection, write.data, write.channel)
        bench.wait(write.pause_s, connection)
    for _ in range(20):
        bench.wait(0.5, connection)
    bench.stop(connection)
    result = bench.decoded()
    for name in ("exg", "emg"):
        if name not in bench.sensor.truth.streams or not bench.driver.streams:
            continue
        truth = bench.sensor.truth[name]
        raw = joined(result, name, "raw")
        # behind text, a frame is believed only where others follow it
        late = next(
            ahead
            for ahead in range(8 if result.rejected else 1)
            if (raw[0] == expected_at(case, name, source, truth.first_sent + ahead)).all()
        )
        at = numbers(result, name, truth.first_sent + late)
        assert lost(result, name) == truth.missing_between(int(at[0]), int(at[-1]))
        assert len(at) >= truth.sent - late
        assert np.array_equal(raw, expected(case, name, source.at(name, at)))


@pytest.mark.parametrize("case", DRIVERS, ids=named)
def test_samples_arrive_when_they_were_taken_and_sent(case) -> None:
    bench = Bench(*case, Counts(random_counts(*case, 1)), Faults(latency_s=0.02))
    connection = bench.start()
    for _ in range(100):
        bench.wait(0.05, connection)
    result = bench.decoded()
    for spec in bench.driver.streams:
        truth = (
            bench.sensor.truth[spec.name] if spec.name in bench.sensor.truth.streams else None
        )
        if truth is None:
            continue
        at = numbers(result, spec.name, truth.first_sent)
        taken = bench.sensor.time_of(spec.name, at)
        behind = joined(result, spec.name, "arrival_s") - taken
        # a frame waits for its last sample, a slow stream for its place
        frame_s = max((lane.per_frame + 10) / lane.rate_hz for lane in bench.sensor.wire.lanes)
        assert behind.min() >= 0.02 - 1e-6
        assert behind.max() <= 0.02 + frame_s + 2 / spec.rate_hz


@pytest.mark.parametrize(
    ("case", "resolution_s"),
    [(("polar", {}), 1e-8), (("shimmer3", {}), 1e-9), (("open-sensor", {}), 1e-6)],
)
def test_device_stamps_are_times_of_samples(case, resolution_s) -> None:
    bench = Bench(*case, Counts(random_counts(*case, 1)), Faults(drift_ppm=200.0))
    connection = bench.start()
    for _ in range(100):
        bench.wait(0.5, connection)
    result = bench.decoded()
    for spec in bench.driver.streams:
        device_s = joined(result, spec.name, "device_s")
        number = joined(result, spec.name, "index")
        # BlockClock spreads a first block by the nominal rate
        off = (device_s - device_s[0]) - (number - number[0]) / spec.rate_hz
        assert np.abs(off).max() <= resolution_s + 1e-9


def test_the_old_ganglion_keeps_the_sign_of_a_difference_in_its_lowest_bit() -> None:
    case = ("ganglion", {"firmware": "2"})
    rng = np.random.default_rng(5)
    raw = np.cumsum(rng.integers(-60_000, 60_000, (3000, 4)), axis=0).clip(-(2**22), 2**22)
    source = Counts({"exg": raw, "accel": np.zeros((10, 3), np.int64)})
    bench = Bench(*case, source)
    connection = bench.start()
    for _ in range(20):
        bench.wait(0.5, connection)
    result = bench.decoded()
    first = bench.sensor.truth["exg"].first_sent
    at = numbers(result, "exg", first)
    value = joined(result, "exg", "raw").astype(np.int64)
    sent = source.at("exg", at)
    whole = (at - first) % 201 == 0
    assert np.array_equal(value[whole], sent[whole])
    # one count of doubt for each difference since the last whole sample
    assert np.abs(value - sent).max() <= 200
    delta = np.diff(sent, axis=0)
    read = np.diff(value, axis=0)
    inner = ~whole[1:]
    assert np.array_equal(read[inner], -((-delta[inner] & ~1) | (-delta[inner] < 0)))


def test_the_cyton_stamps_its_frames_when_it_is_told_to() -> None:
    case = ("cyton", {})
    source = Counts(random_counts(*case, 2))
    bench = Bench(*case, source)
    bench.wait(12.3456)
    connection = bench.start()
    bench.sensor.write(connection, b"<", "")
    bench.packets.clear()
    for _ in range(60):
        bench.wait(0.5, connection)
    result = bench.decoded()
    truth = bench.sensor.truth["exg"]
    assert lost(result) == truth.lost == 0
    number = joined(result, "exg", "index")
    device_s = joined(result, "exg", "device_s")
    assert np.abs((device_s - device_s[0]) - number / 250.0).max() <= 1.1e-3
    accel = joined(result, "accel", "raw")
    assert len(accel) == bench.sensor.truth["accel"].sent
    held = {tuple(row) for row in source.raw["accel"].tolist()}
    assert len(accel) > 600
    assert all(tuple(row) in held for row in accel.tolist())
    assert lost(result, "accel") == 0
