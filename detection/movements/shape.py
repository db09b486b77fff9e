"""How a movement of the shin begins: at once, as a leg movement does, or slowly."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ...recording.model import Event
from ..channels.tracks import EmgTrack
from .muscle_pair import share_of

_SHORTEST_S: Final = 2.5
_CALF_SHARE: Final = 0.15
_SLOW_S: Final = 0.3
_FROM_TO: Final = (0.1, 0.7)
_MIDDLE: Final = (0.3, 0.75)
_BEFORE_S: Final = 0.6


def built_up(movement: Event, calf: EmgTrack, shin: EmgTrack) -> bool:
    """Return whether a movement of the shin is a stretch: it builds up, and the calf with it.

    A leg movement is a jerk that is at its level within a quarter of a second or so. Who
    stretches a leg takes a while to get there, calf and shin together. No standard gives
    a number for this; shorter movements are too short to tell.

    Parameters
    ----------
    movement
        On the shin.
    calf, shin
        The two muscles of its leg.
    """
    if movement.duration < _SHORTEST_S:
        return False
    if not share_of(calf, shin, [(movement.onset, movement.end)]) >= _CALF_SHARE:
        return False
    return rise_s(movement, shin) >= _SLOW_S


def rise_s(movement: Event, muscle: EmgTrack) -> float:
    """Return how long a movement takes from 10 to 70 % of the level in its middle, seconds.

    NaN where the signal cannot be trusted or is too short.
    """
    cells = muscle.cells(movement.onset - _BEFORE_S, movement.end)
    fine, resting = muscle.fine[cells], muscle.resting[cells, None]
    if not fine.size or not muscle.valid[cells].all():
        return float("nan")
    step = muscle.cell_s / fine.shape[1]
    time = (muscle.time_s[cells, None] + step * (np.arange(fine.shape[1]) + 0.5)).reshape(-1)
    level = np.asarray(fine - resting, np.float64).reshape(-1)
    low, high = (movement.onset + part * movement.duration for part in _MIDDLE)
    middle = level[(time >= low) & (time < high)]
    if not middle.size:
        return float("nan")
    foot, top = (part * float(np.median(middle)) for part in _FROM_TO)
    reached = np.flatnonzero((level >= top) & (time > movement.onset - 2 * step))
    if not reached.size:
        return float("nan")
    below = np.flatnonzero(level[: reached[0]] <= foot)
    if not below.size:
        return float("nan")
    return _crossing(time, level, int(reached[0]), top) - _crossing(
        time, level, int(below[-1]) + 1, foot
    )


def _crossing(
    time: NDArray[np.float64], level: NDArray[np.float64], at: int, wanted: float
) -> float:
    """Return when a level is passed on the way up to a value, seconds."""
    if at == 0 or not level[at] > level[at - 1]:
        return float(time[at])
    part = (level[at] - wanted) / (level[at] - level[at - 1])
    return float(time[at] - min(part, 1.0) * (time[at] - time[at - 1]))
