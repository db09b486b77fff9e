"""Annotation files of Luna: ``.annot`` (intervals) and ``.eannot`` (a label per epoch).

Format: the annotation pages of Luna's reference (zzz.bwh.harvard.edu/luna), which also is
where the names of the National Sleep Research Resource come from.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from ..errors import RecordingError
from ..model import Event
from ..writers.beside import write_text_beside
from .clock import after, date_and_time, number, seconds_of_day, time_of_day
from .marks import Annotations, read_text
from .names import UNSCORED, event_name, side_of, stage_type

EPOCH_S: Final = 30.0

_HEADER: Final = ("class", "instance", "channel", "start", "stop", "meta")
_LAYOUTS: Final = {
    3: (0, None, None, 1, 2, None),
    4: (0, 1, None, 2, 3, None),
    5: (0, 1, 2, 3, 4, None),
}


def read_luna_annot(
    path: str | Path, *, recording_start: datetime | None = None
) -> Annotations:
    """Read an ``.annot`` file.

    Times may be seconds, clock times, elapsed times (``0+01:30:00``) or epochs (``e:10``);
    a stop may be a duration (``+30``) or last until the next row (``...``).

    Raises
    ------
    RecordingError
        If a row cannot be understood, or clock times come without a recording start.
    """
    lines = [
        line
        for line in read_text(path).splitlines()
        if line.strip() and line.lstrip()[0] != "#"
    ]
    rows = [line.split("\t") if "\t" in line else line.split() for line in lines]
    if rows and rows[0][0].strip().lower() == "class":
        rows = rows[1:]
    fields = [_fields(row, path) for row in rows]
    starts = [_moment(field[3], path, recording_start) for field in fields]
    events = []
    for i, (kind, instance, channel, _, stop, meta) in enumerate(fields):
        if stop == "...":
            end = starts[i + 1] if i + 1 < len(starts) else starts[i]
        elif stop.startswith("+") and number(stop[1:]) is not None:
            end = starts[i] + float(stop[1:])
        else:
            end = _moment(stop, path, recording_start)
        events.append(_event(starts[i], end, (kind, instance, channel, meta)))
    return Annotations(tuple(events), "Luna .annot")


def read_luna_eannot(path: str | Path, *, epoch_s: float | None = None) -> Annotations:
    """Read an ``.eannot`` file: one label for each epoch from the start of the recording."""
    labels = [line.strip() for line in read_text(path).splitlines() if line.strip()]
    length = EPOCH_S if epoch_s is None else epoch_s
    events = []
    for i, label in enumerate(labels):
        kind = event_name(label) or stage_type(label)
        extra = {"text": label} if kind == UNSCORED else {}
        events.append(Event(i * length, length, kind, extra=extra))
    note = f"epochs of {length:g} s were assumed" if epoch_s is None else ""
    return Annotations(tuple(events), "Luna .eannot", notes=(note,) if note else ())


def write_luna_annot(path: str | Path, events: Iterable[Event]) -> None:
    """Write events as an ``.annot`` file, in seconds from the start of the recording.

    Stages take Luna's names (``N2``, ``R``, ``W``, ``?``); the side goes into the instance
    and the remaining columns into the meta-data.
    """
    lines = ["\t".join(_HEADER)]
    for event in sorted(events, key=lambda e: e.onset):
        kind = event.trial_type.removeprefix("sleep_")
        kind = "?" if kind == UNSCORED else kind
        meta = {**event.extra, "probability": event.probability}
        pairs = [
            f"{_clean(str(key))}={_clean(str(value))}"
            for key, value in meta.items()
            if value is not None
        ]
        lines.append(
            "\t".join(
                (
                    _clean(kind),
                    event.side or ".",
                    _clean(event.channel or "."),
                    f"{event.onset:.6f}",
                    f"{event.onset + event.duration:.6f}",
                    "|".join(pairs) or ".",
                )
            )
        )
    write_text_beside(path, "\n".join(lines) + "\n")


def _event(onset: float, end: float, fields: tuple[str, str, str, str]) -> Event:
    kind, instance, channel, meta = (field if field != "." else "" for field in fields)
    known = event_name(kind) or (event_name(instance) if kind else None)
    found = known or (UNSCORED if kind == "?" else kind)
    extra = dict(
        pair.split("=", 1) for pair in meta.replace(";", "|").split("|") if "=" in pair
    )
    if found != kind and not found.startswith("sleep_"):
        extra["text"] = kind
    probability = number(extra.pop("probability", ""))
    side = side_of(instance) or side_of(kind) or side_of(channel)
    return Event(onset, end - onset, found, side, channel or None, probability, extra)


def _fields(row: Sequence[str], path: str | Path) -> list[str]:
    layout = _LAYOUTS.get(len(row), (0, 1, 2, 3, 4, 5))
    if len(row) < 3:
        raise RecordingError(
            f"{path}: the row {' '.join(row)[:60]!r} has {len(row)} columns; an .annot has "
            "class, instance, channel, start, stop, meta"
        )
    return ["." if i is None else row[i].strip() for i in layout]


def _moment(text: str, path: str | Path, recording_start: datetime | None) -> float:
    seconds = number(text)
    if seconds is not None:
        return seconds
    if text.startswith("0+"):
        elapsed = time_of_day(text[2:])
        if elapsed is not None:
            return elapsed
    epoch = number(text[2:]) if text.startswith("e:") else None
    if epoch is not None and epoch >= 1:
        return (epoch - 1) * EPOCH_S
    dated, moment = date_and_time(text), time_of_day(text)
    if (dated or moment is not None) and recording_start is None:
        raise RecordingError(
            f"{path}: {text!r} is a clock time; give the start of the recording with it"
        )
    if dated is not None and recording_start is not None:
        return (dated[0] - recording_start.replace(tzinfo=None)).total_seconds()
    if moment is not None and recording_start is not None:
        return after(moment, seconds_of_day(recording_start))
    if text in {"", "."}:
        return math.nan
    raise RecordingError(f"{path}: {text[:40]!r} is no time that Luna writes")


def _clean(text: str) -> str:
    return " ".join(text.replace("|", "/").split()) or "."
