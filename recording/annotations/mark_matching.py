"""Which event each mark means, and what the marks say of the events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final

from ..model import Event
from .diary_entries import Answer
from .markers import Mark
from .moments import onset_of

CRAMPS: Final = ("cramp", "possible_cramp")
"""Types of event that the sleeper is asked about."""

ANSWER_S: Final = 30.0
"""How far the onset of an event may lie from the one that an answer is about, seconds."""

REPEAT_S: Final = 600.0
"""Notes within this time may tell of one cramp, seconds."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A mark on the time of the recording: `at_s` seconds from its start, `order`-th told."""

    mark: Mark
    at_s: float
    order: int

    @property
    def start_s(self) -> float:
        """Earliest time that it may mean, seconds."""
        return self.at_s - self.mark.earlier_s

    @property
    def end_s(self) -> float:
        """Latest time that it may mean, seconds."""
        return self.at_s + self.mark.later_s


def fitting(one: Placed, events: Sequence[Event], where: Mapping[str, str | None]) -> list[int]:
    """Return the events that a mark may mean, the likeliest first."""
    ranked = []
    for place, event in enumerate(events):
        if event.trial_type not in CRAMPS or not same_leg(one.mark.side, event.side):
            continue
        muscle = where.get(event.channel or "")
        if one.mark.muscles and muscle and muscle not in one.mark.muscles:
            continue
        if event.end < one.start_s or event.onset > one.end_s:
            continue
        away = max(event.onset - one.at_s, one.at_s - event.end, 0.0)
        sure = -(event.probability or 0.0)
        ranked.append((away, CRAMPS.index(event.trial_type), sure, place))
    return [place for *_, place in sorted(ranked)]


def matched(placed: Sequence[Placed], fits: Mapping[int, list[int]]) -> dict[int, list[int]]:
    """Return the events of each mark: presses and denials freely, the rest one each."""
    free = {one.order for one in placed if one.mark.pressed or one.mark.kind != "cramp"}
    taken = {order: fits[order][:1] for order in free}
    cramps = [one for one in placed if one.order not in free]
    diary = [one for one in cramps if one.mark.source == "diary"]
    notes = [one for one in cramps if one.mark.source != "diary"]
    for own in (notes, diary):
        each = _one_each(own, fits)
        taken |= {one.order: [each[one.order]] if one.order in each else [] for one in own}
    for one in notes:
        if not taken[one.order]:
            again = (e for o in notes if repeats(one, o) for e in taken[o.order])
            taken[one.order] = [event for event in again if event in fits[one.order]][:1]
    return taken


def verdicts_of(placed: Sequence[Placed], taken: Mapping[int, list[int]]) -> dict[int, str]:
    """Return what was said of each event: words over presses, later words over earlier."""

    def weight(one: Placed) -> tuple[bool, float, int]:
        made = one.mark.made_at or one.mark.at
        return not one.mark.pressed, made.timestamp() if made else 0.0, one.order

    verdicts: dict[int, str] = {}
    for one in sorted(placed, key=weight):
        for event in taken.get(one.order, ()):
            verdicts[event] = "denied" if one.mark.kind == "no_cramp" else "confirmed"
    return verdicts


def answered(
    answer: Answer, events: Sequence[Event], start: datetime, zone: tzinfo | None
) -> int | None:
    """Return the event that an answer is about; scored anew, it may have moved a little."""
    onset = onset_of(answer.at, start, zone)
    near = [
        (abs(event.onset - onset), place)
        for place, event in enumerate(events)
        if event.trial_type in CRAMPS
        and same_leg(answer.side, event.side)
        and (answer.channel is None or event.channel == answer.channel)
        and (
            abs(event.onset - onset) <= ANSWER_S
            or (event.onset < onset + answer.duration_s and onset < event.end)
        )
    ]
    return min(near)[1] if near else None


def repeats(one: Placed, other: Placed) -> bool:
    """Return whether two marks are near enough to tell of one cramp."""
    return one.order != other.order and abs(one.at_s - other.at_s) <= REPEAT_S


def same_leg(one: str | None, other: str | None) -> bool:
    """Return whether two sides may be the same leg; what is not known may be either."""
    return one is None or other is None or one == other or "both" in (one, other)


def _one_each(own: Sequence[Placed], fits: Mapping[int, list[int]]) -> dict[int, int]:
    """Return at most one event for each mark, for as many marks as possible."""
    owner: dict[int, int] = {}

    def place(order: int, seen: set[int]) -> bool:
        for event in fits[order]:
            if event not in seen:
                seen.add(event)
                if event not in owner or place(owner[event], seen):
                    owner[event] = order
                    return True
        return False

    for one in own:
        place(one.order, set())
    return {order: event for event, order in owner.items()}
