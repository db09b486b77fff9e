"""Events as EDF+ annotation texts, and back.

A text is ``trial_type``, then the side where it is known, then ``@@`` and the channel
(the convention that MNE-Python reads): ``PLM left@@EMG L TA``. Sleep stages are the
standard texts of EDF+ (``Sleep stage N2``). A ``marker`` is its own text, and so is what
marks a calibration (``calibration press left``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..model import Event
from .calibration import CAUSES, is_calibration

BAD_GAP = "BAD_gap"
"""Annotation over a stretch where a continuous file holds padding, not samples."""

TRIAL_TYPES = frozenset(
    {
        "cramp", "possible_cramp", "PLM", "LM", "large_movement", "ALMA", "HFT", "EFM",
        "artifact", "unscorable", "marker", BAD_GAP,
        "sleep_W", "sleep_N1", "sleep_N2", "sleep_N3", "sleep_R",
    }
)  # fmt: skip

_OWN = TRIAL_TYPES | CAUSES.keys()

_STAGES = {
    "w": "sleep_W", "wake": "sleep_W", "awake": "sleep_W", "0": "sleep_W",
    "1": "sleep_N1", "n1": "sleep_N1", "s1": "sleep_N1", "nrem1": "sleep_N1",
    "2": "sleep_N2", "n2": "sleep_N2", "s2": "sleep_N2", "nrem2": "sleep_N2",
    "3": "sleep_N3", "n3": "sleep_N3", "s3": "sleep_N3", "nrem3": "sleep_N3",
    "4": "sleep_N3", "n4": "sleep_N3", "s4": "sleep_N3", "nrem4": "sleep_N3",
    "r": "sleep_R", "rem": "sleep_R", "5": "sleep_R",
}  # fmt: skip
_STAGE_TEXT = re.compile(
    r"(?:sleep[ _-]*)?stage[ _:-]*(\w+)|sleep_(w|n1|n2|n3|r)", re.IGNORECASE
)
_MOVEMENTS = {
    "lm": "LM", "leg movement": "LM", "limb movement": "LM", "leg movements": "LM",
    "plm": "PLM", "plms": "PLM", "plmw": "PLM", "periodic leg movement": "PLM",
    "periodic limb movement": "PLM", "plm episode": "PLM",
    "cramp": "cramp", "leg cramp": "cramp", "possible cramp": "possible_cramp",
    "artefact": "artifact",
}  # fmt: skip
_SIDE = re.compile(r"[\s(,:_-]+(left|right|both|l|r)\)?$", re.IGNORECASE)
_SIDES = {"left": "left", "l": "left", "right": "right", "r": "right", "both": "both"}
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]+")


def to_text(event: Event) -> str:
    """Return the annotation text of an event, without control characters."""
    kind = event.trial_type
    if kind.startswith("sleep_"):
        text = f"Sleep stage {kind.removeprefix('sleep_')}"
    elif kind == "marker" and event.extra.get("text"):
        text = str(event.extra["text"])
    else:
        kind = str(event.extra["cause"]) if is_calibration(event) else kind
        text = f"{kind} {event.side}" if event.side else kind
    if event.channel:
        text = f"{text}@@{event.channel}"
    return _CONTROL.sub(" ", text)


def from_text(onset: float, duration: float, text: str) -> Event:
    """Return the event that an annotation text stands for.

    Texts of this program, sleep stages (``Sleep stage 2``, ``N3``-style texts after
    ``stage``) and the usual names of leg movements become their `Event.trial_type`; where
    the spelling differed it is kept in ``extra["text"]``. Any other text is a ``marker``
    with the text in ``extra["text"]``.
    """
    body, _, channel = text.strip().partition("@@")
    kind, side = _kind_and_side(body.strip())
    extra: Mapping[str, Any] = {}
    if kind is None:
        kind, extra = "marker", {"text": body.strip()}
    elif kind in CAUSES:
        kind, extra = "artifact", {"cause": kind}
        return Event(onset, duration, kind, side, channel.strip() or None, None, extra)
    event = Event(onset, duration, kind, side, channel.strip() or None)
    if kind != "marker" and to_text(event) != text.strip():
        extra = {"text": text.strip()}
    return Event(onset, duration, kind, side, channel.strip() or None, None, extra)


def _kind_and_side(body: str) -> tuple[str | None, str | None]:
    if body in _OWN:
        return body, None
    stage = _STAGE_TEXT.fullmatch(body)
    if stage is not None:
        return _STAGES.get((stage[1] or stage[2]).lower()), None
    side = None
    found = _SIDE.search(body)
    if found is not None:
        body, side = body[: found.start()].strip(), _SIDES[found[1].lower()]
    if body in _OWN:
        return body, side
    kind = _MOVEMENTS.get(body.lower().replace("_", " "))
    return kind, side if kind else None
