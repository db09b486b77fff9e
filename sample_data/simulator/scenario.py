"""A recipe for nights: what is recorded, and how much of what happens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from ...recording.errors import CrampwatchError
from ...recording.model import Side
from .distributions import Distribution
from .plan import MUSCLES, MuscleName


@dataclass(frozen=True, slots=True)
class Montage:
    """What is recorded.

    Attributes
    ----------
    emg
        Muscles, in the order of the channels.
    accelerometers
        Legs that wear one.
    emg_rate_hz, accelerometer_rate_hz
        Sampling rates, Hz.
    """

    emg: tuple[tuple[Side, MuscleName], ...]
    accelerometers: tuple[Side, ...]
    emg_rate_hz: float = 1000.0
    accelerometer_rate_hz: float = 50.0

    @property
    def sides(self) -> tuple[Side, ...]:
        """Legs that are recorded at all."""
        worn = {side for side, _ in self.emg} | set(self.accelerometers)
        sides: tuple[Side, ...] = ("left", "right")
        return tuple(side for side in sides if side in worn)


BOTH_LEGS = Montage(
    tuple((side, muscle) for side in ("left", "right") for muscle in MUSCLES),
    ("left", "right"),
)
LEFT_LEG = Montage((("left", "GM"), ("left", "TA")), ("left",))

SENSORS: Mapping[str, Montage] = MappingProxyType(
    {
        "both": BOTH_LEGS,
        "one_leg": LEFT_LEG,
        "calves": Montage((("left", "GM"), ("right", "GM")), ("left", "right")),
        "calf": Montage((("left", "GM"),), ("left",), 500.0, 25.0),
        "calf_200": Montage((("left", "GM"),), ("left",), 200.0, 25.0),
        "no_motion": Montage(BOTH_LEGS.emg, (), 500.0),
    }
)
"""What people wear, by name."""


def find_sensors(name: str) -> Montage:
    """Return the sensors called `name`.

    Raises
    ------
    CrampwatchError
        There are none.
    """
    try:
        return SENSORS[name]
    except KeyError:
        known = ", ".join(SENSORS)
        raise CrampwatchError(f"sensors {name!r} are not known; choose of: {known}") from None


@dataclass(frozen=True, slots=True)
class Scenario:
    """A recipe for nights.

    Attributes
    ----------
    name
        Name on the command line and in file names.
    about
        One sentence.
    hours
        Length unless told otherwise.
    montage
        What is recorded.
    per_night
        How many of each event in a night of `hours`; scaled with another length. An
        event that occurs at all occurs at least once.
    overrides
        Distributions that differ from the table of parameters.
    columns
        Free columns that the truth has; None for all.
    """

    name: str
    about: str
    hours: float
    montage: Montage
    per_night: Mapping[str, Distribution]
    overrides: Mapping[str, Distribution] = field(default_factory=lambda: MappingProxyType({}))
    columns: tuple[str, ...] | None = None
