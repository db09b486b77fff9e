"""What can be said about a recording: one model, whoever says it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    field_validator,
    model_validator,
)

from ...firmware_bridge.addresses import parse_address
from ...recording.errors import CrampwatchError
from ...recording.model import Side
from .alerts.settings import AlertSettings
from .times import clock_of, length, seconds_of

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}", re.ASCII)
UNUSED = "-"
"""Stands for a channel that no electrode is on."""

_SIDES: Mapping[str, Side] = {"left": "left", "l": "left", "right": "right", "r": "right"}
_MUSCLES = {
    "calf": "GM", "gm": "GM", "gl": "GL", "gas": "GAS", "gastrocnemius": "GAS", "sol": "SOL",
    "soleus": "SOL", "shin": "TA", "ta": "TA", "tibialis": "TA",
}  # fmt: skip
_PLACES = ("calf", "shin", "thigh", "foot", "ankle")


def _seconds(value: Any) -> Any:
    if not isinstance(value, str):
        # for = 8 is meant as hours and would be seconds; pydantic tells a ValueError
        raise ValueError(  # noqa: TRY004
            'must be a length in quotes, like "8h", "30min" or "1h30min"'
        )
    return seconds_of(value)


def _clock(value: Any) -> Any:
    return clock_of(value) if isinstance(value, str) else value


Length = Annotated[
    float, BeforeValidator(_seconds), PlainSerializer(length), Field(ge=1.0, le=172_800.0)
]
TimeOfDay = Annotated[str, BeforeValidator(_clock)]


class SensorSettings(BaseModel):
    """One sensor.

    Attributes
    ----------
    address
        Where it is, as ``crampwatch devices`` prints it.
    side
        Leg that wears it; told by the name where nothing is said.
    muscles
        Muscle under each EMG channel in order (``GM``, ``TA``, ...), ``-`` for none.
    placement
        Where the band sits (``calf``); for the accelerometer.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    address: str
    side: Side | None = None
    muscles: tuple[str, ...] | None = None
    placement: str | None = None

    @field_validator("address")
    @classmethod
    def _says_something(cls, value: str) -> str:
        try:
            return str(parse_address(value))
        except CrampwatchError as error:
            raise ValueError(str(error)) from None

    @field_validator("muscles", mode="before")
    @classmethod
    def _several(cls, value: Any) -> Any:
        return tuple(value.split(",")) if isinstance(value, str) else value

    @field_validator("muscles")
    @classmethod
    def _are_names(cls, value: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if value is None:
            return None
        names = tuple(each.strip() for each in value)
        for name in names:
            if name != UNUSED and not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,15}", name):
                raise ValueError(f"{name!r} is no muscle; say GM, GL, SOL, TA or -")
        return names

    @field_validator("placement")
    @classmethod
    def _is_a_word(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"[A-Za-z][A-Za-z0-9 _-]{0,31}", value):
            raise ValueError("must be a word like calf")
        return value

    def completed(self, name: str) -> SensorSettings:
        """Return it with what its name or, simulated, its address says besides."""
        words = re.split(r"[-_]", name)
        address = parse_address(self.address)
        simulated = address.kind == "sim"
        side = self.side or next((_SIDES[word] for word in words if word in _SIDES), None)
        if simulated and side is None:
            side = _SIDES.get(address.options.get("leg", "left"))
        muscles = self.muscles
        if muscles is None and simulated:
            muscles = ("GM", "TA")
        elif muscles is None:
            muscles = next(((_MUSCLES[word],) for word in words if word in _MUSCLES), None)
        place = self.placement or next((word for word in words if word in _PLACES), None)
        text = self.address
        if simulated and side == "right" and "leg" not in address.options:
            text += f"{'&' if '?' in text else '?'}leg=right"
        return SensorSettings.model_validate(
            {"address": text, "side": side, "muscles": muscles, "placement": place}
        )


class RecordSettings(BaseModel):
    """One recording.

    Attributes
    ----------
    duration_s
        How long, seconds (``for``); without it and `until` it ends when it is stopped.
    until, start
        Local times of day, ``HH:MM``.
    missing
        What to do where a sensor is not there at the start: ``refuse``, or ``go-on`` with
        the rest.
    wait_s
        How long to wait for sensors at the start, seconds (``wait``).
    isolator
        Whether a medical-grade isolator lies between wired sensors and the computer.
    raw_log
        Whether the bytes of the sensors are kept besides, in ``raw/``.
    keep_awake
        Whether the computer is kept from sleeping.
    calibrate
        Whether the night begins with the guided calibration; None where nobody said.
    score
        Whether the night is scored when it ends.
    speed
        How many times as fast simulated sensors live.
    alerts
        What is told while the night is recorded; nothing by default.
    sensors
        By name.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=False)

    duration_s: Length | None = Field(default=None, alias="for")
    until: TimeOfDay | None = None
    start: TimeOfDay | None = None
    missing: Literal["refuse", "go-on"] = "refuse"
    wait_s: Length = Field(default=60.0, alias="wait")
    isolator: bool = False
    raw_log: bool = False
    keep_awake: bool = True
    calibrate: bool | None = None
    score: bool = True
    speed: float = Field(default=1.0, ge=1.0, le=1000.0)
    alerts: AlertSettings = Field(default_factory=AlertSettings)
    sensors: dict[str, SensorSettings] = Field(default_factory=dict)

    @field_validator("alerts", mode="before")
    @classmethod
    def _on_or_off(cls, value: Any) -> Any:
        return {"on": value} if isinstance(value, bool | str) else value

    @model_validator(mode="after")
    def _fits(self) -> RecordSettings:
        if self.duration_s is not None and self.until is not None:
            raise ValueError("say for or until, not both")
        for name, sensor in self.sensors.items():
            if not NAME.fullmatch(name):
                raise ValueError(f"{name!r} is no name for a sensor; say one like left-calf")
            address = parse_address(sensor.address)
            if address.kind != "sim" and self.speed != 1.0:
                raise ValueError(f"only simulated sensors live faster, and {name} is real")
            if address.kind == "sim" and "speed" in address.options:
                raise ValueError(f"{name}: say --speed for all sensors, not in the address")
        return self

    def completed(self) -> RecordSettings:
        """Return it with what names and addresses of sensors say besides."""
        done = {name: sensor.completed(name) for name, sensor in self.sensors.items()}
        return self.model_copy(update={"sensors": done})

    def as_plain(self) -> Mapping[str, Any]:
        """Return what was said or holds by default, by the names of the file; TOML-ready."""
        plain: dict[str, Any] = self.model_dump(mode="json", by_alias=True, exclude_none=True)
        return plain
