"""``crampwatch label``: a night marked by hand, in the browser."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .console import columns, progress, say


def label(
    night: Annotated[
        Path,
        typer.Argument(
            metavar="NIGHT", help="Folder of a night, or a recording.", show_default=False
        ),
    ],
    *,
    annotator: Annotated[
        str | None,
        typer.Option(
            "--annotator",
            metavar="NAME",
            help="Whose labels these are; by default who is logged in.",
            show_default=False,
        ),
    ] = None,
    proposals: Annotated[
        Path | None,
        typer.Option(
            "--proposals",
            metavar="EVENTS",
            help="events.tsv of score, to accept or reject; by default that in the night's"
            " folder.",
            show_default=False,
        ),
    ] = None,
    blind: Annotated[
        bool,
        typer.Option(
            "--blind",
            help="Show neither the detector's events nor the labels of others.",
        ),
    ] = False,
    import_: Annotated[
        Path | None,
        typer.Option(
            "--import",
            metavar="FILE",
            help="Take over the marks of a file (events.tsv, EDF+, XML, ...), and stop.",
            show_default=False,
        ),
    ] = None,
    export: Annotated[
        Path | None,
        typer.Option(
            "--export",
            metavar="FILE",
            help="Write the labels as .tsv or .edf, or into a folder for train and evaluate,"
            " and stop.",
            show_default=False,
        ),
    ] = None,
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
    """Mark a night by hand: drag, or keys only; ? shows the keys.

    The page is served to this computer alone. Everything done is appended at once to
    labels/NAME.jsonl in the folder of the night, with author and time; nothing is lost when
    browser or program end. Ctrl-C ends it.
    """
    if blind and proposals is not None:
        raise typer.BadParameter("who labels blind sees no proposals", param_hint="--blind")
    from ..label.work import (
        export_labels,
        import_labels,
        label_night,
        place_of,
        usual_annotator,
    )

    who = annotator or usual_annotator()
    place = place_of(night)
    if import_ is not None:
        count, notes = import_labels(place, who, import_)
        say(f"{count} labels of {import_.name} are now labels of {who}")
        columns([("-", note) for note in notes])
    if export is not None:
        file, count = export_labels(place, who, export)
        say(f"{count} labels of {who} written to {file}")
    if import_ is not None or export is not None:
        return

    def ready(url: str) -> None:
        say(f"Labels of {who} go to {place.log_of(who)}")
        say(f"Open {url}")
        say("Ctrl-C ends this; what was marked is saved.")

    with progress(f"Preparing {place.name}") as update:
        label_night(
            place,
            who,
            proposals,
            blind=blind,
            port=port,
            ready=ready,
            progress=update,
            browser=not no_browser,
        )
