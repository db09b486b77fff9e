"""The figure of the page: the tracks of the last minutes, one below the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bokeh.models import (
    ColumnDataSource,
    DatetimeTicker,
    DatetimeTickFormatter,
    FixedTicker,
    Range1d,
)
from bokeh.plotting import figure

from ..report.canvas import INK, style_axes
from ..report.looks import look_of

SIGNAL = "#4a7fb5"
ENVELOPE = "#d55e00"
DASHES = ("solid", "dashed", "dotted")

_ROW_PX = 92
_LEAST_PX = 200
_TEXT: dict[str, Any] = {
    "text_color": INK,
    "text_font_size": "12px",
    "text_baseline": "top",
    "background_fill_color": "#ffffff",
    "background_fill_alpha": 0.75,
    "padding": 1,
}


class Figures:
    """Bokeh's models of the page, and how they are filled; times are in seconds."""

    def __init__(self) -> None:
        self.zero_ms = 0.0
        self.lines = ColumnDataSource({"x": []}, name="lines")
        self._levels = ColumnDataSource({"x": []})
        self._bands = ColumnDataSource(_data(band_columns(())))
        self._names = ColumnDataSource(_data({"x": [], "y": [], "text": []}))
        self._rows = ColumnDataSource(_data({"y": [], "text": []}))
        self.x = Range1d(start=0.0, end=1.0)
        self._y = Range1d(start=-1.0, end=0.0)
        self._names_of: tuple[str, ...] = ()
        self.plot = self._figure()

    def ms(self, seconds: Any) -> Any:
        """Return the place of a time on the axis."""
        return self.zero_ms + seconds * 1000.0

    def show_tracks(self, axes: Sequence[int], has_envelope: Sequence[bool]) -> None:
        """Draw so many lines in each row; what was drawn before goes."""
        plot = self.plot
        plot.renderers = [r for r in plot.renderers if "signal" not in (r.tags or [])]
        # new lines begin empty: a column must not be missing when they are drawn
        names = [line_name(row, axis) for row, n in enumerate(axes) for axis in range(n)]
        self.lines.data = _data({"x": [], **{name: [] for name in names}})
        levels = [f"e{row}" for row, has in enumerate(has_envelope) if has]
        self._levels.data = _data({"x": [], **{name: [] for name in levels}})
        for row, n_axes in enumerate(axes):
            for axis in range(n_axes):
                line = plot.line(
                    "x", line_name(row, axis), source=self.lines, line_color=SIGNAL,
                    line_width=1.0, line_dash=DASHES[axis % len(DASHES)], line_join="bevel",
                )  # fmt: skip
                line.tags = ["signal"]
        for name in levels:
            line = plot.line(
                "x", name, source=self._levels, line_color=ENVELOPE, line_width=2.0
            )
            line.tags = ["signal"]
        # what is written lies above what is drawn
        written = [r for r in plot.renderers if "ink" in (r.tags or [])]
        plot.renderers = [r for r in plot.renderers if r not in written] + written
        rows = max(1, len(axes))
        self._y.start = -float(rows)
        plot.height = max(_LEAST_PX, _ROW_PX * rows + 40)
        plot.ygrid.ticker = FixedTicker(ticks=[-float(n) for n in range(rows + 1)])

    def show_all(self, columns: Mapping[str, Any]) -> None:
        """Draw lines anew; ``x`` in seconds."""
        self.lines.data = _data({**columns, "x": self.ms(columns["x"])})

    def show_more(self, columns: Mapping[str, Any], most: int) -> None:
        """Draw more at the end of the lines, and keep so many points."""
        self.lines.stream(_data({**columns, "x": self.ms(columns["x"])}), rollover=most)

    def show_levels(self, columns: Mapping[str, Any]) -> None:
        """Draw the envelopes anew."""
        self._levels.data = _data({**columns, "x": self.ms(columns["x"])})

    def show_window(self, start_s: float, end_s: float) -> None:
        """Move to a part of the night."""
        self.x.update(start=self.ms(start_s), end=self.ms(end_s))

    def show_rows(self, texts: Sequence[str]) -> None:
        """Write what stands at the left of each row."""
        columns = {"y": [-float(n) for n in range(len(texts))], "text": list(texts)}
        if columns != self._rows.data:
            self._rows.data = _data(columns)

    def show_events(self, spans: Sequence[tuple[float, float, int, int, str]]) -> None:
        """Draw events: begin, end, first row, row behind the last, kind."""
        columns = band_columns(spans)
        for name in ("left", "right"):
            columns[name] = [self.ms(value) for value in columns[name]]
        if columns == self._bands.data:
            return
        self._bands.data = _data(columns)
        names = {
            "x": columns["left"],
            "y": [top - 0.82 for top in columns["top"]],
            "text": [f"{look_of(s[4]).symbol} {look_of(s[4]).lane}" for s in spans],
        }
        self._names.data = _data(names)

    def _figure(self) -> figure:
        plot = figure(
            name="tracks",
            height=_LEAST_PX,
            sizing_mode="stretch_width",
            x_axis_type="datetime",
            x_range=self.x,
            y_range=self._y,
            y_axis_location=None,
            toolbar_location=None,
            tools=[],
            min_border_left=6,
            min_border_right=14,
            background_fill_color=None,
            border_fill_color=None,
            outline_line_color=None,
        )
        plot.lod_threshold = None
        plot.xaxis.ticker = DatetimeTicker(desired_num_ticks=5)
        form = "%H:%M:%S"
        plot.xaxis.formatter = DatetimeTickFormatter(
            microseconds=form, milliseconds=form, seconds=form, minsec=form, minutes=form,
            hourmin=form, hours=form, days=form,
        )  # fmt: skip
        style_axes(plot)
        plot.quad(
            left="left",
            right="right",
            bottom="bottom",
            top="top",
            source=self._bands,
            fill_color="colour",
            fill_alpha=0.18,
            line_color="colour",
            line_width=1.5,
            hatch_pattern="hatch",
            hatch_color="colour",
            hatch_alpha=0.6,
            hatch_scale=7,
        )
        plot.extra_x_ranges = {"screen": Range1d(start=0.0, end=1.0)}
        rows = plot.text(
            x=0.0, y="y", text="text", source=self._rows, x_range_name="screen", x_offset=4,
            y_offset=2,
        )  # fmt: skip
        names = plot.text(x="x", y="y", text="text", source=self._names, x_offset=3)
        rows.glyph.update(text_font_style="bold", **_TEXT)
        names.glyph.update(**_TEXT)
        rows.tags = names.tags = ["ink", "paper"]
        return plot


def line_name(row: int, axis: int) -> str:
    """Return the name of the column of one line."""
    return f"y{row}_{axis}"


def band_columns(spans: Sequence[tuple[float, float, int, int, str]]) -> dict[str, list[Any]]:
    """Return the columns of the bands."""
    looks = [look_of(kind) for *_, kind in spans]
    return {
        "left": [span[0] for span in spans],
        "right": [span[1] for span in spans],
        "top": [-float(span[2]) for span in spans],
        "bottom": [-float(span[3]) for span in spans],
        "colour": [look.colour for look in looks],
        "hatch": ["right_diagonal_line" if look.hatched else " " for look in looks],
    }


def _data(columns: Mapping[str, Any]) -> dict[str, Any]:
    return dict(columns)
