"""One night, from the first look at the sensors to the closed journal."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ...firmware_bridge.collector import Collector, Counts, Fan, RawLog
from ...firmware_bridge.drivers.model import Decoded
from ...firmware_bridge.host_clock import HostClock, SystemClock
from ...firmware_bridge.links import Link, LinkChange, LinkSink
from ...recording.clock.round_trip import RoundTrip
from ...recording.errors import CrampwatchError
from . import folder as night
from .alerts.alerting import Alerting
from .awake import Awake
from .calibration.calibrating import Calibrating
from .checks import OPEN_END_S
from .disk import DiskWatch, FreeSpace, close_patiently
from .equipment import Equipped, Links, equip
from .keys import Keys
from .live_quality import JUDGED_EVERY_S, LiveQuality
from .log import NightLog
from .marks import HINT, Marks
from .mending import mend_beside
from .pace import LoopClock, PacedLoop
from .power import Power, Source, power
from .quality import FirstLook
from .readiness import Readiness, look_at_computer, look_at_sensors, refuse, wait_for_sensors
from .settings import RecordSettings
from .sources import to_toml
from .stopping import Stop
from .times import length, next_time
from .view import Status, View

TICK_S = 1.0
POWER_EVERY_S = 20.0
SHOWN_EVERY_S = 0.5
"""By the computer's own clock, so that a compressed night does not draw all the time."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a night ended.

    Attributes
    ----------
    reason
        Why it ended.
    recorded_s
        Its length, seconds.
    by_hand
        Whether it ended as a person wanted or planned, who may still be there.
    """

    reason: str
    recorded_s: float
    by_hand: bool


def record_night(settings: RecordSettings, folder: Path, view: View) -> Outcome:
    """Record a night; returns when its journal is closed.

    Raises
    ------
    CrampwatchError
        It may not begin, or the disk failed; all that was written before is kept.
    """
    fast = settings.speed != 1.0
    factory = (lambda: PacedLoop(settings.speed)) if fast else None
    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(_record(settings, folder, view))


async def _record(settings: RecordSettings, folder: Path, view: View) -> Outcome:
    loop = asyncio.get_running_loop()
    clock = LoopClock(loop) if isinstance(loop, PacedLoop) else SystemClock()
    stop = Stop()
    with stop.on_signals(), NightLog() as log, Awake(wanted=settings.keep_awake) as awake:
        session = Session(settings, folder, view, clock=clock, stop=stop, log=log)
        try:
            await session.prepare(awake)
            return await session.record()
        finally:
            session.keys.close()
            view.close()
            await session.links.stop()
            await session.alerting.end()


class Session:
    """The parts of a night, and the order in which they come.

    Parameters
    ----------
    settings
        What was said.
    folder
        Of the night; made when everything is settled.
    view
        Where a person looks.
    clock
        The host's clocks.
    stop
        What ends it.
    log
        What the program says to itself.
    """

    def __init__(
        self,
        settings: RecordSettings,
        folder: Path,
        view: View,
        *,
        clock: HostClock,
        stop: Stop,
        log: NightLog,
    ) -> None:
        night.refuse_folder(folder)
        self.settings, self.folder, self.view = settings, folder, view
        self.clock, self.stop, self.log = clock, stop, log
        self.sensors: Mapping[str, Equipped] = equip(settings, clock)
        self.counts = Counts(clock, self.sensors)
        self.sinks = Fan(self.counts, _News(view))
        self.links = Links(self.sensors, self.sinks, clock)
        self._power = Power(Source.UNKNOWN)
        self._power_s = -math.inf
        self._shown_s = -math.inf
        self.keys = Keys()
        self._marks: Marks | None = None
        self._quality = LiveQuality({n: e.settings.muscles for n, e in self.sensors.items()})
        self._judged_s = -math.inf
        self._told: set[str] = set()
        self.alerting = Alerting(settings.alerts, self.links, view.say)
        self._calibrating = Calibrating(self.sensors, clock, view.say)
        self._disk = DiskWatch(view.say)
        self._free: FreeSpace | None = None

    @property
    def exposed(self) -> tuple[str, ...]:
        """Sensors wired to a body without an isolator."""
        if self.settings.isolator:
            return ()
        return tuple(n for n, each in self.sensors.items() if each.opened.wired_to_body)

    async def prepare(self, awake: Awake) -> None:
        """Look at everything, and return when the night may begin.

        Raises
        ------
        CrampwatchError
            It may not.
        """
        settings, view = self.settings, self.view
        self._power = await asyncio.to_thread(power)
        planned_s = self._planned_s(self.clock.wall())
        if not math.isfinite(planned_s):
            planned_s = OPEN_END_S
        for line in await asyncio.to_thread(list, mend_beside(self.folder)):
            view.say(line)
        view.say("Before the night:")
        computer = look_at_computer(
            self.sensors,
            settings,
            self.folder,
            planned_s,
            power=self._power,
            awake=awake,
            clock=self.clock,
        )
        self._tell(computer)
        refuse(computer, sensors=len(self.sensors))
        look = FirstLook()
        self.sinks.sinks.append(look)
        self.links.start()
        await wait_for_sensors(
            tuple(self.sensors),
            look,
            self.links,
            self.stop,
            clock=self.clock,
            wait_s=settings.wait_s,
        )
        self.sinks.sinks.remove(look)
        self._refuse_if_stopped()
        ready = look_at_sensors(self.sensors, settings, self.counts, look, planned_s)
        self._tell(ready)
        refuse(ready, sensors=len(self.sensors))
        await self._wait_for_start()

    async def record(self) -> Outcome:
        """Record until something ends it, and close the journal.

        Raises
        ------
        CrampwatchError
            The journal cannot be written (any more).
        """
        clock = self.clock
        collector = self._begin()
        began_s = clock.awake_or_not()
        planned_s = self._planned_s(clock.wall())
        end = "until it is stopped" if math.isinf(planned_s) else f"for {length(planned_s)}"
        self.view.say(f"Recording into {self.folder}, {end}. Ctrl-C ends it and keeps it all.")
        if self.settings.calibrate:
            self._calibrating.begin(collector, self.sinks, self.stop, self.keys)
        while not await self.stop.within(TICK_S):
            elapsed_s = clock.awake_or_not() - began_s
            try:
                collector.tick()
                self._disk.look(collector)
                await self._watch_power(collector)
                self._show(elapsed_s, planned_s - elapsed_s)
            except Exception as error:
                if repr(error) not in self._told:
                    logger.exception("watching the night failed; it goes on without")
                self._told.add(repr(error))
            if collector.error is not None:
                self.stop.ask(f"the journal failed: {collector.error}")
            elif elapsed_s >= planned_s:
                self.stop.ask("its time was over", by_hand=True)
            elif not self.links.running:
                self.stop.ask("all sensors have ended", by_hand=True)
        return await self._end(collector, clock.awake_or_not() - began_s)

    def _begin(self) -> Collector:
        writer = night.begin_folder(self.folder, to_toml(self.settings), self.clock)
        self.log.write_to(self.folder / night.LOG)
        raw_log = RawLog(self.folder / night.RAW) if self.settings.raw_log else None
        worn = {name: each.worn for name, each in self.sensors.items()}
        collector = Collector(writer, self.clock, worn=worn, raw_log=raw_log)
        states = {name: each.state.value for name, each in self.counts.sensors.items()}
        told = {
            "event": "start",
            "versions": night.versions(),
            "sensors": {name: each.settings.address for name, each in self.sensors.items()},
            "links": states,
            "speed": self.settings.speed,
        }
        collector.note("recorder", None, told)
        self._free = FreeSpace(self.folder)
        self.sinks.sinks.insert(0, collector)
        self._marks = Marks(self.folder, collector, self.clock, self.view.say)
        self.sinks.sinks += [self._marks, self._quality]
        journal = self.folder / night.JOURNAL
        self.alerting.begin(journal, self.sensors, collector, self.settings.speed)
        self.keys.pressed = self._marks.key
        self.keys.open()
        return collector

    async def _end(self, collector: Collector, recorded_s: float) -> Outcome:
        await self._calibrating.end()
        self.keys.close()
        self.view.close()
        self.view.say(f"Ending: {self.stop.reason}.")
        logger.info("ending: %s", self.stop.reason)
        await self.links.stop()
        await self.alerting.wind_up()
        told = {"event": "stop", "reason": self.stop.reason, "recorded_s": recorded_s}
        collector.note("recorder", None, told)
        if not await close_patiently(collector, self.stop, self.view.say):
            raise CrampwatchError(
                f"{self.folder}: left before the disk answered; what it had taken is kept, and"
                " crampwatch recover mends it"
            )
        if self._marks is not None:
            await asyncio.to_thread(self._marks.close)
        await self.alerting.end()
        for remark in collector.remarks:
            self.view.say(remark)
        if collector.error is not None:
            raise CrampwatchError(
                f"{collector.error}; {length(recorded_s)} were recorded, and all that was"
                f" written is kept in {self.folder}"
            ) from collector.error
        return Outcome(self.stop.reason, recorded_s, self.stop.by_hand)

    async def _wait_for_start(self) -> None:
        if self.settings.start is None:
            return
        until_s = next_time(self.settings.start, self.clock.wall())
        self.view.say(f"Waiting for {self.settings.start}; Ctrl-C ends it.")
        while self.clock.wall() < until_s and not self.stop:
            await self.stop.within(TICK_S)
        self._refuse_if_stopped()

    def _planned_s(self, wall_s: float) -> float:
        """Return the length of a night that begins now or at its start; inf without an end.

        Counted by a clock that nobody sets: a clock that is put right in the night does not
        end it early.
        """
        settings = self.settings
        if settings.duration_s is not None:
            return settings.duration_s
        if settings.until is None:
            return math.inf
        return next_time(settings.until, wall_s) - wall_s

    def _refuse_if_stopped(self) -> None:
        if self.stop:
            raise CrampwatchError(f"not begun: {self.stop.reason}; nothing was written")

    async def _watch_power(self, collector: Collector) -> None:
        """End what is wired to a body where a power cable was put in."""
        now_s = self.clock.monotonic()
        if now_s - self._power_s < POWER_EVERY_S:
            return
        self._power_s = now_s
        before, self._power = self._power, await asyncio.to_thread(power)
        if self._power.source is not before.source:
            told = {"event": "power", "source": self._power.source.value}
            collector.note("recorder", None, told)
        running = [name for name in self.exposed if name in self.links.running]
        if running and self._power.source is not Source.BATTERY:
            names = ", ".join(running)
            words = f"{names}: ended, for the computer is not on its battery any more"
            self.view.say(words)
            collector.note("recorder", None, {"event": "body safety", "reason": words})
            await self.links.stop(*running)

    def _show(self, elapsed_s: float, left_s: float) -> None:
        now_s = SystemClock().monotonic()
        if now_s - self._shown_s < SHOWN_EVERY_S:
            return
        self._shown_s = now_s
        if now_s - self._judged_s >= JUDGED_EVERY_S:
            self._judged_s = now_s
            self._quality.judge(self.counts.sensors, self.clock.monotonic())
        free = self._free.look() if self._free is not None else math.nan
        charge = self._power.percent
        words = "" if math.isnan(charge) else f"computer at {charge:.0f} %"
        self.view.show(
            Status(
                self.clock.monotonic(),
                elapsed_s,
                left_s if math.isfinite(left_s) else math.nan,
                self.counts.sensors,
                free,
                words,
                last_event=self.alerting.last_event,
                keys=HINT if self.keys.active else "",
                guide=self._calibrating.line,
            )
        )

    def _tell(self, ready: Readiness) -> None:
        for check in ready.checks:
            self.view.checked(check)


class _News(LinkSink):
    """Tells a person what is new about a link."""

    def __init__(self, view: View) -> None:
        self._view = view

    def took(self, link: Link, packets: object, decoded: Decoded) -> None:
        """See `LinkSink.took`."""

    def changed(self, link: Link, change: LinkChange) -> None:
        """See `LinkSink.changed`."""
        if change.news:
            clock = datetime.now().astimezone().strftime("%H:%M")
            self._view.say(f"{clock}  {link.name}: {change.reason}")

    def round_trip(self, link: Link, trip: RoundTrip) -> None:
        """See `LinkSink.round_trip`."""
