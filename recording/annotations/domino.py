"""Text exports of SOMNOmedics DOMINO: a signal of stages, or a list of events.

A header of ``Key: value`` lines ends with an empty line. A discrete signal then has
``hh:mm:ss,mmm; value`` for each epoch, an impulse signal
``hh:mm:ss,mmm-hh:mm:ss,mmm; duration;name`` for each event, with or without a date in front.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from ..errors import RecordingError
from ..model import Event
from .clock import after, date_and_time, number, seconds_of_day, time_of_day
from .marks import Annotations, read_text
from .names import UNSCORED, event_name, side_of
from .stages import stage_names

_SPAN = re.compile(r"^(?:[\d./]+ )?(\d+:\d+:\d+[,.]\d+) ?- ?(?:[\d./]+ )?(\d+:\d+:\d+[,.]\d+)$")
_POINT = re.compile(r"^(?:[\d./]+ )?(\d+:\d+:\d+(?:[,.]\d+)?)$")


def is_domino(text: str) -> bool:
    """Return whether a text begins as a DOMINO export does."""
    return text.lstrip().startswith("Signal ID:")


def read_domino(path: str | Path) -> Annotations:
    """Read a DOMINO text export, with its clock time as the start.

    Raises
    ------
    RecordingError
        If the header names no start, or no row can be understood.
    """
    header, rows = _parts(read_text(path))
    begin = date_and_time(header.get("start time", ""))
    if begin is None:
        raise RecordingError(
            f"{path}: no Start Time in its header; export it again with the header"
        )
    start, sure = begin
    kind = header.get("signal type", "").lower()
    if kind.startswith("discret"):
        events, notes = _stages(path, header, rows, start)
    elif kind.startswith("impuls"):
        events, notes = _events(path, header, rows, start)
    else:
        raise RecordingError(
            f"{path}: signal type {kind[:30]!r}; exports of type Discret and Impuls can be read"
        )
    return Annotations(tuple(events), "DOMINO", start, sure, tuple(notes))


def _stages(
    path: str | Path, header: dict[str, str], rows: Sequence[str], start: datetime
) -> tuple[list[Event], list[str]]:
    length = number(header.get("rate", "").removesuffix("s").strip())
    if length is None or length <= 0:
        raise RecordingError(f"{path}: no rate such as 'Rate: 30 s' in its header")
    onsets, names = [], []
    for row in rows:
        moment, _, value = row.partition(";")
        found = _POINT.match(moment.strip())
        seconds = time_of_day(found[1].replace(",", ".")) if found else None
        if seconds is None:
            raise RecordingError(f"{path}: {row[:40]!r} is no row such as '23:57:00,000; N2'")
        onsets.append(after(seconds, seconds_of_day(start)))
        names.append(value.strip())
    stages, notes = stage_names(names)
    events = [
        Event(onset, length, f"sleep_{stage}" if stage else UNSCORED)
        for onset, stage in zip(onsets, stages, strict=True)
    ]
    return events, notes


def _events(
    path: str | Path, header: dict[str, str], rows: Sequence[str], start: datetime
) -> tuple[list[Event], list[str]]:
    signal = header.get("signal id", "")
    origin = seconds_of_day(start)
    events = []
    for row in rows:
        cells = [cell.strip() for cell in row.split(";")]
        found = _SPAN.match(cells[0])
        times = (
            [time_of_day(part.replace(",", ".")) for part in found.groups()] if found else []
        )
        if len(times) != 2 or times[0] is None or times[1] is None:
            raise RecordingError(
                f"{path}: {row[:40]!r} is no row such as "
                "'00:41:31,513-00:41:42,736; 11;Hypopnea'"
            )
        text = cells[2] if len(cells) > 2 else ""
        kind = event_name(text) or event_name(signal.replace("\\", " ")) or "marker"
        onset = after(times[0], origin)
        duration = (times[1] - times[0]) % 86400.0
        side = side_of(text) or side_of(signal.replace("\\", " "))
        events.append(Event(onset, duration, kind, side, extra={"text": text} if text else {}))
    return events, []


def _parts(text: str) -> tuple[dict[str, str], list[str]]:
    """Split into the header by lower-case key, and the rows."""
    header: dict[str, str] = {}
    rows = []
    for line in text.splitlines():
        key, colon, value = line.partition(":")
        if line.strip() and not line.lstrip()[0].isdigit() and colon:
            header[key.strip().lower()] = value.strip()
        elif line.strip():
            rows.append(line.strip())
    return header, rows
