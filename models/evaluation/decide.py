"""Count what a detector made of one night against the truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from ...recording.model import Event
from .matching import (
    CRAMP,
    NAMES,
    POSSIBLE,
    covered_share,
    match_cramps,
    meeting,
    overlap_over_union,
)
from .movements import LEG_MOVEMENTS
from .tally import NOTHING, Decision, FalseAlarm, Hit, Mimic

AFTER_CRAMP_S = 300.0
"""A calf stays more active than before for minutes after a cramp."""

SWALLOWED = 0.2
OTHER_LEG = "the other leg"
AFTER_A_CRAMP = "after a cramp"
_NO_MIMIC = ("marker",)


def decide(
    truth: Sequence[Event], named: Sequence[Event], unmarked: Sequence[Event] = ()
) -> Decision:
    """Return hits, false alarms and which mimics were called a cramp.

    Parameters
    ----------
    truth
        All marks of the night; ``possible_cramp`` is a mark in doubt.
    named
        Rows ``cramp`` and ``possible_cramp`` of the detector.
    unmarked
        What a simulator put in and nobody would mark: it only explains false alarms.
    """
    cramps = true_cramps(truth)
    matching = match_cramps(cramps, named, [e for e in truth if e.trial_type == POSSIBLE])
    mimics = [event for event in (*truth, *unmarked) if is_mimic(event)]
    false = [named[number] for number in matching.false]
    blamed = _blame(false, mimics)
    hits = [
        None if number is None else _hit(cramp, named[number])
        for cramp, number in zip(cramps, matching.hits, strict=True)
    ]
    alarms = [
        _alarm(event, cramps, None if at is None else mimics[at])
        for event, at in zip(false, blamed, strict=True)
    ]
    touching = Counter(named[number].trial_type for number in matching.touching)
    return Decision(
        hits=tuple(hits),
        false_alarms=tuple(alarms),
        touching={name: touching[name] for name in NAMES},
        mimics=_confusion(mimics, false, blamed),
        swallowed=_swallowed(truth, false),
    )


def true_cramps(truth: Sequence[Event]) -> list[Event]:
    """Return the true cramp-like contractions in order of time."""
    found = [event for event in truth if event.trial_type == CRAMP]
    return sorted(found, key=lambda event: (event.onset, event.duration, event.side or ""))


def is_mimic(event: Event) -> bool:
    """Return whether an event of the truth is something that must not be called a cramp."""
    kind = event.trial_type
    return kind not in (*NAMES, *_NO_MIMIC) and not kind.startswith("sleep_")


def cause_of(event: Event) -> str:
    """Return what a true event is called among the mimics: its cause, or its type."""
    cause = event.extra.get("cause")
    if event.trial_type in LEG_MOVEMENTS and cause in (None, "", "leg_movement"):
        return event.trial_type
    return str(cause) if cause else event.trial_type


def _hit(cramp: Event, find: Event) -> Hit:
    return Hit(
        find.trial_type, find.onset - cramp.onset, find.end - cramp.end, find.probability
    )


def _blame(false: Sequence[Event], mimics: Sequence[Event]) -> list[int | None]:
    """Return for each false alarm the mimic of its leg that overlaps it best, or None."""
    if not mimics:
        return [None] * len(false)
    overlap = overlap_over_union(false, mimics)
    return [int(row.argmax()) if row.max() > 0 else None for row in overlap]


def _alarm(event: Event, cramps: Sequence[Event], mimic: Event | None) -> FalseAlarm:
    return FalseAlarm(
        event.trial_type,
        event.onset,
        event.duration,
        event.side,
        cause_of(mimic) if mimic is not None else _other_cause(event, cramps),
        event.probability,
    )


def _other_cause(event: Event, cramps: Sequence[Event]) -> str:
    anywhere = Event(event.onset, event.duration, event.trial_type)
    if meeting([anywhere], cramps)[0]:
        return OTHER_LEG
    tails = [Event(cramp.end, AFTER_CRAMP_S, CRAMP, cramp.side) for cramp in cramps]
    start = Event(event.onset, min(1.0, event.duration), event.trial_type, event.side)
    return AFTER_A_CRAMP if meeting([start], tails)[0] else NOTHING


def _confusion(
    mimics: Sequence[Event], false: Sequence[Event], blamed: Sequence[int | None]
) -> Mapping[str, Mimic]:
    called: dict[int, str] = {}
    for event, at in zip(false, blamed, strict=True):
        if at is not None and called.get(at) != CRAMP:
            called[at] = event.trial_type
    causes = [cause_of(event) for event in mimics]
    number = Counter(causes)
    by_name = Counter((causes[at], name) for at, name in called.items())
    return {
        cause: Mimic(number[cause], {name: by_name[cause, name] for name in NAMES})
        for cause in sorted(number)
    }


def _swallowed(
    truth: Sequence[Event], false: Sequence[Event]
) -> Mapping[str, Mapping[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for kind in LEG_MOVEMENTS:
        moves = [event for event in truth if event.trial_type == kind]
        found[kind] = {
            name: int(
                np.count_nonzero(
                    covered_share(moves, [e for e in false if e.trial_type == name])
                    >= SWALLOWED
                )
            )
            for name in NAMES
        }
    return found
