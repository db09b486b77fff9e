"""How figures for papers look, and the axis of time that they share."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.ticker import FuncFormatter, Locator

MM_PER_INCH = 25.4
INK = "#222222"
SOFT = "#666666"
SIGNAL = "#2f5f8f"
AXIS_STYLES = (("solid", "#d55e00"), ("dashed", "#3d8fd1"), ("dashdot", "#1b9e77"))
"""Dash and colour of each axis of a vector; told apart without colour too."""
SMALL_PT = 7.0
WORDS_PT = 8.0

_STEPS_S = (
    0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300,
    600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400,
)  # fmt: skip
_MOST_TICKS = 8
_DAY_S = 86400.0


def new_figure(width_mm: float, height_mm: float) -> Figure:
    """Return an empty figure that belongs to no window."""
    return Figure(
        figsize=(width_mm / MM_PER_INCH, height_mm / MM_PER_INCH), layout="constrained"
    )


def tidy(axes: Axes) -> None:
    """Leave what a figure needs: two spines, small ticks, print sizes."""
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.tick_params(labelsize=SMALL_PT, length=2.5, width=0.6, colors=INK)
    for spine in axes.spines.values():
        spine.set_linewidth(0.6)


def name_left(axes: Axes, words: str) -> None:
    """Write what an axes shows at its left, upright, for rows that stand close together."""
    axes.set_ylabel(
        words, fontsize=SMALL_PT, rotation=0, ha="right", va="center", color=INK, labelpad=4
    )


def note(figure: Figure | SubFigure, words: str) -> None:
    """Write what a reader must know below everything."""
    if words:
        figure.supxlabel(words, fontsize=SMALL_PT, color=SOFT)


def time_axis(axes: Axes, start: datetime | None, first_s: float, last_s: float) -> None:
    """Label an axis of seconds with the clock, or with the time since the start.

    Parameters
    ----------
    axes
        Its x axis is in seconds from the start of the night.
    start
        Clock time of the start, or None.
    first_s, last_s
        Its ends.
    """
    axes.set_xlim(first_s, last_s)
    zero = datetime(1, 1, 1, tzinfo=UTC) if start is None else start
    axes.xaxis.set_major_locator(ClockLocator(zero))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda at, _: clock_label(zero, at, axes)))
    words = "time since the start" if start is None else "time of day"
    axes.set_xlabel(words, fontsize=WORDS_PT, color=INK)


def clock_label(zero: datetime, at_s: float, axes: Axes) -> str:
    """Return a time with as many parts as the width of the axis needs."""
    when = zero + timedelta(seconds=round(at_s, 6))
    low, high = axes.get_xlim()
    step = _step(abs(high - low))
    if step >= 60:
        return f"{when:%H:%M}"
    if step >= 1:
        return f"{when:%H:%M:%S}"
    digits = min(6, math.ceil(-math.log10(step)))
    part = f"{when.microsecond / 1e6:.{digits}f}"[2:]
    return f"{when:%H:%M:%S}.{part}"


class ClockLocator(Locator):
    """Puts ticks at round times of the clock, also where the start is none.

    Parameters
    ----------
    zero
        Clock time at 0 s.
    """

    def __init__(self, zero: datetime) -> None:
        super().__init__()
        day = zero.replace(hour=0, minute=0, second=0, microsecond=0)
        self._into_day_s = (zero - day).total_seconds()

    def __call__(self) -> list[float]:
        """Return the places of the ticks, seconds from the start of the night."""
        low, high = self.axis.get_view_interval() if self.axis is not None else (0.0, 1.0)
        return self.tick_values(low, high)

    def tick_values(self, vmin: float, vmax: float) -> list[float]:
        """Return the places of the ticks between two times."""
        low, high = sorted((vmin, vmax))
        step = _step(high - low)
        first = math.ceil((low + self._into_day_s) / step - 1e-9)
        last = math.floor((high + self._into_day_s) / step + 1e-9)
        return [number * step - self._into_day_s for number in range(first, last + 1)]


def quiet(axes: Axes) -> None:
    """Leave out the labels of an axis of time that is told by the row below."""
    axes.tick_params(labelbottom=False)
    axes.set_xlabel("")


def _step(span_s: float) -> float:
    for step in _STEPS_S:
        if span_s / step <= _MOST_TICKS:
            return float(step)
    return _DAY_S * math.ceil(span_s / _DAY_S / _MOST_TICKS)
