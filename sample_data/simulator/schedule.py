"""How the events of a night are laid out in time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...recording.errors import CrampwatchError
from .happenings import HAPPENINGS
from .parameters import Draw
from .plan import Happened, Plan, PlannedEvent, shifted
from .randomness import stream
from .scenario import Scenario

QUIET_START_S = 60.0
"""The sleeper lies still at first, so that there is a resting level to know."""

QUIET_END_S = 20.0

APART_S = 12.0
"""Least time between two events."""

LEG_MOVEMENTS_APART_S = 95.0
"""More than the longest interval of a series: an isolated movement stays isolated."""


def make_plan(scenario: Scenario, seed: int, hours: float | None = None) -> Plan:
    """Draw the events of one night and lay them out.

    The rarest and longest are placed first; one that finds no room is left out. Nothing
    overlaps but what lies in the background, which goes on beneath anything. The night
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
    happenings: list[Happened] = []
    for name in _PLACING_ORDER:
        if name not in scenario.per_night:
            continue
        share = scenario.per_night[name].draw(rng) * wanted_hours / scenario.hours
        for index in range(max(1, round(share))):
            own = stream(seed, "event", scenario.name, name, index)
            legs = list(scenario.montage.sides)
            own.shuffle(legs)
            group = HAPPENINGS[name](Draw(own, scenario.overrides), tuple(legs))
            if name in _BACKGROUND:
                onset = _anywhere(group, duration, rng)
            else:
                onset = _room(group, name in _LEG_MOVEMENTS, duration, taken, rng)
            if onset is not None:
                events.extend(shifted(event, onset) for event in group)
                length = min(max(_span(event)[1] for event in group), duration - onset)
                happenings.append(Happened(name, onset, length, legs[0]))
    happenings.sort(key=lambda happened: happened.onset_s)
    return Plan(duration, tuple(events), tuple(happenings), scenario.columns)


_LEG_MOVEMENTS = frozenset({"plm_series", "leg_movement", "dorsiflexion", "rbd"})
_BACKGROUND = frozenset({"tone", "tone_spell", "fasciculations", "bed_partner", "efm", "sweat"})
_PLACING_ORDER = (
    "cramp_cluster",
    "peel_off",
    "plm_series",
    "cramp",
    "rbd",
    "walking",
    "standing",
    "ecg_leak",
    "mains_hum",
    "radio_trouble",
    "hft",
    "loose_contact",
    "flat_line",
    "leg_movement",
    "dorsiflexion",
    "alma",
    "posture_shift",
    "stretch",
    "cable",
    "radio_gap",
    "electrode_pop",
    "tone",
    "tone_spell",
    "efm",
    "fasciculations",
    "bed_partner",
    "sweat",
)
_PAUSE_S = 120.0
"""Longer pauses in a group leave room for something else."""


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
    spans = _spans(group)
    latest = duration_s - spans[-1][1] - QUIET_END_S
    if latest <= QUIET_START_S:
        return None
    for _ in range(200):
        onset = float(rng.uniform(QUIET_START_S, latest))
        slots = [_Slot(onset + a, onset + b, leg_movements) for a, b in spans]
        if all(_apart(slot, other) for slot in slots for other in taken):
            taken.extend(slots)
            return onset
    return None


def _anywhere(
    group: tuple[PlannedEvent, ...], duration_s: float, rng: np.random.Generator
) -> float | None:
    """Return an onset that leaves what is marked in the night; 0 for what lasts all night."""
    marked = max((mark.end for event in group for mark in event.truth), default=0.0)
    length = max(_span(event)[1] for event in group)
    if not marked and length >= duration_s:
        return 0.0
    latest = duration_s - length - QUIET_END_S
    return float(rng.uniform(QUIET_START_S, latest)) if latest > QUIET_START_S else None


def _spans(group: tuple[PlannedEvent, ...]) -> list[tuple[float, float]]:
    """Return when a group keeps the sleeper busy, in order, without its long pauses."""
    found: list[tuple[float, float]] = []
    for start, end in sorted(_span(event) for event in group):
        if found and start < found[-1][1] + _PAUSE_S:
            found[-1] = found[-1][0], max(found[-1][1], end)
        else:
            found.append((start, end))
    return found


def _span(event: PlannedEvent) -> tuple[float, float]:
    """Return when an event begins and ends, after its own start."""
    marks = [(mark.onset, mark.end) for mark in event.truth]
    begin = min((start for start, _ in marks), default=event.starts_s)
    return begin, max([end for _, end in marks] + [begin + event.length_s])


def _apart(one: _Slot, other: _Slot) -> bool:
    both = one.leg_movements and other.leg_movements
    least = LEG_MOVEMENTS_APART_S if both else APART_S
    return one.start_s > other.end_s + least or other.start_s > one.end_s + least
