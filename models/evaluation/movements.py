"""Leg movements found against leg movements marked, leg by leg.

Movements of a muscle that was not recorded
-------------------------------------------
The standards score tibialis anterior, and an annotator, or a simulator, marks what that muscle
does. A band that records the calf alone cannot see it: a calf that takes part shows some of
these movements, one that rests shows none, and no detector could. To count them as misses would
judge where the band sits and not the detector; to count only those that were found would
flatter it. So they are kept out of both sides: a marked movement of a tibialis anterior
without a channel is neither marked nor missed but ``unrecorded``, a find that matches one is
neither right nor false but ``unrecorded_found``, and both numbers are told. What is found on
such a leg and matches nothing stays a false find. A mark that names no channel counts as
recorded.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...detection.agreement import match_by_overlap
from ...recording.labels import guess
from ...recording.model import Event, Stream
from .matching import meeting

LEG_MOVEMENTS = ("LM", "PLM")
LOOSE_IOU, STRICT_IOU = 0.2, 0.5
BOTH = "both"
_SHIN = "TA"


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
    unrecorded, unrecorded_found
        Marked movements of a muscle that was not recorded, and finds that match one; neither
        is in any number above.
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
    unrecorded: int = 0
    unrecorded_found: int = 0


def legs_without_shin(streams: Sequence[Stream]) -> frozenset[str]:
    """Return the legs of which muscles are recorded, but no tibialis anterior.

    A leg with a signal of an unknown muscle is not among them.
    """
    muscles: dict[str, set[str | None]] = {}
    for stream in streams:
        if stream.kind == "emg" and stream.side is not None:
            muscles.setdefault(stream.side, set()).add(stream.placement)
    return frozenset(side for side, own in muscles.items() if not own & {_SHIN, None})


def count_movements(
    truth: Sequence[Event], found: Sequence[Event], no_shin: Collection[str] = ()
) -> Mapping[str, MovementCounts]:
    """Return the counts of each leg.

    Where a leg movement of either list is of both legs or of an unknown one, all are taken
    together under ``both``.

    Parameters
    ----------
    truth, found
        All events of the night; others than leg movements explain the extra ones.
    no_shin
        Legs whose tibialis anterior was not recorded, see `legs_without_shin`.
    """
    moves = [event for event in (*truth, *found) if event.trial_type in LEG_MOVEMENTS]
    sides = {str(event.side) for event in moves}
    if not moves:
        return {}
    if sides <= {"left", "right"}:
        return {
            side: _count(
                [e for e in truth if _of(e, side)], [e for e in found if _of(e, side)], no_shin
            )
            for side in sorted(sides)
        }
    return {BOTH: _count(truth, found, no_shin)}


def _of(event: Event, side: str) -> bool:
    return event.side in (side, "both", None)


def _count(
    truth: Sequence[Event], found: Sequence[Event], no_shin: Collection[str]
) -> MovementCounts:
    marked = [event for event in truth if event.trial_type in LEG_MOVEMENTS]
    ours = [event for event in marked if not _is_unrecorded(event, no_shin)]
    unseen = [event for event in marked if _is_unrecorded(event, no_shin)]
    theirs, beyond = _without(
        [event for event in found if event.trial_type in LEG_MOVEMENTS], ours, unseen
    )
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
        unrecorded=len(unseen),
        unrecorded_found=beyond,
    )


def _is_unrecorded(event: Event, no_shin: Collection[str]) -> bool:
    if event.side not in no_shin or event.channel is None:
        return False
    return guess(event.channel).placement == _SHIN


def _without(
    found: list[Event], ours: Sequence[Event], unseen: Sequence[Event]
) -> tuple[list[Event], int]:
    """Return the finds but those that match an unrecorded movement only, and their number."""
    if not unseen:
        return found, 0
    taken = set(match_by_overlap(_spans(ours), _spans(found), LOOSE_IOU)[:, 1].tolist())
    free = [number for number in range(len(found)) if number not in taken]
    spans = _spans([found[number] for number in free])
    beyond = {free[at] for at in match_by_overlap(_spans(unseen), spans, LOOSE_IOU)[:, 1]}
    return [event for number, event in enumerate(found) if number not in beyond], len(beyond)


def _spans(events: Sequence[Event]) -> NDArray[np.float64]:
    rows = [(event.onset, event.end) for event in events]
    return np.array(rows, np.float64).reshape(-1, 2)
