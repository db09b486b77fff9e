"""The questions of the morning, on the terminal: a minute, and every one may be skipped."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from ...recording.annotations.confirmation import confirm
from ...recording.annotations.diary import Answer, Diary, RememberedCramp
from ...recording.annotations.markers import Mark, one_line
from ...recording.annotations.moments import clock_zone, localised
from ...recording.annotations.vocabulary import (
    CRAMP_FIELDS,
    FACTORS,
    MUSCLES,
    NIGHT_FIELDS,
    SIDES,
    Field,
)
from ...recording.errors import RecordingError
from ...recording.model import Event
from .nights import Span
from .noting import when_of
from .values import named, parse_value

MOST_ASKED = 6
"""Contractions that the sleeper is asked about, those likeliest to be cramps first."""

_MOST_CRAMPS = 20
_SIDE_WORDS = {"l": "left", "r": "right", "b": "both"}


@dataclass(slots=True)
class Interview:
    """One morning's questions.

    Attributes
    ----------
    ask
        Shows a question and returns what was typed; `EOFError` ends the questions.
    say
        Shows a line.
    span
        When the night was.
    now
        With a zone.
    found
        Contractions that were found, if the night was scored.
    marks
        What was noted during the night.
    """

    ask: Callable[[str], str]
    say: Callable[[str], None]
    span: Span
    now: datetime
    found: Sequence[Event] = ()
    marks: Sequence[Mark] = ()
    _diary: Diary = field(default_factory=Diary)

    def run(self) -> Diary:
        """Ask everything and return the diary; what was told until an early end is kept."""
        self._diary = Diary(written_at=self.now)
        with suppress(EOFError):
            self._cramps()
            self._contractions()
            for told in self._told(NIGHT_FIELDS):
                self._diary = replace(self._diary, told=told)
            self.say("The day before:")
            for told in self._told(FACTORS):
                self._diary = replace(self._diary, factors=told)
            text = one_line(self.ask("Anything else"))
            self._diary = replace(self._diary, text=text)
        return self._diary

    def _cramps(self) -> None:
        count = self._until("How many cramps do you remember (0, 1, 2, ...)", _count)
        if count is None:
            return
        self._diary = replace(self._diary, cramps=())
        for number in range(1, count + 1):
            self.say(f"Cramp {number}:")
            # kept first, so that an early end keeps what was told of it
            self._diary = replace(
                self._diary, cramps=(*(self._diary.cramps or ()), RememberedCramp())
            )
            self._one_cramp()

    def _one_cramp(self) -> None:
        moment = self._until("  When (03:10)", lambda text: when_of(text, self.span, self.now))
        if moment is not None:
            if moment.remark:
                self.say(f"  {moment.remark}")
            self._keep(at=moment.at, earlier_s=moment.earlier_s, later_s=moment.later_s)
        self._keep(side=self._until("  Which leg (left, right, both)", _side))
        self._keep(muscles=self._until(f"  Where ({', '.join(MUSCLES)})", _muscles) or ())
        for told in self._told(CRAMP_FIELDS, indent="  "):
            self._keep(told=told)

    def _keep(self, **changes: Any) -> None:
        *before, last = self._diary.cramps or (RememberedCramp(),)
        self._diary = replace(self._diary, cramps=(*before, replace(last, **changes)))

    def _contractions(self) -> None:
        start = self.span.start
        open_ = self._open() if start is not None else []
        if start is None or not open_:
            return
        self.say("What was found, and you have not spoken of:")
        begin = localised(start, clock_zone(start))
        for event in open_[:MOST_ASKED]:
            at = (begin + timedelta(seconds=event.onset)).astimezone(clock_zone(start))
            place = ", ".join(part for part in (event.side, event.channel) if part)
            felt = self._until(
                f"  {at:%H:%M}, {event.duration:.0f} s ({place}): was it a cramp (yes, no)",
                _yes,
            )
            if felt is not None:
                answer = Answer(at, event.duration, felt, event.side, event.channel)
                self._diary = replace(self._diary, answers=(*self._diary.answers, answer))

    def _open(self) -> list[Event]:
        """Return the contractions that nothing was said of yet, the likeliest first."""
        if self.span.start is None:
            return []
        with suppress(RecordingError, OverflowError):
            end = max((event.end for event in self.found), default=0.0)
            held = confirm(
                self.found,
                self.marks,
                self._diary,
                (),
                start=self.span.start,
                duration_s=end,
            )
            silent = [e for e in held.events if e.extra.get("confirmation") == "unanswered"]
            silent.sort(key=lambda e: (e.trial_type != "cramp", -(e.probability or 0.0)))
            return silent
        return []

    def _told(self, fields: Sequence[Field], indent: str = "") -> Iterator[dict[str, Any]]:
        """Ask one field after another; yield all that was told so far after each answer."""
        told: dict[str, Any] = {}
        for one in fields:
            value = self._value(one, indent)
            if value is not None:
                told[one.name] = value
                yield dict(told)

    def _value(self, one: Field, indent: str) -> Any:
        hint = ""
        if one.kind in ("choice", "choices"):
            hint = f" ({', '.join(one.values)})"
        elif one.kind == "yes_no":
            hint = " (yes, no)"
        return self._until(f"{indent}{one.question}{hint}", lambda text: parse_value(text, one))

    def _until(self, question: str, parse: Callable[[str], Any]) -> Any:
        """Return the first answer that makes sense, None where it is left open."""
        while True:
            text = self.ask(question).strip()
            if not text:
                return None
            try:
                return parse(text)
            except (ValueError, RecordingError) as error:
                self.say(f"  {error}")


def _count(text: str) -> int:
    low = text.casefold()
    if low in ("none", "no", "n"):
        return 0
    if not (low.isascii() and low.isdecimal() and int(low[:6]) <= _MOST_CRAMPS):
        raise ValueError(f"a number from 0 to {_MOST_CRAMPS}, or nothing")
    return int(low)


def _side(text: str) -> str:
    word = _SIDE_WORDS.get(text[:1].casefold())
    if word is None:
        raise ValueError(f"one of {', '.join(SIDES)}, or nothing")
    return word


def _muscles(text: str) -> tuple[str, ...]:
    words = [named(word, MUSCLES) for word in text.replace("+", ",").split(",") if word.strip()]
    wrong = [word for word in words if word not in MUSCLES]
    if wrong:
        raise ValueError(f"{wrong[0]!r} is none of {', '.join(MUSCLES)}")
    return tuple(dict.fromkeys(words))


def _yes(text: str) -> bool:
    word = text[:1].casefold()
    if word not in ("y", "n"):
        raise ValueError("yes, no, or nothing")
    return word == "y"
