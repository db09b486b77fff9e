"""How the events of a night are laid out in time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...recording.errors import CrampwatchError
from .happenings import HAPPENINGS
from .parameters import Draw
from .plan import Plan, PlannedEvent, shifted
from .randomness import stream
from .scenarios import Scenario

QUIET_START_S = 60.0
"""The sleeper lies still at first, so that there is a resting level to know."""

QUIET_END_S = 20.0

APART_S = 12.0
"""Least time between two events."""

LEG_MOVEMENTS_APART_S = 95.0
"""More than the longest interval of a series: an isolated movement stays isolated."""


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
    if seed < 0:
        raise CrampwatchError(f"seed {seed} is negative: take 0 or more")
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
            legs = list(scenario.montage.sides)
            own.shuffle(legs)
            group = HAPPENINGS[name](Draw(own, scenario.overrides), tuple(legs))
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
