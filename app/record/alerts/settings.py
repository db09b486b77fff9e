"""What is worth an alert, how often, and by which ways; all of it off until it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationInfo,
    field_validator,
)

from ..times import length, seconds_of
from .alert import AlertKind, Level
from .ways.settings import REVEAL, WaySettings


def _seconds(value: Any) -> Any:
    return seconds_of(value) if isinstance(value, str) else value


Pause = Annotated[
    float, BeforeValidator(_seconds), PlainSerializer(length), Field(ge=1.0, le=172_800.0)
]


class RuleSettings(BaseModel):
    """When one kind of alert is told.

    Attributes
    ----------
    on
        Whether it is told at all.
    threshold
        From where on; what it counts stands in `COUNTS`.
    level
        How much it wants to be noticed.
    again
        After one alert of this kind and sensor, for how long no other is told, seconds.
    most
        How many are told in a night, all sensors together.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    on: bool = True
    threshold: float = Field(ge=0.0, le=1e6)
    level: Level
    again: Pause
    most: int = Field(ge=0, le=1000)


DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "cramp": {"threshold": 0.0, "level": "urgent", "again": 600.0, "most": 10},
    "link": {"threshold": 60.0, "level": "warning", "again": 900.0, "most": 10},
    "electrode": {"threshold": 60.0, "level": "warning", "again": 1800.0, "most": 6},
    "battery": {"threshold": 15.0, "level": "warning", "again": 3600.0, "most": 4},
    "disk": {"threshold": 0.5, "level": "urgent", "again": 3600.0, "most": 4},
    "data": {"threshold": 20.0, "level": "warning", "again": 1800.0, "most": 6},
    "back": {"threshold": 0.0, "level": "info", "again": 60.0, "most": 20},
}
"""One row for each kind of alert: where it begins, and how often it is told."""

COUNTS: Mapping[str, str] = {
    "cramp": "probability; 0: what the model, or the rule, calls a cramp",
    "link": "seconds without a sample",
    "electrode": "seconds for which it is off, or a channel brings nothing usable",
    "battery": "percent",
    "disk": "gigabytes that are free",
    "data": "percent of the samples of the last five minutes",
    "back": "nothing: a link or an electrode of which was told is well again",
}
"""What the threshold of each kind counts."""

NAMES: Mapping[AlertKind, str] = {
    AlertKind.CRAMP: "cramp",
    AlertKind.LINK: "link",
    AlertKind.ELECTRODE: "electrode",
    AlertKind.BATTERY: "battery",
    AlertKind.DISK: "disk",
    AlertKind.DATA: "data",
    AlertKind.BACK: "back",
}


def _usual(name: str) -> Any:
    return Field(default_factory=lambda: RuleSettings.model_validate(DEFAULTS[name]))


class AlertSettings(WaySettings):
    """Alerts of a recording: ``[alerts]``, ``[alerts.cramp]``, ``[alerts.mqtt]``, ...

    Attributes
    ----------
    on
        Whether there are alerts. A night with alerts is no measure of how long cramps last.
    detail
        Whether texts say what was seen; without it they only ask to look at the recording.
    cramp, link, electrode, battery, disk, data, back
        When each kind is told.
    """

    on: bool = False
    detail: bool = False
    cramp: RuleSettings = _usual("cramp")
    link: RuleSettings = _usual("link")
    electrode: RuleSettings = _usual("electrode")
    battery: RuleSettings = _usual("battery")
    disk: RuleSettings = _usual("disk")
    data: RuleSettings = _usual("data")
    back: RuleSettings = _usual("back")

    @field_validator(*DEFAULTS, mode="before")
    @classmethod
    def _with_the_usual(cls, value: Any, info: ValidationInfo) -> Any:
        if isinstance(value, bool):
            value = {"on": value}
        usual = DEFAULTS[str(info.field_name)]
        return {**usual, **value} if isinstance(value, Mapping) else value

    @property
    def ways(self) -> WaySettings:
        """The ways that alerts take."""
        return self

    def rule(self, kind: AlertKind) -> RuleSettings:
        """Return when a kind of alert is told."""
        found: RuleSettings = getattr(self, NAMES[kind])
        return found

    def for_a_pipe(self) -> Mapping[str, Any]:
        """Return everything, tokens too: for the alert process and nobody else."""
        plain: dict[str, Any] = self.model_dump(mode="json", context=dict(REVEAL))
        return plain
