"""What the sleeper said, held against what was found.

A mark is a weak label: it tells that something was felt within some minutes, never when it
began. It confirms or denies contractions that were found; it adds none, and it moves none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Any, Final, Literal

from ..model import Event
from .diary import Answer, Diary
from .markers import Mark
from .moments import onset_of

CRAMPS: Final = ("cramp", "possible_cramp")
"""Types of event that the sleeper is asked about."""

Outcome = Literal["matched", "missed", "not_watched", "unclear"]

WATCHED_SHARE: Final = 0.5
"""Share of the possible time that must have been scored for a cramp to count as missed."""

ANSWER_S: Final = 30.0
"""How far the onset of an event may lie from the one that an answer is about, seconds."""

REPEAT_S: Final = 600.0
"""Notes within this time may tell of one cramp, seconds."""

_MOST_MARKS: Final = 300


@dataclass(frozen=True, slots=True)
class Watched:
    """A signal on which cramp-like contractions were sought.

    Attributes
    ----------
    channel
        Its label.
    side, muscle
        Leg, and muscle of the vocabulary; None where they are not known.
    spans
        Start and end of each stretch that was scored, in order, seconds.
    """

    channel: str
    side: str | None
    muscle: str | None
    spans: tuple[tuple[float, float], ...]

    def scored(self, start_s: float, end_s: float) -> float:
        """Return how many seconds between two times were scored."""
        overlaps = (min(end, end_s) - max(start, start_s) for start, end in self.spans)
        return sum(overlap for overlap in overlaps if overlap > 0)


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


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A night with what the sleeper said of it.

    Attributes
    ----------
    events
        As given, in their order; every one of `CRAMPS` has a ``confirmation``.
    remembered
        Cramps and presses, by time; those without a time last.
    """

    events: tuple[Event, ...]
    remembered: tuple[Remembered, ...]

    def counts(self) -> dict[str, int]:
        """Return how many events were confirmed, denied and left unanswered."""
        said = [event.extra.get("confirmation") for event in self.events]
        return {name: said.count(name) for name in ("confirmed", "denied", "unanswered")}


@dataclass(frozen=True, slots=True)
class _Placed:
    """A mark on the time of the recording."""

    mark: Mark
    at_s: float
    order: int

    @property
    def start_s(self) -> float:
        return self.at_s - self.mark.earlier_s

    @property
    def end_s(self) -> float:
        return self.at_s + self.mark.later_s


def confirm(
    events: Sequence[Event],
    marks: Iterable[Mark],
    diary: Diary | None,
    watched: Sequence[Watched],
    *,
    start: datetime,
    duration_s: float,
    zone: tzinfo | None = None,
) -> Confirmation:
    """Hold what the sleeper said against the events.

    An event fits a mark where it overlaps the time that the mark may mean, on a leg and a
    muscle that the mark does not contradict. Each cramp of the diary, and each note, takes
    one event at most, and as many as possible find one; a key may be pressed several times
    in one cramp, and notes within ten minutes may tell of one cramp. A press confirms, a
    later word outweighs an earlier one, and an answer about an event outweighs everything
    else. Silence denies nothing: a cramp can be slept through.

    Parameters
    ----------
    events
        In any order.
    marks
        Of `markers.tsv` and of the recording.
    diary
        Of the morning after, or None.
    watched
        Signals on which contractions were sought.
    start
        Clock time of the start of the recording.
    duration_s
        Length of the recording.
    zone
        Zone of a start that has none; by default that of this computer.
    """
    where = {signal.channel: signal.muscle for signal in watched}
    cramps = diary.cramps if diary and diary.cramps else ()
    written = diary.written_at if diary else None
    said = [*marks, *(cramp.as_mark(written) for cramp in cramps)]
    said = [mark for mark in said if mark.kind in ("cramp", "press", "no_cramp")][:_MOST_MARKS]
    placed = [
        _Placed(mark, onset_of(mark.at, start, zone), number)
        for number, mark in enumerate(said)
        if mark.at is not None
    ]
    fits = {one.order: _fitting(one, events, where) for one in placed}
    taken = _matched(placed, fits)
    verdicts = _verdicts(placed, taken)
    for answer in diary.answers if diary else ():
        place = _answered(answer, events, start, zone)
        if place is not None:
            verdicts[place] = "confirmed" if answer.felt else "denied"
    told = _remembered(placed, taken, watched, duration_s)
    told += [_without_time(mark, watched) for mark in said if mark.at is None]
    return Confirmation(
        tuple(_with_verdict(event, verdicts.get(n)) for n, event in enumerate(events)),
        tuple(told),
    )


