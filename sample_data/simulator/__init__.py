"""Nights that never were: labelled leg EMG and movement, from a scenario and a seed."""

from __future__ import annotations

from .night import SimulatedNight, simulate_night
from .scenarios import SCENARIOS, Montage, Scenario, find_scenario
from .writing import WrittenNight, write_night

__all__ = [
    "SCENARIOS",
    "Montage",
    "Scenario",
    "SimulatedNight",
    "WrittenNight",
    "find_scenario",
    "simulate_night",
    "write_night",
]
