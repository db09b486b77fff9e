"""Cramp-like contractions, alone or in clusters, and what surrounds them."""

from __future__ import annotations

from dataclasses import replace

from ...recording.model import Event, Side
from .artefacts import radio_gap
from .background import twitches
from .building import Legs, draw_jolt, other_muscle, truth_mark
from .drive import Burst, Cramp, Decay, Ending, draw_ripple
from .movements import posture_shift, rubbing, stretch, walking
from .parameters import Draw
from .plan import Activation, Jolt, MuscleName, PlannedEvent, shifted

SLEEPS_ON = 0.35
RUBS = 0.5
WALKS = 0.7
"""What follows, by a chance: nothing, a rub, a turn in bed, a walk."""

TWITCHES_AROUND_S = 25.0


def cramp(draw: Draw, legs: Legs) -> tuple[PlannedEvent, ...]:
    """Return a cramp-like contraction, what came before it, and what the sleeper does then."""
    return _episode(draw, legs, _muscle(draw), 1)


def cramp_cluster(draw: Draw, legs: Legs) -> tuple[PlannedEvent, ...]:
    """Return a cramp and the ones that follow it in the same muscle within the hour."""
    muscle = _muscle(draw)
    found: list[PlannedEvent] = []
    onset = 0.0
    for number in range(1, round(draw("cluster.count")) + 1):
        events = _episode(draw, legs, muscle, number)
        found += [shifted(event, onset) for event in events]
        length = max(mark.end for event in events for mark in event.truth)
        onset += max(draw("cluster.interval"), length + 30.0)
    return tuple(found)


def _muscle(draw: Draw) -> MuscleName:
    return "TA" if draw("cramp.muscle") < 0.12 else "GM"


def _episode(
    draw: Draw, legs: Legs, muscle: MuscleName, number: int
) -> tuple[PlannedEvent, ...]:
    contraction, duration, stretched = _contraction(draw, legs[0], muscle)
    chance, wait = draw("cramp.afterwards"), draw("cramp.wait")
    what = "none"
    after: tuple[PlannedEvent, ...] = ()
    if chance >= SLEEPS_ON:
        if chance < RUBS:
            what, then = "rubbing", rubbing
        elif chance < WALKS:
            what, then = "posture_shift", posture_shift
        else:
            what, then = "walking", walking
        after = tuple(shifted(event, duration + wait) for event in then(draw, legs))
    if what == "walking" and draw("cramp.away") < 0.3:
        walked = after[0].truth[0]
        gap = radio_gap(draw, legs)[0]
        after += (shifted(gap, walked.onset + 0.3 * walked.duration),)
    woke = int(what != "none" or stretched)
    shown: dict[str, str | int] = {"afterwards": what, "woke": woke, "number": number}
    events = (_tell(contraction, shown), *after)
    if draw("cramp.twitches") < 0.3:
        events += (_twitching(draw, legs[0], muscle, duration),)
    if draw("cramp.before") < 0.25:
        then = stretch if draw.chance() < 0.5 else posture_shift
        before = then(draw, legs)
        lead = before[0].truth[0].duration + draw.rng.uniform(1.0, 20.0)
        events = (*before, *(shifted(event, lead) for event in events))
    return events


def _contraction(
    draw: Draw, side: Side, muscle: MuscleName
) -> tuple[PlannedEvent, float, bool]:
    duration = draw("cramp.duration")
    rise = min(draw("cramp.rise"), 0.5 * duration)
    ending: Ending = "stretched" if draw("cramp.stretched") < 0.6 else "faded"
    fall = (
        min(draw("cramp.release"), 0.2 * duration)
        if ending == "stretched"
        else min(draw("cramp.fade"), duration / 2)
    )
    level, least = draw("cramp.level"), draw("cramp.least")
    head = "lateral" if muscle == "GM" and draw("cramp.head") < 0.25 else "medial"
    if head == "lateral":
        level *= draw("cramp.far")
    level = max(level, least)
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
    other = other_muscle(muscle)
    begin_length = draw("cramp.short")
    lengths = (begin_length, begin_length * draw("cramp.compression"))
    works = [
        Activation(side, muscle, 0.0, level, course, "cramp", lengths),
        Activation(side, other, 0.0, level * draw("cramp.antagonist"), course),
    ]
    marks: list[Event] = []
    jolts: list[Jolt] = []
    if ending == "stretched":
        hold, begin, pull_uv = rng.uniform(2.0, 6.0), duration - fall, draw("stretch.level")
        pull = Burst(hold, 0.3, 0.8, draw_ripple(rng, 1.0, 6.0, 0.2))
        works.append(Activation(side, other, begin, pull_uv, pull))
        jolts.append(draw_jolt(draw, begin, hold, side))
        mark = truth_mark(hold, "large_movement", side, other, cause="release",
                          level_uv=pull_uv)  # fmt: skip
        marks.append(replace(mark, onset=begin))
    tail = Decay(240.0, 4.0, 90.0)
    works.append(Activation(side, muscle, duration, draw("cramp.after"), tail))
    shown = {"cause": "cramp", "ending": ending, "level_uv": level, "rise_s": rise}
    shown["length_change"] = lengths[1] / lengths[0]
    if muscle == "GM":
        shown["head"] = head
    marks.append(truth_mark(duration, "cramp", side, muscle, **shown))
    event = PlannedEvent(tuple(marks), tuple(works), tuple(jolts))
    return event, duration, ending == "stretched"


def _tell(event: PlannedEvent, shown: dict[str, str | int]) -> PlannedEvent:
    """Return the event with more columns in the row of its cramp."""
    marks = tuple(
        replace(mark, extra={**mark.extra, **shown}) if mark.trial_type == "cramp" else mark
        for mark in event.truth
    )
    return replace(event, truth=marks)


def _twitching(draw: Draw, side: Side, muscle: MuscleName, duration: float) -> PlannedEvent:
    """Return twitches after a cramp, and while it comes and goes."""
    length = duration + TWITCHES_AROUND_S * draw.rng.uniform(0.5, 4.0)
    some = twitches(draw, (side, muscle), length, draw.rng.uniform(0.2, 2.0))
    return PlannedEvent(twitches=(some,), length_s=length)
