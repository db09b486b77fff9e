"""Faults on request: how they are asked for, and that every one is accounted for."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streams import joined, lost
from virtual_bench import DRIVERS, Bench, Counts, named, numbers, random_counts

from crampwatch.firmware_bridge.transports import Fault, TransportError
from crampwatch.firmware_bridge.virtual import FAULT_NAMES, FaultError, Faults, Noise

SHARES = st.floats(0, 1)
SECONDS = st.floats(0.1, 1e5)


@pytest.mark.parametrize(
    ("name", "text", "field", "value"),
    [
        ("drop", "0.01", "drop", 0.01),
        ("disconnect", "600s", "disconnect_s", 600.0),
        ("disconnect", "10min:30s", "outage_s", 30.0),
        ("drift", "40ppm", "drift_ppm", 40.0),
        ("drift", "-12.5ppm", "drift_ppm", -12.5),
        ("jitter", "20ms", "jitter_s", 0.02),
        ("latency", "0.05s", "latency_s", 0.05),
        ("garbage", "1e-4", "garbage", 1e-4),
        ("silent", "2min", "silent_s", 120.0),
        ("reset", "1h", "reset_s", 3600.0),
        ("never", "1", "never", True),
        ("battery", "15%", "battery_percent", 15.0),
    ],
)
def test_a_fault_is_asked_for_in_words(name, text, field, value) -> None:
    assert getattr(Faults.read({name: text}), field) == pytest.approx(value)


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("drop", "1%", "not a number"),
        ("drop", "1.5", "between 0 and 1"),
        ("drop", "nan", "not a number"),
        ("disconnect", "600", "600s"),
        ("disconnect", "0s", "between 0.1 s and a week"),
        ("disconnect", "600s:soon", "600s:30s"),
        ("drift", "40", "40ppm"),
        ("drift", "infppm", "10000ppm"),
        ("jitter", "5", "20ms"),
        ("jitter", "2h", "at most 60 s"),
        ("latency", "-1ms", "between 0 s"),
        ("garbage", "often", "not a number"),
        ("silent", "never", "unit"),
        ("battery", "15", "15%"),
        ("battery", "101%", "between 0% and 100%"),
        ("never", "yes", "0 or 1"),
        ("dorp", "0.1", "there are: drop"),
    ],
)
def test_a_wrong_fault_is_one_clear_line(name, text, says) -> None:
    with pytest.raises(FaultError) as caught:
        Faults.read({name: text})
    assert says in str(caught.value)
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


@given(
    st.builds(
        Faults,
        drop=SHARES,
        disconnect_s=SECONDS | st.just(math.inf),
        outage_s=SECONDS,
        drift_ppm=st.floats(-1e4, 1e4),
        jitter_s=st.floats(0, 60),
        latency_s=st.floats(0, 60),
        garbage=SHARES,
        silent_s=SECONDS | st.just(math.inf),
        reset_s=SECONDS | st.just(math.inf),
        never=st.booleans(),
        battery_percent=st.none() | st.floats(0, 100),
    )
)
def test_faults_can_be_written_down_and_read_again(faults: Faults) -> None:
    words = faults.options()
    assert set(words) <= set(FAULT_NAMES)
    assert Faults.read(words) == faults


@given(st.dictionaries(st.sampled_from(FAULT_NAMES), st.text(max_size=20), max_size=4))
def test_hostile_words_are_refused_or_taken(options) -> None:
    line = ""
    try:
        Faults.read(options)
    except FaultError as error:
        line = str(error)
    assert "\n" not in line


@pytest.mark.parametrize("case", DRIVERS, ids=named)
@settings(deadline=None, max_examples=4)
@given(
    seed=st.integers(0, 2**32),
    faults=st.builds(
        Faults,
        drop=st.floats(0, 0.3),
        disconnect_s=st.sampled_from([3.0, 20.0, math.inf]),
        outage_s=st.floats(0, 5),
        drift_ppm=st.floats(-500, 500),
        jitter_s=st.floats(0, 0.05),
        latency_s=st.floats(0, 0.1),
        garbage=st.sampled_from([0.0, 1e-3]),
        silent_s=st.sampled_from([8.0, math.inf]),
        reset_s=st.sampled_from([10.0, math.inf]),
    ),
)
def test_every_sample_is_sent_or_lost_for_a_reason(case, seed, faults) -> None:
    bench = Bench(*case, Noise(seed), faults, seed)
    connection, refused = None, set()
    for _ in range(40):
        if connection is None:
            try:
                connection = bench.start()
            except TransportError as error:
                refused.add(error.fault)
                bench.wait(0.7)
                continue
        bench.wait(0.5, connection)
        if connection.ended is not None:
            bench.sensor.leave(connection)
            connection = None
    if connection is not None:
        bench.sensor.leave(connection)
    bench.decoded()
    assert refused <= {Fault.NOT_FOUND, Fault.LOST}
    for stream in bench.sensor.truth.streams.values():
        assert stream.on_the_way == 0
        missing = list(stream.missing())
        assert sum(stop - start for start, stop in missing) + stream.sent == stream.sampled
        assert all(before[1] <= after[0] for before, after in pairwise(missing))
        assert stream.resent == 0


@pytest.mark.parametrize("case", [("open-sensor", {}), ("open-sensor", {"link": "serial"})])
def test_damaged_frames_of_the_open_sensor_are_rejected_and_counted(case) -> None:
    bench = Bench(*case, Noise(), Faults(garbage=1e-3))
    connection = bench.connect()
    while not bench.driver.streams:
        for write in bench.commands.start:
            bench.sensor.write(connection, write.data, write.channel)
        bench.driver.feed(bench.wait(0.1, connection))
    bench.packets.clear()
    for _ in range(200):
        bench.wait(1.0, connection)
    result = bench.driver.feed(bench.packets)
    truth = bench.sensor.truth
    assert truth["exg"].dropped["damaged"] > 0
    assert result.rejected
    assert len(joined(result, "exg", "index")) <= truth["exg"].sent


def test_bytes_put_in_between_frames_damage_nothing() -> None:
    from crampwatch.firmware_bridge.virtual.garbage import Garbage

    garbage = Garbage(0.5, "serial", np.random.default_rng(1))
    whole = [garbage.touch(b"\x01") for _ in range(2000)]
    kept = [out for out, damaged in whole if not damaged]
    assert all(out.endswith(b"\x01") for out in kept)
    assert any(len(out) == 2 for out in kept)
    assert all(out != b"\x01" and len(out) == 1 for out, damaged in whole if damaged)


@given(st.lists(st.integers(0, 50), max_size=40), st.floats(0.001, 0.2), st.booleans())
def test_garbage_does_not_depend_on_how_bytes_are_cut_over_serial(cuts, share, once) -> None:
    from crampwatch.firmware_bridge.virtual.garbage import Garbage

    data = bytes(range(256)) * 4
    whole = Garbage(share, "serial", np.random.default_rng(7)).touch(data)[0]
    garbage, out, at = Garbage(share, "serial", np.random.default_rng(7)), b"", 0
    for cut in cuts if not once else []:
        out += garbage.touch(data[at : at + cut])[0]
        at += cut
    assert out + garbage.touch(data[at:])[0] == whole


def test_drift_shows_in_the_times_of_samples() -> None:
    bench = Bench("cyton", {}, Noise(), Faults(drift_ppm=40.0))
    bench.wait(3600.0)
    sampled = bench.sensor.truth["exg"].sampled
    assert sampled == pytest.approx(250 * 1.00004 * 3600, abs=1)
    assert bench.sensor.time_of("exg", sampled - 1) == pytest.approx(
        bench.clock.now_s, abs=0.005
    )
    assert bench.sensor.time_of("accel", 25) == pytest.approx(1000 + 1 / 1.00004)
    with pytest.raises(KeyError):
        bench.sensor.time_of("nothing", 1)


def test_jitter_delays_and_keeps_the_order() -> None:
    bench = Bench("cyton", {}, Noise(), Faults(jitter_s=0.02, latency_s=0.05))
    connection = bench.start()
    for _ in range(40):
        bench.wait(0.5, connection)
    result = bench.decoded()
    truth = bench.sensor.truth["exg"]
    assert lost(result) == truth.lost == 0
    arrival = joined(result, "exg", "arrival_s")
    late = arrival - bench.sensor.time_of("exg", numbers(result, "exg", truth.first_sent))
    assert late.min() >= 0.05 - 1e-9
    assert late.mean() > 0.07
    assert (np.diff(arrival) >= 0).all()


def test_a_silent_sensor_stays_connected_and_speaks_again_when_connected_anew() -> None:
    bench = Bench("ganglion", {}, Noise(), Faults(silent_s=10.0))
    connection = bench.start()
    for _ in range(40):
        bench.wait(0.5, connection)
    assert connection.ended is None
    assert bench.packets[-1].arrival_s == pytest.approx(1010.0, abs=0.2)
    assert bench.sensor.truth["exg"].dropped["silent"] > 1900
    bench.sensor.leave(connection)
    assert bench.wait(5.0, bench.start())


def test_a_sensor_that_never_answers() -> None:
    bench = Bench("cyton", {}, Noise(), Faults(never=True))
    connection = bench.start()
    assert bench.wait(60.0, connection) == []
    assert connection.ended is None


@pytest.mark.parametrize("case", [("open-sensor", {}), ("open-sensor", {"link": "serial"})])
def test_a_reset_begins_counters_clock_and_boot_id_anew(case) -> None:
    bench = Bench(*case, Counts(random_counts(*case, 3)), Faults(reset_s=30.0), seed=4)
    for _ in range(300):
        try:
            connection = bench.start()
        except TransportError:
            bench.wait(1.0)
            continue
        before = bench.sensor.truth.resets
        while bench.sensor.truth.resets == before:
            bench.wait(0.25, connection)
        bench.wait(0.25, connection)
        bench.sensor.leave(connection)
        if bench.sensor.truth.resets >= 5:
            break
    result = bench.decoded()
    assert sum(event.kind == "restart" for event in result.events) >= 4
    assert (np.diff(joined(result, "exg", "device_s")) > 0).all()
    assert bench.sensor.truth["exg"].sent == len(joined(result, "exg", "index"))


@pytest.mark.parametrize("percent", [None, 15.0])
def test_the_battery_is_told(percent) -> None:
    level = "00002a19-0000-1000-8000-00805f9b34fb"
    bench = Bench("polar", {}, Noise(), Faults(battery_percent=percent))
    bench.wait(130.0, bench.connect(level))
    told = [event.value for event in bench.decoded().events if event.kind == "battery"]
    assert told == [percent or 100.0] * 3
    bench = Bench("open-sensor", {}, Noise(), Faults(battery_percent=percent))
    bench.wait(6.0, bench.start())
    told = {event.value for event in bench.decoded().events if event.kind == "battery"}
    assert told == {percent or 100.0}


def test_the_same_seed_fails_in_the_same_way_however_often_it_is_asked() -> None:
    faults = Faults(drop=0.1, disconnect_s=15.0, outage_s=1.0, jitter_s=0.01, reset_s=30.0)
    heard = []
    for steps in (0.25, 0.05):
        bench = Bench("ganglion", {}, Noise(2), faults, seed=9)
        connection = bench.connect()
        for write in bench.commands.start:
            bench.sensor.write(connection, write.data, write.channel)
        while connection.ended is None:
            bench.wait(steps, connection)
        heard.append(bench.packets + connection.take(math.inf))
    assert [(p.data, p.arrival_s) for p in heard[0]] == [
        (p.data, p.arrival_s) for p in heard[1]
    ]
