"""Named nights: how much of what happens in each."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ...recording.errors import CrampwatchError
from .distributions import Distribution, Fixed, LogNormal, Uniform
from .scenario import BOTH_LEGS, LEFT_LEG, Montage, Scenario

_Counts = Mapping[str, Distribution]


def _exactly(count: float) -> Uniform:
    return Uniform(count, count)


_SLEEPER: _Counts = {
    "posture_shift": Uniform(12, 30),
    "leg_movement": Uniform(3, 15),
    "stretch": Uniform(0.5, 4),
    "walking": Uniform(0.5, 1.5),
    "bed_partner": Uniform(0.5, 12),
}
"""What every night holds."""


def _night(
    name: str, about: str, more: _Counts, overrides: _Counts = MappingProxyType({})
) -> Scenario:
    return Scenario(name, about, 8.0, BOTH_LEGS, {**_SLEEPER, **more}, overrides)


_NIGHTS = (
    Scenario("rest", "Nothing happens.", 1.0, BOTH_LEGS, {}),
    _night("healthy", "A night without anything special.", {}),
    _night(
        "cramp",
        "A few cramp-like contractions over the whole published range.",
        {"cramp": Uniform(2, 5)},
    ),
    _night(
        "cramp_short",
        "Cramp-like contractions of 3 to 20 s.",
        {"cramp": Uniform(3, 6)},
        {"cramp.duration": LogNormal(11, 0.5, 3, 20), "cramp.rise": Uniform(0.3, 6)},
    ),
    _night(
        "cramp_long",
        "Cramp-like contractions of 2 to 10 min, some of which build up over minutes.",
        {"cramp": Uniform(2, 4)},
        {
            "cramp.duration": LogNormal(220, 0.5, 120, 600),
            "cramp.rise": LogNormal(25, 1.0, 1, 180),
        },
    ),
    _night(
        "cramp_weak",
        "Cramp-like contractions from 1.5 times the resting level on.",
        {"cramp": Uniform(2, 5)},
        {"cramp.level": LogNormal(6, 0.5, 2.5, 15)},
    ),
    _night(
        "cluster",
        "Cramp-like contractions that come again within the hour.",
        {"cramp_cluster": Uniform(1, 2)},
    ),
    _night(
        "plm",
        "Series of periodic leg movements, no cramp.",
        {"plm_series": Uniform(6, 14), "leg_movement": Uniform(10, 30)},
    ),
    _night("alma", "Alternating leg muscle activation, no cramp.", {"alma": Uniform(10, 40)}),
    _night(
        "hft",
        "Foot tremor and other high-frequency leg movements, no cramp.",
        {"hft": Uniform(8, 40)},
    ),
    _night(
        "efm",
        "Excessive fragmentary myoclonus, no cramp.",
        {"efm": Uniform(2, 4)},
    ),
    _night("rbd", "Twitching as in REM sleep without atonia.", {"rbd": Uniform(10, 30)}),
    _night(
        "fasciculations",
        "Twitches of single motor units all night, no cramp.",
        {"fasciculations": _exactly(1)},
        {"fasciculation.rate": LogNormal(8, 0.8, 1, 60)},
    ),
    _night(
        "tone",
        "Spastic tone all night and spells of more, with periodic movements, no cramp.",
        {
            "tone": _exactly(1),
            "tone_spell": Uniform(5, 20),
            "plm_series": Uniform(1, 4),
        },
    ),
    _night(
        "walking",
        "Standing, walking and feet pulled up at will, no cramp.",
        {
            "walking": Uniform(3, 8),
            "standing": Uniform(3, 8),
            "dorsiflexion": Uniform(5, 20),
        },
    ),
    _night(
        "posture",
        "Much turning in bed, no cramp.",
        {"posture_shift": Uniform(50, 90), "walking": Uniform(1, 4)},
    ),
    _night(
        "stretching",
        "Much stretching, some of it long, no cramp.",
        {"stretch": Uniform(20, 50), "dorsiflexion": Uniform(5, 15)},
        {"stretch.duration": LogNormal(7, 0.7, 2, 40)},
    ),
    _night(
        "partner",
        "A restless bed partner, no cramp.",
        {"bed_partner": Uniform(80, 200)},
    ),
    _night(
        "artefacts",
        "Electrodes that pop, crackle, hum and come off, the heart, radio gaps, no cramp.",
        {
            "electrode_pop": Uniform(20, 60),
            "peel_off": Uniform(2, 6),
            "loose_contact": Uniform(4, 10),
            "mains_hum": Uniform(2, 6),
            "ecg_leak": Uniform(1, 4),
            "cable": Uniform(4, 15),
            "flat_line": Uniform(1, 3),
            "sweat": Uniform(1, 4),
            "radio_gap": Uniform(3, 8),
            "radio_trouble": Uniform(0.5, 2),
        },
    ),
    _night(
        "gaps",
        "Radio gaps, alone and in swarms, also around cramp-like contractions.",
        {
            "radio_gap": Uniform(15, 40),
            "radio_trouble": Uniform(4, 10),
            "cramp": Uniform(1, 2),
        },
        {"cramp.away": Fixed(0.0), "cramp.afterwards": Uniform(0.35, 1.0)},
    ),
    _night(
        "mixed",
        "A full night with some of everything.",
        {
            "cramp": Uniform(1, 3),
            "plm_series": Uniform(2, 6),
            "alma": Uniform(0.6, 4),
            "hft": Uniform(0.6, 4),
            "rbd": Uniform(0.6, 4),
            "dorsiflexion": Uniform(0.6, 4),
            "standing": Uniform(0.6, 1.5),
            "tone_spell": Uniform(0.6, 3),
            "electrode_pop": Uniform(3, 10),
            "peel_off": Uniform(0.6, 2),
            "loose_contact": Uniform(0.6, 2),
            "mains_hum": Uniform(0.6, 1.5),
            "cable": Uniform(0.6, 3),
            "radio_gap": Uniform(0.6, 3),
        },
    ),
    _night(
        "dense",
        "Many cramp-like contractions, wider spread than published, among some of everything:"
        " to train on and to count misses, not to judge rates.",
        {
            "cramp": Uniform(20, 32),
            "plm_series": Uniform(1, 3),
            "alma": Uniform(0.6, 3),
            "hft": Uniform(0.6, 3),
            "rbd": Uniform(0.6, 2),
            "dorsiflexion": Uniform(2, 8),
            "standing": Uniform(0.6, 2),
            "tone_spell": Uniform(1, 4),
            "electrode_pop": Uniform(2, 8),
            "peel_off": Uniform(0.6, 2),
            "loose_contact": Uniform(0.6, 2),
            "mains_hum": Uniform(0.6, 1.5),
            "cable": Uniform(0.6, 3),
        },
        {
            "cramp.duration": LogNormal(28, 0.9, 4, 600),
            "cramp.level": LogNormal(32, 1.0, 2.5, 500),
            "cramp.start": Uniform(0.05, 0.6),
            "cramp.antagonist": Uniform(0, 0.2),
            "cramp.modulation": Uniform(0.05, 0.6),
            "cramp.wander": Uniform(0.05, 0.45),
        },
    ),
    Scenario(
        "sample",
        "The short night that is shipped.",
        0.55,
        Montage(LEFT_LEG.emg, LEFT_LEG.accelerometers, 250.0, 25.0),
        {
            "plm_series": _exactly(1),
            "cramp": _exactly(1),
            "leg_movement": _exactly(4),
            "posture_shift": _exactly(3),
            "electrode_pop": _exactly(1),
            "loose_contact": _exactly(1),
        },
        {
            "cramp.duration": Uniform(105, 130),
            "cramp.rise": LogNormal(5, 0.8, 0.8, 40),
            "cramp.start": Uniform(0.15, 0.4),
            "cramp.level": Uniform(22, 35),
            "cramp.modulation": Uniform(0.1, 0.3),
            "cramp.wander": Uniform(0.05, 0.25),
            "cramp.stretched": Uniform(0, 0.5),
            "cramp.muscle": Fixed(1.0),
            "cramp.head": Fixed(1.0),
            "cramp.short": Fixed(1.0),
            "cramp.compression": Fixed(1.0),
            "cramp.before": Fixed(1.0),
            "cramp.twitches": Fixed(1.0),
            "cramp.wait": Uniform(7, 45),
            "loose.duration": Uniform(8, 15),
            "electrode.noise": Uniform(0.7, 1.3),
            "cramp.afterwards": _exactly(0),
            "plm.count": _exactly(10),
            "plm.interval": Uniform(24, 27),
            "plm.spread": Uniform(0.05, 0.1),
            "plm.skew": Fixed(1.0),
            "shift.duration": LogNormal(9, 0.4, 5, 18),
        },
        ("cause", "level_uv", "moved", "ending", "rise_s"),
    ),
)

SCENARIOS: Mapping[str, Scenario] = MappingProxyType({night.name: night for night in _NIGHTS})
"""All scenarios by name."""


def find_scenario(name: str) -> Scenario:
    """Return the scenario called `name`.

    Raises
    ------
    CrampwatchError
        There is none.
    """
    try:
        return SCENARIOS[name]
    except KeyError:
        known = ", ".join(SCENARIOS)
        raise CrampwatchError(
            f"scenario {name!r} is not known; choose one of: {known}"
        ) from None
