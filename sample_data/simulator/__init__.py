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
from .scenario import SENSORS, Montage, Scenario, find_sensors
from .scenarios import SCENARIOS, find_scenario
from .writing import WrittenNight, write_night

__all__ = [
    "FAMILIES",
    "SCENARIOS",
    "SENSORS",
    "Family",
    "Montage",
    "Scenario",
    "SimulatedNight",
    "WrittenNight",
    "find_family",
    "find_scenario",
    "find_sensors",
    "held_out_families",
    "simulate_night",
    "training_families",
    "write_night",
]
