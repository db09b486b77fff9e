"""One builder for each kind of event: numbers drawn, then what it does to the legs.

Every builder starts its event at time 0; `plan.shifted` moves it to its place. It is given
the recorded legs, the one it happens to first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Literal

from ...recording.model import Event, Side
from .drive import Burst, Bursts, Cramp, Decay, Ending, Steps, draw_ripple
from .parameters import Draw
from .plan import (
    Activation,
    Dropout,
    Fault,
    FaultKind,
    Jolt,
    MuscleName,
    PlannedEvent,
    Turn,
    shifted,
)

Legs = tuple[Side, ...]
Builder = Callable[[Draw, Legs], PlannedEvent]

MUSCLES: tuple[MuscleName, ...] = ("GM", "TA")

TRUTH_COLUMNS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "cause": {
            "LongName": "Cause",
            "Description": "SIMULATED: what was put into the night here.",
            "Levels": {
                "cramp": "Cramp-like contraction of the calf.",
                "release": "Foot pulled up, which ends the cramp.",
                "leg_movement": "Movement of one leg.",
                "posture_shift": "Turn in bed.",
                "stretch": "Stretch of one leg.",
                "walking": "Out of bed and back.",
                "pop": "Step in the electrode's voltage that decays.",
                "peel_off": "Electrode that comes off: mains and noise, no muscle.",
                "loose_contact": "Electrode that crackles.",
                "radio_gap": "Nothing arrives from this leg.",
            },
        },
        "level_uv": {
            "LongName": "Planned level",
            "Description": "EMG at the height of the event, RMS; of an artefact its size.",
            "Units": "uV",
        },
        "moved": {
            "LongName": "Moved",
            "Description": "Whether the leg movement accelerates the sensor, 1 or 0.",
        },
        "ending": {
            "LongName": "Ending",
            "Description": "How the cramp-like contraction ends.",
            "Levels": {"stretched": "At once, by stretching.", "faded": "By itself."},
        },
        "rise_s": {
            "LongName": "Rise",
            "Description": "Time from the onset to the plateau.",
            "Units": "s",
        },
    }
)
"""What the free columns of the true ``events.tsv`` mean."""


def channel_label(side: Side, muscle: MuscleName) -> str:
    """Return the canonical label of an EMG channel (``EMG L GM``)."""
    return f"EMG {side[0].upper()} {muscle}"


def cramp(draw: Draw, legs: Legs) -> PlannedEvent:
    """Return a cramp-like contraction of the calf, with what follows it."""
    side, duration = legs[0], draw("cramp.duration")
    rise = min(draw("cramp.rise"), 0.4 * duration)
    ending: Ending = "stretched" if draw("cramp.stretched") < 0.6 else "faded"
    fall = (
        draw("cramp.release")
        if ending == "stretched"
        else min(draw("cramp.fade"), duration / 2)
    )
    level = draw("cramp.level")
    rng = draw.rng
    course = Cramp(
        duration,
        rise,
        draw("cramp.start"),
        fall,
        ending,
        draw_ripple(rng, 0.5, 2.0, draw("cramp.modulation")),
        draw_ripple(rng, 0.02, 0.15, draw("cramp.wander")),
    )
    works = [
        Activation(side, "GM", 0.0, level, course, "cramp"),
        Activation(side, "TA", 0.0, level * draw("cramp.antagonist"), course),
    ]
    marks: list[Event] = []
    jolts: list[Jolt] = []
    if ending == "stretched":
        hold, begin, pull_uv = rng.uniform(2.0, 6.0), duration - fall, draw("stretch.level")
        pull = Burst(hold, 0.3, 0.8, draw_ripple(rng, 1.0, 6.0, 0.2))
        works.append(Activation(side, "TA", begin, pull_uv, pull))
        jolts.append(_jolt(draw, begin, hold, side))
        mark = _mark(hold, "large_movement", side, "TA", cause="release", level_uv=pull_uv)
        marks.append(replace(mark, onset=begin))
    tail = Decay(240.0, 4.0, 90.0)
    works.append(Activation(side, "GM", duration, draw("cramp.after"), tail))
    shown = {"cause": "cramp", "ending": ending, "level_uv": level, "rise_s": rise}
    marks.append(_mark(duration, "cramp", side, "GM", **shown))
    return PlannedEvent(tuple(marks), tuple(works), tuple(jolts))


def leg_movement(draw: Draw, legs: Legs) -> PlannedEvent:
    """Return an isolated leg movement."""
    return _movement(draw, legs[0], "LM")


def plm_series(draw: Draw, legs: Legs) -> tuple[PlannedEvent, ...]:
    """Return a series of periodic leg movements."""
    count, interval, spread = round(draw("plm.count")), draw("plm.interval"), draw("plm.spread")
    found, onset = [], 0.0
    for _ in range(count):
        found.append(shifted(_movement(draw, legs[0], "PLM"), onset))
        wait = interval * (1 + spread * draw.rng.standard_normal())
        onset += min(max(wait, 10.5), 88.0)
    return tuple(found)


def posture_shift(draw: Draw, legs: Legs) -> PlannedEvent:
    """Return a turn in bed: both legs, several muscles, gravity turns, cables swing."""
    duration, level, rng = draw("shift.duration"), draw("shift.level"), draw.rng
    works: list[Activation] = []
    faults: list[Fault] = []
    jolts: list[Jolt] = []
    turns: list[Turn] = []
    for side in legs:
        for muscle in MUSCLES:
            height = level * rng.uniform(0.4, 1.0)
            works.append(Activation(side, muscle, 0.0, height, _restless(draw, duration)))
            if rng.random() < 0.5:
                size = draw("shift.wobble")
                faults.append(_fault(draw, duration, (side, muscle), "wobble", size))
        start, length = rng.uniform(0.05, 0.2) * duration, duration * rng.uniform(0.3, 0.6)
        turns.append(Turn(side, start, length, rng.uniform(-100, 100), rng.uniform(-10, 30)))
        jolts.extend(
            _jolt(draw, rng.uniform(0, 0.7) * duration, rng.uniform(0.8, 3.0), side)
            for _ in range(1 + round(duration / 5))
        )
    mark = _mark(duration, "large_movement", _which(legs), None, cause="posture_shift",
                 level_uv=level)  # fmt: skip
    return PlannedEvent((mark,), tuple(works), tuple(jolts), tuple(turns), tuple(faults))


def stretch(draw: Draw, legs: Legs) -> PlannedEvent:
    """Return a stretch of one leg: both muscles hold, the foot moves."""
    duration, level, rng = draw("stretch.duration"), draw("stretch.level"), draw.rng
    side = legs[0]
    lead: MuscleName = "TA" if rng.random() < 0.5 else "GM"
    works = tuple(
        Activation(
            side,
            muscle,
            0.0,
            level * (1.0 if muscle == lead else rng.uniform(0.15, 0.6)),
            Burst(duration, 0.25 * duration, 0.2 * duration, draw_ripple(rng, 1, 6, 0.15)),
        )
        for muscle in MUSCLES
    )
    mark = _mark(duration, "large_movement", side, None, cause="stretch", level_uv=level)
    return PlannedEvent((mark,), works, (_jolt(draw, 0.0, duration, side),))


def walking(draw: Draw, legs: Legs) -> PlannedEvent:
    """Return a walk: standing up, steps, lying down again."""
    duration, rate, level = draw("walk.duration"), draw("walk.rate"), draw("walk.level")
    rng = draw.rng
    works: list[Activation] = []
    jolts: list[Jolt] = []
    turns: list[Turn] = []
    course: tuple[tuple[MuscleName, float, float, float], ...] = (
        ("GM", 1.0, 0.35, 0.1),
        ("TA", 0.7, 0.45, 0.6),
    )
    for number, side in enumerate(legs):
        late = 0.5 * number
        for muscle, scale, duty, phase in course:
            steps = Steps(duration, rate, duty, (phase + late) % 1.0)
            works.append(Activation(side, muscle, 0.0, level * scale, steps))
        jolts.extend(
            _jolt(draw, (step + late) / rate, 0.9 / rate, side, least_g=0.2)
            for step in range(int(duration * rate - late))
        )
        turns.append(Turn(side, 0.0, 2.0, rng.uniform(-20, 20), 85.0))
        lying = (rng.uniform(-100, 100), rng.uniform(-10, 20))
        turns.append(Turn(side, duration - 2.0, 2.0, *lying))
    mark = _mark(duration, "large_movement", _which(legs), None, cause="walking",
                 level_uv=level)  # fmt: skip
    return PlannedEvent((mark,), tuple(works), tuple(jolts), tuple(turns))


def electrode_pop(draw: Draw, legs: Legs) -> PlannedEvent:
    """Return a step in the electrode's voltage that decays."""
    return _electrode(draw, draw.rng.uniform(0.5, 2.0), legs[0], "pop", draw("pop.size"))


