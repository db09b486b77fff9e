"""Power and sleep: what would switch the computer off in the night."""

from __future__ import annotations

import configparser
import re
from pathlib import PurePosixPath

from ..record.checks import Check, Verdict
from .system import System

LOGIND = "logind.conf"
PLACES = ("/etc/systemd", "/run/systemd", "/usr/local/lib/systemd", "/usr/lib/systemd")
"""In falling rank. Source: ``logind.conf(5)``."""

GNOME = "org.gnome.settings-daemon.plugins.power"
PLASMA = (".config/powerdevilrc", ".config/powermanagementprofilesrc")
SLEEPS = ("suspend", "hibernate", "hybrid-sleep", "suspend-then-hibernate", "sleep")


def lid(system: System) -> list[Check]:
    """Return what a closed lid does, where there is one."""
    if system.platform == "darwin":
        words = "a closed lid puts a Mac to sleep, whatever a program asks for: leave it open"
        return [Check("lid", Verdict.OK, words)]
    if system.platform == "win32":
        return _lid_of_windows(system)
    if not system.names("/proc/acpi/button/lid"):
        return []
    settings = logind(system)
    on_battery = settings.get("HandleLidSwitch", "suspend")
    on_mains = settings.get("HandleLidSwitchExternalPower", on_battery)
    if on_battery == "ignore" == on_mains:
        return [Check("lid", Verdict.OK, "closing it does nothing")]
    does = on_battery if on_battery == on_mains else f"{on_mains}, on battery {on_battery}"
    words = f"closing it ends the night ({does}): leave it open"
    closed = [
        name
        for name in system.names("/proc/acpi/button/lid")
        if "closed" in system.text(f"/proc/acpi/button/lid/{name}/state")
    ]
    # closed and awake: a screen is plugged in, and the computer sleeps once it is not
    verdict = Verdict.WARN if closed else Verdict.OK
    return [Check("lid", verdict, f"is closed now, and {words}" if closed else words)]


def idle(system: System, *, kept_awake: bool) -> list[Check]:
    """Return after what time of idleness the computer would sleep, unless it is kept awake.

    Parameters
    ----------
    system
        This computer.
    kept_awake
        Whether its system lets this program keep it from that.
    """
    told = [each for each in (_logind_idle(system), *_gnome(system), *_plasma(system)) if each]
    if system.platform == "darwin":
        told = _macos(system)
    if not told:
        return []
    words = "; ".join(told)
    if kept_awake:
        return [Check("idle", Verdict.OK, f"{words}; crampwatch record keeps it from that")]
    return [Check("idle", Verdict.WARN, f"{words}: switch that off for the night")]


def logind(system: System) -> dict[str, str]:
    """Return what ``logind.conf`` and its drop-ins say.

    The main file of the highest rank is read first, then all drop-ins by name; one in a
    folder of higher rank hides another of its name. Source: ``logind.conf(5)``.
    """
    texts = [system.text(f"{place}/{LOGIND}") for place in PLACES]
    chosen = [next((text for text in texts if text), "")]
    drop_ins: dict[str, str] = {}
    for place in reversed(PLACES):
        for name in system.names(f"{place}/{LOGIND}.d"):
            if PurePosixPath(name).suffix == ".conf":
                drop_ins[name] = system.text(f"{place}/{LOGIND}.d/{name}")
    chosen += [drop_ins[name] for name in sorted(drop_ins)]
    found: dict[str, str] = {}
    for text in chosen:
        found |= _section(text, "Login")
    return {key: value for key, value in found.items() if value}


def _section(text: str, name: str) -> dict[str, str]:
    parser = configparser.RawConfigParser(strict=False, allow_no_value=True)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    try:
        parser.read_string(text)
    except configparser.Error:
        return {}
    if not parser.has_section(name):
        return {}
    return {key: value or "" for key, value in parser.items(name)}


def _logind_idle(system: System) -> str:
    if not system.linux:
        return ""
    settings = logind(system)
    action = settings.get("IdleAction", "ignore")
    after = settings.get("IdleActionSec", "30min")
    return f"sleeps when idle for {after} (logind)" if action in SLEEPS else ""


def _gnome(system: System) -> list[str]:
    """Return what GNOME does; its settings exist on many computers where it does not run."""
    if "GNOME" not in system.environment.get("XDG_CURRENT_DESKTOP", "").upper():
        return []
    told = []
    for supply, words in (("ac", "on mains"), ("battery", "on battery")):
        action = _setting(system, f"sleep-inactive-{supply}-type")
        seconds = _setting(system, f"sleep-inactive-{supply}-timeout")
        if action in SLEEPS and seconds.isdecimal() and int(seconds):
            told.append(f"sleeps when idle for {int(seconds) // 60} min {words} (GNOME)")
    return told


def _setting(system: System, key: str) -> str:
    said = system.run("gsettings", "get", GNOME, key) or ""
    return said.strip().strip("'")


def _plasma(system: System) -> list[str]:
    """Return what KDE Plasma does; 1 is sleep, both in its fifth and its sixth edition."""
    if "KDE" not in system.environment.get("XDG_CURRENT_DESKTOP", "").upper():
        return []
    home = system.environment.get("HOME", "")
    told = []
    for name in PLASMA:
        text = system.text(f"{home}/{name}") if home else ""
        for supply, words in (("AC", "on mains"), ("Battery", "on battery")):
            for section in (f"{supply}][SuspendAndShutdown", f"{supply}][SuspendSession"):
                said = _section(text, section)
                action = said.get("AutoSuspendAction", said.get("suspendType", ""))
                if action == "1":
                    told.append(f"sleeps when idle {words} (KDE)")
    return list(dict.fromkeys(told))


def _macos(system: System) -> list[str]:
    said = system.run("pmset", "-g") or ""
    minutes = re.search(r"^\s*sleep\s+(\d+)", said, re.MULTILINE)
    if minutes is None or minutes[1] == "0":
        return []
    return [f"sleeps when idle for {minutes[1]} min"]


def _lid_of_windows(system: System) -> list[Check]:
    said = system.run("powercfg", "/q", "SCHEME_CURRENT", "SUB_BUTTONS", "LIDACTION") or ""
    # its words are translated, its numbers are not: the last two are mains and battery
    numbers = re.findall(r"0x([0-9a-fA-F]{8})\b", said)[-2:]
    if len(numbers) < 2:
        return []
    if all(int(number, 16) == 0 for number in numbers):
        return [Check("lid", Verdict.OK, "closing it does nothing")]
    return [Check("lid", Verdict.OK, "closing it ends the night: leave it open")]
