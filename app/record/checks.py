"""What is looked at before a night, each as one line with its verdict."""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path

from ...firmware_bridge.drivers.model import StreamSpec
from .power import Power, Source
from .times import length

JOURNAL_PART = 3.0
"""Bytes on the disk for one byte of raw integers: 1.8 while recording, and 1.2 beside it
while the night is closed."""

FOR_RESULTS = 50 << 20
"""For results, notes and the log of a night."""

OPEN_END_S = 10 * 3600.0
"""Length that is planned for where no end is said."""

EARLIEST = datetime(2025, 1, 1, tzinfo=UTC)
LOW_PERCENT = 20.0


class Verdict(Enum):
    """How a check ended."""

    OK = "ok"
    WARN = "look"
    FAIL = "stop"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the checklist.

    Attributes
    ----------
    what
        A word or two.
    verdict
        Whether the night may begin.
    words
        What was found, and what helps.
    """

    what: str
    verdict: Verdict
    words: str


def body_safety(wired: Sequence[str], power: Power, *, isolator: bool) -> Check | None:
    """Return whether sensors wired to a body may record, None where there are none.

    It never advises a wired person to plug anything in.
    """
    if not wired:
        return None
    names = ", ".join(wired)
    what = "your body"
    if isolator:
        words = f"{names}: wired to you, behind an isolator as you say; keep it there all night"
        return Check(what, Verdict.OK, words)
    if power.source is Source.BATTERY:
        words = f"{names}: wired to you; leave every cable out of this computer until morning"
        return Check(what, Verdict.OK, words)
    feeds = (
        "the computer is on mains power"
        if power.source is Source.MAINS
        else "nobody can tell whether the computer is on mains power"
    )
    words = (
        f"{names}: wired to your body, and {feeds}: take electrodes off, pull its power cable"
        " and every other one, and begin again; or, behind a medical-grade isolator, say"
        " --isolator"
    )
    return Check(what, Verdict.FAIL, words)


def supply(power: Power, planned_s: float, *, wired: bool) -> Check:
    """Return whether the computer's electricity lasts."""
    what = "power"
    charge = "" if math.isnan(power.percent) else f" ({power.percent:.0f} %)"
    if power.source is Source.MAINS:
        return Check(what, Verdict.OK, "mains")
    if power.source is Source.UNKNOWN:
        return Check(what, Verdict.OK, "a computer that says nothing of its supply")
    night = length(planned_s)
    if wired:
        words = f"battery{charge}, which must last {night}; close what is not needed"
        low = power.percent < 2 * LOW_PERCENT
        return Check(what, Verdict.WARN if low else Verdict.OK, words)
    words = f"battery{charge}: it would have to last {night}; plug the computer in"
    return Check(what, Verdict.WARN, words)


def disk(folder: Path, bytes_per_s: float, planned_s: float) -> Check:
    """Return whether the night fits on the disk.

    Parameters
    ----------
    folder
        Where the night goes; need not exist.
    bytes_per_s
        As `bytes_per_second` returns it.
    planned_s
        Length of the night.
    """
    home = next(each for each in (folder, *folder.absolute().parents) if each.exists())
    free = shutil.disk_usage(home).free
    needed = bytes_per_s * planned_s + FOR_RESULTS
    words = f"{_size(free)} free; {length(planned_s)} may need {_size(needed)}"
    if free < needed:
        most_s = max(0.0, (free - FOR_RESULTS) / bytes_per_s) if bytes_per_s else 0.0
        shorter = f", or record for less than {length(most_s)}" if most_s > 600.0 else ""
        return Check("disk", Verdict.FAIL, f"{words}: free some space{shorter}")
    return Check("disk", Verdict.OK, words)


def bytes_per_second(streams: Iterable[StreamSpec], *, raw_log: bool) -> float:
    """Return what streams put on the disk in a second, at most."""
    raw = 0.0
    for each in streams:
        low, high = each.raw_limits or (-(2**31), 2**31 - 1)
        width = max(1, math.ceil(max(abs(low), abs(high)).bit_length() / 8))
        raw += each.rate_hz * len(each.columns) * width
    # notifications are kept as hexadecimal text
    return raw * (JOURNAL_PART + (3.0 if raw_log else 0.0))


def clock(wall_s: float) -> Check:
    """Return whether the clock of the computer can be right."""
    try:
        now = datetime.fromtimestamp(wall_s, UTC).astimezone()
    except (OverflowError, OSError, ValueError):
        return Check("clock", Verdict.WARN, "shows no time; set it")
    words = f"{now:%A %d %B %Y, %H:%M %Z}"
    if now < EARLIEST:
        return Check("clock", Verdict.WARN, f"{words}: cannot be; set it")
    return Check("clock", Verdict.OK, words)


def battery(name: str, percent: float, lasts_h: float | None, planned_s: float) -> Check:
    """Return whether a sensor's battery lasts; NaN where it says nothing."""
    what = f"{name}: battery"
    if math.isnan(percent):
        return Check(what, Verdict.OK, "it does not say")
    words = f"{percent:.0f} %"
    if lasts_h is not None and percent / 100.0 * lasts_h * 3600.0 < planned_s:
        words += f" of about {lasts_h:g} h: may not last {length(planned_s)}; charge it first"
        return Check(what, Verdict.WARN, words)
    if percent < LOW_PERCENT:
        return Check(what, Verdict.WARN, f"{words}: charge it first")
    return Check(what, Verdict.OK, words)


def _size(count: float) -> str:
    if count >= 1e9:
        return f"{count / 1e9:.1f} GB"
    return f"{count / 1e6:.0f} MB"
