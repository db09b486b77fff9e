"""``crampwatch note``: a line about the night, in plain words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .console import columns, say
from .options import JsonOption

if TYPE_CHECKING:
    from ..diary.noting import Noted

NightOption = Annotated[
    Path | None,
    typer.Option(
        "--night",
        metavar="DIR",
        help="Folder of the night; by default this folder, or the newest night in it.",
        show_default=False,
    ),
]


def note(
    words: Annotated[
        str,
        typer.Argument(
            metavar="WORDS",
            help='What happened, in plain English: "cramp, left calf, pain 7".',
            show_default=False,
        ),
    ],
    *,
    at: Annotated[
        str | None,
        typer.Option(
            "--at",
            metavar="TIME",
            help="When: 03:10, 3:10 am, 2026-01-31 03:10; by default now.",
            show_default=False,
        ),
    ] = None,
    within: Annotated[
        float | None,
        typer.Option(
            "--within",
            metavar="MIN",
            min=0.1,
            max=720.0,
            help="How many minutes off the time may be.",
            show_default=False,
        ),
    ] = None,
    night: NightOption = None,
    kind: Annotated[
        str | None,
        typer.Option(
            "--kind",
            metavar="KIND",
            help="cramp, no_cramp, restless_legs, kicking or note; by default from WORDS.",
            show_default=False,
        ),
    ] = None,
    leg: Annotated[
        str | None,
        typer.Option(
            "--leg",
            metavar="LEG",
            help="left, right or both; by default from WORDS.",
            show_default=False,
        ),
    ] = None,
    muscle: Annotated[
        list[str] | None,
        typer.Option(
            "--muscle",
            metavar="M",
            help="calf, shin, foot, toes, thigh, hamstring or hip; may be repeated.",
            show_default=False,
        ),
    ] = None,
    pain: Annotated[
        int | None,
        typer.Option("--pain", metavar="N", min=0, max=10, help="0 to 10.", show_default=False),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Note something about a night, also while it is being recorded.

    It is appended to markers.tsv in the folder of the night, and nothing leaves this
    computer. The next score tells which contraction it fits.
    """
    from datetime import datetime

    from ...recording.annotations.markers import append_mark
    from ..diary.nights import find_night, span_of
    from ..diary.noting import Stated, note_to_mark

    now = datetime.now().astimezone()
    folder = find_night(night, Path())
    stated = Stated(at, within, kind, leg, tuple(muscle) if muscle else None, pain)
    noted = note_to_mark(words, stated, span_of(folder), now)
    file = append_mark(folder, noted.mark)
    _print(noted, file, as_json=as_json)


def _print(noted: Noted, file: Path, *, as_json: bool) -> None:
    from ..diary.words import mark_words, when_words

    mark = noted.mark
    if as_json:
        from ..jsontext import to_json

        typer.echo(
            to_json(
                {
                    "at": mark.at.isoformat() if mark.at else None,
                    "earlier_s": mark.earlier_s,
                    "later_s": mark.later_s,
                    "kind": mark.kind,
                    "side": mark.side,
                    "muscles": list(mark.muscles),
                    "pain": mark.pain,
                    "text": mark.text,
                    "remarks": list(noted.remarks),
                    "file": str(file),
                }
            )
        )
        return
    say(f"Noted: {mark_words(mark)}, {when_words(mark)}")
    columns([("-", remark) for remark in noted.remarks])
    say(f"Written into {file}")
