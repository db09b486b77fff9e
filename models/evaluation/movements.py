"""Leg movements found against leg movements marked, leg by leg."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...detection.agreement import match_by_overlap
from ...recording.model import Event
from .matching import meeting

LEG_MOVEMENTS = ("LM", "PLM")
LOOSE_IOU, STRICT_IOU = 0.2, 0.5
BOTH = "both"


@dataclass(frozen=True, slots=True)
class MovementCounts:
    """Leg movements (``LM`` and ``PLM``) of one leg.

    Attributes
    ----------
    marked, found
        Number in the truth, and found.
    matched, matched_half
        Pairs, one to one, of intersection over union of at least 0.2, and of 0.5.
    fragments
        Finds without a partner that overlap a true large movement.
    in_cramps
        Other finds without a partner that overlap a true cramp-like contraction.
    series_marked, series_found, series_matched
        The same for movements in series (``PLM``) alone, at 0.2.
    """

    marked: int
    found: int
    matched: int
    matched_half: int
    fragments: int
    in_cramps: int
    series_marked: int
    series_found: int
    series_matched: int


def count_movements(
    truth: Sequence[Event], found: Sequence[Event]
) -> Mapping[str, MovementCounts]:
    """Return the counts of each leg.

    Where a leg movement of either list is of both legs or of an unknown one, all are taken
    together under ``both``.

    Parameters
    ----------
    truth, found
        All events of the night; others than leg movements explain the extra ones.
    """
    moves = [event for event in (*truth, *found) if event.trial_type in LEG_MOVEMENTS]
    sides = {str(event.side) for event in moves}
    if not moves:
        return {}
    if sides <= {"left", "right"}:
        return {
            side: _count([e for e in truth if _of(e, side)], [e for e in found if _of(e, side)])
            for side in sorted(sides)
        }
    return {BOTH: _count(truth, found)}


def _of(event: Event, side: str) -> bool:
    return event.side in (side, "both", None)


def _count(truth: Sequence[Event], found: Sequence[Event]) -> MovementCounts:
    ours = [event for event in truth if event.trial_type in LEG_MOVEMENTS]
    theirs = [event for event in found if event.trial_type in LEG_MOVEMENTS]
    pairs = match_by_overlap(_spans(ours), _spans(theirs), LOOSE_IOU)
    half = match_by_overlap(_spans(ours), _spans(theirs), STRICT_IOU)
    taken = set(pairs[:, 1].tolist())
    extra = [event for number, event in enumerate(theirs) if number not in taken]
    large = meeting(extra, [e for e in truth if e.trial_type == "large_movement"])
    cramp = meeting(extra, [e for e in truth if e.trial_type == "cramp"])
    ours_series, theirs_series = (
        _spans([event for event in events if event.trial_type == "PLM"])
        for events in (ours, theirs)
    )
    return MovementCounts(
        marked=len(ours),
        found=len(theirs),
        matched=len(pairs),
        matched_half=len(half),
        fragments=int(large.sum()),
        in_cramps=int((cramp & ~large).sum()),
        series_marked=len(ours_series),
        series_found=len(theirs_series),
        series_matched=len(match_by_overlap(ours_series, theirs_series, LOOSE_IOU)),
    )


def _spans(events: Sequence[Event]) -> NDArray[np.float64]:
    rows = [(event.onset, event.end) for event in events]
    return np.array(rows, np.float64).reshape(-1, 2)
