"""Kinds of nights: how often what happens."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from . import acts, faults
from .body import Body, a_leg
from .cramps import cluster, cramp


@dataclass(frozen=True, slots=True)
class Kind:
    """A recipe for nights.

    Attributes
    ----------
    about
        One sentence.
    acts
        How many of each act in an hour, by name.
    faults
        How many of each fault in four hours, by name.
    """

    about: str
    acts: Mapping[str, float]
    faults: Mapping[str, float]


_LIGHT = {"pop": 2.0, "sweat": 1.0, "partner": 3.0, "heart": 0.2, "mains_bout": 0.5,
          "radio_gap": 0.5, "impedance_drift": 0.2}  # fmt: skip

KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "cramps": Kind(
            "Cramp-like contractions from 3 s to 10 min, alone and in clusters.",
            {"cramp": 2.0, "cluster": 0.4, "posture": 2.0, "movement": 4.0},
            _LIGHT,
        ),
        "quiet": Kind(
            "Little happens, no cramp.",
            {"posture": 1.5, "movement": 3.0, "twitches": 0.5, "tone": 0.5},
            _LIGHT,
        ),
        "restless": Kind(
            "Much turning, stretching, rubbing and single movements, no cramp.",
            {"posture": 10.0, "stretch": 3.0, "movement": 15.0, "rub": 2.0, "twitches": 1.0,
             "tremor": 1.0, "tone": 0.5},
            _LIGHT,
        ),
        "walking": Kind(
            "Walks to the bathroom and standing beside the bed, no cramp.",
            {"walk": 2.0, "stand": 2.0, "posture": 3.0, "movement": 3.0},
            _LIGHT,
        ),
        "plm": Kind(
            "Series of periodic leg movements and foot tremor, no cramp.",
            {"series": 2.0, "tremor": 2.0, "posture": 2.0, "twitches": 0.5},
            _LIGHT,
        ),
        "artefacts": Kind(
            "Electrodes pop, crackle, hum, clip, sweat or come off; radio gaps, no cramp.",
            {"posture": 3.0, "movement": 4.0},
            {"pop": 20.0, "peel_off": 2.0, "contact_noise": 15.0, "sweat": 4.0,
             "mains_bout": 6.0, "heart": 1.5, "clipping": 5.0, "radio_gap": 6.0,
             "partner": 12.0, "impedance_drift": 0.7},
        ),
        "noise_steps": Kind(
            "Bands pressed differently: the noise floor jumps and stays, no cramp.",
            {"posture": 2.0, "movement": 3.0},
            {"noise_step": 16.0, "impedance_drift": 1.0, "partner": 2.0},
        ),
        "voluntary": Kind(
            "Feet held up or down at will while the leg lies still, no cramp.",
            {"voluntary": 10.0, "stretch": 3.0, "stand": 0.5, "posture": 2.0, "movement": 3.0},
            _LIGHT,
        ),
        "mixed": Kind(
            "Some of everything.",
            {"cramp": 0.8, "cluster": 0.1, "posture": 4.0, "movement": 6.0, "series": 0.5,
             "stretch": 1.0, "walk": 0.3, "stand": 0.3, "voluntary": 1.0, "rub": 0.5,
             "tremor": 0.5, "twitches": 0.5, "tone": 0.3},
            {**_LIGHT, "noise_step": 1.5, "contact_noise": 2.0, "peel_off": 0.3,
             "clipping": 0.5},
        ),
    }
)  # fmt: skip
"""Recipes by name."""


def happen(body: Body, kind: Kind) -> None:
    """Let a night of a kind happen to a body, from its own random numbers."""
    rng = body.rng
    hours = body.seconds / 3600.0
    names = [n for n, rate in kind.acts.items() for _ in range(_count(rng, rate * hours))]
    rng.shuffle(names)
    at = rng.uniform(120.0, min(600.0, 0.15 * body.seconds))
    mean = max(15.0, 0.75 * (body.seconds - at) / (len(names) + 1) - 20.0)
    for name in names:
        if at > body.seconds - 60.0:
            break
        at = _ACTS[name](body, at) + 5.0 + rng.exponential(mean)
    for name, number in kind.faults.items():
        for _ in range(_count(rng, number * hours / 4.0)):
            _FAULTS[name](body, float(rng.uniform(60.0, body.seconds - 60.0)))


_ACTS: Mapping[str, Callable[[Body, float], float]] = {
    "cramp": lambda body, at: cramp(body, at, a_leg(body.rng, body.montage.sides)),
    "cluster": lambda body, at: cluster(body, at, a_leg(body.rng, body.montage.sides)),
    "movement": lambda body, at: acts.leg_movement(body, at, a_leg(body.rng)),
    "series": lambda body, at: acts.series(body, at, a_leg(body.rng)),
    "posture": acts.posture,
    "stretch": acts.stretch,
    "walk": acts.walk,
    "stand": acts.stand,
    "voluntary": acts.voluntary,
    "rub": acts.rub,
    "tremor": acts.foot_tremor,
    "twitches": acts.twitches,
    "tone": acts.tone,
}

_FAULTS: Mapping[str, Callable[[Body, float], None]] = {
    "noise_step": faults.noise_step,
    "impedance_drift": faults.impedance_drift,
    "pop": faults.pop,
    "peel_off": faults.peel_off,
    "contact_noise": faults.contact_noise,
    "sweat": faults.sweat,
    "mains_bout": faults.mains_bout,
    "heart": faults.heart,
    "clipping": faults.clipping,
    "radio_gap": faults.radio_gap,
    "partner": faults.partner,
}


def _count(rng: np.random.Generator, expected: float) -> int:
    """Return how many; what belongs to the kind happens at least once."""
    return max(int(rng.poisson(expected)), int(expected >= 1.0))
