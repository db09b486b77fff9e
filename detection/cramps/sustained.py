"""Sustained contractions: half-second levels that stay above rest for many seconds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from ..settings import CrampSettings
from ..signal.robust import median
from ..signal.scanner import active_runs, true_runs

_SMOOTHING_CELLS = 5
_AFTERTONE = 0.4
_ALIKE = 0.55
_PLATEAU_S = 10.0


@dataclass(frozen=True, slots=True)
class _Spans:
    """What a contraction needs, in cells: level, length, plateau, and dips to pass over."""

    onset_ratio: float
    shortest: float
    plateau: int
    bridge: int


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
    rule = _Spans(
        settings.onset_ratio,
        settings.min_duration_s / cell_s,
        max(1, round(_PLATEAU_S / cell_s)),
        bridge,
    )
    found = []
    for run in runs:
        first, last = int(run[0]), int(run[1])
        part = smooth[first:last]
        found += [(first + start, first + stop) for start, stop in _plateaus(part, rule)]
    return found


def _plateaus(ratio: NDArray[np.float64], rule: _Spans) -> list[tuple[int, int]]:
    """Return the contractions in a stretch above rest, each apart from the tone beside it.

    After a cramp the muscle can stay near twice its resting level for minutes, and a movement
    is often stronger than the cramp before it. So the strongest is taken out first, as far as
    it exceeds a share of its plateau, the median of its strongest ten seconds; what is left
    on both sides is looked at in the same way. A build-up that is shorter than what it leads
    to belongs to it. Neighbours that are nearly as strong are one contraction.
    """
    found: list[tuple[int, int]] = []
    left = [(0, ratio.size)]
    while left:
        start, stop = left.pop()
        part = ratio[start:stop]
        if part.size < rule.shortest or part.max() < rule.onset_ratio:
            continue
        plateau = median(np.sort(part)[-rule.plateau :]) - 1.0
        threshold = np.full(part.size, 1.0 + _AFTERTONE * plateau, np.float32)
        runs = active_runs(part.astype(np.float32), threshold, rule.bridge)
        spans = [(start + int(first), start + int(last)) for first, last in runs]
        if not spans:
            continue
        longest = max(range(len(spans)), key=lambda i: spans[i][1] - spans[i][0])
        first, last = spans[longest]
        begun = spans[longest - 1][1] if longest else start
        if first - begun < last - first:
            spans[longest] = (begun, last)
        found += spans
        edges = [start, *(edge for span in spans for edge in span), stop]
        left += [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if b > a]
    return _joined(sorted(found), ratio, rule)


def _joined(
    spans: list[tuple[int, int]], ratio: NDArray[np.float64], rule: _Spans
) -> list[tuple[int, int]]:
    """Join neighbours that are nearly as strong, and drop what stays too short."""
    kept: list[tuple[int, int]] = []
    for first, last in spans:
        if kept and first - kept[-1][1] <= 2 * rule.bridge:
            own = median(ratio[first:last]) - 1.0
            before = median(ratio[slice(*kept[-1])]) - 1.0
            if min(own, before) >= _ALIKE * max(own, before):
                kept[-1] = (kept[-1][0], last)
                continue
        kept.append((first, last))
    return [(first, last) for first, last in kept if last - first >= rule.shortest]


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
