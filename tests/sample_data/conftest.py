"""Simulated nights shared by the tests; each is drawn once."""

from __future__ import annotations

import pytest

from crampwatch.sample_data.simulator import SimulatedNight, simulate_night


@pytest.fixture(scope="session")
def sample() -> SimulatedNight:
    """Return the scenario that is shipped, with the seed that is shipped."""
    return simulate_night("sample", 107)


@pytest.fixture(scope="session")
def mixed() -> SimulatedNight:
    """Return two hours of the mixed scenario."""
    return simulate_night("mixed", 5, hours=2.0)
