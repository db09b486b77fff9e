"""What a feature is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Feature:
    """One number about a cramp candidate.

    Attributes
    ----------
    name
        Column of the feature table.
    unit
        Unit; ``1`` for ratios and shares.
    group
        Part of the candidate's description that it belongs to.
    about
        One sentence for a person who reads why an event was named.
    source
        Where the idea comes from: a paper, a rule, or the physics of the sensor.
    follows
        Whether it needs what comes after the contraction.
    """

    name: str
    unit: str
    group: str
    about: str
    source: str
    follows: bool = False
