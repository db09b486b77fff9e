"""A simulated night: computed page by page when it is read, the same however it is read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ...recording.model import Event, Night
from .plan import Plan
from .scenarios import Scenario, find_scenario
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
    """

    night: Night
    truth: tuple[Event, ...]
    scenario: Scenario
    seed: int
    plan: Plan


def simulate_night(
    scenario: str | Scenario, seed: int, *, hours: float | None = None
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

    Raises
    ------
    CrampwatchError
        The scenario is not known, or the length is not between a minute and a day.
    """
    recipe = find_scenario(scenario) if isinstance(scenario, str) else scenario
    plan = make_plan(recipe, seed, hours)
    sleeper = Sleeper(recipe, plan, seed)
    montage = recipe.montage
    streams = [sleeper.emg(side, muscle) for side, muscle in montage.emg]
    streams += [sleeper.accelerometer(side) for side in montage.accelerometers]
    night = Night(
        streams=tuple(streams),
        start=START,
        format="simulated",
        devices=("crampwatch simulator",),
        notes=(NOTE, f"Scenario {recipe.name}, seed {seed}: {recipe.about}"),
    )
    return SimulatedNight(night, plan.truth, recipe, seed, plan)
