"""How each sensor is doing, from what it sends and what the journal notes of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from ...recording.journal.notes import Note
from ...recording.model import Stream

MOST_SENSORS = 64
LATE_S = 5.0
"""Samples that are older are worth a word."""

BAD = 0.9
FAIR = 0.1
_TEXT = 80


@dataclass(slots=True)
class Sensor:
    """What is known of one sensor.

    Attributes
    ----------
    last_s
        End of its newest samples, seconds of the night; NaN before any came.
    link
        State of its link as the recorder told it, empty where it told none.
    reason
        Why.
    battery
        Percent, NaN where it is not known.
    loose
        Whether the sensor itself says that an electrode is off.
    lost
        Samples that are known to be missing.
    marred
        By channel: part of the last seconds that is unusable.
    """

    last_s: float = math.nan
    link: str = ""
    reason: str = ""
    battery: float = math.nan
    loose: bool = False
    lost: int = 0
    marred: Mapping[str, float] = field(default_factory=dict)

    def link_words(self, now_s: float) -> str:
        """Return how its samples come, in a few words."""
        if self.link and self.link != "streaming":
            why = self.reason if self.reason != self.link else ""
            return f"{self.link}: {why}" if why else self.link
        if math.isnan(self.last_s):
            return "nothing yet"
        age_s = now_s - self.last_s
        return "streams" if age_s < LATE_S else f"nothing for {age_s:.0f} s"

    def quality_words(self) -> str:
        """Return how usable its muscles' signals were in the last seconds; empty: unknown."""
        if self.loose:
            return "an electrode is off"
        bad = [
            f"{label} unusable" if part >= BAD else f"{label} {part:.0%} unusable"
            for label, part in self.marred.items()
            if part >= FAIR
        ]
        return ", ".join(bad) if bad else "good" if self.marred else ""

    def battery_words(self) -> str:
        """Return its charge; empty where it is not known."""
        return "" if math.isnan(self.battery) else f"{self.battery:.0f} %"


class Sensors:
    """All sensors of a night by name; a recording of one nameless device has one, too."""

    def __init__(self) -> None:
        self.known: dict[str, Sensor] = {}

    def named(self, stream: Stream) -> None:
        """Take note that there is a sensor with this stream."""
        self._of(stream.sensor)

    def sampled(self, stream: Stream, end_s: float) -> None:
        """Take note of samples up to a time of night."""
        sensor = self._of(stream.sensor)
        if sensor is not None:
            sensor.last_s = end_s if math.isnan(sensor.last_s) else max(end_s, sensor.last_s)

    def judged(self, marred: Mapping[str, Mapping[str, float]]) -> None:
        """Take by sensor and channel what part of the last seconds is unusable."""
        for name, sensor in self.known.items():
            sensor.marred = marred.get(name, {})

    def noted(self, note: Note) -> None:
        """Take a note of the journal."""
        if note.sensor is None or note.kind not in ("link", "battery", "device", "gap"):
            return
        sensor = self._of(note.sensor)
        if sensor is None:
            return
        data = note.data
        kind, value = data.get("kind"), data.get("value")
        if note.kind == "link":
            sensor.link = str(data.get("state") or "")[:_TEXT]
            sensor.reason = str(data.get("reason") or "")[:_TEXT]
        elif note.kind == "battery" and kind == "battery":
            if isinstance(value, int | float):
                sensor.battery = float(value)
        elif note.kind == "gap":
            lost = data.get("lost")
            if isinstance(lost, int) and lost > 0:
                sensor.lost += lost
        elif kind in ("leads_off", "leads_on"):
            sensor.loose = kind == "leads_off"

    def _of(self, name: str) -> Sensor | None:
        if name not in self.known and len(self.known) >= MOST_SENSORS:
            return None
        return self.known.setdefault(name, Sensor())
