"""The sensors of a recording: opened, linked, and kept running whatever happens."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass

from ...firmware_bridge.addresses import parse_address
from ...firmware_bridge.collector import Worn
from ...firmware_bridge.host_clock import HostClock
from ...firmware_bridge.links import Link, LinkSink
from ...firmware_bridge.opening import OpenedAddress, open_address
from ...recording.errors import CrampwatchError
from ..devices.simulated import NightSources
from .settings import UNUSED, RecordSettings, SensorSettings

RESTART_S = 5.0
MOST_RESTART_S = 300.0
GOOD_BYE_S = 20.0

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Equipped:
    """One sensor.

    Attributes
    ----------
    name
        As the person gave it.
    settings
        What was said about it.
    opened
        Its driver and how to reach it.
    """

    name: str
    settings: SensorSettings
    opened: OpenedAddress

    @property
    def worn(self) -> Worn:
        """Where it is worn."""
        muscles = self.settings.muscles or ()
        return Worn(
            self.settings.side,
            tuple(None if each == UNUSED else each for each in muscles),
            self.settings.placement,
            simulated=self.opened.simulated is not None,
        )


def equip(settings: RecordSettings, clock: HostClock) -> dict[str, Equipped]:
    """Return the sensors by name; nothing is connected yet, but all options are read.

    Raises
    ------
    CrampwatchError
        An address or one of its options makes no sense.
    """
    sources = NightSources(listens=bool(settings.calibrate))
    found: dict[str, Equipped] = {}
    for name, sensor in settings.sensors.items():
        try:
            opened = open_address(parse_address(sensor.address), clock=clock, sources=sources)
        except CrampwatchError as error:
            raise CrampwatchError(f"{name}: {error}") from error
        found[name] = Equipped(name, sensor, opened)
    return found


class Links:
    """A running link for each sensor.

    Parameters
    ----------
    sensors
        By name.
    sink
        Takes what they bring.
    clock
        The host's clocks.
    """

    def __init__(
        self, sensors: Mapping[str, Equipped], sink: LinkSink, clock: HostClock
    ) -> None:
        self._sensors = dict(sensors)
        self._sink = sink
        self._clock = clock
        self._running: dict[str, Link] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._stopped: set[str] = set()

    def start(self) -> None:
        """Begin to connect to all of them."""
        for seed, (name, sensor) in enumerate(self._sensors.items()):
            self._tasks[name] = asyncio.create_task(self._keep(sensor, seed), name=name)

    @property
    def running(self) -> tuple[str, ...]:
        """Names of the sensors whose link has not ended."""
        return tuple(name for name, task in self._tasks.items() if not task.done())

    def buzz(self, name: str | None, duration_ms: int, strength: int) -> tuple[str, ...]:
        """Let a sensor, or all that can, vibrate; return those that were told to."""
        return tuple(
            each
            for each, link in self._running.items()
            if name in (None, each) and link.buzz(duration_ms, strength)
        )

    async def stop(self, *names: str) -> None:
        """Say good-bye to some sensors, or to all; never raises, and ends in bounded time."""
        chosen = names or tuple(self._tasks)
        self._stopped.update(chosen)
        tasks = [self._tasks[name] for name in chosen if name in self._tasks]
        ends = [
            asyncio.ensure_future(self._running[name].stop())
            for name in chosen
            if name in self._running
        ]
        waiting = {*tasks, *ends}
        if waiting:
            _, late = await asyncio.wait(waiting, timeout=GOOD_BYE_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)

    async def _keep(self, sensor: Equipped, seed: int) -> None:
        """Run a link; a fault of the program in it costs a pause and a fresh one."""
        pause_s = RESTART_S
        while sensor.name not in self._stopped:
            opened = sensor.opened
            link = Link(
                sensor.name,
                opened.info,
                opened.settings,
                opened.connect,
                self._sink,
                clock=self._clock,
                seed=seed,
            )
            self._running[sensor.name] = link
            try:
                await link.run()
            except Exception:
                logger.exception("%s: its link failed; a fresh one begins", sensor.name)
                await asyncio.sleep(pause_s)
                pause_s = min(2 * pause_s, MOST_RESTART_S)
            else:
                return
