"""One body over several nights: what a person's events have in common."""

from __future__ import annotations

from collections.abc import Mapping
from math import exp, sqrt

from .distributions import Distribution, LogNormal
from .parameters import PARAMETERS
from .randomness import stream

SHARED = 0.5
"""Of the variance of the logarithm, what lies between persons: an assumption."""

TRAITS = (
    "cramp.duration",
    "cramp.rise",
    "cramp.level",
    "lm.duration",
    "lm.level",
    "plm.interval",
    "shift.duration",
    "shift.level",
    "stretch.level",
    "walk.level",
    "jolt.peak",
)
"""Parameters in which people differ from each other."""


def personal(overrides: Mapping[str, Distribution], person: int) -> dict[str, Distribution]:
    """Return the overrides with the medians of one person.

    Half of the variance is between persons, the rest from event to event, so that many
    persons together are distributed as the table says.
    """
    found = dict(overrides)
    for name in TRAITS:
        known = overrides.get(name) or PARAMETERS[name].distribution
        if isinstance(known, LogNormal):
            z = float(stream(person, "person", name).standard_normal())
            median = known.median * exp(sqrt(SHARED) * known.spread * max(-1.5, min(z, 1.5)))
            median = min(max(median, known.low), known.high)
            spread = sqrt(1 - SHARED) * known.spread
            found[name] = LogNormal(median, spread, known.low, known.high)
    return found
