"""What goes on beneath the events: tone, twitches of single units, the bed partner."""

from __future__ import annotations

from dataclasses import replace

from ...recording.model import Side
from .building import Legs, draw_jolt
from .drive import Tone, draw_ripple
from .motor_units import UNITS
from .parameters import Draw
from .plan import MUSCLES, Activation, MuscleName, PlannedEvent, Twitches

DAY_S = 86400.0
"""Longest night: what lasts all night is planned for it and ends with the recording."""


def tone(draw: Draw, legs: Legs) -> tuple[PlannedEvent, ...]:
    """Return the tone of spastic legs, all night long."""
    level, wander = draw("tone.level"), draw("tone.wander")
    rng = draw.rng
    sides = legs if draw("tone.both") < 0.5 else legs[:1]
    lead: MuscleName = "GM" if rng.random() < 0.7 else "TA"
    works = []
    for side in sides:
        for muscle in MUSCLES:
            share = 1.0 if muscle == lead else rng.uniform(0.0, 0.7)
            course = Tone(DAY_S, 5.0, draw_ripple(rng, 1 / 2400, 1 / 60, wander, 5))
            height = level * share * rng.uniform(0.7, 1.1)
            if height > 0.5:
                works.append(Activation(side, muscle, 0.0, height, course))
    return (PlannedEvent((), tuple(works), length_s=DAY_S),)


def tone_spell(draw: Draw, legs: Legs) -> tuple[PlannedEvent, ...]:
    """Return a spell of tone: it comes slowly, both muscles hold, the leg is still."""
    duration, level, rng = draw("spell.duration"), draw("spell.level"), draw.rng
    side, rise = legs[0], duration * rng.uniform(0.1, 0.4)
    lead: MuscleName = "GM" if rng.random() < 0.5 else "TA"
    ripple = draw_ripple(rng, 0.005, 0.3, rng.uniform(0.05, 0.25), 5)
    works = tuple(
        Activation(
            side,
            muscle,
            0.0,
            level * (1.0 if muscle == lead else rng.uniform(0.05, 0.9)),
            Tone(duration, rise, ripple),
        )
        for muscle in MUSCLES
    )
    return (PlannedEvent((), works, length_s=duration),)


def fasciculations(draw: Draw, legs: Legs) -> tuple[PlannedEvent, ...]:
    """Return twitches of single units, all night long, in one leg or both."""
    found = []
    for side in legs if draw.chance() < 0.6 else legs[:1]:
        for muscle in MUSCLES:
            share = 1.0 if muscle == "GM" else draw.rng.uniform(0.05, 0.4)
            rate = draw("fasciculation.rate") * share / 60
            found.append(twitches(draw, (side, muscle), DAY_S, rate))
    return (PlannedEvent(twitches=tuple(found), length_s=DAY_S),)


def twitches(
    draw: Draw, where: tuple[Side, MuscleName], duration: float, rate_hz: float
) -> Twitches:
    """Return irregular discharges of a few units of one muscle."""
    rng = draw.rng
    few = rng.integers(0, UNITS, max(1, round(rng.uniform(1, 6))))
    sizes = [draw("fasciculation.peak") for _ in few]
    count = max(2, round(duration * rate_hz))
    # some follow each other quickly, most come alone
    waits = rng.gamma(0.6, 1 / 0.6 / rate_hz, count)
    times = waits.cumsum()
    times = times[times < duration]
    which = rng.integers(0, few.size, times.size)
    return Twitches(
        *where,
        0.0,
        tuple(times.tolist()),
        tuple(sizes[n] for n in which),
        tuple(int(few[n]) for n in which),
    )


def bed_partner(draw: Draw, legs: Legs) -> tuple[PlannedEvent, ...]:
    """Return a mattress that moves: both sensors feel it, no muscle works."""
    duration, peak, rng = draw("partner.duration"), draw("partner.peak"), draw.rng
    rate = rng.uniform(1.0, 4.0)
    jolts = []
    for side in legs:
        jolt = draw_jolt(draw, 0.0, duration, side, rate_hz=rate)
        share, tilt = rng.uniform(0.5, 1.0), rng.uniform(0.1, 1.5)
        jolts.append(replace(jolt, peak_g=peak * share, tilt_deg=tilt))
    return (PlannedEvent(jolts=tuple(jolts), length_s=duration),)
