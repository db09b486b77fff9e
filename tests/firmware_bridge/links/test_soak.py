"""Two simulated sensors that lose, drift and break off: every sample is accounted for.

The short one runs always, the hour with 60 breaks of each sensor as evidence.
"""

from __future__ import annotations

import numpy as np
import pytest
from soak import Result, hour, soak, table

from crampwatch.firmware_bridge.links import LinkState

BOUND_MS = 2.0
SLACK_OBJECTS = 300


def check(result: Result) -> None:
    assert {(each.sensor, each.stream) for each in result.lines} == {
        ("cyton", "exg"),
        ("open-sensor", "exg"),
        ("open-sensor", "accel"),
    }
    for each in result.lines:
        assert each.in_place, each  # running numbers jump exactly where samples are missing
        assert each.lost == each.truly_lost == each.sensor_lost, each
        assert each.low <= each.truly_lost, each
        assert each.high is None or each.truly_lost <= each.high, each
        assert each.p95_ms < BOUND_MS, each
        if each.sensor == "open-sensor":
            assert each.resent > 0, each
            assert each.lost < 0.001 * each.received, each
    assert np.percentile(result.between_ms, 95) < BOUND_MS
    for changes in result.changes.values():
        assert changes[-2].state is LinkState.STREAMING
        assert changes[-1].state is LinkState.STOPPED
    first, _second, last = result.objects
    assert last - first < SLACK_OBJECTS


@pytest.mark.system
def test_three_minutes_with_nine_breaks_each():
    check(soak(hour(180, 9), 180))


@pytest.mark.evidence
def test_an_hour_with_sixty_breaks_each(reduced, tables):
    seconds = 600 if reduced else 3600
    result = soak(hour(seconds, seconds // 60), seconds)
    if tables is not None and not reduced:
        (tables / "soak.txt").write_text(table(result) + "\n", encoding="utf-8")
    check(result)
    if not reduced:
        assert all(each.disconnects > 30 for each in result.lines)
