"""From arguments, a file or an interview to the diary of a night."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from ...recording.annotations.confirmation import CRAMPS
from ...recording.annotations.diary import Diary, RememberedCramp, from_json, parse_json
from ...recording.annotations.markers import one_line
from ...recording.annotations.tsv import read_events
from ...recording.annotations.vocabulary import CRAMP_FIELDS, NIGHT_FIELDS
from ...recording.errors import RecordingError
from ...recording.model import Event
from ..provenance import verb_of
from .nights import Span
from .noting import when_of
from .plain_words import read_words
from .values import field_named, parse_value

_LEADING_TIME = re.compile(
    r"\s*(\d{1,2}[:.]\d{2}(?::\d{2})?(?: ?[ap]\.?m\b\.?)?|\d{1,2} ?[ap]\.?m\b\.?)[\s,:-]*",
    re.IGNORECASE,
)
_MOST_BYTES = 1 << 20


def diary_of_file(file: Path, span: Span, now: datetime) -> Diary:
    """Return the diary in a JSON file; times may be times of day.

    Raises
    ------
    RecordingError
        The file cannot be read, or something in it is not of the vocabulary.
    """
    try:
        with file.open("rb") as handle:
            data = handle.read(_MOST_BYTES + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise RecordingError(f"cannot read {file}: {reason}") from error

    def refuse(sentence: str) -> None:
        raise RecordingError(f"{file.name}: {sentence}")

    content = parse_json(data, file.name)
    diary = from_json(content, told=refuse, timing=lambda text: when_of(text, span, now))
    return diary if diary.written_at else replace(diary, written_at=now)


def diary_of_arguments(
    cramps: Iterable[str],
    settings: Iterable[str],
    text: str | None,
    *,
    none: bool,
    span: Span,
    now: datetime,
) -> Diary:
    """Return the diary that arguments state.

    Parameters
    ----------
    cramps
        In plain words, the time in front: ``03:10 left calf, pain 7``.
    settings
        ``NAME=VALUE``, of the night or of the day before.
    text
        Anything else, or None.
    none
        Whether the sleeper remembers no cramp.
    span
        When the night was.
    now
        With a zone.

    Raises
    ------
    RecordingError
        Something is not of the vocabulary, or a time makes no sense.
    """
    remembered = tuple(_cramp(words, span, now) for words in cramps)
    if none and remembered:
        raise RecordingError("no cramp remembered, or cramps: state one of them")
    told: dict[str, Any] = {}
    factors: dict[str, Any] = {}
    of_night = {field.name for field in NIGHT_FIELDS}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals:
            raise RecordingError(f"{setting[:60]!r} is not NAME=VALUE, as in exercise=hard")
        try:
            field = field_named(name)
            (told if field.name in of_night else factors)[field.name] = parse_value(
                value, field
            )
        except ValueError as error:
            raise RecordingError(str(error)) from error
    return Diary(
        now,
        remembered if remembered or none else None,
        (),
        told,
        factors,
        one_line(text or ""),
    )


def found_events(folder: Path, events: Path | None) -> tuple[Event, ...]:
    """Return the contractions that a score of this program found, if there is one.

    Parameters
    ----------
    folder
        Night.
    events
        Table of events, or None for the one in the folder.

    Raises
    ------
    RecordingError
        The table that was named cannot be read.
    """
    if events is None:
        # the table beside a simulated night is its truth, which nobody felt
        if verb_of(folder) is None or not (folder / "events.tsv").is_file():
            return ()
        try:
            rows = read_events(folder / "events.tsv")
        except RecordingError:
            return ()
    else:
        rows = read_events(events)
    return tuple(event for event in rows if event.trial_type in CRAMPS)


def _cramp(words: str, span: Span, now: datetime) -> RememberedCramp:
    leading = _LEADING_TIME.match(words)
    said = read_words(words[leading.end() :] if leading else words)
    when = leading[1] if leading else said.when
    cramp = RememberedCramp(
        side=said.side, muscles=said.muscles, told=_told(said.pain), text=one_line(words)
    )
    if when is None:
        return cramp
    moment = when_of(when, span, now)
    return replace(cramp, at=moment.at, earlier_s=moment.earlier_s, later_s=moment.later_s)


def _told(pain: int | None) -> dict[str, Any]:
    return {} if pain is None else {CRAMP_FIELDS[0].name: pain}
