"""What a three-axis accelerometer on the shank feels: gravity, turning, and jolts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .plan import Jolt, Turn
from .randomness import stream

Floats = NDArray[np.float64]

STEP_G = 1 / 2048
LIMIT = 16384
"""Largest raw number: a range of 8 g."""


@dataclass(frozen=True, slots=True)
class Posture:
    """Rotation about the shank and rise of the shank, degrees."""

    roll_deg: float
    pitch_deg: float


class Accelerometer:
    """One sensor through one night: any stretch of it, in g or raw numbers."""

    def __init__(
        self,
        rate_hz: float,
        first_posture: Posture,
        turns: tuple[Turn, ...],
        jolts: tuple[Jolt, ...],
        *,
        noise_g: float,
        drift_g: float = 0.0,
        gain: float = 0.0,
        seed: int,
        label: str,
    ) -> None:
        self._rate_hz = rate_hz
        self._turns = turns
        self._jolts = jolts
        self._noise_g = noise_g
        self._drift_g = drift_g
        self._gain = gain
        self._key = (seed, label)
        self._rest = [first_posture, *(Posture(t.roll_deg, t.pitch_deg) for t in turns)]

    def page(self, number: int, first: int, count: int) -> NDArray[np.int16]:
        """Return raw numbers of page `number`, shape ``(count, 3)``."""
        t = (first + np.arange(count)) / self._rate_hz
        roll, pitch = self._attitude(t)
        shake = np.zeros((count, 3))
        for jolt in self._jolts:
            if jolt.onset_s < t[-1] and jolt.end_s > t[0]:
                tilt, push = _jolt(jolt, t)
                roll += tilt
                pitch += 0.6 * tilt
                shake += push
        roll, pitch = np.deg2rad(roll), np.deg2rad(pitch)
        felt = np.stack(
            [np.sin(pitch), np.cos(pitch) * np.sin(roll), np.cos(pitch) * np.cos(roll)], axis=1
        )
        rng = stream(self._key[0], "accelerometer", self._key[1], number)
        felt += shake + self._noise_g * rng.standard_normal((count, 3))
        if self._drift_g or self._gain:
            felt = felt * (1 + self._gain) + self._drift_g * self._drift(t)
        return np.clip(np.rint(felt / STEP_G), -LIMIT, LIMIT).astype(np.int16)

    def _drift(self, t: Floats) -> Floats:
        """Return the slow wander of the zero of each axis, shape ``(count, 3)``."""
        rng = stream(self._key[0], "drift", self._key[1])
        periods, phases = rng.uniform(900, 7200, 3), rng.uniform(0, 6.28, 3)
        return np.asarray(np.sin(2 * np.pi * t[:, None] / periods + phases))

    def _attitude(self, t: Floats) -> tuple[Floats, Floats]:
        ends = np.array([turn.end_s for turn in self._turns])
        done = int(np.searchsorted(ends, t[0]))
        roll = np.full(t.size, self._rest[done].roll_deg)
        pitch = np.full(t.size, self._rest[done].pitch_deg)
        for before, turn in zip(self._rest[done:], self._turns[done:], strict=False):
            if turn.onset_s > t[-1]:
                break
            part = np.clip((t - turn.onset_s) / turn.duration_s, 0.0, 1.0)
            part = part * part * (3 - 2 * part)
            roll += part * (turn.roll_deg - before.roll_deg)
            pitch += part * (turn.pitch_deg - before.pitch_deg)
        return roll, pitch


def _jolt(jolt: Jolt, t: Floats) -> tuple[Floats, Floats]:
    """Return the passing tilt, degrees, and the acceleration, g, shape ``(count, 3)``."""
    part = (t - jolt.onset_s) / jolt.duration_s
    inside = (part > 0) & (part < 1)
    swell = np.where(inside, np.sin(np.pi * np.clip(part, 0, 1)) ** 2, 0.0)
    course = 0.6 * np.minimum(1.0, 6 * np.minimum(part, 1 - part))
    if not jolt.steady:
        course = np.exp(-4 * np.maximum(part, 0)) + 0.5 * np.exp(-((part - 0.85) ** 2) / 0.01)
    edges = np.where(inside, course, 0.0)
    wave = 2 * np.pi * jolt.rate_hz * (t - jolt.onset_s)
    push = np.stack([np.sin(wave + phase) for phase in jolt.phases], axis=1)
    return jolt.tilt_deg * swell, jolt.peak_g * edges[:, None] * push
