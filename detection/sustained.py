"""Sustained contractions: half-second levels that stay above rest for many seconds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from .movements import active_runs, true_runs
from .settings import CrampSettings

_SMOOTHING_CELLS = 5
_AFTERTONE = 0.35
# The lowest envelope in half a second of pure rest lies near 0.8 of the resting level.
_FLOOR_RATIO = 1.05


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
        last = first + _end_of_plateau(part, bridge)
        if last - first < shortest:
            continue
        part = ratio[first:last]
        found.append(
            Contraction(
                first,
                last,
                float(np.median(part)),
                float(smooth[first:last].max()),
                float(np.mean(low[first:last] > _FLOOR_RATIO)),
            )
        )
    return found


def _end_of_plateau(ratio: NDArray[np.float64], bridge: int) -> int:
    """Return where the contraction ends and the raised tone that may follow it begins.

    After a cramp the muscle can stay near twice its resting level for minutes; the
    contraction is over where the level has fallen to a third of its plateau.
    """
    plateau = float(np.quantile(ratio, 0.75)) - 1.0
    strongest = float(ratio.max()) - 1.0
    if strongest > 3.0 * plateau:
        plateau = strongest / 2.0
    above = true_runs(ratio - 1.0 > _AFTERTONE * plateau)
    if len(above) == 0:
        return int(ratio.size)
    peak = int(np.argmax(ratio))
    end = int(above[-1, 1])
    for before, after in zip(above[:-1], above[1:], strict=True):
        if before[1] > peak and after[0] - before[1] >= 2 * bridge:
            end = int(before[1])
            break
    return end


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
