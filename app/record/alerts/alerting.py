"""Alerts as the recording has them: a process beside it, and what that process says."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from ....firmware_bridge.collector import Collector
from .alert import AlertKind, Level
from .process import AlertProcess
from .settings import AlertSettings
from .ways import check_ways

MOST_TEXT = 200

logger = logging.getLogger(__name__)


class Buzzing(Protocol):
    """The links of a recording, as far as they make bands vibrate."""

    def buzz(self, name: str | None, duration_ms: int, strength: int) -> tuple[str, ...]:
        """Let one band vibrate, or all; return which do."""
        ...


class Alerting:
    """The alerts of one night; none of its methods raises once it is made.

    Parameters
    ----------
    settings
        Of the alerts.
    links
        Of the recording.
    say
        Tells a person a line.

    Attributes
    ----------
    last_event
        What happened last in the night, in a few words.

    Raises
    ------
    CrampwatchError
        A way that is asked for cannot work here.
    """

    def __init__(
        self, settings: AlertSettings, links: Buzzing, say: Callable[[str], None]
    ) -> None:
        if settings.on:
            check_ways(settings.ways)
        self.last_event = ""
        self._settings, self._links, self._say = settings, links, say
        self._said_none = False
        self._collector: Collector | None = None
        self._process: AlertProcess | None = None
        self._fast = False

    @property
    def pid(self) -> int | None:
        """Number of the alert process, None where there is none."""
        return None if self._process is None else self._process.pid

    def begin(
        self, journal: Path, sensors: Mapping[str, object], collector: Collector, speed: float
    ) -> None:
        """Begin to watch a journal that was just made."""
        if not self._settings.on:
            return
        self._collector = collector
        self._fast = speed != 1.0
        self._process = AlertProcess(
            journal, tuple(sensors), self._settings, speed=speed, hear=self._hear
        )
        self._process.start()

    async def wind_up(self) -> None:
        """Let the process tell what waits, and end.

        Returns at once, for the journal of a real night is closed first; of one that was
        played faster the process may have much to read still.
        """
        if self._process is None:
            return
        self._process.ask_to_end()
        if self._fast:
            await self.end()

    async def end(self) -> None:
        """Wait until it has ended, or end it; bounded."""
        if self._process is not None:
            await asyncio.to_thread(self._process.end)

    def _hear(self, kind: str, value: Any) -> None:
        try:
            self._heard(kind, value)
        except Exception:
            logger.exception("the alert process said something strange")

    def _heard(self, kind: str, value: Any) -> None:
        if kind == "last" and isinstance(value, str):
            self.last_event = value[:MOST_TEXT]
        elif kind == "alert" and isinstance(value, dict):
            self._alert(value)
        elif kind == "haptic" and isinstance(value, dict):
            sensor = value.get("sensor")
            name = sensor if isinstance(sensor, str) else None
            vibrates = self._links.buzz(name, int(value["duration_ms"]), int(value["strength"]))
            if not vibrates:
                self._told_none()
        elif kind in ("say", "note") and isinstance(value, str):
            logger.info("alerts: %s", value[:MOST_TEXT])
            self._say(value[:MOST_TEXT])
            if kind == "note" and self._collector is not None:
                told = {"event": "alerts", "reason": value[:MOST_TEXT]}
                self._collector.note("recorder", None, told)

    def _told_none(self) -> None:
        if not self._said_none:
            self._say("No band vibrates: none that streams has a motor.")
        self._said_none = True
        logger.info("alerts: no band vibrates")

    def _alert(self, value: Mapping[str, Any]) -> None:
        kind, level = AlertKind(value["kind"]), Level(value["level"])
        sensor = value.get("sensor")
        name = sensor if isinstance(sensor, str) else None
        text = str(value.get("text") or "")[:MOST_TEXT]
        told = {
            "alert": kind.value,
            "level": level.value,
            "onset_s": float(value["at_s"]),
            "decided_s": float(value["decided_s"]),
            "text": text,
            "probability": value.get("probability"),
        }
        if self._collector is not None:
            self._collector.note("alert", name, told)
        logger.info("alert: %s: %s", kind.value, text)
        self._say(f"Alert, {kind.value}: {text}")
