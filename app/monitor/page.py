"""The page of the monitor: a Bokeh document that shows what the board holds."""

from __future__ import annotations

import json
import math
import time
from datetime import UTC
from typing import Any

import numpy as np
from bokeh.document import Document
from bokeh.models import ColumnDataSource

from .board import Board
from .figures import Figures, line_name
from .playout import Playout
from .script import TEMPLATE
from .window import (
    SHOWN_BINS,
    SPANS_S,
    Scale,
    bin_at,
    bin_times,
    heights,
    largest,
    together,
)
from .words import (
    PROVISIONAL,
    banners,
    elapsed_words,
    event_rows,
    row_words,
    sensor_rows,
    state_words,
)

UPDATE_MS = 125
"""Between two updates: eight a second."""

SHOWN_EVENTS = 30

MOST_OPEN_S = 900.0
"""So far at most an event is drawn of which no end was told yet."""

_TOLD_S = 0.5
_SCALED_S = 0.5
_PATIENCE_S = 6.0
_MOST_COMMANDS = 50


class Page:
    """One browser's view of a board.

    Parameters
    ----------
    board
        What is shown; kept up to date by somebody else.
    span_s
        Length of the window at first.
    """

    def __init__(self, board: Board, span_s: float = 30.0) -> None:
        self.board = board
        self.span_s = span_s
        self.paused = False
        self.figures = Figures()
        self._playout = Playout()
        self._scales: list[Scale] = []
        self._halves: list[float] = []
        self._tracks: tuple[int, ...] = ()
        self._sent = 0
        self._anew = True
        self._keys = ColumnDataSource({"n": [0], "do": ["[]"]}, name="keys")
        self._drawn = ColumnDataSource({"n": [0]}, name="drawn")
        self._state = ColumnDataSource({"json": ["{}"]}, name="state")
        self._told_s = self._scaled_s = -math.inf
        self._events: tuple[int, int, tuple[int, ...]] | None = None
        self._heard_s = time.monotonic()
        self._number = 0
        self._shown_s = math.nan
        self._document: Document | None = None

    def open(self, document: Document) -> None:
        """Put the page into a document."""
        self._document = document
        plot = self.figures.plot
        plot.tags = [self._keys, self._state, self._drawn]
        self._keys.on_change("data", self._on_keys)
        self._drawn.on_change("data", self._on_drawn)
        document.add_root(plot)
        document.template = TEMPLATE  # type: ignore[assignment]  # text is taken too
        document.title = "Monitor"
        self.update()
        document.add_periodic_callback(self._tick, UPDATE_MS)

    def update(self) -> None:
        """Draw what is new."""
        with self.board.lock:
            self._draw()

    def _tick(self) -> None:
        """Update, unless nobody draws: a browser that sleeps must not be sent a whole night."""
        if time.monotonic() - self._heard_s > _PATIENCE_S:
            self._anew = True
            return
        if self._document is None:
            return
        self._document.hold("combine")
        try:
            self.update()
        finally:
            self._document.unhold()

    def _on_drawn(self, _name: str, _old: Any, _new: Any) -> None:
        self._heard_s = time.monotonic()

    def _on_keys(self, _name: str, _old: Any, new: Any) -> None:
        try:
            commands = json.loads(str(new["do"][0]))[:_MOST_COMMANDS]
        except (KeyError, IndexError, TypeError, ValueError, RecursionError):
            return
        for command in commands:
            if isinstance(command, str):
                self.command(command)
        self._told_s = -math.inf
        self.update()

    def command(self, key: str) -> None:
        """Do what a key or a button asks for."""
        place = SPANS_S.index(self.span_s) if self.span_s in SPANS_S else 1
        if key == "+":
            place = max(0, place - 1)
        elif key == "-":
            place = min(len(SPANS_S) - 1, place + 1)
        elif key in "123456" and key:
            place = int(key[0]) - 1
        elif key == " ":
            self.paused = not self.paused
            self._anew = True
            return
        if SPANS_S[place] != self.span_s:
            self.span_s = SPANS_S[place]
            self._anew = True

    def _draw(self) -> None:
        board, real_s = self.board, time.monotonic()
        over = bool(board.over or board.failed)
        moving = self._playout.look(board.complete_s, real_s, over=over)
        head_s = self._shown_s if self.paused and math.isfinite(self._shown_s) else moving
        self._lay_out()
        if math.isfinite(head_s) and self._tracks:
            self._shown_s = head_s
            if real_s - self._scaled_s >= _SCALED_S or self._anew:
                self._scaled_s = real_s
                self._fit(head_s)
                self._draw_levels(head_s)
            self._draw_lines(head_s)
            self._draw_events()
        if real_s - self._told_s >= _TOLD_S:
            self._told_s = real_s
            self._tell(head_s)

    def _lay_out(self) -> None:
        """Make the rows anew where signals were added."""
        tracks = self.board.tracks
        known = tuple(id(track) for track in tracks)
        if known == self._tracks:
            return
        self._tracks = known
        start = self.board.start
        # Bokeh shows UTC: the recorder's own clock is passed off as it
        self.figures.zero_ms = (
            start.replace(tzinfo=UTC).timestamp() * 1000.0 if start is not None else 0.0
        )
        self.figures.show_tracks(
            [track.stream.n_axes for track in tracks],
            [track.envelope is not None for track in tracks],
        )
        self._scales = [Scale(track.stream.kind) for track in tracks]
        self._anew = True

    def _fit(self, head_s: float) -> None:
        stop = bin_at(head_s, self.span_s)
        tracks = self.board.tracks
        for track, scale in zip(tracks, self._scales, strict=True):
            value = largest(track, stop - SHOWN_BINS, stop, self.span_s)
            if scale.fit(value):
                self._anew = True
        self._halves = [scale.half for scale in self._scales]
        self.figures.show_rows(
            [row_words(t, half) for t, half in zip(tracks, self._halves, strict=True)]
        )

    def _draw_lines(self, head_s: float) -> None:
        stop = bin_at(head_s, self.span_s)
        if self._anew or stop - self._sent >= SHOWN_BINS or stop < self._sent:
            self._anew = False
            self.figures.show_all(self._columns(stop - SHOWN_BINS, stop))
        elif stop > self._sent:
            self.figures.show_more(self._columns(self._sent, stop), 2 * SHOWN_BINS)
        self._sent = stop
        self.figures.show_window(head_s - self.span_s, head_s)

    def _columns(self, first: int, stop: int) -> dict[str, Any]:
        columns: dict[str, Any] = {"x": bin_times(first, stop, self.span_s)}
        for row, track in enumerate(self.board.tracks):
            drawn = heights(track, first, stop, self.span_s, row=row, half=self._halves[row])
            for axis in range(drawn.shape[1]):
                columns[line_name(row, axis)] = drawn[:, axis]
        return columns

    def _draw_levels(self, head_s: float) -> None:
        """Draw the envelopes, from the middle of each row upwards."""
        columns: dict[str, Any] = {}
        for row, track in enumerate(self.board.tracks):
            if track.envelope is None:
                continue
            width_s = track.envelope.width_s * max(1, together(self.span_s) // 5)
            many = round(width_s / track.envelope.width_s)
            first = math.floor((head_s - self.span_s) / width_s)
            stop = math.ceil(head_s / width_s)
            _, high = track.envelope.read(first, stop, many)
            columns["x"] = (np.arange(first, stop) + 0.5) * width_s
            scaled = np.minimum(high[:, 0] / self._halves[row], 1.0)
            columns[f"e{row}"] = np.asarray(scaled * 0.44 - (row + 0.5), np.float32)
        if columns:
            self.figures.show_levels(columns)

    def _draw_events(self) -> None:
        """Draw events of the window behind the signals that they were seen on."""
        board = self.board
        state = (board.changes, round(self.span_s), self._tracks)
        if state == self._events:
            return
        self._events = state
        rows = {track.stream.label: row for row, track in enumerate(board.tracks)}
        spans = []
        for seen in board.events:
            if seen.notice is None:
                continue
            event = seen.notice.event
            row = rows.get(event.channel or "")
            first, stop = (0, len(rows)) if row is None else (row, row + 1)
            end_s = event.onset + MOST_OPEN_S if seen.notice.ongoing else event.end
            spans.append((event.onset, end_s, first, stop, event.trial_type))
        self.figures.show_events(spans[-60:])

    def _tell(self, head_s: float) -> None:
        self._number += 1
        words, worry = state_words(self.board)
        state = {
            "n": self._number,
            "title": self.board.feed.name,
            "state": f"{words} (paused here: space goes on)" if self.paused else words,
            "worry": worry,
            "over": bool(self.board.over or self.board.failed),
            "elapsed": elapsed_words(self.board, head_s),
            "banners": banners(self.board),
            "sensors": sensor_rows(self.board),
            "events": event_rows(self.board, SHOWN_EVENTS),
            "provisional": PROVISIONAL,
            "hidden": self.board.hidden,
            "span": self.span_s,
            "paused": self.paused,
        }
        self._state.data = {"json": [json.dumps(state)]}
