"""What a person sees while a night is recorded: little, and calm."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from ...firmware_bridge.collector import SensorCount
from ...firmware_bridge.links import LinkState
from .checks import Check, Verdict
from .telling import Telling

FRESH_S = 2.0
"""Age of the last samples that is not worth a word."""

TITLES = ("sensor", "link", "quality", "battery", "last", "lost")
LEAST_COLUMNS = 2
LINK_WIDTH = 24
GAP = 2

Row = tuple[str, str, str, str, str, str]

_MARKS = {Verdict.OK: "ok", Verdict.WARN: "!!", Verdict.FAIL: "NO"}


@dataclass(frozen=True, slots=True)
class Status:
    """How a recording stands.

    Attributes
    ----------
    now_s
        Host's monotonic clock.
    elapsed_s, left_s
        Since the begin and until the planned end; `left_s` is NaN where there is none.
    sensors
        By name.
    free_bytes
        On the disk.
    power
        Words on what feeds the computer.
    last_event
        What happened last, with its time.
    keys
        What may be pressed.
    guide
        What the sleeper is asked to do right now.
    """

    now_s: float
    elapsed_s: float
    left_s: float
    sensors: Mapping[str, SensorCount]
    free_bytes: float
    power: str = ""
    last_event: str = ""
    keys: str = ""
    guide: str = ""


class View(Protocol):
    """Where a recording tells what happens; whatever becomes of it, it never raises."""

    def say(self, text: str) -> None:
        """Tell one line."""
        ...

    def checked(self, check: Check) -> None:
        """Tell a line of the checklist."""
        ...

    def show(self, status: Status) -> None:
        """Tell how it stands; called about once a second."""
        ...

    def close(self) -> None:
        """Leave the terminal as it was."""
        ...


@dataclass(slots=True)
class QuietView:
    """Tells lines and no status: for a pipe, a log, or a test."""

    _telling: Telling = field(default_factory=Telling, init=False)

    def say(self, text: str) -> None:
        """See `View.say`."""
        self._telling.put(partial(_print, text))

    def checked(self, check: Check) -> None:
        """See `View.checked`."""
        self.say(check_line(check))

    def show(self, status: Status) -> None:
        """See `View.show`."""

    def close(self) -> None:
        """See `View.close`."""
        self._telling.drain()


@dataclass(slots=True)
class TerminalView:
    """Lines, and below them a small table that is kept up to date."""

    _telling: Telling = field(default_factory=Telling, init=False)
    _picture: Picture | None = field(default=None, init=False)
    _live: Any = field(default=None, init=False)

    def say(self, text: str) -> None:
        """See `View.say`."""
        self._telling.put(partial(_print, text))

    def checked(self, check: Check) -> None:
        """See `View.checked`."""
        self.say(check_line(check))

    def show(self, status: Status) -> None:
        """See `View.show`; the newest status is drawn, as soon as the terminal takes it."""
        waits = self._picture is not None
        self._picture = picture(status)
        if not waits:
            self._telling.put(self._draw)

    def close(self) -> None:
        """See `View.close`."""
        self._telling.drain(self._end)

    def _draw(self) -> None:
        drawn, self._picture = self._picture, None
        if drawn is None:
            return
        if self._live is None:
            from rich.console import Console
            from rich.live import Live

            self._live = Live(console=Console(), auto_refresh=False, transient=True)
            self._live.start()
        self._live.update(_shown(drawn, self._live.console.width), refresh=True)

    def _end(self) -> None:
        self._picture = None
        live, self._live = self._live, None
        if live is not None:
            live.stop()


def check_line(check: Check) -> str:
    """Return a line of the checklist."""
    return f"  {_MARKS[check.verdict]}  {check.what}: {check.words}"


@dataclass(frozen=True, slots=True)
class Picture:
    """What a status looks like, in words that do not change any more."""

    rows: tuple[Row, ...]
    lines: tuple[str, ...]


def picture(status: Status) -> Picture:
    """Return what is to be drawn."""
    keys = f"{status.keys}; " if status.keys else ""
    lines = [bottom_line(status), f"{keys}Ctrl-C ends the night"]
    if status.last_event:
        lines.insert(0, f"last: {status.last_event}")
    if status.guide:
        lines[-1] = "s or Ctrl-C skips the calibration" if status.keys else "Ctrl-C skips it"
        lines.insert(0, f">>> {status.guide}")
    return Picture(tuple(rows(status)), tuple(lines))


def rows(status: Status) -> list[Row]:
    """Return name, link, quality, battery, last samples and loss of each sensor."""
    return [
        (
            name,
            link_words(count),
            count.quality,
            battery_words(count),
            _age(status.now_s - count.last_s),
            f"{count.lost_part:.2%}" if count.samples else "",
        )
        for name, count in status.sensors.items()
    ]


def fitting(table: Sequence[Row], width: int) -> tuple[int, ...]:
    """Return the columns that a terminal of this width has room for.

    Where it is narrow, the loss goes first, then the age of the last samples, then the
    battery, then the quality; name and link always stay.
    """
    for count in range(len(TITLES), LEAST_COLUMNS, -1):
        shown = [TITLES[:count], *(row[:count] for row in table)]
        widths = [max(len(row[place]) for row in shown) for place in range(count)]
        # a long reason of a link is wrapped
        widths[1] = min(widths[1], LINK_WIDTH)
        if sum(widths) + GAP * count <= width:
            return tuple(range(count))
    return tuple(range(LEAST_COLUMNS))


def battery_words(count: SensorCount) -> str:
    """Return the charge of a battery and, once that can be told, how long it lasts."""
    if math.isnan(count.battery_percent):
        return ""
    words = f"{count.battery_percent:.0f} %"
    left_h = count.battery_left_h
    return words if math.isnan(left_h) else f"{words}, about {left_h:.0f} h"


def link_words(count: SensorCount) -> str:
    """Return what a link does, in a few words."""
    if count.state is LinkState.STREAMING:
        return f"streams, but {count.loose} is off" if count.loose else "streams"
    return f"{count.state.value}: {count.reason}"


def bottom_line(status: Status) -> str:
    """Return how long, how much longer, and how much space there is."""
    words = f"{_clock(status.elapsed_s)} recorded"
    if not math.isnan(status.left_s):
        words += f", {_clock(max(0.0, status.left_s))} to go"
    words += f"; {status.free_bytes / 1e9:.1f} GB free"
    return f"{words}; {status.power}" if status.power else words


def _shown(drawn: Picture, width: int) -> Any:
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    columns = fitting(drawn.rows, width)
    for place in columns:
        table.add_column(TITLES[place], overflow="ellipsis", no_wrap=TITLES[place] != "link")
    for row in drawn.rows:
        table.add_row(*(Text(_plain(row[place])) for place in columns))
    *lines, last = drawn.lines
    return Group(table, *(Text(_plain(line)) for line in lines), Text(last, style="dim"))


def _age(seconds: float) -> str:
    if math.isnan(seconds):
        return "none yet"
    return "now" if seconds < FRESH_S else f"{_clock(seconds)} ago"


def _clock(seconds: float) -> str:
    whole = int(seconds)
    return f"{whole // 3600}:{whole % 3600 // 60:02d}:{whole % 60:02d}"


def _plain(text: str) -> str:
    from ..cli.failures import one_line

    return one_line(text)


def _print(text: str) -> None:
    # a closed terminal must not end a night
    with suppress(OSError, ValueError):
        import typer

        indent = text[: len(text) - len(text.lstrip())]
        typer.echo(indent + _plain(text))
