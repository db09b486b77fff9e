"""All checks, in their order, and what they come to."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...firmware_bridge.host_clock import SystemClock
from ...firmware_bridge.transports.serial_ports import FoundPort, list_ports
from ...recording.errors import CrampwatchError
from ..record import checks
from ..record.alerts.ways.opening import check_ways
from ..record.awake import Awake
from ..record.checks import OPEN_END_S, Check, Verdict
from ..record.equipment import Equipped, equip
from ..record.power import from_sysfs, power
from ..record.settings import RecordSettings
from ..record.times import next_time
from . import bluetooth, clock, disk, nights, ports, sensors, sleep, sound, versions
from .bluetooth import Heard
from .system import System

ON_BOARD = re.compile(r"/dev/ttyS\d+|COM[12]")
"""Ports that many computers name without having them."""


@dataclass(frozen=True, slots=True)
class Group:
    """Checks of one kind.

    Attributes
    ----------
    title
        What they are about.
    checks
        In their order.
    """

    title: str
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class Examination:
    """What came of it.

    Attributes
    ----------
    groups
        In the order in which they are shown; those without a check are left out.
    """

    groups: tuple[Group, ...]

    @property
    def ready(self) -> bool:
        """Whether a night can be recorded."""
        return not self.spoilers

    @property
    def spoilers(self) -> tuple[Check, ...]:
        """What would spoil the night."""
        return self._of(Verdict.FAIL)

    @property
    def doubts(self) -> tuple[Check, ...]:
        """What is worth a look."""
        return self._of(Verdict.WARN)

    def as_json(self) -> dict[str, Any]:
        """Return it as ``doctor --json`` prints it."""
        return {
            "ready": self.ready,
            "checks": [
                {
                    "group": group.title,
                    "what": check.what,
                    "verdict": check.verdict.value,
                    "words": check.words,
                }
                for group in self.groups
                for check in group.checks
            ],
        }

    def _of(self, verdict: Verdict) -> tuple[Check, ...]:
        every = (check for group in self.groups for check in group.checks)
        return tuple(check for check in every if check.verdict is verdict)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the night is to be.

    Attributes
    ----------
    folder
        Where the nights go.
    settings
        Of the recording; None where nobody said any.
    trouble
        Why the settings cannot be used; empty where they can.
    listen_s
        How long to listen for Bluetooth, seconds; 0 for not at all.
    """

    folder: Path
    settings: RecordSettings | None = None
    trouble: str = ""
    listen_s: float = 5.0


@dataclass(slots=True)
class _Night:
    """What is known of the night to come."""

    wishes: Wishes
    planned_s: float
    trouble: str
    sensors: Mapping[str, Equipped] = field(default_factory=dict)
    heard: Heard = field(default_factory=Heard)
    found_ports: Sequence[FoundPort] = ()
    ports_trouble: str = ""
    awake: bool = False

    def uses(self, kind: str) -> bool:
        return any(each.opened.address.kind == kind for each in self.sensors.values())


def examine(system: System, wishes: Wishes) -> Examination:
    """Look at everything; a check that fails to work is told as one line, and ends nothing."""
    night = _night(system, wishes)
    looks: tuple[tuple[str, Callable[[], list[Check]]], ...] = (
        ("Settings", lambda: _settings(night)),
        ("Sensors", lambda: _sensors(night)),
        ("Bluetooth", lambda: _bluetooth(system, night)),
        ("Serial ports", lambda: _ports(system, night)),
        ("Power and sleep", lambda: _power(system, night)),
        ("Disk", lambda: _disk(system, night)),
        ("Clock", lambda: clock.clock_checks(system, night.planned_s)),
        ("Alerts", lambda: _alerts(wishes.settings)),
        ("Sound", lambda: sound.speaker(system, needed=_sounds(wishes.settings))),
        ("Program", versions.versions),
    )
    groups = (Group(title, tuple(_guarded(title, look))) for title, look in looks)
    return Examination(tuple(group for group in groups if group.checks))


def _guarded(title: str, look: Callable[[], list[Check]]) -> list[Check]:
    try:
        return look()
    except Exception as error:  # noqa: BLE001 - the other checks are worth having
        words = f"cannot be looked at ({type(error).__name__}: {error})"
        return [Check(title.lower(), Verdict.WARN, words)]


