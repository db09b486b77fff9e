"""Cramp-like contractions, SIMULATED, drawn from what clinical and laboratory papers tell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .acts import leg_movement, posture, rub, stand, stretch
from .body import (
    ENV_HZ,
    Body,
    Curve,
    Patch,
    clock,
    edges,
    log_uniform,
    rough,
    spectrum,
    wander,
)
from .sensors import Side
from .texture import Array, Texture

_VISIBLE = 1.3
_CLASSES = ((3.0, 10.0), (10.0, 20.0), (20.0, 60.0), (60.0, 600.0))
_TEXTURES: tuple[Texture, ...] = ("gauss", "laplace", "sparse")
_AFTERWARDS = ("sleeps_on", "rubs", "stretches", "stands", "moves")


@dataclass(frozen=True)
class Cramp:
    """One contraction as drawn."""

    envelope: Curve
    build_up: str
    rise_s: float
    ending: str


def cramp(body: Body, start: float, side: Side) -> float:
    """Let one calf cramp, with what the sleeper does about it; return when it is over."""
    rng = body.rng
    room = max(3.0, 0.8 * (body.seconds - start))
    low, high = _CLASSES[int(rng.choice(4, p=(0.15, 0.25, 0.3, 0.3)))]
    drawn = _course(rng, min(room, log_uniform(rng, low, high)))
    channel = (side, "GM")
    rest = body.rest(channel)
    ratio = log_uniform(rng, 1.5, max(3.0, 500.0 / rest))
    gain = rest * np.sqrt(ratio**2 - 1.0)
    envelope = gain * drawn.envelope
    total = np.sqrt(rest**2 + envelope**2) > _VISIBLE * rest
    seen = np.flatnonzero(total)
    before = "still"
    if rng.random() < 0.25:
        before = "moved"
        start = max(start, leg_movement(body, start, side) + rng.uniform(1.0, 8.0))
    onset, stop = start + seen[0] / ENV_HZ, start + (seen[-1] + 1) / ENV_HZ
    scale = np.linspace(1.0, rng.uniform(0.65, 1.3), 16)[:, None]
    body.contract(
        channel,
        start,
        envelope / body.contact[channel][0],
        texture=_TEXTURES[int(rng.choice(3, p=(0.45, 0.25, 0.3)))],
        corners=np.array([spectrum(rng)]) * scale,
    )
    body.bursts.pop()
    _antagonist(body, start, side, envelope)
    grabbed = drawn.ending == "released" or (stop - onset > 15 and rng.random() < 0.2)
    if grabbed and rng.random() < 0.6:
        _grab(body, start, side, len(envelope) / ENV_HZ, at_end=drawn.ending == "released")
    after = str(rng.choice(_AFTERWARDS, p=(0.35, 0.2, 0.15, 0.15, 0.15)))
    body.mark(
        onset,
        stop - onset,
        "cramp",
        "cramp",
        (side, "GM"),
        level_ratio=round(ratio, 2),
        build_up=drawn.build_up,
        rise_s=round(drawn.rise_s, 2),
        ending=drawn.ending,
        before=before,
        grabbed=grabbed,
        after=after,
        build_up_onset=round(start, 2),
    )
    _after_tone(body, start + len(envelope) / ENV_HZ, side, min(ratio, 4.0))
    return _afterwards(body, start + len(envelope) / ENV_HZ + rng.uniform(0.5, 10), side, after)


def cluster(body: Body, start: float, side: Side) -> float:
    """Let two to four cramps of one calf follow each other within the hour."""
    for _ in range(int(body.rng.integers(2, 5))):
        if start > body.seconds - 120:
            break
        start = cramp(body, start, side) + log_uniform(body.rng, 20.0, 1200.0)
    return start


def _course(rng: np.random.Generator, duration: float) -> Cramp:
    t = clock(duration)
    rise = min(log_uniform(rng, 0.2, 180.0), 0.6 * duration)
    build_up = str(rng.choice(("linear", "exponential", "sigmoid", "stepwise")))
    u = np.clip(t / rise, 0.0, 1.0)
    if build_up == "linear":
        up = u
    elif build_up == "exponential":
        up = np.expm1(3.0 * u) / np.expm1(3.0)
    elif build_up == "sigmoid":
        up = u * u * (3.0 - 2.0 * u)
    else:
        steps = np.sort(rng.uniform(0.0, 1.0, int(rng.integers(2, 6))))
        up = (np.searchsorted(steps, u, side="right") + (u >= 1)) / (len(steps) + 1.0)
        up = np.convolve(up, np.full(15, 1 / 15))[: len(t)]
    ending = "released" if rng.random() < 0.4 else "faded"
    fall = rng.uniform(0.1, 1.0) if ending == "released" else log_uniform(rng, 1.5, 60.0)
    fall = min(fall, 0.35 * duration)
    down = np.clip((duration - t) / fall, 0.0, 1.0)
    if ending == "faded":
        down = np.expm1(2.0 * down) / np.expm1(2.0)
    curve = up * down * _plateau(rng, t)
    if ending == "released":
        curve *= 1.0 + rng.uniform(0, 0.6) * np.exp(-(((duration - 1.2 - t) / 0.6) ** 2))
    return Cramp(curve / np.quantile(curve, 0.8), build_up, rise, ending)


def _plateau(rng: np.random.Generator, t: Curve) -> Curve:
    drift = np.exp(rng.uniform(-0.7, 0.5) * t / t[-1])
    if rng.random() < 0.6:
        phase = 2 * np.pi * np.cumsum(rng.uniform(0.5, 2.0) * rough(rng, t, 0.15, 2.0)) / ENV_HZ
        fast = 1.0 + rng.uniform(0.05, 0.4) * np.sin(phase)
    else:
        fast = rough(rng, t, rng.uniform(0.05, 0.35), rng.uniform(0.3, 1.5))
    slow = 1.0 + rng.uniform(0.0, 0.5) * np.sin(
        2 * np.pi * t / log_uniform(rng, 6, 60) + rng.uniform(0, 6.28)
    )
    dips = np.ones_like(t)
    for _ in range(rng.poisson(0.7 * t[-1] / 60.0)):
        width = rng.uniform(0.5, 2.0)
        dips *= 1 - rng.uniform(0.4, 0.8) * np.exp(
            -(((t - rng.uniform(0, t[-1])) / width) ** 4)
        )
    curve: Curve = drift * fast * slow * dips
    return curve


def _antagonist(body: Body, start: float, side: Side, envelope: Curve) -> None:
    """Add what tibialis anterior shows: leakage and, in some, a weak co-contraction."""
    share = body.rng.uniform(0.0, 0.2) if body.rng.random() < 0.6 else 0.01
    body.contract((side, "TA"), start, share * envelope / body.contact[side, "TA"][0])
    body.bursts.pop()


def _grab(body: Body, start: float, side: Side, duration: float, *, at_end: bool) -> None:
    rng = body.rng
    length = rng.uniform(2.0, 12.0)
    where = duration - rng.uniform(0.5, 3.0) if at_end else rng.uniform(0.35, 0.8) * duration
    t = clock(length)
    moved = edges(t, 0.5, 0.8) * rough(rng, t, 0.5, 0.6) * log_uniform(rng, 0.05, 0.4)
    body.shake(side, start + where, moved, rng.uniform(1.0, 4.0))
    size = log_uniform(rng, 20.0, 1500.0)

    def waves(own: np.random.Generator, times: Curve, fs: float) -> Array:
        slow = wander(own, len(times), max(2.0, 0.12 * fs)) * np.hanning(len(times))
        return (size * slow).astype(np.float32)

    for muscle in ("GM", "TA"):
        body.patches.append(Patch((side, muscle), start + where, length, waves))
    if rng.random() < 0.5:
        body.turn(side, start + where, length, rng.uniform(10, 60))


def _after_tone(body: Body, start: float, side: Side, ratio: float) -> None:
    rng = body.rng
    if rng.random() < 0.4:
        return
    channel = (side, "GM")
    level = rng.uniform(1.1, max(1.2, min(2.2, ratio)))
    t = clock(log_uniform(rng, 60.0, 1800.0))
    tone = edges(t, 1.0, 0.5 * t[-1]) * rough(rng, t, 0.15, 20.0)
    tone *= body.rest(channel) * np.sqrt(level**2 - 1.0) / body.contact[channel][0]
    body.contract(channel, start - 1.0, tone)
    body.bursts.pop()
    body.mark(start, t[-1], "large_movement", "after_tone", channel, level=round(level, 2))


def _afterwards(body: Body, start: float, side: Side, after: str) -> float:
    if after == "rubs":
        return rub(body, start, side)
    if after == "stretches":
        return stretch(body, start, side)
    if after == "stands":
        return stand(body, start)
    if after == "moves":
        return posture(body, start)
    return start
