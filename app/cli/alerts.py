"""``crampwatch alerts``: which ways alerts take, and whether they arrive."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .console import say
from .failures import one_line
from .options import JsonOption
from .record import ConfigOption, DeviceOption

if TYPE_CHECKING:
    from ..record.alerts.settings import AlertSettings
    from ..record.alerts.trying import Tried


def alerts(
    *,
    config: ConfigOption = None,
    try_: Annotated[bool, typer.Option("--try", help="Send a test alert by each way.")] = False,
    device: DeviceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the ways of alerting that the settings name, and whether each can be used.

    With --try each of them is used once, as an urgent alert would; bands are connected for
    that, and vibrate.
    """
    from ..record.alerts.trying import alert_settings, try_ways
    from ..record.alerts.ways import open_ways

    settings = alert_settings(config, os.environ)

    def vibrate(_sensor: str | None, duration_ms: int, strength: int) -> None:
        from ..record.alerts.bands import vibrate_once
        from ..record.sources import resolve

        told = vibrate_once(
            resolve({}, device or (), config, os.environ), duration_ms, strength
        )
        if not as_json:
            say(f"  {', '.join(told)}: told to vibrate")

    ways = open_ways(settings, vibrate)
    found: list[Tried] = []
    for tried in try_ways(ways, tell=try_):
        found.append(tried)
        if not as_json:
            width = max(len(way.name) for way in ways)
            well = f"sent in {tried.seconds:.1f} s" if try_ else "ready"
            words = tried.trouble or well
            typer.echo(f"  {tried.way:<{width}}  {one_line(words)}")
    if as_json:
        _print_json(settings, found, told=try_)
    else:
        _conclude(settings, found, say)
    if any(each.trouble for each in found):
        raise typer.Exit(1)


def _print_json(settings: AlertSettings, found: list[Tried], *, told: bool) -> None:
    from ..jsontext import to_json

    rows: list[dict[str, Any]] = [
        {"way": each.way, "works": not each.trouble, "trouble": each.trouble or None}
        for each in found
    ]
    typer.echo(to_json({"on": settings.on, "tried": told, "ways": rows}))


def _conclude(settings: AlertSettings, found: list[Tried], tell: Callable[[str], None]) -> None:
    if not found:
        tell("No way is asked for: write one under [alerts], as sound = true.")
    elif not settings.on:
        tell("Alerts are off: record --alerts, or on = true under [alerts], switches them on.")
