"""The heart in the EMG of a leg: brief bursts that keep step with a beat."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..plm.movements import LEFT, RIGHT, SIDE_NAMES, Movements
from .motor_events import is_brief, take

_BEAT_S: Final = (0.4, 1.6)
_REACH_S: Final = 8.0
_WINDOW_S: Final = 1200.0
_MOST_TIMES: Final = 300


def without_heartbeat(bursts: Movements) -> tuple[Movements, Mapping[str, float]]:
    """Leave out stretches in which the brief bursts of a leg keep step with a pulse.

    The heart shows in the EMG of a leg, sometimes in single beats only. In each twenty
    minutes the times between neighbouring bursts (up to 8 s) are held against every beat of
    0.4 to 1.6 s: where they are multiples of one, all brief bursts of that stretch are left
    out. Myoclonus and fasciculations are irregular.

    Returns
    -------
    bursts
        What is left.
    minutes
        Minutes left out, by leg.
    """
    pulse = np.zeros(len(bursts), dtype=bool)
    minutes = dict.fromkeys(("left", "right"), 0.0)
    window = np.floor(bursts.onset / _WINDOW_S)
    for leg in (LEFT, RIGHT):
        own = (bursts.side == leg) & is_brief(bursts)
        for number in np.unique(window[own]):
            here = own & (window == number)
            if _keeps_step(bursts.onset[here]):
                pulse |= here
                minutes[str(SIDE_NAMES[leg])] += _WINDOW_S / 60.0
    return take(bursts, ~pulse), minutes


def _keeps_step(onset: NDArray[np.float64]) -> bool:
    """Return whether the times between neighbours are multiples of one beat.

    The length R of the mean phase of n irregular times exceeds r with a chance of
    exp(-n r^2) (Rayleigh); a few dozen beats can be told apart.
    """
    apart = np.concatenate([onset[k:] - onset[:-k] for k in (1, 2, 3)])
    apart = apart[(apart >= _BEAT_S[0]) & (apart <= _REACH_S)][:_MOST_TIMES]
    if not apart.size:
        return False
    beats = np.geomspace(*_BEAT_S, 140)
    phase = 2.0 * np.pi * apart / beats[:, None]
    length = np.hypot(np.cos(phase).mean(axis=1), np.sin(phase).mean(axis=1)).max()
    return bool(length > 0.6 and apart.size * length**2 > 9.0)
