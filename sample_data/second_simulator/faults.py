"""What electrodes, cables, radios and bed partners do."""

from __future__ import annotations

import numpy as np

from .acts import posture
from .body import (
    BOTH,
    ENV_HZ,
    SLOW_HZ,
    Body,
    Burst,
    Channel,
    Curve,
    Patch,
    a_leg,
    clock,
    edges,
    log_uniform,
    rough,
    wander,
)
from .sensors import Side
from .texture import Array


def noise_step(body: Body, start: float) -> None:
    """Press a band differently: the noise floor jumps by 1.3-3 for a while, no muscle works."""
    rng = body.rng
    turned = bool(rng.random() < 0.7)
    at = posture(body, start, silent=bool(rng.random() < 0.6)) if turned else start
    side: Side = a_leg(rng)
    length = log_uniform(rng, 300, 3600)
    muscles = ("GM", "TA") if rng.random() < 0.5 else ("GM" if rng.random() < 0.5 else "TA",)
    for muscle in muscles:
        channel = (side, muscle)
        factor = rng.uniform(1.3, 3.0)
        t = clock(min(length, max(10.0, body.seconds - at)))
        floor = edges(t, log_uniform(rng, 0.02, 1.0), log_uniform(rng, 0.02, 20.0))
        floor = floor * body.rest(channel) * np.sqrt(factor**2 - 1)
        corners = (rng.uniform(2, 20), rng.uniform(80, 600))
        body.bursts.append(Burst(channel, at, floor, corners, electrode=True))
        body.mark(at, t[-1], "artifact", "noise_step", channel, factor=round(factor, 2))


def impedance_drift(body: Body, _start: float) -> None:
    """Let gain and noise of one electrode change threefold over the night."""
    rng = body.rng
    channel = _channel(body)
    n = len(body.contact[channel])
    course = np.linspace(0, 1, n) ** rng.uniform(0.5, 2.0)
    body.contact[channel] *= np.exp(rng.choice((-1, 1)) * np.log(3.0) * course)
    body.noisiness[channel] *= np.exp(rng.choice((-1, 1)) * np.log(3.0) * course)


def pop(body: Body, start: float) -> None:
    """Let an electrode pop: a step that decays."""
    rng = body.rng
    channel = _channel(body)
    size = log_uniform(rng, 100, 8000) * (1.0 if rng.random() < 0.5 else -1.0)
    tau, length = log_uniform(rng, 0.03, 1.5), rng.uniform(0.5, 5.0)

    def step(_: np.random.Generator, times: Curve, _fs: float) -> Array:
        wave: Array = (size * np.exp(-times / tau)).astype(np.float32)
        return wave

    body.patches.append(Patch(channel, start, length, step))
    body.mark(start, min(length, 5 * tau), "artifact", "pop", channel)


def peel_off(body: Body, start: float) -> None:
    """Let an electrode come off: mains, broad noise and slow drift, for minutes to hours."""
    rng = body.rng
    channel = _channel(body)
    length = min(log_uniform(rng, 90, 10800), body.seconds - start)
    t = clock(length)
    span = body.slow(start, length)
    body.contact[channel][span] *= rng.uniform(0.01, 0.3)
    loud = body.rest(channel) * log_uniform(rng, 1.5, 40)
    fading = edges(t, log_uniform(rng, 0.02, 0.5), 0.3) * rough(
        rng, t, rng.uniform(0.1, 0.6), 20
    )
    body.bursts.append(
        Burst(channel, start, loud * fading, (rng.uniform(1, 10), rng.uniform(60, 500)),
              electrode=True)
    )  # fmt: skip
    slow = len(body.mains[channel][span])
    body.mains[channel][span] += log_uniform(rng, 5, 400) * np.exp(
        0.3 * wander(rng, slow, 40 * SLOW_HZ)
    )
    body.offset[channel][span] += log_uniform(rng, 100, 5000) * wander(rng, slow, 8 * SLOW_HZ)
    body.mark(start, length, "unscorable", "peel_off", channel)
    if start + length < body.seconds - 60 and rng.random() < 0.5:
        rest = body.seconds - start - length
        body.contact[channel][body.slow(start + length, rest)] *= rng.uniform(0.4, 0.9)
        t = clock(rest)
        weak = np.full(len(t), body.rest(channel) * rng.uniform(0.2, 1.2))
        body.bursts.append(Burst(channel, start + length, weak, (5.0, 300.0), electrode=True))
        body.mark(start + length, rest, "artifact", "partly_reattached", channel)