def peel_off(draw: Draw, legs: Legs) -> PlannedEvent:
    """Return an electrode that comes off for a while: mains and noise, no muscle."""
    return _electrode(draw, draw("peel.duration"), legs[0], "peel_off", draw("peel.size"))


def loose_contact(draw: Draw, legs: Legs) -> PlannedEvent:
    """Return an electrode that crackles for a while."""
    return _electrode(draw, draw("loose.duration"), legs[0], "loose_contact",
                      0.5 * draw("pop.size"))  # fmt: skip


def radio_gap(draw: Draw, legs: Legs) -> PlannedEvent:
    """Return a stretch in which nothing arrives from one leg."""
    side, duration = legs[0], draw("gap.duration")
    mark = _mark(duration, "unscorable", side, None, cause="radio_gap")
    return PlannedEvent((mark,), dropouts=(Dropout(side, 0.0, duration),))


SINGLE: Mapping[str, Builder] = MappingProxyType(
    {
        "cramp": cramp,
        "leg_movement": leg_movement,
        "posture_shift": posture_shift,
        "stretch": stretch,
        "walking": walking,
        "electrode_pop": electrode_pop,
        "peel_off": peel_off,
        "loose_contact": loose_contact,
        "radio_gap": radio_gap,
    }
)
"""Builders of single events by name; a series has `plm_series`."""


