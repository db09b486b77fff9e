"""The checklist: all that is looked at before the first sample is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...firmware_bridge.collector import Counts
from ...firmware_bridge.host_clock import HostClock
from ...recording.errors import CrampwatchError
from . import checks
from .awake import Awake
from .checks import Check, Verdict
from .equipment import Equipped, Links
from .power import Power
from .quality import FirstLook
from .settings import RecordSettings
from .stopping import Stop

LOOK_S = 5.0
"""Seconds of each sensor's signals that are looked at."""

TURN_S = 0.25


@dataclass(frozen=True, slots=True)
class Readiness:
    """What came of it.

    Attributes
    ----------
    checks
        In the order of the list.
    missing
        Sensors that bring nothing.
    """

    checks: tuple[Check, ...]
    missing: tuple[str, ...] = ()

    @property
    def failed(self) -> tuple[Check, ...]:
        """Checks that forbid to begin."""
        return tuple(each for each in self.checks if each.verdict is Verdict.FAIL)


def look_at_computer(
    sensors: Mapping[str, Equipped],
    settings: RecordSettings,
    folder: Path,
    planned_s: float,
    *,
    power: Power,
    awake: Awake,
    clock: HostClock,
) -> Readiness:
    """Return what can be told before a sensor is touched; body safety comes first."""
    wired = [name for name, each in sensors.items() if each.opened.wired_to_body]
    body = checks.body_safety(wired, power, isolator=settings.isolator)
    streams = [
        spec
        for each in sensors.values()
        for spec in each.opened.info.open(each.opened.settings).streams
    ]
    rate = checks.bytes_per_second(streams, raw_log=settings.raw_log)
    found = [
        checks.supply(power, planned_s, wired=bool(wired)),
        awake.check(),
        checks.disk(folder, rate, planned_s),
        checks.clock(clock.wall()),
    ]
    return Readiness((body, *found) if body is not None else tuple(found))


async def wait_for_sensors(
    names: Sequence[str],
    look: FirstLook,
    links: Links,
    stop: Stop,
    *,
    clock: HostClock,
    wait_s: float,
) -> None:
    """Wait until enough of every sensor was seen, or for as long as is allowed."""
    until_s = clock.monotonic() + wait_s
    while clock.monotonic() < until_s and not stop and links.running:
        if all(look.seconds(name) >= LOOK_S for name in names):
            return
        await stop.within(TURN_S)


def look_at_sensors(
    sensors: Mapping[str, Equipped],
    settings: RecordSettings,
    counts: Counts,
    look: FirstLook,
    planned_s: float,
) -> Readiness:
    """Return what the sensors are like by what has come from them."""
    found: list[Check] = []
    missing: list[str] = []
    for name, sensor in sensors.items():
        count = counts.sensors[name]
        if not count.samples:
            missing.append(name)
            verdict = Verdict.FAIL if settings.missing == "refuse" else Verdict.WARN
            found.append(Check(name, verdict, f"brings nothing: {count.reason}"))
            continue
        info = sensor.opened.info
        side = sensor.settings.side or "no leg said"
        what = "simulated, no muscle is measured" if sensor.opened.simulated else "is there"
        found.append(Check(name, Verdict.OK, f"{info.title}, {side}: {what}"))
        found.append(checks.battery(name, count.battery_percent, info.battery_h, planned_s))
        found.append(look.check(name, sensor.settings.muscles))
        if count.loose:
            words = f"says that {count.loose} is off; press it on"
            found.append(Check(f"{name}: electrodes", Verdict.WARN, words))
    return Readiness(tuple(found), tuple(missing))


def refuse(ready: Readiness, *, sensors: int) -> None:
    """Raise where the night may not begin.

    Raises
    ------
    CrampwatchError
        One line with the first reason.
    """
    if len(ready.missing) == sensors:
        raise CrampwatchError(
            "not begun: no sensor brings anything; switch them on, bring them closer, and look"
            " with crampwatch devices"
        )
    if not ready.failed:
        return
    first = ready.failed[0]
    if ready.missing:
        names = ", ".join(ready.missing)
        raise CrampwatchError(
            f"not begun: {names} {first.words}; switch it on, or say --missing go-on to"
            " record without"
        )
    raise CrampwatchError(f"not begun: {first.what}: {first.words}")
