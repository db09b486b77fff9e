"""The canvas of a night: what muscles, electrodes and limbs do, before any device sees it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ...recording.model import Event
from .sensors import Montage, Side
from .texture import Array, Texture

ENV_HZ = 100.0
SLOW_HZ = 10.0
BOTH: tuple[Side, ...] = ("left", "right")
Channel = tuple[Side, str]
Curve = NDArray[np.float64]


@dataclass(frozen=True)
class Burst:
    """Noise on one channel: envelope at `ENV_HZ` in uV rms; of a muscle or an electrode."""

    channel: Channel
    start: float
    envelope: Curve
    corners: NDArray[np.float64] | tuple[float, float]
    texture: Texture = "gauss"
    electrode: bool = False


@dataclass(frozen=True)
class Patch:
    """A waveform in uV added to one channel; `make` takes ``(rng, times, fs)``."""

    channel: Channel
    start: float
    duration: float
    make: Callable[[np.random.Generator, NDArray[np.float64], float], Array]


@dataclass(frozen=True)
class Shake:
    """Acceleration of one leg: envelope at `ENV_HZ` in g, centred on a frequency."""

    side: Side
    start: float
    envelope: Curve
    hz: float
    rhythmic: bool = False


@dataclass
class Body:
    """Two legs for one night."""

    rng: np.random.Generator
    seconds: float
    montage: Montage
    bursts: list[Burst] = field(default_factory=list)
    patches: list[Patch] = field(default_factory=list)
    shakes: list[Shake] = field(default_factory=list)
    turns: dict[Side, list[tuple[float, float, float, float]]] = field(default_factory=dict)
    gaps: dict[Side, list[tuple[float, float]]] = field(default_factory=dict)
    truth: list[Event] = field(default_factory=list)
    noise: dict[Channel, float] = field(default_factory=dict)
    tone: dict[Channel, float] = field(default_factory=dict)
    contact: dict[Channel, Curve] = field(default_factory=dict)
    noisiness: dict[Channel, Curve] = field(default_factory=dict)
    offset: dict[Channel, Curve] = field(default_factory=dict)
    mains: dict[Channel, Curve] = field(default_factory=dict)
    mains_hz: float = 50.0
    heart: dict[Channel, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        rng, amp = self.rng, self.montage.amplifier
        slow = int(self.seconds * SLOW_HZ) + 2
        self.mains_hz = float(rng.choice((50.0, 60.0)))
        for side in BOTH:
            self.gaps[side] = []
            self.turns[side] = [
                (0.0, 0.1, float(rng.uniform(-3, 3)), float(rng.uniform(-0.4, 0.4)))
            ]
            for muscle in ("GM", "TA"):
                at = (side, muscle)
                self.noise[at] = float(rng.uniform(*amp.noise_uv))
                self.tone[at] = log_uniform(rng, 0.3, 2.5)
                self.contact[at] = np.full(slow, log_uniform(rng, 0.4, 1.6))
                self.noisiness[at] = np.exp(0.05 * wander(rng, slow, 600 * SLOW_HZ))
                self.offset[at] = np.zeros(slow)
                self.mains[at] = log_uniform(rng, 0.05, 1.0) * np.exp(
                    0.5 * wander(rng, slow, 300 * SLOW_HZ)
                )

    def rest(self, channel: Channel) -> float:
        """Return the resting level of a channel within 15-200 Hz, uV rms."""
        half = self.montage.rate / 2
        share = (min(200.0, half) - 15.0) / half
        white = self.noise[channel] ** 2 + self.montage.amplifier.step_uv**2 / 12
        tone = (self.tone[channel] * self.contact[channel][0]) ** 2
        return float(np.sqrt(share * white + tone))

    def contract(
        self,
        channel: Channel,
        start: float,
        envelope: Curve,
        *,
        texture: Texture | None = None,
        corners: NDArray[np.float64] | None = None,
    ) -> None:
        """Let a muscle work; a few per cent leak into the other channel of the leg."""
        rng = self.rng
        if corners is None:
            corners = np.array([spectrum(rng)])
        chosen: Texture = texture or ("gauss" if rng.random() < 0.6 else "laplace")
        self.bursts.append(Burst(channel, start, envelope, corners, chosen))
        other = (channel[0], "TA" if channel[1] == "GM" else "GM")
        leak = envelope * log_uniform(rng, 0.005, 0.06)
        self.bursts.append(Burst(other, start, leak, corners * 0.8, chosen))

    def shake(
        self, side: Side, start: float, envelope: Curve, hz: float, *, rhythmic: bool = False
    ) -> None:
        """Move a leg; the mattress carries some of it to the other."""
        self.shakes.append(Shake(side, start, envelope, hz, rhythmic))
        other: Side = "right" if side == "left" else "left"
        self.shakes.append(Shake(other, start, envelope * self.rng.uniform(0.02, 0.12), hz))

    def turn(self, side: Side, start: float, duration: float, degrees: float) -> None:
        """Turn a leg against gravity."""
        roll, pitch = self.turns[side][-1][2:]
        angle = np.deg2rad(degrees) * self.rng.choice((-1.0, 1.0))
        new = float(np.clip(pitch + self.rng.normal(0, 0.2) * abs(angle), -1.3, 1.3))
        self.turns[side].append((start, duration, roll + float(angle), new))

    def upright(self, side: Side, start: float, duration: float, *, up: bool) -> None:
        """Bring a shank upright, or back to bed."""
        roll = self.turns[side][-1][2]
        pitch = 1.45 if up else float(self.rng.uniform(-0.4, 0.4))
        self.turns[side].append((start, duration, roll + float(self.rng.normal(0, 0.6)), pitch))

    def mark(
        self,
        start: float,
        duration: float,
        trial_type: str,
        cause: str,
        where: Side | Literal["both"] | Channel,
        **extra: Any,
    ) -> None:
        """Write down what happens, as far as the night lasts and a sensor could see it."""
        worn = self.montage
        side, muscle = (where, None) if isinstance(where, str) else where
        if side in BOTH and side not in worn.sides:
            return
        if muscle is not None and muscle not in worn.muscles:
            if trial_type == "artifact":
                return
            muscle = worn.muscles[0]
        start, stop = max(0.0, float(start)), min(self.seconds, float(start + duration))
        if stop - start < 0.05:
            return
        channel = None
        if muscle is not None and side in BOTH:
            channel = f"EMG {side[0].upper()} {muscle}"
        about = {"cause": cause, **extra}
        self.truth.append(Event(start, stop - start, trial_type, side, channel, None, about))

    def slow(self, start: float, duration: float) -> slice:
        """Return the stretch of the slow curves."""
        return slice(round(max(0.0, start) * SLOW_HZ), round((start + duration) * SLOW_HZ))


def a_leg(rng: np.random.Generator, legs: tuple[Side, ...] = BOTH) -> Side:
    """Return one of the legs."""
    return legs[int(rng.integers(len(legs)))]


def log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    """Return a number whose logarithm is uniform."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def wander(rng: np.random.Generator, n: int, scale: float) -> Curve:
    """Return a smooth random curve of unit spread that changes within `scale` points."""
    knots = rng.standard_normal(int(n / scale) + 4)
    at = np.linspace(0, len(knots) - 1.001, n)
    low = at.astype(np.int64)
    part = at - low
    part = part * part * (3 - 2 * part)
    curve: Curve = knots[low] * (1 - part) + knots[low + 1] * part
    return curve


def clock(duration: float) -> Curve:
    """Return times of an envelope, seconds."""
    return np.arange(max(2, round(duration * ENV_HZ))) / ENV_HZ


def edges(t: Curve, rise: float, fall: float) -> Curve:
    """Return a plateau of one with soft sides."""
    end = t[-1] + 1 / ENV_HZ
    curve: Curve = np.clip(t / max(rise, 0.01), 0, 1) * np.clip(
        (end - t) / max(fall, 0.01), 0, 1
    )
    return np.sin(0.5 * np.pi * curve)


def rough(rng: np.random.Generator, t: Curve, depth: float, scale_s: float) -> Curve:
    """Return an irregular modulation around one."""
    return np.exp(depth * wander(rng, len(t), max(1.0, scale_s * ENV_HZ)))


def spectrum(rng: np.random.Generator) -> tuple[float, float]:
    """Return the corners of a muscle's spectrum, Hz."""
    return float(rng.uniform(25, 60)), float(rng.uniform(60, 130))
