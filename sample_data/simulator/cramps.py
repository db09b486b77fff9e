"""Cramp-like contractions, and what follows them."""

from __future__ import annotations

from dataclasses import replace

from ...recording.model import Event, Side
from .building import Legs, draw_jolt, truth_mark
from .drive import Burst, Cramp, Decay, Ending, draw_ripple
from .movements import posture_shift, walking
from .parameters import Draw
from .plan import Activation, Jolt, PlannedEvent, shifted

SLEEPS_ON = 0.35
WALKS = 0.3
"""Shares of cramps after which nothing follows, and after which the sleeper walks."""


def cramp(draw: Draw, legs: Legs) -> tuple[PlannedEvent, ...]:
    """Return a cramp-like contraction of the calf, and what the sleeper does then."""
    event, duration = _contraction(draw, legs[0])
    chance, wait = draw("cramp.afterwards"), draw("cramp.wait")
    if chance < SLEEPS_ON:
        return (event,)
    then = walking if chance > 1 - WALKS else posture_shift
    return (event, *(shifted(after, duration + wait) for after in then(draw, legs)))


def _contraction(draw: Draw, side: Side) -> tuple[PlannedEvent, float]:
    duration = draw("cramp.duration")
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
        jolts.append(draw_jolt(draw, begin, hold, side))
        mark = truth_mark(hold, "large_movement", side, "TA", cause="release", level_uv=pull_uv)
        marks.append(replace(mark, onset=begin))
    tail = Decay(240.0, 4.0, 90.0)
    works.append(Activation(side, "GM", duration, draw("cramp.after"), tail))
    shown = {"cause": "cramp", "ending": ending, "level_uv": level, "rise_s": rise}
    marks.append(truth_mark(duration, "cramp", side, "GM", **shown))
    return PlannedEvent(tuple(marks), tuple(works), tuple(jolts)), duration
