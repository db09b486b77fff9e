"""From the canvas to the streams of a night."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...recording.model import ArraySource, Segment, Stream
from .body import ENV_HZ, SLOW_HZ, Body, Burst, Channel, wander
from .sensors import Accelerometer, Side
from .texture import Array, muscle_noise


def emg(body: Body, channel: Channel) -> Stream:
    """Return one EMG channel as its device records it."""
    rng, fs, amp = body.rng, body.montage.rate, body.montage.amplifier
    n, hop = round(body.seconds * fs), round(fs / SLOW_HZ)
    count = -(-n // hop)
    rest = muscle_noise(rng, count * hop, fs, (rng.uniform(20, 40), rng.uniform(60, 110)))
    contact = body.contact[channel][:count].astype(np.float32)
    breath = np.exp(0.12 * wander(rng, count, 90 * SLOW_HZ)).astype(np.float32)
    signal = rest.reshape(count, hop)
    signal *= (body.tone[channel] * contact * breath)[:, None]
    white = rng.standard_normal(count * hop, dtype=np.float32).reshape(count, hop)
    white *= (body.noise[channel] * body.noisiness[channel][:count]).astype(np.float32)[:, None]
    signal += white
    flat = signal.ravel()
    for burst in body.bursts:
        if burst.channel == channel:
            _add_burst(body, flat, burst, fs, contact)
    _add_mains(body, flat, channel, hop)
    _add_heart(body, flat, channel, fs)
    for patch in body.patches:
        if patch.channel == channel:
            first = round(patch.start * fs)
            times = np.arange(max(0, min(round(patch.duration * fs), n - first))) / fs
            if len(times):
                flat[first : first + len(times)] += patch.make(rng, times, fs)
    if np.any(body.offset[channel]) or not amp.coupled_hz:
        still = 4000.0 * wander(rng, count + 1, 1800 * SLOW_HZ) if not amp.coupled_hz else 0.0
        knots = (body.offset[channel][: count + 1] + still).astype(np.float32)
        part = (np.arange(hop) / hop).astype(np.float32)
        flat += (knots[:-1, None] + np.diff(knots)[:, None] * part).ravel()
    raw = amp.digitise(flat[:n], fs)
    known = amp.unit == "uV"
    side, muscle = channel
    low, high = amp.limits
    return Stream(
        label=f"EMG {side[0].upper()} {muscle}",
        kind="emg",
        rate_hz=fs,
        unit=amp.unit,
        segments=_segments(raw, fs, body.gaps[side]),
        gain=np.array([amp.step_uv if known else 1.0]),
        offset=np.zeros(1),
        side=side,
        placement=muscle,
        calibrated=known,
        raw_limits=(float(low), float(high)),
    )


def acceleration(body: Body, side: Side, device: Accelerometer) -> Stream:
    """Return the acceleration of a shank, gravity included."""
    rng, fs = body.rng, device.rate
    n = round(body.seconds * fs)
    t = np.arange(n) / fs
    roll, pitch = (_angle(body, side, t, which) for which in (2, 3))
    g = np.stack([np.sin(pitch), np.cos(pitch) * np.sin(roll), np.cos(pitch) * np.cos(roll)], 1)
    g += (
        0.0008
        * np.sin(2 * np.pi * np.cumsum(0.25 + 0.02 * wander(rng, n, 30 * fs)) / fs)[:, None]
    )
    g += device.noise_g * rng.standard_normal((n, 3))
    for shake in body.shakes:
        first = round(shake.start * fs)
        m = min(round(len(shake.envelope) / ENV_HZ * fs), n - max(first, 0))
        if shake.side != side or m < 4 or first < 0:
            continue
        envelope = np.interp(np.arange(m) / fs * ENV_HZ, np.arange(len(shake.envelope)),
                             shake.envelope)  # fmt: skip
        scale = max(1.2, fs / shake.hz / 4.0)
        for axis, weight in enumerate(rng.dirichlet((2.0, 2.0, 2.0)) * 1.8):
            wave = wander(rng, m, scale)
            if shake.rhythmic:
                wave = 0.4 * wave + np.sin(2 * np.pi * shake.hz * t[:m] + rng.uniform(0, 6.28))
            g[first : first + m, axis] += weight * envelope * wave
    g = g * (1 + device.scale_error * rng.uniform(-1, 1, 3)) + device.offset_g * rng.uniform(
        -1, 1, 3
    )
    raw = np.clip(np.rint(g * device.per_g), -32768, 32767).astype(np.int16)
    known = device.unit == "g"
    return Stream(
        label=f"ACC {side[0].upper()} shank",
        kind="acc",
        rate_hz=fs,
        unit=device.unit,
        segments=_segments(raw, fs, body.gaps[side]),
        gain=np.full(3, 1 / device.per_g if known else 1.0),
        offset=np.zeros(3),
        axes=("x", "y", "z"),
        side=side,
        placement="shank",
        calibrated=known,
    )


def _add_burst(body: Body, flat: Array, burst: Burst, fs: float, contact: Array) -> None:
    first = round(burst.start * fs)
    m = min(round(len(burst.envelope) / ENV_HZ * fs), len(flat) - first)
    if m < 2 or first < 0:
        return
    at = np.arange(m) * (ENV_HZ / fs)
    noise = muscle_noise(body.rng, m, fs, burst.corners, burst.texture)
    noise *= np.interp(at, np.arange(len(burst.envelope)), burst.envelope).astype(np.float32)
    if not burst.electrode:
        noise *= np.interp((first + np.arange(m)) * (SLOW_HZ / fs), np.arange(len(contact)),
                           contact).astype(np.float32)  # fmt: skip
    flat[first : first + m] += noise


def _add_mains(body: Body, flat: Array, channel: Channel, hop: int) -> None:
    rng, fs = body.rng, body.montage.rate
    count = len(flat) // hop
    level = body.mains[channel][:count].astype(np.float32)
    hz = body.mains_hz * (1 + 0.0004 * rng.standard_normal())
    block = np.arange(count)[:, None] * (hz * hop / fs)
    inside = np.arange(hop)[None] * (hz / fs)
    hum = np.zeros((count, hop), np.float32)
    for harmonic, share in ((1, 1.0), (3, rng.uniform(0, 0.5)), (5, rng.uniform(0, 0.3))):
        if harmonic * hz >= fs / 2:
            continue
        turn = np.exp(2j * np.pi * harmonic * (block % 1.0)).astype(np.complex64)
        wave = np.exp(2j * np.pi * harmonic * inside).astype(np.complex64)
        hum += np.float32(share) * (turn.real * wave.imag + turn.imag * wave.real)
    hum *= level[:, None]
    flat += hum.ravel()


def _add_heart(body: Body, flat: Array, channel: Channel, fs: float) -> None:
    size = body.heart.get(channel)
    if not size:
        return
    rng = body.rng
    beats = np.cumsum(rng.normal(rng.uniform(0.85, 1.2), 0.04, int(body.seconds / 0.7)))
    at = (beats[beats < body.seconds - 1] * fs).astype(np.int64)
    t = np.arange(round(0.1 * fs)) / fs - 0.05
    shape = np.exp(-((t / 0.012) ** 2)) - 0.35 * np.exp(-(((t - 0.022) / 0.014) ** 2))
    for offset, value in enumerate((size * shape).astype(np.float32)):
        flat[at + offset] += value


def _angle(body: Body, side: Side, t: NDArray[np.float64], which: int) -> NDArray[np.float64]:
    turns = sorted(body.turns[side], key=lambda turn: turn[0])
    knots, values = [0.0], [turns[0][which]]
    for turn in turns[1:]:
        begin = max(turn[0], knots[-1] + 1e-3)
        knots += [begin, begin + turn[1]]
        values += [values[-1], turn[which]]
    slow = 0.01 * wander(body.rng, len(t), 600 * len(t) / t[-1])
    return np.interp(t, knots, values) + slow


def _segments(
    raw: NDArray[np.integer], fs: float, gaps: list[tuple[float, float]]
) -> tuple[Segment, ...]:
    kept, first = [], 0
    for start, stop in sorted(gaps):
        last = min(round(start * fs), len(raw))
        if last > first:
            kept.append(Segment(first / fs, ArraySource(raw[first:last])))
        first = max(first, round(stop * fs))
    if first < len(raw):
        kept.append(Segment(first / fs, ArraySource(raw[first:])))
    return tuple(kept)
