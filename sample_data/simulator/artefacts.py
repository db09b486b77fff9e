"""What goes wrong between the skin and the file."""

from __future__ import annotations

from ...recording.model import Side
from .building import Legs, draw_fault, truth_mark
from .parameters import Draw
from .plan import Dropout, FaultKind, MuscleName, PlannedEvent


def electrode_pop(draw: Draw, legs: Legs) -> tuple[PlannedEvent, ...]:
    """Return a step in the electrode's voltage that decays."""
    return _electrode(draw, draw.rng.uniform(0.5, 2.0), legs[0], "pop", draw("pop.size"))


def peel_off(draw: Draw, legs: Legs) -> tuple[PlannedEvent, ...]:
    """Return an electrode that comes off for a while: mains and noise, no muscle."""
    return _electrode(draw, draw("peel.duration"), legs[0], "peel_off", draw("peel.size"))


def loose_contact(draw: Draw, legs: Legs) -> tuple[PlannedEvent, ...]:
    """Return an electrode that crackles for a while."""
    return _electrode(draw, draw("loose.duration"), legs[0], "loose_contact",
                      0.5 * draw("pop.size"))  # fmt: skip


def radio_gap(draw: Draw, legs: Legs) -> tuple[PlannedEvent, ...]:
    """Return a stretch in which nothing arrives from one leg."""
    side, duration = legs[0], draw("gap.duration")
    mark = truth_mark(duration, "unscorable", side, None, cause="radio_gap")
    return (PlannedEvent((mark,), dropouts=(Dropout(side, 0.0, duration),)),)


def _electrode(
    draw: Draw, duration: float, side: Side, kind: FaultKind, size: float
) -> tuple[PlannedEvent, ...]:
    muscle: MuscleName = "GM" if draw.rng.random() < 0.5 else "TA"
    fault = draw_fault(draw, duration, (side, muscle), kind, size)
    mark = truth_mark(duration, "artifact", side, muscle, cause=kind, level_uv=size)
    return (PlannedEvent((mark,), faults=(fault,)),)
