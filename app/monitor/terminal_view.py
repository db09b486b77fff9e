"""The monitor in a terminal, also over ssh: bars, a line for each sensor, a list."""

from __future__ import annotations

import math
import time
from typing import ClassVar

from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import DataTable, Footer, Static

from .board import Board
from .playout import Playout
from .terminal import bars, strength
from .window import SPANS_S, least_range, nice
from .words import banners, elapsed_words, event_rows, height_words, sensor_rows, state_words

UPDATE_S = 0.25
MOST_SHOWN = 5
ROOMY = 3
"""With more signals than these, each gets one line of bars instead of two."""

SHOWN_EVENTS = 50


class Monitor(App[None]):
    """Signals above, sensors and events below.

    Parameters
    ----------
    board
        What is shown; kept up to date by somebody else.
    span_s
        Length of the window at first, one of `SPANS_S`.
    """

    TITLE = "Crampwatch"
    ENABLE_COMMAND_PALETTE = False
    CSS = """
    Screen { layout: vertical; }
    #head { height: auto; text-style: bold; }
    #banners { height: auto; color: $warning; }
    .row { height: 1; color: $text-muted; }
    .bars { height: auto; color: $primary-lighten-2; }
    #sensors { height: auto; max-height: 4; }
    DataTable { height: 1fr; min-height: 4; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "quit", "leave"),
        Binding("plus,equals_sign", "span(-1)", "shorter", key_display="+"),
        Binding("minus", "span(1)", "longer", key_display="-"),
        Binding("space", "freeze", "pause"),
        Binding("n", "more", "next signals"),
    ]

    def __init__(self, board: Board, span_s: float = 30.0) -> None:
        super().__init__()
        self.board = board
        self.span_s = span_s
        self.paused = False
        self.first = 0
        self._playout = Playout()
        self._head_s = math.nan
        self._events_of = -1

    def compose(self) -> ComposeResult:
        """Make the widgets."""
        yield Static(id="head", markup=False)
        yield Static(id="banners", markup=False)
        for number in range(MOST_SHOWN):
            yield Static(id=f"name{number}", classes="row", markup=False)
            yield Static(id=f"line{number}", classes="bars", markup=False)
        yield Static(id="sensors", markup=False)
        yield DataTable(id="events", cursor_type="row", zebra_stripes=True)
        yield Footer()

    def on_mount(self) -> None:
        """Begin to look at the self.board."""
        table = self.query_one("#events", DataTable)
        table.add_columns("", "begins", "what", "lasts", "where", "state")
        self.look()
        self.set_interval(UPDATE_S, self.look)

    def look(self) -> None:
        """Show what the board holds now."""
        with self.board.lock:
            over = bool(self.board.over or self.board.failed)
            moving = self._playout.look(self.board.complete_s, time.monotonic(), over=over)
            if not (self.paused and math.isfinite(self._head_s)):
                self._head_s = moving
            self._show_head()
            self._show_tracks()
            rows = [", ".join(_short(row)) for row in sensor_rows(self.board)]
            self.query_one("#sensors", Static).update("\n".join(rows))
            self._show_events()

    def action_span(self, step: int) -> None:
        """Show more or less of the past."""
        place = SPANS_S.index(self.span_s) if self.span_s in SPANS_S else 1
        self.span_s = SPANS_S[min(max(0, place + step), len(SPANS_S) - 1)]
        self.look()

    def action_freeze(self) -> None:
        """Stand still here; nothing else stands still for it."""
        self.paused = not self.paused
        self.look()

    def action_more(self) -> None:
        """Show the signals that found no room."""
        self.first += MOST_SHOWN
        self.look()

    def _show_head(self) -> None:
        words, worry = state_words(self.board)
        mark = "!! " if worry else ""
        paused = " | paused" if self.paused else ""
        line = (
            f"{mark}{self.board.feed.name}: {words} | {elapsed_words(self.board, self._head_s)}"
        )
        self.query_one("#head", Static).update(f"{line} | {self.span_s:g} s{paused}")
        told = self.query_one("#banners", Static)
        told.update("\n".join(banners(self.board)))
        told.display = bool(banners(self.board))

    def _show_tracks(self) -> None:
        tracks = self.board.tracks
        if self.first >= len(tracks):
            self.first = 0
        shown = tracks[self.first : self.first + MOST_SHOWN]
        for number in range(MOST_SHOWN):
            name = self.query_one(f"#name{number}", Static)
            line = self.query_one(f"#line{number}", Static)
            name.display = line.display = number < len(shown)
            if number >= len(shown) or math.isnan(self._head_s):
                continue
            columns = max(10, self.size.width)
            data, most = strength(shown[number], self._head_s, self.span_s, columns)
            full = nice(max(most, least_range(shown[number].stream.kind)))
            name.update(height_words(shown[number], full))
            line.update(bars(data, full, 1 if len(shown) > ROOMY else 2))

    def _show_events(self) -> None:
        if self.board.changes == self._events_of:
            return
        self._events_of = self.board.changes
        table = self.query_one("#events", DataTable)
        table.clear()
        for row in event_rows(self.board, SHOWN_EVENTS):
            table.add_row(*(Text(cell) for cell in row))


def _short(row: tuple[str, ...]) -> list[str]:
    name, link, quality, battery, lost = row
    words = [f"{name}: {link}", quality]
    if battery != "not told":
        words.append(f"battery {battery}")
    if lost != "none":
        words.append(f"{lost} samples lost")
    return words
