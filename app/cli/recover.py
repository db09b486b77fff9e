"""``crampwatch recover``: a night that was cut off, made whole."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .console import say
from .options import JsonOption

if TYPE_CHECKING:
    from ...recording.journal.recover import Recovery


def recover(
    night: Annotated[
        Path,
        typer.Argument(
            metavar="NIGHT", help="Folder of a night, or its journal.", show_default=False
        ),
    ],
    *,
    as_json: JsonOption = False,
) -> None:
    """Repair a night that was cut off: keep all that can be read, and index it.

    The journal is written anew beside the old one and put in its place in one step. A sound
    journal is left as it is.
    """
    from ...recording.journal.recover import recover as mend

    done = mend(night)
    if as_json:
        from dataclasses import asdict

        from ..jsontext import to_json

        typer.echo(to_json({**asdict(done), "path": str(done.path)}))
        return
    _print(done)


def _print(done: Recovery) -> None:
    if not done.needed:
        say(f"{done.path}: nothing to repair.")
        return
    say(f"{done.path}: {done.samples} samples and {done.notes} notes kept.")
    if not done.lost_bytes:
        say("Nothing was lost; the index was missing.")
        return
    if done.torn_bytes:
        say(f"The last write was cut off: {done.torn_bytes} bytes.")
    if done.damaged:
        inside = done.lost_bytes - done.torn_bytes
        say(f"Damaged places left out as gaps: {done.damaged} ({inside} bytes).")
