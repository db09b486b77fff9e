"""Families of parameters: other bodies, electrodes and sensors, some kept for a final test.

A family overrides rows of the table of parameters and draws its random numbers from a room of
its own: the same seed in two families gives two unrelated nights. `training_families` and
`held_out_families` share no member; whoever trains a detector takes the first, whoever judges
it for the last time takes the second.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from zlib import crc32

import numpy as np

from ...recording.errors import CrampwatchError
from .distributions import Distribution, Fixed, LogNormal, Uniform


@dataclass(frozen=True, slots=True)
class Family:
    """Bodies, electrodes and sensors of one kind.

    Attributes
    ----------
    name
        Name on the command line and in file names.
    about
        One sentence.
    held_out
        Whether it is kept out of training.
    overrides
        Distributions that differ from the table of parameters.
    """

    name: str
    about: str
    held_out: bool
    overrides: Mapping[str, Distribution]


STANDARD = "standard"

FAMILIES: Mapping[str, Family] = MappingProxyType(
    {
        family.name: family
        for family in (
            Family(STANDARD, "The table as it stands: gel electrodes.", False, {}),
            Family(
                "dry",
                "Dry electrodes: noisier, more mains, more crosstalk.",
                False,
                {
                    "cramp.least": Fixed(9.0),
                    "electrode.noise": LogNormal(3.5, 0.35, 2.0, 7.0),
                    "electrode.noise_swing": Uniform(0.1, 0.45),
                    "electrode.corner": Uniform(20, 70),
                    "electrode.mains": LogNormal(1.2, 0.7, 0.2, 8.0),
                    "electrode.ecg": LogNormal(2.0, 0.6, 0.3, 10.0),
                    "muscle.crosstalk": Uniform(0.03, 0.1),
                    "accelerometer.noise": Uniform(0.003, 0.008),
                },
            ),
            Family(
                "varied",
                "Wider spread of muscles, potentials and firing than in the table.",
                False,
                {
                    "muscle.full_rms": LogNormal(320, 0.5, 90, 900),
                    "muscle.fat": Uniform(2.0, 14.0),
                    "muscle.speed": Uniform(2.8, 4.6),
                    "muscle.depth": Uniform(11.0, 19.0),
                    "muscle.electrode": Uniform(22.0, 35.0),
                    "fibre.half_length": Uniform(48.0, 65.0),
                    "fibre.front": Uniform(1.8, 2.5),
                    "fibre.back": Uniform(4.0, 5.6),
                    "unit.rate_low": Uniform(6.5, 9.5),
                    "unit.rate_first": Uniform(30.0, 38.0),
                    "unit.size_range": Uniform(40.0, 90.0),
                    "unit.variation": Uniform(0.12, 0.24),
                    "cramp_unit.rate": Uniform(13.0, 18.0),
                    "cramp_unit.variation": Uniform(0.35, 0.5),
                    "cramp.least": Fixed(4.0),
                    "electrode.noise": LogNormal(1.4, 0.4, 0.6, 3.0),
                    "electrode.slope": Uniform(0.8, 1.2),
                    "accelerometer.noise": Uniform(0.001, 0.006),
                    "accelerometer.gain": Uniform(-0.02, 0.02),
                },
            ),
            Family(
                "held_out_a",
                "Longer potentials, few large units, pinker noise, 60 Hz mains, another"
                " accelerometer.",
                True,
                {
                    "fibre.front": Uniform(2.7, 3.4),
                    "fibre.back": Uniform(6.0, 7.5),
                    "fibre.half_length": Uniform(68.0, 80.0),
                    "muscle.spacing": Uniform(12.0, 19.0),
                    "muscle.depth": Uniform(20.0, 26.0),
                    "muscle.electrode": Uniform(36.0, 44.0),
                    "unit.size_range": Uniform(95.0, 140.0),
                    "unit.recruitment_range": Uniform(55.0, 90.0),
                    "unit.rate_low": Uniform(10.0, 12.0),
                    "unit.variation": Uniform(0.25, 0.32),
                    "cramp_unit.rate": Uniform(19.0, 23.0),
                    "cramp_unit.rate_spread": Fixed(2.0),
                    "cramp_unit.variation": Uniform(0.25, 0.33),
                    "cramp.least": Fixed(4.0),
                    "electrode.noise": LogNormal(1.5, 0.3, 0.7, 2.8),
                    "electrode.slope": Uniform(1.4, 1.9),
                    "electrode.high_pass": Fixed(5.0),
                    "mains.rate": Fixed(59.987),
                    "heart.width": Fixed(0.015),
                    "accelerometer.noise": Uniform(0.0085, 0.012),
                    "accelerometer.drift": Uniform(0.004, 0.012),
                    "accelerometer.gain": Uniform(0.03, 0.05),
                },
            ),
            Family(
                "held_out_b",
                "Shorter potentials, even units, white noise on dry electrodes, other shapes"
                " of movement.",
                True,
                {
                    "fibre.front": Uniform(1.2, 1.6),
                    "fibre.back": Uniform(2.8, 3.6),
                    "fibre.half_length": Uniform(36.0, 45.0),
                    "muscle.spacing": Uniform(42.0, 50.0),
                    "muscle.depth": Uniform(6.0, 9.5),
                    "muscle.electrode": Uniform(15.0, 20.0),
                    "muscle.crosstalk": Uniform(0.11, 0.15),
                    "unit.size_range": Uniform(15.0, 30.0),
                    "unit.recruitment_range": Uniform(8.0, 15.0),
                    "unit.rate_low": Uniform(4.5, 6.0),
                    "unit.variation": Uniform(0.05, 0.1),
                    "cramp_unit.rate": Uniform(10.0, 12.5),
                    "cramp_unit.variation": Uniform(0.52, 0.6),
                    "cramp.least": Fixed(7.0),
                    "electrode.noise": LogNormal(3.0, 0.3, 2.1, 5.0),
                    "electrode.slope": Uniform(0.2, 0.5),
                    "electrode.high_pass": Fixed(16.0),
                    "heart.width": Fixed(0.008),
                    "accelerometer.noise": Uniform(0.0003, 0.0008),
                    "accelerometer.gain": Uniform(-0.05, -0.03),
                    "lm.rise": Uniform(0.26, 0.45),
                    "lm.fall": Uniform(0.5, 0.9),
                    "shift.duration": LogNormal(14, 0.5, 5, 45),
                    "cramp.start": Uniform(0.05, 0.15),
                },
            ),
        )
    }
)
"""All families by name."""


def training_families() -> tuple[Family, ...]:
    """Return the families that a detector may be trained on."""
    return tuple(family for family in FAMILIES.values() if not family.held_out)


def held_out_families() -> tuple[Family, ...]:
    """Return the families that are kept for the final test."""
    return tuple(family for family in FAMILIES.values() if family.held_out)


def find_family(name: str) -> Family:
    """Return the family called `name`.

    Raises
    ------
    CrampwatchError
        There is none.
    """
    try:
        return FAMILIES[name]
    except KeyError:
        known = ", ".join(FAMILIES)
        raise CrampwatchError(f"family {name!r} is not known; choose one of: {known}") from None


def seed_in(family: Family, seed: int) -> int:
    """Return the seed of a night within its family: no two families share random numbers."""
    if family.name == STANDARD:
        return seed
    room = np.random.SeedSequence(seed, spawn_key=(crc32(family.name.encode()),))
    return int(room.generate_state(1, np.uint64)[0])
