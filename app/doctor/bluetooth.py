"""Bluetooth: whether a sensor could be heard at all."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field

from ...firmware_bridge.transports import TransportError
from ...firmware_bridge.transports.ble_scan import Found, scan
from ..record.checks import Check, Verdict
from .system import System, joined

OLDEST_BLUEZ = (5, 55)
"""Source: bleak 3.1, ``backends/bluezdbus/client.py``."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of listening.

    Attributes
    ----------
    found
        Whoever advertised.
    trouble
        Why nobody could be heard, and what helps; empty where one could listen.
    tried
        Whether it was tried.
    """

    found: tuple[Found, ...] = field(default_factory=tuple)
    trouble: str = ""
    tried: bool = True

    @property
    def works(self) -> bool:
        """Whether Bluetooth works, as far as was tried."""
        return self.tried and not self.trouble


def listen(seconds: float) -> Heard:
    """Return who is there; never raises."""
    if seconds <= 0:
        return Heard(tried=False)
    try:
        return Heard(tuple(asyncio.run(scan(seconds))))
    except TransportError as error:
        return Heard(trouble=str(error))
    except Exception as error:  # noqa: BLE001 - a Bluetooth that fails must not end the checks
        return Heard(trouble=f"Bluetooth failed ({type(error).__name__}: {error})")


def bluetooth(system: System, heard: Heard, *, needed: bool) -> list[Check]:
    """Return what stands between this computer and a sensor over Bluetooth.

    Parameters
    ----------
    system
        This computer.
    heard
        What came of listening.
    needed
        Whether a sensor of the night comes over Bluetooth; without one, trouble is only told.
    """
    bad = Verdict.FAIL if needed else Verdict.WARN
    blocked = _blocked(system)
    if blocked:
        words = f"{blocked}: switch it on, or run: sudo rfkill unblock bluetooth"
        return [Check("bluetooth", bad, words)]
    checks = [_listening(system, heard, bad)]
    version = _bluez(system) if system.linux and (heard.works or _adapters(system)) else None
    if version is not None:
        checks.append(_version(version, bad))
    return checks


def _listening(system: System, heard: Heard, bad: Verdict) -> Check:
    what = "bluetooth"
    adapters = _adapters(system)
    if not heard.tried:
        words = f"adapter {joined(adapters)}" if adapters else "no adapter to be seen"
        return Check(what, Verdict.OK if adapters else bad, f"{words}; nobody listened")
    if heard.trouble:
        also = f"; the system has {joined(adapters)}" if adapters else ""
        return Check(what, bad, f"{heard.trouble}{also}")
    known = [each for each in heard.found if each.driver]
    words = f"on; {len(heard.found)} devices show themselves"
    if known:
        words += f", among them {joined([each.name or each.address for each in known[:4]])}"
    return Check(what, Verdict.OK, words)


def _blocked(system: System) -> str:
    """Return why the radio may not send, by the kernel's ``sysfs-class-rfkill``."""
    for name in system.names("/sys/class/rfkill"):
        folder = f"/sys/class/rfkill/{name}"
        if system.text(f"{folder}/type").strip() != "bluetooth":
            continue
        if system.text(f"{folder}/hard").strip() == "1":
            return "switched off by a switch or key of the computer"
        if system.text(f"{folder}/soft").strip() == "1":
            return "switched off (aeroplane mode?)"
    return ""


def _adapters(system: System) -> tuple[str, ...]:
    # connections stand beside the adapters, as hci0:64
    names = system.names("/sys/class/bluetooth")
    return tuple(name for name in names if re.fullmatch(r"hci\d+", name))


def _bluez(system: System) -> tuple[int, int] | None:
    said = re.search(r"(\d+)\.(\d+)", system.run("bluetoothctl", "--version") or "")
    return None if said is None else (int(said[1]), int(said[2]))


def _version(version: tuple[int, int], bad: Verdict) -> Check:
    words = f"version {version[0]}.{version[1]:02d}"
    if version >= OLDEST_BLUEZ:
        return Check("bluez", Verdict.OK, words)
    oldest = f"{OLDEST_BLUEZ[0]}.{OLDEST_BLUEZ[1]}"
    return Check("bluez", bad, f"{words} is too old, {oldest} is needed: update the system")
