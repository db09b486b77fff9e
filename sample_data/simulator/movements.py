"""Movements of the legs: single, periodic, turning in bed, stretching, walking."""

from __future__ import annotations

import math
from typing import Literal

from ...recording.model import Side
from .building import Legs, draw_fault, draw_jolt, truth_mark, which_side
from .drive import Burst, Bursts, Steps, Tone, draw_ripple
from .parameters import Draw
from .plan import MUSCLES, Activation, Fault, Jolt, MuscleName, PlannedEvent, Turn, shifted


def leg_movement(draw: Draw, legs: Legs) -> tuple[PlannedEvent, ...]:
    """Return an isolated leg movement."""
    return (_movement(draw, legs[0], "LM"),)


def plm_series(draw: Draw, legs: Legs) -> tuple[PlannedEvent, ...]:
    """Return a series of periodic leg movements, some of them of both legs."""
    count, interval, spread = round(draw("plm.count")), draw("plm.interval"), draw("plm.spread")
    skew = draw("plm.skew")
    share, change = (draw("plm.bilateral"), draw("plm.switch")) if len(legs) > 1 else (0, 0)
    found, onset, lead = [], 0.0, 0
    for _ in range(count):
        found.append(shifted(_movement(draw, legs[lead], "PLM"), onset))
        if share and draw.chance() < share:
            late = draw("plm.delay")
            found.append(shifted(_movement(draw, legs[1 - lead], "PLM"), onset + late))
        wait = interval * _skewed(spread * draw.rng.standard_normal(), skew)
        onset += min(max(wait, 10.5), 88.0)
        if change and draw.chance() < change:
            lead = 1 - lead
    return tuple(found)


def dorsiflexion(draw: Draw, legs: Legs) -> tuple[PlannedEvent, ...]:
    """Return a foot that is pulled up at will and held."""
    duration, level = draw("dorsiflexion.duration"), draw("dorsiflexion.level")
    side, rise = legs[0], min(0.5, 0.2 * duration)
    shape = Burst(duration, rise, 0.6 * rise, draw_ripple(draw.rng, 1, 6, 0.15))
    works = (
        Activation(side, "TA", 0.0, level, shape),
        Activation(side, "GM", 0.0, level * draw.rng.uniform(0.02, 0.2), shape),
    )
    jolts = (draw_jolt(draw, 0.0, duration, side),)
    mark = truth_mark(duration, "LM", side, "TA", cause="dorsiflexion", level_uv=level, moved=1)
    return (PlannedEvent((mark,), works, jolts),)


def posture_shift(draw: Draw, legs: Legs) -> tuple[PlannedEvent, ...]:
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
                faults.append(draw_fault(draw, duration, (side, muscle), "wobble", size))
        start, length = rng.uniform(0.05, 0.2) * duration, duration * rng.uniform(0.3, 0.6)
        turns.append(Turn(side, start, length, rng.uniform(-100, 100), rng.uniform(-10, 30)))
        jolts.extend(
            draw_jolt(draw, rng.uniform(0, 0.7) * duration, rng.uniform(0.8, 3.0), side)
            for _ in range(1 + round(duration / 5))
        )
    mark = truth_mark(duration, "large_movement", which_side(legs), None, cause="posture_shift",
                 level_uv=level)  # fmt: skip
    return (PlannedEvent((mark,), tuple(works), tuple(jolts), tuple(turns), tuple(faults)),)


def stretch(draw: Draw, legs: Legs) -> tuple[PlannedEvent, ...]:
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
    mark = truth_mark(duration, "large_movement", side, None, cause="stretch", level_uv=level)
    return (PlannedEvent((mark,), works, (draw_jolt(draw, 0.0, duration, side),)),)


def walking(draw: Draw, legs: Legs) -> tuple[PlannedEvent, ...]:
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
            draw_jolt(draw, (step + late) / rate, 0.9 / rate, side, least_g=0.2)
            for step in range(int(duration * rate - late))
        )
        turns.append(Turn(side, 0.0, 2.0, rng.uniform(-20, 20), 85.0))
        lying = (rng.uniform(-100, 100), rng.uniform(-10, 20))
        turns.append(Turn(side, duration - 2.0, 2.0, *lying))
    mark = truth_mark(duration, "large_movement", which_side(legs), None, cause="walking",
                 level_uv=level)  # fmt: skip
    return (PlannedEvent((mark,), tuple(works), tuple(jolts), tuple(turns)),)


