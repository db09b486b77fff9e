"""What a planned fault does to the potential of its electrode pair."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .channels import Electrode, Heart, add_beats, hum
from .plan import Fault
from .randomness import stream

Floats = NDArray[np.float64]

POP_TAIL_S = 5.0
CRACKLE_S = 2.5
"""After which nothing is left of a crackle."""


def apply_faults(
    microvolts: Floats,
    faults: tuple[Fault, ...],
    rate_hz: float,
    first: int,
    *,
    electrode: Electrode,
    heart: Heart,
) -> None:
    """Change a page in place as the faults that touch it demand."""
    count = microvolts.size
    for fault in faults:
        begin, end = fault.onset_s * rate_hz - first, fault.end_s * rate_hz - first
        tail = POP_TAIL_S * rate_hz if fault.kind == "pop" else 0.0
        if end + tail <= 0 or begin >= count:
            continue
        some = slice(max(0, int(np.ceil(begin))), min(count, int(np.ceil(end + tail))))
        t = (first + np.arange(some.start, some.stop)) / rate_hz
        if fault.kind == "peel_off":
            microvolts[some] *= 0.02
        if fault.kind == "flat":
            microvolts[some] *= 0.001
        if fault.kind == "ecg":
            beats = np.zeros(t.size)
            add_beats(beats, heart, rate_hz, first + some.start, fault.size_uv)
            microvolts[some] += beats * _edges(fault, t - fault.onset_s)
        else:
            microvolts[some] += _signal(fault, t, rate_hz, electrode.mains_hz)


def _signal(fault: Fault, t: Floats, rate_hz: float, mains_hz: float) -> Floats:
    since = t - fault.onset_s
    rng = stream(fault.seed, "fault")
    if fault.kind == "pop":
        tau = fault.duration_s / rng.uniform(4.0, 7.0)
        return float(rng.choice([-1.0, 1.0])) * fault.size_uv * np.exp(-since / tau)
    if fault.kind == "wobble":
        edge = np.sin(np.pi * np.clip(since / fault.duration_s, 0, 1))
        rates, phases = rng.uniform(0.4, 6.0, 5), rng.uniform(0, 6.28, 5)
        waves: Floats = np.sin(2 * np.pi * rates * since[:, None] + phases) / rates
        swing: Floats = waves.sum(axis=1)
        return fault.size_uv * edge * swing
    if fault.kind == "mains":
        sway = 1 + 0.2 * np.sin(2 * np.pi * rng.uniform(0.01, 0.1) * since)
        shares = (1.0, rng.uniform(0, 0.2), rng.uniform(0.1, 0.5))
        return fault.size_uv * _edges(fault, since) * sway * hum(t, rate_hz, mains_hz, shares)
    if fault.kind == "sweat":
        rates, phases = rng.uniform(0.02, 0.4, 4), rng.uniform(0, 6.28, 4)
        drift: Floats = np.sin(2 * np.pi * rates * since[:, None] + phases).mean(axis=1)
        return fault.size_uv * _edges(fault, since) * drift
    if fault.kind == "flat":
        return np.full_like(t, float(rng.choice([-1.0, 1.0])) * fault.size_uv)
    return _loose(fault, t, rate_hz, mains_hz, rng)


def _loose(
    fault: Fault, t: Floats, rate_hz: float, mains_hz: float, rng: np.random.Generator
) -> Floats:
    """Return crackling, and for an electrode that has come off also mains and noise."""
    since = t - fault.onset_s
    out = np.zeros_like(t)
    if fault.kind == "peel_off":
        breathing = 1 + 0.3 * np.sin(2 * np.pi * 0.05 * since)
        out += fault.size_uv * breathing * hum(t, rate_hz, mains_hz, (1.0, 0.15, 0.4))
    times = np.cumsum(rng.exponential(1.2, max(2, int(fault.duration_s))))
    sizes = fault.size_uv * rng.standard_normal(times.size)
    for time, size in zip(times, sizes, strict=True):
        if time < fault.duration_s:
            some = slice(*np.searchsorted(since, (time, time + CRACKLE_S)).tolist())
            out[some] += size * np.exp(-(since[some] - time) / 0.08)
    if fault.kind == "peel_off":
        # drawn last, so that a loose contact stays what it was
        hum_share, broad = rng.uniform(0.0, 1.0), rng.uniform(0.05, 0.6)
        grain = stream(fault.seed, "grain", round(float(t[0]) * 1000)).standard_normal(t.size)
        out = hum_share * out + broad * fault.size_uv * grain
    return out


def _edges(fault: Fault, since: Floats) -> Floats:
    """Return a rise and a fall of a second or a tenth of the fault."""
    edge = min(1.0, 0.1 * fault.duration_s)
    return np.clip(np.minimum(since, fault.duration_s - since) / edge, 0.0, 1.0)
