"""One event and what lies around it, sample for sample."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from ...recording.model import Event, Night, Stream
from ..report.looks import look_of
from ..report.traces import course
from ..report.words import SIMULATED, clock, duration, is_simulated, kind_words, unit_words
from .style import (
    AXIS_STYLES,
    INK,
    SIGNAL,
    SMALL_PT,
    WORDS_PT,
    name_left,
    new_figure,
    note,
    quiet,
    tidy,
    time_axis,
)

ROW_MM, MARGIN_MM = 20.0, 22.0
DRAWN = ("emg", "acc", "gyro")


def event(
    night: Night,
    event: Event,
    *,
    before_s: float = 20.0,
    after_s: float = 20.0,
    signals: Sequence[str] | None = None,
    figure: Figure | SubFigure | None = None,
    width_mm: float = 180.0,
) -> Figure | SubFigure:
    """Draw the signals of an event as they were recorded, with its onset and its end.

    Of a line with more samples than fit, each column shows the least and the largest. EMG is
    drawn without its median, which is the electrode's and not the muscle's.

    Parameters
    ----------
    night
        The recording.
    event
        A row of its events.
    before_s, after_s
        What to show around it, seconds.
    signals
        Labels of the streams to draw, in order; by default the EMG, acceleration and rotation
        of its leg, or of both where it has none.
    figure
        Where to draw; by default a new one, as high as it needs to be.
    width_mm
        Width of a new figure.

    Raises
    ------
    ValueError
        No such signal, or none to draw.
    """
    shown = _chosen(night, event, signals)
    drawn = new_figure(width_mm, ROW_MM * len(shown) + MARGIN_MM) if figure is None else figure
    axes: list[Axes] = list(drawn.subplots(len(shown), 1, squeeze=False)[:, 0])
    first = max(0.0, event.onset - before_s)
    last = max(first + 1e-3, min(event.end + after_s, night.duration_s))
    for row, stream in zip(axes, shown, strict=True):
        _row(row, stream, event, first, last)
        time_axis(row, night.start, first, last)
        if row is not axes[-1]:
            quiet(row)
    axes[0].set_title(_title(night, event), fontsize=WORDS_PT, color=INK, loc="left")
    note(drawn, SIMULATED if is_simulated(night) else "")
    return drawn


def _chosen(night: Night, event: Event, signals: Sequence[str] | None) -> list[Stream]:
    if signals is None:
        sides = (
            {event.side, None} if event.side in ("left", "right") else {"left", "right", None}
        )
        found = [s for s in night.streams if s.kind in DRAWN and s.side in sides]
        # the one it was seen on comes first
        found.sort(key=lambda stream: stream.label != event.channel)
    else:
        known = {stream.label: stream for stream in night.streams}
        missing = [label for label in signals if label not in known]
        if missing:
            raise ValueError(f"no signal {missing[0]!r}; there are {', '.join(known)}")
        found = [known[label] for label in signals]
    if not found:
        raise ValueError("the night has no muscle or movement signal of this leg to draw")
    return found


def _row(axes: Axes, stream: Stream, event: Event, first: float, last: float) -> None:
    times, values = course(stream, first, last)
    if stream.kind == "emg" and np.isfinite(values).any():
        values -= np.nanmedian(values, axis=0).astype(np.float32)
    names = stream.axes or ("",)
    for number, name in enumerate(names):
        dash, colour = AXIS_STYLES[number % len(AXIS_STYLES)]
        axes.plot(
            times,
            values[:, number],
            color=SIGNAL if len(names) == 1 else colour,
            linestyle="solid" if len(names) == 1 else dash,
            linewidth=0.4 if len(names) == 1 else 0.8,
            label=name or stream.label,
            rasterized=times.size > 2000,
        )
    axes.margins(y=0.08)
    colour = look_of(event.trial_type).colour
    axes.axvspan(event.onset, event.end, color=colour, alpha=0.12, linewidth=0)
    for edge in (event.onset, event.end):
        axes.axvline(edge, color=colour, linewidth=0.8, linestyle="dashed")
    tidy(axes)
    name_left(axes, f"{stream.label}\n({unit_words(stream.unit)})")
    if len(names) > 1:
        axes.legend(
            loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False, fontsize=SMALL_PT,
            handlelength=2.4, borderaxespad=0.3,
        )  # fmt: skip


def _title(night: Night, event: Event) -> str:
    leg = f", {event.side}" if event.side else ""
    sure = "" if event.probability is None else f", probability {event.probability:.2f}"
    when = clock(night.start, event.onset)
    return f"{kind_words(event)}{leg}, {when}, {duration(event.duration)}{sure}"
