"""Nights that never were: a labelled night of leg EMG and movement from a seed."""

from __future__ import annotations

from .night import SimulatedNight, simulate_night
from .scenarios import SCENARIOS, Scenario, find_scenario

__all__ = ["SCENARIOS", "Scenario", "SimulatedNight", "find_scenario", "simulate_night"]
