"""The shape of a contraction in time: how it rises, holds, and ends."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...signal.robust import median
from .feature import Feature
from .scene import Scene

_CRAMP = "builds over seconds to minutes, fades, or stops when stretched (Ross and Thomas 1995)"
_OURS = "contrast with movements, which start and stop within a second"

FEATURES = (
    Feature("duration_s", "s", "shape", "how long it lasts", _CRAMP),
    Feature("rise_s", "s", "shape", "time from the onset to 80 % of the plateau", _CRAMP),
    Feature("rise_share", "1", "shape", "share of it that is build-up", _CRAMP),
    Feature("jump", "1", "shape", "largest rise within half a second, over the plateau", _OURS),
    Feature("jump_at_onset", "1", "shape", "rise within the first second", _OURS),
    Feature(
        "fall_s", "s", "shape", "time from the last 80 % of the plateau to the end", _CRAMP
    ),
    Feature("drop", "1", "shape", "largest fall within a second near the end", _CRAMP),
    Feature("duty", "1", "shape", "share of it above half of the plateau", _OURS),
    Feature(
        "continuity", "1", "shape", "share of it without a fall to rest", _CRAMP, expects=1
    ),
    Feature("dips", "1/min", "shape", "falls to near rest", _OURS),
    Feature("peakiness", "1", "shape", "peak over plateau", _OURS),
    Feature(
        "centre",
        "1",
        "shape",
        "when half of the activity is over, as a share",
        _OURS,
        portable=False,
    ),
    Feature(
        "slope", "1/min", "shape", "growth of the level on the plateau", _CRAMP, portable=False
    ),
)

# The lowest envelope in half a second of pure rest lies near 0.8 of the resting level.
_FLOOR_RATIO = 1.05
# Slow modulation of a cramp takes half of its level away; the pause between two movements
# takes nearly all.
_FLOOR_SHARE = 0.2


def measure(scene: Scene) -> dict[str, float]:
    """Return the features of `FEATURES`."""
    ratio, course = scene.ratio, scene.course
    values = dict.fromkeys((feature.name for feature in FEATURES), float("nan"))
    values["duration_s"] = scene.duration_s
    if ratio.size < 4:
        return values
    excess = course - 1.0
    strongest = np.sort(ratio)[-max(4, ratio.size // 2) :]
    plateau = max(median(strongest) - 1.0, 1e-3)
    second = max(1, round(1.0 / scene.course_s))
    smooth = _smoothed(excess, second)
    high = np.flatnonzero(smooth >= 0.8 * plateau)
    first, last = (int(high[0]), int(high[-1]) + 1) if high.size else (0, smooth.size)
    values["rise_s"] = first * scene.course_s
    values["rise_share"] = first / smooth.size
    values["fall_s"] = (smooth.size - last) * scene.course_s
    half = max(1, second // 2)
    steps = _steps(excess, half)
    values["jump"] = float(steps.max()) / plateau
    begin = _onset_step(scene, second)
    values["jump_at_onset"] = begin / plateau
    tail = excess[max(0, last - 2 * second) :]
    values["drop"] = float(_steps(-tail, second).max()) / plateau
    values["duty"] = float(np.mean(ratio - 1.0 > 0.5 * plateau))
    values["continuity"] = _continuity(scene)
    low = smooth < 0.2 * plateau
    falls = int(np.count_nonzero(low[1:] & ~low[:-1]))
    values["dips"] = falls / scene.duration_s * 60.0
    values["peakiness"] = float(smooth.max()) / plateau
    total = np.cumsum(np.maximum(excess, 0.0))
    if total[-1] > 0.0:
        values["centre"] = float(np.searchsorted(total, 0.5 * total[-1])) / total.size
    if last - first > 4 * second:
        held = np.log(np.maximum(smooth[first:last] + 1.0, 0.1))
        minutes = np.arange(held.size) * scene.course_s / 60.0
        minutes -= minutes.mean()
        values["slope"] = float(minutes @ held / (minutes @ minutes))
    return values


def _continuity(scene: Scene) -> float:
    """Return the share of the contraction, from its build-up on, without a fall to rest."""
    plateau = median(scene.ratio)
    low = scene.track.floor[scene.during] / scene.track.resting[scene.during]
    built_up = int(np.argmax(scene.ratio >= 0.5 * plateau))
    return float(np.mean(low[built_up:] > max(_FLOOR_RATIO, _FLOOR_SHARE * plateau)))


def _onset_step(scene: Scene, second: int) -> float:
    """Return how far the level rises from the second before to two seconds after the onset."""
    cells = scene.before(2.0)
    early = scene.course[: 2 * second]
    if cells.size == 0:
        return float("nan")
    base = median(scene.track.level[cells] / scene.track.resting[cells])
    return float(np.max(_smoothed(early, max(1, second // 2)))) - base


def _steps(values: NDArray[np.float64], apart: int) -> NDArray[np.float64]:
    """Return differences of means over `apart` values on both sides of each point."""
    if values.size < 2 * apart:
        return np.zeros(1)
    total = np.concatenate([[0.0], np.cumsum(values)])
    means = (total[apart:] - total[:-apart]) / apart
    return np.asarray(means[apart:] - means[:-apart], np.float64)


def _smoothed(values: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    """Return a centred moving mean of the same length."""
    if values.size <= width:
        return np.full(values.size, values.mean())
    total = np.concatenate([[0.0], np.cumsum(values)])
    at = np.arange(values.size)
    low = np.clip(at - width // 2, 0, values.size)
    high = np.clip(at - width // 2 + width, 0, values.size)
    return np.asarray((total[high] - total[low]) / (high - low), np.float64)
