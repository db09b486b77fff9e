"""Which band felt a tap, and how far the clocks of two bands lie apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ....recording.clock import NoTap, TapMatch, find_taps, match_taps
from .heard import Signal

FEELS_HZ = 25.0
"""A slower accelerometer feels no tap."""

TIMES_HZ = 40.0
"""A slower one does not tell when: at 25 Hz, simulated taps gave offsets wrong by 31 ms."""

LEAST_FELT = 2
STRONGER = 2.0
"""The band that was tapped feels it so many times as strongly as any other."""


@dataclass(frozen=True, slots=True)
class Felt:
    """What one band felt.

    Attributes
    ----------
    taps
        Number of taps.
    sharpness
        Strongest jerk, in the unit of the accelerometer a second.
    """

    taps: int
    sharpness: float


def felt(signal: Signal | None) -> Felt:
    """Return the taps in the signal of an accelerometer."""
    if signal is None or len(signal.values) < 2:
        return Felt(0, 0.0)
    jerk = np.linalg.norm(np.diff(signal.values, axis=0), axis=1) * signal.spec.rate_hz
    return Felt(len(find_taps(signal.times_s, signal.values)), float(jerk.max()))


def feeler(found: Mapping[str, Felt], named: str) -> str | None:
    """Return the band that was tapped, None where none clearly was.

    Parameters
    ----------
    found
        What each band felt.
    named
        The band that was to be tapped; a weaker tap that another one felt too is its own.
    """
    able = {name: one for name, one in found.items() if one.taps >= LEAST_FELT}
    if not able:
        return None
    best = max(able, key=lambda name: able[name].sharpness)
    if best == named:
        return named
    own = found[named].sharpness if named in found else 0.0
    if able[best].sharpness >= STRONGER * own:
        return best
    return named if named in able else None


def between(first: Signal | None, second: Signal | None) -> TapMatch | NoTap:
    """Return how much later the second band's clock lies, by taps that both felt."""
    if first is None or second is None:
        return NoTap("no acceleration came")
    return match_taps(
        find_taps(first.times_s, first.values), find_taps(second.times_s, second.values)
    )