def standing(draw: Draw, legs: Legs) -> tuple[PlannedEvent, ...]:
    """Return a stand beside the bed: calves that hold and sway, then lying down again."""
    duration, level, rng = draw("stand.duration"), draw("stand.level"), draw.rng
    works: list[Activation] = []
    jolts: list[Jolt] = []
    turns: list[Turn] = []
    sway = draw_ripple(rng, 0.2, 1.0, draw("stand.sway"))
    for side in legs:
        hold = Tone(duration - 4.0, 1.0, sway)
        works.append(Activation(side, "GM", 2.0, level * rng.uniform(0.7, 1.2), hold))
        shin = level * rng.uniform(0.05, 0.5)
        works.append(Activation(side, "TA", 2.0, shin, _restless(draw, duration - 4.0)))
        for begin in (0.0, duration - 3.0):
            rise = Burst(3.0, 0.5, 0.8, draw_ripple(rng, 1, 6, 0.3))
            works += [
                Activation(side, muscle, begin, 3 * level * rng.uniform(0.4, 1.0), rise)
                for muscle in MUSCLES
            ]
            jolts.append(draw_jolt(draw, begin, 3.0, side, least_g=0.1))
        turns.append(Turn(side, 0.0, 2.5, rng.uniform(-20, 20), 85.0))
        lying = (rng.uniform(-100, 100), rng.uniform(-10, 20))
        turns.append(Turn(side, duration - 2.5, 2.5, *lying))
    mark = truth_mark(duration, "large_movement", which_side(legs), None, cause="standing",
                 level_uv=level)  # fmt: skip
    return (PlannedEvent((mark,), tuple(works), tuple(jolts), tuple(turns)),)


def rubbing(draw: Draw, legs: Legs) -> tuple[PlannedEvent, ...]:
    """Return a hand that rubs a calf: electrodes and cables swing, the leg shakes."""
    duration, rng, side = draw("rub.duration"), draw.rng, legs[0]
    rate = rng.uniform(0.8, 3.0)
    level = draw("shift.level") * 0.4
    faults = [
        draw_fault(draw, duration, (side, muscle), "wobble", draw("shift.wobble"))
        for muscle in MUSCLES
        if muscle == "GM" or rng.random() < 0.4
    ]
    works = [
        Activation(side, muscle, 0.0, level * rng.uniform(0.2, 1.0), _restless(draw, duration))
        for muscle in MUSCLES
    ]
    jolts = (draw_jolt(draw, 0.0, duration, side, rate_hz=rate),)
    turns = (Turn(side, 0.0, 1.5, rng.uniform(-60, 60), rng.uniform(0, 40)),)
    mark = truth_mark(duration, "large_movement", side, None, cause="rubbing", level_uv=level)
    return (PlannedEvent((mark,), tuple(works), jolts, turns, tuple(faults)),)


def _movement(draw: Draw, side: Side, trial_type: Literal["LM", "PLM"]) -> PlannedEvent:
    duration, level = draw("lm.duration"), draw("lm.level")
    rise, fall = draw("lm.rise"), min(draw("lm.fall"), 0.4 * duration)
    still, calf = draw("lm.still") < 0.39, draw("lm.calf")
    shape = Burst(duration, rise, fall, draw_ripple(draw.rng, 1.0, 6.0, 0.2))
    works = (
        Activation(side, "TA", 0.0, level, shape),
        Activation(side, "GM", 0.05, level * calf, shape),
    )
    jolts = () if still else (draw_jolt(draw, 0.05, duration, side),)
    mark = truth_mark(duration, trial_type, side, "TA", cause="leg_movement", level_uv=level,
                 moved=int(not still))  # fmt: skip
    return PlannedEvent((mark,), works, jolts)


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


def _skewed(z: float, power: float) -> float:
    """Return a factor around 1: the power of it is normal, at power 0 its logarithm."""
    if power == 0:
        return math.exp(z)
    return float(max(1 + power * z, 0.01) ** (1 / power))
