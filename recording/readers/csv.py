"""Plain CSV or TSV: named columns, a time column or a stated rate.

Units stand in the header (``EMG L TA [uV]``, ``acc_x (g)``) or are stated. An empty cell or
NaN is a gap of that signal; a jump in the time column is a gap of all.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..assemble import Signal, build_streams
from ..errors import RecordingError
from ..model import Night
from .table import Run, first_lines, is_number, read_blocks, segments_of, step_of
from .time_column import TimeColumn

_TIME = re.compile(
    r"(?:time|times|t|sec|secs|seconds?|timestamps?|zeit|elapsed|temps|tempo)"
    r"(?:[ _](s|sec|seconds?|ms|us))?",
    re.IGNORECASE,
)
_COUNTING = re.compile(
    r"(?:sample|row)?[ _]?(?:index|number|nr|no|#)?|n|unnamed.*", re.IGNORECASE
)
_UNIT = re.compile(r"(.*?)\s*[\[(]\s*([^\[\]()]{1,20}?)\s*[\])]\s*")
_TAIL = re.compile(r"(.+)[ _](uv|µv|mv|nv|mg|m/s2|m/s\^2|m/s²|volts?)", re.IGNORECASE)
_SECONDS = {"ms": 1e-3, "msec": 1e-3, "us": 1e-6, "µs": 1e-6, "min": 60.0, "h": 3600.0}
_MOST_COLUMNS = 512
_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class _Column:
    number: int
    label: str
    unit: str


def read_csv(
    path: Path,
    rate_hz: float | None = None,
    label_map: Mapping[str, str] | None = None,
    unit: str | None = None,
) -> Night:
    """Open a CSV or TSV file with one line of column names.

    Parameters
    ----------
    path
        UTF-8 text; separated by comma, semicolon, tab, bar or blanks; a decimal comma is
        understood where the separator is another.
    rate_hz
        Sampling rate, Hz; not needed where a column ``time`` (s; ``time [ms]``) is regular.
    label_map
        Column name to canonical label.
    unit
        Unit of the electromyograms, where the header names none or a wrong one.

    Raises
    ------
    RecordingError
        No header, no numbers, no rate, or irregular times.
    """
    name = path.name
    separator, columns, first_byte, decimal = _header(path)
    time, signals = _sort_out(columns)
    if not signals:
        raise RecordingError(f"{name}: no column besides the time; name the signals in line 1")
    if time is None and rate_hz is None:
        raise RecordingError(
            f"{name}: the sampling rate is unknown; state it (--rate) or add a column 'time'"
        )
    clock = TimeColumn(name, rate_hz) if time is not None else None
    factor = _SECONDS.get(time.unit.lower(), 1.0) if time is not None else 1.0
    wanted = [column.number for column in signals] + ([time.number] if time else [])
    parts: dict[int, list[NDArray[np.float32]]] = {column.number: [] for column in signals}
    rows, origin, blank = 0, np.nan, np.empty(0)
    for block in read_blocks(path, first_byte, separator, wanted, decimal=decimal):
        for column in signals:
            parts[column.number].append(block[column.number].astype(np.float32))
        if clock is not None and time is not None:
            times = np.concatenate((blank, block[time.number] * factor))
            used = _used(times, block, blank.size)
            origin = times[0] if rows == 0 and used else origin
            clock.feed(times[:used])
            rows, blank = rows + used, times[used:]
        else:
            rows += len(block[signals[0].number])
    if rows == 0:
        raise RecordingError(f"{name}: there is no row of numbers after the header")
    rate, runs, notes = _grid(clock, rate_hz, rows, name)
    built = []
    for column in signals:
        values = np.concatenate(parts.pop(column.number))
        if not np.isfinite(values).any():
            notes.append(f"{column.label}: this column holds no numbers and was left out")
            continue
        step = step_of(values)
        values /= np.float32(step)
        segments, own_rate = segments_of(values, runs, rate, name)
        built.append(Signal(column.label, own_rate, column.unit, segments, step))
    if not built:
        raise RecordingError(f"{name}: no column holds numbers; it is not a table of signals")
    start = datetime.fromtimestamp(origin, UTC) if 1e9 < origin < 4e9 else None
    return Night(
        streams=build_streams(built, name, label_map, unit),
        start=start,
        source=path,
        format="CSV",
        notes=tuple(notes),
    )


def _grid(
    clock: TimeColumn | None, rate_hz: float | None, rows: int, name: str
) -> tuple[float, list[Run], list[str]]:
    if clock is None and rate_hz is not None:
        return rate_hz, [Run(0.0, 0, rows)], []
    if clock is not None and clock.irregular and rate_hz is not None:
        note = f"{clock.irregular}; the times are not used, the stated rate is"
        return rate_hz, [Run(0.0, 0, rows)], [note]
    if clock is None:
        raise RecordingError(f"{name}: the sampling rate is unknown; state it (--rate)")
    rate, runs = clock.finish()
    return rate, runs, []


def _used(times: NDArray[np.float64], block: dict[int, NDArray[Any]], before: int) -> int:
    """Return the number of rows up to the last that is not blank.

    Blank lines may close a file; `before` of the rows were blank at the end of the last block.
    """
    filled = np.zeros(times.size, bool)
    for column in block.values():
        filled[before:] |= np.isfinite(column)
    return int(np.flatnonzero(filled)[-1]) + 1 if filled.any() else 0


def _header(path: Path) -> tuple[str, list[_Column], int, str]:
    """Return separator, columns, place of the first row, decimal sign."""
    lines = first_lines(path, 200)
    first_byte = 0
    if lines and lines[0].startswith(_MARK):
        lines[0], first_byte = lines[0][len(_MARK) :], len(_MARK)
    while lines and (not lines[0].strip() or lines[0].lstrip().startswith((b"#", b"//"))):
        first_byte += len(lines.pop(0))
    if not lines:
        raise RecordingError(f"{path.name}: no line with column names in it")
    if lines[0].startswith((b"\xff\xfe", b"\xfe\xff")):
        raise RecordingError(f"{path.name}: UTF-16 text; save it as UTF-8")
    try:
        header = lines[0].decode("utf-8")
    except UnicodeDecodeError:
        header = lines[0].decode("latin-1")
    header = header.rstrip("\r\n")
    if not header.replace("\t", " ").isprintable():
        raise RecordingError(f"{path.name}: its first line is not text; no CSV file")
    row = next((line for line in lines[1:] if line.strip()), b"").decode("utf-8", "replace")
    separator = _separator(header, row)
    names = _cells(header, separator)
    if all(is_number(cell) or not cell for cell in names):
        raise RecordingError(
            f"{path.name}: no column names in its first line; put them there, as in "
            "'time,EMG L TA [uV],EMG R TA [uV]'"
        )
    if len(names) > _MOST_COLUMNS:
        raise RecordingError(f"{path.name}: {len(names)} columns are more than {_MOST_COLUMNS}")
    cells = _cells(row, separator)
    comma = separator != "," and any(re.fullmatch(r"[+-]?\d*,\d+", cell) for cell in cells)
    columns = [_column(number, cell) for number, cell in enumerate(names)]
    return separator, columns, first_byte + len(lines[0]), "," if comma else "."


def _separator(header: str, row: str) -> str:
    counts = {sign: header.count(sign) for sign in "\t;,|"}
    best = max(counts, key=lambda sign: (counts[sign], row.count(sign)))
    if counts[best]:
        return best
    words = header.split()
    return r"\s+" if len(words) > 1 and len(words) == len(row.split()) else ","


def _cells(line: str, separator: str) -> list[str]:
    line = " ".join(line.splitlines()) if separator != "\t" else line.rstrip("\r\n")
    if separator == r"\s+":
        return line.split()
    try:
        cells = next(csv.reader([line], delimiter=separator), [])
    except csv.Error:
        cells = line.split(separator)
    return [cell.strip() for cell in cells]


def _column(number: int, cell: str) -> _Column:
    label, unit = cell.strip(), ""
    found = _UNIT.fullmatch(label) or _TAIL.fullmatch(label)
    if found is not None and found[1]:
        label, unit = found[1].strip(), found[2]
    return _Column(number, label, unit)


def _sort_out(columns: list[_Column]) -> tuple[_Column | None, list[_Column]]:
    time = None
    signals = []
    for column in columns:
        found = _TIME.fullmatch(column.label)
        if time is None and found is not None:
            time = _Column(column.number, column.label, column.unit or found[1] or "s")
        elif column.label and not _COUNTING.fullmatch(column.label):
            signals.append(column)
    return time, signals
