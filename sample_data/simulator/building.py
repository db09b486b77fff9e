"""What the builders of events share.

Every builder starts its event at time 0; `plan.shifted` moves it to its place. It is given
the recorded legs, the one it happens to first, and returns what happens together.
"""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import Any, Literal

from ...recording.model import Event, Side
from .parameters import Draw
from .plan import Fault, FaultKind, Jolt, MuscleName, PlannedEvent, channel_label

Legs = tuple[Side, ...]
Builder = Callable[[Draw, Legs], tuple[PlannedEvent, ...]]


def draw_jolt(
    draw: Draw,
    onset: float,
    duration: float,
    side: Side,
    least_g: float = 0.0,
    *,
    rate_hz: float | None = None,
) -> Jolt:
    """Draw a movement of the leg that returns to its posture.

    With `rate_hz` it shakes at that rate from beginning to end.
    """
    a, b, c = draw.rng.uniform(0, 6.28, 3).tolist()
    return Jolt(
        side,
        onset,
        duration,
        max(draw("jolt.peak"), least_g),
        draw("jolt.tilt"),
        draw.rng.uniform(1.0, 4.0) if rate_hz is None else rate_hz,
        (a, b, c),
        steady=rate_hz is not None,
    )


def draw_fault(
    draw: Draw,
    duration: float,
    where: tuple[Side, MuscleName],
    kind: FaultKind,
    size_uv: float,
) -> Fault:
    """Draw a fault of one electrode pair."""
    seed = int(draw.rng.integers(1 << 31))
    return Fault(*where, 0.0, duration, kind, size_uv, seed)


def truth_mark(
    duration: float,
    trial_type: str,
    side: Side | Literal["both"],
    muscle: MuscleName | None,
    **extra: Any,
) -> Event:
    """Return a row of the truth, its free columns rounded."""
    label = None if side == "both" or muscle is None else channel_label(side, muscle)
    columns = {
        name: round(value, 2) if isinstance(value, float) else value
        for name, value in extra.items()
    }
    return Event(0.0, duration, trial_type, side, label, None, MappingProxyType(columns))


def which_side(legs: Legs) -> Side | Literal["both"]:
    """Return the side of an event of all recorded legs."""
    return legs[0] if len(legs) == 1 else "both"


def other_muscle(muscle: MuscleName) -> MuscleName:
    """Return the antagonist."""
    return "TA" if muscle == "GM" else "GM"
