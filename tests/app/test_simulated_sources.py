"""What simulated sensors measure: nights, at the sensor's rate, on the right channels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from crampwatch.app.devices.resampling import Resampled
from crampwatch.app.devices.simulated import NightSource, NightSources
from crampwatch.firmware_bridge.addresses import parse_address
from crampwatch.firmware_bridge.opening import open_address
from crampwatch.firmware_bridge.virtual import Sensed
from crampwatch.firmware_bridge.virtual.wire import wire_for
from crampwatch.recording.errors import CrampwatchError
from crampwatch.recording.model import ArraySource, Night, Segment, Stream
from crampwatch.sample_data import samples

EMG_HZ, ACC_HZ = 1000.0, 50.0


def stream(label, values, rate, start_s=0.0, kind="emg", **more):
    values = np.atleast_2d(np.asarray(values, np.float64)).reshape(len(values), -1)
    axes = ("x", "y", "z") if values.shape[1] == 3 else ()
    return Stream(
        label,
        kind,
        rate,
        "uV" if kind == "emg" else "g",
        (Segment(start_s, ArraySource(values)),),
        np.ones(values.shape[1]),
        np.zeros(values.shape[1]),
        axes=axes,
        **more,
    )


def flat(label, level, seconds=30.0, **more):
    return stream(label, np.full(int(seconds * EMG_HZ), level), EMG_HZ, **more)


def sensed(name, driver="cyton"):
    for lane in wire_for(driver).lanes:
        for each in (*lane.streams, *(rider.stream for rider in lane.riders)):
            if each.name == name:
                return each
    raise AssertionError(name)


def played(night, wanted, leg="left"):
    return np.concatenate(list(NightSource(night, leg).chunks(wanted)))


def legs():
    acc = [
        stream(f"ACC {s}", np.full((1500, 3), g), ACC_HZ, kind="acc", side=side)
        for s, side, g in (("L", "left", 0.25), ("R", "right", 0.75))
    ]
    emg = [
        flat("EMG chin", 5.0),
        flat("EMG R TA", 4.0, side="right", placement="TA"),
        flat("EMG R GM", 3.0, side="right", placement="GM"),
        flat("EMG L TA", 2.0, side="left", placement="TA"),
        flat("EMG L GM", 1.0, side="left", placement="GM"),
    ]
    return Night((*emg, *acc))


@pytest.mark.parametrize(
    ("leg", "levels", "g"),
    [("left", [1, 2, 3, 4, 5, 0, 0, 0], 0.25), ("right", [3, 4, 1, 2, 5, 0, 0, 0], 0.75)],
)
def test_the_calf_of_the_leg_comes_first_then_its_shin_then_the_other_leg(
    leg, levels, g
) -> None:
    emg = played(legs(), sensed("exg"), leg)
    assert emg.shape == (7500, 8)
    assert emg.mean(axis=0) == pytest.approx(levels)
    assert np.ptp(emg, axis=0).max() < 1e-9
    two = played(legs(), sensed("exg", "open-sensor"), leg)
    assert two.mean(axis=0) == pytest.approx(levels[:2])
    assert played(legs(), sensed("accel"), leg).mean(axis=0) == pytest.approx([g] * 3)


def test_what_a_night_does_not_hold_is_zero() -> None:
    night = Night((flat("EMG L GM", 1.0, side="left", placement="GM"),))
    assert not played(night, sensed("accel")).any()
    assert not played(night, sensed("ecg", "polar")).any()
    turned = played(night, sensed("orientation", "myo"))
    assert turned[:, 0].min() == 1.0
    assert not turned[:, 1:].any()


def test_a_gap_of_all_channels_is_missing_and_of_one_is_zero() -> None:
    whole = flat("EMG L GM", 1.0, side="left", placement="GM")
    torn = replace(
        whole,
        label="EMG L TA",
        placement="TA",
        segments=(
            Segment(0.0, ArraySource(np.full((10_000, 1), 2.0))),
            Segment(15.0, ArraySource(np.full((15_000, 1), 2.0))),
        ),
    )
    both = played(Night((whole, torn)), sensed("exg", "open-sensor"))
    assert not np.isnan(both).any()
    assert both[6000, 1] == 0.0
    alone = played(Night((torn,)), sensed("exg", "open-sensor"))
    missing = np.isnan(alone).all(axis=1)
    assert np.flatnonzero(missing)[[0, -1]].tolist() == [5000, 7499]
    assert missing.sum() == 2500
    # the edges keep their level
    assert alone[~missing][:, 0] == pytest.approx(2.0)


def test_resampling_keeps_tones_and_removes_what_the_sensor_cannot_see() -> None:
    t = np.arange(20_000) / EMG_HZ
    for rate in (200.0, 250.0, 500.0, 512.0, 1000.0, 1024.0):
        for tone in (20.0, 70.0):
            night = stream("EMG L GM", np.sin(2 * np.pi * tone * t), EMG_HZ)
            out = Resampled(night, rate).read(0, int(20 * rate))[:, 0]
            at = np.arange(len(out)) / rate
            middle = slice(int(rate), int(19 * rate))
            assert out[middle] == pytest.approx(np.sin(2 * np.pi * tone * at[middle]), abs=0.01)
    night = stream("EMG L GM", np.sin(2 * np.pi * 180.0 * t), EMG_HZ)
    out = Resampled(night, 250.0).read(0, 5000)[:, 0]
    assert np.abs(out[250:-250]).max() < 0.01


def test_resampled_values_do_not_depend_on_the_pieces() -> None:
    rng = np.random.default_rng(1)
    night = stream("EMG L GM", rng.standard_normal(5000), EMG_HZ)
    whole = Resampled(night, 333.3).read(0, 1600)
    parts = [Resampled(night, 333.3).read(start, 7) for start in range(0, 1600, 7)]
    assert np.concatenate(parts)[:1600] == pytest.approx(whole, abs=1e-12, nan_ok=True)


def test_the_shipped_night_is_played_where_nothing_is_asked_for() -> None:
    source = NightSources()("cyton", {})
    first = next(source.chunks(sensed("exg")))
    named = NightSources()("cyton", {"night": str(samples()[0].path)})
    assert np.array_equal(first, next(named.chunks(sensed("exg"))))
    assert first.shape == (1000, 8)
    assert 0.5 < first[:, 0].std() < 100


def test_a_scenario_is_simulated_from_its_seed() -> None:
    options = {"scenario": "cramp", "seed": "3", "hours": "0.1"}
    first, again, other = (
        next(NightSources()("cyton", chosen).chunks(sensed("exg")))
        for chosen in (options, options, {**options, "seed": "4"})
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    total = sum(map(len, NightSources()("cyton", options).chunks(sensed("accel"))))
    assert total == 25 * 360


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"night": "nowhere.edf"}, "nowhere.edf"),
        ({"night": "a.edf", "scenario": "cramp"}, "not both"),
        ({"scenario": "party"}, "party"),
        ({"scenario": "cramp", "hours": "x"}, "hours='x'"),
        ({"hours": "2"}, "belongs to scenario"),
        ({"leg": "middle"}, "left, right"),
        ({"scenario": "cramp", "family": "nobody"}, "nobody"),
    ],
)
def test_a_wrong_option_is_one_clear_line(options, says) -> None:
    with pytest.raises(CrampwatchError) as caught:
        NightSources()("cyton", options)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_address_names_the_night_and_the_faults() -> None:
    from crampwatch.firmware_bridge.host_clock import SystemClock

    address = parse_address("sim:ganglion?scenario=rest&seed=3&hours=0.1&drop=0.01&leg=right")
    found = open_address(address, clock=SystemClock(), sources=NightSources())
    assert found.simulated.faults.drop == 0.01
    with pytest.raises(CrampwatchError, match="no option 'nigth'"):
        open_address(
            parse_address("sim:cyton?nigth=x"), clock=SystemClock(), sources=NightSources()
        )


def test_memory_does_not_grow_with_the_night() -> None:
    options = {"scenario": "cramp", "seed": "3"}
    wanted: Sensed = sensed("exg")
    chunks = NightSources()("cyton", options).chunks(wanted)
    assert max(next(chunks).nbytes for _ in range(20)) <= 1000 * 8 * 8
