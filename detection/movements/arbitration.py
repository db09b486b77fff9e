"""Which event keeps a stretch of the night when several claim it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from ...recording.model import Event

RULE_RANK = {"wasm2016": 0, "aasm": 0, "relative": 1, "calf": 2, "accelerometric": 3}
"""How far a rule stands from the standards."""


def covered(event: Event, others: Iterable[Event], *, any_side: bool = False) -> bool:
    """Return whether another event covers more than half of this one.

    Parameters
    ----------
    event
        The event in question.
    others
        Events that may cover it.
    any_side
        Whether events of the other leg count too.
    """
    return any(
        share(event, other) > 0.5
        for other in others
        if any_side or event.side is None or other.side in (event.side, "both", None)
    )


def touched(event: Event, others: Iterable[Event]) -> bool:
    """Return whether another event of the same leg, or of both, overlaps this one at all."""
    return any(
        share(event, other) > 0.0
        for other in others
        if event.side is None or other.side in {event.side, "both", None}
    )


def share(event: Event, other: Event) -> float:
    """Return the share of `event` that `other` covers, 0 to 1."""
    shared = min(event.end, other.end) - max(event.onset, other.onset)
    return max(0.0, shared) / max(event.duration, 1e-9)


def strongest_muscle(cramps: Sequence[Event]) -> list[Event]:
    """Keep one row where two muscles of one leg show the same contraction.

    The likelier cramp keeps the row; where nobody says how likely it is, the stronger one.
    """
    kept: list[Event] = []
    for event in sorted(
        cramps, key=lambda e: (-(e.probability or 0.0), -float(e.extra["ratio"]), e.onset)
    ):
        same_leg = [k for k in kept if k.side == event.side]
        if not any(max(share(event, k), share(k, event)) > 0.5 for k in same_leg):
            kept.append(event)
    return kept


def one_row_a_movement(
    movements: Sequence[Event], placement: Mapping[str, str | None]
) -> list[Event]:
    """Fold what the muscles of one leg show at the same time into one row.

    The tibialis anterior keeps the row, as the standards score it; then the rule that stands
    closest to them.

    Parameters
    ----------
    movements
        Leg movements of all channels; those of one channel do not overlap.
    placement
        Muscle of each channel by its label.
    """
    by_channel: dict[tuple[str | None, str | None], list[Event]] = {}
    for event in movements:
        by_channel.setdefault((event.side, event.channel), []).append(event)

    def rank(item: tuple[tuple[str | None, str | None], list[Event]]) -> tuple[bool, int, str]:
        (_, channel), events = item
        rule = RULE_RANK.get(str(events[0].extra["rule"]), len(RULE_RANK))
        return placement.get(channel or "") != "TA", rule, channel or ""

    legs: dict[str, list[Event]] = {}
    kept: list[Event] = []
    for (side, _), events in sorted(by_channel.items(), key=rank):
        if side is None:
            kept += events
            continue
        leg = legs.setdefault(side, [])
        leg += _not_meeting(events, leg)
        leg.sort(key=lambda e: e.onset)
    return kept + [event for leg in legs.values() for event in leg]


def both_legs(events: Sequence[Event]) -> list[Event]:
    """Join large movements that overlap in time; those of both legs become one row."""
    merged: list[Event] = []
    for event in sorted(events, key=lambda e: e.onset):
        last = merged[-1] if merged else None
        if last is None or event.onset > last.end:
            merged.append(event)
            continue
        merged[-1] = replace(
            last,
            duration=max(last.end, event.end) - last.onset,
            side=last.side if last.side == event.side else "both",
            channel=last.channel if last.channel == event.channel else None,
        )
    return merged


def _not_meeting(events: Sequence[Event], taken: Sequence[Event]) -> list[Event]:
    """Return the events that meet none of `taken`, which is sorted and free of overlap."""
    if not taken:
        return list(events)
    onsets = np.array([event.onset for event in taken])
    ends = np.array([event.end for event in taken])
    free = []
    for event in events:
        after = int(np.searchsorted(ends, event.onset, "right"))
        if after == ends.size or onsets[after] >= event.end:
            free.append(event)
    return free
