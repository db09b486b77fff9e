"""Numbers of other software as frames of the open protocol: nothing but rounding changes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crampwatch.firmware_bridge import open_protocol as protocol
from crampwatch.firmware_bridge.drivers.model import Packet
from crampwatch.firmware_bridge.drivers.registry import find_driver
from crampwatch.firmware_bridge.transports.boards.sample_frames import (
    STEPS,
    SampleFrames,
    groups_of,
)


def decoded(frames: SampleFrames, values: np.ndarray, numbers: np.ndarray) -> tuple:
    driver = find_driver("open-sensor").open()
    t_us = numbers * 1000
    packets = [Packet(frames.info(0), 0.0, protocol.FROM_DEVICE)]
    rows = []
    for frame, row in frames.data(values, numbers, t_us):
        packets.append(Packet(frame, float(row), protocol.FROM_DEVICE))
        rows.append(row)
    return driver, driver.feed(packets)


@settings(deadline=None, max_examples=50)
@given(
    st.integers(1, 70),
    st.lists(st.integers(1, 400), min_size=1, max_size=60),
    st.integers(0, 2**32 - 1),
)
def test_every_value_comes_back_within_half_a_step_and_jumps_are_gaps(
    channels: int, steps: list[int], first: int
) -> None:
    numbers = first + np.cumsum(np.array(steps, np.int64))
    rng = np.random.default_rng(channels)
    values = rng.normal(0, 300, (len(steps), channels))
    groups = groups_of(["leg"] * channels, ["emg"] * channels, ["uV"] * channels)
    driver, out = decoded(SampleFrames("x", groups, 1000.0, 5), values, numbers)
    assert not out.rejected
    for spec, group in zip(driver.streams, groups, strict=True):
        mine = [each for each in out.samples if each.stream == spec.name]
        index = np.concatenate([each.index for each in mine])
        raw = np.concatenate([each.raw for each in mine])
        assert np.array_equal(index, numbers - numbers[0])
        error = spec.physical(raw) - values[:, group.columns]
        assert np.abs(error).max() <= STEPS["uV"] / 2
        lost = sum(gap.lost for gap in out.gaps if gap.stream == spec.name)
        assert lost == sum(steps[1:]) - (len(steps) - 1)


def test_rows_that_hold_no_number_are_missing_and_great_ones_are_clipped() -> None:
    values = np.array([[1.0], [np.nan], [3.0], [np.inf], [1e12], [-1e12]])
    frames = SampleFrames("x", groups_of(["leg"], ["emg"], ["uV"]), 100.0, 1)
    driver, out = decoded(frames, values, np.arange(6))
    (samples,) = out.samples
    assert samples.index.tolist() == [0, 2, 4, 5]
    assert frames.clipped == 2
    assert driver.streams[0].physical(samples.raw)[:2, 0].tolist() == [1.0, 3.0]


@pytest.mark.parametrize(
    ("unit", "kept", "of_one"),
    [("V", "uV", 1e6), ("mV", "uV", 1e3), ("microvolts", "uV", 1.0), ("m/s^2", "g", 0.101972)],
)
def test_units_are_brought_to_those_of_a_night(unit: str, kept: str, of_one: float) -> None:
    frames = SampleFrames("x", groups_of(["leg"], ["emg"], [unit]), 100.0, 1)
    driver, out = decoded(frames, np.ones((1, 1)), np.arange(1))
    assert driver.streams[0].unit == kept
    value = driver.streams[0].physical(out.samples[0].raw)[0, 0]
    assert value == pytest.approx(of_one, abs=STEPS[kept])
