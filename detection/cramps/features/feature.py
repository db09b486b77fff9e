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
    expects
        1 where physiology says that more of it is more of a cramp, -1 where less, 0 where it
        may be either.
    portable
        Whether it means the same on every electrode and sensor. The others are kept for
        study; a detector does not learn from them.
    """

    name: str
    unit: str
    group: str
    about: str
    source: str
    follows: bool = False
    expects: int = 0
    portable: bool = True
