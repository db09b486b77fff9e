"""From a request to a folder of results."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...models.evaluation import Evaluation, evaluate_nights
from ...models.evaluation.bootstrap import RESAMPLES
from ...models.evaluation.evaluation import KIND, PROGRAM
from ...models.evaluation.predictive import RATES
from ...recording.errors import RecordingError
from ...recording.writers.beside import write_folder
from ..jsontext import to_json
from .detector import find_detector
from .nights import find_nights

RESULTS = ("evaluation.json", "evaluation.html", "evaluation.md")
KEPT = "nights"


@dataclass(frozen=True, slots=True)
class Request:
    """What to judge, and how.

    Attributes
    ----------
    nights
        Places of labelled nights.
    model
        File of a model, ``rule``, or None for the shipped one.
    out
        Folder for the results; None to write nothing.
    workers
        Processes.
    live
        Also play every night through the live engine.
    rates
        Cramps per night that predictive values are stated for, by name.
    seed, resamples
        Of the bootstrap.
    """

    nights: Sequence[str]
    model: str | None = None
    out: Path | None = None
    workers: int = 1
    live: bool = False
    rates: Mapping[str, float] = field(default_factory=lambda: dict(RATES))
    seed: int = 0
    resamples: int = RESAMPLES


def evaluate(
    request: Request, progress: Callable[[int, int], None] = lambda _done, _all: None
) -> Evaluation:
    """Judge the nights; those judged before, into the same folder, are not judged again.

    Parameters
    ----------
    request
        What to judge, and how.
    progress
        Called with the number of nights done, and of all.

    Raises
    ------
    CrampwatchError
        One line: no night or no model can be read, or the folder is no place for results.
    """
    if request.out is not None:
        refuse_out(request.out)
    detector = find_detector(request.model)
    nights, unusable = find_nights(request.nights)
    return evaluate_nights(
        nights,
        detector.make,
        live=request.live,
        workers=request.workers,
        store=None if request.out is None else request.out / KEPT,
        stamp=detector.stamp,
        unusable=unusable,
        model=detector.facts,
        rates=request.rates,
        seed=request.seed,
        resamples=request.resamples,
        progress=progress,
    )


def write_evaluation(evaluation: Evaluation, out: Path) -> list[str]:
    """Write the results into `out`: all of them, or none.

    Returns
    -------
    list of str
        Names of the files.

    Raises
    ------
    RecordingError
        The folder cannot be written.
    """
    from .markdown import as_markdown
    from .page import as_page

    refuse_out(out)
    texts = (
        to_json(evaluation.as_json()) + "\n",
        as_page(evaluation),
        as_markdown(evaluation),
    )
    with write_folder(out) as folder:
        for name, text in zip(RESULTS, texts, strict=True):
            (folder / name).write_text(text, "utf-8")
    return list(RESULTS)


def refuse_out(out: Path) -> None:
    """Raise where `out` can be seen to be no place for results.

    Raises
    ------
    RecordingError
        `out` is a file, may not be written, or holds files of these names from elsewhere.
    """
    if not out.is_dir():
        if out.exists():
            raise RecordingError(f"cannot write into {out}: it is a file; name a folder")
        return
    if not os.access(out, os.W_OK | os.X_OK):
        raise RecordingError(f"cannot write into {out}: no right to; name another folder")
    foreign = [name for name in RESULTS if (out / name).exists()]
    if foreign and not _ours(out / RESULTS[0]):
        raise RecordingError(
            f"{out} holds {foreign[0]} from elsewhere, which would be lost; name another folder"
        )


def _ours(file: Path) -> bool:
    try:
        found: Any = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(found, dict) and (found.get("program"), found.get("kind")) == (
        PROGRAM,
        KIND,
    )
