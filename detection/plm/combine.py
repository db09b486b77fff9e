"""From marks on each leg to combined movements, and which of those are candidates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .movements import BOTH, LEFT, RIGHT, SIDE_NAMES, Movements
from .rules import TIME_TOLERANCE_S, Rules

_LONGEST_BOTH_S = 15.0


@dataclass(frozen=True, slots=True, eq=False)
class Combined:
    """Combined movements, sorted by onset.

    Attributes
    ----------
    onset, end
        From the first onset to the last offset, seconds, shape ``(n,)``, float64.
    side
        Side codes, shape ``(n,)``, int8.
    members
        Number of one-leg movements in each, shape ``(n,)``, int64.
    candidate
        Whether it may be part of a series, shape ``(n,)``, bool.
    barriers
        Onset and end of what breaks a series without being a leg movement of the rule
        set, shape ``(m, 2)``, float64.
    """

    onset: NDArray[np.float64]
    end: NDArray[np.float64]
    side: NDArray[np.int8]
    members: NDArray[np.int64]
    candidate: NDArray[np.bool_]
    barriers: NDArray[np.float64]


def combine(movements: Movements, rules: Rules) -> Combined:
    """Join pieces on each leg, combine the legs, and name the candidates.

    WASM: a candidate lasts up to 10 s on one leg; combined, up to 15 s with at most four
    members and none of them over 10 s. What is longer stays in the list and interrupts.
    AASM: what is longer than 10 s is not a leg movement and leaves the list; a cramp is kept
    as a barrier.
    """
    pieces = join_per_leg(movements, rules)
    if rules.long_movement == "interrupts":
        return _judge(pieces, _groups(pieces, rules), rules)
    barriers = np.column_stack((pieces.onset, pieces.end))[pieces.cramp]
    keep = ~pieces.cramp
    if rules.duration_judged == "per_leg":
        keep &= ~_too_long(pieces, rules)
    pieces = _take(pieces, keep)
    combined = _judge(pieces, _groups(pieces, rules), rules, barriers)
    if rules.duration_judged == "per_leg":
        return combined
    short = _at_most(combined.end - combined.onset + rules.duration_slack, rules.max_duration)
    return Combined(
        combined.onset[short],
        combined.end[short],
        combined.side[short],
        combined.members[short],
        combined.candidate[short],
        barriers,
    )


def join_per_leg(movements: Movements, rules: Rules) -> Movements:
    """Make pieces on one leg that lie close together one movement, and drop short ones."""
    if rules.min_duration_step == "before":
        movements = _long_enough(movements, rules)
    if rules.same_leg_join is not None:
        legs = [movements.side == leg for leg in range(len(SIDE_NAMES))]
        joined = [_join(_take(movements, leg), rules.same_leg_join) for leg in legs]
        movements = _concatenate(joined)
    return _long_enough(movements, rules)


def _groups(pieces: Movements, rules: Rules) -> NDArray[np.int64]:
    """Return the number of the combined movement that each piece belongs to."""
    alone = np.arange(len(pieces), dtype=np.int64)
    if len(pieces) == 0 or (
        not rules.combine_when_one_leg and np.unique(pieces.side).size == 1
    ):
        return alone
    if rules.combine_measure == "onset_to_onset":
        return _groups_by_onset(pieces, rules)
    if rules.combine_scope == "left_right_pairs":
        return _groups_by_pairs(pieces, rules)
    latest = np.maximum.accumulate(pieces.end)[:-1]
    starts = ~_within(pieces.onset[1:] - latest, rules)
    return np.concatenate(([0], np.cumsum(starts)))


def _groups_by_pairs(pieces: Movements, rules: Rules) -> NDArray[np.int64]:
    """Combine only across legs: a piece joins where the other leg's last piece is near."""
    group = np.zeros(len(pieces), dtype=np.int64)
    last_end = {int(pieces.side[0]): float(pieces.end[0])}
    for i in range(1, len(pieces)):
        leg, onset = int(pieces.side[i]), pieces.onset[i]
        others = [end for side, end in last_end.items() if side != leg]
        if others and _within(onset - max(others), rules):
            group[i] = group[i - 1]
            last_end[leg] = max(float(pieces.end[i]), last_end.get(leg, -np.inf))
        else:
            group[i] = group[i - 1] + 1
            last_end = {leg: float(pieces.end[i])}
    return group


