"""Every number a simulated night is drawn from, with its unit and its source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

DESIGN = "assumption of this simulator, not a published figure"


class Distribution(Protocol):
    """Something numbers are drawn from."""

    def draw(self, rng: np.random.Generator) -> float:
        """Return one number."""
        ...


@dataclass(frozen=True, slots=True)
class Uniform:
    """Evenly between two limits."""

    low: float
    high: float

    def draw(self, rng: np.random.Generator) -> float:
        """Return one number."""
        return float(rng.uniform(self.low, self.high))


@dataclass(frozen=True, slots=True)
class LogNormal:
    """A median, a spread (standard deviation of the logarithm), and hard limits."""

    median: float
    spread: float
    low: float
    high: float

    def draw(self, rng: np.random.Generator) -> float:
        """Return one number; what falls outside the limits is drawn again."""
        while True:
            value = float(self.median * np.exp(self.spread * rng.standard_normal()))
            if self.low <= value <= self.high:
                return value


@dataclass(frozen=True, slots=True)
class Parameter:
    """One row of the table.

    Attributes
    ----------
    distribution
        What the number is drawn from.
    unit
        Unit of the number.
    source
        Publication, or the plain statement that it is an assumption.
    """

    distribution: Distribution
    unit: str
    source: str


_SPEED = "Andreassen and Arendt-Nielsen, J Physiol 1987;391:561; lower when cold or tired"
_SPACING = "AASM manual: 2-3 cm, or a third of the muscle; " + DESIGN
_GEL = "range of gel electrodes with skin preparation; " + DESIGN
_WASM = "Ferri et al., Sleep Med 2016;26:86 (WASM 2016): 0.5-10 s, intervals 10-90 s"
_PLM = "Ferri et al., Sleep 2006;29:759 (intervals peak at 20-30 s); " + DESIGN
_LAB = "laboratory cramps 55 +- 19 s, clinical reports from seconds to 10 min; " + DESIGN
_COMMON = "common rate at 1.4 +- 0.4 Hz: Minetto et al., J Neurophysiol 2009;102:1890"
_STILL = "39 % without movement of the toe: Terrill et al., IEEE EMBC 2013:6862"
_RELEASE = "ends at once on stretching, or fades; " + DESIGN

PARAMETERS: Mapping[str, Parameter] = {
    "muscle.full_rms": Parameter(LogNormal(350, 0.35, 150, 800), "uV", DESIGN),
    "muscle.fat": Parameter(Uniform(3.0, 9.0), "mm", DESIGN),
    "muscle.speed": Parameter(Uniform(3.0, 4.2), "m/s", _SPEED),
    "muscle.spacing": Parameter(Uniform(20, 40), "mm", _SPACING),
    "muscle.crosstalk": Parameter(Uniform(0.01, 0.06), "fraction", DESIGN),
    "electrode.noise": Parameter(LogNormal(1.1, 0.3, 0.5, 2.0), "uV", _GEL),
    "electrode.noise_swing": Parameter(Uniform(0.05, 0.25), "fraction", DESIGN),
    "electrode.corner": Parameter(Uniform(10, 40), "Hz", DESIGN),
    "electrode.mains": Parameter(LogNormal(0.3, 0.6, 0.05, 1.5), "uV", DESIGN),
    "electrode.ecg": Parameter(LogNormal(1.0, 0.6, 0.1, 4.0), "uV", DESIGN),
    "heart.rate": Parameter(Uniform(48, 70), "1/min", DESIGN),
    "accelerometer.noise": Parameter(Uniform(0.002, 0.004), "g", DESIGN),
    "cramp.duration": Parameter(LogNormal(60, 0.7, 12, 600), "s", _LAB),
    "cramp.rise": Parameter(LogNormal(5, 0.8, 0.8, 40), "s", "seconds to minutes; " + DESIGN),
    "cramp.start": Parameter(Uniform(0.15, 0.4), "fraction", DESIGN),
    "cramp.level": Parameter(LogNormal(45, 0.9, 5, 500), "uV", "1.5x rest to very strong"),
    "cramp.modulation": Parameter(Uniform(0.1, 0.3), "fraction", _COMMON),
    "cramp.wander": Parameter(Uniform(0.05, 0.25), "fraction", DESIGN),
    "cramp.release": Parameter(Uniform(0.3, 1.2), "s", _RELEASE),
    "cramp.fade": Parameter(LogNormal(12, 0.6, 3, 60), "s", _RELEASE),
    "cramp.stretched": Parameter(Uniform(0, 1), "chance", "stretched below 0.6; " + DESIGN),
    "cramp.antagonist": Parameter(Uniform(0, 0.05), "fraction", "antagonist nearly silent"),
    "cramp.after": Parameter(Uniform(1.5, 5), "uV", "about twice resting for minutes"),
    "cramp.afterwards": Parameter(Uniform(0, 1), "chance", "most sit, rub, stand or walk"),
    "cramp.wait": Parameter(Uniform(7, 45), "s", DESIGN),
    "lm.duration": Parameter(LogNormal(2.0, 0.45, 0.7, 8), "s", _WASM),
    "lm.level": Parameter(LogNormal(50, 0.45, 20, 150), "uV", DESIGN),
    "lm.rise": Parameter(Uniform(0.04, 0.25), "s", DESIGN),
    "lm.fall": Parameter(Uniform(0.1, 0.5), "s", DESIGN),
    "lm.still": Parameter(Uniform(0, 1), "chance", _STILL),
    "lm.calf": Parameter(Uniform(0.0, 0.3), "fraction", DESIGN),
    "jolt.peak": Parameter(LogNormal(0.08, 0.6, 0.025, 0.6), "g", DESIGN),
    "jolt.tilt": Parameter(LogNormal(5, 0.6, 1, 25), "deg", DESIGN),
    "plm.interval": Parameter(LogNormal(25, 0.3, 11, 80), "s", _PLM),
    "plm.spread": Parameter(Uniform(0.08, 0.25), "fraction", "regular within a series"),
    "plm.bilateral": Parameter(Uniform(0, 1), "chance", "both legs below 0.4; " + DESIGN),
    "plm.delay": Parameter(Uniform(0.0, 0.4), "s", DESIGN),
    "plm.count": Parameter(LogNormal(14, 0.6, 5, 60), "movements", DESIGN),
    "shift.duration": Parameter(LogNormal(9, 0.6, 3, 45), "s", "3-45 s; " + DESIGN),
    "shift.level": Parameter(LogNormal(110, 0.6, 30, 400), "uV", DESIGN),
    "shift.wobble": Parameter(LogNormal(60, 0.8, 10, 600), "uV", DESIGN),
    "stretch.duration": Parameter(LogNormal(4, 0.5, 2, 15), "s", DESIGN),
    "stretch.level": Parameter(LogNormal(180, 0.5, 60, 500), "uV", DESIGN),
    "walk.duration": Parameter(LogNormal(60, 0.6, 15, 240), "s", DESIGN),
    "walk.rate": Parameter(Uniform(0.8, 1.1), "strides/s", "0.8-2 Hz"),
    "walk.level": Parameter(LogNormal(120, 0.4, 50, 350), "uV", DESIGN),
    "pop.size": Parameter(LogNormal(900, 0.7, 200, 4000), "uV", DESIGN),
    "peel.duration": Parameter(LogNormal(90, 0.8, 20, 900), "s", DESIGN),
    "peel.size": Parameter(LogNormal(120, 0.6, 30, 900), "uV", DESIGN),
    "gap.duration": Parameter(LogNormal(6, 1.0, 0.3, 300), "s", DESIGN),
    "loose.duration": Parameter(LogNormal(20, 0.7, 5, 120), "s", DESIGN),
}
"""The table. A scenario may override single rows."""


@dataclass(frozen=True, slots=True)
class Draw:
    """Draws parameters by name, with a scenario's overrides."""

    rng: np.random.Generator
    overrides: Mapping[str, Distribution]

    def __call__(self, name: str) -> float:
        """Return one number for the parameter called `name`."""
        chosen = self.overrides.get(name) or PARAMETERS[name].distribution
        return chosen.draw(self.rng)
