"""Scorings in XML: of the National Sleep Research Resource, and of Compumedics Profusion.

NSRR (``PSGAnnotation``): one ``ScoredEvent`` for each mark and each run of a stage, with
``EventType``, ``EventConcept`` (``name|code``), ``Start`` and ``Duration`` in seconds, and one
named ``Recording Start Time`` with the clock. Profusion (``CMPStudyConfig``): ``ScoredEvent``
with ``Name``, ``Start``, ``Duration``, ``Input``; stages as one ``SleepStage`` number for each
epoch of ``EpochLength`` seconds.

Such a file needs neither a document type nor entities, so one that declares any is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Final
from xml.parsers import expat

from ..errors import RecordingError
from ..model import Event
from .clock import number, time_of_day
from .marks import MAX_BYTES, Annotations
from .names import UNSCORED, event_name, side_of
from .stages import stage_names

_MAX_DEPTH: Final = 32
_MAX_TEXT: Final = 10_000
_MAX_RECORDS: Final = 200_000
_ROOTS: Final = ("PSGAnnotation", "CMPStudyConfig")
_CLOCK: Final = re.compile(r"(?:(\d+)[./](\d+)[./](\d+) )?(\d+[.:]\d+[.:]\d+)")


def read_scoring_xml(path: str | Path) -> Annotations:
    """Read an NSRR or Profusion scoring.

    Raises
    ------
    RecordingError
        If the file is neither, is damaged, is far too large, or declares entities.
    """
    content = _parse(path)
    if content.root not in _ROOTS:
        raise RecordingError(
            f"{path}: its root is <{content.root[:40]}>; known are <PSGAnnotation> (NSRR) and "
            "<CMPStudyConfig> (Profusion)"
        )
    epoch_s = number(content.epoch_length) or 30.0
    stages, notes = stage_names(content.stages)
    events = [
        Event(i * epoch_s, epoch_s, f"sleep_{stage}" if stage else UNSCORED)
        for i, stage in enumerate(stages)
    ]
    start: datetime | None = None
    date_known = True
    for record in content.records:
        name = record.get("EventConcept") or record.get("Name") or ""
        if name == "Recording Start Time":
            start, date_known = _clock(record.get("ClockTime", ""))
            continue
        event = _event(record, name)
        if event is not None:
            events.append(event)
        else:
            notes.append(f"an event ({name[:40]!r}) without a start was left out")
    events.sort(key=lambda event: event.onset)
    kind = "NSRR XML" if content.root == "PSGAnnotation" else "Profusion XML"
    return Annotations(tuple(events), kind, start, date_known, tuple(dict.fromkeys(notes)))


def _event(record: Mapping[str, str], name: str) -> Event | None:
    onset, duration = number(record.get("Start", "")), number(record.get("Duration", ""))
    if onset is None:
        return None
    if record.get("EventType", "").startswith("Stages"):
        label = name.split("|", maxsplit=1)[0]
        stages, _ = stage_names([label])
        kind = f"sleep_{stages[0]}" if stages[0] else UNSCORED
        return Event(onset, duration or 0.0, kind)
    channel = record.get("SignalLocation") or record.get("Input") or ""
    text = name.replace("|", " ")
    return Event(
        onset,
        duration or 0.0,
        event_name(text) or "marker",
        side=side_of(text) or side_of(channel),
        channel=channel or None,
        extra={"text": name.rsplit("|", maxsplit=1)[-1]},
    )


def _clock(text: str) -> tuple[datetime | None, bool]:
    """Return the recording's start; NSRR files carry ``00.00.00`` for the date."""
    found = _CLOCK.fullmatch(text.strip())
    seconds = time_of_day(found[4]) if found else None
    if found is None or seconds is None:
        return None, True
    clock = (int(seconds) // 3600, int(seconds) // 60 % 60, int(seconds) % 60)
    day, month, year = (int(part or 0) for part in found.groups()[:3])
    try:
        year += 0 if year > 99 else 2000 if year < 85 else 1900
        return datetime(year, month, day, *clock), True  # noqa: DTZ001 - no zone in the file
    except ValueError:
        return datetime(2000, 1, 1, *clock), False  # noqa: DTZ001


class _Content:
    """What a parse collects: events as flat records, stage numbers, the epoch length."""

    def __init__(self, path: str | Path) -> None:
        self.path = path
        self.root = ""
        self.records: list[dict[str, str]] = []
        self.stages: list[str] = []
        self.epoch_length = ""
        self._open: list[str] = []
        self._text: list[str] = []
        self._length = 0

    def start(self, name: str, _attributes: Mapping[str, str]) -> None:
        if len(self._open) >= _MAX_DEPTH:
            raise RecordingError(f"{self.path}: nested too deeply for a scoring")
        self.root = self.root or name
        self._open.append(name)
        self._text, self._length = [], 0
        if name == "ScoredEvent":
            self.records.append({})
        if len(self.records) > _MAX_RECORDS or len(self.stages) > _MAX_RECORDS:
            raise RecordingError(f"{self.path}: too many events for the scoring of a night")

    def text(self, data: str) -> None:
        self._length += len(data)
        if self._length <= _MAX_TEXT:
            self._text.append(data)

    def end(self, name: str) -> None:
        value = "".join(self._text).strip()
        self._text, self._length = [], 0
        self._open.pop()
        parent = self._open[-1] if self._open else ""
        if parent == "ScoredEvent":
            self.records[-1][name] = value
        elif name == "SleepStage":
            self.stages.append(value)
        elif name == "EpochLength":
            self.epoch_length = value

    def refuse(self, *_declaration: object) -> None:
        raise RecordingError(
            f"{self.path}: declares a document type or entities, which no scoring needs; "
            "export it again"
        )


def _parse(path: str | Path) -> _Content:
    content = _Content(path)
    parser = expat.ParserCreate()
    parser.StartElementHandler = content.start
    parser.EndElementHandler = content.end
    parser.CharacterDataHandler = content.text
    parser.StartDoctypeDeclHandler = content.refuse
    parser.EntityDeclHandler = content.refuse
    try:
        with Path(path).open("rb") as file:
            if file.seek(0, 2) > MAX_BYTES:
                raise RecordingError(f"{path}: too large for the scoring of a night")
            file.seek(0)
            parser.ParseFile(file)
    except OSError as error:
        raise RecordingError(f"cannot read {path}: {error.strerror or error}") from error
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise RecordingError(f"{path}: damaged XML ({error}); export it again") from error
    return content
