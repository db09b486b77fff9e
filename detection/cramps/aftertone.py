"""What a contraction leaves behind is no second one.

Calf EMG stayed near twice its rest after painful waking (Chaney and Sherman), and comes and
goes while it settles.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ...recording.model import Event

SETTLES_S = 60.0
"""What begins within this time after the end of a contraction may belong to it."""

_OVERLAP_S = 2.0

Floats = NDArray[np.float64]


def without_aftertone(cramps: Sequence[Event]) -> list[Event]:
    """Return the named contractions without those that an earlier one left behind.

    Parameters
    ----------
    cramps
        Named contractions with a column ``ratio``, at most one of each leg at a time.
    """
    left: set[int] = set()
    for side in {event.side for event in cramps}:
        own = [number for number, event in enumerate(cramps) if event.side == side]
        belongs = is_aftertone(
            np.array([cramps[n].onset for n in own]),
            np.array([cramps[n].end for n in own]),
            np.array([float(cramps[n].extra["ratio"]) for n in own]),
        )
        left |= {number for number, one in zip(own, belongs, strict=True) if one}
    return [event for number, event in enumerate(cramps) if number not in left]


def is_aftertone(onset_s: Floats, end_s: Floats, ratio: Floats) -> NDArray[np.bool_]:
    """Return which contractions of one leg an earlier one left behind, shape ``(n,)``.

    It begins within a minute of the end of the earlier one and stays below it. What was left
    behind may leave something behind itself.

    Parameters
    ----------
    onset_s, end_s
        Seconds, shape ``(n,)``, in any order.
    ratio
        Level over rest, shape ``(n,)``.
    """
    return np.asarray(aftertone_of(onset_s, end_s, ratio).any(axis=1))


def aftertone_of(onset_s: Floats, end_s: Floats, ratio: Floats) -> NDArray[np.bool_]:
    """Return whether the second left behind the first of each pair, shape ``(n, n)``."""
    since = onset_s[:, None] - end_s[None, :]
    return np.asarray(
        (onset_s[:, None] > onset_s[None, :])
        & (since >= -_OVERLAP_S)
        & (since <= SETTLES_S)
        & (ratio[:, None] < ratio[None, :])
    )
