"""``crampwatch diary``: the morning after, in a minute."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .console import columns, heading, say
from .note import NightOption

if TYPE_CHECKING:
    from datetime import datetime

    from ...recording.annotations.diary import Diary


def diary(
    *,
    night: NightOption = None,
    json_file: Annotated[
        Path | None,
        typer.Option(
            "--json",
            metavar="FILE",
            help="Take the answers from a file, as docs/formats.md describes it.",
            show_default=False,
        ),
    ] = None,
    cramp: Annotated[
        list[str] | None,
        typer.Option(
            "--cramp",
            metavar="WORDS",
            help='A cramp: "03:10 left calf, pain 7". May be repeated.',
            show_default=False,
        ),
    ] = None,
    no_cramp: Annotated[
        bool, typer.Option("--no-cramp", help="No cramp is remembered.")
    ] = False,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="One answer: exercise=hard, supplements=magnesium,calcium. May be repeated.",
            show_default=False,
        ),
    ] = None,
    text: Annotated[
        str | None,
        typer.Option("--text", metavar="T", help="Anything else.", show_default=False),
    ] = None,
    events: Annotated[
        Path | None,
        typer.Option(
            "--events",
            metavar="FILE",
            help="Ask about the contractions in this events.tsv; by default the night's own.",
            show_default=False,
        ),
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Write another diary; the first is kept beside it.")
    ] = False,
    show: Annotated[bool, typer.Option("--show", help="Show the diary, and stop.")] = False,
) -> None:
    """Keep the diary of a night: cramps remembered, and the day before.

    Asks on the terminal; Enter skips a question, Ctrl-D ends and keeps what was told, Ctrl-C
    drops it. Writes diary.json into the folder of the night, and nothing leaves this
    computer. Nothing is advised from it.
    """
    from datetime import datetime

    from ...recording.annotations.diary import FILE, read_diary, write_diary
    from ...recording.errors import RecordingError
    from ..diary.nights import find_night, span_of
    from ..diary.writing import diary_of_arguments, diary_of_file

    folder = find_night(night, Path())
    if show:
        found = read_diary(folder)
        if found is None:
            raise RecordingError(f"{folder} holds no diary")
        print_diary(found)
        return
    if (folder / FILE).exists() and not again:
        raise RecordingError(
            f"{folder / FILE} is there already; --show shows it, --again writes another"
        )
    stated = bool(cramp or no_cramp or settings or text)
    if json_file is not None and stated:
        raise typer.BadParameter("answers come from --json or from other options, not both")
    now = datetime.now().astimezone()
    if json_file is not None:
        written = diary_of_file(json_file, span_of(folder), now)
    elif stated:
        written = diary_of_arguments(
            cramp or (), settings or (), text, none=no_cramp, span=span_of(folder), now=now
        )
    else:
        written = _interview(folder, events, now)
    file = write_diary(folder, written, again=again)
    print_diary(written)
    say(f"Written into {file}")


def print_diary(diary: Diary) -> None:
    """Print what was told."""
    from ..diary.words import cramp_rows, mark_words, told_rows, when_words

    if diary.cramps is not None:
        heading(f"Cramps remembered: {len(diary.cramps) or 'none'}")
        for cramp in diary.cramps:
            mark = cramp.as_mark(diary.written_at)
            rest = cramp_rows(cramp.told)
            columns([(f"{mark_words(mark)}, {when_words(mark)}", rest)])
    if diary.answers:
        felt = sum(answer.felt for answer in diary.answers)
        say(f"Of {len(diary.answers)} contractions found, {felt} were cramps.")
    columns(told_rows(diary))
    columns([("-", note) for note in diary.notes])


def _interview(folder: Path, events: Path | None, now: datetime) -> Diary:
    from ...recording.annotations.markers import read_marks
    from ..diary.asking import Interview
    from ..diary.nights import span_of
    from ..diary.writing import found_events

    if not sys.stdin.isatty():
        raise typer.BadParameter(
            "no terminal to ask on; answer by --json FILE, --cramp, --no-cramp or --set"
        )
    say("Enter skips a question, Ctrl-D ends and keeps what was told, Ctrl-C drops it.")
    interview = Interview(
        ask=lambda question: input(f"{question}: "),
        say=say,
        span=span_of(folder),
        now=now,
        found=found_events(folder, events),
        marks=read_marks(folder).marks,
    )
    return interview.run()
