"""The checklist: what a night needs of disk, clock and batteries."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crampwatch.app.record.checks import (
    FOR_RESULTS,
    Verdict,
    battery,
    bytes_per_second,
    clock,
    disk,
)
from crampwatch.firmware_bridge.drivers import find_driver


def test_the_disk_is_judged_by_the_rates_of_the_sensors() -> None:
    streams = find_driver("cyton").open().streams
    emg = next(stream for stream in streams if stream.kind == "emg")
    raw = emg.rate_hz * len(emg.columns) * 3
    assert bytes_per_second([emg], raw_log=False) == 3.0 * raw
    assert bytes_per_second([emg], raw_log=True) > bytes_per_second([emg], raw_log=False)


def test_a_night_that_does_not_fit_is_told_how_long_it_may_be(tmp_path: Path) -> None:
    check = disk(tmp_path / "not" / "there", 1e9, 1e9)
    assert check.verdict is Verdict.FAIL
    assert "free some space" in check.words
    assert disk(tmp_path, 0.0, 8 * 3600.0).verdict is Verdict.OK
    assert FOR_RESULTS > 0


@pytest.mark.parametrize(
    ("wall_s", "verdict"),
    [
        (datetime(2026, 11, 22, 23, 0, tzinfo=UTC).timestamp(), Verdict.OK),
        (0.0, Verdict.WARN),
        (1e20, Verdict.WARN),
        (math.nan, Verdict.WARN),
    ],
)
def test_a_clock_that_cannot_be_right_is_told(wall_s: float, verdict: Verdict) -> None:
    assert clock(wall_s).verdict is verdict


@pytest.mark.parametrize(
    ("percent", "lasts_h", "verdict"),
    [
        (math.nan, 24.0, Verdict.OK),
        (90.0, 24.0, Verdict.OK),
        (30.0, 24.0, Verdict.WARN),
        (30.0, None, Verdict.OK),
        (10.0, None, Verdict.WARN),
    ],
)
def test_a_battery_must_last_the_night(percent, lasts_h, verdict) -> None:
    assert battery("band", percent, lasts_h, 8 * 3600.0).verdict is verdict
