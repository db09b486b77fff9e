"""``crampwatch trend``: the nights of weeks together."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .console import columns, heading, say
from .options import JsonOption

if TYPE_CHECKING:
    from ..trend.weeks import Weeks


def trend(
    folders: Annotated[
        list[Path],
        typer.Argument(
            metavar="FOLDER...",
            help="Nights that record or score wrote, or folders of them.",
            show_default=False,
        ),
    ],
    *,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="FILE",
            help="Write a page (.html), a table (.tsv) or all numbers (.json).",
            show_default=False,
        ),
    ] = None,
    summary: Annotated[
        Path | None,
        typer.Option(
            "--summary",
            metavar="FILE",
            help="Write one page to print and take along (.html).",
            show_default=False,
        ),
    ] = None,
    person: Annotated[
        str | None,
        typer.Option(
            "--person",
            metavar="NAME",
            help="Only nights of this person: a part sub-X of the path, else the folder that"
            " the nights lie in.",
            show_default=False,
        ),
    ] = None,
    one_person: Annotated[
        bool,
        typer.Option("--one-person", help="All nights are of one person, wherever they lie."),
    ] = False,
    least_hours: Annotated[
        float,
        typer.Option(
            "--least-hours",
            metavar="H",
            min=0.0,
            max=24.0,
            help="Hours that must have been scored before a night is counted.",
        ),
    ] = 4.0,
    as_json: JsonOption = False,
) -> None:
    """Show weeks: cramp nights, when, how long, and what the diary tells beside them.

    Nights without a score are listed and not guessed. Nothing is said about causes.
    """
    from ...recording.errors import CrampwatchError
    from ...recording.writers.beside import write_text_beside
    from ..jsontext import to_json
    from ..trend.files import refuse_suffix, write_trend
    from ..trend.weeks import gather

    if out is not None:
        refuse_suffix(out)
    if summary is not None and summary.suffix.lower() != ".html":
        raise CrampwatchError(f"cannot write {summary}: name it .html")
    weeks = gather(folders, person=person, one_person=one_person, least_hours=least_hours)
    if out is not None:
        write_trend(weeks, out)
    if summary is not None:
        from ..trend.summary_page import clinician_page

        write_text_beside(summary, clinician_page(weeks))
    written = [str(path) for path in (out, summary) if path is not None]
    if as_json:
        typer.echo(to_json({**weeks.as_json(), "files": written}))
        return
    _print(weeks)
    if written:
        say()
        say(f"Written: {', '.join(written)}")


def _print(weeks: Weeks) -> None:
    from ..report.words import DISCLAIMER, duration
    from ..trend.page import factors_words
    from ..trend.weeks import NO_CAUSE
    from ..trend.words import estimate_rows, factor_row, factors_note, headline, p_words

    heading(f"{weeks.person}: {headline(weeks)}")
    columns(
        [
            (
                night.evening.isoformat() if night.evening else "-",
                night.name,
                duration(night.valid_s) if night.scored else "-",
                f"{len(night.counted)} cramp-like" if night.scored else "-",
                f"{night.confirmed} confirmed" if night.confirmed else "-",
                "alerts: left out" if night.intervened else "-",
                night.problem or factors_words(night),
            )
            for night in weeks.nights
        ]
    )
    say()
    heading("Numbers, with 95 % intervals")
    columns(estimate_rows(weeks))
    for remark in weeks.remarks():
        say(f"  - {remark}")
    if weeks.factors:
        say()
        heading("Beside the diary")
        columns(
            [
                (
                    each.about.rstrip("."),
                    f"{each.with_cramps} nights with cramps, {each.without_cramps} without",
                    f"difference {factor_row(each)[5]}" if each.effect else each.why_not,
                    ""
                    if each.p is None or each.p_corrected is None
                    else f"p {p_words(each.p)}, corrected {p_words(each.p_corrected)}",
                )
                for each in weeks.factors
            ]
        )
        say(factors_note(weeks))
        say(NO_CAUSE)
    say()
    say(DISCLAIMER)
