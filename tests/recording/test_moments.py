"""What a person means by a time of the night."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crampwatch.recording import RecordingError
from crampwatch.recording.annotations.moments import (
    clock_zone,
    localised,
    moment_of,
    onset_of,
    seconds_between,
)

BERLIN = ZoneInfo("Europe/Berlin")
EVENING = datetime(2026, 1, 31, 23, 5)  # noqa: DTZ001 - a file without a zone
MORNING = datetime(2026, 2, 1, 7, 0)  # noqa: DTZ001
NOW = datetime(2026, 2, 1, 8, 0, tzinfo=BERLIN)
SUMMER_ENDS = datetime(2026, 10, 24, 23, 0)  # noqa: DTZ001
SUMMER_BEGINS = datetime(2026, 3, 28, 23, 0)  # noqa: DTZ001


def clock(text, start=EVENING, now=NOW, end=None):
    return moment_of(text, now=now, start=start, end=end, zone=BERLIN)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("23:50", "2026-01-31 23:50"),
        ("00:10", "2026-02-01 00:10"),
        ("3:10", "2026-02-01 03:10"),
        ("3.10 am", "2026-02-01 03:10"),
        ("12:15 am", "2026-02-01 00:15"),
        ("11pm", "2026-01-31 23:00"),
        ("22:40", "2026-01-31 22:40"),
        ("06:59:30", "2026-02-01 06:59"),
        ("2026-02-01 03:10", "2026-02-01 03:10"),
        ("2026-02-01T03:10+01:00", "2026-02-01 03:10"),
    ],
)
def test_a_time_of_day_lies_in_the_night_also_across_midnight(text, day):
    assert f"{clock(text).at:%Y-%m-%d %H:%M}" == day


def test_without_a_night_it_is_the_last_such_time():
    assert f"{clock('07:55', start=None).at:%d %H:%M}" == "01 07:55"
    assert f"{clock('23:30', start=None).at:%d %H:%M}" == "31 23:30"


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("03:12:20", 1), ("03:12", 5), ("03:10", 10), ("03:30", 20), ("3 am", 30), ("4:00", 20)],
)
def test_how_exact_a_time_is_follows_from_how_it_is_written(text, minutes):
    found = clock(text)
    assert (found.earlier_s, found.later_s) == (60.0 * minutes, 60.0 * minutes)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "3",
        "25:00",
        "03:60",
        "13 pm",
        "0 am",
        "soon",
        "2026-13-01 03:10",
        "03:10:61",
        "-1:00",
    ],
)
def test_what_is_no_time_is_told_in_one_line(text):
    with pytest.raises(RecordingError, match=r"no (date and )?time") as error:
        clock(text)
    assert "\n" not in str(error.value)


def test_a_time_still_to_come_is_refused():
    now = datetime(2026, 2, 1, 2, 0, tzinfo=BERLIN)
    assert f"{clock('01:59', now=now).at:%H:%M}" == "01:59"
    with pytest.raises(RecordingError, match="still to come"):
        clock("03:10", now=now)


def test_an_hour_that_comes_twice_is_the_first_and_uncertain_by_an_hour():
    now = datetime(2026, 10, 25, 9, 0, tzinfo=BERLIN)
    found = clock("02:30", SUMMER_ENDS, now)
    assert found.at.utcoffset() == timedelta(hours=2)
    assert (found.earlier_s, found.later_s) == (1200.0, 1200.0 + 3600.0)
    assert "twice" in found.remark
    stated = clock("2026-10-25T02:30+01:00", SUMMER_ENDS, now)
    assert seconds_between(found.at, stated.at) == 3600.0
    assert not stated.remark


def test_of_two_such_times_the_one_within_the_recording_is_meant():
    now = datetime(2026, 10, 25, 9, 0, tzinfo=BERLIN)
    late = datetime(2026, 10, 25, 2, 45, tzinfo=BERLIN)
    found = clock("02:50", SUMMER_ENDS, now, end=late.replace(minute=55))
    assert found.at.utcoffset() == timedelta(hours=2)
    second = clock("02:20", late, now)
    assert second.at.utcoffset() == timedelta(hours=1)
    assert not second.remark


def test_an_hour_that_was_skipped_is_taken_as_the_clock_went_on():
    now = datetime(2026, 3, 29, 9, 0, tzinfo=BERLIN)
    found = clock("02:30", SUMMER_BEGINS, now)
    assert f"{found.at:%H:%M %z}" == "03:30 +0200"
    assert "skipped" in found.remark


@pytest.mark.parametrize(
    ("start", "at", "hours"),
    [
        (EVENING, datetime(2026, 2, 1, 3, 5, tzinfo=BERLIN), 4.0),
        (SUMMER_ENDS, datetime(2026, 10, 25, 4, 0, tzinfo=BERLIN), 6.0),
        (SUMMER_BEGINS, datetime(2026, 3, 29, 4, 0, tzinfo=BERLIN), 4.0),
        (SUMMER_ENDS.replace(tzinfo=BERLIN), datetime(2026, 10, 25, 4, 0, tzinfo=BERLIN), 6.0),
        (datetime(2026, 10, 24, 21, 0, tzinfo=UTC),
         datetime(2026, 10, 25, 4, 0, tzinfo=timezone(timedelta(hours=1))), 6.0),
    ],
)  # fmt: skip
def test_an_onset_counts_the_seconds_that_passed(start, at, hours):
    assert onset_of(at, start, BERLIN) == 3600.0 * hours


def test_a_mark_from_another_zone_is_held_against_the_clock_of_the_recorder():
    at = datetime(2026, 2, 1, 3, 5, tzinfo=timezone(timedelta(hours=-5)))
    assert onset_of(at, EVENING, BERLIN) == 4 * 3600.0


@given(st.floats(-3 * 3600.0, 20 * 3600.0))
def test_what_is_shown_by_the_clock_is_found_again(seconds):
    start = EVENING.replace(tzinfo=BERLIN)
    at = (start.astimezone(UTC) + timedelta(seconds=round(seconds))).astimezone(BERLIN)
    found = clock(f"{at:%H:%M:%S}", now=NOW + timedelta(days=1))
    assert onset_of(found.at, start) == round(seconds)


@given(st.text(max_size=30))
def test_any_text_is_a_moment_or_one_line(text):
    said = ""
    try:
        clock(text)
    except RecordingError as error:
        said = str(error)
    assert len(said.splitlines()) <= 1


@pytest.mark.parametrize("year", [1, 9999])
def test_the_ends_of_the_calendar_end_in_one_line(year):
    start = datetime(year, 1, 1, tzinfo=UTC)
    with pytest.raises(RecordingError):
        moment_of("03:10", now=NOW, start=start.replace(tzinfo=None), zone=BERLIN)
    assert abs(onset_of(NOW, start)) > 1e9
    assert abs(onset_of(NOW, start.replace(tzinfo=None), BERLIN)) > 1e9


def test_a_recording_from_elsewhere_keeps_its_zone():
    far = timezone(timedelta(hours=13, minutes=45))
    assert clock_zone(None) is None
    assert clock_zone(EVENING) is None
    assert clock_zone(EVENING.replace(tzinfo=UTC)) is None
    assert clock_zone(EVENING.replace(tzinfo=far)) is far
    assert localised(EVENING, BERLIN).utcoffset() == timedelta(hours=1)
