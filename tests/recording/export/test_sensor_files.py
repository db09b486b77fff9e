"""A night in one EDF file for each sensor opens as the night it was."""

from __future__ import annotations

import numpy as np
import pytest

from crampwatch.app.export import ExportRequest, export_night
from crampwatch.recording import open_recording
from crampwatch.recording.readers.together import named, sensor_of
from crampwatch.recording.writers.bids import Place, write_bids
from crampwatch.recording.writers.sensors import by_sensor


@pytest.fixture
def opened(tmp_path, make):
    """A night of two sensors, and what its export opens as."""
    write_bids(tmp_path / "bids", make.night(), Place())
    export_night(ExportRequest(tmp_path / "bids", tmp_path / "edf", "edf"))
    assert len(list((tmp_path / "edf").glob("*.[eb]df"))) == 2
    return open_recording(tmp_path / "bids"), open_recording(tmp_path / "edf")


def test_streams_keep_their_sensor_their_times_and_their_numbers(opened):
    before, after = opened
    assert set(by_sensor(after)) == {"leftcalf", "rightshin"}
    assert after.start == before.start
    assert len(after.streams) == len(before.streams)
    for one, other in zip(before.streams, after.streams, strict=True):
        assert (other.label, other.sensor, other.rate_hz) == (
            one.label, one.sensor, one.rate_hz,
        )  # fmt: skip
        assert [len(s) for s in other.segments] == [len(s) for s in one.segments]
        for place, segment in enumerate(one.segments):
            assert other.segments[place].start_s == pytest.approx(segment.start_s, abs=1e-6)
            np.testing.assert_allclose(
                other.physical(place, 0, len(segment)),
                one.physical(place, 0, len(segment)),
                atol=one.step,
            )


@pytest.mark.parametrize("sensor", ["left-calf", "right shin", "Wade_links", "7"])
def test_a_name_tells_its_sensor(sensor):
    assert sensor_of(named("my_night", sensor)) == sensor.replace(" ", "-").replace("_", "-")


def test_a_sensor_without_a_name_adds_nothing():
    assert named("night", "") == named("night", "??") == "night"
