"""Named nights: what is recorded, and how much of what happens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from ...recording.errors import CrampwatchError
from ...recording.model import Side
from .parameters import Distribution, LogNormal, Uniform
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
    """

    name: str
    about: str
    hours: float
    montage: Montage
    per_night: Mapping[str, Distribution]
    overrides: Mapping[str, Distribution] = field(default_factory=lambda: MappingProxyType({}))


def _exactly(count: float) -> Uniform:
    return Uniform(count, count)


SCENARIOS: Mapping[str, Scenario] = MappingProxyType(
    {
        scenario.name: scenario
        for scenario in (
            Scenario("rest", "Nothing happens.", 1.0, BOTH_LEGS, {}),
            Scenario(
                "cramp",
                "A few cramp-like contractions and some turning in bed.",
                8.0,
                BOTH_LEGS,
                {"cramp": Uniform(2, 5), "posture_shift": Uniform(15, 30)},
            ),
            Scenario(
                "plm",
                "Series of periodic leg movements, no cramp.",
                8.0,
                BOTH_LEGS,
                {
                    "plm_series": Uniform(8, 16),
                    "leg_movement": Uniform(20, 40),
                    "posture_shift": Uniform(15, 30),
                },
            ),
            Scenario(
                "posture",
                "Much turning, stretching and walking, no cramp.",
                8.0,
                BOTH_LEGS,
                {
                    "posture_shift": Uniform(50, 90),
                    "stretch": Uniform(5, 12),
                    "walking": Uniform(1, 4),
                },
            ),
            Scenario(
                "artefacts",
                "Electrodes that pop, crackle and come off, radio gaps, no cramp.",
                8.0,
                BOTH_LEGS,
                {
                    "electrode_pop": Uniform(20, 60),
                    "peel_off": Uniform(2, 6),
                    "loose_contact": Uniform(4, 10),
                    "radio_gap": Uniform(3, 8),
                    "posture_shift": Uniform(15, 30),
                },
            ),
            Scenario(
                "mixed",
                "A full night with some of everything.",
                8.0,
                BOTH_LEGS,
                {
                    "cramp": Uniform(1, 3),
                    "plm_series": Uniform(3, 8),
                    "leg_movement": Uniform(15, 40),
                    "posture_shift": Uniform(20, 40),
                    "stretch": Uniform(2, 5),
                    "walking": Uniform(0.6, 2),
                    "electrode_pop": Uniform(3, 10),
                    "peel_off": Uniform(0.6, 2),
                    "loose_contact": Uniform(0.6, 2),
                    "radio_gap": Uniform(0.6, 3),
                },
            ),
            Scenario(
                "sample",
                "The short night that is shipped.",
                0.55,
                Montage(LEFT_LEG.emg, LEFT_LEG.accelerometers, 250.0, 25.0),
                {
                    "plm_series": _exactly(1),
                    "cramp": _exactly(1),
                    "leg_movement": _exactly(4),
                    "posture_shift": _exactly(3),
                    "electrode_pop": _exactly(1),
                    "loose_contact": _exactly(1),
                },
                {
                    "cramp.duration": Uniform(105, 130),
                    "cramp.level": Uniform(22, 35),
                    "cramp.stretched": Uniform(0, 0.5),
                    "loose.duration": Uniform(8, 15),
                    "electrode.noise": Uniform(0.7, 1.3),
                    "cramp.afterwards": _exactly(0),
                    "plm.count": _exactly(10),
                    "plm.interval": Uniform(24, 27),
                    "plm.spread": Uniform(0.05, 0.1),
                    "shift.duration": LogNormal(9, 0.4, 5, 18),
                },
            ),
        )
    }
)


def find_scenario(name: str) -> Scenario:
    """Return the scenario called `name`.

    Raises
    ------
    CrampwatchError
        There is none.
    """
    try:
        return SCENARIOS[name]
    except KeyError:
        known = ", ".join(SCENARIOS)
        raise CrampwatchError(
            f"scenario {name!r} is not known; choose one of: {known}"
        ) from None
