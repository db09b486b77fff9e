"""The resting level: what the muscle's signal looks like when nothing happens.

The level of a minute is a low quantile of its half-second levels. Through the minutes runs a
morphological opening (erosion, then dilation, by a flat window): it follows slow drift and
lasting changes of the electrode exactly, and passes under any contraction that lasts less
than the window, also under one that was under way when the recording began.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from ..settings import BaselineSettings

_TINY = 1e-9
_CELLS_IN_A_MINUTE = 20


@dataclass(frozen=True, slots=True)
class Rest:
    """Whether the resting level of a short recording is known.

    Attributes
    ----------
    level
        Resting level, in the unit of the signal; None where it is not known.
    reason
        Why it is not known, one sentence; empty where it is.
    """

    level: float | None
    reason: str = ""


class MinuteTrack:
    """Resting level of every minute of the night, from cells as they come.

    Parameters
    ----------
    quantile
        Quantile of a minute's levels that stands for rest.
    """

    def __init__(self, quantile: float) -> None:
        self._quantile = quantile
        self._done: list[float] = []
        self._open: list[NDArray[np.float32]] = []

    def add(
        self,
        time_s: NDArray[np.float64],
        level: NDArray[np.float32],
        valid: NDArray[np.bool_],
    ) -> None:
        """Take the next cells: their starts (seconds), levels, and whether they are sound."""
        minute = np.floor_divide(time_s, 60.0).astype(np.intp)
        bounds = np.flatnonzero(np.diff(minute)) + 1
        for at, stop in zip(np.r_[0, bounds], np.r_[bounds, minute.size], strict=True):
            while len(self._done) < minute[at]:
                self._close()
            self._open.append(level[at:stop][valid[at:stop]])

    def values(self, *, final: bool) -> NDArray[np.float64]:
        """Return one level for each minute, NaN with less than ten seconds of valid signal.

        The minute under way is left out unless `final`.
        """
        done = [*self._done, self._level()] if final else self._done
        return np.array(done, np.float64)

    def _close(self) -> None:
        self._done.append(self._level())
        self._open.clear()

    def _level(self) -> float:
        values = np.concatenate(self._open) if self._open else np.empty(0, np.float32)
        if values.size < _CELLS_IN_A_MINUTE:
            return float("nan")
        place = int(self._quantile * (values.size - 1))
        return float(np.partition(values, place)[place])


def opening(
    minutes: NDArray[np.float64],
    settings: BaselineSettings,
    first: int = 0,
    last: int = -1,
    *,
    mains: NDArray[np.float64] | None = None,
    mains_ratio: float = np.inf,
) -> NDArray[np.float64]:
    """Return the resting level under ``minutes[first:last]``.

    Every value depends on less than `window_min` minutes on either side of it, so a part of
    the night gives the same values as the whole. NaN where no window that covers the minute
    holds enough valid minutes.

    Parameters
    ----------
    minutes
        Level of every minute, NaN where unknown, shape ``(n,)``.
    settings
        Settings of the baseline.
    first, last
        The minutes wanted; all by default.
    mains
        Mains in every minute, shape ``(n,)``.
    mains_ratio
        Minutes whose mains exceeds this multiple of their level, and of the usual mains of
        the window, are those of a lost electrode, which hears less than a muscle at rest.
    """
    n = minutes.size
    last = n if last < 0 else last
    width = min(settings.window_min, n)
    if n == 0 or last <= first:
        return np.empty(0)
    low, high = max(0, first - width + 1), min(n, last + width - 1)
    windows = sliding_window_view(minutes[low:high], width)
    if mains is not None:
        beside = sliding_window_view(mains[low:high], width)
        usual = _low_rank(beside, settings.rank)[:, None]
        with np.errstate(invalid="ignore"):
            lost = beside > mains_ratio * np.maximum(usual, windows)
        windows = np.where(lost, np.nan, windows)
    eroded = _low_rank(windows, settings.rank)
    # Window w covers minutes w .. w + width - 1; dilate over the windows that cover a minute.
    padded = np.full(eroded.size + 2 * (width - 1), -np.inf)
    padded[width - 1 : width - 1 + eroded.size] = np.where(np.isnan(eroded), -np.inf, eroded)
    dilated = sliding_window_view(padded, width).max(axis=1)[first - low : last - low]
    return np.where(np.isneginf(dilated), np.nan, dilated)


def short_rest(
    level: NDArray[np.float32],
    cell_s: float,
    settings: BaselineSettings,
    *,
    calibrated: bool,
    is_motion: bool = False,
    known: NDArray[np.float32] | None = None,
) -> Rest:
    """Judge whether a short recording holds rest, and how high it is.

    Parameters
    ----------
    level
        Levels of the valid cells, shape ``(n,)``.
    cell_s
        Length of a cell, seconds.
    settings
        Settings of the baseline.
    calibrated
        Whether the levels are trusted microvolts.
    is_motion
        Whether the levels are acceleration: one even level is then stillness.
    known
        Levels of cells in which somebody was asked to rest: where they are even, they are
        rest, if the recording does not tell it otherwise.
    """
    found = _short_rest(level, cell_s, settings, calibrated=calibrated, is_motion=is_motion)
    if found.level is not None or known is None or known.size * cell_s < settings.min_rest_s:
        return found
    resting = max(float(np.median(known)), _TINY)
    even = float(np.quantile(known, 0.9)) < settings.even_spread * resting
    quiet = not calibrated or resting <= settings.max_rest_uv
    return Rest(resting) if even and quiet else found


def _short_rest(
    level: NDArray[np.float32],
    cell_s: float,
    settings: BaselineSettings,
    *,
    calibrated: bool,
    is_motion: bool,
) -> Rest:
    if level.size * cell_s < settings.min_rest_s:
        return Rest(None, f"less than {settings.min_rest_s:g} s of usable signal")
    values = np.sort(level.astype(np.float64))
    lowest = max(float(np.quantile(values, 0.05)), _TINY)
    rest = values[values <= settings.rest_spread * lowest]
    rest_s = rest.size * cell_s
    if rest_s < settings.min_rest_s:
        return Rest(None, f"only {rest_s:.1f} s of the recording are near its lowest level")
    resting = max(float(np.median(rest)), _TINY)
    # No contraction stays this even for most of a longer recording.
    even = values[values <= settings.even_spread * lowest]
    mostly_rest = even.size >= max(0.5 * level.size, settings.long_rest_s / cell_s)
    limit = settings.max_rest_uv if mostly_rest else settings.max_short_rest_uv
    if calibrated and resting > limit:
        return Rest(None, f"its lowest level, {resting:.0f} uV, is too high to be rest")
    steady = float(np.quantile(values, 0.95)) < 2.0 * resting
    if steady and not (calibrated or is_motion) and level.size * cell_s < 60.0:
        return Rest(None, "one even level throughout, which may be rest or contraction")
    return Rest(resting)


def _low_rank(windows: NDArray[np.float64], rank: float) -> NDArray[np.float64]:
    """Return the low-rank value of every window; NaN with too few valid minutes."""
    width = windows.shape[1]
    ordered = np.sort(windows, axis=1)  # NaN sort to the end
    valid = width - np.isnan(ordered).sum(axis=1)
    pick = np.minimum(np.ceil(rank * valid).astype(np.intp), np.maximum(valid - 1, 0))
    low = np.take_along_axis(ordered, pick[:, None], axis=1)[:, 0]
    return np.where(valid >= min(3, width), low, np.nan)
