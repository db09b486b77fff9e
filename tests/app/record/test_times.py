"""Lengths and times of day."""

from __future__ import annotations

import os
import time
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crampwatch.app.record.times import clock_of, length, next_time, seconds_of

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("8h", 28800.0), ("30min", 1800.0), ("1h30min", 5400.0), ("90s", 90.0), ("1.5h", 5400.0)],
)
def test_a_length_is_read(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "8", "8 hours", "h", "-1h", "49h", "0s", "1h and 2min"])
def test_what_is_no_length_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must"):
        seconds_of(text)


@given(st.integers(1, 48 * 3600))
def test_a_length_in_words_is_read_again(seconds: int) -> None:
    shown = seconds_of(length(seconds))
    assert abs(shown - seconds) < 60
    assert length(shown) == length(seconds)


@pytest.mark.parametrize("text", ["24:00", "7", "07:60", "07:00:00", ""])
def test_what_is_no_time_of_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="07:00"):
        clock_of(text)


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch):
    before = os.environ.get("TZ")
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    if before is None:
        monkeypatch.delenv("TZ")
    else:
        monkeypatch.setenv("TZ", before)
    time.tzset()


@pytest.mark.parametrize(
    ("began", "clock", "hours"),
    [
        (datetime(2026, 10, 24, 23, tzinfo=BERLIN), "07:00", 9.0),
        (datetime(2026, 3, 28, 23, tzinfo=BERLIN), "07:00", 7.0),
        (datetime(2026, 6, 1, 23, tzinfo=BERLIN), "07:00", 8.0),
        (datetime(2026, 6, 1, 7, tzinfo=BERLIN), "07:00", 24.0),
    ],
)
def test_a_time_of_day_is_met_where_the_hour_changes(began, clock, hours, berlin) -> None:
    start_s = began.timestamp()
    assert next_time(clock, start_s) - start_s == hours * 3600
