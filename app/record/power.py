"""Where the computer's electricity comes from."""

from __future__ import annotations

import math
import subprocess
import sys
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

SUPPLIES = Path("/sys/class/power_supply")


class Source(Enum):
    """What feeds the computer."""

    BATTERY = "battery"
    """Its own, with no cable in it."""
    MAINS = "mains"
    """A cable to the wall, or to anything else that feeds it."""
    UNKNOWN = "unknown"
    """Nobody says."""


@dataclass(frozen=True, slots=True)
class Power:
    """The state of the supply.

    Attributes
    ----------
    source
        What feeds the computer.
    percent
        Charge of its battery, NaN where there is none or nobody says.
    """

    source: Source
    percent: float = math.nan


def power(supplies: Path = SUPPLIES) -> Power:
    """Return what feeds the computer; never raises.

    Sources: the kernel's ``sysfs-class-power`` on Linux, ``pmset`` on macOS,
    ``GetSystemPowerStatus`` on Windows.
    """
    try:
        if sys.platform == "darwin":
            return _macos()
        if sys.platform == "win32":
            return _windows()
        return from_sysfs(supplies)
    except (OSError, ValueError, subprocess.SubprocessError):
        return Power(Source.UNKNOWN)


def from_sysfs(supplies: Path) -> Power:
    """Return what Linux says of the supplies.

    A battery of a mouse or a headset (``scope`` ``Device``) is no battery of the computer. A
    battery that charges, or is full and not in use, hangs on a cable even where no supply
    says so.
    """
    online, discharging, charged, percent = False, False, False, math.nan
    for supply in sorted(supplies.iterdir()) if supplies.is_dir() else ():
        if _text(supply / "scope") == "Device":
            continue
        if _text(supply / "type") == "Battery":
            status = _text(supply / "status")
            discharging |= status == "Discharging"
            charged |= status in ("Charging", "Full", "Not charging")
            percent = _number(supply / "capacity")
        elif _text(supply / "online") not in ("", "0"):
            online = True
    if online or charged:
        return Power(Source.MAINS, percent)
    return Power(Source.BATTERY if discharging else Source.UNKNOWN, percent)


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace").strip()
    except OSError:
        return ""


def _number(path: Path) -> float:
    try:
        return float(_text(path))
    except ValueError:
        return math.nan


def _macos() -> Power:
    said = subprocess.run(
        ["/usr/bin/pmset", "-g", "batt"], capture_output=True, text=True, check=True, timeout=10
    ).stdout
    digits = said.partition("%")[0].rpartition("\t")[2]
    percent = float(digits) if digits.isdigit() else math.nan
    if "'Battery Power'" in said:
        return Power(Source.BATTERY, percent)
    return Power(Source.MAINS if "'AC Power'" in said else Source.UNKNOWN, percent)


def _windows() -> Power:
    import ctypes

    status = (ctypes.c_ubyte * 12)()
    if not ctypes.windll.kernel32.GetSystemPowerStatus(status):  # type: ignore[attr-defined,unused-ignore]
        return Power(Source.UNKNOWN)
    line, percent = status[0], float(status[2]) if status[2] <= 100 else math.nan
    return Power({0: Source.BATTERY, 1: Source.MAINS}.get(line, Source.UNKNOWN), percent)
