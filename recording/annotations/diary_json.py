"""A diary as JSON: what was not told is left out, what makes no sense is passed over."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from ..errors import RecordingError
from .diary_entries import Answer, Diary, RememberedCramp
from .diary_fields import checked, shown
from .markers import one_line
from .moments import Moment
from .vocabulary import CRAMP_FIELDS, FACTORS, MUSCLES, NIGHT_FIELDS, SIDES

FORMAT: Final = "crampwatch-diary"
VERSION: Final = 1

MOST_BYTES: Final = 1 << 20
"""A larger file is no diary."""

Timing = Callable[[str], Moment]

_MOST_CRAMPS: Final = 100
_MOST_ANSWERS: Final = 500
_MOST_TEXT: Final = 2000
_LONGEST_S: Final = 2 * 86_400.0


def to_json(diary: Diary) -> dict[str, Any]:
    """Return the content of ``diary.json``; what was not told is left out."""
    content: dict[str, Any] = {"format": FORMAT, "version": VERSION}
    if diary.written_at is not None:
        content["written_at"] = diary.written_at.isoformat(timespec="seconds")
    if diary.cramps is not None:
        content["cramps"] = [_cramp_json(cramp) for cramp in diary.cramps]
    if diary.answers:
        content["answers"] = [
            {
                "at": answer.at.isoformat(timespec="milliseconds"),
                "duration_s": round(answer.duration_s, 3),
                **({"side": answer.side} if answer.side else {}),
                **({"channel": answer.channel} if answer.channel else {}),
                "felt": answer.felt,
            }
            for answer in diary.answers
        ]
    content |= {name: _plain(value) for name, value in diary.told.items()}
    if diary.factors:
        content["factors"] = {name: _plain(value) for name, value in diary.factors.items()}
    if diary.text:
        content["text"] = diary.text
    return content


def from_json(
    content: Any, *, told: Callable[[str], None], timing: Timing | None = None
) -> Diary:
    """Return the diary that a JSON object holds.

    Parameters
    ----------
    content
        As `parse_json` returns it.
    told
        Called with a sentence for everything that makes no sense; it may raise.
    timing
        What makes a moment of a time of day (``03:10``); without it times carry a date and
        an offset from UTC.
    """
    entries = {
        name: value
        for name, value in content.items()
        if name
        not in ("format", "version", "written_at", "cramps", "answers", "text", "factors")
    }
    cramps = content.get("cramps")
    if cramps is not None and not isinstance(cramps, list):
        told("cramps is no list")
        cramps = None
    if cramps is not None and len(cramps) > _MOST_CRAMPS:
        told(f"only the first {_MOST_CRAMPS} cramps are read")
        cramps = cramps[:_MOST_CRAMPS]
    answers = content.get("answers")
    return Diary(
        _moment(content.get("written_at"), "written_at", told),
        None if cramps is None else tuple(_cramps(cramps, told, timing)),
        tuple(_answers(answers if isinstance(answers, list) else [], told)),
        checked(entries, NIGHT_FIELDS, told),
        checked(content.get("factors") or {}, FACTORS, told),
        _text(content.get("text"), told),
    )


def parse_json(data: bytes, name: str) -> dict[str, Any]:
    """Return the JSON object of a diary.

    Raises
    ------
    RecordingError
        It is no JSON object, of another format, of a later version, or too large.
    """
    if len(data) > MOST_BYTES:
        raise RecordingError(f"{name}: larger than {MOST_BYTES >> 20} MB; no diary")
    try:
        content = json.loads(data.decode("utf-8-sig"), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise RecordingError(f"{name}: not JSON ({str(error)[:80]})") from error
    if not isinstance(content, dict) or content.get("format", FORMAT) != FORMAT:
        raise RecordingError(f"{name}: not a diary of this program")
    version = content.get("version", VERSION)
    if not isinstance(version, int) or version > VERSION:
        raise RecordingError(
            f"{name}: a diary of version {str(version)[:20]}, this program knows {VERSION};"
            " use a newer one"
        )
    return content


def _cramp_json(cramp: RememberedCramp) -> dict[str, Any]:
    entry: dict[str, Any] = {}
    if cramp.at is not None:
        entry |= {
            "at": cramp.at.isoformat(timespec="seconds"),
            "earlier_s": cramp.earlier_s,
            "later_s": cramp.later_s,
        }
    if cramp.side:
        entry["side"] = cramp.side
    if cramp.muscles:
        entry["muscles"] = list(cramp.muscles)
    entry |= {name: _plain(value) for name, value in cramp.told.items()}
    if cramp.text:
        entry["text"] = cramp.text
    return entry


def _cramps(
    entries: list[Any], told: Callable[[str], None], timing: Timing | None
) -> Iterable[RememberedCramp]:
    for entry in entries:
        if isinstance(entry, dict):
            yield _cramp(entry, told, timing)
        else:
            told(f"{shown(entry)} is no cramp")


def _cramp(
    entry: Mapping[str, Any], told: Callable[[str], None], timing: Timing | None
) -> RememberedCramp:
    apart = ("at", "earlier_s", "later_s", "side", "muscles", "text")
    rest = {name: value for name, value in entry.items() if name not in apart}
    at, earlier, later = _when(entry, told, timing)
    side = entry.get("side")
    if side is not None and side not in tuple(SIDES):
        told(f"side is one of {', '.join(SIDES)}, not {shown(side)}")
        side = None
    muscles = entry.get("muscles") or []
    words = muscles if isinstance(muscles, list) else [muscles]
    for word in words:
        if word not in tuple(MUSCLES):
            told(f"muscles are any of {', '.join(MUSCLES)}, not {shown(word)}")
    return RememberedCramp(
        at,
        earlier,
        later,
        side,
        tuple(dict.fromkeys(word for word in words if word in tuple(MUSCLES))),
        checked(rest, CRAMP_FIELDS, told),
        _text(entry.get("text"), told),
    )


def _when(
    entry: Mapping[str, Any], told: Callable[[str], None], timing: Timing | None
) -> tuple[datetime | None, float, float]:
    text = entry.get("at")
    if timing is not None and isinstance(text, str):
        moment = timing(text)
        at: datetime | None = moment.at
        earlier, later = moment.earlier_s, moment.later_s
    else:
        at, earlier, later = _moment(text, "at", told), 600.0, 600.0
    if at is None:
        return None, 0.0, 0.0
    given = []
    for name, otherwise in (("earlier_s", earlier), ("later_s", later)):
        value = entry.get(name, otherwise)
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not (number and 0 <= value <= _LONGEST_S):
            told(f"{name} is a number of seconds, not {shown(value)}")
            value = otherwise
        given.append(float(value))
    return at, given[0], given[1]


def _answers(entries: list[Any], told: Callable[[str], None]) -> Iterable[Answer]:
    for entry in entries[:_MOST_ANSWERS]:
        if not isinstance(entry, dict) or not isinstance(entry.get("felt"), bool):
            told(f"{shown(entry)} is no answer")
            continue
        at = _moment(entry.get("at"), "at", told)
        length = entry.get("duration_s", 0.0)
        number = isinstance(length, int | float) and not isinstance(length, bool)
        if at is None or not (number and 0 <= length <= _LONGEST_S):
            told(f"{shown(entry)} is an answer about no time")
            continue
        side, channel = entry.get("side"), entry.get("channel")
        yield Answer(
            at,
            float(length),
            entry["felt"],
            side if side in tuple(SIDES) else None,
            one_line(channel) if isinstance(channel, str) else None,
        )


def _moment(value: Any, name: str, told: Callable[[str], None]) -> datetime | None:
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        told(f"{name} is a date and time with an offset from UTC, not {shown(value)}")
        return None
    return moment


def _text(value: Any, told: Callable[[str], None]) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        told(f"text is text, not {shown(value)}")
        return ""
    return one_line(value, _MOST_TEXT)


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no number")
