"""Sensors that many a night lacks, and the direction in which physiology lets a feature speak.

Names of features that the catalogue does not hold are passed over, so that these lists need
not change with every feature.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from ...detection.cramps.features.catalogue import FEATURES

_ANTAGONIST = ("antagonist",)
_OTHER_LEG = ("other_leg", "other_moving", "other_turn")
_MOTION = (
    "movement", "moving", "onset_turn", "turn_deg", "turn_after", "wander", "strange_posture",
    "steps", "other_moving", "other_turn",
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

SIGNS: Mapping[str, int] = MappingProxyType(
    {
        # unbroken: motor units of a cramp fire on (Roeleveld 2000); movements pause
        "continuity": 1, "duty": 1, "dips": -1, "trusted": 1,
        # one muscle, in a leg that lies still
        "antagonist": -1, "antagonist_together": -1, "antagonist_onset": -1,
        "antagonist_active": -1, "other_leg": -1, "other_leg_together": -1,
        "other_leg_onset": -1, "other_leg_active": -1,
        "movement": -1, "movement_rest": -1, "moving": -1, "movement_at_onset": -1,
        "onset_turn_deg": -1, "turn_deg": -1, "wander_deg": -1, "steps": -1,
        "other_moving": -1, "other_turn_deg": -1,
        # built up, not switched on
        "jump_at_onset": -1,
        # an electrode, not a muscle
        "mains_jump": -1, "mains_spread": -1, "slow": -1, "slow_jump": -1,
        "slow_at_onset": -1, "mains_after": -1,
    }
)  # fmt: skip
"""Features that may speak in one direction only: more of them is more, or less, of a cramp."""


def blanked(names: Sequence[str], situation: str) -> NDArray[np.bool_]:
    """Return which features are missing in a situation, bool, shape ``(len(names),)``."""
    begins = SITUATIONS[situation]
    return np.array([name.startswith(begins) for name in names], bool)


def signs(names: Sequence[str]) -> NDArray[np.int8]:
    """Return 1, -1 or 0 for each feature, int8, shape ``(len(names),)``."""
    return np.array([SIGNS.get(name, 0) for name in names], np.int8)


def groups(names: Sequence[str]) -> dict[str, NDArray[np.intp]]:
    """Return the columns of each group of features, in the order of the catalogue."""
    of = {feature.name: feature.group for feature in FEATURES}
    found: dict[str, list[int]] = {}
    for column, name in enumerate(names):
        found.setdefault(of.get(name, "other"), []).append(column)
    return {group: np.array(columns, np.intp) for group, columns in found.items()}
