"""What legs do at night that is no cramp."""

from __future__ import annotations

from typing import Literal

import numpy as np

from .body import (
    BOTH,
    ENV_HZ,
    Body,
    Burst,
    Curve,
    Patch,
    a_leg,
    clock,
    edges,
    log_uniform,
    rough,
    spectrum,
    wander,
)
from .sensors import Side
from .texture import Array


def leg_movement(
    body: Body,
    start: float,
    side: Side,
    kind: Literal["LM", "PLM"] = "LM",
    duration: float | None = None,
) -> float:
    """Flex a foot for half a second to ten seconds; return its end."""
    rng = body.rng
    length = duration or float(np.clip(rng.lognormal(0.7, 0.5), 0.6, 9.5))
    t = clock(length)
    shape = edges(t, rng.uniform(0.05, 0.4) * length, rng.uniform(0.1, 0.5) * length)
    shape = shape * rough(rng, t, 0.3, 0.3)
    level = max(12.0, 2.5 * body.rest((side, "TA"))) * log_uniform(rng, 1.5, 14.0)
    body.contract((side, "TA"), start, level * shape)
    body.contract((side, "GM"), start, level * shape * log_uniform(rng, 0.03, 0.6))
    if rng.random() < 0.65:
        moved = shape * log_uniform(rng, 0.01, 0.25)
        body.shake(side, start, moved, rng.uniform(1.5, 6.0))
    body.mark(start, length, kind, "leg_movement", (side, "TA"))
    return start + length


def series(body: Body, start: float, side: Side) -> float:
    """Let leg movements follow each other every 10 to 90 seconds."""
    rng = body.rng
    mean, length = rng.uniform(16.0, 45.0), log_uniform(rng, 0.8, 5.0)
    other: Side = "right" if side == "left" else "left"
    for _ in range(int(rng.integers(6, 60))):
        if start > body.seconds - 30:
            break
        now = float(np.clip(length * rng.lognormal(0, 0.25), 0.6, 9.0))
        leg_movement(body, start, side, "PLM", now)
        if rng.random() < 0.4:
            leg_movement(body, start + rng.uniform(0, 0.4), other, "PLM", now)
        if rng.random() < 0.2:
            side, other = other, side
        start += float(np.clip(mean * rng.lognormal(0, 0.25), now + 9.0, 88.0))
    return start


def posture(body: Body, start: float, *, silent: bool = False) -> float:
    """Turn over in bed: 3-45 s, several muscles, gravity turns, a new tone afterwards."""
    rng = body.rng
    length = log_uniform(rng, 3.0, 45.0)
    t = clock(length)
    for side in BOTH:
        share = log_uniform(rng, 0.15, 1.0)
        for muscle in ("GM", "TA"):
            if silent or rng.random() < 0.15:
                continue
            active = edges(t, 0.3, 0.8) * rough(rng, t, rng.uniform(0.5, 1.2), 0.7)
            body.contract((side, muscle), start, active * share * log_uniform(rng, 8, 150))
        moved = (
            edges(t, 0.3, 0.5) * rough(rng, t, 0.7, 0.8) * log_uniform(rng, 0.02, 0.3) * share
        )
        body.shake(side, start, moved, rng.uniform(0.8, 3.0))
        body.turn(side, start + 0.1 * length, 0.8 * length, rng.uniform(15, 110))
        if not silent and rng.random() < 0.35:
            _tone(body, start + length, side, log_uniform(rng, 60, 2400), rng.uniform(1.2, 3.0))
    body.mark(start, length, "large_movement", "posture", "both")
    return start + length


def stretch(body: Body, start: float, side: Side | None = None) -> float:
    """Stretch one leg or both for 5-40 s, strongly."""
    rng = body.rng
    length = rng.uniform(5.0, 40.0)
    t = clock(length)
    sides = (side,) if side else (BOTH if rng.random() < 0.5 else (a_leg(rng),))
    for leg in sides:
        style = rng.choice(("GM", "TA", "both"))
        for muscle in ("GM", "TA"):
            weight = 1.0 if style in (muscle, "both") else rng.uniform(0.02, 0.3)
            push = edges(t, rng.uniform(0.3, 3.0), rng.uniform(0.3, 2.0))
            push = push * rough(rng, t, 0.25, 1.0) * log_uniform(rng, 30, 350) * weight
            body.contract((leg, muscle), start, push)
        move = np.maximum(np.exp(-t / 0.8), np.exp(-(t[-1] - t) / 0.8)) + rng.uniform(0, 0.15)
        body.shake(
            leg, start, move * rough(rng, t, 0.4, 0.5) * log_uniform(rng, 0.03, 0.3), 1.5
        )
        body.turn(leg, start, 1.0, rng.uniform(0, 30))
        body.mark(start, length, "large_movement", "stretch", leg)
    return start + length