def _groups_by_onset(pieces: Movements, rules: Rules) -> NDArray[np.int64]:
    """Combine left and right by their onsets.

    Measured from the first onset, a piece joins if it is on another leg than one that
    started first; from piece to piece, if the other leg's latest onset is near.
    """
    group = np.zeros(len(pieces), dtype=np.int64)
    first = float(pieces.onset[0])
    near = {int(pieces.side[0]): first}
    for i in range(1, len(pieces)):
        leg, onset = int(pieces.side[i]), float(pieces.onset[i])
        other = near.get({LEFT: RIGHT, RIGHT: LEFT}.get(leg, -1))
        if other is not None and _within(onset - other, rules):
            group[i] = group[i - 1]
            if rules.combine_from == "piece_to_piece" or onset - first <= TIME_TOLERANCE_S:
                near[leg] = onset
        else:
            group[i] = group[i - 1] + 1
            first, near = onset, {leg: onset}
    return group


def _judge(
    pieces: Movements,
    group: NDArray[np.int64],
    rules: Rules,
    barriers: NDArray[np.float64] | None = None,
) -> Combined:
    """Merge the pieces of each group and say which may be part of a series."""
    barriers = np.empty((0, 2)) if barriers is None else barriers
    if len(pieces) == 0:
        none = np.empty(0)
        return Combined(
            none, none, none.astype(np.int8), none.astype(np.int64), none.astype(bool), barriers
        )
    first = np.flatnonzero(np.diff(group, prepend=-1))
    onset = pieces.onset[first]
    end = np.maximum.reduceat(pieces.end, first)
    members = np.diff(first, append=len(pieces))
    lowest = np.minimum.reduceat(pieces.side, first)
    highest = np.maximum.reduceat(pieces.side, first)
    side = np.where(lowest == highest, lowest, np.int8(BOTH)).astype(np.int8)
    bad = np.logical_or.reduceat(pieces.cramp | _too_long(pieces, rules), first)
    if rules.max_combined is not None:
        extent = end - onset + rules.duration_slack
        bad |= (members > 1) & ~_at_most(extent, rules.max_combined)
    if rules.max_members is not None:
        bad |= members > rules.max_members
    return Combined(onset, end, side, members, ~bad, barriers)


def _too_long(pieces: Movements, rules: Rules) -> NDArray[np.bool_]:
    """Test each piece; one marked on both legs is a combined one and may last longer."""
    longest_both = _LONGEST_BOTH_S if rules.max_combined is None else rules.max_combined
    limit = np.where(pieces.side == BOTH, longest_both, rules.max_duration)
    return ~_at_most(pieces.duration + rules.duration_slack, limit)


def _join(leg: Movements, gap: float) -> Movements:
    if len(leg) < 2:
        return leg
    latest = np.maximum.accumulate(leg.end)[:-1]
    starts = leg.onset[1:] - latest >= gap - TIME_TOLERANCE_S
    first = np.flatnonzero(np.concatenate(([True], starts)))
    onset = leg.onset[first]
    end = np.maximum.reduceat(leg.end, first)
    whole = np.logical_or.reduceat(leg.cramp, first)
    return Movements(onset, end - onset, leg.side[first], whole)


def _concatenate(legs: list[Movements]) -> Movements:
    onset = np.concatenate([leg.onset for leg in legs])
    order = np.argsort(onset, kind="stable")
    return Movements(
        onset[order],
        np.concatenate([leg.duration for leg in legs])[order],
        np.concatenate([leg.side for leg in legs])[order],
        np.concatenate([leg.cramp for leg in legs])[order],
    )


def _long_enough(movements: Movements, rules: Rules) -> Movements:
    return _take(movements, movements.duration >= rules.min_duration - TIME_TOLERANCE_S)


def _take(movements: Movements, keep: NDArray[np.bool_]) -> Movements:
    return Movements(
        movements.onset[keep],
        movements.duration[keep],
        movements.side[keep],
        movements.cramp[keep],
    )


def _at_most(
    values: NDArray[np.float64], limit: float | NDArray[np.float64]
) -> NDArray[np.bool_]:
    return np.asarray(values <= np.asarray(limit) + TIME_TOLERANCE_S)


def _within(gap: float | NDArray[np.float64], rules: Rules) -> NDArray[np.bool_]:
    slack = TIME_TOLERANCE_S if rules.combine_gap_inclusive else -TIME_TOLERANCE_S
    return np.asarray(gap <= rules.combine_gap + slack)
