"""Columns of numbers in text files, read block by block."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..errors import RecordingError
from ..model import ArraySource, Segment

if TYPE_CHECKING:
    import pandas as pd

_BLOCK = 1 << 23
_LONGEST_LINE = 1 << 20
_MOST_SEGMENTS = 200_000
_LARGEST = 1e30


@dataclass(frozen=True, slots=True)
class Run:
    """Rows ``first`` to ``last`` of a table, evenly spaced from `start_s` on."""

    start_s: float
    first: int
    last: int


def first_lines(path: Path, number: int, longest: int = _LONGEST_LINE) -> list[bytes]:
    """Return up to `number` first lines with their ends; errors name `path`."""
    lines = []
    with path.open("rb") as file:
        for _ in range(number):
            line = file.readline(longest)
            if not line:
                break
            if len(line) == longest:
                raise RecordingError(
                    f"{path.name}: a line longer than {longest} bytes: no text"
                )
            lines.append(line)
    return lines


def read_blocks(
    path: Path,
    first_byte: int,
    separator: str,
    numbers: Sequence[int],
    texts: Sequence[int] = (),
    *,
    decimal: str = ".",
) -> Iterator[dict[int, NDArray[Any]]]:
    r"""Yield blocks of rows, each a mapping of column number to its values.

    Parameters
    ----------
    path
        Text file.
    first_byte
        Where the rows begin, after the header.
    separator
        One character, or ``\s+``.
    numbers, texts
        Numbers of the columns to read: as float64, NaN where there is no finite number, or
        as str.
    decimal
        Decimal sign.

    Raises
    ------
    RecordingError
        A line is too long to be text, or the rows cannot be told apart.
    """
    for block in _line_blocks(path, first_byte):
        frame = _frame(block, separator, [*numbers, *texts], decimal, path.name)
        rows: dict[int, NDArray[Any]] = {n: _as_numbers(frame[n], decimal) for n in numbers}
        rows |= {n: np.asarray(frame[n].astype(str).fillna(""), dtype=object) for n in texts}
        yield rows


def gather(
    blocks: Iterator[dict[int, NDArray[Any]]], dtypes: Mapping[int, Any]
) -> dict[int, NDArray[Any]]:
    """Return whole columns, converted to `dtypes` (column number to dtype) as they come."""
    parts: dict[int, list[NDArray[Any]]] = {number: [] for number in dtypes}
    for block in blocks:
        for number, dtype in dtypes.items():
            parts[number].append(block[number].astype(dtype))
    return {
        number: np.concatenate(parts.pop(number)) if parts[number] else np.empty(0, dtype)
        for number, dtype in dtypes.items()
    }


def segments_of(
    values: NDArray[Any], runs: Sequence[Run], rate_hz: float, name: str
) -> tuple[tuple[Segment, ...], float]:
    """Return the runs of finite values as segments, and their sampling rate.

    A column that holds a number only in every ``k``-th row is a slower signal: it gets
    ``rate_hz / k``.
    """
    filled = np.flatnonzero(np.isfinite(values)) if values.dtype.kind == "f" else None
    if filled is None or filled.size == len(values):
        whole = tuple(
            Segment(run.start_s, ArraySource(values[run.first : run.last, None]))
            for run in runs
            if run.last > run.first
        )
        return whole, rate_hz
    if filled.size == 0:
        return (), rate_hz
    every = _spacing(filled)
    firsts = np.array([run.first for run in runs])
    owner = np.searchsorted(firsts, filled, side="right") - 1
    breaks = np.flatnonzero((np.diff(filled) != every) | (np.diff(owner) != 0)) + 1
    if breaks.size > _MOST_SEGMENTS:
        raise RecordingError(f"{name}: a column has {breaks.size} holes; it is no signal")
    segments = []
    edges = [0, *breaks.tolist(), filled.size]
    for begin, end in pairwise(edges):
        run = runs[int(owner[begin])]
        start_s = run.start_s + (int(filled[begin]) - run.first) / rate_hz
        segments.append(Segment(start_s, ArraySource(values[filled[begin:end], None])))
    return tuple(segments), rate_hz / every


def step_of(values: NDArray[Any]) -> float:
    """Return the smallest difference between values, 1 where there is none.

    It is the step of the converter as far as the text shows it, and the gain that makes
    whole numbers of the values.
    """
    probe = values[: 50_000 * max(1, len(values) // 50_000) : max(1, len(values) // 50_000)]
    distinct = np.unique(probe[np.isfinite(probe)].astype(np.float64))
    if distinct.size < 2:
        return 1.0
    gaps = np.diff(distinct)
    step = float(gaps[gaps > 1e-6 * np.max(np.abs(distinct))].min(initial=np.inf))
    return step if np.isfinite(step) else 1.0


def _line_blocks(path: Path, first_byte: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(first_byte)
        rest = b""
        while block := file.read(_BLOCK):
            block = rest + block
            end = max(block.rfind(b"\n"), block.rfind(b"\r")) + 1
            if end == 0:
                raise RecordingError(
                    f"{path.name}: {len(block)} bytes without the end of a line: no text"
                )
            rest = block[end:]
            if len(rest) > _LONGEST_LINE:
                raise RecordingError(
                    f"{path.name}: a line longer than {_LONGEST_LINE} bytes: no text"
                )
            yield block[:end]
        if rest.strip():
            yield rest


def _frame(
    block: bytes, separator: str, columns: Sequence[int], decimal: str, name: str
) -> pd.DataFrame:
    import pandas as pd

    try:
        return pd.read_csv(
            BytesIO(block.replace(b"\0", b"?")),
            header=None,
            names=range(max(columns) + 1),
            usecols=list(columns),
            sep=separator,
            decimal=decimal,
            quoting=3,
            skipinitialspace=True,
            skip_blank_lines=False,
            encoding_errors="replace",
            low_memory=False,
        )
    except (ValueError, OverflowError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise RecordingError(
            f"{name}: its rows cannot be read as a table ({reason})"
        ) from error


def _as_numbers(column: pd.Series[Any], decimal: str) -> NDArray[np.float64]:
    import pandas as pd

    if column.dtype.kind not in "iufb":
        text = column.astype(str).str.strip("\"' \t")
        if decimal != ".":
            text = text.str.replace(decimal, ".", regex=False)
        column = pd.to_numeric(text, errors="coerce")
    values: NDArray[np.float64] = np.array(column, dtype=np.float64)
    values[~(np.abs(values) < _LARGEST)] = np.nan
    return values


def _spacing(filled: NDArray[np.intp]) -> int:
    steps = np.diff(filled)
    if steps.size == 0:
        return 1
    every = int(np.median(steps))
    return every if every > 1 and np.mean(steps == every) >= 0.6 else 1


def is_number(cell: str) -> bool:
    """Return whether a cell of a table reads as a number, with a point or a comma."""
    return (
        re.fullmatch(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?", cell.strip()) is not None
    )
