"""``crampwatch doctor``: what would spoil a night, before it begins."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .console import heading, progress, say
from .options import JsonOption

if TYPE_CHECKING:
    from ..doctor.examine import Examination, Wishes


def doctor(
    *,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            metavar="F.toml",
            help="Settings and sensors of the night, as for record.",
            show_default=False,
        ),
    ] = None,
    device: Annotated[
        list[str] | None,
        typer.Option(
            "--device",
            metavar="[NAME=]ADDRESS",
            help="A sensor of the night, as for record. May be repeated.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path, typer.Option("--out", metavar="NIGHTS", help="Folder that the nights go into.")
    ] = Path(),
    seconds: Annotated[
        float,
        typer.Option(
            "--seconds",
            metavar="N",
            min=0.0,
            max=120.0,
            help="How long to listen for Bluetooth; 0 for not at all.",
        ),
    ] = 5.0,
    as_json: JsonOption = False,
) -> None:
    """Check everything that would spoil a night, and say how to mend it.

    Bluetooth, ports, power and sleep, the disk, the clock, the speaker, the program; with
    --config or --device each sensor too. NO would spoil a night, and !! is worth a look.
    Ends with 0 where a night can be recorded, with 1 where not. No network is touched.
    """
    from ..doctor.examine import examine
    from ..doctor.system import System

    with progress("Looking", quiet=as_json):
        found = examine(System(), _wishes(config, device or [], out, seconds))
    if as_json:
        from ..jsontext import to_json

        typer.echo(to_json(found.as_json()))
    else:
        _print(found)
    if not found.ready:
        raise typer.Exit(1)


def _wishes(config: Path | None, devices: list[str], out: Path, seconds: float) -> Wishes:
    from ...recording.errors import CrampwatchError
    from ..doctor.examine import Wishes
    from ..record.sources import PREFIX, resolve

    environment = os.environ
    said = config or devices or {f"{PREFIX}CONFIG", f"{PREFIX}DEVICE"} & set(environment)
    if not said:
        return Wishes(out, listen_s=seconds)
    try:
        settings = resolve({}, devices, config, environment)
    except CrampwatchError as error:
        return Wishes(out, trouble=str(error), listen_s=seconds)
    return Wishes(out, settings, listen_s=seconds)


def _print(found: Examination) -> None:
    from dataclasses import replace

    from ..record.view import check_line
    from .failures import one_line

    for group in found.groups:
        heading(group.title)
        for check in group.checks:
            what, words = one_line(check.what), one_line(check.words)
            typer.echo(check_line(replace(check, what=what, words=words)))
    say()
    spoilers, doubts = len(found.spoilers), len(found.doubts)
    if spoilers:
        things = "thing" if spoilers == 1 else "things"
        say(f"Not ready: {spoilers} {things} would spoil a night (NO).")
    elif doubts:
        things = "thing is" if doubts == 1 else "things are"
        say(f"A night can be recorded; {doubts} {things} worth a look (!!).")
    else:
        say("A night can be recorded.")
