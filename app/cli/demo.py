"""``crampwatch demo``: no hardware, no arguments."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .console import heading, progress, say
from .options import JsonOption, ModelOption
from .score import print_findings

if TYPE_CHECKING:
    from ...sample_data import Sample
    from ..scoring import Scored


def demo(
    *,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="DIR",
            help="Folder to write; by default crampwatch-demo in this folder.",
            show_default=False,
        ),
    ] = None,
    model: ModelOption = None,
    as_json: JsonOption = False,
) -> None:
    """Score the shipped recordings and show the findings.

    Needs no hardware and no arguments; writes a report into ./crampwatch-demo.
    """
    from ...recording.annotations.tsv import read_events
    from ...sample_data import samples
    from ..demonstration import compare_with_truth, place
    from ..jsontext import to_json
    from ..scoring import refuse_out, write_score

    folder = place(out, here=Path())
    refuse_out(folder)
    results = []
    shown = sorted(samples(), key=lambda sample: not sample.simulated)
    for sample in shown:
        scored = _score(sample, model, quiet=as_json)
        home = folder if sample is shown[0] else folder / sample.name
        write_score(scored, home)
        truth = read_events(sample.truth) if sample.truth else ()
        verdict = compare_with_truth(truth, scored.score.events) if sample.simulated else []
        report = home / "report.html"
        results.append({**scored.summary(), "verdict": verdict, "report": str(report)})
        if not as_json:
            _show(sample, scored, verdict, report)
    if as_json:
        typer.echo(to_json({"recordings": results}))
    else:
        heading(f"Open {folder / 'report.html'} in a browser to see the simulated night.")


def _score(sample: Sample, model: str | None, *, quiet: bool) -> Scored:
    from ..scoring import Request, score_recording

    kind = "simulated night" if sample.simulated else "real recording"
    with progress(f"Scoring a {kind}: {sample.name}", quiet=quiet) as update:
        return score_recording(Request(sample.path, verb="demo", model=model), update)


def _show(sample: Sample, scored: Scored, verdict: list[str], report: Path) -> None:
    origin = "SIMULATED night" if sample.simulated else "Real recording"
    heading(f"== {origin}: {sample.name}")
    say(sample.about)
    say()
    print_findings(scored)
    if verdict:
        say()
        heading("Held against what was put in")
        for line in verdict:
            say(line)
    say()
    say(f"Report: {report}")
    say()
