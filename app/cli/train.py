"""``crampwatch train``: labelled nights in, a model and its card out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .console import columns, heading, progress, say
from .options import JsonOption

if TYPE_CHECKING:
    from ..train.work import Trained


def train(
    nights: Annotated[
        list[str],
        typer.Argument(
            metavar="NIGHTS...",
            help="Night folders, folders of them, BIDS datasets, lists, sim: and sim2:"
            " entries, or feature tables.",
            show_default=False,
        ),
    ],
    out: Annotated[
        Path,
        typer.Option("--out", metavar="MODEL.skops", help="File to write.", show_default=False),
    ],
    *,
    workers: Annotated[
        int, typer.Option("--workers", metavar="N", min=1, max=256, help="Processes.")
    ] = 1,
    seed: Annotated[
        int, typer.Option("--seed", metavar="N", min=0, help="Same seed, same bytes.")
    ] = 1,
    false_alarms: Annotated[
        tuple[float, float],
        typer.Option(
            "--false-alarms",
            metavar="CRAMP POSSIBLE",
            help="False alarms a night that are borne for cramp and for possible_cramp.",
        ),
    ] = (0.02, 0.2),
    cache: Annotated[
        Path | None,
        typer.Option(
            "--cache",
            metavar="DIR",
            help="Folder that keeps what was seen in each night; by default among the user's"
            " caches.",
            show_default=False,
        ),
    ] = None,
    table: Annotated[
        Path | None,
        typer.Option(
            "--table",
            metavar="TABLE.parquet",
            help="Also write the feature table, from which train learns again in minutes.",
            show_default=False,
        ),
    ] = None,
    adapt: Annotated[
        Path | None,
        typer.Option(
            "--adapt",
            metavar="BASE.skops",
            help="Adapt this model to the nights of one person.",
            show_default=False,
        ),
    ] = None,
    force: Annotated[
        bool,
        typer.Option("--force", help="Keep an adaptation that made the model worse."),
    ] = False,
    no_validation: Annotated[
        bool,
        typer.Option("--no-validation", help="Hold nobody out: a model without any figures."),
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="Print nothing unless something fails.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Train a detector on labelled nights, and judge it on persons it was not trained on.

    Writes MODEL.skops and its model card, as MODEL.md and MODEL.html beside it.
    """
    if min(false_alarms) <= 0 or false_alarms[0] > false_alarms[1]:
        raise typer.BadParameter(
            "take two rates above 0, that of cramp not above that of possible_cramp",
            param_hint="--false-alarms",
        )
    if force and adapt is None:
        raise typer.BadParameter("only with --adapt", param_hint="--force")
    from ...models.training import TrainingSettings
    from ..jsontext import to_json
    from ..train.work import Request, default_cache, train_model

    request = Request(
        nights=nights,
        out=out,
        settings=TrainingSettings(
            seed=seed, false_alarms=false_alarms, validation=not no_validation
        ),
        workers=workers,
        cache=cache or default_cache(),
        base=adapt,
        force=force,
        table=table,
    )
    silent = quiet or as_json
    with (
        progress("Looking at nights", quiet=silent) as looking,
        progress("Learning", quiet=silent) as learning,
    ):
        trained = train_model(request, looking, learning)
    if as_json:
        files = [str(file) for file in trained.files]
        typer.echo(
            to_json(
                {
                    "evidence": trained.model.evidence,
                    "prevalence": trained.model.prevalence,
                    **trained.model.about,
                    "kept_base": trained.kept_base,
                    "warnings": list(trained.warnings),
                    "files": files,
                }
            )
        )
    elif not quiet:
        _print(trained)


def _print(trained: Trained) -> None:
    from ...models.card import banner

    model = trained.model
    about = model.about
    data = about["data"]
    heading(banner(model))
    say(
        f"Trained on {data['nights']} nights of {data['persons']} persons,"
        f" {data['valid_hours']:g} scorable hours, {data['cramps']} cramps."
    )
    if about.get("adaptation"):
        _print_adaptation(trained)
    if about["validated"]:
        final = about["final"]
        say()
        heading("Found on persons it was not trained on")
        columns(
            [
                (row["duration"], f"{row['cramp_or_possible']} of {row['cramps']}",
                 f"{row['cramp']} called cramp")
                for row in final["sensitivity"]
                if row["cramps"]
            ]
        )  # fmt: skip
        say()
        heading("False alarms a night of eight scorable hours")
        columns(
            [
                (name, f"{final[key]['false_alarms']} in {final[key]['nights']:g} nights",
                 f"at most {final[key]['upper']:.3g} (95 %)" if final[key]["upper"] else "",
                 f"from {final[key]['threshold']:.3f} on")
                for name, key in (("cramp", "t_cramp"), ("possible cramp", "t_possible"))
            ]
        )  # fmt: skip
    if trained.warnings:
        say()
        heading("Note")
        columns([("-", warning) for warning in trained.warnings])
    say()
    say(f"Written: {', '.join(str(file) for file in trained.files)}")


def _print_adaptation(trained: Trained) -> None:
    facts = trained.model.about["adaptation"]
    verdict = "better" if facts["better"] else "WORSE"
    say(
        f"On this person's held-out nights it does {verdict} than {facts['base']}: log loss"
        f" {facts['final']['after']:.3g} instead of {facts['final']['before']:.3g}."
    )
