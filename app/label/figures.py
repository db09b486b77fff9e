"""The two figures of the page: the tracks with their lanes, and the night above them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from bokeh.models import (
    BoxSelectTool,
    ColumnDataSource,
    DatetimeTicker,
    DatetimeTickFormatter,
    FixedTicker,
    PanTool,
    Range1d,
    RangeTool,
    WheelZoomTool,
)
from bokeh.models.annotations import BoxAnnotation, Span
from bokeh.plotting import figure

from ..report.canvas import INK, style_axes
from .bands import LANE, PATTERNS, Band, band_columns, pattern_of
from .tracks import DASHES, Line
from .window import SHORTEST_S

SIGNAL = "#4a7fb5"
CURSOR = "#d55e00"

_ROW_PX = 96
_LANE_PX = 26
_LEAST_PX = 240
_STRIP_PX = 92
_BARE: dict[str, Any] = {
    "sizing_mode": "stretch_width",
    "x_axis_type": "datetime",
    "y_axis_location": None,
    "toolbar_location": None,
    "min_border_left": 6,
    "min_border_right": 10,
    "background_fill_color": None,
    "border_fill_color": None,
    "outline_line_color": None,
}
_TEXT: dict[str, Any] = {
    "text_color": INK,
    "text_font_size": "12px",
    "text_baseline": "top",
    "background_fill_color": "#ffffff",
    "background_fill_alpha": 0.75,
    "padding": 1,
}


class Figures:
    """Bokeh's models of a page, and how they are filled; times are in seconds.

    Parameters
    ----------
    lines
        Lines of the tracks.
    n_tracks
        Number of tracks.
    night_s
        Length of the night, seconds.
    zero_ms
        The night's start on the axis of time, milliseconds.
    """

    def __init__(
        self, lines: Sequence[Line], n_tracks: int, night_s: float, zero_ms: float
    ) -> None:
        self._zero_ms = zero_ms
        empty: dict[str, Any] = {f"{axis}{n}": [] for n in range(len(lines)) for axis in "xy"}
        self.lines = ColumnDataSource(empty, name="lines")
        # a pattern for each band would be made anew for every one, which takes seconds
        self._bands = {
            pattern: ColumnDataSource(_data(band_columns(()))) for pattern in PATTERNS
        }
        self._all_bands = ColumnDataSource(_data(band_columns(())))
        self._names = ColumnDataSource(_data({"x": [], "y": [], "text": []}))
        self._rows = ColumnDataSource(_data({"y": [], "text": []}))
        self._night = ColumnDataSource(_data({"x": [], "y": []}))
        self.x = Range1d(
            start=self.ms(0.0),
            end=self.ms(night_s),
            bounds=(self.ms(0.0), self.ms(night_s)),
            min_interval=SHORTEST_S * 1000.0,
        )
        self._y = Range1d(start=-float(n_tracks), end=0.0)
        self._hand = BoxAnnotation(fill_color=SIGNAL, fill_alpha=0.07, line_color=None)
        self._pending = BoxAnnotation(
            left=0.0,
            right=0.0,
            fill_color=CURSOR,
            fill_alpha=0.15,
            line_color=CURSOR,
            line_dash="dashed",
            visible=False,
        )
        self.box = _mendable_box()
        self._cursors = [
            Span(location=self.ms(0.0), dimension="height", line_color=CURSOR,
                 line_dash="dotted", line_width=1.5)
            for _ in range(2)
        ]  # fmt: skip
        self.strip = self._strip_figure(night_s)
        self.tracks = self._tracks_figure(lines, n_tracks)

    def ms(self, seconds: Any) -> Any:
        """Return the place of a time on the axis."""
        return self._zero_ms + seconds * 1000.0

    def seconds(self, ms: Any) -> float:
        """Return the time of a place on the axis."""
        if isinstance(ms, datetime):
            ms = ms.replace(tzinfo=UTC).timestamp() * 1000.0
        return (float(ms) - self._zero_ms) / 1000.0

    def show_lines(self, columns: Mapping[str, Any]) -> None:
        """Draw the lines of `Tracks.columns`."""
        data = {
            name: self.ms(values) if name.startswith("x") else values
            for name, values in columns.items()
        }
        self.lines.data = _data(data)

    def show_night(self, time_s: Any, heights: Any) -> None:
        """Draw the whole night above the tracks, heights from -1 to 1."""
        self._night.data = _data({"x": self.ms(time_s), "y": heights})

    def show_lanes(self, bands: Sequence[Band], n_tracks: int, n_lanes: int) -> None:
        """Make room for the lanes, and draw all bands above the night."""
        lanes = [band for band in bands if band.top - band.bottom < LANE]
        self._all_bands.data = self._placed(band_columns(lanes))
        height = n_tracks + LANE * n_lanes
        if self._y.start != -height:
            self._y.start = -height
            self.tracks.height = height_px(n_tracks, n_lanes)

    def show_bands(self, bands: Sequence[Band], per_px: float) -> None:
        """Draw the bands in sight; a column of the screen stands for `per_px` seconds."""
        for pattern, source in self._bands.items():
            own = [band for band in bands if pattern_of(band, per_px) == pattern]
            columns = self._placed(band_columns(own, per_px))
            if columns != source.data:
                source.data = columns

    def _placed(self, columns: Mapping[str, list[Any]]) -> dict[str, Any]:
        placed = dict(columns)
        for name in ("left", "right"):
            placed[name] = [self.ms(value) for value in placed[name]]
        return placed

    def show_names(self, columns: Mapping[str, list[Any]]) -> None:
        """Write the names of bands."""
        places = [self.ms(value) for value in columns["x"]]
        self._names.data = _data({**columns, "x": places})

    def show_rows(self, heights: Sequence[float], texts: Sequence[str]) -> None:
        """Write what stands at the left of tracks and lanes."""
        columns = {"y": list(heights), "text": list(texts)}
        if columns != self._rows.data:
            self._rows.data = _data(columns)

    def show_window(self, start_s: float, end_s: float) -> None:
        """Move to another part of the night."""
        self.x.update(start=self.ms(start_s), end=self.ms(end_s))

    def show_cursor(self, at_s: float, track: int, pending_s: float | None) -> None:
        """Draw cursor, track in hand, and a label that was begun."""
        for cursor in self._cursors:
            cursor.location = self.ms(at_s)
        rows = {"top": -float(track), "bottom": -float(track) - 1.0}
        self._hand.update(**rows)
        self._pending.visible = pending_s is not None
        if pending_s is not None:
            low, high = sorted((pending_s, at_s))
            self._pending.update(left=self.ms(low), right=self.ms(high), **rows)

    def show_chosen(self, span: tuple[float, float, float, float] | None) -> None:
        """Draw the box around what is selected: onset, end, bottom, top; or none."""
        if span is None:
            self.box.visible = False
            return
        left, right, bottom, top = span
        self.box.update(
            left=self.ms(left), right=self.ms(right), bottom=bottom, top=top, visible=True
        )

    def _tracks_figure(self, lines: Sequence[Line], n_tracks: int) -> figure:
        wheel = WheelZoomTool(dimensions="width", maintain_focus=False)
        drag = BoxSelectTool(dimensions="width", renderers=[])
        plot = figure(
            name="tracks",
            height=height_px(n_tracks, 1),
            x_range=self.x,
            y_range=self._y,
            tools=[wheel, drag, PanTool(dimensions="width")],
            active_scroll=wheel,
            active_drag=drag,
            **_BARE,
        )
        plot.lod_threshold = None
        plot.xaxis.ticker = DatetimeTicker(desired_num_ticks=6)
        plot.xaxis.formatter = _clock()
        style_axes(plot)
        plot.ygrid.ticker = FixedTicker(ticks=[-float(n) for n in range(n_tracks + 1)])
        plot.add_layout(self._hand)
        self._draw_bands(plot)
        for number, line in enumerate(lines):
            plot.line(
                f"x{number}",
                f"y{number}",
                source=self.lines,
                line_color=SIGNAL,
                line_width=1.0,
                line_dash=DASHES[line.axis % len(DASHES)],
                line_join="bevel",
            )
        plot.extra_x_ranges = {"screen": Range1d(start=0.0, end=1.0)}
        rows = plot.text(
            x=0.0, y="y", text="text", source=self._rows, x_range_name="screen", x_offset=4
        )
        names = plot.text(x="x", y="y", text="text", source=self._names, x_offset=3)
        rows.glyph.update(text_font_style="bold", **_TEXT)
        names.glyph.update(**_TEXT)
        rows.tags = names.tags = ["ink", "paper"]
        for each in (self._pending, self.box, self._cursors[0]):
            plot.add_layout(each)
        return plot

    def _draw_bands(self, plot: figure) -> None:
        for pattern, source in self._bands.items():
            drawn = plot.quad(
                left="left",
                right="right",
                bottom="bottom",
                top="top",
                source=source,
                fill_color="colour",
                fill_alpha="alpha",
                line_color="colour",
                line_dash="dash",
                line_width=1.5,
            )
            if pattern:
                drawn.glyph.update(
                    hatch_pattern=pattern, hatch_color=INK, hatch_alpha=0.7, hatch_scale=7
                )

    def _strip_figure(self, night_s: float) -> figure:
        plot = figure(
            name="overview",
            height=_STRIP_PX,
            x_range=Range1d(start=self.ms(0.0), end=self.ms(night_s)),
            y_range=Range1d(start=-1.15, end=1.15),
            tools=[],
            **_BARE,
        )
        plot.ygrid.visible = False
        plot.xaxis.ticker = DatetimeTicker(desired_num_ticks=8)
        plot.xaxis.formatter = _clock()
        style_axes(plot)
        plot.line("x", "y", source=self._night, line_color=SIGNAL, line_width=1)
        plot.quad(
            left="left",
            right="right",
            bottom=-1.15,
            top=1.15,
            source=self._all_bands,
            fill_color="colour",
            fill_alpha=0.35,
            line_color="colour",
            line_alpha=0.7,
        )
        # above all else: when it moves the night below is not drawn anew
        self._cursors[1].level = "overlay"
        plot.add_layout(self._cursors[1])
        tool = RangeTool(x_range=self.x)
        tool.overlay.update(
            fill_color=SIGNAL, fill_alpha=0.18, line_color=SIGNAL, line_alpha=0.9
        )
        plot.add_tools(tool)
        return plot


def height_px(n_tracks: int, n_lanes: int) -> int:
    """Return the height of the figure of the tracks."""
    return max(_LEAST_PX, _ROW_PX * n_tracks + _LANE_PX * n_lanes + 40)


def _mendable_box() -> BoxAnnotation:
    # Bokeh's usual box fills the frame, and takes every drag there even while it is invisible
    return BoxAnnotation(
        left=0.0,
        right=0.0,
        top=0.0,
        bottom=0.0,
        editable=True,
        resizable="x",
        movable="none",
        fill_alpha=0.05,
        fill_color=CURSOR,
        line_color=CURSOR,
        line_alpha=1.0,
        line_width=2,
        hover_line_color=CURSOR,
        hover_line_alpha=1.0,
        hover_fill_color=CURSOR,
        hover_fill_alpha=0.1,
        visible=False,
    )


def _clock() -> DatetimeTickFormatter:
    return DatetimeTickFormatter(
        microseconds="%S.%3N s",
        milliseconds="%H:%M:%S.%3N",
        seconds="%H:%M:%S",
        minsec="%H:%M:%S",
        minutes="%H:%M",
        hourmin="%H:%M",
        hours="%H:%M",
        days="%H:%M",
    )


def _data(columns: Mapping[str, Any]) -> dict[str, Any]:
    return dict(columns)