def marker_events(confirmation: Confirmation) -> list[Event]:
    """Return a ``marker`` row for everything remembered that has a time."""
    rows = []
    for one in confirmation.remembered:
        if one.onset_s is None:
            continue
        mark = one.mark
        extra: dict[str, Any] = {
            "text": mark.text or None,
            "outcome": one.outcome,
            "earlier_s": mark.earlier_s,
            "later_s": mark.later_s,
            "pain": mark.pain,
            "source": ",".join(one.sources),
        }
        rows.append(
            Event(
                one.onset_s,
                0.0,
                "marker",
                mark.side,
                confirmation.events[one.events[0]].channel if one.events else None,
                extra=extra,
            )
        )
    return rows


def _fitting(
    one: _Placed, events: Sequence[Event], where: Mapping[str, str | None]
) -> list[int]:
    """Return the events that a mark may mean, the likeliest first."""
    ranked = []
    for place, event in enumerate(events):
        if event.trial_type not in CRAMPS or not _same_leg(one.mark.side, event.side):
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


def _matched(placed: Sequence[_Placed], fits: Mapping[int, list[int]]) -> dict[int, list[int]]:
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
            again = (e for o in notes if _repeats(one, o) for e in taken[o.order])
            taken[one.order] = [event for event in again if event in fits[one.order]][:1]
    return taken


def _repeats(one: _Placed, other: _Placed) -> bool:
    return one.order != other.order and abs(one.at_s - other.at_s) <= REPEAT_S


def _one_each(own: Sequence[_Placed], fits: Mapping[int, list[int]]) -> dict[int, int]:
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


def _verdicts(placed: Sequence[_Placed], taken: Mapping[int, list[int]]) -> dict[int, str]:
    """Return what was said of each event: words over presses, later words over earlier."""

    def weight(one: _Placed) -> tuple[bool, float, int]:
        made = one.mark.made_at or one.mark.at
        return not one.mark.pressed, made.timestamp() if made else 0.0, one.order

    verdicts: dict[int, str] = {}
    for one in sorted(placed, key=weight):
        for event in taken.get(one.order, ()):
            verdicts[event] = "denied" if one.mark.kind == "no_cramp" else "confirmed"
    return verdicts


def _answered(
    answer: Answer, events: Sequence[Event], start: datetime, zone: tzinfo | None
) -> int | None:
    """Return the event that an answer is about; scored anew, it may have moved a little."""
    onset = onset_of(answer.at, start, zone)
    near = [
        (abs(event.onset - onset), place)
        for place, event in enumerate(events)
        if event.trial_type in CRAMPS
        and _same_leg(answer.side, event.side)
        and (answer.channel is None or event.channel == answer.channel)
        and (
            abs(event.onset - onset) <= ANSWER_S
            or (event.onset < onset + answer.duration_s and onset < event.end)
        )
    ]
    return min(near)[1] if near else None


def _remembered(
    placed: Sequence[_Placed],
    taken: Mapping[int, list[int]],
    watched: Sequence[Watched],
    duration_s: float,
) -> list[Remembered]:
    """Return one entry for each cramp that was told, however often it was told."""
    groups: list[list[_Placed]] = []
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
            outcome, reason = _without_event(first, watched, duration_s)
            found.append(Remembered(first.mark, first.at_s, outcome, reason, (), sources))
    return found