def _movement(draw: Draw, side: Side, trial_type: Literal["LM", "PLM"]) -> PlannedEvent:
    duration, level = draw("lm.duration"), draw("lm.level")
    rise, fall = draw("lm.rise"), min(draw("lm.fall"), 0.4 * duration)
    still, calf = draw("lm.still") < 0.39, draw("lm.calf")
    shape = Burst(duration, rise, fall, draw_ripple(draw.rng, 1.0, 6.0, 0.2))
    works = (
        Activation(side, "TA", 0.0, level, shape),
        Activation(side, "GM", 0.05, level * calf, shape),
    )
    jolts = () if still else (_jolt(draw, 0.05, duration, side),)
    mark = _mark(duration, trial_type, side, "TA", cause="leg_movement", level_uv=level,
                 moved=int(not still))  # fmt: skip
    return PlannedEvent((mark,), works, jolts)


def _electrode(
    draw: Draw, duration: float, side: Side, kind: FaultKind, size: float
) -> PlannedEvent:
    muscle: MuscleName = "GM" if draw.rng.random() < 0.5 else "TA"
    fault = _fault(draw, duration, (side, muscle), kind, size)
    mark = _mark(duration, "artifact", side, muscle, cause=kind, level_uv=size)
    return PlannedEvent((mark,), faults=(fault,))


def _restless(draw: Draw, duration: float) -> Bursts:
    rng = draw.rng
    count = 2 + round(duration / 2.5)
    return Bursts(
        duration,
        tuple(rng.uniform(0.0, duration, count).tolist()),
        tuple(rng.uniform(0.3, 1.8, count).tolist()),
        tuple(rng.uniform(0.2, 1.0, count).tolist()),
        rng.uniform(0.05, 0.15),
    )


def _jolt(draw: Draw, onset: float, duration: float, side: Side, least_g: float = 0.0) -> Jolt:
    a, b, c = draw.rng.uniform(0, 6.28, 3).tolist()
    return Jolt(
        side,
        onset,
        duration,
        max(draw("jolt.peak"), least_g),
        draw("jolt.tilt"),
        draw.rng.uniform(1.0, 4.0),
        (a, b, c),
    )


def _fault(
    draw: Draw,
    duration: float,
    where: tuple[Side, MuscleName],
    kind: FaultKind,
    size_uv: float,
) -> Fault:
    seed = int(draw.rng.integers(1 << 31))
    return Fault(*where, 0.0, duration, kind, size_uv, seed)


def _mark(
    duration: float,
    trial_type: str,
    side: Side | Literal["both"],
    muscle: MuscleName | None,
    **extra: Any,
) -> Event:
    label = None if side == "both" or muscle is None else channel_label(side, muscle)
    columns = {
        name: round(value, 2) if isinstance(value, float) else value
        for name, value in extra.items()
    }
    return Event(0.0, duration, trial_type, side, label, None, MappingProxyType(columns))


def _which(legs: Legs) -> Side | Literal["both"]:
    return legs[0] if len(legs) == 1 else "both"
