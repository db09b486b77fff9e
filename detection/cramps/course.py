"""What a cramp event tells: how it rose and ended, what the sleeper did, when it settled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d

from ..signal.robust import median
from ..signal.scanner import true_runs
from .features.movement import STILL_G
from .features.scene import Scene

_ABRUPT_S = 1.5
_FALL_LIMIT_S = 60.0
_HIGH = 0.7
_LOW = 0.35
_LEAST_CELLS = 4
_PULL_RATIO = 8.0
_PULLED_S = 4.0
_SMOOTHING_S = 2.0
_UPRIGHT_DEG = 50.0
_STANDS_S = 10.0
_WATCHED_S = 300.0
_SETTLED_RATIO = 1.3
_SETTLED_S = 60.0
_SETTLE_LIMIT_S = 1800.0
_TOLERANCE = 0.9


def course_of(scene: Scene, values: Mapping[str, float], *, complete: bool) -> dict[str, Any]:
    """Return the columns that a cramp event has beside its onset and duration.

    Parameters
    ----------
    scene
        The contraction and what was recorded around it.
    values
        Its features.
    complete
        Whether what follows it is known.

    Returns
    -------
    dict
        ``rise_s``, ``peak_reference``, ``movement_before``, and where what follows is known
        ``ending``, ``movement_after``, ``stood_up``, ``settled_s``; None is not known.
    """
    course: dict[str, Any] = {
        "rise_s": _known(values["rise_s"], 2),
        "peak_reference": _known(
            values["reference"] * values["ratio_peak"] / values["ratio_median"], 3
        ),
        "movement_before": _known(values["movement_before"], 4),
    }
    if complete:
        course |= {
            "ending": ending_of(scene, values),
            "movement_after": _known(values["movement_after"], 4),
            "stood_up": _stood_up(scene),
            "settled_s": _settled_s(scene),
        }
    return course


def ending_of(scene: Scene, values: Mapping[str, float]) -> str:
    """Return how a contraction ended: ``stretched``, ``faded`` or ``unknown``.

    ``stretched``: it falls from its plateau within a second and a half while the leg moves,
    or within four seconds while the antagonist pulls. ``faded``: the fall takes longer.
    """
    fall_s = _fall_s(scene)
    if fall_s is None:
        return "unknown"
    pull = values["antagonist_at_end"]
    if fall_s > (_PULLED_S if pull > _PULL_RATIO else _ABRUPT_S):
        return "faded"
    moved = values["movement_at_end"] > STILL_G
    return "stretched" if moved or pull > _PULL_RATIO else "unknown"


def _fall_s(scene: Scene) -> float | None:
    """Return the time from the last 70 % of the plateau to 35 % of it, seconds.

    None where the level does not fall so far within a minute, or a gap hides it.
    """
    track = scene.track
    part = track.between(scene.start_s, scene.end_s + _FALL_LIMIT_S)
    times = track.time_s[part]
    if scene.ratio.size < _LEAST_CELLS or times.size < _LEAST_CELLS:
        return None
    with np.errstate(invalid="ignore", divide="ignore"):
        course = (track.fine[part] / track.resting[part][:, None]).ravel() - 1.0
    step = scene.course_s
    smooth = uniform_filter1d(course, max(1, round(_SMOOTHING_S / step)), mode="nearest")
    strongest = np.sort(scene.ratio)[-max(_LEAST_CELLS, scene.ratio.size // 2) :]
    plateau = median(strongest) - 1.0
    within = int(np.searchsorted(times, scene.end_s + _ABRUPT_S)) * track.fine.shape[1]
    high = np.flatnonzero(smooth[:within] >= _HIGH * plateau)
    if high.size == 0:
        return None
    last = int(high[-1])
    low = np.flatnonzero(smooth[last:] <= _LOW * plateau)
    if low.size == 0:
        return None
    cells = slice(last // track.fine.shape[1], (last + int(low[0])) // track.fine.shape[1] + 1)
    if np.any(np.diff(times[cells]) > 1.5 * track.cell_s):
        return None
    return float(low[0]) * step


def _stood_up(scene: Scene) -> bool | None:
    """Return whether the leg was upright for ten seconds in the five minutes after.

    The posture of the contraction, and of the hour before it, is taken for lying; upright is
    a turn of at least 50 degrees in which the leg moves as in walking. None without a
    three-axis accelerometer or where the recording does not go on.
    """
    motion = scene.motion
    if motion is None:
        return None
    lying = motion.posture(scene.start_s - 30.0, scene.end_s)
    part = motion.between(scene.end_s, scene.end_s + _WATCHED_S)
    cells = np.flatnonzero(motion.valid[part]) + part.start
    if lying is None or cells.size * motion.cell_s < _SETTLED_S:
        return None
    vectors = motion.gravity[cells]
    with np.errstate(invalid="ignore", divide="ignore"):
        cosine = vectors @ lying / (np.linalg.norm(vectors, axis=1) * np.linalg.norm(lying))
    turned = cosine < np.cos(np.radians(_UPRIGHT_DEG))
    walked = motion.level[cells] > 2.0 * STILL_G
    upright = turned & walked
    return bool(np.count_nonzero(upright) * motion.cell_s >= _STANDS_S)


def _settled_s(scene: Scene) -> float | None:
    """Return the time from the end until leg and tone were at rest for a minute.

    None where that is not seen within half an hour, or a gap hides it.
    """
    track, end = scene.track, scene.end_s
    part = track.between(end, end + _SETTLE_LIMIT_S + _SETTLED_S)
    times = track.time_s[part]
    if times.size == 0 or float(times[0]) - end > 2.0 * track.cell_s:
        return None
    gap = np.flatnonzero(np.diff(times) > 1.5 * track.cell_s)
    seen = int(gap[0]) + 1 if gap.size else times.size
    times = times[:seen]
    cells = slice(part.start, part.start + seen)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = track.level[cells] / track.resting[cells]
    calm = track.valid[cells] & (ratio < _SETTLED_RATIO)
    if scene.motion is not None:
        at = np.searchsorted(scene.motion.time_s, times, "right") - 1
        calm &= scene.motion.level[np.maximum(at, 0)] <= STILL_G
    need = max(1, round(_SETTLED_S / track.cell_s))
    first = _first_calm(calm, need)
    if first is None:
        return None
    return round(max(0.0, float(times[first]) - end), 1)


def _first_calm(calm: NDArray[np.bool_], need: int) -> int | None:
    """Return where the first stretch begins that is calm nine tenths of so many cells."""
    if calm.size < need:
        return None
    total = np.concatenate([[0], np.cumsum(calm)])
    share = (total[need:] - total[:-need]) / need
    runs = true_runs((share >= _TOLERANCE) & calm[: share.size])
    return int(runs[0][0]) if len(runs) else None


def _known(value: float, digits: int) -> float | None:
    return None if np.isnan(value) else round(float(value), digits)
