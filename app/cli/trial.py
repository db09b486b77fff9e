"""``crampwatch trial``: one measure tried on one person, planned first and analysed last."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .console import columns, heading, say
from .options import JsonOption

if TYPE_CHECKING:
    from ..trend.trial_analysis import Analysis

trial = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Try one measure, such as stretching before bed: nights with and without it in random"
    " order. Never medicines or supplements: those are for a doctor.",
)


@trial.command("plan")
def plan_command(
    *,
    measure: Annotated[
        str,
        typer.Option("--measure", metavar="TEXT", help="What is tried.", show_default=False),
    ],
    out: Annotated[
        Path,
        typer.Option(
            "--out", metavar="FILE", help="Plan to write (.toml).", show_default=False
        ),
    ],
    nights: Annotated[
        int, typer.Option("--nights", metavar="N", help="Number of nights.")
    ] = 28,
    block: Annotated[
        int,
        typer.Option("--block", metavar="N", help="Nights of a block, half of them with."),
    ] = 4,
    period: Annotated[
        int, typer.Option("--period", metavar="N", help="Nights in a row that are the same.")
    ] = 1,
    wash_out: Annotated[
        int,
        typer.Option(
            "--wash-out", metavar="N", help="First nights of each period that do not count."
        ),
    ] = 0,
    seed: Annotated[
        int, typer.Option("--seed", metavar="N", min=0, help="Of the random order.")
    ] = 1,
    first: Annotated[
        datetime | None,
        typer.Option(
            "--from",
            formats=["%Y-%m-%d"],
            metavar="DATE",
            help="First evening; by default today.",
            show_default=False,
        ),
    ] = None,
    factor: Annotated[
        str,
        typer.Option(
            "--factor",
            metavar="NAME",
            help="Question of the diary that tells whether it was done, such as stretched.",
            show_default=False,
        ),
    ] = "",
    calendar: Annotated[
        list[Path] | None,
        typer.Option(
            "--calendar",
            metavar="FILE",
            help="Also write the calendar: .html to print, .ics; may be repeated.",
            show_default=False,
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Plan a trial: the order of nights, what is counted, and how, sealed beforehand."""
    from ...recording.errors import CrampwatchError
    from ...recording.writers.beside import write_text_beside
    from ..jsontext import to_json
    from ..trend.trial_calendar import refuse_calendar, write_calendar
    from ..trend.trial_plan import OUTCOME, OUTCOMES, plan_text, plan_trial

    start = (first or datetime.now().astimezone()).date()
    plan = plan_trial(
        measure,
        start,
        nights=nights,
        block=block,
        period=period,
        wash_out=wash_out,
        seed=seed,
        factor=factor,
    )
    for path in calendar or ():
        refuse_calendar(path)
    if out.exists():
        raise CrampwatchError(f"{out} is there already, and no plan is written over")
    write_text_beside(out, plan_text(plan))
    for path in calendar or ():
        write_calendar(plan, path)
    if as_json:
        typer.echo(to_json({**plan.as_json(), "sha256": plan.digest(), "file": str(out)}))
        return
    heading(f"Trial of {nights} nights: {plan.measure}")
    columns(
        [
            (
                f"{night.evening:%a %Y-%m-%d}",
                "with" if night.measure else "without",
                "" if night.counted else "not counted: wash-out",
            )
            for night in plan.calendar()
        ]
    )
    say(f"Counted: {OUTCOMES[OUTCOME]}.")
    say("Record every night without alerts, keep the diary, and do not look before the end.")
    say(f"Written: {', '.join(str(path) for path in (out, *(calendar or ())))}")


@trial.command("analyse")
def analyse_command(
    plan: Annotated[
        Path, typer.Argument(metavar="TRIAL", help="Plan of the trial.", show_default=False)
    ],
    folders: Annotated[
        list[Path],
        typer.Argument(
            metavar="FOLDER...", help="Scored nights, or folders of them.", show_default=False
        ),
    ],
    *,
    person: Annotated[
        str | None,
        typer.Option(
            "--person", metavar="NAME", help="Only nights of this person.", show_default=False
        ),
    ] = None,
    one_person: Annotated[
        bool, typer.Option("--one-person", help="All nights are of one person.")
    ] = False,
    early: Annotated[
        bool, typer.Option("--early", help="Show what there is before the trial is over.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Analyse a trial by the randomisation that was planned, nights with alerts left out."""
    from ..jsontext import to_json
    from ..trend.trial_analysis import analyse
    from ..trend.trial_plan import read_plan
    from ..trend.weeks import gather

    sealed = read_plan(plan)
    weeks = gather(folders, person=person, one_person=one_person)
    today = datetime.now().astimezone().date()
    analysis = analyse(sealed, weeks.nights, today, early=early)
    if as_json:
        typer.echo(to_json(analysis.as_json()))
        return
    _print(analysis)


def _print(analysis: Analysis) -> None:
    from ..report.words import DISCLAIMER
    from ..trend.trial_words import effect_rows, remarks

    heading(f"Trial: {analysis.plan.measure}")
    columns(effect_rows(analysis))
    for remark in remarks(analysis):
        say(f"  - {remark}")
    say()
    say(DISCLAIMER)
