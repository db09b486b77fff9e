"""What a person sees while a night is recorded: little, and calm."""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

from ...firmware_bridge.collector import SensorCount
from ...firmware_bridge.links import LinkState
from .checks import Check, Verdict

FRESH_S = 2.0
"""Age of the last samples that is not worth a word."""

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
    """

    now_s: float
    elapsed_s: float
    left_s: float
    sensors: Mapping[str, SensorCount]
    free_bytes: float
    power: str = ""


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

    def say(self, text: str) -> None:
        """See `View.say`."""
        _print(text)

    def checked(self, check: Check) -> None:
        """See `View.checked`."""
        _print(check_line(check))

    def show(self, status: Status) -> None:
        """See `View.show`."""

    def close(self) -> None:
        """See `View.close`."""


@dataclass(slots=True)
class TerminalView:
    """Lines, and below them a small table that is kept up to date."""

    _live: Any = field(default=None, init=False)
    _console: Any = field(default=None, init=False)

    def say(self, text: str) -> None:
        """See `View.say`."""
        _print(text)

    def checked(self, check: Check) -> None:
        """See `View.checked`."""
        _print(check_line(check))

    def show(self, status: Status) -> None:
        """See `View.show`."""
        with suppress(OSError, ValueError):
            if self._live is None:
                from rich.console import Console
                from rich.live import Live

                self._console = Console()
                self._live = Live(console=self._console, auto_refresh=False, transient=True)
                self._live.start()
            self._live.update(_table(status), refresh=True)

    def close(self) -> None:
        """See `View.close`."""
        live, self._live = self._live, None
        if live is not None:
            with suppress(OSError, ValueError):
                live.stop()


def check_line(check: Check) -> str:
    """Return a line of the checklist."""
    return f"  {_MARKS[check.verdict]}  {check.what}: {check.words}"


def rows(status: Status) -> list[tuple[str, str, str, str, str]]:
    """Return name, link, last samples, loss and battery of each sensor."""
    return [
        (
            name,
            link_words(count),
            _age(status.now_s - count.last_s),
            f"{count.lost_part:.2%}" if count.samples else "",
            "" if math.isnan(count.battery_percent) else f"{count.battery_percent:.0f} %",
        )
        for name, count in status.sensors.items()
    ]


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


def _table(status: Status) -> Any:
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for title in ("sensor", "link", "last", "lost", "battery"):
        table.add_column(title, overflow="ellipsis", no_wrap=title != "link")
    for row in rows(status):
        table.add_row(*(Text(_plain(cell)) for cell in row))
    return Group(
        table, Text(_plain(bottom_line(status))), Text("Ctrl-C ends the night", style="dim")
    )


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
