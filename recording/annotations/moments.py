"""What a person means by a time of the night: midnight, daylight saving, and how exactly."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Final

from ..errors import RecordingError

BEFORE_NIGHT: Final = timedelta(hours=3)
"""A time of day up to this long before the recording began is taken for the evening before."""

_DAY = timedelta(days=1)
_HOUR_S: Final = 3600.0
_AHEAD = timedelta(minutes=2)
_CLOCK = re.compile(
    r"(?P<hour>\d{1,2})(?:[:.h](?P<minute>\d{2})(?:[:.](?P<second>\d{2}))?)?"
    r"\s*(?P<half>[ap]\.?m\.?)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment as a person states it.

    Attributes
    ----------
    at
        With a zone.
    earlier_s, later_s
        How much earlier and later it may really have been, seconds.
    remark
        What had to be assumed, or nothing.
    """

    at: datetime
    earlier_s: float
    later_s: float
    remark: str = ""


def moment_of(
    text: str,
    *,
    now: datetime,
    start: datetime | None = None,
    end: datetime | None = None,
    zone: tzinfo | None = None,
) -> Moment:
    """Return the moment that a time of day or a date with a time means.

    A time of day is sought from three hours before the start of the recording on; where
    there is no start, it is the last one before `now`. How exact it is follows from how it
    is written: ``03:10:20`` to a minute, ``03:12`` to 5, ``03:10`` to 10, ``03:30`` to 20,
    ``3 am`` to 30 minutes (choices of this project).

    Parameters
    ----------
    text
        ``03:10``, ``3.10 am``, ``3 pm``, ``2026-01-31 03:10``, with an offset
        (``2026-10-25T02:30+01:00``) where a time comes twice that night.
    now
        With a zone.
    start, end
        Of the recording; without a zone they are in `zone`.
    zone
        Zone of the person's clock; by default that of this computer.

    Raises
    ------
    RecordingError
        The text is no time, or the time is still to come.
    """
    try:
        found = _moment(text, now, start, end, zone)
        ahead = seconds_between(now, found.at)
    except (OverflowError, OSError, ValueError) as error:
        raise RecordingError(f"{text.strip()[:40]!r}: no calendar holds this time") from error
    if ahead > _AHEAD.total_seconds():
        raise RecordingError(
            f"{text.strip()!r} would be {found.at:%Y-%m-%d %H:%M}, which is still to come;"
            " give the date too, as in '2026-01-31 03:10'"
        )
    return found


def seconds_between(earlier: datetime, later: datetime) -> float:
    """Return the seconds that pass between two moments with zones, whatever the clock did."""
    # datetimes of one zone are subtracted as the clock shows them, without its changes
    passed = later.replace(tzinfo=None) - earlier.replace(tzinfo=None)
    turned = (later.utcoffset() or timedelta()) - (earlier.utcoffset() or timedelta())
    return (passed - turned).total_seconds()


def localised(moment: datetime, zone: tzinfo | None = None) -> datetime:
    """Return a moment with a zone; a naive one is taken for the time in `zone`.

    Raises
    ------
    RecordingError
        No calendar of this computer holds it.
    """
    if moment.tzinfo is not None:
        return moment
    try:
        return moment.astimezone() if zone is None else moment.replace(tzinfo=zone)
    except (OverflowError, OSError, ValueError) as error:
        raise RecordingError(f"{moment}: no calendar holds this time") from error


def onset_of(at: datetime, start: datetime, zone: tzinfo | None = None) -> float:
    """Return the time of a moment, in seconds from the start of a recording.

    Parameters
    ----------
    at
        With a zone.
    start
        Without a zone it is the recorder's clock: the two clocks are compared as they
        stood, and daylight saving that began or ended in between, in `zone`, is accounted
        for.
    zone
        By default that of this computer.
    """
    if start.tzinfo is not None:
        return seconds_between(start, at)
    as_shown = (at.replace(tzinfo=None) - start).total_seconds()
    try:
        begin = localised(start, zone)
        here = at.astimezone(zone).utcoffset()
    except (RecordingError, OverflowError, OSError, ValueError):
        return as_shown
    return seconds_between(begin, at) if here == at.utcoffset() else as_shown