def _night(system: System, wishes: Wishes) -> _Night:
    night = _Night(wishes, OPEN_END_S, wishes.trouble)
    settings = wishes.settings
    if settings is None:
        return night
    if settings.duration_s is not None:
        night.planned_s = settings.duration_s
    elif settings.until is not None:
        night.planned_s = next_time(settings.until, system.now_s) - system.now_s
    try:
        night.sensors = equip(settings, SystemClock())
    except CrampwatchError as error:
        night.trouble = str(error)
    return night


def _settings(night: _Night) -> list[Check]:
    if night.trouble:
        return [Check("settings", Verdict.FAIL, night.trouble)]
    if night.wishes.settings is None:
        return []
    names = ", ".join(night.sensors)
    return [Check("settings", Verdict.OK, f"make sense; sensors: {names}")]


def _sensors(night: _Night) -> list[Check]:
    wants_radio = not night.sensors or night.uses("ble")
    night.heard = bluetooth.listen(night.wishes.listen_s if wants_radio else 0.0)
    try:
        night.found_ports = list_ports()
    except Exception as error:  # noqa: BLE001 - told beside the ports; the rest is worth having
        night.ports_trouble = f"cannot be listed ({type(error).__name__}: {error})"
    settings = night.wishes.settings
    if night.trouble:
        return []
    if settings is None:
        plugged = [each for each in night.found_ports if not ON_BOARD.fullmatch(each.port)]
        if night.heard.works or not night.heard.tried or plugged:
            return []
        words = (
            "neither Bluetooth nor a serial port works here, so that only simulated sensors"
            " record: mend one of them, below"
        )
        return [Check("a way to a sensor", Verdict.FAIL, words)]
    return sensors.sensors(
        night.sensors, night.heard, night.found_ports, missing=settings.missing
    )


def _bluetooth(system: System, night: _Night) -> list[Check]:
    if night.sensors and not night.uses("ble"):
        return []
    return bluetooth.bluetooth(system, night.heard, needed=night.uses("ble"))


def _ports(system: System, night: _Night) -> list[Check]:
    if night.sensors and not night.uses("serial"):
        return []
    if night.ports_trouble:
        return [Check("ports", Verdict.WARN, night.ports_trouble)]
    mine = [sensors.port_of(each, night.found_ports) for each in night.sensors.values()]
    return ports.ports(system, night.found_ports, [port for port in mine if port])


def _power(system: System, night: _Night) -> list[Check]:
    settings = night.wishes.settings
    now = from_sysfs(system.path("/sys/class/power_supply")) if system.linux else power()
    wired = [name for name, each in night.sensors.items() if each.opened.wired_to_body]
    isolator = settings is not None and settings.isolator
    body = checks.body_safety(wired, now, isolator=isolator)
    with Awake(wanted=settings is None or settings.keep_awake) as awake:
        found = [checks.supply(now, night.planned_s, wired=bool(wired)), awake.check()]
        found += sleep.idle(system, kept_awake=awake.active)
    found += sleep.lid(system)
    return found if body is None else [body, *found]


def _disk(system: System, night: _Night) -> list[Check]:
    settings = night.wishes.settings
    streams = [
        spec
        for each in night.sensors.values()
        for spec in each.opened.info.open(each.opened.settings).streams
    ]
    raw_log = settings is not None and settings.raw_log
    rate = checks.bytes_per_second(streams, raw_log=raw_log) or disk.USUAL_BYTES_PER_S
    folder = night.wishes.folder
    return [
        *disk.folder_checks(system, folder, rate, night.planned_s),
        *nights.nights(folder),
    ]


def _alerts(settings: RecordSettings | None) -> list[Check]:
    if settings is None or not settings.alerts.on:
        return []
    try:
        check_ways(settings.alerts.ways)
    except CrampwatchError as error:
        return [Check("ways", Verdict.FAIL, str(error))]
    words = "what they need is there; try them with crampwatch alerts --try"
    return [Check("ways", Verdict.OK, words)]


def _sounds(settings: RecordSettings | None) -> bool:
    return settings is not None and settings.alerts.on and bool(settings.alerts.ways.sound)
