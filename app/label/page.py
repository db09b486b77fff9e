"""The page of the labeller: a Bokeh document that follows what an annotator does."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from bokeh.document import Document
from bokeh.events import Event, PanStart, RangesUpdate, SelectionGeometry, Tap
from bokeh.models import ColumnDataSource

from .acts import Acts
from .bands import Band, Lanes, in_sight, name_columns
from .desk import Desk
from .figures import Figures
from .others import AgreementRow, Others, agreement
from .script import TEMPLATE
from .state import page_state
from .tracks import Tracks
from .window import Window

_USUAL_PX = 1200.0
_MOST_PX = 2600.0
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
    window
        What is shown.
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
        self.acts = Acts(desk, tracks, lanes, window)
        self._others = others
        self._title, self._banner, self._notes = title, banner, tuple(notes)
        self._start = start
        # Bokeh shows UTC: the recorder's own clock is passed off as it
        zero_ms = start.replace(tzinfo=UTC).timestamp() * 1000.0 if start else 0.0
        self.figures = Figures(tracks.lines, len(tracks), window.night_s, zero_ms)
        self._keys = ColumnDataSource({"n": [0], "do": ["[]"]}, name="keys")
        self._state = ColumnDataSource({"json": ["{}"]}, name="state")
        self._px = _USUAL_PX
        self._seen = 0
        self._drag_height = 0.0
        self._mending: Any = None
        self._drawing = False
        self._overview_of: tuple[int, bool] | None = None
        self._compared: object = None
        self._laid_out: object = None
        self._agreement: list[AgreementRow] = []
        self._bands: list[Band] = []
        self._document: Document | None = None

    def open(self, document: Document) -> None:
        """Put the page into a document."""
        self._document = document
        shown = self.figures
        shown.tracks.tags = [self._keys, self._state]
        self._keys.on_change("data", self._on_keys)
        for name in ("start", "end"):
            shown.x.on_change(name, self._on_range)
        for name in ("left", "right"):
            shown.box.on_change(name, self._on_edge)
        shown.tracks.on_change("inner_width", self._on_width)
        shown.tracks.on_event(RangesUpdate, self._on_zoom)
        shown.tracks.on_event(Tap, self._on_tap)
        shown.tracks.on_event(PanStart, self._on_drag_start)
        shown.tracks.on_event(SelectionGeometry, self._on_drag)
        # a figure that is in a document already is asked for no more events
        document.add_root(shown.strip)
        document.add_root(shown.tracks)
        document.template = TEMPLATE  # type: ignore[assignment]  # text is taken too
        document.title = "Labelling"
        document.add_periodic_callback(self._look_at_others, _OTHERS_MS)
        self.lanes.others = self._others.read()
        self._draw_all()

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
                what, value = str(command[0]), str(command[1])[:_MOST_TEXT]
                if what == "key":
                    self.acts.key(value)
                elif what == "note":
                    self.acts.note(value)
        self._draw_all()

    def _on_zoom(self, event: Event) -> None:
        if isinstance(event, RangesUpdate) and event.x0 is not None and event.x1 is not None:
            self._follow(self.figures.seconds(event.x0), self.figures.seconds(event.x1))

    def _on_range(self, _name: str, _old: Any, _new: Any) -> None:
        """Follow the window on the overview, which changes start and end one by one."""
        if not self._drawing and self._document is not None:
            self._document.add_next_tick_callback(self._follow_range)

    def _follow_range(self) -> None:
        shown = self.figures
        self._follow(shown.seconds(shown.x.start), shown.seconds(shown.x.end))

    def _follow(self, start: float, end: float) -> None:
        window = self.window
        same = abs(start - window.start_s) < 1e-4 and abs(end - window.end_s) < 1e-4
        if start < end and not same:
            window.show(start, end)
            self._draw_view(ranges=False)
            self._tell()

    def _on_tap(self, event: Event) -> None:
        if isinstance(event, Tap) and event.x is not None and event.y is not None:
            self.acts.tap(self.figures.seconds(event.x), float(event.y), self._px)
            self._draw_all()

    def _on_drag_start(self, event: Event) -> None:
        """Keep the row in which a drag begins: the box that it draws is as high as all rows."""
        if isinstance(event, PanStart) and event.y is not None:
            self._drag_height = float(event.y)

    def _on_drag(self, event: Event) -> None:
        if not isinstance(event, SelectionGeometry) or not event.final:
            return
        shape: Any = event.geometry
        if shape and shape.get("type") == "rect":
            begin, end = (self.figures.seconds(shape[name]) for name in ("x0", "x1"))
            self.acts.drag(begin, end, self._drag_height, self._px)
            self._draw_all()

    def _on_edge(self, _name: str, _old: Any, _new: Any) -> None:
        """Mend the selected label once its edge has come to rest."""
        if self._drawing or self._document is None:
            return
        if self._mending is not None:
            self._document.remove_timeout_callback(self._mending)
        self._mending = self._document.add_timeout_callback(self._mend, _MENDED_MS)
        self._tell()

    def _mend(self) -> None:
        self._mending = None
        left, right = self.figures.box.left, self.figures.box.right
        if isinstance(left, int | float) and isinstance(right, int | float):
            self.acts.mend(self.figures.seconds(left), self.figures.seconds(right))
        self._draw_all()

    def _on_width(self, _name: str, _old: Any, new: Any) -> None:
        if isinstance(new, int | float) and new >= 1:
            self._px = min(float(new), _MOST_PX)
            if self._document is not None:
                self._document.add_next_tick_callback(self._draw_view)

    def _look_at_others(self) -> None:
        before = list(self.lanes.others.values())
        self.lanes.others = self._others.read()
        now = list(self.lanes.others.values())
        # a log that did not grow gives the same object again
        if len(now) != len(before) or any(a is not b for a, b in zip(now, before, strict=True)):
            self._draw_all()

    def _draw_all(self) -> None:
        self._compare()
        now = (self.desk.labels.revision, *self.lanes.others.items())
        if now != self._laid_out:
            self._laid_out = now
            self._bands = self.lanes.bands(self.desk)
            n_lanes = len(self.lanes.names(self.desk))
            self.figures.show_lanes(self._bands, len(self.tracks), n_lanes)
        self._draw_view()
        self._draw_chosen()
        wanted = (self.window.track, self.window.filtered)
        if len(self.tracks) and wanted != self._overview_of:
            self._overview_of = wanted
            night = self.tracks.overview(self.window.track, round(self._px), self.window)
            self.figures.show_night(*night)
        self._tell()

    def _draw_view(self, *, ranges: bool = True) -> None:
        window, shown = self.window, self.figures
        shown.show_lines(self.tracks.columns(window, int(self._px)))
        bands = in_sight(self._bands, window)
        shown.show_bands(bands, window.width_s / self._px)
        shown.show_names(name_columns(bands, window, self._px))
        shown.show_rows(*self.lanes.row_names(self.desk, window))
        self._drawing = True
        try:
            if ranges:
                shown.show_window(window.start_s, window.end_s)
        finally:
            self._drawing = False
        shown.show_cursor(window.cursor_s, window.track, window.pending_s)

    def _draw_chosen(self) -> None:
        event = self.desk.chosen_event()
        span = None if event is None else (event.onset, event.end, *self.lanes.over(event))
        self._drawing = True
        try:
            self.figures.show_chosen(span)
        finally:
            self._drawing = False

    def _compare(self) -> None:
        """Compare with the others, where one of both has changed."""
        now = (self.desk.labels.revision, *self.lanes.others.items())
        if self.lanes.others and now != self._compared:
            self._compared = now
            mine = self.desk.labels.events()
            self._agreement = agreement(mine, self.lanes.others, self.window.night_s)

    def _tell(self) -> None:
        state = page_state(
            self.acts,
            self._agreement,
            seen=self._seen,
            saving=self._mending is not None,
            title=self._title,
            banner=self._banner,
            start=self._start,
            notes=(*self._notes, *self._others.notes),
        )
        text = json.dumps(state)
        if self._state.data.get("json") != [text]:
            self._state.data = {"json": [text]}
