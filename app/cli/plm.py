"""``crampwatch plm``: marked leg movements in, periodic series and indices out."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .console import columns, heading, say
from .options import HypnogramOption, JsonOption, Rules, RulesOption

if TYPE_CHECKING:
    from ..movements import Scored


def plm(
    events: Annotated[
        Path,
        typer.Argument(
            metavar="EVENTS.tsv",
            help="Marked leg movements: BIDS events, CSV, NSRR or Profusion XML, Luna, EDF+.",
            show_default=False,
        ),
    ],
    *,
    hypnogram: HypnogramOption = None,
    respiratory: Annotated[
        Path | None,
        typer.Option(
            "--respiratory",
            metavar="FILE",
            help="Respiratory events; movements next to them are set aside.",
            show_default=False,
        ),
    ] = None,
    arousals: Annotated[
        Path | None,
        typer.Option(
            "--arousals", metavar="FILE", help="Arousals from sleep.", show_default=False
        ),
    ] = None,
    rules: RulesOption = Rules.wasm2016,
    option: Annotated[
        list[str] | None,
        typer.Option(
            "--option",
            metavar="NAME=VALUE",
            help="Read one point of the rules differently. May be repeated.",
            show_default=False,
        ),
    ] = None,
    valid_hours: Annotated[
        float | None,
        typer.Option(
            "--valid-hours",
            metavar="H",
            min=0.001,
            max=1000.0,
            help="Hours in which leg movements could be seen.",
            show_default=False,
        ),
    ] = None,
    epoch: Annotated[
        float | None,
        typer.Option(
            "--epoch",
            metavar="S",
            min=0.1,
            max=600.0,
            help="Length of an epoch, for a hypnogram that gives one stage on each line.",
            show_default=False,
        ),
    ] = None,
    start: Annotated[
        datetime | None,
        typer.Option(
            "--start",
            help="Clock time of the recording's first sample, for files that use the clock.",
            show_default=False,
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Score marked leg movements: series of periodic movements and their indices."""
    from ..movements import MovementRequest, parse_options, score_files

    request = MovementRequest(
        events,
        rules.value,
        hypnogram=hypnogram,
        respiratory=respiratory,
        arousals=arousals,
        options=parse_options(rules.value, option or ()),
        valid_s=None if valid_hours is None else valid_hours * 3600.0,
        epoch_s=epoch,
        start=start,
    )
    scored = score_files(request)
    if as_json:
        from ..jsontext import to_json

        typer.echo(to_json(scored.as_json()))
        return
    _print(scored)


def _print(scored: Scored) -> None:
    summary = scored.score.summary()
    heading(f"{scored.name}: leg movements by {summary['rules']}")
    columns([(_number(value), text) for text, value in scored.lines()])
    if summary["changed_options"]:
        say()
        heading("Rules read differently")
        columns([(name, str(value)) for name, value in summary["changed_options"].items()])
    if summary["warnings"]:
        say()
        heading("Note")
        columns([("-", remark) for remark in summary["warnings"]])


def _number(value: float | None) -> str:
    if value is None:
        return "n/a"
    return str(value) if isinstance(value, int) else f"{value:.1f}"
