"""From signs to alerts: levels, refractory periods, nightly caps, and what the text says."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from ....recording.model import Event
from .alert import Alert, AlertKind
from .settings import AlertSettings
from .signs import Sign

TITLE = "Crampwatch"
PLAIN = "please look at your recording"


@dataclass(frozen=True, slots=True, eq=False)
class Decided:
    """An alert that is told, or why it is not.

    Attributes
    ----------
    alert
        What is told.
    event
        The event it tells of, where the detector saw one.
    held_back
        Why it is not told; empty where it is.
    """

    alert: Alert
    event: Event | None = None
    held_back: str = ""


class Limits:
    """Decides which signs are told.

    Parameters
    ----------
    settings
        Of the alerts.
    """

    def __init__(self, settings: AlertSettings) -> None:
        self._settings = settings
        self._last_s: dict[tuple[AlertKind, str | None], float] = {}
        self._told: Counter[AlertKind] = Counter()

    def was_told(self, kind: AlertKind, sensor: str | None, decided_s: float) -> None:
        """Remember an alert of before, as of a process that has ended."""
        self._last_s[kind, sensor] = max(decided_s, self._last_s.get((kind, sensor), 0.0))
        self._told[kind] += 1

    def decide(self, sign: Sign, now_s: float) -> Decided | None:
        """Return what becomes of a sign as of now; None where its kind is not wanted."""
        rule = self._settings.rule(sign.kind)
        if not rule.on:
            return None
        alert = Alert(
            kind=sign.kind,
            level=rule.level,
            at_s=sign.at_s,
            decided_s=now_s,
            sensor=sign.sensor,
            text=self._text(sign),
            title=TITLE,
        )
        last_s = self._last_s.get((sign.kind, sign.sensor))
        if last_s is not None and now_s - last_s < rule.again:
            return Decided(alert, sign.event, f"told {now_s - last_s:.0f} s before")
        if self._told[sign.kind] >= rule.most:
            return Decided(alert, sign.event, f"told {rule.most} times in this night")
        self.was_told(sign.kind, sign.sensor, now_s)
        return Decided(alert, sign.event)

    def _text(self, sign: Sign) -> str:
        if self._settings.detail:
            return sign.words
        if sign.kind is AlertKind.BACK:
            return "your recording goes on"
        return PLAIN