def walk(body: Body, start: float, minutes: float | None = None) -> float:
    """Walk to the bathroom and back: bursts at 0.8-2 Hz, calf and shin in turn."""
    rng = body.rng
    length = 60.0 * (minutes or log_uniform(rng, 0.7, 7.0))
    t = clock(length)
    cadence = rng.uniform(0.8, 2.0)
    phase = np.cumsum(cadence / 2 * rough(rng, t, 0.08, 5.0)) / ENV_HZ
    pauses = np.clip(2.0 + 3.0 * wander(rng, len(t), 25 * ENV_HZ), 0.0, 1.0)
    for number, side in enumerate(BOTH):
        for muscle, centre in (("GM", 0.4), ("TA", 0.85)):
            away = (phase + 0.5 * number - centre + 0.5) % 1.0 - 0.5
            width = rng.uniform(0.08, 0.16)
            gait = np.exp(-((away / width) ** 2)) * pauses + rng.uniform(0.02, 0.2) * (
                1 - pauses
            )
            gait = (
                gait * edges(t, 2.0, 2.0) * rough(rng, t, 0.2, 1.0) * log_uniform(rng, 40, 250)
            )
            body.contract((side, muscle), start, gait)
        steps = edges(t, 1, 1) * (0.1 + pauses) * rng.uniform(0.15, 0.5)
        body.shake(side, start, steps, cadence, rhythmic=True)
        body.upright(side, start - 4.0, 5.0, up=True)
        body.upright(side, start + length, 6.0, up=False)
    body.mark(start - 4.0, length + 10.0, "large_movement", "walking", "both")
    return start + length + 6.0


def stand(body: Body, start: float) -> float:
    """Stand beside the bed for 1-5 minutes: a tonic calf that sways."""
    rng = body.rng
    length = rng.uniform(60.0, 300.0)
    t = clock(length)
    for side in BOTH:
        sway = edges(t, 1.5, 1.0) * rough(rng, t, rng.uniform(0.2, 0.6), rng.uniform(0.8, 3.0))
        body.contract((side, "GM"), start, sway * log_uniform(rng, 6, 80))
        shin = np.clip(wander(rng, len(t), 2 * ENV_HZ) - 0.5, 0, None)
        body.contract((side, "TA"), start, shin * edges(t, 1, 1) * log_uniform(rng, 5, 40))
        body.shake(side, start, edges(t, 0.5, 0.5) * rng.uniform(0.004, 0.03), 0.6)
        for at in (start - 4.0, start + length):
            body.upright(side, at, 4.0, up=at < start)
            rise = clock(4.0)
            body.shake(side, at, edges(rise, 0.5, 0.5) * rng.uniform(0.1, 0.4), 1.5)
            both = edges(rise, 0.3, 0.3) * log_uniform(rng, 20, 120)
            for muscle in ("GM", "TA"):
                body.contract((side, muscle), at, both * rng.uniform(0.2, 1.0))
    body.mark(start - 4.0, length + 8.0, "large_movement", "standing", "both")
    return start + length + 4.0


def voluntary(body: Body, start: float) -> float:
    """Hold the foot down or up for 5-30 s, the leg still; some brace both muscles."""
    rng = body.rng
    side: Side = a_leg(rng)
    down = bool(rng.random() < 0.6)
    braced = bool(rng.random() < 0.4)
    t = clock(rng.uniform(5.0, 30.0))
    hold = edges(t, rng.uniform(0.2, 1.5), rng.uniform(0.1, 0.8)) * rough(rng, t, 0.12, 0.7)
    hold = hold * log_uniform(rng, 15, 300)
    main, other = ("GM", "TA") if down else ("TA", "GM")
    body.contract((side, main), start, hold)
    body.contract((side, other), start, hold * (rng.uniform(0.25, 0.9) if braced else 0.04))
    if rng.random() < 0.4:
        body.shake(side, start, np.exp(-t / 0.3) * rng.uniform(0.01, 0.06), 3.0)
    cause = f"voluntary_{'plantarflexion' if down else 'dorsiflexion'}"
    body.mark(start, t[-1], "large_movement", cause, (side, main), braced=braced)
    return start + float(t[-1])


