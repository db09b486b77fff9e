"""The axis of time that all figures share, and what is drawn on it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
from bokeh.models import (
    BasicTicker,
    BoxZoomTool,
    ClickPanTool,
    ColumnDataSource,
    DatetimeTicker,
    DatetimeTickFormatter,
    HoverTool,
    PrintfTickFormatter,
    Range1d,
    ResetTool,
    Tool,
    ZoomInTool,
    ZoomOutTool,
)
from bokeh.models.renderers import GlyphRenderer
from bokeh.plotting import figure

from ...detection.channels.report import ChannelReport
from ...recording.model import Event
from .findings import Findings
from .looks import lane_of, look_of
from .words import clock, duration, kind_words, places_words, side_words

INK = "#777777"
GREY = "#8a8a8a"

_TOOLTIPS = [
    ("what", "@kind"),
    ("begins", "@begins"),
    ("lasts", "@lasts"),
    ("leg", "@side"),
    ("where", "@place"),
]


class Canvas:
    """The shared axis of time of one night.

    Parameters
    ----------
    score
        The scored night.
    start
        Clock time of its start, or None.
    """

    def __init__(self, score: Findings, start: datetime | None) -> None:
        self.duration_s = max(score.duration_s, 1.0)
        self._start = start
        self._channels: tuple[ChannelReport, ...] = score.channels
        # Bokeh shows UTC: the recorder's own clock is passed off as it
        self._zero_ms = start.replace(tzinfo=UTC).timestamp() * 1000 if start else 0.0
        last = self._zero_ms + self.duration_s * 1000
        self._x = Range1d(
            start=self._zero_ms, end=last, bounds=(self._zero_ms, last), min_interval=1000.0
        )

    def ms(self, seconds: Any) -> Any:
        """Return the place on the axis of times in seconds from the start."""
        return self._zero_ms + np.asarray(seconds, dtype=np.float64) * 1000.0

    def plot(self, height: int, bottom: float, top: float, *, tools: bool = False) -> figure:
        """Return an empty figure on the shared axis; `tools` gives it the zoom buttons."""
        plot = figure(
            height=height,
            sizing_mode="stretch_width",
            x_axis_type="datetime",
            x_range=self._x,
            y_range=Range1d(start=bottom, end=top),
            tools=_buttons() if tools else [],
            toolbar_location="above" if tools else None,
            # a drag over a figure scrolls the page, as on a phone it must
            active_drag=None,
            min_border_left=58,
            min_border_right=14,
            background_fill_color=None,
            border_fill_color=None,
            outline_line_color=None,
        )
        plot.toolbar.logo = None
        plot.xaxis.ticker = DatetimeTicker(desired_num_ticks=7)
        plot.yaxis.ticker = BasicTicker(desired_num_ticks=4)
        plot.xaxis.formatter = self._clock_formatter()
        plot.yaxis.formatter = PrintfTickFormatter(format="%.3g")
        style_axes(plot)
        return plot

    def blind(
        self, plot: figure, runs: Sequence[tuple[float, float]], bottom: float, top: float
    ) -> None:
        """Hatch the stretches that could not be scored, ``(start, end)`` in seconds."""
        if runs:
            plot.quad(
                left=self.ms([run[0] for run in runs]),
                right=self.ms([run[1] for run in runs]),
                bottom=bottom,
                top=top,
                fill_color=GREY,
                fill_alpha=0.15,
                line_color=None,
                hatch_pattern="right_diagonal_line",
                hatch_color=GREY,
                hatch_alpha=0.6,
                hatch_scale=8,
            )

    def bands(
        self, plot: figure, events: Sequence[Event], bottom: float, top: float
    ) -> GlyphRenderer[Any]:
        """Draw events of one lane as bands, outlined so that the shortest is seen."""
        look = look_of(lane_of(events[0]))
        source = ColumnDataSource(
            {
                "left": self.ms([event.onset for event in events]),
                "right": self.ms([event.end for event in events]),
                "kind": [kind_words(event) for event in events],
                "begins": [clock(self._start, event.onset) for event in events],
                "lasts": [duration(event.duration) for event in events],
                "side": [side_words(event.side) for event in events],
                "place": [places_words(event, self._channels) for event in events],
            }
        )
        return plot.quad(
            left="left",
            right="right",
            bottom=bottom,
            top=top,
            source=source,
            fill_color=look.colour,
            fill_alpha=0.28,
            line_color=look.colour,
            line_alpha=0.8,
            line_width=1,
            hatch_pattern="right_diagonal_line" if look.hatched else None,
            hatch_color=look.colour,
            hatch_scale=6,
        )

    def markers(self, plot: figure, events: Sequence[Event], height: float) -> None:
        """Draw the symbol of one lane's events in their middle."""
        kind = lane_of(events[0])
        look = look_of(kind)
        plot.scatter(
            x=self.ms([event.onset + event.duration / 2 for event in events]),
            y=np.full(len(events), height),
            marker=look.marker,
            size=10 if kind.endswith("cramp") else 6,
            line_color=look.colour,
            line_width=1.5,
            fill_color=None if look.hollow else look.colour,
        )

    def names(self, plot: figure, named: Sequence[tuple[str, Event, float]]) -> None:
        """Write short names beside the middle of events, each at its height."""
        for name, event, height in named:
            middle = event.onset + event.duration / 2
            # on the side where the figure has room
            late = middle > 0.9 * self.duration_s
            drawn = plot.text(
                x=self.ms([middle]),
                y=[height],
                text=[name],
                x_offset=-8 if late else 8,
                text_align="right" if late else "left",
                text_baseline="middle",
                text_font_size="12px",
                text_font_style="bold",
                text_color=INK,
            )
            drawn.tags = ["ink"]

    def hover(self, plot: figure, drawn: list[GlyphRenderer[Any]]) -> None:
        """Let bands tell what they are."""
        if drawn:
            plot.add_tools(HoverTool(renderers=[*drawn], tooltips=_TOOLTIPS, visible=False))

    def _clock_formatter(self) -> DatetimeTickFormatter:
        days = self._start is not None and self.duration_s > 2 * 86400
        return DatetimeTickFormatter(
            milliseconds="%H:%M:%S.%3N",
            seconds="%H:%M:%S",
            minsec="%H:%M:%S",
            minutes="%H:%M",
            hourmin="%H:%M",
            hours="%H:%M",
            days="%d %b" if days else "%H:%M",
        )


def style_axes(plot: figure) -> None:
    """Give axes and grid the colour that is painted over by day and by night."""
    for axis in plot.axis:
        axis.major_label_text_font_size = "11px"
        axis.major_label_text_color = INK
        axis.axis_line_color = INK
        axis.major_tick_line_color = INK
        axis.minor_tick_line_color = None
    plot.grid.grid_line_color = INK
    plot.grid.grid_line_alpha = 0.2


def _buttons() -> list[Tool]:
    return [
        ZoomInTool(dimensions="width", factor=0.4),
        ZoomOutTool(dimensions="width", factor=0.4),
        ClickPanTool(direction="left", factor=0.3),
        ClickPanTool(direction="right", factor=0.3),
        BoxZoomTool(dimensions="width"),
        ResetTool(),
    ]
