"""What the sleeper remembers: one entry for each cramp, however often it was told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .mark_matching import Placed, repeats, same_leg
from .markers import Mark
from .watching import Outcome, Watched, without_event


@dataclass(frozen=True, slots=True)
class Remembered:
    """Something that the sleeper said, and what became of it.

    Attributes
    ----------
    mark
        What was said; of several marks about one cramp, the one that tells most.
    onset_s
        Its time, seconds from the start of the recording; None where none was told.
    outcome
        ``matched``, ``missed``, ``not_watched`` or ``unclear``, as in `columns`.
    reason
        Why, in words; nothing where it matched.
    events
        Places of the matched events in the table, in order.
    sources
        Where it comes from, all of them.
    """

    mark: Mark
    onset_s: float | None
    outcome: Outcome
    reason: str
    events: tuple[int, ...]
    sources: tuple[str, ...]


def remembered_of(
    placed: Sequence[Placed],
    taken: Mapping[int, list[int]],
    watched: Sequence[Watched],
    duration_s: float,
) -> list[Remembered]:
    """Return one entry for each cramp that was told, however often it was told."""
    groups: list[list[Placed]] = []
    for one in sorted(placed, key=lambda each: (each.at_s, each.order)):
        if one.mark.kind == "no_cramp":
            continue
        home = next((g for g in groups if _same_cramp(one, g, taken)), None)
        if home is None:
            groups.append([one])
        else:
            home.append(one)
    found = []
    for group in groups:
        events = tuple(sorted({event for one in group for event in taken[one.order]}))
        first = max(group, key=_telling)
        sources = tuple(dict.fromkeys(one.mark.source for one in group))
        if events:
            found.append(Remembered(first.mark, first.at_s, "matched", "", events, sources))
        else:
            outcome, reason = without_event(first, watched, duration_s)
            found.append(Remembered(first.mark, first.at_s, outcome, reason, (), sources))
    return found


def _same_cramp(one: Placed, group: Sequence[Placed], taken: Mapping[int, list[int]]) -> bool:
    """Return whether a mark tells of the cramp that the marks of a group tell of."""
    mine = taken[one.order]
    theirs = {event for other in group for event in taken[other.order]}
    if mine or theirs:
        return bool(theirs.intersection(mine))
    apart = any(
        one.mark.source == other.mark.source == "diary"
        or (one.mark.source == other.mark.source == "note" and not repeats(one, other))
        for other in group
    )
    return not apart and all(
        one.start_s <= other.end_s
        and other.start_s <= one.end_s
        and same_leg(one.mark.side, other.mark.side)
        and (
            not one.mark.muscles
            or not other.mark.muscles
            or not set(one.mark.muscles).isdisjoint(other.mark.muscles)
        )
        for other in group
    )


def _telling(one: Placed) -> tuple[bool, int, int]:
    mark = one.mark
    known = (mark.side, mark.muscles, mark.pain is not None, mark.text)
    return mark.kind == "cramp", sum(bool(each) for each in known), -one.order
