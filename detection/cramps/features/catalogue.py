"""All features of a cramp candidate: names, units, sources, and how they are measured."""

from __future__ import annotations

from typing import Final

from . import (
    aftermath,
    companions,
    context,
    level,
    movement,
    quality,
    rhythm,
    shape,
    spectrum,
)
from .feature import Feature
from .scene import Scene

_GROUPS = (
    shape,
    level,
    spectrum,
    rhythm,
    companions,
    movement,
    quality,
    context,
    aftermath,
)

FEATURES: Final[tuple[Feature, ...]] = tuple(
    feature for group in _GROUPS for feature in group.FEATURES
)
"""Every feature, in the order of the columns of a feature table."""

FEATURE_NAMES: Final[tuple[str, ...]] = tuple(feature.name for feature in FEATURES)


def describe(scene: Scene, *, complete: bool = True) -> dict[str, float]:
    """Return every feature of a contraction; NaN where it is not known.

    Parameters
    ----------
    scene
        The contraction and what was recorded around it.
    complete
        Whether what follows it may be looked at.
    """
    values = dict.fromkeys(FEATURE_NAMES, float("nan"))
    for group in _GROUPS:
        if complete or not group.FEATURES[0].follows:
            values.update(group.measure(scene))
    return values
