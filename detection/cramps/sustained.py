"""Sustained contractions: half-second levels that stay above rest for many seconds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from ..settings import CrampSettings
from ..signal.scanner import active_runs, true_runs

_SMOOTHING_CELLS = 5
_AFTERTONE = 0.35
_PLATEAU_S = 20.0
_SETTLED_S = 60.0
# The lowest envelope in half a second of pure rest lies near 0.8 of the resting level.
_FLOOR_RATIO = 1.05
# Slow modulation of a cramp takes half of its level away; the pause between two movements
# takes nearly all.
_FLOOR_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Contraction:
    """A sustained contraction in cells of one channel.

    Attributes
    ----------
    first, last
        First cell, one past the last.
    ratio_median, ratio_peak
        Level over resting: median and largest (over 2.5 s).
    continuity
        Share of its cells in which the envelope never fell back to rest.
    """

    first: int
    last: int
    ratio_median: float
    ratio_peak: float
    continuity: float


def find_contractions(
    level: NDArray[np.float32],
    floor: NDArray[np.float32],
    resting: NDArray[np.float64],
    valid: NDArray[np.bool_],
    *,
    cell_s: float,
    settings: CrampSettings,
) -> list[Contraction]:
    """Find sustained contractions.

    Parameters
    ----------
    level, floor
        Mean and lowest envelope of each cell, shape ``(n,)``, one unit.
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
        low = floor / resting
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
                found.append(_describe(first + start, first + stop, ratio, low))
    return _without_aftertone(found, round(_SETTLED_S / cell_s))


def _without_aftertone(found: list[Contraction], cells: int) -> list[Contraction]:
    """Drop what is left of a contraction after a movement: the tone of the same muscle.

    Parameters
    ----------
    found
        Contractions in order.
    cells
        Tone that begins later than so many cells after the contraction stands by itself.
    """
    kept: list[Contraction] = []
    settled, excess = -cells - 1, 0.0
    for one in found:
        own = one.ratio_median - 1.0
        if one.first - settled <= cells and own < _AFTERTONE * excess:
            settled = one.last
            continue
        kept.append(one)
        settled, excess = one.last, own
    return kept


def _describe(
    first: int, last: int, ratio: NDArray[np.float64], low: NDArray[np.float64]
) -> Contraction:
    """Describe the contraction from cell `first` to before cell `last`.

    Parameters
    ----------
    first, last
        Its cells.
    ratio, low
        Level and lowest envelope of every cell over the resting level, shape ``(n,)``.
    """
    part, lowest = ratio[first:last], low[first:last]
    known = np.isfinite(part)
    part, lowest = part[known], lowest[known]
    return Contraction(
        first,
        last,
        float(np.median(part)),
        float(_running_median(part).max()),
        _continuity(lowest, part),
    )


def _continuity(low: NDArray[np.float64], ratio: NDArray[np.float64]) -> float:
    """Return the share of the contraction, from its build-up on, without a fall to rest."""
    plateau = float(np.median(ratio))
    built_up = int(np.argmax(ratio >= 0.5 * plateau))
    return float(np.mean(low[built_up:] > max(_FLOOR_RATIO, _FLOOR_SHARE * plateau)))


def _plateaus(ratio: NDArray[np.float64], bridge: int, cells: int) -> list[tuple[int, int]]:
    """Return the contractions in a stretch above rest, without the tone that follows them.

    After a cramp the muscle can stay near twice its resting level for minutes. A contraction
    is over where the level has fallen to a third of its plateau, the median of its strongest
    twenty seconds. The first of a stretch keeps the build-up before it.
    """
    strongest = np.sort(ratio)[-min(cells, ratio.size) :]
    plateau = float(np.median(strongest)) - 1.0
    threshold = np.full(ratio.size, 1.0 + _AFTERTONE * plateau, np.float32)
    runs = active_runs(ratio.astype(np.float32), threshold, 2 * bridge)
    spans = [(int(first), int(last)) for first, last in runs]
    if spans:
        longest = max(range(len(spans)), key=lambda i: spans[i][1] - spans[i][0])
        if longest == 0 or spans[longest][0] < spans[longest][1] - spans[longest][0]:
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
