"""What the sleeper said, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...recording.annotations.confirmation import Remembered
from ...recording.annotations.diary import Diary
from ...recording.annotations.markers import Mark
from ...recording.annotations.vocabulary import CRAMP_FIELDS, FACTORS, NIGHT_FIELDS, Field

_KINDS = {
    "cramp": "cramp",
    "no_cramp": "no cramp",
    "press": "press of a key or button",
    "restless_legs": "restless legs",
    "kicking": "kicking",
    "note": "note",
}
_OUTCOMES = {
    "matched": "fits what was found",
    "missed": "MISSED",
    "not_watched": "not watched",
    "unclear": "cannot be told",
}
_FIELDS = {field.name: field for field in (*CRAMP_FIELDS, *NIGHT_FIELDS, *FACTORS)}


def mark_words(mark: Mark) -> str:
    """Return what a mark says: ``cramp, left leg, calf, pain 7/10``."""
    parts = [_KINDS.get(mark.kind, mark.kind)]
    if mark.side:
        parts.append("both legs" if mark.side == "both" else f"{mark.side} leg")
    parts += mark.muscles
    if mark.pain is not None:
        parts.append(f"pain {mark.pain}/10")
    if mark.kind == "note" and mark.text:
        parts.append(f'"{mark.text}"')
    return ", ".join(parts)


def when_words(mark: Mark) -> str:
    """Return when, by the clock of the person, and how exactly."""
    if mark.at is None:
        return "at a time that was not told"
    clock = f"{mark.at:%H:%M}"
    if mark.earlier_s == mark.later_s:
        return f"at {clock}, give or take {span_words(mark.later_s)}"
    return (
        f"at {clock} or up to {span_words(mark.earlier_s)} before"
        f" and {span_words(mark.later_s)} after"
    )


def outcome_words(one: Remembered) -> str:
    """Return what became of something remembered."""
    words = _OUTCOMES[one.outcome]
    return f"{words}: {one.reason}" if one.reason else words


def span_words(seconds: float) -> str:
    """Return an uncertainty."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


def told_rows(diary: Diary) -> list[tuple[str, str]]:
    """Return a row of question and answer for all that was told of the night and the day."""
    rows = [(_question(name), value_words(name, diary.told[name])) for name in diary.told]
    rows += [
        (_question(name), value_words(name, diary.factors[name])) for name in diary.factors
    ]
    if diary.text:
        rows.append(("Anything else", diary.text))
    return rows


def cramp_rows(told: Mapping[str, Any]) -> str:
    """Return what else was told of a cramp, in one line."""
    return "; ".join(
        f"{_question(name).lower()}: {value_words(name, value)}"
        for name, value in told.items()
        if name != "pain"
    )


def value_words(name: str, value: Any) -> str:
    """Return the value of a field."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(_choice(item) for item in value)
    if isinstance(value, str):
        return _choice(value)
    unit = _FIELDS[name].unit if name in _FIELDS else ""
    return f"{value:g} {unit}".strip()


def _question(name: str) -> str:
    field: Field | None = _FIELDS.get(name)
    return field.question if field else name


def _choice(word: str) -> str:
    return word.replace("_", " ")
