"""``crampwatch score``: a recording in, events and a report out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .console import columns, heading, progress, say
from .options import (
    HypnogramOption,
    JsonOption,
    MapOption,
    ModelOption,
    RateOption,
    Recording,
    Rules,
    RulesOption,
    UnitOption,
    label_map,
)

if TYPE_CHECKING:
    from ...detection.result import NightScore
    from ..scoring import Scored


def score(
    recording: Recording,
    out: Annotated[
        Path,
        typer.Option("--out", metavar="DIR", help="Folder to write.", show_default=False),
    ],
    *,
    rules: RulesOption = Rules.wasm2016,
    hypnogram: HypnogramOption = None,
    rate: RateOption = None,
    unit: UnitOption = None,
    map_: MapOption = None,
    model: ModelOption = None,
    as_json: JsonOption = False,
    no_report: Annotated[
        bool, typer.Option("--no-report", help="Write no report.html.")
    ] = False,
) -> None:
    """Score a recording and write a report.

    Writes events.tsv, events.json, summary.json, provenance.json and report.html into
    the folder DIR.
    """
    labels = label_map(map_)
    from ...detection.settings import Settings
    from ...recording.journal.recover import recover_if_broken
    from ..jsontext import to_json
    from ..scoring import (
        Request,
        refuse_out,
        score_recording,
        write_score,
    )

    refuse_out(out)
    mended = recover_if_broken(recording)
    if mended is not None and not as_json:
        say(f"{recording.name}: the recording was cut off; its journal is whole again.")
    request = Request(
        recording,
        Settings(rules=rules.value),
        rate_hz=rate,
        unit=unit,
        label_map=labels,
        hypnogram=hypnogram,
        model=model,
    )
    with progress(f"Scoring {recording.name}", quiet=as_json) as update:
        scored = score_recording(request, update)
    files = write_score(scored, out, report=not no_report)
    if as_json:
        typer.echo(to_json({**scored.summary(), "files": files}))
        return
    print_findings(scored)
    say()
    say(f"Written into {out}: {', '.join(files)}")


def print_findings(scored: Scored) -> None:
    """Print what was found: cramps one by one, all counts, every channel, the warnings."""
    from ..findings import MOST_CRAMPS, channel_rows, count_rows, cramp_rows
    from ..judging import naming_note, score_name
    from ..report.words import SIMULATED, clock_note, coverage, headline

    night, result = scored.night, scored.score
    heading(f"{scored.name}: {headline(result)}")
    if scored.simulated:
        say(SIMULATED)
    named_by = scored.provenance.get("model", {})
    cramps = cramp_rows(result, night.start, score_name(named_by))
    columns(cramps)
    if len(cramps) == MOST_CRAMPS:
        say("  ... and more: events.tsv holds them all")
    if cramps:
        say(clock_note(night.start))
        say(naming_note(named_by))
    print_said(scored)
    say()
    heading("Found")
    columns(count_rows(result) or [("0", "events")])
    say()
    print_leg_movements(result)
    heading("Signals")
    columns(channel_rows(result))
    say(coverage(result))
    remarks = (*night.notes, *result.warnings)
    if remarks:
        say()
        heading("Note")
        columns([("-", remark) for remark in remarks])


def print_said(scored: Scored) -> None:
    """Print what the sleeper said, and how it fits what was found."""
    from ..diary.words import mark_words, outcome_words, when_words
    from ..report.sleeper import said_sentences

    if scored.said is None:
        return
    say()
    heading("What the sleeper said")
    for sentence in said_sentences(scored.said):
        say(sentence)
    columns(
        [
            (f"{mark_words(one.mark)}, {when_words(one.mark)}", outcome_words(one))
            for one in scored.said.confirmation.remembered
        ]
    )


def print_leg_movements(result: NightScore) -> None:
    """Print the leg movements by the book, each basis on its own."""
    from ...detection.movements.leg_score import headline
    from ..report.told import legs_told

    if not result.legs:
        return
    heading("Leg movements")
    say(headline(result.legs))
    for legs in legs_told(result.legs):
        if not legs.by_standard:
            say(legs.about)
        columns(legs.rows())
        columns([("-", remark) for remark in legs.warnings])
    say()
