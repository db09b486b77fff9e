"""Nights that never were: labelled leg EMG and movement, from a scenario and a seed."""

from __future__ import annotations

from .families import (
    FAMILIES,
    Family,
    find_family,
    held_out_families,
    training_families,
)
from .night import SimulatedNight, simulate_night
from .scenario import Montage, Scenario
from .scenarios import SCENARIOS, find_scenario
from .writing import WrittenNight, write_night

__all__ = [
    "FAMILIES",
    "SCENARIOS",
    "Family",
    "Montage",
    "Scenario",
    "SimulatedNight",
    "WrittenNight",
    "find_family",
    "find_scenario",
    "held_out_families",
    "simulate_night",
    "training_families",
    "write_night",
]
