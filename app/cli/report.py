"""``crampwatch report``: the page of a scored night, made anew."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from .console import say
from .options import JsonOption

_KEPT = (
    "{} is left as it was: it shows the signals. Name the recording with --recording to make it"
    " anew, or the page with --out to replace it."
)


def report(
    night: Annotated[
        Path,
        typer.Argument(
            metavar="NIGHT",
            help="Folder of a scored night, or the recording in it.",
            show_default=False,
        ),
    ],
    *,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="FILE",
            help="Page to write; by default report.html in the folder of the night, or beside"
            " it where that one shows signals that cannot be drawn now.",
            show_default=False,
        ),
    ] = None,
    pdf: Annotated[
        Path | None,
        typer.Option(
            "--pdf",
            metavar="FILE",
            help="Print it too; needs Chromium or Chrome on this computer.",
            show_default=False,
        ),
    ] = None,
    recording: Annotated[
        Path | None,
        typer.Option(
            "--recording",
            metavar="FILE",
            help="The recording that was scored, where it lies elsewhere.",
            show_default=False,
        ),
    ] = None,
    open_: Annotated[
        bool, typer.Option("--open", help="Open the page in your browser.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Make the page of a scored night anew, without scoring it again.

    Its numbers are those of events.tsv and summary.json.
    """
    from ..report.making import REPORT, make_page, place_of_page, write_page
    from ..report.pdf import find_browser, print_pdf

    began = time.monotonic()
    if pdf is not None:
        find_browser()
    folder = night.parent if night.is_file() else night
    told, page = make_page(folder, recording)
    target = place_of_page(folder, told) if out is None else out
    kept = out is None and target.name != REPORT
    notes = [told.without, _KEPT.format(folder / REPORT) if kept else ""]
    size = write_page(target, page)
    made_s = time.monotonic() - began
    if pdf is not None:
        print_pdf(page, pdf)
    if open_:
        import webbrowser

        webbrowser.open(target.resolve().as_uri())
    if as_json:
        from ..jsontext import to_json

        content = {
            "report": str(target),
            "pdf": None if pdf is None else str(pdf),
            "bytes": size,
            "made_in_s": round(made_s, 3),
            "note": " ".join(filter(None, notes)) or None,
        }
        typer.echo(to_json(content))
        return
    say(f"{target}: {size / 1e6:.1f} MB, made in {made_s:.1f} s")
    for note in filter(None, notes):
        say(note)
    if pdf is not None:
        say(f"Printed: {pdf}")