def _same_cramp(one: _Placed, group: Sequence[_Placed], taken: Mapping[int, list[int]]) -> bool:
    """Return whether a mark tells of the cramp that the marks of a group tell of."""
    mine = taken[one.order]
    theirs = {event for other in group for event in taken[other.order]}
    if mine or theirs:
        return bool(theirs.intersection(mine))
    apart = any(
        one.mark.source == other.mark.source == "diary"
        or (one.mark.source == other.mark.source == "note" and not _repeats(one, other))
        for other in group
    )
    return not apart and all(
        one.start_s <= other.end_s
        and other.start_s <= one.end_s
        and _same_leg(one.mark.side, other.mark.side)
        and (
            not one.mark.muscles
            or not other.mark.muscles
            or not set(one.mark.muscles).isdisjoint(other.mark.muscles)
        )
        for other in group
    )


def _telling(one: _Placed) -> tuple[bool, int, int]:
    mark = one.mark
    known = (mark.side, mark.muscles, mark.pain is not None, mark.text)
    return mark.kind == "cramp", sum(bool(each) for each in known), -one.order


def _without_event(
    one: _Placed, watched: Sequence[Watched], duration_s: float
) -> tuple[Outcome, str]:
    mark = one.mark
    if one.end_s <= 0.0 or one.start_s >= duration_s:
        when = "before the recording began" if one.end_s <= 0.0 else "after the recording ended"
        return "not_watched", f"it was {when}"
    if mark.kind == "press":
        return "unclear", "a press does not say what it meant"
    fitting = _watching(mark, watched)
    if not fitting:
        return "not_watched", f"no sensor watched {_place(mark.side, mark.muscles)}"
    share = _share(fitting, one.start_s, one.end_s, either=mark.side is None)
    names = ", ".join(dict.fromkeys(w.channel for w in fitting))
    if share == 0.0:
        return "not_watched", f"{names} could not be scored then"
    return _while_watched(mark, fitting, names, share)


def _while_watched(
    mark: Mark, fitting: Sequence[Watched], names: str, share: float
) -> tuple[Outcome, str]:
    unsaid = [
        word
        for word, open_ in (
            ("leg", mark.side is None and not _both_legs(fitting)),
            ("muscle", not mark.muscles),
        )
        if open_
    ]
    if unsaid:
        return "unclear", f"the {' and the '.join(unsaid)} was not told; watched: {names}"
    if share < WATCHED_SHARE:
        return "unclear", f"{names} could be scored for only {share:.0%} of that time"
    return "missed", f"{names} could be scored then, and nothing cramp-like was found"


def _without_time(mark: Mark, watched: Sequence[Watched]) -> Remembered:
    if _watching(mark, watched):
        return Remembered(mark, None, "unclear", "no time was told", (), (mark.source,))
    reason = f"no sensor watched {_place(mark.side, mark.muscles)}"
    return Remembered(mark, None, "not_watched", reason, (), (mark.source,))


def _watching(mark: Mark, watched: Sequence[Watched]) -> list[Watched]:
    return [
        signal
        for signal in watched
        if _same_leg(mark.side, signal.side)
        and (not mark.muscles or signal.muscle is None or signal.muscle in mark.muscles)
    ]


def _share(fitting: Sequence[Watched], start: float, end: float, *, either: bool) -> float:
    """Return the share of a time that was scored; of the worse leg where it may be either."""
    end = max(end, start + 1.0)
    best: dict[str | None, float] = {}
    for w in fitting:
        share = w.scored(start, end) / (end - start)
        best[w.side if either else None] = max(best.get(w.side if either else None, 0.0), share)
    return min(best.values())


def _both_legs(fitting: Sequence[Watched]) -> bool:
    return {"left", "right"} <= {w.side for w in fitting}


def _same_leg(one: str | None, other: str | None) -> bool:
    return one is None or other is None or one == other or "both" in (one, other)


def _place(side: str | None, muscles: Sequence[str]) -> str:
    what = " or ".join(muscles) or "leg"
    if side == "both":
        return f"the {what} of either leg"
    return f"the {side} {what}" if side else f"a {what}"


def _with_verdict(event: Event, verdict: str | None) -> Event:
    if event.trial_type not in CRAMPS:
        return event
    return replace(event, extra={**event.extra, "confirmation": verdict or "unanswered"})
