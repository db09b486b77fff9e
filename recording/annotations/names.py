"""What the field calls the things it marks, in the names of this house.

Internal names follow the National Sleep Research Resource: ``LM``, ``PLM``, ``arousal``,
``hypopnea`` and the apneas, ``desat``; stages are ``sleep_W``, ``sleep_N1``, ...
"""

from __future__ import annotations

import re
from typing import Final

from .edf_text import TRIAL_TYPES
from .stages import is_stage, stage_names

RESPIRATORY: Final = frozenset(
    {"apnea", "apnea_obstructive", "apnea_central", "apnea_mixed", "hypopnea", "rera"}
)
"""Events of breathing that a leg movement can belong to."""

AROUSAL: Final = "arousal"
UNSCORED: Final = "unscored"

_LONGEST_NAME: Final = 200
_OTHER_NAMES: Final = frozenset({"desat", "lights_on", "lights_off", AROUSAL, UNSCORED})

_PATTERNS: Final = tuple(
    (re.compile(pattern), name)
    for pattern, name in (
        (r"\brera\b|respiratory effort related", "rera"),
        (r"hypop", "hypopnea"),
        (
            r"(obstructive|\bobs\w*\b).*apn|apn.*(obstructive|\bobs)|\bosa\b",
            "apnea_obstructive",
        ),
        (r"\b[cz]en\w*.*apn|apn.*\b[cz]en|\bcsa\b", "apnea_central"),
        (r"\b(mix|gemischt).*apn|apn.*\b(mix|gemischt)|\bmsa\b", "apnea_mixed"),
        (r"apno?e", "apnea"),
        (r"desat", "desat"),
        (r"arousal|\baro\b", AROUSAL),
        (r"periodic (leg|limb)|\bplm[sw]?\b", "PLM"),
        (r"(leg|limb) (movement|mvt)|beinbewegung|\blms?\b|\bleg mvmt\b", "LM"),
        (r"possible.cramp", "possible_cramp"),
        (r"cramp", "cramp"),
        (r"lights.?(off|out)", "lights_off"),
        (r"lights.?on", "lights_on"),
        (r"arte?i?fact", "artifact"),
    )
)
_LEFT = re.compile(r"\bleft\b|\bl\b|\blat\b|links", re.IGNORECASE)
_BOTH = re.compile(r"\b(both|bilateral)\b", re.IGNORECASE)
_RIGHT = re.compile(r"\bright\b|\br\b|\brat\b|rechts", re.IGNORECASE)


def event_name(text: str) -> str | None:
    """Return the house name of an event or stage, or None where the text is no known one."""
    clean = text.strip()[:_LONGEST_NAME]
    if clean in TRIAL_TYPES or clean in RESPIRATORY or clean in _OTHER_NAMES:
        return clean
    if is_stage(clean):
        return stage_type(clean)
    low = re.sub(r"[\s_:/|()\-]+", " ", clean.lower())
    return next((name for pattern, name in _PATTERNS if pattern.search(low)), None)


def stage_type(text: str) -> str:
    """Return ``sleep_N2`` for a spelling of N2, ``unscored`` for what is no stage."""
    stages, _ = stage_names([text])
    return f"sleep_{stages[0]}" if stages[0] else UNSCORED


def side_of(text: str) -> str | None:
    """Return the side that a name or label mentions, None where it names none or both."""
    clean = re.sub(r"[_/()\-.,]+", " ", text[:_LONGEST_NAME])
    left, right = bool(_LEFT.search(clean)), bool(_RIGHT.search(clean))
    if left == right:
        return "both" if left or _BOTH.search(clean) else None
    return "left" if left else "right"
