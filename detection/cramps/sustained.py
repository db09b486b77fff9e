"""Sustained contractions: half-second levels that stay above rest for many seconds."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from ..settings import CrampSettings
from ..signal.scanner import active_runs, true_runs

_SMOOTHING_CELLS = 5
_AFTERTONE = 0.35
_PLATEAU_S = 20.0
_SETTLED_S = 60.0


def find_contractions(
    level: NDArray[np.float32],
    resting: NDArray[np.float64],
    valid: NDArray[np.bool_],
    *,
    cell_s: float,
    settings: CrampSettings,
) -> list[tuple[int, int]]:
    """Return first cell and one past the last of each sustained contraction, in order.

    Parameters
    ----------
    level
        Mean envelope of each cell, shape ``(n,)``.
    resting
        Resting level under each cell, NaN where unknown.
    valid
        Whether each cell can be trusted.
    cell_s
        Length of a cell, seconds.
    settings
        Settings of the cramp part.
    """
    if level.size == 0:
        return []
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = level / resting
    bridge = max(1, round(settings.bridge_s / cell_s))
    ratio = _bridge(np.where(valid, ratio, np.nan), bridge)
    smooth = _running_median(ratio)
    lower = np.full(smooth.size, settings.offset_ratio)
    runs = active_runs(smooth.astype(np.float32), lower.astype(np.float32), bridge)
    shortest = settings.min_duration_s / cell_s
    found = []
    for run in runs:
        first, last = int(run[0]), int(run[1])
        part = smooth[first:last]
        if last - first < shortest or part.max() < settings.onset_ratio:
            continue
        for start, stop in _plateaus(part, bridge, round(_PLATEAU_S / cell_s)):
            if stop - start >= shortest:
                found.append((first + start, first + stop))
    return _without_aftertone(found, ratio, round(_SETTLED_S / cell_s))


def _without_aftertone(
    found: list[tuple[int, int]], ratio: NDArray[np.float64], cells: int
) -> list[tuple[int, int]]:
    """Drop what is left of a contraction after a movement: the tone of the same muscle.

    Parameters
    ----------
    found
        Contractions in order.
    ratio
        Level of every cell over rest, shape ``(n,)``.
    cells
        Tone that begins later than so many cells after the contraction stands by itself.
    """
    kept: list[tuple[int, int]] = []
    settled, excess = -cells - 1, 0.0
    for first, last in found:
        own = float(np.nanmedian(ratio[first:last])) - 1.0
        if first - settled <= cells and own < _AFTERTONE * excess:
            settled = last
            continue
        kept.append((first, last))
        settled, excess = last, own
    return kept


def _plateaus(ratio: NDArray[np.float64], bridge: int, cells: int) -> list[tuple[int, int]]:
    """Return the contractions in a stretch above rest, without the tone that follows them.

    After a cramp the muscle can stay near twice its resting level for minutes. A contraction
    is over where the level has fallen to a third of its plateau, the median of its strongest
    twenty seconds. The longest of a stretch keeps a build-up before it that is shorter than
    itself.
    """
    strongest = np.sort(ratio)[-min(cells, ratio.size) :]
    plateau = float(np.median(strongest)) - 1.0
    threshold = np.full(ratio.size, 1.0 + _AFTERTONE * plateau, np.float32)
    runs = active_runs(ratio.astype(np.float32), threshold, 2 * bridge)
    spans = [(int(first), int(last)) for first, last in runs]
    if spans:
        longest = max(range(len(spans)), key=lambda i: spans[i][1] - spans[i][0])
        if spans[longest][0] < spans[longest][1] - spans[longest][0]:
            spans = [(0, spans[longest][1]), *spans[longest + 1 :]]
    return spans


def _bridge(ratio: NDArray[np.float64], longest: int) -> NDArray[np.float64]:
    """Hold the last value through untrusted stretches of at most `longest` cells."""
    out = ratio.copy()
    for first, last in true_runs(np.isnan(ratio)):
        if first > 0 and last < ratio.size and last - first <= longest:
            out[first:last] = min(ratio[first - 1], ratio[last])
    return out


def _running_median(values: NDArray[np.float64]) -> NDArray[np.float64]:
    half = _SMOOTHING_CELLS // 2
    padded = np.pad(values, half, mode="edge")
    return np.median(sliding_window_view(padded, _SMOOTHING_CELLS), axis=1)
