"""A night of the second simulator, and what was put into it."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np

from ...recording.errors import CrampwatchError
from ...recording.model import Event, Night
from . import kinds
from .body import Body
from .marred import marred
from .render import acceleration, emg
from .sensors import Montage, draw_montage

KINDS = tuple(kinds.KINDS)
"""Names of the kinds of nights."""

HELD_OUT_FROM = 1000
"""Nights of this seed and above are kept for tests; nothing is trained on them."""

_LEAST_H, _MOST_H = 0.25, 12.0


@dataclass(frozen=True, slots=True)
class SecondPlan:
    """What a night is going to hold, known before any sample is computed.

    Attributes
    ----------
    montage
        What is worn.
    truth
        As `second_night` returns it.
    """

    montage: Montage
    truth: tuple[Event, ...]


def second_night(
    kind: str, seed: int, hours: float = 4.0, montage: Montage | None = None
) -> tuple[Night, tuple[Event, ...]]:
    """Return a SIMULATED night and what was put into it.

    The samples are computed at once and held in memory: 4 bytes each from an amplifier of 24
    bits, 2 from all others.

    Parameters
    ----------
    kind
        One of `KINDS`.
    seed
        Same kind, seed, length and montage: same samples. From `HELD_OUT_FROM` on a seed is
        kept for tests.
    hours
        Length of the night, from a quarter of an hour to twelve.
    montage
        What is worn; drawn by the seed where it is not given.

    Returns
    -------
    night : Night
        Streams of raw integers; no events of its own.
    truth : tuple of Event
        Sorted by onset, within the night, only what concerns a leg that wears a sensor.
        ``cramp`` spans the time in which the calf's level is 1.3 times its rest or more;
        ``extra["cause"]`` says what every row is, and a cramp's ``extra["marred"]`` names
        the faults that lie over half of it or more.

    Raises
    ------
    CrampwatchError
        The kind is not known, the seed is negative, or the night too short or too long.
    """
    body = _lived(kind, seed, hours, montage)
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
    return night, _truth(body)


def second_plan(
    kind: str, seed: int, hours: float = 4.0, montage: Montage | None = None
) -> SecondPlan:
    """Return what `second_night` is going to hold, without computing its samples.

    Parameters
    ----------
    kind, seed, hours, montage
        As of `second_night`.

    Raises
    ------
    CrampwatchError
        As `second_night` does.
    """
    body = _lived(kind, seed, hours, montage)
    return SecondPlan(body.montage, _truth(body))


def about(kind: str) -> str:
    """Return one sentence on a kind of nights.

    Raises
    ------
    CrampwatchError
        The kind is not known.
    """
    return _find(kind).about


def _lived(kind: str, seed: int, hours: float, montage: Montage | None) -> Body:
    """Return the body after all that happens to it in the night."""
    recipe = _find(kind)
    if seed < 0:
        raise CrampwatchError(f"seed {seed} is negative: take 0 or more")
    if not _LEAST_H <= hours <= _MOST_H:
        raise CrampwatchError(
            f"a night of {hours:g} h cannot be simulated: take {_LEAST_H:g} to {_MOST_H:g} h"
        )
    rng = np.random.default_rng([zlib.crc32(kind.encode()), seed])
    drawn = draw_montage(rng)
    body = Body(rng, hours * 3600.0, montage or drawn)
    kinds.happen(body, recipe)
    return body


def _truth(body: Body) -> tuple[Event, ...]:
    return marred(sorted(body.truth, key=lambda event: (event.onset, event.end)))


def _find(kind: str) -> kinds.Kind:
    try:
        return kinds.KINDS[kind]
    except KeyError:
        known = ", ".join(KINDS)
        raise CrampwatchError(
            f"nights of kind {kind[:80]!r} are not known; choose of: {known}"
        ) from None
