"""What an alert is, what the night's state is, and what a way of telling must be able to do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class AlertKind(StrEnum):
    """What happened, in the words `alerts.tsv` and the ways use."""

    CRAMP = "cramp suspected"
    LINK = "link lost"
    ELECTRODE = "electrode off"
    BATTERY = "battery low"
    DISK = "disk low"
    DATA = "data lost"
    BACK = "all is well again"


class Level(StrEnum):
    """How much an alert wants to be noticed."""

    INFO = "info"
    WARNING = "warning"
    URGENT = "urgent"


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing to tell.

    Attributes
    ----------
    kind, level
        What happened, and how much it matters.
    at_s, decided_s
        When it happened and when it was decided to tell it, in seconds from the night's start.
    sensor
        The sensor it concerns, as the settings call it; ``None`` where it concerns the night.
    text
        One line to show. It holds no health detail unless the settings ask for it.
    title
        A few words above the text, under the same rule.
    """

    kind: AlertKind
    level: Level
    at_s: float
    decided_s: float
    sensor: str | None
    text: str
    title: str


@dataclass(frozen=True, slots=True)
class SensorStatus:
    """How one sensor is doing: its link in a word, its battery in percent (NaN: unknown)."""

    link: str
    battery_percent: float
    quality: str


@dataclass(frozen=True, slots=True)
class NightStatus:
    """How the night is doing, for ways that show a state rather than a message."""

    recording: bool
    elapsed_s: float
    sensors: Mapping[str, SensorStatus] = field(default_factory=dict)
    free_bytes: int = 0
    last_alert: str = ""


class Way(Protocol):
    """One way of telling an alert.

    A way runs in the alert process, never in the recording process, in a thread of its own; it
    may block for up to its own time limit (10 s).
    """

    @property
    def name(self) -> str:
        """What the way is called in `alerts.tsv` and in messages."""
        ...

    def open(self) -> None:
        """Get ready; raises `CrampwatchError` with one line where that cannot be done."""
        ...

    def tell(self, alert: Alert) -> None:
        """Tell one alert; raises `CrampwatchError` with one line where it did not get out."""
        ...

    def status(self, night: NightStatus) -> None:
        """Show how the night is doing; nothing for most ways."""
        ...

    def close(self) -> None:
        """Let go of what was opened; never raises."""
        ...
