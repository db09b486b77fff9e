"""Time of night and time of day from readings each minute."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crampwatch.recording.clock import ClockReading, night_clock

BEGUN = datetime(2026, 3, 28, 21, 30, tzinfo=UTC)
MINUTES = 540


def readings(set_at=(), asleep=(), *, boot=True, ppm=0.0):
    """Return a night; `set_at` and `asleep` hold (minute, seconds)."""
    wall, elapsed, rows = BEGUN.timestamp(), 0.0, []
    for minute in range(MINUTES):
        wall += sum(by for at, by in set_at if at == minute)
        for at, by in asleep:
            if at == minute:
                wall, elapsed = wall + by, elapsed + by
        other = 5000.0 + elapsed + 60.0 * minute if boot else wall
        rows.append(ClockReading(1000.0 + 60.0 * minute, wall, other))
        wall += 60.0 * (1 + ppm * 1e-6)
    return rows


def test_quiet_night():
    clock = night_clock(readings())
    assert clock.start_utc == BEGUN
    assert clock.steps == ()
    assert clock.to_night(np.array([1000.0, 1060.5])).tolist() == [0.0, 60.5]
    assert clock.to_utc(60.0) == datetime(2026, 3, 28, 21, 31, tzinfo=UTC)


@pytest.mark.parametrize("ppm", [-300.0, 50.0, 400.0])
def test_slewing_is_no_step(ppm):
    assert night_clock(readings(ppm=ppm)).steps == ()


def test_clock_set_by_the_network_early_on_moves_the_start_not_the_night():
    clock = night_clock(readings(set_at=[(3, 12.5)]))
    (step,) = clock.steps
    assert (step.kind, step.after_s, step.before_s) == ("set", 120.0, 180.0)
    assert step.seconds == pytest.approx(12.5)
    assert clock.start_utc.timestamp() == pytest.approx(BEGUN.timestamp() + 12.5)
    night = clock.to_night(np.arange(1000.0, 3000.0))
    assert np.ptp(np.diff(night)) == 0


@pytest.mark.parametrize("by", [3600.0, -3600.0])
def test_daylight_saving_set_by_hand_is_named(by):
    clock = night_clock(readings(set_at=[(300, by)]))
    (step,) = clock.steps
    assert "daylight saving" in str(step)
    assert clock.start_utc == BEGUN


def test_sleep_of_the_computer_counts_as_night():
    clock = night_clock(readings(asleep=[(60, 1800.0)]))
    (step,) = clock.steps
    assert step.kind == "asleep"
    assert step.seconds == pytest.approx(1800.0)
    night = clock.to_night(np.array([1000.0 + 59 * 60, 1000.0 + 60 * 60]))
    assert night.tolist() == [3540.0, 5400.0]
    assert clock.start_utc == BEGUN


def test_sleep_and_a_set_clock_at_once_are_told_apart():
    clock = night_clock(readings(asleep=[(60, 1800.0)], set_at=[(60, -7.0)]))
    assert sorted((step.kind, round(step.seconds)) for step in clock.steps) == [
        ("asleep", 1800),
        ("set", -7),
    ]


def test_without_a_clock_that_counts_sleep_a_jump_ahead_is_unclear():
    clock = night_clock(readings(set_at=[(60, 900.0)], boot=False))
    assert [step.kind for step in clock.steps] == ["unclear"]
    back = night_clock(readings(set_at=[(60, -900.0)], boot=False))
    assert [step.kind for step in back.steps] == ["set"]


def test_without_such_a_clock_at_all():
    rows = [ClockReading(r.monotonic_s, r.wall_s) for r in readings(set_at=[(9, 30.0)])]
    assert [step.kind for step in night_clock(rows).steps] == ["set"]


def test_no_usable_reading():
    nan = float("nan")
    assert night_clock([]) is None
    assert night_clock([ClockReading(nan, 1.0), ClockReading(1.0, 1e300)]) is None


@given(
    st.lists(
        st.tuples(st.floats(), st.floats(), st.floats()),
        max_size=20,
    )
)
def test_whatever_was_stored_night_never_goes_back(rows):
    clock = night_clock([ClockReading(*row) for row in rows])
    if clock is not None:
        night = clock.to_night(np.linspace(-1e6, 1e6, 50))
        assert (np.diff(night) >= 0).all()
