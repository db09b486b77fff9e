"""What keys and mouse do, to the desk and to the window."""

from __future__ import annotations

from collections.abc import Callable

from ...recording.errors import RecordingError
from .bands import Lanes, hit
from .desk import Desk
from .keys import command_of
from .tracks import Tracks
from .window import Window

NUDGES = 200
"""An edge moves by one part of the window in so many."""

_NEAR_PX = 3.0


class Acts:
    """One annotator at work on one page.

    Parameters
    ----------
    desk, tracks, lanes, window
        What is worked on.

    Attributes
    ----------
    kind
        Type of the next label.
    said
        What happened last, in words; or nothing.
    failed
        Why the last act could not be saved; or nothing.
    """

    def __init__(self, desk: Desk, tracks: Tracks, lanes: Lanes, window: Window) -> None:
        self.desk, self.tracks, self.lanes, self.window = desk, tracks, lanes, window
        self.kind = "cramp"
        self.said = ""
        self.failed = ""
        self._before: tuple[float, float] | None = None
        self._commands = self._named()

    def key(self, key: str) -> None:
        """Do what a key does; an unknown one does nothing."""
        command = command_of(key)
        if command is None:
            return
        if command.startswith("type:"):
            self.kind = command.removeprefix("type:")
            self._save(lambda: self.desk.retype(self.kind))
        elif command in self._commands:
            self._save(self._commands[command])

    def note(self, text: str) -> None:
        """Write a note to what is selected."""
        self._save(lambda: self.desk.write_note(text))

    def drag(self, begin_s: float, end_s: float, height: float, px: float) -> None:
        """Mark what the mouse was dragged over; less than three pixels is no drag."""
        if abs(end_s - begin_s) >= _NEAR_PX * self.window.width_s / px:
            self._take_track(height)
            stream = self.tracks.stream(self.window.track)
            self._save(lambda: self.desk.mark(begin_s, end_s, self.kind, stream))

    def mend(self, begin_s: float, end_s: float) -> None:
        """Take over edges that the mouse has moved."""
        self._save(lambda: self.desk.mend(begin_s, end_s))

    def tap(self, at_s: float, height: float, px: float) -> None:
        """Put the cursor where the mouse was clicked, and select what lies there."""
        window = self.window
        window.cursor_s = min(max(at_s, 0.0), window.night_s)
        self._take_track(height)
        reach = _NEAR_PX * window.width_s / px
        bands = self.lanes.bands(self.desk)
        self.desk.chosen = hit(bands, window.cursor_s, height, reach)
        self.said = ""

    def _save(self, act: Callable[[], object]) -> None:
        """Do something; what could not be saved is said until something could."""
        self.said = ""
        saved_at = self.desk.saved_at
        try:
            act()
        except RecordingError as error:
            self.failed = str(error)
        else:
            if self.desk.saved_at != saved_at:
                self.failed = ""

    def _named(self) -> dict[str, Callable[[], object]]:
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
            "undo": lambda: self._step(desk.undo, "undone"),
            "redo": lambda: self._step(desk.redo, "done again"),
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
            self.said = "nothing is marked or proposed yet"

    def _jump_label(self, way: int) -> None:
        if self.desk.jump_label(way, self.window.cursor_s):
            self._show_chosen()
        else:
            self.said = "nothing is marked yet"

    def _judge(self, verdict: Callable[[], bool]) -> None:
        if not verdict():
            self.said = "no proposal is selected: n goes to the next one"
        elif self.desk.left:
            self._jump(1)
        else:
            self.said = "every proposal has its verdict"

    def _mark(self) -> None:
        window = self.window
        if window.pending_s is None:
            window.pending_s = window.cursor_s
            self.said = "a label begins here: move the cursor, and m ends it"
            return
        stream = self.tracks.stream(window.track)
        self.desk.mark(window.pending_s, window.cursor_s, self.kind, stream)
        window.pending_s = None

    def _drop(self) -> None:
        if self.window.pending_s is None:
            self.desk.chosen = None
        self.window.pending_s = None

    def _nudge(self, start: int, end: int) -> None:
        event = self.desk.chosen_event()
        if event is None:
            self.said = "nothing is selected"
            return
        step = self.window.width_s / NUDGES
        begin, stop = event.onset + start * step, event.end + end * step
        if begin < stop:
            self.desk.mend(begin, stop)

    def _edge(self, *, start: bool) -> None:
        event, at = self.desk.chosen_event(), self.window.cursor_s
        if event is None:
            self.said = "nothing is selected"
        elif start and at < event.end:
            self.desk.mend(at, event.end)
        elif not start and at > event.onset:
            self.desk.mend(event.onset, at)
        else:
            self.said = "a label cannot end before it begins"

    def _step(self, act: Callable[[], str], done: str) -> None:
        what = act()
        self.said = f"{done}: {what}" if what else f"nothing to be {done}"
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

    def _take_track(self, height: float) -> None:
        row = int(-height)
        if 0 <= row < len(self.tracks):
            self.window.track = row
