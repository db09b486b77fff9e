"""What the features look at: one contraction and all that was recorded around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ...channels.motion import MotionTrack
from ...channels.tracks import EmgTrack

BEFORE_S = 600.0
"""How far back rest is looked for, seconds."""

_GUARD_S = 3.0
_QUIET_RATIO = 1.3
_LEAST_CELLS = 20


@dataclass(frozen=True, eq=False)
class Scene:
    """One contraction and all that was recorded around it.

    Attributes
    ----------
    track
        The muscle that contracts.
    start_s, end_s
        When, seconds from the start of the night.
    mates, others
        The other muscles of this leg, and those of the other leg.
    motion, other_motion
        Accelerometers of this leg and of the other one.
    earlier
        Start and end of the contractions of this leg before this one, seconds, in order.
    reference
        Level of the calibration contraction in the unit of the track; NaN if there was none.
    """

    track: EmgTrack
    start_s: float
    end_s: float
    mates: Sequence[EmgTrack]
    others: Sequence[EmgTrack]
    motion: MotionTrack | None
    other_motion: MotionTrack | None
    earlier: Sequence[tuple[float, float]]
    reference: float = float("nan")

    @property
    def duration_s(self) -> float:
        """Length, seconds."""
        return self.end_s - self.start_s

    @cached_property
    def during(self) -> NDArray[np.intp]:
        """Cells of the contraction that can be trusted."""
        return self._sound(self.track.between(self.start_s, self.end_s))

    @cached_property
    def ratio(self) -> NDArray[np.float64]:
        """Level over rest in each cell of `during`."""
        return ratio_of(self.track, self.during)

    @cached_property
    def quiet(self) -> NDArray[np.intp]:
        """Resting cells before the contraction; empty where there are too few."""
        cells = self.before(BEFORE_S, _GUARD_S)
        quiet = cells[ratio_of(self.track, cells) < _QUIET_RATIO]
        return quiet if quiet.size >= _LEAST_CELLS else quiet[:0]

    @cached_property
    def course(self) -> NDArray[np.float64]:
        """Level over rest in parts of the cells of `during`, evenly spaced."""
        rest = self.track.resting[self.during]
        fine = self.track.fine[self.during]
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray((fine / rest[:, None]).ravel(), np.float64)

    @property
    def course_s(self) -> float:
        """Spacing of `course`, seconds."""
        return float(self.track.cell_s / self.track.fine.shape[1])

    def before(self, reach_s: float, guard_s: float = 0.0) -> NDArray[np.intp]:
        """Return the trusted cells from `reach_s` to `guard_s` before the onset."""
        return self._sound(self.track.between(self.start_s - reach_s, self.start_s - guard_s))

    def after(self, guard_s: float, reach_s: float) -> NDArray[np.intp]:
        """Return the trusted cells from `guard_s` to `reach_s` after the end."""
        return self._sound(self.track.between(self.end_s + guard_s, self.end_s + reach_s))

    def _sound(self, part: slice) -> NDArray[np.intp]:
        known = self.track.valid[part] & np.isfinite(self.track.resting[part])
        return np.asarray(np.flatnonzero(known) + part.start, np.intp)


def ratio_of(track: EmgTrack, cells: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return the level over rest in some cells."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(track.level[cells] / track.resting[cells], np.float64)


def log_ratio(one: float, other: float) -> float:
    """Return the natural logarithm of a ratio; NaN where it has none."""
    if not (one > 0.0 and other > 0.0):
        return float("nan")
    return float(np.log(one / other))
