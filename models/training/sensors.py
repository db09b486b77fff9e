"""Sensors that many a night lacks, and the direction in which a feature may speak."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from ...detection.cramps.features.catalogue import FEATURES

_ANTAGONIST = ("antagonist",)
_OTHER_LEG = ("other_leg", "other_moving", "other_turn", "others_before")
_MOTION = (
    "movement", "moving", "onset_turn", "turn_deg", "turn_after", "wander", "strange_posture",
    "steps", "other_moving", "other_turn", "since_movement",
)  # fmt: skip
_SPECTRUM = ("mobility", "whiteness", "form")
_SCALE = ("level_uv", "reference")

SITUATIONS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "one muscle of the leg": _ANTAGONIST,
        "one leg": _OTHER_LEG,
        "one muscle of one leg": _ANTAGONIST + _OTHER_LEG,
        "no accelerometer": _MOTION,
        "one muscle of one leg, no accelerometer": _ANTAGONIST + _OTHER_LEG + _MOTION,
        "200 Hz, no spectrum": _SPECTRUM,
        "no scale": _SCALE,
        "a bare band: one muscle, no scale, no spectrum": (
            _ANTAGONIST + _OTHER_LEG + _SPECTRUM + _SCALE
        ),
    }
)
"""Features that are missing, by the beginning of their names, in nights that are common."""


def blanked(names: Sequence[str], situation: str) -> NDArray[np.bool_]:
    """Return which features are missing in a situation, bool, shape ``(len(names),)``."""
    begins = SITUATIONS[situation]
    return np.array([name.startswith(begins) for name in names], bool)


def signs(names: Sequence[str]) -> NDArray[np.int8]:
    """Return 1, -1 or 0 for each feature, int8, shape ``(len(names),)``."""
    expects = {feature.name: feature.expects for feature in FEATURES}
    return np.array([expects.get(name, 0) for name in names], np.int8)


def groups(names: Sequence[str]) -> dict[str, NDArray[np.intp]]:
    """Return the columns of each group of features, in the order of the catalogue."""
    of = {feature.name: feature.group for feature in FEATURES}
    found: dict[str, list[int]] = {}
    for column, name in enumerate(names):
        found.setdefault(of.get(name, "other"), []).append(column)
    return {group: np.array(columns, np.intp) for group, columns in found.items()}
