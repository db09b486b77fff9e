"""``crampwatch export``: a night for other programs, or for research."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .console import columns, heading, progress, say
from .options import JsonOption, MapOption, RateOption, Recording, UnitOption, label_map

if TYPE_CHECKING:
    from ..export import Exported

_MOST_NOTES = 12


class Form(StrEnum):
    """Format of an export."""

    edf = "edf"
    bids = "bids"
    csv = "csv"


def export(
    recording: Recording,
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Folder to write.", show_default=False)
    ],
    *,
    form: Annotated[
        Form | None,
        typer.Option("--format", help="What to write; bids with --donate.", show_default=False),
    ] = None,
    donate: Annotated[
        bool,
        typer.Option(
            "--donate",
            help="Make an anonymised EMG-BIDS bundle to give to research. Nothing is sent.",
        ),
    ] = False,
    subject: Annotated[
        str, typer.Option("--subject", metavar="LABEL", help="BIDS subject.")
    ] = "01",
    session: Annotated[
        str,
        typer.Option("--session", metavar="LABEL", help="BIDS session.", show_default=False),
    ] = "",
    mains: Annotated[
        float | None,
        typer.Option(
            "--mains",
            metavar="HZ",
            min=1.0,
            max=1000.0,
            help="Mains frequency where it was recorded (BIDS).",
            show_default=False,
        ),
    ] = None,
    diary: Annotated[
        bool | None,
        typer.Option(
            "--diary/--no-diary",
            help="Take the diary along: of a donation no free text, only words to choose from"
            " and numbers, and only if you say so.",
            show_default=False,
        ),
    ] = None,
    rate: RateOption = None,
    unit: UnitOption = None,
    map_: MapOption = None,
    as_json: JsonOption = False,
) -> None:
    """Hand a night to other programs: EDF+ (or BDF+), EMG-BIDS, or CSV.

    One continuous file for each sensor, on the clock of the night. Gaps hold the last value
    and are marked BAD_gap. EDF and BIDS files keep marks of persons; what the detector
    found goes into a file of its own.
    """
    if form is None and not donate:
        raise typer.BadParameter("name one: edf, bids or csv", param_hint="--format")
    if donate and form not in (None, Form.bids):
        raise typer.BadParameter("a donation is always bids", param_hint="--format")
    labels = label_map(map_)
    from ...recording.writers.bids import Place
    from ..export import ExportRequest, export_night

    request = ExportRequest(
        recording,
        out,
        (form or Form.bids).value,
        Place(subject, session),
        rate_hz=rate,
        unit=unit,
        label_map=labels,
        mains_hz=mains,
        donate=donate,
        diary=_asked(recording) if donate and diary is None else diary is not False,
    )
    with progress(f"Exporting {recording.name}", quiet=as_json) as update:
        done = export_night(request, update)
    if as_json:
        from ..jsontext import to_json

        typer.echo(to_json(done.as_json()))
        return
    _print(done)


def _asked(recording: Path) -> bool:
    """Ask whether the diary goes along with a donation; without a terminal it does not."""
    from ...recording.annotations.diary import FILE

    if not (recording / FILE).is_file() or not (sys.stdin.isatty() and sys.stdout.isatty()):
        return False
    say(
        "There is a diary. Without what you wrote in your own words it would tell of that day:"
        " the answers you chose and the numbers, medicines and pregnancy among them."
    )
    return typer.confirm("Shall these go along?", default=False)


def _print(done: Exported) -> None:
    heading(f"Written into {done.out}")
    columns([(name,) for name in done.files])
    if done.notes:
        say()
        heading("Note")
        columns([("-", note) for note in done.notes[:_MOST_NOTES]])
