"""``events.tsv`` and ``events.json``, BIDS style, in and out."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

from ..errors import RecordingError
from ..model import Event
from ..writers.beside import write_text_beside
from .columns import REQUIRED, STANDARD, describe

_MOST_BYTES = 1 << 28
_LONGEST_LINE = 1 << 16
_LONGEST_S = 400 * 86_400.0
_SIDES = ("left", "right", "both")
_TEXT = ("text", "rule", "reason", "confirmation", "channel", "channels")


def write_events(
    path: str | PathLike[str],
    events: Iterable[Event],
    descriptions: Mapping[str, Mapping[str, Any]] | None = None,
) -> None:
    """Write events sorted by onset, and the description of their columns beside them.

    Parameters
    ----------
    path
        ``.tsv`` file; the description gets the same name with ``.json``.
    events
        In any order. Times are written to the microsecond; None and NaN as ``n/a``.
    descriptions
        Descriptions of columns in `Event.extra` that `columns` does not know.

    Raises
    ------
    RecordingError
        The files cannot be written, or an event has no finite time.
    """
    path = Path(path)
    rows = sorted(events, key=lambda e: (e.onset, e.duration, e.trial_type, e.channel or ""))
    extras = list(dict.fromkeys(name for event in rows for name in event.extra))
    extras = [name for name in extras if name not in STANDARD]
    header = [*STANDARD, *extras]
    lines = ["\t".join(_word(name) for name in header)]
    for event in rows:
        if not (math.isfinite(event.onset) and math.isfinite(event.duration)):
            raise RecordingError(f"{path.name}: a {event.trial_type} event has no finite time")
        cells = [
            _number(event.onset),
            _number(event.duration),
            *(_cell(getattr(event, name)) for name in STANDARD[2:]),
            *(_cell(event.extra.get(name)) for name in extras),
        ]
        lines.append("\t".join(cells))
    text = json.dumps(describe(header, descriptions), indent=2, ensure_ascii=False)
    write_text_beside(path, "\n".join(lines) + "\n")
    write_text_beside(path.with_suffix(".json"), text + "\n")


def read_events(
    path: str | PathLike[str], kinds: Collection[str] | None = None
) -> tuple[Event, ...]:
    """Read ``events.tsv``.

    Parameters
    ----------
    path
        UTF-8 text, tab-separated, with at least the columns ``onset``, ``duration`` and
        ``trial_type``. Rows may be in any order and may overlap. A duration of ``n/a`` is
        0. Further columns go to `Event.extra`, as numbers where a whole column is numeric.
    kinds
        Only rows of these types, by default all; the others are not looked at.

    Returns
    -------
    tuple of Event
        Sorted by onset.

    Raises
    ------
    RecordingError
        Naming the line: a column is missing, a time is no finite number, a duration is
        negative, a probability is not within 0 to 1, a side is unknown, the file is no text.
    """
    name = Path(path).name
    lines = _lines(path, name)
    header = [cell.strip() for cell in lines[0].split("\t")]
    missing = [column for column in REQUIRED if column not in header]
    if missing:
        raise RecordingError(
            f"{name}: no column {', '.join(missing)} in its first line; the columns are "
            f"separated by tabs and begin with {', '.join(REQUIRED)}"
        )
    if len(set(header)) != len(header):
        raise RecordingError(f"{name}: two columns have the same name")
    rows = []
    for number, line in enumerate(lines[1:], start=2):
        if line.strip():
            cells = [cell.strip() for cell in line.split("\t")]
            if len(cells) > len(header):
                raise RecordingError(
                    f"{name}, line {number}: {len(cells)} cells for {len(header)} columns"
                )
            row = dict(zip(header, cells, strict=False))
            if kinds is None or row.get("trial_type") in kinds:
                rows.append((number, row))
    extras = [column for column in header if column and column not in STANDARD]
    convert = {column: _converter(column, [row for _, row in rows]) for column in extras}
    events = [_event(row, f"{name}, line {number}", convert) for number, row in rows]
    return tuple(sorted(events, key=lambda event: (event.onset, event.duration)))


def _lines(path: str | PathLike[str], name: str) -> Sequence[str]:
    try:
        with Path(path).open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise RecordingError(f"cannot read {path}: {reason}") from error
    except ValueError as error:
        raise RecordingError(f"cannot read {path!r}: not a file name") from error
    if len(data) > _MOST_BYTES:
        raise RecordingError(f"{name}: more than {_MOST_BYTES >> 20} MB; no table of events")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RecordingError(f"{name}: not UTF-8 text (byte {error.start})") from error
    if "\0" in text:
        raise RecordingError(f"{name}: not a text file")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    long = next((n for n, line in enumerate(lines, 1) if len(line) > _LONGEST_LINE), None)
    if long is not None:
        raise RecordingError(f"{name}, line {long}: longer than {_LONGEST_LINE} characters")
    if not lines[0].strip():
        raise RecordingError(f"{name}: the file is empty; its first line names the columns")
    return lines


def _event(
    row: Mapping[str, str], where: str, convert: Mapping[str, Callable[[str], Any]]
) -> Event:
    onset = _time(row, "onset", where)
    duration = 0.0 if _missing(row.get("duration", "")) else _time(row, "duration", where)
    if duration < 0:
        raise RecordingError(f"{where}: the duration {duration:g} s is negative")
    kind = row.get("trial_type", "")
    if _missing(kind):
        raise RecordingError(f"{where}: it has no trial_type")
    side = row.get("side", "n/a").lower()
    if not _missing(side) and side not in _SIDES:
        raise RecordingError(f"{where}: the side {side!r} is none of {', '.join(_SIDES)}, n/a")
    channel = row.get("channel", "")
    return Event(
        onset=onset,
        duration=duration,
        trial_type=kind,
        side=None if _missing(side) else side,
        channel=None if _missing(channel) else channel,
        probability=_probability(row.get("probability", ""), where),
        extra={
            name: None if _missing(row.get(name, "")) else to(row[name])
            for name, to in convert.items()
        },
    )


def _time(row: Mapping[str, str], column: str, where: str) -> float:
    text = row.get(column, "")
    value = _float(text)
    if value is None or not abs(value) <= _LONGEST_S:
        raise RecordingError(f"{where}: the {column} {text[:40]!r} is no time in seconds")
    return value


def _probability(text: str, where: str) -> float | None:
    if _missing(text):
        return None
    value = _float(text)
    if value is None or not 0 <= value <= 1:
        raise RecordingError(f"{where}: the probability {text[:40]!r} is not within 0 to 1")
    return value


def _converter(column: str, rows: Sequence[Mapping[str, str]]) -> Callable[[str], Any]:
    """Return what turns the cells of a column into values: one type for all of them."""
    cells = [row[column] for row in rows if not _missing(row.get(column, ""))]
    if column in _TEXT or not cells:
        return str
    if all(cell in ("true", "false") for cell in cells):
        return lambda cell: cell == "true"
    if all(
        cell.lstrip("-").isdecimal() and cell.isascii() and len(cell) < 16 for cell in cells
    ):
        return int
    if all(_float(cell) is not None for cell in cells):
        return float
    return str


def _float(text: str) -> float | None:
    try:
        value = float(text) if "_" not in text else math.nan
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _missing(text: str) -> bool:
    return text.strip().lower() in ("", "n/a", "nan")


def _cell(value: Any) -> str:
    if value is None:
        return "n/a"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    try:
        number = float(value) if not isinstance(value, str) else None
    except (TypeError, ValueError):
        number = None
    if number is not None:
        return _number(number) if math.isfinite(number) else "n/a"
    return _word(str(value)) or "n/a"


def _number(value: float) -> str:
    text = f"{value:.6f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def _word(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
