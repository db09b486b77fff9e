"""The calibration beside the recording: begun with it, and never in its way."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence

from ....firmware_bridge.collector import Collector, Fan
from ....firmware_bridge.drivers.model import StreamSpec
from ....firmware_bridge.host_clock import HostClock
from ...devices.acting import Sleeper
from ..equipment import Equipped
from ..keys import Keys
from ..stopping import Stop
from . import taps
from .guide import Guide
from .heard import Heard
from .steps import Band, Step

SKIP_KEY = "s"
PATIENCE_S = 2.0

logger = logging.getLogger(__name__)


class Calibrating:
    """Runs a guide while the night is recorded.

    Parameters
    ----------
    sensors
        Of the recording.
    clock
        The host's clocks.
    say
        Tells a line.

    Attributes
    ----------
    line
        What is being done now, and for how much longer; empty where nothing is.
    """

    def __init__(
        self, sensors: Mapping[str, Equipped], clock: HostClock, say: Callable[[str], None]
    ) -> None:
        self.line = ""
        self._sensors, self._clock, self._say = sensors, clock, say
        self._guide: Guide | None = None
        self._task: asyncio.Task[None] | None = None

    def begin(self, collector: Collector, sinks: Fan, stop: Stop, keys: Keys) -> None:
        """Begin it; a key, or Ctrl-C once, skips it."""
        heard = Heard()
        self._guide = Guide(
            lambda: [band_of(e, heard.streams(e.name)) for e in self._sensors.values()],
            heard,
            clock=self._clock,
            say=self._say,
            count=self._show,
            write=lambda kind, data: collector.note(kind, data.get("sensor"), data),
            asked=self._asked,
        )
        self._task = asyncio.create_task(self._run(self._guide, heard, sinks, stop, keys))

    async def end(self) -> None:
        """End it, whatever it does; never raises."""
        if self._task is None or self._guide is None:
            return
        self._guide.end()
        await asyncio.wait([self._task], timeout=PATIENCE_S)
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _run(
        self, guide: Guide, heard: Heard, sinks: Fan, stop: Stop, keys: Keys
    ) -> None:
        usual = keys.pressed

        def pressed(key: str) -> None:
            guide.skip() if key == SKIP_KEY else usual(key)

        sinks.sinks.append(heard)
        stop.instead, keys.pressed = guide.skip, pressed
        try:
            await guide.run()
        except Exception:
            logger.exception("the calibration failed; the night goes on without")
            self._say("The calibration failed; the night goes on without it.")
        finally:
            stop.instead, keys.pressed = None, usual
            sinks.sinks.remove(heard)
            self.line = ""

    def _show(self, text: str) -> None:
        self.line = text

    def _asked(self, step: Step, at_s: float) -> None:
        """Let simulated sleepers hear what is asked for."""
        for name, each in self._sensors.items():
            sensor = each.opened.simulated
            if sensor is not None and isinstance(sensor.source, Sleeper):
                sensor.source.asked(
                    step.phase,
                    step.act,
                    sensor.device_time(sensor.line(at_s)),
                    step.seconds,
                    mine=name in step.sensors,
                    common=step.common,
                )


def band_of(sensor: Equipped, streams: Sequence[StreamSpec]) -> Band:
    """Return a sensor, by what it brings, as far as the calibration goes."""
    worn = sensor.settings
    emg = any(spec.kind == "emg" for spec in streams)
    rate_hz = max((spec.rate_hz for spec in streams if spec.kind == "acc"), default=0.0)
    return Band(
        sensor.name,
        worn.side,
        worn.muscles or (),
        emg,
        acc=rate_hz >= taps.FEELS_HZ,
        timed=rate_hz >= taps.TIMES_HZ,
    )
