"""What goes wrong between the skin and the file."""

from __future__ import annotations

from dataclasses import replace

from ...recording.model import Side
from .building import Legs, draw_fault, truth_mark
from .parameters import Draw
from .plan import Dropout, FaultKind, MuscleName, PlannedEvent, shifted


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


def mains_hum(draw: Draw, legs: Legs) -> tuple[PlannedEvent, ...]:
    """Return mains that gets in for a while, as under a heated blanket."""
    return _electrode(draw, draw("mains.duration"), legs[0], "mains", draw("mains.size"))


def ecg_leak(draw: Draw, legs: Legs) -> tuple[PlannedEvent, ...]:
    """Return a while in which the heart is seen at the leg."""
    return _electrode(draw, draw("ecg.duration"), legs[0], "ecg", draw("ecg.size"))


def cable(draw: Draw, legs: Legs) -> tuple[PlannedEvent, ...]:
    """Return a cable that swings while the leg lies still."""
    return _electrode(draw, draw("cable.duration"), legs[0], "wobble", draw("cable.size"))


def flat_line(draw: Draw, legs: Legs) -> tuple[PlannedEvent, ...]:
    """Return an electrode pair that is shorted: next to nothing arrives."""
    return _electrode(draw, draw("flat.duration"), legs[0], "flat", draw.rng.uniform(0, 40))


def sweat(draw: Draw, legs: Legs) -> tuple[PlannedEvent, ...]:
    """Return a slow drift of the skin's potential, which nobody would mark."""
    duration = draw("sweat.duration")
    (event,) = _electrode(draw, duration, legs[0], "sweat", draw("sweat.size"))
    return (replace(event, truth=(), length_s=duration),)


def radio_gap(draw: Draw, legs: Legs) -> tuple[PlannedEvent, ...]:
    """Return a stretch in which nothing arrives from one leg."""
    return (_gap(legs[0], draw("gap.duration")),)


def radio_trouble(draw: Draw, legs: Legs) -> tuple[PlannedEvent, ...]:
    """Return a while at the edge of the radio's reach: many short gaps."""
    duration, rng = draw("trouble.duration"), draw.rng
    found: list[PlannedEvent] = []
    at = 0.0
    while at < duration or not found:
        length = min(float(rng.exponential(0.5)) + 0.04, 5.0)
        found.append(shifted(_gap(legs[0], length), at))
        at += length + float(rng.exponential(4.0)) + 0.2
    return tuple(found)


def _gap(side: Side, duration: float) -> PlannedEvent:
    mark = truth_mark(duration, "unscorable", side, None, cause="radio_gap")
    return PlannedEvent((mark,), dropouts=(Dropout(side, 0.0, duration),))


def _electrode(
    draw: Draw, duration: float, side: Side, kind: FaultKind, size: float
) -> tuple[PlannedEvent, ...]:
    muscle: MuscleName = "GM" if draw.rng.random() < 0.5 else "TA"
    fault = draw_fault(draw, duration, (side, muscle), kind, size)
    cause = "cable" if kind == "wobble" else kind
    mark = truth_mark(duration, "artifact", side, muscle, cause=cause, level_uv=size)
    return (PlannedEvent((mark,), faults=(fault,)),)
