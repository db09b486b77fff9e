"""Every number a simulated night is drawn from, with its unit and its source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from . import sources as of
from .distributions import Distribution, Fixed, LogNormal, Uniform
from .sources import DESIGN


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


_P = Parameter

PARAMETERS: Mapping[str, Parameter] = {
    # the muscle and its units
    "muscle.full_rms": _P(LogNormal(350, 0.35, 150, 800), "uV", DESIGN),
    "muscle.fat": _P(Uniform(3.0, 9.0), "mm", DESIGN),
    "muscle.speed": _P(Uniform(3.0, 4.2), "m/s", of.ANDREASSEN),
    "muscle.spacing": _P(Uniform(20, 40), "mm", of.SPACING),
    "muscle.crosstalk": _P(Uniform(0.01, 0.06), "fraction", DESIGN),
    "muscle.depth": _P(Fixed(16.0), "mm", DESIGN),
    "muscle.electrode": _P(Fixed(28.0), "mm from the end plates", DESIGN),
    "fibre.half_length": _P(Fixed(55.0), "mm", DESIGN),
    "fibre.plates": _P(Fixed(3.5), "mm", "scatter of the end plates; " + DESIGN),
    "fibre.front": _P(Fixed(2.1), "mm", "tripole of the action potential; " + DESIGN),
    "fibre.back": _P(Fixed(4.8), "mm", "tripole of the action potential; " + DESIGN),
    "unit.recruitment_range": _P(Fixed(30.0), "ratio", of.FUGLEVAND),
    "unit.last_recruited": _P(Fixed(0.7), "excitation", of.FUGLEVAND),
    "unit.rate_low": _P(Fixed(8.0), "pulses/s", of.FUGLEVAND),
    "unit.rate_first": _P(Fixed(35.0), "pulses/s", of.FUGLEVAND),
    "unit.rate_last": _P(Fixed(25.0), "pulses/s", of.FUGLEVAND),
    "unit.size_range": _P(Fixed(60.0), "ratio", DESIGN),
    "unit.variation": _P(Fixed(0.18), "fraction", of.FUGLEVAND),
    "cramp_unit.rate": _P(Fixed(14.5), "pulses/s", of.MINETTO),
    "cramp_unit.rate_spread": _P(Fixed(3.5), "pulses/s", of.MINETTO),
    "cramp_unit.variation": _P(Fixed(0.45), "fraction", of.MINETTO),
    # electrodes, amplifier, heart, accelerometer
    "electrode.noise": _P(LogNormal(1.1, 0.3, 0.5, 2.0), "uV", of.GEL),
    "electrode.noise_swing": _P(Uniform(0.05, 0.25), "fraction", DESIGN),
    "electrode.corner": _P(Uniform(10, 40), "Hz", DESIGN),
    "electrode.slope": _P(Fixed(1.0), "power of 1/f", DESIGN),
    "electrode.high_pass": _P(Fixed(10.0), "Hz", DESIGN),
    "electrode.mains": _P(LogNormal(0.3, 0.6, 0.05, 1.5), "uV", DESIGN),
    "mains.rate": _P(Fixed(50.012), "Hz", "a mains that keeps exact time is rare; " + DESIGN),
    "electrode.ecg": _P(LogNormal(1.0, 0.6, 0.1, 4.0), "uV", DESIGN),
    "heart.rate": _P(Uniform(48, 70), "1/min", DESIGN),
    "heart.width": _P(Fixed(0.011), "s", DESIGN),
    "accelerometer.noise": _P(Uniform(0.002, 0.004), "g", DESIGN),
    "accelerometer.drift": _P(Fixed(0.0), "g", "slow wander of the zero; " + DESIGN),
    "accelerometer.gain": _P(Fixed(0.0), "fraction", "error of the scale; " + DESIGN),
    # cramp-like contractions
    "cramp.duration": _P(LogNormal(55, 0.9, 3, 600), "s", of.CRAMP_RANGE),
    "cramp.rise": _P(LogNormal(6, 1.0, 0.8, 180), "s", "seconds to minutes; " + DESIGN),
    "cramp.start": _P(Uniform(0.15, 0.5), "fraction", "there at once; " + DESIGN),
    "cramp.level": _P(
        LogNormal(45, 0.95, 2.5, 500), "uV", "1.5x rest to very strong; " + DESIGN
    ),
    "cramp.least": _P(Fixed(3.0), "uV", "what still exceeds the noise by half; " + DESIGN),
    "cramp.muscle": _P(Uniform(0, 1), "chance", "tibialis anterior below 0.12; " + DESIGN),
    "cramp.head": _P(Uniform(0, 1), "chance", "lateral head below 0.25; " + of.ONE_HEAD),
    "cramp.far": _P(Uniform(0.15, 0.5), "fraction", "seen of the lateral head; " + DESIGN),
    "cramp.modulation": _P(Uniform(0.05, 0.35), "fraction", "depth, 0.5-2 Hz; " + of.MINETTO),
    "cramp.wander": _P(Uniform(0.05, 0.3), "fraction", DESIGN),
    "cramp.short": _P(Uniform(0.75, 1.0), "length of potentials", of.SHORT_POTENTIALS),
    "cramp.compression": _P(
        Uniform(0.9, 1.35), "length of potentials at the end over start", of.SPECTRUM
    ),
    "cramp.release": _P(Uniform(0.3, 1.2), "s", of.ROSS),
    "cramp.fade": _P(LogNormal(12, 0.7, 1.5, 90), "s", DESIGN),
    "cramp.stretched": _P(Uniform(0, 1), "chance", "stretched below 0.6; " + DESIGN),
    "cramp.antagonist": _P(Uniform(0, 0.05), "fraction", "antagonist nearly silent; " + DESIGN),
    "cramp.after": _P(Uniform(1.5, 5), "uV", of.CHANEY),
    "cramp.before": _P(Uniform(0, 1), "chance", "movement before below 0.25; " + DESIGN),
    "cramp.twitches": _P(Uniform(0, 1), "chance", "twitches around below 0.3; " + DESIGN),
    "cramp.afterwards": _P(
        Uniform(0, 1), "chance", "sleeps on below 0.35, rubs, turns, walks; " + DESIGN
    ),
    "cramp.wait": _P(Uniform(2, 45), "s", DESIGN),
    "cramp.away": _P(Uniform(0, 1), "chance", "out of radio reach below 0.3; " + DESIGN),
    "cluster.count": _P(Uniform(2, 4), "cramps", of.CRAMP_AGAIN),
    "cluster.interval": _P(LogNormal(900, 0.7, 120, 3300), "s", of.CRAMP_AGAIN),
    "rub.duration": _P(LogNormal(15, 0.6, 4, 60), "s", DESIGN),
    # leg movements
    "lm.duration": _P(LogNormal(2.0, 0.45, 0.7, 8), "s", of.WASM),
    "lm.level": _P(LogNormal(50, 0.45, 20, 150), "uV", DESIGN),
    "lm.rise": _P(Uniform(0.04, 0.25), "s", DESIGN),
    "lm.fall": _P(Uniform(0.1, 0.5), "s", DESIGN),
    "lm.still": _P(Uniform(0, 1), "chance", of.STILL),
    "lm.calf": _P(Uniform(0.0, 0.3), "fraction", DESIGN),
    "jolt.peak": _P(LogNormal(0.08, 0.6, 0.025, 0.6), "g", DESIGN),
    "jolt.tilt": _P(LogNormal(5, 0.6, 1, 25), "deg", DESIGN),
    "plm.interval": _P(LogNormal(23, 0.3, 12, 60), "s", of.PLM),
    "plm.spread": _P(Uniform(0.12, 0.4), "of the logarithm", "within a series; " + DESIGN),
    "plm.skew": _P(Fixed(0.0), "power", "0: the logarithm is normal, 1: the interval"),
    "plm.bilateral": _P(Uniform(0, 1), "share", "movements of both legs; " + DESIGN),
    "plm.switch": _P(Uniform(0, 0.3), "share", "of the leg, within a series; " + DESIGN),
    "plm.delay": _P(Uniform(0.0, 0.4), "s", DESIGN),
    "plm.count": _P(LogNormal(14, 0.6, 5, 60), "movements", DESIGN),
    "dorsiflexion.duration": _P(LogNormal(3, 0.7, 0.8, 20), "s", DESIGN),
    "dorsiflexion.level": _P(LogNormal(120, 0.6, 30, 400), "uV", DESIGN),
    # rhythms, twitches, tone
    "alma.rate": _P(LogNormal(1.4, 0.35, 0.5, 3.0), "Hz", of.ALMA + "; AASM 0.5-3 Hz"),
    "alma.burst": _P(Uniform(0.1, 0.5), "s", of.ALMA),
    "alma.duration": _P(LogNormal(9, 0.6, 4, 40), "s", of.ALMA),
    "alma.level": _P(LogNormal(50, 0.5, 15, 200), "uV", DESIGN),
    "hft.rate": _P(LogNormal(1.5, 0.4, 0.3, 4.0), "Hz", of.HFT),
    "hft.burst": _P(Uniform(0.3, 0.7), "s", of.HFT_BURST),
    "hft.duration": _P(LogNormal(9, 0.9, 2, 366), "s", of.HFT),
    "hft.level": _P(LogNormal(50, 0.5, 15, 200), "uV", DESIGN),
    "efm.duration": _P(Uniform(1230, 4200), "s", of.EFM),
    "efm.rate": _P(LogNormal(9, 0.5, 6, 40), "1/min", of.EFM),
    "efm.burst": _P(Uniform(0.075, 0.15), "s", of.EFM),
    "efm.level": _P(LogNormal(40, 0.5, 20, 150), "uV", of.EFM),
    "rbd.duration": _P(LogNormal(90, 0.8, 15, 900), "s", DESIGN),
    "rbd.burst": _P(LogNormal(0.22, 0.6, 0.1, 1.0), "s", of.RBD),
    "rbd.interval": _P(LogNormal(1.8, 0.6, 0.4, 8), "s", DESIGN),
    "rbd.level": _P(LogNormal(45, 0.6, 12, 250), "uV", DESIGN),
    "fasciculation.rate": _P(LogNormal(2, 0.8, 0.3, 20), "1/min", of.FASCICULATION),
    "fasciculation.peak": _P(LogNormal(110, 0.5, 40, 600), "uV", of.FASCICULATION),
    "tone.level": _P(LogNormal(6, 0.5, 2, 20), "uV", of.TONE),
    "tone.wander": _P(Uniform(0.15, 0.4), "fraction", DESIGN),
    "tone.both": _P(Uniform(0, 1), "chance", "both legs below 0.5; " + DESIGN),
    "spell.duration": _P(LogNormal(150, 0.8, 20, 1200), "s", "spell of tone; " + DESIGN),
    "spell.level": _P(LogNormal(9, 0.6, 3, 40), "uV", DESIGN),
    # the whole body
    "shift.duration": _P(LogNormal(9, 0.6, 3, 45), "s", of.LARGE),
    "shift.level": _P(LogNormal(110, 0.6, 30, 400), "uV", DESIGN),
    "shift.wobble": _P(LogNormal(60, 0.8, 10, 600), "uV", DESIGN),
    "stretch.duration": _P(LogNormal(4, 0.6, 2, 40), "s", DESIGN),
    "stretch.level": _P(LogNormal(180, 0.5, 60, 500), "uV", DESIGN),
    "walk.duration": _P(LogNormal(60, 0.6, 15, 240), "s", DESIGN),
    "walk.rate": _P(Uniform(0.8, 1.1), "strides/s", "0.8-2 Hz; " + DESIGN),
    "walk.level": _P(LogNormal(120, 0.4, 50, 350), "uV", DESIGN),
    "stand.duration": _P(LogNormal(60, 0.7, 12, 400), "s", DESIGN),
    "stand.level": _P(LogNormal(25, 0.5, 8, 90), "uV", DESIGN),
    "stand.sway": _P(Uniform(0.15, 0.4), "fraction", "sway at 0.2-1 Hz; " + DESIGN),
    "partner.duration": _P(LogNormal(4, 0.7, 0.8, 20), "s", DESIGN),
    "partner.peak": _P(LogNormal(0.015, 0.6, 0.004, 0.08), "g", DESIGN),
    # artefacts
    "pop.size": _P(LogNormal(900, 0.7, 200, 4000), "uV", DESIGN),
    "peel.duration": _P(LogNormal(90, 0.8, 20, 900), "s", DESIGN),
    "peel.size": _P(LogNormal(120, 0.6, 30, 900), "uV", DESIGN),
    "gap.duration": _P(LogNormal(6, 1.0, 0.3, 300), "s", DESIGN),
    "trouble.duration": _P(LogNormal(60, 0.7, 10, 600), "s", DESIGN),
    "loose.duration": _P(LogNormal(20, 0.7, 5, 120), "s", DESIGN),
    "mains.duration": _P(LogNormal(120, 1.0, 10, 1800), "s", DESIGN),
    "mains.size": _P(LogNormal(25, 0.7, 5, 150), "uV", DESIGN),
    "ecg.duration": _P(LogNormal(300, 1.0, 30, 3600), "s", DESIGN),
    "ecg.size": _P(LogNormal(25, 0.5, 8, 100), "uV", DESIGN),
    "cable.duration": _P(LogNormal(8, 0.7, 1, 60), "s", DESIGN),
    "cable.size": _P(LogNormal(150, 0.7, 30, 1500), "uV", DESIGN),
    "sweat.duration": _P(LogNormal(600, 0.8, 60, 3600), "s", DESIGN),
    "sweat.size": _P(LogNormal(150, 0.7, 30, 1000), "uV", DESIGN),
    "flat.duration": _P(LogNormal(30, 1.0, 2, 600), "s", DESIGN),
}
"""The table. A family or a scenario may override single rows."""


@dataclass(frozen=True, slots=True)
class Draw:
    """Draws parameters by name, with the overrides of a family and a scenario."""

    rng: np.random.Generator
    overrides: Mapping[str, Distribution]

    def __call__(self, name: str) -> float:
        """Return one number for the parameter called `name`."""
        chosen = self.overrides.get(name) or PARAMETERS[name].distribution
        return chosen.draw(self.rng)

    def chance(self) -> float:
        """Return a number between 0 and 1."""
        return float(self.rng.random())
