"""Logs of the OpenBCI GUI: Ganglion, Cyton, Cyton with Daisy; old and new header styles.

The GUI writes EXG channels in microvolts and acceleration in g. Rows carry a sample index
that wraps (201 values on a Ganglion, 256 on a Cyton) and the time at which their batch
reached the computer, which is no sample time. A jump of the index is a gap; how long it
was is known modulo one turn, more only where the computer's clock clearly shows it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..assemble import Signal, build_streams
from ..errors import RecordingError
from ..labels import Guess
from ..model import Event, Night
from .counter import Loss, losses, runs_of, with_host_clock, wrap_of
from .table import Run, first_lines, gather, is_number, read_blocks, segments_of, step_of

_WRAPS = (101, 201, 256)
_OLD_CHANNELS = {7: 4, 11: 8, 19: 16, 10: 4, 14: 8}
_MOST_COLUMNS = 128
_DATE = re.compile(r"(20\d\d)-(\d\d)-(\d\d)_(\d\d)-(\d\d)-(\d\d)")


@dataclass(slots=True)
class _Layout:
    """Which column holds what."""

    separator: str
    first_byte: int
    rate_hz: float
    board: str
    index: int = 0
    exg: list[int] = field(default_factory=list)
    accel: list[int] = field(default_factory=list)
    marker: int | None = None
    unix: int | None = None
    clock: int | None = None


def read_openbci(
    path: Path, rate_hz: float | None = None, label_map: Mapping[str, str] | None = None
) -> Night:
    """Open a log of the OpenBCI GUI.

    Parameters
    ----------
    path
        Text file that begins with ``%OpenBCI``.
    rate_hz
        Sampling rate, Hz, used only where the header states none.
    label_map
        ``EXG Channel 0``, ``Accel Channel 0``, ... (counted from 0, as the GUI does) to
        canonical label.

    Raises
    ------
    RecordingError
        No rate, no rows, or rows that are no numbers.
    """
    name = path.name
    layout = _layout(path, rate_hz)
    dtypes: dict[int, Any] = {layout.index: np.float64}
    dtypes |= dict.fromkeys([*layout.exg, *layout.accel], np.float32)
    dtypes |= {n: np.float64 for n in (layout.unix, layout.marker) if n is not None}
    numbers = list(dtypes)
    texts = [layout.clock] if layout.clock is not None else []
    if layout.clock is not None:
        dtypes[layout.clock] = np.float64
    first_clock: list[str] = []
    blocks = read_blocks(path, layout.first_byte, layout.separator, numbers, texts)
    columns = gather(_clocks_as_seconds(blocks, texts, first_clock), dtypes)
    usable = np.isfinite(columns[layout.index])
    notes = []
    if not usable.all():
        notes.append(f"{np.count_nonzero(~usable)} lines are damaged and were left out")
        columns = {number: values[usable] for number, values in columns.items()}
    counter = columns.pop(layout.index)
    if counter.size == 0 or np.abs(counter).max() > 2**40:
        raise RecordingError(f"{name}: no rows of samples in this OpenBCI log")
    arrival = _arrival(columns, layout)
    rows, wrap, found = _losses(counter.astype(np.int64), arrival, layout.rate_hz, notes)
    runs = runs_of(found, rows, layout.rate_hz)
    signals = _signals(columns, layout, runs, name)
    start, note = _start(columns, layout, path, first_clock)
    notes += _loss_notes(found, wrap, layout.rate_hz) + ([note] if note else [])
    return Night(
        streams=build_streams(signals, name, label_map),
        start=start,
        events=_markers(columns, layout, runs),
        source=path,
        format="OpenBCI",
        devices=(layout.board,) if layout.board else (),
        notes=tuple(notes),
    )


def _layout(path: Path, rate_hz: float | None) -> _Layout:
    header: dict[str, str] = {}
    first_byte = 0
    lines = first_lines(path, 100)
    while lines and (lines[0].lstrip(b"\xef\xbb\xbf").startswith(b"%") or not lines[0].strip()):
        line = lines.pop(0)
        first_byte += len(line)
        key, _, value = line.decode("utf-8", "replace").lstrip("\ufeff% ").partition("=")
        header[key.strip().lower()] = value.strip()
    if not lines:
        raise RecordingError(f"{path.name}: this OpenBCI log ends with its header")
    stated = re.match(r"[\d.]+", header.get("sample rate", ""))
    rate = float(stated[0]) if stated and is_number(stated[0]) else rate_hz
    if rate is None or not 0 < rate <= 1e5:
        raise RecordingError(
            f"{path.name}: this OpenBCI log states no usable sampling rate; state it (--rate)"
        )
    names = lines[0].decode("utf-8", "replace")
    separator = "\t" if names.count("\t") > names.count(",") else ","
    layout = _Layout(separator, first_byte, rate, header.get("board", "").split("$")[-1])
    if "sample index" in names.lower():
        layout.first_byte += len(lines[0])
        _by_names(layout, [cell.strip().lower() for cell in names.split(separator)])
    else:
        _by_place(layout, [cell.strip() for cell in names.split(separator)], header)
    if not layout.exg:
        raise RecordingError(f"{path.name}: no EXG channels in this OpenBCI log")
    return layout


def _by_names(layout: _Layout, names: Sequence[str]) -> None:
    for number, cell in enumerate(names[:_MOST_COLUMNS]):
        if cell == "sample index":
            layout.index = number
        elif cell.startswith("exg channel"):
            layout.exg.append(number)
        elif cell.startswith("accel channel"):
            layout.accel = [*layout.accel, number][:3]
        elif cell == "marker channel":
            layout.marker = number
        elif cell == "timestamp":
            layout.unix = number
        elif cell.startswith("timestamp"):
            layout.clock = number


def _by_place(layout: _Layout, row: Sequence[str], header: Mapping[str, str]) -> None:
    """Lay out a log without column names: index, EXG, three of acceleration, times."""
    plain = []
    for number, cell in enumerate(row[1:_MOST_COLUMNS], start=1):
        if ":" in cell:
            layout.clock = number
        elif is_number(cell) and abs(float(cell)) > 1e9:
            layout.unix = number
        elif is_number(cell) and layout.clock is None and layout.unix is None:
            plain.append(number)
    stated = header.get("number of channels", "")
    count = int(stated) if re.fullmatch(r"\d{1,3}", stated) else 0
    if not 0 < count <= len(plain):
        count = _OLD_CHANNELS.get(len(plain), max(len(plain) - 3, 0) or len(plain))
    layout.exg = plain[:count]
    layout.accel = plain[count : count + 3] if len(plain) >= count + 3 else []


def _losses(
    counter: NDArray[np.int64], arrival: NDArray[np.float64], rate_hz: float, notes: list[str]
) -> tuple[int, int, list[Loss]]:
    pairs = np.mean(np.diff(counter[:10_000]) == 0) if counter.size > 2 else 0.0
    if pairs > 0.3:
        notes.append(
            "its index counts packets of two samples, so a loss is known to one sample"
        )
        first = np.flatnonzero(np.diff(counter, prepend=counter[0] - 1) != 0)
        packets = counter[first]
        wrap = wrap_of(packets, _WRAPS)
        found, _ = losses(packets, wrap)
        found = [Loss(int(first[loss.row]), 2 * loss.samples) for loss in found]
        return len(counter), 2 * wrap, with_host_clock(found, (), arrival, 2 * wrap, rate_hz)
    wrap = wrap_of(counter, _WRAPS)
    found, still = losses(counter, wrap)
    if still:
        notes.append(f"its index stands still {len(still)} times")
    return len(counter), wrap, with_host_clock(found, still, arrival, wrap, rate_hz)


def _loss_notes(found: Sequence[Loss], wrap: int, rate_hz: float) -> list[str]:
    if not found:
        return []
    total = sum(loss.samples for loss in found)
    turn = f" (known modulo {wrap} samples)" if wrap else ""
    notes = [f"{len(found)} jumps of the sample index are gaps: {total} samples lost{turn}"]
    unseen = [
        loss for loss in found
        if loss.samples / rate_hz > 0.2 and loss.paused_s < 0.25 * loss.samples / rate_hz
    ]  # fmt: skip
    if unseen:
        seconds = sum(loss.samples for loss in unseen) / rate_hz
        notes.append(
            f"the computer's clock does not show {len(unseen)} of these gaps, so up to "
            f"{seconds:.2f} s of them may be a restarted index and later times too late"
        )
    return notes


def _signals(
    columns: dict[int, NDArray[Any]], layout: _Layout, runs: Sequence[Run], name: str
) -> list[Signal]:
    accel = _sparse([columns[number] for number in layout.accel])
    made = []
    for place, number in enumerate(layout.exg):
        values, step = _in_steps(columns.pop(number))
        segments, rate = segments_of(values, runs, layout.rate_hz, name)
        hint = Guess("emg", stem="exg")
        notes = ("an EXG channel of a board, taken for EMG",)
        label = f"EXG Channel {place}"
        made.append(Signal(label, rate, "uV", segments, step, hint=hint, notes=notes))
    for place, axis in enumerate(accel):
        values, step = _in_steps(axis)
        segments, rate = segments_of(values, runs, layout.rate_hz, name)
        hint = Guess("acc", axis="xyz"[place], stem="accel")
        label = f"Accel Channel {place}"
        made.append(Signal(label, rate, "g", segments, step, hint=hint))
    return made


def _in_steps(values: NDArray[np.float32]) -> tuple[NDArray[np.float32], float]:
    step = step_of(values)
    return values / np.float32(step), step


def _sparse(axes: Sequence[NDArray[np.float32]]) -> list[NDArray[np.float32]]:
    """Blank the zeros that the GUI writes between two readings of a slower accelerometer."""
    if not axes:
        return []
    read = np.any(np.stack(axes) != 0, axis=0)
    if not 0 < read.mean() < 0.5:
        return list(axes)
    return [np.where(read, axis, np.float32(np.nan)) for axis in axes]


def _clocks_as_seconds(
    blocks: Iterator[dict[int, NDArray[Any]]], texts: Sequence[int], first: list[str]
) -> Iterator[dict[int, NDArray[Any]]]:
    """Turn clock texts into seconds of the day; the first text of all is put in `first`."""
    for block in blocks:
        for number in texts:
            if not first and block[number].size:
                first.append(str(block[number][0]).strip())
            block[number] = _day_seconds(block[number])
        yield block


def _day_seconds(texts: NDArray[Any]) -> NDArray[np.float64]:
    """Return seconds of the day of ``[date ]HH:MM:SS.mmm`` texts, NaN where unreadable."""
    tails = np.array([text.strip().rsplit(" ", 1)[-1] for text in texts.tolist()], dtype="U16")
    parts = np.char.partition(tails, ":")
    rest = np.char.partition(parts[:, 2], ":")
    seconds = np.full(len(tails), np.nan)
    for weight, column in ((3600.0, parts[:, 0]), (60.0, rest[:, 0]), (1.0, rest[:, 2])):
        try:
            values = column.astype(np.float64)
        except ValueError:
            values = np.array([_float(text) for text in column.tolist()])
        values[~(np.abs(values) < 100.0)] = np.nan
        seconds = weight * values if weight == 3600.0 else seconds + weight * values
    return seconds


def _float(text: str) -> float:
    return float(text.strip()) if is_number(text) and "," not in text else np.nan


def _arrival(columns: Mapping[int, NDArray[Any]], layout: _Layout) -> NDArray[np.float64]:
    """Return when each row reached the computer, seconds, rising over midnight."""
    if layout.unix is not None:
        times: NDArray[np.float64] = columns[layout.unix]
        known = times[np.isfinite(times)]
        return times / 1000.0 if known.size and np.median(known) > 1e11 else times
    if layout.clock is not None:
        times = columns[layout.clock]
        days = np.cumsum(np.diff(times, prepend=times[:1]) < -43_200.0)
        return times + 86_400.0 * days
    return np.full(len(next(iter(columns.values()))), np.nan)


def _start(
    columns: Mapping[int, NDArray[Any]], layout: _Layout, path: Path, first_clock: list[str]
) -> tuple[datetime | None, str]:
    text = first_clock[0] if first_clock else ""
    try:
        if re.match(r"\d{4}-\d\d-\d\d ", text):
            return datetime.fromisoformat(text), ""
        if layout.unix is not None:
            stamp = float(_arrival(columns, layout)[0])
            return (datetime.fromtimestamp(stamp, UTC), "") if 1e9 < stamp < 4e9 else (None, "")
        named = _DATE.search(path.name)
        if named and ":" in text:
            day = "-".join(named.groups()[:3])
            return datetime.fromisoformat(f"{day} {text}"), ""
    except (ValueError, OverflowError, OSError):
        return None, "its first time stamp cannot be read"
    return None, f"it starts at {text} of an unknown day" if ":" in text else ""


def _markers(
    columns: Mapping[int, NDArray[Any]], layout: _Layout, runs: Sequence[Run]
) -> tuple[Event, ...]:
    if layout.marker is None:
        return ()
    values = np.nan_to_num(columns[layout.marker])
    rows = np.flatnonzero((values != 0) & (np.diff(values, prepend=0.0) != 0))[:100_000]
    firsts = [run.first for run in runs]
    events = []
    for row in rows.tolist():
        run = runs[int(np.searchsorted(firsts, row, side="right")) - 1]
        onset = run.start_s + (row - run.first) / layout.rate_hz
        events.append(Event(onset, 0.0, "marker", extra={"text": f"{values[row]:g}"}))
    return tuple(events)
