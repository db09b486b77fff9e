"""``crampwatch evaluate``: labelled nights and a detector in, how it fares out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .console import columns, heading, progress, say
from .options import JsonOption, ModelOption

if TYPE_CHECKING:
    from ...models.evaluation import Evaluation


_SHOWN = ("Goals", "By duration", "False alarms", "Could not be judged", "Note", "Nights")
"""What goes to the terminal; the files hold the rest."""


def evaluate(
    nights: Annotated[
        list[str],
        typer.Argument(
            metavar="NIGHTS...",
            help="Night folders, folders of them, BIDS datasets, lists, or sim: and sim2:"
            " entries.",
            show_default=False,
        ),
    ],
    *,
    model: ModelOption = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="DIR",
            help="Folder to write; nights judged before, in the same folder, are not judged"
            " again.",
            show_default=False,
        ),
    ] = None,
    workers: Annotated[
        int, typer.Option("--workers", metavar="N", min=1, max=256, help="Processes.")
    ] = 1,
    prevalence: Annotated[
        list[float] | None,
        typer.Option(
            "--prevalence",
            metavar="X",
            min=1e-6,
            max=1000.0,
            help="Cramps per night that the worth of a find is stated for; may be repeated."
            " By default one a month, a week, a night.",
            show_default=False,
        ),
    ] = None,
    live: Annotated[
        bool,
        typer.Option("--live", help="Also play every night through the live engine; slow."),
    ] = False,
    seed: Annotated[
        int, typer.Option("--seed", metavar="N", min=0, help="Of the bootstrap intervals.")
    ] = 0,
    as_json: JsonOption = False,
) -> None:
    """Judge a detector on labelled nights, event by event.

    Writes evaluation.json, evaluation.html and evaluation.md into the folder DIR: cramps found
    by duration, false alarms a night, what else was called a cramp, onset errors, calibration,
    leg movements, all with intervals over persons.
    """
    from ...models.evaluation.predictive import RATES
    from ..evaluate.work import Request, write_evaluation
    from ..evaluate.work import evaluate as judge
    from ..jsontext import to_json

    request = Request(
        nights=nights,
        model=model,
        out=out,
        workers=workers,
        live=live,
        rates={f"{rate:g} a night": rate for rate in prevalence} if prevalence else RATES,
        seed=seed,
    )
    with progress("Judging nights", quiet=as_json) as update:
        evaluation = judge(request, lambda done, of: update(done / of if of else 1.0))
    files = [] if out is None else write_evaluation(evaluation, out)
    if as_json:
        typer.echo(to_json({**evaluation.as_json(), "files": files}))
        return
    _print(evaluation)
    if out is not None:
        say()
        say(f"Written into {out}: {', '.join(files)}")


def _print(evaluation: Evaluation) -> None:
    from ..evaluate.layout import without_empty
    from ..evaluate.sections import headline, sections

    heading(headline(evaluation))
    say(evaluation.banner)
    for remark in evaluation.model.get("remarks", ()):
        say(str(remark))
    for section in sections(evaluation):
        for table in section.tables:
            if table.name not in _SHOWN:
                continue
            shown = without_empty(table)
            say()
            heading(table.name)
            heads = [shown.heads] if any(shown.heads) else []
            columns([*heads, *([cell or "-" for cell in row] for row in shown.rows)])
