"""The monitor in a terminal, as far as it needs nothing but text."""

from __future__ import annotations

import math
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray

from ...recording.errors import CrampwatchError
from .board import Track


def need_textual() -> None:
    """Raise where Textual is not installed.

    Raises
    ------
    CrampwatchError
        It is not.
    """
    if find_spec("textual") is None:
        raise CrampwatchError(
            "the view in the terminal needs Textual: pip install 'crampwatch[monitor]'; the"
            " page in the browser needs nothing more"
        )


def strength(
    track: Track, head_s: float, span_s: float, columns: int
) -> tuple[NDArray[np.float64], float]:
    """Return for each column how far a signal went from its middle, and the largest.

    A muscle is shown by the distance between its smallest and largest value; an accelerometer
    by that of its liveliest axis. Columns without samples are NaN.
    """
    many = max(1, round(span_s / track.bins.width_s / columns))
    stop = math.floor(head_s / (track.bins.width_s * many))
    low, high = track.bins.read(stop - columns, stop, many)
    found = np.fmax.reduce((high - low) / 2.0, axis=1).astype(np.float64)
    largest = float(np.fmax.reduce(found)) if found.size else math.nan
    return found, largest


def bars(values: NDArray[np.float64], full: float, lines: int) -> str:
    """Return values as columns of text; a gap is blank, and quiet is not.

    Parameters
    ----------
    values
        One for each column, NaN for a gap.
    full
        Value of a full column.
    lines
        Lines of text.
    """
    steps = len(_BLOCKS) - 1
    levels = np.clip(np.nan_to_num(values) / full * steps * lines, 0.0, steps * lines)
    high = np.where(np.isfinite(values), np.maximum(1, np.rint(levels)), 0).astype(int)
    return "\n".join(
        "".join(_BLOCKS[min(max(0, each - steps * below), steps)] for each in high.tolist())
        for below in range(lines - 1, -1, -1)
    )


_BLOCKS = " ▁▂▃▄▅▆▇█"
