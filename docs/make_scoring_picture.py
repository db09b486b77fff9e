"""Draw the picture of the scoring page: ``python docs/make_scoring_picture.py``.

Needs an installed crampwatch and matplotlib. The marks are those in ``docs/examples``, and
everything in the picture is what the program says about them.
"""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from crampwatch.detection.plm import WASM2016, PlmScore, movements_from_events, score_movements
from crampwatch.detection.plm.movements import SIDE_NAMES, Movements
from crampwatch.recording.annotations.read import read_annotations, read_hypnogram

DOCS = Path(__file__).resolve().parent
EXAMPLE = DOCS / "examples"
MARKED, RIGHT, COMBINED, SERIES, STAGES = 5, 4, 2.9, 1.7, 0.6
INK, PERIODIC, PLAIN, LONG = "#222222", "#1b6ca8", "#8a8a8a", "#b5482a"


def main() -> None:
    """Write ``docs/images/one_series.svg``."""
    marks = movements_from_events(read_annotations(EXAMPLE / "one_series_events.tsv").events)
    hypnogram = read_hypnogram(EXAMPLE / "one_series_hypnogram.tsv")
    score = score_movements(marks, WASM2016, hypnogram=hypnogram)
    # the same file for the same marks, whenever it is drawn
    mpl.rcParams.update({"svg.hashsalt": "crampwatch", "font.size": 9})
    figure = Figure(figsize=(11, 4.6), layout="constrained")
    axes = figure.add_subplot()
    _marks(axes, marks)
    _combined(axes, score)
    _series(axes, score)
    for onset, length, stage in zip(
        hypnogram.onset, hypnogram.duration, hypnogram.stage, strict=True
    ):
        axes.barh(STAGES, length, left=onset, height=0.4, color="#e8e8e8", edgecolor="white")
        axes.text(onset + 2, STAGES, str(stage), va="center", color=INK)
    axes.set_yticks(
        [MARKED, RIGHT, COMBINED, SERIES, STAGES],
        ["marks, left", "marks, right", "combined", "series", "stage"],
    )
    axes.set_xlim(0, 270)
    axes.set_ylim(0.2, 5.7)
    axes.set_xlabel("seconds from the start of the recording")
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(axis="y", length=0)
    (DOCS / "images").mkdir(exist_ok=True)
    figure.savefig(DOCS / "images" / "one_series.svg", metadata={"Date": None})


def _marks(axes: Axes, marks: Movements) -> None:
    for onset, length, side in zip(marks.onset, marks.duration, marks.side, strict=True):
        row = MARKED if SIDE_NAMES[side] == "left" else RIGHT
        short = length < WASM2016.min_duration
        axes.barh(row, length, left=onset, height=0.5, color=PLAIN if short else INK)
        if short:
            axes.annotate(
                f"{length:g} s: too short",
                (onset, row - 0.27),
                (onset, row - 0.62),
                ha="center",
                color=PLAIN,
            )


def _combined(axes: Axes, score: PlmScore) -> None:
    rows = zip(score.onset, score.duration, score.candidate, score.plm, strict=True)
    for onset, length, candidate, periodic in rows:
        colour = PERIODIC if periodic else PLAIN if candidate else LONG
        axes.barh(COMBINED, length, left=onset, height=0.5, color=colour)
        if not candidate:
            axes.text(
                onset + length / 2,
                COMBINED + 0.36,
                f"{length:g} s: no candidate",
                ha="center",
                color=LONG,
            )
    for i in np.flatnonzero(np.isfinite(score.kept.imi)):
        middle = (score.onset[i - 1] + score.onset[i]) / 2
        axes.text(
            middle,
            COMBINED - 0.45,
            f"{score.kept.imi[i]:g}",
            ha="center",
            va="center",
            color=LONG if score.kept.imi[i] < WASM2016.imi_min else INK,
        )


def _series(axes: Axes, score: PlmScore) -> None:
    for number in range(1, int(score.kept.series.max()) + 1):
        own = score.kept.series == number
        start = float(score.onset[own].min())
        end = float((score.onset + score.duration)[own].max())
        axes.barh(SERIES, end - start, left=start, height=0.34, color=PERIODIC, alpha=0.25)
        axes.text(
            (start + end) / 2,
            SERIES,
            f"series {number}: {int(own.sum())} PLM",
            ha="center",
            va="center",
            color=PERIODIC,
        )


if __name__ == "__main__":
    main()
