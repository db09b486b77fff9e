"""Which found contraction is which true one.

A found contraction can stand for a true one of the same leg if they overlap well
(intersection over union of at least `MIN_IOU`), or if it begins within the true one and
covers at least `MIN_COVER` of it: a cramp leaves tone behind, so that a right find of a short
one may last several times as long. Pairs are one to one: as many as possible, then as many as
possible named ``cramp``, then the largest overlap.

What is left over is told apart: a find that overlaps a true contraction of its leg (a second
fragment, a mere touch), or one that the annotator was in doubt about, is neither a hit nor a
false alarm and is counted on its own; all others are false alarms.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...recording.model import Event

MIN_IOU = 0.2
MIN_COVER = 0.2
CRAMP = "cramp"
POSSIBLE = "possible_cramp"
NAMES = (CRAMP, POSSIBLE)
"""What a detector calls a cramp-like contraction, the surer name first."""

_SLACK = 1e-9
_MOST_CELLS = 1 << 20


@dataclass(frozen=True, slots=True)
class Matching:
    """Found contractions put beside true ones.

    Attributes
    ----------
    hits
        For each true contraction the position of its find, or None.
    touching
        Positions of finds that overlap a true or doubtful contraction without being its hit.
    false
        Positions of the other finds.
    """

    hits: tuple[int | None, ...]
    touching: tuple[int, ...]
    false: tuple[int, ...]


def match_cramps(
    truth: Sequence[Event], found: Sequence[Event], doubtful: Sequence[Event] = ()
) -> Matching:
    """Pair true contractions with found ones.

    Parameters
    ----------
    truth
        True cramp-like contractions.
    found
        What the detector named; ``cramp`` goes before any other name.
    doubtful
        Marks that are neither true nor false: finds that overlap them are not judged.

    Returns
    -------
    Matching
        The same for any order of the events.
    """
    pairs = _assign(truth, found)
    hits = tuple(pairs.get(number) for number in range(len(truth)))
    left = [number for number in range(len(found)) if number not in set(pairs.values())]
    near = meeting([found[number] for number in left], [*truth, *doubtful])
    return Matching(
        hits,
        tuple(number for number, touches in zip(left, near, strict=True) if touches),
        tuple(number for number, touches in zip(left, near, strict=True) if not touches),
    )


def can_be(truth: Sequence[Event], found: Sequence[Event]) -> NDArray[np.bool_]:
    """Return which find can stand for which true contraction, shape ``(n_true, n_found)``."""
    common, union, length = _measures(truth, found)
    begins = _onsets(found)[None, :]
    within = (begins >= _onsets(truth)[:, None]) & (begins < _ends(truth)[:, None])
    overlap = (common > 0) & (common >= MIN_IOU * union - _SLACK)
    begun = within & (common > 0) & (common >= MIN_COVER * length - _SLACK)
    return np.asarray(_same_leg(truth, found) & (overlap | begun))


def meeting(events: Sequence[Event], others: Sequence[Event]) -> NDArray[np.bool_]:
    """Return which events overlap any of the others on the same leg, shape ``(n_events,)``."""
    found = np.zeros(len(events), bool)
    for part in _parts(events, others):
        common, _, _ = _measures(events[part], others)
        found[part] = ((common > 0) & _same_leg(events[part], others)).any(axis=1)
    return found


def overlap_over_union(events: Sequence[Event], others: Sequence[Event]) -> NDArray[np.float64]:
    """Return intersection over union, 0 across legs, shape ``(n_events, n_others)``."""
    common, union, _ = _measures(events, others)
    iou = np.divide(common, union, out=np.zeros_like(common), where=union > 0)
    return np.where(_same_leg(events, others), iou, 0.0)


def covered_share(events: Sequence[Event], others: Sequence[Event]) -> NDArray[np.float64]:
    """Return the largest share of each event that one of the others covers, 0 to 1."""
    found = np.zeros(len(events))
    for part in _parts(events, others):
        common, _, length = _measures(events[part], others)
        share = np.divide(common, length, out=np.zeros_like(common), where=length > 0)
        same = _same_leg(events[part], others)
        found[part] = np.where(same, share, 0.0).max(axis=1, initial=0.0)
    return found


def _parts(events: Sequence[Event], others: Sequence[Event]) -> Iterator[slice]:
    """Yield stretches of the events that leave a table with the others small."""
    size = max(1, _MOST_CELLS // max(1, len(others)))
    for first in range(0, len(events), size):
        yield slice(first, first + size)


def _assign(truth: Sequence[Event], found: Sequence[Event]) -> dict[int, int]:
    if not truth or not found:
        return {}
    from scipy.optimize import linear_sum_assignment

    # in an order of their own, so that equal merits are not settled by the order given
    rows = sorted(range(len(truth)), key=lambda n: _rank(truth[n]))
    columns = sorted(range(len(found)), key=lambda n: _rank(found[n]))
    ours, theirs = [truth[n] for n in rows], [found[n] for n in columns]
    possible = can_be(ours, theirs)
    most = min(len(ours), len(theirs)) + 1.0
    named = np.array([event.trial_type == CRAMP for event in theirs], np.float64)
    merit = most * most + most * named[None, :] + overlap_over_union(ours, theirs)
    best_row, best_column = linear_sum_assignment(np.where(possible, merit, 0.0), maximize=True)
    return {
        rows[r]: columns[c]
        for r, c in zip(best_row.tolist(), best_column.tolist(), strict=True)
        if possible[r, c]
    }


def _rank(event: Event) -> tuple[float, float, str, str, str]:
    return (
        event.onset,
        event.duration,
        event.trial_type,
        event.side or "",
        event.channel or "",
    )


def _measures(
    one: Sequence[Event], other: Sequence[Event]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return shared time, union and length of the first, each ``(n_one, n_other)``, s."""
    a, b = _onsets(one)[:, None], _ends(one)[:, None]
    c, d = _onsets(other)[None, :], _ends(other)[None, :]
    common = np.clip(np.minimum(b, d) - np.maximum(a, c), 0.0, None)
    union = np.maximum(b, d) - np.minimum(a, c)
    return common, union, np.broadcast_to(b - a, common.shape)


def _same_leg(one: Sequence[Event], other: Sequence[Event]) -> NDArray[np.bool_]:
    """Return which are of one leg; of both or of an unknown one fits either."""
    ours = np.array([_leg(event) for event in one], np.int64)[:, None]
    theirs = np.array([_leg(event) for event in other], np.int64)[None, :]
    return np.asarray((ours == theirs) | (ours == 0) | (theirs == 0))


def _leg(event: Event) -> int:
    return {"left": 1, "right": 2}.get(event.side or "", 0)


def _onsets(events: Sequence[Event]) -> NDArray[np.float64]:
    return np.array([event.onset for event in events], np.float64)


def _ends(events: Sequence[Event]) -> NDArray[np.float64]:
    return np.array([event.end for event in events], np.float64)
