"""Times of day and dates, as annotation files spell them."""

from __future__ import annotations

import math
import re
from datetime import datetime
from typing import Final

DAY_S: Final = 86400.0
LONGEST_S: Final = 400 * DAY_S
"""No recording is longer; a time beyond it is a mistake, or meant to do harm."""

_LONGEST_NIGHT_S: Final = 20 * 3600.0
_TIME = re.compile(
    r"(\d{1,2})[:.](\d{1,2})[:.](\d{1,2})(?:[.,](\d+))? ?([ap]m)?", re.IGNORECASE
)
_DATE = re.compile(r"(\d{1,4})[./-](\d{1,2})[./-](\d{1,4})")


def number(text: str) -> float | None:
    """Return a number of seconds, or None where the text is none or out of reach."""
    try:
        value = float(text) if "_" not in text else math.nan
    except ValueError:
        return None
    return value if abs(value) <= LONGEST_S else None


def time_of_day(text: str) -> float | None:
    """Return seconds since midnight of ``22:30:15.5`` or ``10:30:15 pm``, or None."""
    found = _TIME.fullmatch(text.strip())
    if found is None:
        return None
    hour, minute, second = int(found[1]), int(found[2]), int(found[3])
    if found[5]:
        hour = hour % 12 + (12 if found[5].lower() == "pm" else 0)
    if hour > 23 or minute > 59 or second > 60:
        return None
    return hour * 3600.0 + minute * 60.0 + second + float(f"0.{found[4] or 0}")


def after(moment_s: float, start_s: float) -> float:
    """Return the time from one time of day to a later one, across midnight.

    What lies shortly before `start_s` comes out negative: no night lasts 20 hours.
    """
    passed = (moment_s - start_s) % DAY_S
    return passed - DAY_S if passed > _LONGEST_NIGHT_S else passed


def seconds_of_day(moment: datetime) -> float:
    """Return the time since midnight, seconds."""
    return (
        moment.hour * 3600.0 + moment.minute * 60.0 + moment.second + moment.microsecond / 1e6
    )


def date_and_time(text: str) -> tuple[datetime, bool] | None:
    """Return a date with a time of day, and whether the date is beyond doubt.

    Dots mean day first, a year in front means ISO, ``AM`` or ``PM`` after slashes means
    month first. ``03/04/2021 22:00:00`` can be either, and its date is doubtful.
    """
    date, _, clock = text.strip().replace("T", " ", 1).partition(" ")
    parts, seconds = _DATE.fullmatch(date), time_of_day(clock)
    if parts is None or seconds is None:
        return None
    first, second, third = (int(part) for part in parts.groups())
    sure = True
    if first > 31:
        year, month, day = first, second, third
    elif "/" in date and (clock.lower().endswith("m") or second > 12):
        year, month, day = third, first, second
    else:
        year, month, day = third, second, first
        sure = "/" not in date or first > 12
    year += 2000 if year < 85 else 1900 if year < 100 else 0
    try:
        midnight = datetime(year, month, day)  # noqa: DTZ001 - the files name no zone
    except ValueError:
        return None
    whole = int(seconds)
    return (
        midnight.replace(
            hour=whole // 3600,
            minute=whole // 60 % 60,
            second=min(whole % 60, 59),
            microsecond=round(seconds % 1 * 1e6) % 1_000_000,
        ),
        sure,
    )
