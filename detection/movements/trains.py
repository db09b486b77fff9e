"""Trains of bursts on one leg that keep a beat, whatever its rate.

The rules of the AASM name a rhythm only where its rate and its bursts lie within their limits.
What beats faster, or in shorter bursts, has no name there, but it is no leg movement either: on
the envelope its beats run into each other and look like one.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ...recording.model import Event
from ..plm.movements import LEFT, RIGHT, SIDE_NAMES, Movements
from .motor_events import spread_of

TRAIN: Final = "train"
SPREAD: Final = 0.3
"""SD of the intervals of a long rhythm, over their mean, beyond which it keeps no beat."""

_LONGEST_S: Final = 1.0
_APART_S: Final = (0.1, 3.5)
_FEWEST: Final = 5
# A beat that differs more from the one before ends a stretch of the train.
_UNEVEN: Final = 0.35
# One burst that was missed, or was seen as two, tears no train.
_TORN: Final = 2.6


def find_trains(bursts: Movements) -> tuple[Event, ...]:
    """Return the trains of each leg, from the first onset to the last end.

    A train is five bursts or more of up to a second, less than three and a half seconds
    apart, as even as `spread_of` asks.

    Parameters
    ----------
    bursts
        EMG bursts on each leg, unmerged.

    Returns
    -------
    tuple of Event
        In order of time, with the number of ``bursts`` and their median ``rate_hz``; their
        ``trial_type`` is that of no row.
    """
    found: list[Event] = []
    for leg in (LEFT, RIGHT):
        own = bursts.side == leg
        found += _joined(_of_leg(bursts.onset[own], bursts.end[own], SIDE_NAMES[leg]))
    return tuple(sorted(found, key=lambda event: (event.onset, event.side or "")))


def _of_leg(
    onset: NDArray[np.float64], end: NDArray[np.float64], side: str | None
) -> list[Event]:
    if onset.size < _FEWEST:
        return []
    short = end - onset <= _LONGEST_S
    step = np.diff(onset)
    linked = short[1:] & short[:-1] & (step >= _APART_S[0]) & (step <= _APART_S[1])
    with np.errstate(divide="ignore"):
        change = np.abs(np.log(step[1:] / step[:-1]))
    even = np.concatenate([[True], change <= np.log1p(_UNEVEN)]) if step.size else linked
    trains = []
    first = 0
    for at in range(1, onset.size + 1):
        inside = at < onset.size and linked[at - 1] and (at - first == 1 or even[at - 1])
        if inside:
            continue
        trains += _train(onset, end, first, at, side)
        # The interval that ended one stretch may begin the next.
        torn = at < onset.size and linked[at - 1]
        first = at - 1 if torn else at
    return trains


def _train(
    onset: NDArray[np.float64],
    end: NDArray[np.float64],
    first: int,
    stop: int,
    side: str | None,
) -> list[Event]:
    count = stop - first
    if count < _FEWEST:
        return []
    step = np.diff(onset[first:stop])
    if step.std() > spread_of(SPREAD, count) * step.mean():
        return []
    last = float(end[first:stop].max())
    rate = round(1.0 / float(np.median(step)), 6)
    extra = {"bursts": count, "rate_hz": rate}
    start = float(onset[first])
    return [Event(start, last - start, TRAIN, side, None, None, extra)]


def _joined(trains: list[Event]) -> list[Event]:
    """Join what one misjudged burst has torn apart."""
    found: list[Event] = trains[:1]
    for before, after in pairwise(trains):
        rates = [float(train.extra["rate_hz"]) for train in (before, after)]
        alike = max(rates) <= (1.0 + _UNEVEN) * min(rates)
        if not alike or after.onset - before.end > _TORN / min(rates):
            found.append(after)
            continue
        last = found[-1]
        bursts = last.extra["bursts"] + after.extra["bursts"]
        extra = {"bursts": bursts, "rate_hz": after.extra["rate_hz"]}
        found[-1] = Event(
            last.onset, after.end - last.onset, TRAIN, last.side, None, None, extra
        )
    return found
