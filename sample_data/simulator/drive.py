"""How an activation runs through time: envelopes between 0 and 1.

An envelope is a pure function of the time since its onset. What is random about it was
drawn when the night was planned and lies in its fields, so that any stretch of the night
can be computed without the stretches before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

Ending = Literal["faded", "stretched"]


class Envelope(Protocol):
    """A shape over ``duration_s`` seconds."""

    @property
    def duration_s(self) -> float:
        """Time from the first to the last activity, seconds."""
        ...

    def at(self, t: Floats) -> Floats:
        """Return the activation, 0 to 1, at `t` seconds after the onset (0 outside)."""
        ...


@dataclass(frozen=True, slots=True)
class Ripple:
    """A few sinusoids around 1: the unsteadiness of a contraction.

    Attributes
    ----------
    rates_hz, depths, phases
        One value for each sinusoid: Hz, fraction of the level, radians.
    """

    rates_hz: tuple[float, ...]
    depths: tuple[float, ...]
    phases: tuple[float, ...]

    def at(self, t: Floats) -> Floats:
        """Return the factor at `t` seconds, never below 0.05."""
        factor = np.ones_like(t)
        for rate, depth, phase in zip(self.rates_hz, self.depths, self.phases, strict=True):
            factor += depth * np.sin(2 * np.pi * rate * t + phase)
        return np.maximum(factor, 0.05)


@dataclass(frozen=True, slots=True)
class Burst:
    """One contraction: a smooth rise, an unsteady plateau, a smooth fall."""

    duration_s: float
    rise_s: float
    fall_s: float
    ripple: Ripple

    def at(self, t: Floats) -> Floats:
        """Return the activation at `t` seconds after the onset."""
        edge = np.minimum(
            _smooth(t / self.rise_s), _smooth((self.duration_s - t) / self.fall_s)
        )
        return np.minimum(edge * self.ripple.at(t), 1.0)


@dataclass(frozen=True, slots=True)
class Bursts:
    """Several bumps, one after or over another: a movement of the whole leg.

    Attributes
    ----------
    centres_s, widths_s, heights
        One value for each bump: seconds from the onset, seconds, 0 to 1.
    floor
        Activation between the bumps.
    """

    duration_s: float
    centres_s: tuple[float, ...]
    widths_s: tuple[float, ...]
    heights: tuple[float, ...]
    floor: float

    def at(self, t: Floats) -> Floats:
        """Return the activation at `t` seconds after the onset."""
        level = np.full_like(t, self.floor)
        for centre, width, height in zip(
            self.centres_s, self.widths_s, self.heights, strict=True
        ):
            bump = height * _smooth(1.5 * (1 - np.abs(t - centre) / width))
            np.maximum(level, bump, out=level)
        return level * np.minimum(_smooth(t / 0.15), _smooth((self.duration_s - t) / 0.3))


@dataclass(frozen=True, slots=True)
class Cramp:
    """A cramp-like contraction: jump, build-up, unsteady plateau, and how it ends.

    Attributes
    ----------
    rise_s
        Time from the first discharges to the plateau, seconds.
    start
        Fraction of the plateau that is there from the first second.
    fall_s
        Time that the ending takes, seconds: long when it fades, about a second or less
        when the muscle was stretched.
    ending
        ``faded`` or ``stretched``.
    ripple
        Slow common modulation.
    wander
        Still slower waxing and waning.
    """

    duration_s: float
    rise_s: float
    start: float
    fall_s: float
    ending: Ending
    ripple: Ripple
    wander: Ripple

    def at(self, t: Floats) -> Floats:
        """Return the activation at `t` seconds after the onset."""
        build = self.start + (1 - self.start) * _smooth(t / self.rise_s)
        left = (self.duration_s - t) / self.fall_s
        fade = _smooth(left) if self.ending == "stretched" else np.clip(left, 0, 1)
        level = build * fade * self.ripple.at(t) * self.wander.at(t) * _smooth(t / 0.3)
        return np.where(t <= self.duration_s, np.clip(level, 0, 1), 0.0)


@dataclass(frozen=True, slots=True)
class Steps:
    """Rhythmic bursts, as in walking.

    Attributes
    ----------
    rate_hz
        Bursts of this muscle per second.
    duty
        Fraction of the cycle in which it is active.
    phase
        Where in the cycle it begins, 0 to 1.
    """

    duration_s: float
    rate_hz: float
    duty: float
    phase: float

    def at(self, t: Floats) -> Floats:
        """Return the activation at `t` seconds after the onset."""
        cycle = np.mod(t * self.rate_hz - self.phase, 1.0) / self.duty
        bump = np.where(cycle < 1, np.sin(np.pi * np.minimum(cycle, 1)) ** 2, 0.0)
        return bump * ((t >= 0) & (t <= self.duration_s))


@dataclass(frozen=True, slots=True)
class Decay:
    """A level that falls away exponentially: the tone left behind by a cramp."""

    duration_s: float
    rise_s: float
    tau_s: float

    def at(self, t: Floats) -> Floats:
        """Return the activation at `t` seconds after the onset."""
        inside = (t >= 0) & (t <= self.duration_s)
        fall = np.exp(-np.maximum(t, 0) / self.tau_s)
        return fall * _smooth(t / self.rise_s) * inside


@dataclass(frozen=True, slots=True)
class Train:
    """Bursts one after the other, never one over another.

    Attributes
    ----------
    onsets_s, lengths_s, heights
        One value for each burst, in order: seconds, seconds, 0 to 1.
    """

    duration_s: float
    onsets_s: tuple[float, ...]
    lengths_s: tuple[float, ...]
    heights: tuple[float, ...]

    def at(self, t: Floats) -> Floats:
        """Return the activation at `t` seconds after the onset."""
        onsets = np.array(self.onsets_s)
        which = np.searchsorted(onsets, t, "right") - 1
        since = t - onsets[which]
        length = np.array(self.lengths_s)[which]
        edge = np.minimum(0.04, 0.3 * length)
        shape = np.minimum(_smooth(since / edge), _smooth((length - since) / edge))
        return np.where(which >= 0, shape * np.array(self.heights)[which], 0.0)


@dataclass(frozen=True, slots=True)
class Tone:
    """A contraction that comes slowly, stays, and waxes and wanes."""

    duration_s: float
    rise_s: float
    ripple: Ripple

    def at(self, t: Floats) -> Floats:
        """Return the activation at `t` seconds after the onset."""
        edge = np.minimum(
            _smooth(t / self.rise_s), _smooth((self.duration_s - t) / self.rise_s)
        )
        return np.minimum(edge * self.ripple.at(t), 2.0)


def draw_ripple(
    rng: np.random.Generator, low_hz: float, high_hz: float, depth: float, count: int = 3
) -> Ripple:
    """Return `count` sinusoids between two rates whose standard deviation is `depth`."""
    rates = rng.uniform(low_hz, high_hz, count)
    weights = rng.uniform(0.5, 1.0, count)
    weights *= depth * np.sqrt(2) / np.sqrt(np.sum(weights**2))
    phases = rng.uniform(0, 2 * np.pi, count)
    return Ripple(tuple(rates.tolist()), tuple(weights.tolist()), tuple(phases.tolist()))


def _smooth(x: Floats) -> Floats:
    """Half a cosine: 0 up to 0, 1 from 1 on."""
    return 0.5 - 0.5 * np.cos(np.pi * np.clip(x, 0.0, 1.0))