def contact_noise(body: Body, start: float) -> None:
    """Let a dry electrode crackle for seconds to minutes."""
    rng = body.rng
    channel = _channel(body)
    t = clock(log_uniform(rng, 3, 240))
    crackle = np.clip(wander(rng, len(t), rng.uniform(0.05, 3.0) * ENV_HZ) + 0.3, 0, None)
    crackle = crackle * edges(t, 0.1, 0.1) * body.rest(channel) * log_uniform(rng, 2, 25)
    corners = (rng.uniform(2, 15), rng.uniform(30, 300))
    body.bursts.append(Burst(channel, start, crackle, corners, "laplace", electrode=True))
    body.mark(start, t[-1], "artifact", "contact_noise", channel)


def sweat(body: Body, start: float) -> None:
    """Let sweat move the offset slowly for minutes."""
    rng = body.rng
    channel = _channel(body)
    length = min(rng.uniform(120, 2400), body.seconds - start)
    span = body.slow(start, length)
    n = len(body.offset[channel][span])
    body.offset[channel][span] += rng.uniform(50, 3000) * wander(rng, n, 15 * SLOW_HZ)
    body.mark(start, length, "artifact", "sweat", channel)


def mains_bout(body: Body, start: float) -> None:
    """Let a lamp or a charger hum into one leg."""
    rng = body.rng
    side: Side = a_leg(rng)
    length = min(log_uniform(rng, 4, 1500), body.seconds - start)
    for muscle in ("GM", "TA"):
        span = body.slow(start, length)
        body.mains[side, muscle][span] += log_uniform(rng, 3, 120)
        body.mark(start, length, "artifact", "mains", (side, muscle))


def heart(body: Body, _start: float) -> None:
    """Let the electrocardiogram leak into one channel all night."""
    channel = _channel(body)
    body.heart[channel] = log_uniform(body.rng, 5, 60)


def clipping(body: Body, start: float) -> None:
    """Drive a channel to its limits for seconds."""
    rng = body.rng
    channel = _channel(body)
    amp = body.montage.amplifier
    size = amp.limits[1] * amp.step_uv * rng.uniform(1.1, 3.0)
    length, hz = rng.uniform(1, 25), rng.uniform(2, 30)

    def overload(own: np.random.Generator, times: Curve, fs: float) -> Array:
        wave = np.sin(2 * np.pi * hz * times + 2 * wander(own, len(times), fs))
        driven: Array = (size * np.clip(3 * wave, -1, 1)).astype(np.float32)
        return driven

    body.patches.append(Patch(channel, start, length, overload))
    body.mark(start, length, "artifact", "clipping", channel)


def radio_gap(body: Body, start: float) -> None:
    """Lose a band's radio for a second to half an hour."""
    rng = body.rng
    side: Side = a_leg(rng)
    length = min(log_uniform(rng, 0.5, 1800), body.seconds - start - 5)
    body.gaps[side].append((start, start + length))
    body.mark(start, length, "unscorable", "radio_gap", side)


def partner(body: Body, start: float) -> None:
    """Shake the bed from the other side of it."""
    rng = body.rng
    t = clock(rng.uniform(2, 40))
    for side in BOTH:
        shaken = edges(t, 0.3, 0.5) * rough(rng, t, 0.6, 0.8) * log_uniform(rng, 0.008, 0.09)
        body.shake(side, start, shaken, rng.uniform(1, 5))
    body.mark(start, t[-1], "artifact", "partner", "both")


def _channel(body: Body) -> Channel:
    worn = body.montage.channels
    return worn[int(body.rng.integers(len(worn)))]
