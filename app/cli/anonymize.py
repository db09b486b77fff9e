"""``crampwatch anonymize``: a copy of a recording that tells nothing of whose it is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .console import columns, heading, progress, say
from .options import JsonOption


def anonymize(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="PATH",
            help="Night, EDF or BDF file, a folder of them, or a BIDS dataset.",
            show_default=False,
        ),
    ],
    out: Annotated[
        Path,
        typer.Option("--out", metavar="DIR", help="New folder to write.", show_default=False),
    ],
    *,
    shift_days: Annotated[
        int | None,
        typer.Option(
            "--shift-days",
            metavar="N",
            help="Days to move all dates by; by default the first night comes to 2 January"
            " 1985.",
            show_default=False,
        ),
    ] = None,
    diary: Annotated[
        bool,
        typer.Option(
            "--diary/--no-diary",
            help="Keep what was told in the diaries of a BIDS dataset, words to choose from and"
            " numbers.",
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Write an anonymised copy: samples and clock times stay, all that names a person goes.

    Patient and recording fields, devices and serial numbers, dates, file names and free
    text are removed, and the copy is read again to see that they are gone. Files that are
    not understood are left out and named.
    """
    from ...firmware_bridge.drivers import drivers
    from ...recording.anonymize import anonymize as work

    with progress(f"Anonymising {source.name}", quiet=as_json) as update:
        done = work(
            source,
            out,
            shift_days=shift_days,
            diary=diary,
            models={each.name: each.title for each in drivers()},
            progress=update,
        )
    if as_json:
        from ..jsontext import to_json

        found = {"files": done.files, "left_out": done.left_out, "shift_days": done.shift_days}
        typer.echo(to_json({"out": str(out), **found}))
        return
    heading(f"Written into {out}, and read again")
    columns([(name,) for name in done.files])
    if done.left_out:
        say()
        heading("Left out")
        columns([(name,) for name in done.left_out])
    say()
    say("Samples and clock times were kept: look through the folder before you give it away.")
