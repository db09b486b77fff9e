"""``diary.json``: the morning after, as the sleeper tells it. Every field may be missing."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from ..errors import RecordingError
from ..writers.beside import write_text_beside
from .markers import Mark, one_line, read_small
from .moments import Moment
from .vocabulary import CRAMP_FIELDS, FACTORS, MUSCLES, NIGHT_FIELDS, SIDES, Field

FILE: Final = "diary.json"
FORMAT: Final = "crampwatch-diary"
VERSION: Final = 1

Told = Mapping[str, Any]
Timing = Callable[[str], Moment]

_MOST_BYTES: Final = 1 << 20
_MOST_CRAMPS: Final = 100
_MOST_ANSWERS: Final = 500
_MOST_TEXT: Final = 2000
_MOST_NOTES: Final = 20
_LONGEST_S: Final = 2 * 86_400.0


def _nothing() -> Told:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class RememberedCramp:
    """A cramp that the sleeper remembers in the morning.

    Attributes
    ----------
    at
        When, with a zone; None where that is not remembered.
    earlier_s, later_s
        How much earlier and later it may have been, seconds.
    side, muscles
        Leg and muscles of the vocabulary.
    told
        Values of `vocabulary.CRAMP_FIELDS`, those that were told.
    text
        Anything else.
    """

    at: datetime | None = None
    earlier_s: float = 0.0
    later_s: float = 0.0
    side: str | None = None
    muscles: tuple[str, ...] = ()
    told: Told = field(default_factory=_nothing)
    text: str = ""

    def as_mark(self, made_at: datetime | None) -> Mark:
        """Return it as a mark on the night."""
        return Mark(
            self.at,
            self.earlier_s,
            self.later_s,
            "cramp",
            self.side,
            self.muscles,
            self.told.get("pain"),
            "diary",
            made_at,
            self.text,
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """What the sleeper says of one contraction that was found.

    Attributes
    ----------
    at
        Its onset, with a zone.
    duration_s
        Its length, seconds.
    felt
        Whether it was a cramp to the sleeper.
    side, channel
        As in the events, or None.
    """

    at: datetime
    duration_s: float
    felt: bool
    side: str | None = None
    channel: str | None = None


@dataclass(frozen=True, slots=True)
class Diary:
    """One morning.

    Attributes
    ----------
    written_at
        With a zone, or None.
    cramps
        Those remembered, none of them where the sleeper remembers none; None where it was
        not told.
    answers
        What was said of contractions that were found.
    told
        Values of `vocabulary.NIGHT_FIELDS`, those that were told.
    factors
        Values of `vocabulary.FACTORS`, those that were told.
    text
        Anything else.
    notes
        What of the file could not be read, one sentence each.
    """

    written_at: datetime | None = None
    cramps: tuple[RememberedCramp, ...] | None = None
    answers: tuple[Answer, ...] = ()
    told: Told = field(default_factory=_nothing)
    factors: Told = field(default_factory=_nothing)
    text: str = ""
    notes: tuple[str, ...] = ()


def read_diary(folder: str | os.PathLike[str]) -> Diary | None:
    """Read the diary of a night; None where there is none.

    What makes no sense is passed over and told in the notes.

    Raises
    ------
    RecordingError
        There is a file, and it is no diary.
    """
    path = Path(folder) / FILE
    data = read_small(path, _MOST_BYTES + 1)
    if data is None:
        return None
    notes: list[str] = []
    diary = from_json(parse_json(data, str(path)), told=notes.append)
    return Diary(
        diary.written_at,
        diary.cramps,
        diary.answers,
        diary.told,
        diary.factors,
        diary.text,
        tuple(f"{FILE}: {note}" for note in _some(notes)),
    )


def write_diary(folder: str | os.PathLike[str], diary: Diary, *, again: bool = False) -> Path:
    """Write the diary of a night.

    Parameters
    ----------
    folder
        Night.
    diary
        What to write.
    again
        Whether to write it where there is one; that one is kept as ``diary.1.json``.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    RecordingError
        There is a diary, or the folder cannot be written.
    """
    path = Path(folder) / FILE
    text = json.dumps(to_json(diary), indent=2, ensure_ascii=False, allow_nan=False)
    if path.exists():
        if not again:
            raise RecordingError(
                f"{path} is there already; --again writes another and keeps it beside"
            )
        _keep(path)
    write_text_beside(path, text + "\n")
    return path


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
    if len(data) > _MOST_BYTES:
        raise RecordingError(f"{name}: larger than {_MOST_BYTES >> 20} MB; no diary")
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


def checked(
    values: Any, fields: Iterable[Field], told: Callable[[str], None]
) -> Mapping[str, Any]:
    """Return the values that their fields allow, in the order of the fields.

    Parameters
    ----------
    values
        By name of the field; None is nothing told.
    fields
        What there is.
    told
        Called with a sentence for everything that is not allowed.
    """
    if not isinstance(values, Mapping):
        told("factors is no object")
        return {}
    known = {one.name: one for one in fields}
    for name in values:
        if name not in known:
            told(f"{str(name)[:40]!r} is not known")
    found: dict[str, Any] = {}
    for name, one in known.items():
        value = values.get(name)
        if value is None:
            continue
        try:
            found[name] = allowed(value, one)
        except ValueError as error:
            told(str(error))
    return found


def allowed(value: Any, one: Field) -> Any:
    """Return a value as its field has it.

    Raises
    ------
    ValueError
        The field does not allow it; the message says what it does.
    """
    if one.kind == "yes_no":
        if isinstance(value, bool):
            return value
        raise ValueError(f"{one.name} is true or false, not {_shown(value)}")
    if one.kind in ("choice", "choices"):
        words = value if isinstance(value, list | tuple) else [value]
        wrong = [word for word in words if word not in tuple(one.values)]
        if wrong or (one.kind == "choice" and len(words) != 1):
            choice = "one" if one.kind == "choice" else "any"
            raise ValueError(
                f"{one.name} is {choice} of {', '.join(one.values)}, not {_shown(value)}"
            )
        return words[0] if one.kind == "choice" else tuple(dict.fromkeys(words))
    limits = f"{one.low:g} to {one.high:g}{f' {one.unit}' if one.unit else ''}"
    number = not isinstance(value, bool) and isinstance(value, int | float)
    if not (number and one.low <= value <= one.high):
        raise ValueError(f"{one.name} is a number from {limits}, not {_shown(value)}")
    if one.kind == "scale" and value != int(value):
        raise ValueError(f"{one.name} is a whole number from {limits}, not {_shown(value)}")
    return int(value) if one.kind == "scale" else float(value)


def _some(notes: list[str]) -> list[str]:
    left = len(notes) - _MOST_NOTES
    return notes if left <= 0 else [*notes[:_MOST_NOTES], f"{left} more things make no sense"]


def _keep(path: Path) -> None:
    number = 1
    while (kept := path.with_name(f"{path.stem}.{number}{path.suffix}")).exists():
        number += 1
    try:
        # a link before the new file is renamed over it: at no moment is there no diary
        kept.hardlink_to(path)
    except OSError:
        write_text_beside(kept, path.read_text("utf-8", "replace"))


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
            told(f"{_shown(entry)} is no cramp")


def _cramp(
    entry: Mapping[str, Any], told: Callable[[str], None], timing: Timing | None
) -> RememberedCramp:
    apart = ("at", "earlier_s", "later_s", "side", "muscles", "text")
    rest = {name: value for name, value in entry.items() if name not in apart}
    at, earlier, later = _when(entry, told, timing)
    side = entry.get("side")
    if side is not None and side not in tuple(SIDES):
        told(f"side is one of {', '.join(SIDES)}, not {_shown(side)}")
        side = None
    muscles = entry.get("muscles") or []
    words = muscles if isinstance(muscles, list) else [muscles]
    for word in words:
        if word not in tuple(MUSCLES):
            told(f"muscles are any of {', '.join(MUSCLES)}, not {_shown(word)}")
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
            told(f"{name} is a number of seconds, not {_shown(value)}")
            value = otherwise
        given.append(float(value))
    return at, given[0], given[1]


def _answers(entries: list[Any], told: Callable[[str], None]) -> Iterable[Answer]:
    for entry in entries[:_MOST_ANSWERS]:
        if not isinstance(entry, dict) or not isinstance(entry.get("felt"), bool):
            told(f"{_shown(entry)} is no answer")
            continue
        at = _moment(entry.get("at"), "at", told)
        length = entry.get("duration_s", 0.0)
        number = isinstance(length, int | float) and not isinstance(length, bool)
        if at is None or not (number and 0 <= length <= _LONGEST_S):
            told(f"{_shown(entry)} is an answer about no time")
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
        told(f"{name} is a date and time with an offset from UTC, not {_shown(value)}")
        return None
    return moment


def _text(value: Any, told: Callable[[str], None]) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        told(f"text is text, not {_shown(value)}")
        return ""
    return one_line(value, _MOST_TEXT)


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list | tuple):
        words = all(isinstance(item, str) for item in value)
        return one_line(", ".join(value), 60) if words else "a list"
    return one_line(repr(value), 60)


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no number")
