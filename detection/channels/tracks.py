"""The cells of a channel on the time line of the night, ready to be compared with others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...recording.model import Event
from ..signal.robust import median
from .channel import Channel
from .motion import MotionTrack
from .report import ChannelReport

_COLUMNS = ("level", "floor", "peak", "fine", "rms", "steep", "wide", "slow", "mains")


@dataclass(frozen=True, slots=True, eq=False)
class EmgTrack:
    """The cells of one scored EMG channel.

    Attributes
    ----------
    number
        Number of the signal.
    report
        How it is scored.
    cell_s
        Length of a cell, seconds.
    time_s
        Start of each cell, seconds from the start of the night, shape ``(n,)``.
    level, floor, peak
        Mean, lowest and highest envelope in each cell.
    fine
        Mean envelope in each part of a cell, shape ``(n, 4)``.
    rms, steep, wide
        RMS in the band, of the slope in the band (per second), and of the unfiltered first
        difference over the square root of two.
    slow, mains
        Slow excursion, and mains that was taken out.
    resting
        Resting level, or what the converter can tell if that is more; NaN where unknown.
    valid
        Whether the cell can be trusted.
    """

    number: int
    report: ChannelReport
    cell_s: float
    time_s: NDArray[np.float64]
    level: NDArray[np.float32]
    floor: NDArray[np.float32]
    peak: NDArray[np.float32]
    fine: NDArray[np.float32]
    rms: NDArray[np.float32]
    steep: NDArray[np.float32]
    wide: NDArray[np.float32]
    slow: NDArray[np.float32]
    mains: NDArray[np.float32]
    resting: NDArray[np.float64]
    valid: NDArray[np.bool_]

    def between(self, start_s: float, end_s: float) -> slice:
        """Return the cells that begin in a stretch of time."""
        first, stop = np.searchsorted(self.time_s, [start_s, max(start_s, end_s)])
        return slice(int(first), int(stop))

    def excess(self, start_s: float, end_s: float) -> float:
        """Return the median level over resting, less one; NaN where there is no signal."""
        ratio = self._ratio(start_s, end_s)
        return median(ratio) - 1.0 if ratio.size else float("nan")

    def strongest(self, start_s: float, end_s: float) -> float:
        """Return the highest level over resting; NaN where there is no signal."""
        ratio = self._ratio(start_s, end_s)
        return float(ratio.max()) if ratio.size else float("nan")

    def _ratio(self, start_s: float, end_s: float) -> NDArray[np.float64]:
        part = self.between(start_s, end_s)
        keep = self.valid[part]
        level, resting = self.level[part][keep], self.resting[part][keep]
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(level / resting, np.float64)

    def since(self, start_s: float) -> EmgTrack:
        """Return the cells from a time on."""
        return self.part(slice(int(np.searchsorted(self.time_s, start_s)), None))

    def part(self, cells: slice) -> EmgTrack:
        """Return some of the cells."""
        columns = ("time_s", *_COLUMNS, "resting", "valid")
        return replace(self, **{name: getattr(self, name)[cells] for name in columns})

    def cells(self, start_s: float, end_s: float) -> slice:
        """Return the cells that a stretch of time touches."""
        first = int(np.searchsorted(self.time_s, start_s, "right")) - 1
        return slice(max(first, 0), int(np.searchsorted(self.time_s, end_s, "left")))


def emg_track(number: int, channel: Channel, report: ChannelReport) -> EmgTrack:
    """Return the cells of an EMG channel."""
    cells = channel.cells
    return EmgTrack(
        number=number,
        report=report,
        cell_s=channel.grid.cell_s,
        time_s=cells.column("time_s"),
        **{name: cells.column(name) for name in _COLUMNS},
        resting=channel.audible(channel.resting(cells.first, cells.stop)),
        valid=channel.valid(cells.first, cells.stop),
    )


def motion_track(channel: Channel) -> MotionTrack:
    """Return the cells of an accelerometer."""
    cells = channel.cells
    gravity = [cells.column(f"gravity_{axis}") for axis in range(channel.stream.n_axes)]
    return MotionTrack(
        time_s=cells.column("time_s"),
        cell_s=channel.grid.cell_s,
        level=cells.column("level"),
        resting=channel.resting(cells.first, cells.stop),
        gravity=np.stack(gravity, axis=1),
        valid=channel.valid(cells.first, cells.stop),
        in_g=channel.stream.unit == "g",
    )


def motion_beside(
    motions: Mapping[int, MotionTrack], reports: Sequence[ChannelReport], side: str | None
) -> MotionTrack | None:
    """Return the accelerometer of the same leg, else one of unknown side, else None."""
    for wanted in (side, None):
        for number, track in motions.items():
            if reports[number].side == wanted and track.in_g:
                return track
    return None


def contiguous(time_s: NDArray[np.float64], cell_s: float, tolerance_s: float) -> list[slice]:
    """Return the stretches of cells without a jump in time beyond a tolerance."""
    breaks = np.flatnonzero(np.diff(time_s) > cell_s + tolerance_s) + 1
    bounds = [0, *breaks.tolist(), time_s.size]
    return [slice(a, b) for a, b in pairwise(bounds) if b > a]


def event_on(
    report: ChannelReport, onset: float, end: float, kind: str, extra: Mapping[str, Any]
) -> Event:
    """Return an event on one channel, times in seconds from the start of the night."""
    return Event(onset, end - onset, kind, report.side, report.label, None, extra)
