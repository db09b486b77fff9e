"""Named nights, and how their events are laid out in time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

from ...recording.errors import CrampwatchError
from ...recording.model import Side
from .happenings import MUSCLES, SINGLE, plm_series
from .parameters import Distribution, Draw, LogNormal, Uniform
from .plan import MuscleName, Plan, PlannedEvent, shifted
from .randomness import stream

QUIET_START_S = 60.0
"""The sleeper lies still at first, so that there is a resting level to know."""

QUIET_END_S = 20.0

APART_S = 12.0
"""Least time between two events."""

LEG_MOVEMENTS_APART_S = 95.0
"""More than the longest interval of a series: an isolated movement stays isolated."""


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


def make_plan(scenario: Scenario, seed: int, hours: float | None = None) -> Plan:
    """Draw the events of one night and lay them out without overlap.

    The rarest and longest are placed first; one that finds no room is left out. The night
    lasts a multiple of 10 s, so that it fills whole records of a file.
    """
    wanted_hours = scenario.hours if hours is None else hours
    if not 1 / 60 <= wanted_hours <= 24:
        raise CrampwatchError(
            f"a night of {wanted_hours:g} hours: ask for 1 minute to 24 hours"
        )
    duration = 10.0 * round(wanted_hours * 360)
    rng = stream(seed, "plan", scenario.name)
    taken: list[_Slot] = []
    events: list[PlannedEvent] = []
    for name in _PLACING_ORDER:
        if name not in scenario.per_night:
            continue
        share = scenario.per_night[name].draw(rng) * wanted_hours / scenario.hours
        for index in range(max(1, round(share))):
            own = stream(seed, "event", scenario.name, name, index)
            group = _happening(name, Draw(own, scenario.overrides), scenario.montage.sides)
            onset = _room(group, name in _LEG_MOVEMENTS, duration, taken, rng)
            if onset is not None:
                events.extend(shifted(event, onset) for event in group)
    return Plan(duration, tuple(events))


_LEG_MOVEMENTS = frozenset({"plm_series", "leg_movement"})
_PLACING_ORDER = (
    "peel_off",
    "plm_series",
    "cramp",
    "walking",
    "loose_contact",
    "leg_movement",
    "posture_shift",
    "stretch",
    "radio_gap",
    "electrode_pop",
)


@dataclass(frozen=True, slots=True)
class _Slot:
    start_s: float
    end_s: float
    leg_movements: bool


def _happening(name: str, draw: Draw, sides: tuple[Side, ...]) -> tuple[PlannedEvent, ...]:
    legs = list(sides)
    draw.rng.shuffle(legs)
    if name == "plm_series":
        return plm_series(draw, tuple(legs))
    return (SINGLE[name](draw, tuple(legs)),)


def _room(
    group: tuple[PlannedEvent, ...],
    leg_movements: bool,
    duration_s: float,
    taken: list[_Slot],
    rng: np.random.Generator,
) -> float | None:
    """Return a free onset for `group` and take it, or None after many tries."""
    length = max(mark.end for event in group for mark in event.truth)
    latest = duration_s - length - QUIET_END_S
    if latest <= QUIET_START_S:
        return None
    for _ in range(200):
        onset = float(rng.uniform(QUIET_START_S, latest))
        slot = _Slot(onset, onset + length, leg_movements)
        if all(_apart(slot, other) for other in taken):
            taken.append(slot)
            return onset
    return None


def _apart(one: _Slot, other: _Slot) -> bool:
    both = one.leg_movements and other.leg_movements
    least = LEG_MOVEMENTS_APART_S if both else APART_S
    return one.start_s > other.end_s + least or other.start_s > one.end_s + least
