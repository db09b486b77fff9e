"""Tables of marks and hypnograms: BIDS events, CSV, and one stage on each line.

Read liberally: tab, comma, semicolon or blanks between columns; columns by any of their
usual names; with or without a header line.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Final

from ..errors import RecordingError
from ..model import Event
from .clock import after, date_and_time, number, seconds_of_day, time_of_day
from .marks import Annotations, read_text
from .names import UNSCORED, event_name, side_of, stage_type
from .stages import stage_names

EPOCH_S: Final = 30.0
"""Length of an epoch where the file does not say."""

_COLUMNS: Final = {
    "onset": ("onset", "start", "start_time", "start_s", "begin", "onset_s", "time", "time_s"),
    "duration": ("duration", "dur", "duration_s", "length"),
    "end": ("end", "stop", "offset", "end_time", "stop_time", "end_s"),
    "type": ("trial_type", "type", "event", "event_type", "label", "annotation", "class",
             "description", "name", "value"),
    "stage": ("stage", "sleep_stage", "stages", "hypnogram", "hypno", "sleepstage"),
    "side": ("side", "leg"),
    "channel": ("channel", "channels", "location", "electrode"),
    "probability": ("probability", "proba", "confidence"),
    "epoch": ("epoch", "epoch_number"),
}  # fmt: skip
_MISSING: Final = frozenset({"", "n/a", "na", "nan", "none", "null", ".", "-"})
_SIDES: Final = {"left": "left", "l": "left", "right": "right", "r": "right"} | dict.fromkeys(
    ("both", "bilateral", "b", "lr", "rl", "left+right"), "both"
)


def read_table(
    path: str | Path,
    *,
    recording_start: datetime | None = None,
    epoch_s: float | None = None,
    as_type: str | None = None,
) -> Annotations:
    """Read a table of events or stages.

    Parameters
    ----------
    path
        Text file.
    recording_start
        Clock time of the recording, needed only where the onsets are times of day.
    epoch_s
        Length of an epoch, seconds, where rows carry no time; 30 if nothing says otherwise.
    as_type
        Event type of rows in a table without a column for it.

    Returns
    -------
    Annotations
        Rows in their order. A missing onset or duration is NaN.

    Raises
    ------
    RecordingError
        If the file holds no table that can be understood.
    """
    rows = _split(read_text(path), path)
    if not rows:
        return Annotations((), "table", notes=(f"{Path(path).name} holds no rows",))
    header = _header(rows[0])
    body = rows[1:] if header else rows
    columns = header or _guess_columns(rows, path)
    others = _other_columns(rows[0], header) if header else {}
    if "onset" in columns:
        return _timed(
            path,
            columns,
            body,
            recording_start=recording_start,
            epoch_s=epoch_s,
            as_type=as_type,
            others=others,
        )
    if "stage" not in columns and "type" in columns:
        columns = {**columns, "stage": columns["type"]}
    if "stage" not in columns:
        raise RecordingError(
            f"{path}: no column named onset, and none named stage; a table of events needs "
            "onset, duration and trial_type, a hypnogram one stage on each line"
        )
    return _epochs(body, columns, epoch_s)


def _epochs(
    body: Sequence[Sequence[str]], columns: Mapping[str, int], epoch_s: float | None
) -> Annotations:
    """One stage for each epoch, in order; a stated epoch number is used where it counts."""
    names = [_cell(row, columns, "stage") for row in body]
    stages, notes = stage_names(names)
    length = EPOCH_S if epoch_s is None else epoch_s
    if epoch_s is None:
        notes.append(f"epochs of {EPOCH_S:g} s were assumed: the hypnogram states no times")
    numbers = [number(_cell(row, columns, "epoch")) for row in body]
    known = [n for n in numbers if n is not None]
    if len(known) == len(body) and known and known != [known[0] + i for i in range(len(body))]:
        first = min(known)
        onsets = [(n - first) * length for n in known]
        notes.append("the hypnogram leaves epochs out: placed by their numbers")
    else:
        onsets = [i * length for i in range(len(body))]
    events = [
        _stage_event(onset, length, stage, name)
        for onset, stage, name in zip(onsets, stages, names, strict=True)
    ]
    return Annotations(tuple(events), "table", notes=tuple(notes))


def _timed(
    path: str | Path,
    columns: Mapping[str, int],
    body: Sequence[Sequence[str]],
    *,
    recording_start: datetime | None,
    epoch_s: float | None,
    as_type: str | None,
    others: Mapping[str, int],
) -> Annotations:
    onsets, aligned = _times([_cell(r, columns, "onset") for r in body], path, recording_start)
    types, said = _types(columns, body, as_type)
    durations = _durations(
        path,
        columns,
        body,
        onsets,
        recording_start=recording_start,
        epoch_s=epoch_s,
        staged=all(kind.startswith("sleep_") or kind == UNSCORED for kind in types),
    )
    notes = [*([aligned] if aligned else []), *said]
    events = []
    for row, onset, duration, kind in zip(body, onsets, durations, types, strict=True):
        text = _cell(row, columns, "stage") or _cell(row, columns, "type")
        extra = {name: row[i].strip() for name, i in others.items() if i < len(row)}
        if text and text != kind:
            extra["text"] = text
        channel = _cell(row, columns, "channel")
        events.append(
            Event(
                onset,
                duration,
                kind,
                side=_side(_cell(row, columns, "side"), channel, text),
                channel=channel if channel.lower() not in _MISSING else None,
                probability=number(_cell(row, columns, "probability")),
                extra=extra,
            )
        )
    return Annotations(tuple(events), "table", notes=tuple(notes))


def _types(
    columns: Mapping[str, int], body: Sequence[Sequence[str]], as_type: str | None
) -> tuple[list[str], list[str]]:
    if "stage" in columns:
        stages, notes = stage_names([_cell(row, columns, "stage") for row in body])
        return [f"sleep_{stage}" if stage else UNSCORED for stage in stages], notes
    if "type" not in columns:
        kind = as_type or "marker"
        return [kind] * len(body), [f"rows without a type were read as {kind}"]
    names = [_cell(row, columns, "type") for row in body]
    known = [event_name(name) for name in names]
    if not any(kind and not kind.startswith("sleep_") for kind in known):
        # stages in any spelling, bare numbers among them, under a column of events
        stages, notes = stage_names(names)
        if any(stages):
            return [f"sleep_{stage}" if stage else UNSCORED for stage in stages], notes
    return [kind or name or "marker" for kind, name in zip(known, names, strict=True)], []


def _times(
    texts: Sequence[str], path: str | Path, recording_start: datetime | None
) -> tuple[list[float], str]:
    """Return onsets in seconds, and a note where they came from the clock."""
    plain = [number(text) for text in texts]
    missing = [text.lower() in _MISSING for text in texts]
    if all(value is not None or gone for value, gone in zip(plain, missing, strict=True)):
        return [math.nan if value is None else value for value in plain], ""
    if recording_start is None:
        bad = next(
            t for t, v, m in zip(texts, plain, missing, strict=True) if v is None and not m
        )
        if time_of_day(bad) is None and date_and_time(bad) is None:
            raise RecordingError(f"{path}: {bad[:40]!r} is no time; onsets are in seconds")
        raise RecordingError(
            f"{path}: {bad[:40]!r} is a time of day; give the start of the recording, or "
            "onsets in seconds from it"
        )
    return (
        [_clock_onset(text, path, recording_start) for text in texts],
        "onsets were placed by the clock, from the start of the recording",
    )


def _clock_onset(text: str, path: str | Path, recording_start: datetime) -> float:
    if text.lower() in _MISSING:
        return math.nan
    dated = date_and_time(text)
    if dated is not None and dated[1]:
        return (dated[0] - recording_start.replace(tzinfo=None)).total_seconds()
    moment = time_of_day(text)
    if moment is None:
        raise RecordingError(f"{path}: {text[:40]!r} is no time; onsets are in seconds")
    return after(moment, seconds_of_day(recording_start))


def _durations(
    path: str | Path,
    columns: Mapping[str, int],
    body: Sequence[Sequence[str]],
    onsets: Sequence[float],
    *,
    recording_start: datetime | None,
    epoch_s: float | None,
    staged: bool,
) -> list[float]:
    if "duration" in columns:
        cells = [_cell(row, columns, "duration") for row in body]
        for cell in cells:
            if number(cell) is None and cell.lower() not in _MISSING:
                raise RecordingError(f"{path}: {cell[:40]!r} is no duration in seconds")
        return [math.nan if (v := number(cell)) is None else v for cell in cells]
    if "end" in columns:
        ends, _ = _times([_cell(row, columns, "end") for row in body], path, recording_start)
        return [end - onset for onset, end in zip(onsets, ends, strict=True)]
    if epoch_s is not None and staged:
        return [epoch_s] * len(body)
    if staged and len(onsets) > 1:
        steps = [b - a for a, b in pairwise(onsets)]
        usual = sorted(steps)[len(steps) // 2]
        return [*(step if step > 0 else usual for step in steps), usual]
    return [EPOCH_S if staged else math.nan] * len(body)


def _split(text: str, path: str | Path) -> list[list[str]]:
    lines = [line for line in text.splitlines() if line.strip()]
    lines = [line for line in lines if not line.lstrip().startswith(("#", "%"))]
    if not lines:
        return []
    delimiter = next((d for d in "\t;," if d in lines[0]), None)
    if delimiter is None:
        return [line.split() if _looks_spaced(line) else [line.strip()] for line in lines]
    try:
        return [
            [cell.strip() for cell in row] for row in csv.reader(lines, delimiter=delimiter)
        ]
    except csv.Error as error:
        raise RecordingError(f"{path}: not a table ({error}); check its quotes") from error


def _looks_spaced(line: str) -> bool:
    """Several columns stand between blanks only where the first is a number or a name."""
    first = line.split(maxsplit=1)[0]
    return len(line.split()) > 1 and (number(first) is not None or first.lower() in _NAMES)


def _header(row: Sequence[str]) -> dict[str, int] | None:
    cells = [cell.strip().strip('"').lower().replace(" ", "_") for cell in row]
    found = {
        name: cells.index(alias)
        for name, aliases in _COLUMNS.items()
        for alias in reversed(aliases)
        if alias in cells
    }
    return found or None


def _other_columns(row: Sequence[str], known: Mapping[str, int]) -> dict[str, int]:
    return {
        cell.strip().strip('"'): i
        for i, cell in enumerate(row)
        if i not in known.values() and cell.strip()
    }


def _guess_columns(rows: Sequence[Sequence[str]], path: str | Path) -> dict[str, int]:
    """Name the columns of a table without a header, by what stands in its first row."""
    row = rows[0]
    numeric = [number(cell) is not None for cell in row]
    if len(row) == 1:
        return {"stage": 0}
    if len(row) == 2 and numeric[0]:
        counting = [number(r[0]) for r in rows[:3]]
        return {
            "epoch" if counting in ([0, 1, 2], [1, 2, 3]) else "onset": 0,
            **({"duration": 1} if numeric[1] and not _small(rows) else {"stage": 1}),
        }
    if len(row) >= 3 and numeric[0] and numeric[1]:
        return {"onset": 0, "duration": 1, "type": 2, **({"side": 3} if len(row) > 3 else {})}
    raise RecordingError(
        f"{path}: cannot tell what its columns are; add a header line such as "
        "onset, duration, trial_type"
    )


def _small(rows: Sequence[Sequence[str]]) -> bool:
    values = [number(row[1]) for row in rows if len(row) > 1]
    return all(v is not None and v == int(v) and -2 <= v <= 9 for v in values)


def _side(side: str, channel: str, text: str) -> str | None:
    known = _SIDES.get(side.lower())
    if known or side.lower() not in _MISSING:
        return known or side
    return side_of(channel) or side_of(text)


def _stage_event(onset: float, duration: float, stage: str, name: str) -> Event:
    kind = f"sleep_{stage}" if stage else UNSCORED
    extra = {"text": name} if name and stage_type(name) != kind else {}
    return Event(onset, duration, kind, extra=extra)


def _cell(row: Sequence[str], columns: Mapping[str, int], name: str) -> str:
    index = columns.get(name)
    return row[index].strip() if index is not None and index < len(row) else ""


_NAMES: Final = frozenset(alias for aliases in _COLUMNS.values() for alias in aliases)
