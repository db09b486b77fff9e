"""What a verb prints: plain lines, aligned columns, and a bar where there is a terminal."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import typer

from .failures import one_line

_SECONDS_BETWEEN_LINES = 5.0


def say(text: str = "") -> None:
    """Print one line of results."""
    typer.echo(one_line(text) if text.strip() else "")


def heading(text: str) -> None:
    """Print one line of results, bold on a terminal that has colours."""
    bold = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    typer.echo(typer.style(one_line(text), bold=True) if bold else one_line(text))


def columns(rows: Sequence[Sequence[str]], *, indent: str = "  ") -> None:
    """Print rows with their columns aligned; the last column is as long as it is."""
    clean = [[one_line(cell) for cell in row] for row in rows]
    if not clean:
        return
    widths = [max(len(row[i]) for row in clean) for i in range(len(clean[0]))]
    for row in clean:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        typer.echo((indent + "  ".join(cells)).rstrip())


def on_terminal() -> bool:
    """Return whether stderr can show a bar."""
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"


@contextmanager
def progress(what: str, *, quiet: bool = False) -> Iterator[Callable[[float], None]]:
    """Show how far something is, on stderr.

    A bar on a terminal, otherwise a line at the start and one every five seconds.

    Yields
    ------
    Callable
        To be called with the part done, from 0 to 1.
    """
    what = one_line(what)
    if quiet:
        yield lambda _part: None
    elif on_terminal():
        with _bar(what) as update:
            yield update
    else:
        yield _lines(what)


@contextmanager
def _bar(what: str) -> Iterator[Callable[[float], None]]:
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import Progress

    # lines of results go above the bar where both are on one terminal
    with Progress(
        console=Console(stderr=True), transient=True, redirect_stdout=sys.stdout.isatty()
    ) as progress_bar:
        task = progress_bar.add_task(escape(what), total=1.0)
        yield lambda part: progress_bar.update(task, completed=part)


def _lines(what: str) -> Callable[[float], None]:
    typer.echo(what, err=True)
    last = time.monotonic()

    def update(part: float) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= _SECONDS_BETWEEN_LINES:
            last = now
            typer.echo(f"{what}: {part:.0%}", err=True)

    return update