def rub(body: Body, start: float, side: Side | None = None) -> float:
    """Rub a calf: hand strokes in the acceleration, in the electrodes, a little muscle."""
    rng = body.rng
    leg: Side = side or a_leg(rng)
    length, strokes, size = rng.uniform(5, 60), rng.uniform(1.5, 4), log_uniform(rng, 15, 800)
    t = clock(length)
    body.shake(leg, start, edges(t, 0.5, 0.5) * rng.uniform(0.03, 0.2), strokes, rhythmic=True)

    def waves(own: np.random.Generator, times: Curve, fs: float) -> Array:
        back = np.sin(2 * np.pi * strokes * times + wander(own, len(times), fs))
        return (size * back * (1 + wander(own, len(times), 0.3 * fs))).astype(np.float32)

    for muscle in ("GM", "TA"):
        body.patches.append(Patch((leg, muscle), start, length, waves))
        body.contract((leg, muscle), start, edges(t, 1, 1) * log_uniform(rng, 1, 20))
    body.mark(start, length, "large_movement", "rubbing", leg)
    return start + length


def foot_tremor(body: Body, start: float) -> float:
    """Hypnagogic foot tremor, or both shins in turn (ALMA): short bursts at 0.5-4 Hz."""
    rng = body.rng
    side: Side = a_leg(rng)
    other: Side = "right" if side == "left" else "left"
    alternating = bool(rng.random() < 0.5)
    t = clock(rng.uniform(6, 25))
    hz = rng.uniform(0.6, 2.8)
    for leg, shift in ((side, 0.0), (other, 0.5))[: 2 if alternating else 1]:
        wave = np.clip(np.sin(2 * np.pi * (hz * t + shift)) - 0.2, 0, None) * edges(t, 0.3, 0.3)
        body.contract((leg, "TA"), start, wave * log_uniform(rng, 25, 150))
        body.shake(leg, start, wave * rng.uniform(0.01, 0.08), hz, rhythmic=True)
    name = "ALMA" if alternating else "HFT"
    body.mark(start, t[-1], name, name.lower(), "both" if alternating else side)
    return start + float(t[-1])


def twitches(body: Body, start: float) -> float:
    """Fasciculations, fragmentary myoclonus or the jerks of a dream acted out, for minutes."""
    rng = body.rng
    cause = str(rng.choice(("fasciculations", "fragmentary_myoclonus", "rbd_twitching")))
    dream = cause == "rbd_twitching"
    length = rng.uniform(60, 900) if not dream else rng.uniform(60, 400)
    side: Side = a_leg(rng)
    rate = log_uniform(rng, 0.05, 1.5)
    t = clock(length)
    for muscle in ("GM", "TA"):
        if cause == "fasciculations" and muscle == "TA":
            continue
        jerks = np.zeros_like(t)
        for at in rng.uniform(0, length, rng.poisson(rate * length)):
            width = rng.uniform(0.05, 0.4) if dream else rng.uniform(0.01, 0.06)
            near = slice(max(0, int((at - 4 * width) * 100)), int((at + 4 * width) * 100))
            size = log_uniform(rng, 15, 200)
            jerks[near] = np.maximum(
                jerks[near], size * np.exp(-(((t[near] - at) / width) ** 2))
            )
        body.contract((side, muscle), start, jerks)
        if dream:
            body.shake(side, start, np.minimum(jerks / 100, 1) * rng.uniform(0.02, 0.2), 4.0)
    kind = "EFM" if cause == "fragmentary_myoclonus" else "large_movement"
    body.mark(start, length, kind, cause, side)
    return start + length


def tone(body: Body, start: float) -> float:
    """Let one calf or shin hold a low tone for minutes to an hour, slowly in and out."""
    rng = body.rng
    length = log_uniform(rng, 120, 3600)
    _tone(body, start, a_leg(rng), length, rng.uniform(1.3, 4.0), soft=True)
    return start + 60.0


def _tone(
    body: Body, start: float, side: Side, length: float, level: float, *, soft: bool = False
) -> None:
    rng = body.rng
    channel = (side, "GM" if rng.random() < 0.6 else "TA")
    t = clock(min(length, max(30.0, body.seconds - start)))
    rise = rng.uniform(0.1, 0.4) * t[-1] if soft else 0.5
    held = edges(t, rise, rng.uniform(0.05, 0.5) * t[-1]) * rough(rng, t, 0.1, 30.0)
    held *= body.rest(channel) * np.sqrt(level**2 - 1) / body.contact[channel][0]
    body.bursts.append(Burst(channel, start, held, spectrum(rng)))
    cause = "slow_tone" if soft else "posture_tone"
    body.mark(start, t[-1], "large_movement", cause, channel, level=round(level, 2))
