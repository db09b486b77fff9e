"""What the accelerometer says: bouts of movement, and how posture changed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..settings import MovementSettings
from ..signal.robust import median
from ..signal.scanner import active_runs

_BESIDE_S = 3.0
_MERGE_S = 1.5
_AROUND_S = 5.0
_MOSTLY = 0.7
_HYSTERESIS = 0.7


@dataclass(frozen=True, slots=True, eq=False)
class MotionTrack:
    """Movement and gravity of one accelerometer on the time line of the night.

    Attributes
    ----------
    time_s, cell_s
        Start of each cell, shape ``(n,)``, and their length, seconds.
    level
        Movement in each cell, in the unit of the sensor (g).
    resting
        Resting level of the movement.
    gravity
        Mean vector of each cell, shape ``(n, n_axes)``.
    valid
        Whether each cell can be trusted.
    in_g
        Whether the unit is g.
    """

    time_s: NDArray[np.float64]
    cell_s: float
    level: NDArray[np.float32]
    resting: NDArray[np.float64]
    gravity: NDArray[np.float32]
    valid: NDArray[np.bool_]
    in_g: bool

    def between(self, start_s: float, end_s: float) -> slice:
        """Return the cells that begin in a stretch of time."""
        return slice(
            int(np.searchsorted(self.time_s, start_s - 0.5 * self.cell_s)),
            int(np.searchsorted(self.time_s, end_s - 0.5 * self.cell_s)),
        )

    def median_level(self, start_s: float, end_s: float) -> float:
        """Return the median movement in a stretch of time; NaN where there is no signal."""
        part = self.between(start_s, end_s)
        values = self.level[part][self.valid[part]]
        return median(values) if values.size else float("nan")

    def largest(self, start_s: float, end_s: float) -> float:
        """Return the largest movement in a stretch of time; NaN where there is no signal."""
        part = self.between(start_s, end_s)
        values = self.level[part][self.valid[part]]
        return float(values.max()) if values.size else float("nan")

    def moving_share(self, start_s: float, end_s: float, still_g: float) -> float:
        """Return the share of a stretch of time spent moving; NaN where there is no signal."""
        part = self.between(start_s, end_s)
        values = self.level[part][self.valid[part]]
        return float(np.mean(values > still_g)) if values.size else float("nan")

    def moves_at(self, times: NDArray[np.float64], still_g: float) -> NDArray[np.bool_]:
        """Return whether the leg moves through most of the five seconds around each time.

        Parameters
        ----------
        times
            Seconds from the start of the night, shape ``(n,)``.
        still_g
            Movement up to this is stillness, g.
        """
        moving = (self.level > still_g) & self.valid
        half = max(1, round(0.5 * _AROUND_S / self.cell_s))
        total = np.concatenate([[0], np.cumsum(moving)])
        at = np.searchsorted(self.time_s, times)
        low = np.clip(at - half, 0, moving.size)
        high = np.clip(at + half + 1, 0, moving.size)
        share = (total[high] - total[low]) / np.maximum(high - low, 1)
        return np.asarray(share >= _MOSTLY, np.bool_)

    def turn_deg(self, start_s: float, end_s: float) -> float:
        """Return how far gravity turned from before a stretch to after it, degrees.

        NaN where the sensor cannot say: fewer than three axes, no signal, not in g.
        """
        return angle_deg(
            self.posture(start_s - _BESIDE_S, start_s),
            self.posture(end_s, end_s + _BESIDE_S),
        )

    def wander_deg(self, start_s: float, end_s: float) -> float:
        """Return how far gravity strays in a stretch from its middle, degrees; NaN as above."""
        middle = self.posture(start_s, end_s)
        if middle is None:
            return float("nan")
        part = self.between(start_s, end_s)
        vectors = self.gravity[part][self.valid[part]]
        length = np.linalg.norm(vectors, axis=1) * np.linalg.norm(middle)
        with np.errstate(invalid="ignore", divide="ignore"):
            cosine = np.clip(vectors @ middle / length, -1.0, 1.0)
        return float(np.degrees(np.quantile(np.arccos(np.nan_to_num(cosine)), 0.9)))

    def posture(self, start_s: float, end_s: float) -> NDArray[np.float64] | None:
        """Return the median vector of gravity in a stretch; None where it is not known."""
        part = self.between(start_s, end_s)
        vectors = self.gravity[part][self.valid[part]]
        if not self.in_g or vectors.shape[0] == 0 or vectors.shape[1] < 3:
            return None
        mean: NDArray[np.float64] = np.median(vectors, axis=0).astype(np.float64)
        return mean if float(np.linalg.norm(mean)) > 0.3 else None


def angle_deg(one: NDArray[np.float64] | None, other: NDArray[np.float64] | None) -> float:
    """Return the angle between two postures, degrees; NaN where one is not known."""
    if one is None or other is None:
        return float("nan")
    cosine = float(one @ other / (np.linalg.norm(one) * np.linalg.norm(other)))
    return float(np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))))


@dataclass(frozen=True, slots=True)
class Bout:
    """A stretch of movement.

    Attributes
    ----------
    start_s, end_s
        Seconds from the start of the night.
    peak
        Largest movement, in the unit of the sensor.
    turn_deg
        How far gravity turned over it, degrees; NaN where unknown.
    """

    start_s: float
    end_s: float
    peak: float
    turn_deg: float

    @property
    def duration_s(self) -> float:
        """Length, seconds."""
        return self.end_s - self.start_s


def find_bouts(track: MotionTrack, settings: MovementSettings) -> list[Bout]:
    """Return the bouts of movement of one accelerometer, in order."""
    floor = settings.motion_onset_g if track.in_g else 0.0
    with np.errstate(invalid="ignore"):
        upper = np.maximum(settings.motion_onset_ratio * track.resting, floor)
        lower = _HYSTERESIS * upper
    level = np.where(track.valid, track.level, np.nan).astype(np.float32)
    runs = active_runs(level, lower.astype(np.float32), max(1, round(_MERGE_S / track.cell_s)))
    bouts = []
    for first, last in runs:
        if not np.any(level[first:last] >= upper[first:last]):
            continue
        start = float(track.time_s[first])
        end = float(track.time_s[last - 1]) + track.cell_s
        bouts.append(
            Bout(start, end, float(np.nanmax(level[first:last])), track.turn_deg(start, end))
        )
    return bouts
