"""The page of the labeller: a Bokeh document that follows a desk and a window."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from bokeh.document import Document
from bokeh.events import RangesUpdate, SelectionGeometry, Tap
from bokeh.models import (
    BoxAnnotation,
    BoxSelectTool,
    ColumnDataSource,
    DatetimeTicker,
    DatetimeTickFormatter,
    FixedTicker,
    PanTool,
    Range1d,
    RangeTool,
    Span,
    TapTool,
    WheelZoomTool,
)
from bokeh.plotting import figure

from ...recording.errors import RecordingError
from ..report.canvas import INK, style_axes
from .bands import Band, Lanes, band_columns, hit, name_columns
from .desk import Desk
from .keys import command_of
from .others import Others, agreement
from .script import TEMPLATE
from .state import page_state
from .tracks import DASHES, Tracks
from .window import SHORTEST_S, Window

_SIGNAL = "#4a7fb5"
_CURSOR = "#d55e00"
_USUAL_PX = 1200.0
_MOST_PX = 2600.0
_ROW_PX = 96
_LANE_PX = 26
_MENDED_MS = 200
_OTHERS_MS = 3000
_MOST_COMMANDS = 200
_MOST_TEXT = 4000


class Page:
    """One night on a page.

    Parameters
    ----------
    desk
        What the annotator does.
    tracks
        The signals.
    lanes
        What is marked.
    others
        The other annotators.
    title
        Name of the night.
    start
        Clock time of its start, or None.
    banner
        What must be seen first, or nothing.
    notes
        What the annotator must know, one sentence each.
    """

    def __init__(
        self,
        desk: Desk,
        tracks: Tracks,
        lanes: Lanes,
        others: Others,
        window: Window,
        *,
        title: str,
        start: datetime | None,
        banner: str = "",
        notes: Sequence[str] = (),
    ) -> None:
        self.desk, self.tracks, self.lanes, self.window = desk, tracks, lanes, window
        self._others = others
        self._title, self._banner, self._notes = title, banner, tuple(notes)
        self._start = start
        self._zero_ms = start.replace(tzinfo=UTC).timestamp() * 1000.0 if start else 0.0
        self._seen = 0
        self._said = ""
        self._failed = ""
        self._kind = "cramp"
        self._before: tuple[float, float] | None = None
        self._mending: Any = None
        self._drawing = False
        self._overview_of: tuple[int, bool] | None = None
        self._agreement: list[Any] = []
        self._bands: list[Band] = []
        self._document: Document | None = None
        self._inner_px = _USUAL_PX

    def open(self, document: Document) -> None:
        """Put the page into a document."""
        self._document = document
        self._make_sources()
        self._main = self._tracks_figure()
        self._strip = self._overview_figure()
        self._main.tags = [self._keys, self._state]
        document.add_root(self._strip)
        document.add_root(self._main)
        document.template = TEMPLATE
        document.title = "Labelling"
        document.add_periodic_callback(self._look_at_others, _OTHERS_MS)
        self._compare()
        self._draw_all()

    # what the browser tells

    def _on_keys(self, _name: str, _old: Any, new: Any) -> None:
        """Take the commands that the script sends: a running number and a JSON list."""
        try:
            number = int(new["n"][0])
            commands = json.loads(str(new["do"][0]))[:_MOST_COMMANDS]
        except (KeyError, IndexError, TypeError, ValueError, RecursionError):
            return
        self._seen = number
        for command in commands:
            if isinstance(command, list) and len(command) == 2:
                self._do(str(command[0]), str(command[1])[:_MOST_TEXT])
        self._draw_all()

    def _do(self, what: str, value: str) -> None:
        self._said = ""
        try:
            if what == "key":
                self._key(value)
            elif what == "note":
                self.desk.write_note(value)
        except RecordingError as error:
            self._failed = str(error)
        else:
            self._failed = "" if what != "key" or self._changes(value) else self._failed

    def _changes(self, key: str) -> bool:
        return command_of(key) in _CHANGING or (command_of(key) or "").startswith("type:")

    def _key(self, key: str) -> None:
        command = command_of(key)
        if command is None:
            return
        if command.startswith("type:"):
            self._kind = command.removeprefix("type:")
            self.desk.retype(self._kind)
            return
        action = self._actions().get(command)
        if action is not None:
            action()

    def _actions(self) -> dict[str, Callable[[], object]]:
        window, desk = self.window, self.desk
        return {
            "next": lambda: self._jump(1),
            "previous": lambda: self._jump(-1),
            "next_label": lambda: self._jump_label(1),
            "previous_label": lambda: self._jump_label(-1),
            "accept": lambda: self._judge(desk.accept),
            "reject": lambda: self._judge(desk.reject),
            "mark": self._mark,
            "drop": self._drop,
            "start_earlier": lambda: self._nudge(-1, 0),
            "start_later": lambda: self._nudge(1, 0),
            "end_earlier": lambda: self._nudge(0, -1),
            "end_later": lambda: self._nudge(0, 1),
            "start_here": lambda: self._edge(start=True),
            "end_here": lambda: self._edge(start=False),
            "delete": desk.delete,
            "undo": self._undo,
            "redo": self._redo,
            "left": lambda: window.pan(-1),
            "right": lambda: window.pan(1),
            "page_left": lambda: window.pan(-4),
            "page_right": lambda: window.pan(4),
            "home": lambda: window.go_to(0.0),
            "end": lambda: window.go_to(window.night_s),
            "zoom_in": lambda: window.zoom(1),
            "zoom_out": lambda: window.zoom(-1),
            "whole": self._whole,
            "cursor_left": lambda: window.move_cursor(-0.01),
            "cursor_right": lambda: window.move_cursor(0.01),
            "cursor_far_left": lambda: window.move_cursor(-0.1),
            "cursor_far_right": lambda: window.move_cursor(0.1),
            "track_up": lambda: window.switch_track(-1),
            "track_down": lambda: window.switch_track(1),
            "larger": lambda: window.change_gain(1, every=False),
            "smaller": lambda: window.change_gain(-1, every=False),
            "all_larger": lambda: window.change_gain(1, every=True),
            "all_smaller": lambda: window.change_gain(-1, every=True),
            "filter": self._switch_filter,
        }

    def _jump(self, way: int) -> None:
        if self.desk.jump(way, self.window.cursor_s):
            self._show_chosen()
        else:
            self._said = "nothing is marked or proposed yet"

    def _jump_label(self, way: int) -> None:
        if self.desk.jump_label(way, self.window.cursor_s):
            self._show_chosen()
        else:
            self._said = "nothing is marked yet"

    def _judge(self, verdict: Callable[[], bool]) -> None:
        if not verdict():
            self._said = "no proposal is selected: n goes to the next one"
        elif self.desk.left:
            self._jump(1)
        else:
            self._said = "every proposal has its verdict"

    def _mark(self) -> None:
        window = self.window
        if window.pending_s is None:
            window.pending_s = window.cursor_s
            self._said = "a label begins here: move the cursor, and m ends it"
            return
        begin, window.pending_s = window.pending_s, None
        self.desk.mark(begin, window.cursor_s, self._kind, self.tracks.stream(window.track))

    def _drop(self) -> None:
        if self.window.pending_s is None:
            self.desk.chosen = None
        self.window.pending_s = None

    def _nudge(self, start: int, end: int) -> None:
        event = self.desk.chosen_event()
        if event is None:
            self._said = "nothing is selected"
            return
        step = self.window.width_s / 200.0
        begin, stop = event.onset + start * step, event.end + end * step
        if begin < stop:
            self.desk.mend(begin, stop)

    def _edge(self, *, start: bool) -> None:
        event, at = self.desk.chosen_event(), self.window.cursor_s
        if event is None:
            self._said = "nothing is selected"
        elif start and at < event.end:
            self.desk.mend(at, event.end)
        elif not start and at > event.onset:
            self.desk.mend(event.onset, at)
        else:
            self._said = "a label cannot end before it begins"

    def _undo(self) -> None:
        what = self.desk.undo()
        self._said = f"undone: {what}" if what else "nothing to undo"
        if what:
            self._show_chosen(only_if_hidden=True)

    def _redo(self) -> None:
        what = self.desk.redo()
        self._said = f"done again: {what}" if what else "nothing to do again"
        if what:
            self._show_chosen(only_if_hidden=True)

    def _whole(self) -> None:
        window = self.window
        if window.width_s < window.night_s:
            self._before = (window.start_s, window.end_s)
            window.whole()
        elif self.desk.chosen_event() is not None:
            self._show_chosen()
        elif self._before is not None:
            window.show(*self._before)

    def _switch_filter(self) -> None:
        self.window.filtered = not self.window.filtered

    def _show_chosen(self, *, only_if_hidden: bool = False) -> None:
        event, window = self.desk.chosen_event(), self.window
        if event is None:
            return
        row = self.tracks.number(event.channel)
        window.track = window.track if row is None else row
        inside = window.start_s <= event.onset and event.end <= window.end_s
        if not (only_if_hidden and inside):
            window.around(event.onset, event.end)

    def _on_ranges(self, event: RangesUpdate) -> None:
        if event.x0 is None or event.x1 is None or self._drawing:
            return
        self.window.show(self._seconds(event.x0), self._seconds(event.x1))
        self._draw_view(ranges=False)
        self._tell()

    def _on_strip(self, _name: str, _old: Any, _new: Any) -> None:
        """Follow the window on the overview; it changes start and end one by one."""
        if self._drawing or self._document is None:
            return
        self._document.add_next_tick_callback(self._follow_range)

    def _follow_range(self) -> None:
        start, end = self._seconds(self._x.start), self._seconds(self._x.end)
        window = self.window
        if end <= start or (
            abs(start - window.start_s) < 1e-4 and abs(end - window.end_s) < 1e-4
        ):
            return
        window.show(start, end)
        self._draw_view(ranges=False)
        self._tell()

    def _on_tap(self, event: Tap) -> None:
        if event.x is None or event.y is None:
            return
        window = self.window
        window.cursor_s = min(max(self._seconds(event.x), 0.0), window.night_s)
        self._take_track(float(event.y))
        reach = 3.0 * window.width_s / self._px()
        found = hit(self._bands, window.cursor_s, float(event.y), reach)
        self.desk.chosen = found
        self._said = ""
        self._draw_all()

    def _on_drag(self, event: SelectionGeometry) -> None:
        shape = event.geometry
        if not event.final or shape.get("type") != "rect":
            return
        begin, end = self._seconds(shape["x0"]), self._seconds(shape["x1"])
        if abs(end - begin) < 3.0 * self.window.width_s / self._px():
            return
        self._take_track((float(shape["y0"]) + float(shape["y1"])) / 2)
        self._said = ""
        try:
            stream = self.tracks.stream(self.window.track)
            self.desk.mark(begin, end, self._kind, stream)
            self._failed = ""
        except RecordingError as error:
            self._failed = str(error)
        self._draw_all()

    def _on_edge(self, _name: str, _old: Any, _new: Any) -> None:
        """Mend the selected label once its edge has come to rest."""
        if self._drawing or self._document is None:
            return
        if self._mending is not None:
            self._document.remove_timeout_callback(self._mending)
        self._mending = self._document.add_timeout_callback(self._mend_dragged, _MENDED_MS)
        self._tell()

    def _mend_dragged(self) -> None:
        self._mending = None
        left, right = self._box.left, self._box.right
        if isinstance(left, int | float) and isinstance(right, int | float):
            try:
                self.desk.mend(self._seconds(left), self._seconds(right))
                self._failed = ""
            except RecordingError as error:
                self._failed = str(error)
        self._draw_all()

    def _on_width(self, _name: str, _old: Any, new: Any) -> None:
        if isinstance(new, int | float) and 1 <= new != self._inner_px:
            self._inner_px = min(float(new), _MOST_PX)
        if self._document is not None:
            self._document.add_next_tick_callback(self._draw_view)

    def _look_at_others(self) -> None:
        before = dict(self.lanes.others)
        if {k: id(v) for k, v in self._others.read().items()} != {
            k: id(v) for k, v in before.items()
        }:
            self._compare()
            self._draw_all()

    def _compare(self) -> None:
        self.lanes.others = self._others.read()
        mine = self.desk.labels.events()
        self._agreement = agreement(mine, self.lanes.others, self.window.night_s)

    # what is drawn

    def _draw_all(self) -> None:
        if self.lanes.others:
            self._compare()
        self._draw_lanes()
        self._draw_view()
        self._draw_chosen()
        self._draw_overview()
        self._tell()

    def _draw_lanes(self) -> None:
        self._bands = self.lanes.bands(self.desk)
        columns = band_columns(self._bands)
        columns["left"] = [self._ms(value) for value in columns["left"]]
        columns["right"] = [self._ms(value) for value in columns["right"]]
        if columns != self._bands_source.data:
            self._bands_source.data = columns
        height = self.lanes.height(self.desk)
        if self._y.start != -height:
            self._y.start = -height
            self._main.height = self._height_px()

    def _draw_view(self, *, ranges: bool = True) -> None:
        window, px = self.window, self._px()
        columns: dict[str, Any] = dict(self.tracks.columns(window, int(px)))
        for number in range(len(self.tracks.lines)):
            columns[f"x{number}"] = columns[f"x{number}"] * 1000.0 + self._zero_ms
        self._lines.data = columns
        names = name_columns(self._bands, window, px)
        names["x"] = [self._ms(value) for value in names["x"]]
        self._names.data = names
        rows = [self.tracks.name(n, window) for n in range(len(self.tracks))]
        heights = [-float(n) - 0.06 for n in range(len(self.tracks))]
        lanes = self.lanes.names(self.desk)
        heights += [self.lanes.span(name, self.desk)[1] - 0.02 for name in lanes]
        marker = ["▸ " if n == window.track else "" for n in range(len(self.tracks))]
        texts = [f"{m}{row}" for m, row in zip(marker, rows, strict=True)]
        rows_now = {"y": heights, "text": [*texts, *lanes]}
        if rows_now != self._rows.data:
            self._rows.data = rows_now
        self._drawing = True
        try:
            if ranges:
                self._x.update(start=self._ms(window.start_s), end=self._ms(window.end_s))
        finally:
            self._drawing = False
        self._cursor.location = self._ms(window.cursor_s)
        self._strip_cursor.location = self._ms(window.cursor_s)
        self._hand.update(top=-float(window.track), bottom=-float(window.track) - 1.0)
        pending = window.pending_s
        self._pending.visible = pending is not None
        if pending is not None:
            low, high = sorted((pending, window.cursor_s))
            self._pending.update(
                left=self._ms(low),
                right=self._ms(high),
                top=-float(window.track),
                bottom=-float(window.track) - 1.0,
            )

    def _draw_chosen(self) -> None:
        event = self.desk.chosen_event()
        self._drawing = True
        try:
            if event is None:
                self._box.visible = False
                return
            bottom, top = self.lanes.over(event)
            self._box.update(
                left=self._ms(event.onset),
                right=self._ms(event.end),
                bottom=bottom,
                top=top,
                visible=True,
            )
        finally:
            self._drawing = False

    def _draw_overview(self) -> None:
        wanted = (self.window.track, self.window.filtered)
        if len(self.tracks) and wanted != self._overview_of:
            self._overview_of = wanted
            x, y = self.tracks.overview(self.window.track, 1200, self.window.night_s)
            self._night.data = {"x": x * 1000.0 + self._zero_ms, "y": y}

    def _tell(self) -> None:
        text = json.dumps(
            page_state(
                self.desk,
                self.window,
                self._agreement,
                seen=self._seen,
                said=self._said,
                failed=self._failed,
                saving=self._mending is not None,
                kind=self._kind,
                title=self._title,
                banner=self._banner,
                start=self._start,
                stream=self.tracks.stream(self.window.track),
                notes=(*self._notes, *self._others.notes),
            )
        )
        if self._state.data.get("json") != [text]:
            self._state.data = {"json": [text]}

    def _ms(self, seconds: float) -> float:
        return self._zero_ms + seconds * 1000.0

    def _seconds(self, ms: Any) -> float:
        if isinstance(ms, datetime):
            return (ms.replace(tzinfo=UTC).timestamp() * 1000.0 - self._zero_ms) / 1000.0
        return (float(ms) - self._zero_ms) / 1000.0

    def _px(self) -> float:
        return self._inner_px

    def _take_track(self, height: float) -> None:
        row = int(-height)
        if 0 <= row < len(self.tracks):
            self.window.track = row

    def _height_px(self) -> int:
        lanes = len(self.lanes.names(self.desk))
        return max(240, _ROW_PX * len(self.tracks) + _LANE_PX * lanes + 40)

    # the models

    def _make_sources(self) -> None:
        self._keys = ColumnDataSource({"n": [0], "do": ["[]"]}, name="keys")
        self._keys.on_change("data", self._on_keys)
        self._state = ColumnDataSource({"json": ["{}"]}, name="state")
        empty = {f"{axis}{n}": [] for n in range(len(self.tracks.lines)) for axis in "xy"}
        self._lines = ColumnDataSource(empty, name="lines")
        self._bands_source = ColumnDataSource(band_columns(()))
        self._names = ColumnDataSource({"x": [], "y": [], "text": []})
        self._rows = ColumnDataSource({"y": [], "text": []})
        self._night = ColumnDataSource({"x": [], "y": []})
        window = self.window
        self._x = Range1d(
            start=self._ms(window.start_s),
            end=self._ms(window.end_s),
            bounds=(self._ms(0.0), self._ms(window.night_s)),
            min_interval=SHORTEST_S * 1000.0,
        )
        self._x.on_change("start", self._on_strip)
        self._x.on_change("end", self._on_strip)
        self._y = Range1d(start=-self.lanes.height(self.desk), end=0.0)

    def _tracks_figure(self) -> figure:
        wheel = WheelZoomTool(dimensions="width", maintain_focus=False)
        drag = BoxSelectTool(dimensions="width", renderers=[])
        plot = figure(
            name="tracks",
            height=self._height_px(),
            sizing_mode="stretch_width",
            x_axis_type="datetime",
            x_range=self._x,
            y_range=self._y,
            tools=[wheel, drag, PanTool(dimensions="width"), TapTool(renderers=[])],
            toolbar_location=None,
            active_scroll=wheel,
            active_drag=drag,
            **_BARE,
        )
        plot.lod_threshold = None
        plot.xaxis.ticker = DatetimeTicker(desired_num_ticks=6)
        plot.xaxis.formatter = self._clock()
        style_axes(plot)
        plot.ygrid.ticker = FixedTicker(ticks=[-float(n) for n in range(len(self.tracks) + 1)])
        self._hand = BoxAnnotation(
            top=0.0, bottom=-1.0, fill_color=_SIGNAL, fill_alpha=0.07, line_color=None
        )
        plot.add_layout(self._hand)
        plot.quad(
            left="left",
            right="right",
            bottom="bottom",
            top="top",
            source=self._bands_source,
            fill_color="colour",
            fill_alpha="alpha",
            line_color="colour",
            line_dash="dash",
            line_width=1.5,
            hatch_pattern="hatch",
            hatch_color="colour",
            hatch_alpha=0.7,
            hatch_scale=7,
        )
        for number, line in enumerate(self.tracks.lines):
            plot.line(
                f"x{number}",
                f"y{number}",
                source=self._lines,
                line_color=_SIGNAL,
                line_width=1.0,
                line_dash=DASHES[line.axis % len(DASHES)],
                line_join="bevel",
            )
        self._add_texts(plot)
        self._add_movable(plot)
        plot.on_event(RangesUpdate, self._on_ranges)
        plot.on_event(Tap, self._on_tap)
        plot.on_event(SelectionGeometry, self._on_drag)
        plot.on_change("inner_width", self._on_width)
        return plot

    def _add_texts(self, plot: figure) -> None:
        paper = {
            "background_fill_color": "#ffffff",
            "background_fill_alpha": 0.75,
            "text_font_size": "12px",
            "text_baseline": "top",
            "padding": 1,
        }
        plot.extra_x_ranges = {"screen": Range1d(start=0.0, end=1.0)}
        rows = plot.text(
            x=0.0,
            y="y",
            text="text",
            source=self._rows,
            x_range_name="screen",
            x_offset=4,
            text_color=INK,
            text_font_style="bold",
            **paper,
        )
        names = plot.text(
            x="x", y="y", text="text", source=self._names, x_offset=3, text_color=INK, **paper
        )
        rows.tags = names.tags = ["ink", "paper"]

    def _add_movable(self, plot: figure) -> None:
        self._pending = BoxAnnotation(
            left=0.0,
            right=0.0,
            fill_color=_CURSOR,
            fill_alpha=0.15,
            line_color=_CURSOR,
            line_dash="dashed",
            visible=False,
        )
        self._box = BoxAnnotation(
            left=0.0,
            right=0.0,
            top=0.0,
            bottom=-1.0,
            editable=True,
            resizable="x",
            movable="none",
            fill_alpha=0.05,
            fill_color=_CURSOR,
            line_color=_CURSOR,
            line_alpha=1.0,
            line_width=2,
            hover_line_color=_CURSOR,
            hover_line_alpha=1.0,
            hover_fill_color=_CURSOR,
            hover_fill_alpha=0.1,
            visible=False,
        )
        self._box.on_change("left", self._on_edge)
        self._box.on_change("right", self._on_edge)
        self._cursor = Span(
            location=self._ms(self.window.cursor_s),
            dimension="height",
            line_color=_CURSOR,
            line_dash="dotted",
            line_width=1.5,
        )
        for each in (self._pending, self._box, self._cursor):
            plot.add_layout(each)

    def _overview_figure(self) -> figure:
        night = Range1d(start=self._ms(0.0), end=self._ms(self.window.night_s))
        plot = figure(
            name="overview",
            height=92,
            sizing_mode="stretch_width",
            x_axis_type="datetime",
            x_range=night,
            y_range=Range1d(start=-1.15, end=1.15),
            tools=[],
            toolbar_location=None,
            **_BARE,
        )
        plot.ygrid.visible = False
        plot.xaxis.ticker = DatetimeTicker(desired_num_ticks=8)
        plot.xaxis.formatter = self._clock()
        style_axes(plot)
        plot.line("x", "y", source=self._night, line_color=_SIGNAL, line_width=1)
        plot.quad(
            left="left",
            right="right",
            bottom=-1.15,
            top=1.15,
            source=self._bands_source,
            fill_color="colour",
            fill_alpha=0.4,
            line_color="colour",
            line_alpha=0.8,
        )
        self._strip_cursor = Span(
            location=0.0, dimension="height", line_color=_CURSOR, line_dash="dotted"
        )
        plot.add_layout(self._strip_cursor)
        tool = RangeTool(x_range=self._x)
        tool.overlay.fill_color = _SIGNAL
        tool.overlay.fill_alpha = 0.18
        tool.overlay.line_color = _SIGNAL
        tool.overlay.line_alpha = 0.9
        plot.add_tools(tool)
        return plot

    def _clock(self) -> DatetimeTickFormatter:
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


_CHANGING = frozenset(
    ("accept", "reject", "mark", "delete", "undo", "redo", "start_earlier", "start_later",
     "end_earlier", "end_later", "start_here", "end_here")
)  # fmt: skip
_BARE: dict[str, Any] = {
    "min_border_left": 6,
    "min_border_right": 10,
    "background_fill_color": None,
    "border_fill_color": None,
    "outline_line_color": None,
    "y_axis_location": None,
}
