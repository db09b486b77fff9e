"""The clock of the computer: right, put right by somebody, and not changed unseen tonight."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ..record.checks import Check, Verdict, clock
from .system import System, lines_of

STEP = timedelta(minutes=15)
HARDWARE_OFF_S = 120.0
ZONES_S = 900.0
"""Clocks that run by local time are off by a multiple of this."""


def clock_checks(system: System, planned_s: float) -> list[Check]:
    """Return what can be said of the clock, and of a change of the hour within the night."""
    checks = [clock(system.now_s), *synchronised(system), *hardware(system)]
    return [*checks, *change_of_hour(system.now_s, planned_s)]


def synchronised(system: System) -> list[Check]:
    """Return whether something sets the clock."""
    said = lines_of(system.run("timedatectl", "show") or "")
    word = said.get("NTPSynchronized", "")
    if word == "yes":
        return [Check("time server", Verdict.OK, "the clock is set by one")]
    if word == "no":
        words = "none sets the clock: compare it with your telephone, or run:" + (
            " sudo timedatectl set-ntp true"
            if said.get("NTP") != "yes"
            else " timedatectl timesync-status"
        )
        return [Check("time server", Verdict.WARN, words)]
    words = "nobody says whether one sets the clock: compare it with your telephone"
    return [Check("time server", Verdict.OK, words)]


def hardware(system: System) -> list[Check]:
    """Return whether the clock that runs while the computer is off agrees.

    Source: the kernel's ``rtc`` class, ``since_epoch``.
    """
    text = system.text("/sys/class/rtc/rtc0/since_epoch").strip()
    if not text.isdecimal():
        return []
    off_s = int(text) - system.now_s
    by_zone = abs(off_s) < 86_400.0 and abs(off_s - ZONES_S * round(off_s / ZONES_S)) < 5.0
    if abs(off_s) < HARDWARE_OFF_S or by_zone:
        return []
    words = (
        f"the clock on the board is off by {abs(off_s) / 60:.0f} min: sudo hwclock --systohc"
    )
    return [Check("hardware clock", Verdict.WARN, words)]


def change_of_hour(now_s: float, planned_s: float) -> list[Check]:
    """Return a line where the clocks are set ahead or back within the night."""
    try:
        # hours change on a quarter of an hour
        at = datetime.fromtimestamp(now_s // STEP.total_seconds() * STEP.total_seconds(), UTC)
        offset = at.astimezone().utcoffset()
        end = at + timedelta(seconds=planned_s)
        while at < end:
            at += STEP
            later = at.astimezone().utcoffset()
            if later is not None and offset is not None and later != offset:
                way = "ahead" if later > offset else "back"
                words = (
                    f"the clocks are set {way} at {at.astimezone():%H:%M}; the"
                    " recording goes through it, and --until means the new time"
                )
                return [Check("change of hour", Verdict.OK, words)]
    except (OverflowError, OSError, ValueError):
        pass
    return []
