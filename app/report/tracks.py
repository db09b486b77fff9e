"""Tracks made small enough to draw: a few thousand cells with their least and most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...detection.channels.report import Overview
from ...recording.model import Event

# a page of 16 tracks stays near 1 MB of numbers
MOST_CELLS = 2000
MOST_TRACKS = 16
MOST_EVENTS = 1500


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """An overview in at most `MOST_CELLS` cells, with NaN where nothing was recorded.

    Attributes
    ----------
    time_s
        Middle of each cell, shape ``(n,)``, seconds.
    low, high, mean
        Least, most and mean level in the cell, shape ``(n,)``.
    resting
        Resting level, NaN where unknown, shape ``(n,)``.
    gravity
        Mean vector, shape ``(n, n_axes)``, or None.
    top
        Level that the drawing should reach.
    peak
        Highest level of the track.
    blind
        Stretches that could not be scored, ``(start, end)`` in seconds.
    """

    time_s: NDArray[np.float64]
    low: NDArray[np.float32]
    high: NDArray[np.float32]
    mean: NDArray[np.float32]
    resting: NDArray[np.float32]
    gravity: NDArray[np.float32] | None
    top: float
    peak: float
    blind: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, eq=False)
class DrawnTrack:
    """A track with what it shows; label, kind, side and unit are those of the overview."""

    label: str
    kind: str
    side: str | None
    unit: str
    track: Track


def drawn_track(overview: Overview, events: Sequence[Event] = ()) -> DrawnTrack:
    """Return what is drawn, and kept, of an overview; see `shrink`.

    It goes through ``tracks.json``, so that a page made anew shows the same numbers.
    """
    track = shrink(overview, events)
    drawn = DrawnTrack(overview.label, overview.kind, overview.side, overview.unit, track)
    return track_of_json(track_to_json(drawn))


def track_to_json(drawn: DrawnTrack) -> dict[str, Any]:
    """Return a track as an entry of ``tracks.json``."""
    track = drawn.track
    axes, first, step = track.gravity, 0.0, 1.0
    if track.time_s.size:
        first = float(track.time_s[0])
    if track.time_s.size > 1:
        step = float(track.time_s[-1] - first) / (track.time_s.size - 1)
    return {
        "label": drawn.label,
        "kind": drawn.kind,
        "side": drawn.side,
        "unit": drawn.unit,
        "middle_of_first_s": round(first, 6),
        "cell_s": round(step, 9),
        "least": _short(track.low),
        "most": _short(track.high),
        "mean": _short(track.mean),
        "resting": _short(track.resting),
        "gravity": None if axes is None else [_short(axis) for axis in axes.T],
        "top": track.top,
        "peak": track.peak,
        "blind": [[round(first, 3), round(last, 3)] for first, last in track.blind],
    }


def track_of_json(entry: Mapping[str, Any]) -> DrawnTrack:
    """Return the track of an entry of ``tracks.json``.

    Raises
    ------
    KeyError, TypeError, ValueError
        The entry is none.
    """
    low, high = _long(entry["least"]), _long(entry["most"])
    mean, resting = _long(entry["mean"]), _long(entry["resting"])
    gravity = entry["gravity"]
    axes = None if gravity is None else np.stack([_long(axis) for axis in gravity], axis=1)
    columns = [low, mean, resting, *(() if axes is None else axes.T)]
    if any(column.shape != high.shape for column in columns):
        raise ValueError("the columns of a track differ in length")
    cells = np.arange(high.size, dtype=np.float64)
    times = np.asarray(float(entry["middle_of_first_s"]) + cells * float(entry["cell_s"]))
    blind = tuple((float(first), float(last)) for first, last in entry["blind"][:MOST_CELLS])
    numbers = (float(entry["top"]), float(entry["peak"]))
    if not np.isfinite([*numbers, *times[-1:], *(edge for run in blind for edge in run)]).all():
        raise ValueError("a track holds what is no number")
    side = entry["side"]
    return DrawnTrack(
        str(entry["label"]),
        str(entry["kind"]),
        None if side is None else str(side),
        str(entry["unit"]),
        Track(times, low, high, mean, resting, axes, *numbers, blind),
    )


def shrink(overview: Overview, events: Sequence[Event] = ()) -> Track:
    """Return the track to draw of an overview.

    Parameters
    ----------
    overview
        Levels at about two a second.
    events
        Events that must stay inside the drawing, however high they reach.
    """
    time_s = np.asarray(overview.time_s, dtype=np.float64)
    level = np.where(np.isfinite(overview.level), overview.level, np.nan)
    cells = _Cells.over(time_s, overview.cell_s)
    mean = cells.mean(level)
    return Track(
        time_s=cells.middle,
        low=cells.least(level),
        high=cells.most(level),
        mean=mean,
        resting=cells.mean(np.asarray(overview.resting)),
        gravity=(
            None
            if overview.gravity is None
            else np.stack([cells.mean(axis) for axis in overview.gravity.T], axis=1)
        ),
        top=_top(overview, level, events),
        peak=float(np.nanmax(level)) if np.isfinite(level).any() else 0.0,
        blind=_blind(time_s, overview.cell_s, np.asarray(overview.valid)),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Cells:
    """Which values fall into which cell of the drawing."""

    middle: NDArray[np.float64]
    number: NDArray[np.int64]
    count: int

    @classmethod
    def over(cls, time_s: NDArray[np.float64], cell_s: float) -> _Cells:
        if time_s.size == 0:
            return cls(time_s, np.zeros(0, np.int64), 0)
        span = float(time_s[-1] - time_s[0]) + cell_s
        width = max(cell_s, span / MOST_CELLS)
        place = (time_s - time_s[0]) / width
        number = np.minimum((place + 1e-6).astype(np.int64), MOST_CELLS - 1)
        count = int(number[-1]) + 1
        middle = time_s[0] + (np.arange(count) + 0.5) * width
        return cls(middle, number, count)

    def least(self, values: NDArray[np.floating]) -> NDArray[np.float32]:
        found = np.full(self.count, np.inf, np.float32)
        np.fmin.at(found, self.number, values.astype(np.float32))
        found[np.isinf(found)] = np.nan
        return found

    def most(self, values: NDArray[np.floating]) -> NDArray[np.float32]:
        return np.asarray(-self.least(-values), dtype=np.float32)

    def mean(self, values: NDArray[np.floating]) -> NDArray[np.float32]:
        known = np.isfinite(values)
        total = np.bincount(self.number[known], values[known], minlength=self.count)
        count = np.bincount(self.number[known], minlength=self.count)
        found = np.full(self.count, np.nan, np.float32)
        np.divide(total, count, out=found, where=count > 0, casting="same_kind")
        return found


def _top(overview: Overview, level: NDArray[np.floating], events: Sequence[Event]) -> float:
    """Return a height that shows nearly all, and every cramp-like contraction whole."""
    known = level[np.asarray(overview.valid) & np.isfinite(level)]
    if known.size == 0:
        known = level[np.isfinite(level)]
    if known.size == 0:
        return 1.0
    tops = [float(np.quantile(known, 0.999))]
    for event in events:
        if event.channel == overview.label and event.trial_type.endswith("cramp"):
            first, last = np.searchsorted(overview.time_s, [event.onset, event.end])
            inside = level[first:last]
            if np.isfinite(inside).any():
                tops.append(float(np.nanmax(inside)))
    return max(tops) * 1.15 or 1.0


def _blind(
    time_s: NDArray[np.float64], cell_s: float, valid: NDArray[np.bool_]
) -> tuple[tuple[float, float], ...]:
    """Return the runs of cells that could not be scored, those that touch joined."""
    bad = np.flatnonzero(~valid)
    if bad.size == 0:
        return ()
    # finer than a cell of the drawing cannot be seen, and a thousand hatches are slow
    nearest = max(1.5 * cell_s, (time_s[-1] - time_s[0]) / MOST_CELLS)
    breaks = np.flatnonzero(np.diff(time_s[bad]) > nearest) + 1
    return tuple(
        (float(time_s[run[0]]), float(time_s[run[-1]]) + cell_s)
        for run in np.split(bad, breaks)
    )


def _short(values: NDArray[np.float32]) -> list[float | None]:
    """Return five digits of each number; None for what is no number."""
    return [float(f"{value:.5g}") if np.isfinite(value) else None for value in values.tolist()]


def _long(values: Sequence[float | None]) -> NDArray[np.float32]:
    if not isinstance(values, list) or len(values) > MOST_CELLS:
        raise ValueError("a track holds too much")
    return np.array([np.nan if value is None else float(value) for value in values], np.float32)
