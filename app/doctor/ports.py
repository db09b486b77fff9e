"""Serial ports: which there are, who may open them, and who has them open."""

from __future__ import annotations

import os
from collections.abc import Sequence

from ...firmware_bridge.transports.serial_ports import FoundPort
from ..record.checks import Check, Verdict
from .system import System, joined

MEDDLERS = ("ModemManager", "brltty")
"""Services that open new ports by themselves, looking for modems and Braille displays."""

MOST_PROCESSES = 20_000


def ports(
    system: System, found: Sequence[FoundPort], wanted: Sequence[str] = ()
) -> list[Check]:
    """Return a line on each port, and on services that would meddle.

    Parameters
    ----------
    system
        This computer.
    found
        Its ports.
    wanted
        Those that the sensors of the night are on; trouble with others is only told.
    """
    if not found:
        return [Check("ports", Verdict.OK, "no serial port; none is needed over Bluetooth")]
    holders = who_holds(system, [each.port for each in found])
    checks = [_port(system, each, holders.get(each.port, ()), wanted) for each in found]
    meddlers = [name for name in MEDDLERS if name in set(_processes(system).values())]
    checks += [
        Check(
            name,
            Verdict.WARN,
            f"it runs, and may take or disturb a sensor's port: sudo systemctl stop {name}",
        )
        for name in meddlers
    ]
    return checks


def who_holds(system: System, ports: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the programs that have each port open, as far as this user may see.

    Source: ``proc(5)``, ``/proc/PID/fd``.
    """
    places = {os.path.realpath(port): port for port in ports}
    found: dict[str, list[str]] = {}
    for process, name in _processes(system).items():
        if process == str(os.getpid()):
            continue
        for handle in system.names(f"/proc/{process}/fd"):
            port = places.get(system.link(f"/proc/{process}/fd/{handle}"))
            words = f"{name} (process {process})"
            if port is not None and words not in found.setdefault(port, []):
                found[port].append(words)
    return {port: tuple(words) for port, words in found.items()}


def _port(
    system: System, port: FoundPort, holders: tuple[str, ...], wanted: Sequence[str]
) -> Check:
    mine = port.port in wanted
    bad = Verdict.FAIL if mine else Verdict.WARN
    said = port.description.lower() not in ("", "n/a")
    title = f"{port.description}; " if said else ""
    if not port.permitted:
        return Check(port.port, bad, f"{title}{_way_in(system, port.port)}")
    if holders:
        words = f"{title}{joined(holders)} has it open: close that program"
        return Check(port.port, bad, words)
    return Check(port.port, Verdict.OK, f"{title}free, and you may open it")


def _way_in(system: System, port: str) -> str:
    """Return how this user comes to open a port."""
    try:
        number = system.path(port).stat().st_gid
    except OSError:
        return "you may not open it"
    group, members = _group(system, number)
    if not group or number == 0:
        return "you may not open it: it belongs to the administrator; look for a udev rule"
    user = system.environment.get("USER", "")
    if user in members and number not in system.groups:
        return f"you may not open it yet: log out and in again (you are new in {group})"
    return f"you may not open it: sudo usermod -aG {group} $USER, then log out and in again"


def _group(system: System, number: int) -> tuple[str, tuple[str, ...]]:
    for line in system.text("/etc/group").splitlines():
        name, *rest = line.split(":")
        if len(rest) == 3 and rest[1] == str(number):
            return name, tuple(rest[2].split(","))
    return "", ()


def _processes(system: System) -> dict[str, str]:
    numbers = [name for name in system.names("/proc") if name.isdecimal()]
    return {
        number: system.text(f"/proc/{number}/comm").strip()
        for number in numbers[:MOST_PROCESSES]
    }
