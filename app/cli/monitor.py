"""``crampwatch monitor``: a night watched while it is recorded."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .console import say

if TYPE_CHECKING:
    from ..monitor.feeds import Feed


def monitor(
    night: Annotated[
        Path | None,
        typer.Argument(
            metavar="[NIGHT]",
            help="Folder of the night that is being recorded, or a finished recording.",
            show_default=False,
        ),
    ] = None,
    *,
    device: Annotated[
        list[str] | None,
        typer.Option(
            "--device",
            metavar="[NAME=]ADDRESS",
            help="Look at a sensor without recording, as in left-calf=sim:cyton. May be"
            " repeated.",
            show_default=False,
        ),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            metavar="F.toml",
            help="Sensors, as for record; --device NAME takes one from it.",
            show_default=False,
        ),
    ] = None,
    isolator: Annotated[
        bool,
        typer.Option(
            "--isolator",
            help="A medical-grade isolator lies between wired sensors and the computer.",
        ),
    ] = False,
    speed: Annotated[
        float | None,
        typer.Option(
            "--speed",
            metavar="N",
            help="Simulated sensors: N times as fast.",
            show_default=False,
        ),
    ] = None,
    from_: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="TIME",
            help="Play a finished recording from there: 3h, 90min; by default its end is"
            " shown.",
            show_default=False,
        ),
    ] = None,
    window: Annotated[
        str, typer.Option("--window", metavar="LENGTH", help="How much is shown: 10s to 10min.")
    ] = "30s",
    terminal: Annotated[
        bool, typer.Option("--terminal", help="Show it in this terminal; needs Textual.")
    ] = False,
    port: Annotated[
        int,
        typer.Option(
            "--port", metavar="N", min=0, max=65535, help="Port; 0 for any that is free."
        ),
    ] = 0,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Only print the address of the page.")
    ] = False,
) -> None:
    """Watch a night: signals, envelopes, events, quality, batteries.

    It reads the journal that `record` writes and touches nothing of it: a monitor may be
    started, closed or killed at any time. The page is served to this computer alone; Ctrl-C
    ends it. Events are provisional.
    """
    from ..monitor.window import SPANS_S

    wanted_s = _seconds(window, "--window")
    if not SPANS_S[0] <= wanted_s <= SPANS_S[-1]:
        raise typer.BadParameter(f"{window} is not within 10s to 10min", param_hint="--window")
    span_s = min(SPANS_S, key=lambda each: abs(each - wanted_s))
    if terminal:
        from ..monitor.terminal import need_textual

        need_textual()
    feed = _feed(night, device or [], config, from_, isolator=isolator, speed=speed)
    from ..monitor.work import in_browser, in_terminal

    if terminal:
        in_terminal(feed, span_s=span_s)
        return

    def ready(url: str) -> None:
        if feed.origin == "sensors":
            from ..monitor.words import NOTHING_RECORDED

            say(NOTHING_RECORDED)
        say(f"Watching {feed.name}; events are provisional.")
        say(f"Open {url}")
        say("Ctrl-C ends the monitor, and nothing else.")
        sys.stdout.flush()

    in_browser(feed, span_s=span_s, port=port, ready=ready, browser=not no_browser)


def _feed(
    night: Path | None,
    devices: list[str],
    config: Path | None,
    from_: str | None,
    *,
    isolator: bool,
    speed: float | None,
) -> Feed:
    sensors = bool(devices or config)
    if sensors == (night is not None):
        raise typer.BadParameter("say either a night or --device", param_hint="NIGHT")
    if night is not None:
        if speed is not None or isolator:
            raise typer.BadParameter("only for --device", param_hint="--speed, --isolator")
        from ..monitor.feeds import open_feed

        return open_feed(night, None if from_ is None else _seconds(from_, "--from"))
    if from_ is not None:
        raise typer.BadParameter("sensors have no past", param_hint="--from")
    from ..monitor.sensing import sense
    from ..record.sources import resolve

    said = {"isolator": isolator or None, "speed": speed}
    return sense(resolve(said, devices, config, os.environ))


def _seconds(text: str, name: str) -> float:
    from ..record.times import seconds_of

    try:
        return float(seconds_of(text))
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=name) from None
