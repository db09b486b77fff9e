"""Lengths and times of day as people write them: ``8h``, ``1h30min``, ``07:00``."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

LONGEST_S = 48 * 3600.0

_PART = re.compile(r"(\d+(?:\.\d+)?)\s*(h|min|s)", re.ASCII)
_SECONDS = {"h": 3600.0, "min": 60.0, "s": 1.0}
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)", re.ASCII)


def seconds_of(text: str) -> float:
    """Return a length in seconds.

    Raises
    ------
    ValueError
        It is no length, or not between a second and two days.
    """
    compact = text.strip().lower()
    parts = list(_PART.finditer(compact))
    if not parts or "".join(part.group() for part in parts) != compact.replace(",", ""):
        raise ValueError("must be a length like 8h, 30min or 1h30min")
    seconds = sum(float(part[1]) * _SECONDS[part[2]] for part in parts)
    if not 1.0 <= seconds <= LONGEST_S:
        raise ValueError("must lie between 1s and 48h")
    return seconds


def clock_of(text: str) -> str:
    """Return a time of day as ``HH:MM``.

    Raises
    ------
    ValueError
        It is none.
    """
    found = _CLOCK.fullmatch(text.strip())
    if found is None:
        raise ValueError("must be a time of day like 07:00")
    return f"{int(found[1]):02d}:{found[2]}"


def next_time(clock: str, after_s: float) -> float:
    """Return when a local time of day comes next, seconds since 1970 UTC.

    Where the hour is set back or ahead in between, the time of day is met, not the length;
    a time of day that is skipped is met by as much later.

    Parameters
    ----------
    clock
        ``HH:MM``.
    after_s
        Seconds since 1970 UTC; what comes is later.
    """
    hour, minute = (int(part) for part in clock.split(":"))
    today = datetime.fromtimestamp(after_s, UTC).astimezone()
    for days in range(3):
        date = (today + timedelta(days=days)).date()
        # made without a zone, so that astimezone takes the offset of that very moment
        local = datetime(date.year, date.month, date.day, hour, minute)  # noqa: DTZ001
        moment = local.astimezone().timestamp()
        if moment > after_s:
            return moment
    raise ValueError(f"{clock} does not come")  # pragma: no cover


def length(seconds: float) -> str:
    """Return a length in words that `seconds_of` reads: ``7h55min``."""
    whole = round(seconds)
    hours, minutes, rest = whole // 3600, whole % 3600 // 60, whole % 60
    if hours:
        return f"{hours}h{minutes:02d}min" if minutes else f"{hours}h"
    if minutes:
        return f"{minutes}min{rest:02d}s" if rest else f"{minutes}min"
    return f"{rest}s"
