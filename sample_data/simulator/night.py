"""A simulated night: computed page by page when it is read, the same however it is read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from ...recording.errors import CrampwatchError
from ...recording.model import Event, Night
from .carriers import ATTRIBUTION
from .families import STANDARD, Family, find_family, seed_in
from .persons import personal
from .plan import Plan
from .scenario import Scenario, find_sensors
from .scenarios import find_scenario
from .schedule import make_plan
from .sleeper import NOTE, Sleeper

START = datetime(2000, 1, 1, 22, 30, 0)  # noqa: DTZ001 - local time of no place


@dataclass(frozen=True, slots=True, eq=False)
class SimulatedNight:
    """A night that never was, and the truth about it.

    Attributes
    ----------
    night
        Signals, computed when read. It holds no events: a detector must find them.
    truth
        What happens in it, in order of time.
    scenario, seed
        What it was drawn from.
    plan
        Everything that happens, also what is not marked.
    family
        Whose bodies, electrodes and sensors these are.
    person
        Seed of the body, None where the body is that of the night.
    carriers
        Whether real contraction textures replace the simulated ones.
    sensors
        Name of what was worn, None for what the scenario has.
    """

    night: Night
    truth: tuple[Event, ...]
    scenario: Scenario
    seed: int
    plan: Plan
    family: Family
    person: int | None = None
    carriers: bool = False
    sensors: str | None = None


def simulate_night(
    scenario: str | Scenario,
    seed: int,
    *,
    hours: float | None = None,
    family: str | Family = STANDARD,
    person: int | None = None,
    carriers: bool = False,
    sensors: str | None = None,
) -> SimulatedNight:
    """Return a simulated night whose samples are computed when they are read.

    Parameters
    ----------
    scenario
        A recipe or the name of one (see `SCENARIOS`).
    seed
        Same seed, same night, whatever the size of the blocks it is read in.
    hours
        Length; None for that of the scenario.
    family
        Bodies, electrodes and sensors, or the name of such a family (see `FAMILIES`).
    person
        Seed of a body with habits of its own: nights of one person have its muscles, its
        heart and its kind of events in common. None for a body of this night only.
    carriers
        Put real contraction textures in place of the simulated ones.
    sensors
        What is worn (see `SENSORS`); None for what the scenario has.

    Raises
    ------
    CrampwatchError
        The scenario, the family or the sensors are not known, the seed is negative, or the
        length is not between a minute and a day.
    """
    recipe = find_scenario(scenario) if isinstance(scenario, str) else scenario
    kind = find_family(family) if isinstance(family, str) else family
    for name, number in (("seed", seed), ("person", person or 0)):
        if number < 0:
            raise CrampwatchError(f"{name} {number} is negative: take 0 or more")
    overrides = {**kind.overrides, **recipe.overrides}
    root = seed_in(kind, seed)
    body = None if person is None else seed_in(kind, person)
    if body is not None:
        overrides = personal(overrides, body)
    drawn = replace(recipe, overrides=overrides)
    if sensors is not None:
        drawn = replace(drawn, montage=find_sensors(sensors))
    plan = make_plan(drawn, root, hours)
    sleeper = Sleeper(drawn, plan, root, person=body, carriers=carriers)
    montage = drawn.montage
    streams = [sleeper.emg(side, muscle) for side, muscle in montage.emg]
    streams += [sleeper.accelerometer(side) for side in montage.accelerometers]
    notes = [NOTE, f"Scenario {recipe.name}, seed {seed}: {recipe.about}"]
    if kind.name != STANDARD:
        notes.append(f"Family {kind.name}: {kind.about}")
    if carriers:
        notes.append(f"With {ATTRIBUTION}")
    if sensors is not None:
        notes.append(f"Sensors {sensors}")
    night = Night(
        streams=tuple(streams),
        start=START,
        format="simulated",
        devices=("crampwatch simulator",),
        notes=tuple(notes),
    )
    return SimulatedNight(
        night, plan.truth, recipe, seed, plan, kind, person, carriers, sensors
    )
