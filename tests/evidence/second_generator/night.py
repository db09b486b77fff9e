"""Nights by kind: how often what happens."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

from crampwatch.recording.model import Event, Night

from . import acts, faults
from .body import Body, a_leg
from .cramps import cluster, cramp
from .marred import marred
from .render import acceleration, emg
from .sensors import Montage, draw_montage

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
    name: getattr(faults, name)
    for name in (
        "noise_step", "impedance_drift", "pop", "peel_off", "contact_noise", "sweat",
        "mains_bout", "heart", "clipping", "radio_gap", "partner",
    )
}  # fmt: skip


@dataclass(frozen=True)
class _Plan:
    """How many of each act in an hour, and of each fault in a night of four hours."""

    acts: Mapping[str, float]
    faults: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))


_LIGHT = {"pop": 2.0, "sweat": 1.0, "partner": 3.0, "heart": 0.2, "mains_bout": 0.5,
          "radio_gap": 0.5, "impedance_drift": 0.2}  # fmt: skip

_PLANS = {
    "cramps": _Plan({"cramp": 2.0, "cluster": 0.4, "posture": 2.0, "movement": 4.0}, _LIGHT),
    "quiet": _Plan({"posture": 1.5, "movement": 3.0, "twitches": 0.5, "tone": 0.5}, _LIGHT),
    "restless": _Plan({"posture": 10.0, "stretch": 3.0, "movement": 15.0, "rub": 2.0,
                       "twitches": 1.0, "tremor": 1.0, "tone": 0.5}, _LIGHT),
    "walking": _Plan({"walk": 2.0, "stand": 2.0, "posture": 3.0, "movement": 3.0}, _LIGHT),
    "plm": _Plan({"series": 2.0, "tremor": 2.0, "posture": 2.0, "twitches": 0.5}, _LIGHT),
    "artefacts": _Plan({"posture": 3.0, "movement": 4.0},
                       {"pop": 20.0, "peel_off": 2.0, "contact_noise": 15.0, "sweat": 4.0,
                        "mains_bout": 6.0, "heart": 1.5, "clipping": 5.0, "radio_gap": 6.0,
                        "partner": 12.0, "impedance_drift": 0.7}),
    "noise_steps": _Plan({"posture": 2.0, "movement": 3.0},
                         {"noise_step": 16.0, "impedance_drift": 1.0, "partner": 2.0}),
    "voluntary": _Plan({"voluntary": 10.0, "stretch": 3.0, "stand": 0.5, "posture": 2.0,
                        "movement": 3.0}, _LIGHT),
    "mixed": _Plan({"cramp": 0.8, "cluster": 0.1, "posture": 4.0, "movement": 6.0,
                    "series": 0.5, "stretch": 1.0, "walk": 0.3, "stand": 0.3, "voluntary": 1.0,
                    "rub": 0.5, "tremor": 0.5, "twitches": 0.5, "tone": 0.3},
                   {**_LIGHT, "noise_step": 1.5, "contact_noise": 2.0, "peel_off": 0.3,
                    "clipping": 0.5}),
}  # fmt: skip

KINDS = tuple(_PLANS)


def second_night(
    kind: str, seed: int, hours: float = 4.0, montage: Montage | None = None
) -> tuple[Night, tuple[Event, ...]]:
    """Return a SIMULATED night and what was put into it.

    Parameters
    ----------
    kind
        One of `KINDS`.
    seed
        Same kind, seed, length and montage: same samples.
    hours
        Length of the night, at least a quarter of an hour.
    montage
        What is worn; drawn by the seed where it is not given.

    Returns
    -------
    night
        Streams of raw integers; no events of its own.
    truth
        Sorted by onset, within the night, only what concerns a leg that wears a sensor.
        ``cramp`` spans the time in which the calf's level is 1.3 times its rest or more;
        ``extra["cause"]`` says what every row is, and a cramp's
        ``extra["marred"]`` names the faults that lie over half of it or more.

    Raises
    ------
    ValueError
        If the kind is not known or the night too short.
    """
    if kind not in _PLANS:
        raise ValueError(f"no nights of kind {kind!r}; one of {', '.join(KINDS)}")
    if hours < 0.25:
        raise ValueError(f"a night of {hours} h is too short; from 0.25 h")
    rng = np.random.default_rng([zlib.crc32(kind.encode()), seed])
    drawn = draw_montage(rng)
    body = Body(rng, hours * 3600.0, montage or drawn)
    _fill(body, _PLANS[kind])
    worn = body.montage
    streams = [emg(body, channel) for channel in worn.channels]
    if worn.accelerometer is not None:
        streams += [acceleration(body, side, worn.accelerometer) for side in worn.sides]
    night = Night(
        streams=tuple(streams),
        format="simulated",
        devices=(f"SIMULATED {worn}",),
        notes=(f"SIMULATED by the second generator: kind {kind}, seed {seed}.",),
    )
    return night, marred(sorted(body.truth, key=lambda event: (event.onset, event.end)))


def _fill(body: Body, plan: _Plan) -> None:
    rng = body.rng
    hours = body.seconds / 3600.0
    names = [n for n, rate in plan.acts.items() for _ in range(_count(rng, rate * hours))]
    rng.shuffle(names)
    at = rng.uniform(120.0, min(600.0, 0.15 * body.seconds))
    mean = max(15.0, 0.75 * (body.seconds - at) / (len(names) + 1) - 20.0)
    for name in names:
        if at > body.seconds - 60.0:
            break
        at = _ACTS[name](body, at) + 5.0 + rng.exponential(mean)
    for name, number in plan.faults.items():
        for _ in range(_count(rng, number * hours / 4.0)):
            _FAULTS[name](body, float(rng.uniform(60.0, body.seconds - 60.0)))


def _count(rng: np.random.Generator, expected: float) -> int:
    """Return how many; what belongs to the kind happens at least once."""
    return max(int(rng.poisson(expected)), int(expected >= 1.0))
