"""A night as CSV: one table for each rate of each sensor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from ..model import Stream
from .beside import write_beside
from .grid import Gridded

_BLOCK_S = 20.0


def write_tables(
    stem: Path, streams: Sequence[Stream], progress: Callable[[float], None] = lambda _: None
) -> tuple[Path, ...]:
    """Write the streams of one sensor, one file for each kind and rate.

    A row holds the time in seconds from the start of the night and the physical values. A
    cell without a sample is empty; a row without any is left out, so that a gap is a jump
    of the time.

    Parameters
    ----------
    stem
        Beginning of the names: ``STEM_emg_1000Hz.csv``.
    streams
        Streams of one sensor; those without samples are left out.
    progress
        Called with the part done, from 0 to 1.

    Raises
    ------
    RecordingError
        A file cannot be written.
    """
    groups: dict[tuple[str, float], list[Stream]] = {}
    for stream in streams:
        if stream.n_samples:
            rate = stream.nominal_rate_hz or stream.rate_hz
            groups.setdefault((stream.kind, rate), []).append(stream)
    written = []
    for number, ((kind, rate), group) in enumerate(groups.items()):
        path = stem.with_name(f"{stem.name}_{kind}_{rate:.6g}Hz.csv")
        _write(path, group, rate, lambda part, n=number: progress((n + part) / len(groups)))  # type: ignore[misc]
        written.append(path)
    return tuple(written)


def _write(
    path: Path, streams: Sequence[Stream], rate_hz: float, progress: Callable[[float], None]
) -> None:
    grids = [Gridded(stream, rate_hz) for stream in streams]
    length = max(len(grid) for grid in grids)
    at_once = max(1, round(_BLOCK_S * rate_hz))
    names = [name for stream in streams for name in _names(stream)]
    digits = max(6, len(f"{rate_hz:.0f}") + 3)
    form = ",".join([f"%.{digits}f", *("%.9g" for _ in names)])
    with write_beside(path) as file:
        file.write(",".join(["time [s]", *names]).encode() + b"\n")
        for first in range(0, length, at_once):
            after = min(first + at_once, length)
            columns = [np.arange(first, after)[:, None] / rate_hz]
            columns += [_physical(grid, first, after) for grid in grids]
            rows = np.concatenate(columns, axis=1)
            rows = rows[np.isfinite(rows[:, 1:]).any(axis=1)]
            lines = (form % tuple(row) for row in rows.tolist())
            text = "".join(f"{line}\n" for line in lines).replace("nan", "")
            file.write(text.encode())
            progress(after / length)


def _physical(
    grid: Gridded, first: int, after: int
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    values = grid.read(first, after) * grid.stream.gain + grid.stream.offset
    for begin, end in grid.holes(after):
        if end > first:
            values[max(begin - first, 0) : end - first] = np.nan
    return values


def _names(stream: Stream) -> list[str]:
    unit = f" [{stream.unit}]" if stream.unit else ""
    return [
        f"{stream.label} {axis.upper()}".strip().replace(",", " ") + unit
        for axis in stream.axes or ("",)
    ]