def clock_zone(start: datetime | None) -> tzinfo | None:
    """Return the zone in which a person beside this recording reads the clock.

    None stands for the zone of this computer: it knows of daylight saving, which the fixed
    offset of a file does not. A recording from another zone keeps its own.
    """
    if start is None or start.tzinfo is None or start.tzinfo is UTC:
        return None
    if start.utcoffset() == timedelta(0):
        return None
    try:
        here = start.astimezone().utcoffset()
    except (OverflowError, OSError, ValueError):
        return start.tzinfo
    return None if start.utcoffset() == here else start.tzinfo


def _moment(
    text: str,
    now: datetime,
    start: datetime | None,
    end: datetime | None,
    zone: tzinfo | None,
) -> Moment:
    stated = _date_time(text)
    if stated is None:
        clock, precision = _time_of_day(text)
        day = _day_of(clock, now, start, zone)
        return _on_clock(datetime.combine(day, clock), precision, start, end, zone)
    precision = _precision(stated.time(), has_minutes=True)
    if stated.tzinfo is not None:
        return Moment(stated, precision, precision)
    return _on_clock(stated, precision, start, end, zone)


def _on_clock(
    naive: datetime,
    precision: float,
    start: datetime | None,
    end: datetime | None,
    zone: tzinfo | None,
) -> Moment:
    """Return the moment at which the clock on the wall showed a time."""
    first, second = (localised(naive.replace(fold=fold), zone) for fold in (0, 1))
    if first.utcoffset() == second.utcoffset():
        return Moment(first, precision, precision)
    shown = first.astimezone(UTC).astimezone(zone).replace(tzinfo=None, fold=0)
    if shown != naive.replace(fold=0):
        moved = first.astimezone(UTC).astimezone(zone)
        remark = f"the clock skipped {naive:%H:%M} that night; taken as {moved:%H:%M}"
        return Moment(moved, precision, precision, remark)
    inside = [moment for moment in (first, second) if _within(moment, start, end, zone)]
    if len(inside) == 1:
        return Moment(inside[0], precision, precision)
    remark = (
        f"{naive:%H:%M} came twice that night; taken as the first ({first:%z}), and uncertain "
        "by an hour"
    )
    return replace(Moment(first, precision, precision, remark), later_s=precision + _HOUR_S)


def _within(
    moment: datetime, start: datetime | None, end: datetime | None, zone: tzinfo | None
) -> bool:
    after = start is None or moment.timestamp() >= localised(start, zone).timestamp()
    return after and (end is None or moment.timestamp() <= localised(end, zone).timestamp())


def _day_of(
    clock: time, now: datetime, start: datetime | None, zone: tzinfo | None
) -> datetime:
    if start is not None:
        shown = start if start.tzinfo is None else start.astimezone(zone).replace(tzinfo=None)
        earliest = shown - BEFORE_NIGHT
        day = earliest.replace(hour=0, minute=0, second=0, microsecond=0)
        return day if datetime.combine(day, clock) >= earliest else day + _DAY
    latest = (now + _AHEAD).astimezone(zone).replace(tzinfo=None)
    day = latest.replace(hour=0, minute=0, second=0, microsecond=0)
    return day if datetime.combine(day, clock) <= latest else day - _DAY


def _date_time(text: str) -> datetime | None:
    clean = text.strip()
    if not re.match(r"\d{4}-\d{2}-\d{2}[ T]\d", clean):
        return None
    try:
        return datetime.fromisoformat(clean)
    except ValueError as error:
        raise RecordingError(
            f"{clean[:40]!r} is no date and time; write it as 2026-01-31 03:10"
        ) from error


def _time_of_day(text: str) -> tuple[time, float]:
    found = _CLOCK.fullmatch(text.strip())
    if found is not None and (found["minute"] or found["half"]):
        hour = int(found["hour"])
        half = (found["half"] or "").lower()
        if half and 1 <= hour <= 12:
            hour = hour % 12 + (12 if half.startswith("p") else 0)
        elif half:
            hour = 99
        minute, second = int(found["minute"] or 0), int(found["second"] or 0)
        if hour < 24 and minute < 60 and second < 60:
            clock = time(hour, minute, second)
            if found["second"]:
                return clock, 60.0
            return clock, _precision(clock, has_minutes=bool(found["minute"]))
    raise RecordingError(f"{text.strip()[:40]!r} is no time; write it as 03:10 or 3:10 am")


def _precision(clock: time, *, has_minutes: bool) -> float:
    if not has_minutes:
        return 1800.0
    if clock.second or clock.microsecond:
        return 60.0
    if clock.minute % 30 == 0:
        return 1200.0
    return 600.0 if clock.minute % 5 == 0 else 300.0
