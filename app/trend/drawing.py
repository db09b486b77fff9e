"""Weeks in one figure: when each night was recorded, and when cramps came."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from bokeh.models import (
    ColumnDataSource,
    DatetimeTickFormatter,
    FixedTicker,
    HoverTool,
    PanTool,
    Range1d,
    ResetTool,
    ZoomInTool,
    ZoomOutTool,
)
from bokeh.plotting import figure

from ..report.canvas import GREY, style_axes
from ..report.looks import look_of
from .past_night import PastCramp, PastNight
from .weeks import Weeks

NOTE = (
    "Each bar is a night from the start to the end of its recording; hatched: too few usable"
    " hours, or alerts, not counted. Filled triangle: cramp-like contraction; with a ring:"
    " confirmed by the sleeper; diamond: a possible one; cross: denied."
)

_DAY_MS = 86_400_000.0


def weeks_drawing(weeks: Weeks) -> figure | None:
    """Return the figure; None where no night tells a clock time."""
    nights = [night for night in weeks.scored if night.evening and night.start]
    evenings = [night.evening for night in nights if night.evening]
    if not evenings:
        return None
    first, last = _ms(min(evenings)) - _DAY_MS, _ms(max(evenings)) + _DAY_MS
    ends = [_hour(night, 0.0) + night.recorded_s / 3600 for night in nights]
    low = min(20.0, *(_hour(night, 0.0) for night in nights)) - 0.5
    high = max(31.0, min(max(ends), 48.0)) + 0.5
    plot = figure(
        height=340,
        sizing_mode="stretch_width",
        x_axis_type="datetime",
        x_range=Range1d(start=first, end=last, bounds=(first, last)),
        y_range=Range1d(start=high, end=low),
        tools=[
            ZoomInTool(dimensions="width"),
            ZoomOutTool(dimensions="width"),
            PanTool(dimensions="width"),
            ResetTool(),
        ],
        active_drag=None,
        toolbar_location="above",
        min_border_left=58,
        min_border_right=14,
        background_fill_color=None,
        border_fill_color=None,
        outline_line_color=None,
    )
    plot.toolbar.logo = None
    ticks = [float(hour) for hour in range(12, 49, 2) if low <= hour <= high]
    plot.yaxis.ticker = plot.ygrid.ticker = FixedTicker(ticks=ticks)
    plot.yaxis.major_label_overrides = {tick: f"{int(tick) % 24:02d}:00" for tick in ticks}
    plot.xaxis.formatter = DatetimeTickFormatter(
        hours="%d %b", days="%d %b", months="%d %b", years="%Y"
    )
    _bars(plot, nights, weeks)
    _cramps(plot, nights)
    style_axes(plot)
    return plot


def _bars(plot: figure, nights: list[PastNight], weeks: Weeks) -> None:
    for counted in (True, False):
        own = [n for n in nights if (weeks.is_usable(n) and not n.intervened) is counted]
        if own:
            plot.vbar(
                x=[_ms(night.evening) for night in own if night.evening],
                bottom=[_hour(night, 0.0) for night in own],
                top=[_hour(night, night.recorded_s) for night in own],
                width=0.7 * _DAY_MS,
                fill_color=GREY,
                fill_alpha=0.3 if counted else 0.1,
                line_color=GREY,
                hatch_pattern=None if counted else "right_diagonal_line",
                hatch_color=GREY,
                hatch_scale=6,
            )


def _cramps(plot: figure, nights: list[PastNight]) -> None:
    drawn = []
    for kind in ("cramp", "possible_cramp", "denied"):
        own = [(n, c) for n in nights for c in n.cramps if _kind(c) == kind]
        if not own:
            continue
        look = look_of("artifact" if kind == "denied" else kind)
        source = ColumnDataSource(
            {
                "x": [_ms(night.evening) for night, _ in own if night.evening],
                "y": [_hour(night, cramp.onset_s) for night, cramp in own],
                "begins": [f"{cramp.at:%H:%M}" if cramp.at else "" for _, cramp in own],
                "lasts": [f"{cramp.duration_s:.0f} s" for _, cramp in own],
                "said": [cramp.confirmation or "unanswered" for _, cramp in own],
            }
        )
        drawn.append(
            plot.scatter(
                "x",
                "y",
                source=source,
                marker=look.marker,
                size=10,
                line_color=look.colour,
                line_width=1.5,
                fill_color=None if look.hollow else look.colour,
            )
        )
        rings = [
            (x, y)
            for x, y, said in zip(*(source.data[n] for n in ("x", "y", "said")), strict=True)
            if said == "confirmed"
        ]
        if rings:
            plot.scatter(
                [x for x, _ in rings],
                [y for _, y in rings],
                marker="circle",
                size=18,
                line_color=look.colour,
                line_width=1.5,
                fill_color=None,
            )
    tips = [("begins", "@begins"), ("lasts", "@lasts"), ("the sleeper", "@said")]
    if drawn:
        plot.add_tools(HoverTool(renderers=[*drawn], tooltips=tips, visible=False))


def _kind(cramp: PastCramp) -> str:
    if cramp.confirmation == "denied":
        return "denied"
    return "cramp" if cramp.counts else "possible_cramp"


def _ms(evening: date) -> float:
    return datetime.combine(evening, time(), UTC).timestamp() * 1000.0


def _hour(night: PastNight, seconds: float) -> float:
    """Return hours of the clock from midnight before the evening."""
    if night.start is None or night.evening is None:
        return 0.0
    begun = night.start.replace(tzinfo=None) - datetime.combine(night.evening, time())
    return min((begun + timedelta(seconds=min(seconds, 1e6))).total_seconds() / 3600.0, 48.0)
