"""The whole night on one axis of time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from ...detection.channels.report import Overview
from ...detection.result import NightScore
from ...recording.annotations.hypnogram import Hypnogram
from ...recording.model import Event, Night
from ..report.looks import lane_of, lanes_of, look_of
from ..report.tracks import shrink
from ..report.words import SIMULATED, is_simulated, unit_words
from .style import (
    INK,
    SIGNAL,
    SMALL_PT,
    SOFT,
    name_left,
    new_figure,
    note,
    quiet,
    tidy,
    time_axis,
)

LANE_MM, TRACK_MM, STAGES_MM, MARGIN_MM = 4.5, 14.0, 13.0, 16.0
_STAGES = ("N3", "N2", "N1", "R", "W")
_MARKERS = {
    "inverted_triangle": "v", "diamond": "D", "square": "s", "circle": "o", "x": "x",
    "asterisk": "*", "cross": "P",
}  # fmt: skip


def night(
    night: Night,
    score: NightScore,
    *,
    figure: Figure | SubFigure | None = None,
    width_mm: float = 180.0,
) -> Figure | SubFigure:
    """Draw a scored night: events by kind, stages, and the level of every signal.

    Levels are the detector's (rectified mean in the band for EMG, movement for
    acceleration), each column of the drawing from its least to its largest. Stretches that
    could not be scored are hatched, and what was not recorded is empty.

    Parameters
    ----------
    night, score
        The recording and its score.
    figure
        Where to draw; by default a new one, as high as it needs to be.
    width_mm
        Width of a new figure.
    """
    heights = [LANE_MM * len(lanes_of(score.events))]
    stages = _hypnogram(score)
    if stages is not None:
        heights.append(STAGES_MM)
    heights += [TRACK_MM] * len(score.overviews)
    drawn = new_figure(width_mm, sum(heights) + MARGIN_MM) if figure is None else figure
    rows = drawn.subplots(
        len(heights), 1, squeeze=False, gridspec_kw={"height_ratios": heights}
    )
    axes: list[Axes] = list(rows[:, 0])
    left = iter(axes)
    _lanes(next(left), score.events)
    if stages is not None:
        _stages(next(left), stages)
    for overview in score.overviews:
        _level(next(left), overview, score.events)
    for each in axes:
        tidy(each)
        time_axis(each, night.start, 0.0, max(score.duration_s, 1.0))
        if each is not axes[-1]:
            quiet(each)
    note(drawn, SIMULATED if is_simulated(night) else "")
    return drawn


def _lanes(axes: Axes, events: Sequence[Event]) -> None:
    lanes = lanes_of(events)[::-1]
    for height, kind in enumerate(lanes):
        look = look_of(kind)
        own = [event for event in events if lane_of(event) == kind]
        axes.broken_barh(
            [(event.onset, event.duration) for event in own],
            (height - 0.35, 0.7),
            facecolor=look.colour,
            edgecolor=look.colour,
            alpha=0.45,
            hatch="////" if look.hatched else None,
            linewidth=0.5,
            label=look.lane,
        )
        if kind not in ("artifact", "unscorable"):
            axes.plot(
                [event.onset + event.duration / 2 for event in own],
                [height] * len(own),
                linestyle="none",
                marker=_MARKERS[look.marker],
                markersize=4.5 if kind.endswith("cramp") else 2.5,
                markeredgewidth=0.7,
                color=look.colour,
                markerfacecolor="none" if look.hollow else look.colour,
            )
    axes.set_ylim(-0.6, len(lanes) - 0.4)
    axes.set_yticks(range(len(lanes)), [look_of(kind).lane for kind in lanes])
    axes.tick_params(axis="y", length=0)


def _stages(axes: Axes, stages: Hypnogram) -> None:
    heights = {stage: height for height, stage in enumerate(_STAGES)}
    known = np.array([heights.get(str(stage), np.nan) for stage in stages.stage])
    # a value of NaN after each stretch parts it from the next where time is left between
    times = np.stack((stages.onset, stages.onset + stages.duration), axis=1)
    values = np.repeat(known[:, np.newaxis], 2, axis=1)
    torn = np.flatnonzero(np.abs(times[1:, 0] - times[:-1, 1]) > 1e-6) + 1
    axes.plot(
        np.insert(times.ravel(), 2 * torn, times[torn - 1, 1]),
        np.insert(values.ravel(), 2 * torn, np.nan),
        color=INK,
        linewidth=0.8,
    )
    axes.set_ylim(-0.5, len(_STAGES) - 0.5)
    axes.set_yticks(range(len(_STAGES)), _STAGES)
    name_left(axes, "stage")


def _level(axes: Axes, overview: Overview, events: Sequence[Event]) -> None:
    track = shrink(overview, events)
    axes.fill_between(
        track.time_s, track.low, track.high, color=SIGNAL, alpha=0.35, linewidth=0,
        rasterized=True,
    )  # fmt: skip
    axes.plot(track.time_s, track.mean, color=SIGNAL, linewidth=0.6, label="mean")
    if np.isfinite(track.resting).any():
        axes.plot(
            track.time_s, track.resting, color=SOFT, linewidth=0.6, linestyle="dotted",
            label="resting",
        )  # fmt: skip
    axes.set_ylim(0.0, track.top)
    axes.broken_barh(
        [(first, last - first) for first, last in track.blind],
        (0.0, track.top),
        facecolor="none",
        edgecolor="#9a9a9a",
        hatch="////",
        linewidth=0,
    )
    beyond = f", peak {track.peak:.3g}" if track.peak > track.top else ""
    name_left(axes, f"{overview.label}\n({unit_words(overview.unit)}{beyond})")
    axes.tick_params(axis="y", labelsize=SMALL_PT - 1)


def _hypnogram(score: NightScore) -> Hypnogram | None:
    known = (legs.score.hypnogram for legs in score.legs)
    return next((each for each in known if each is not None and len(each)), None)
