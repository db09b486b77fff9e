"""The figures of the report.

Text of a file never becomes a title or a label of a figure: Bokeh would read TeX in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from bokeh.models import ColumnDataSource, FixedTicker
from bokeh.plotting import figure

from ...recording.model import Event
from .canvas import INK, Canvas
from .looks import lane_of, lanes_of, look_of
from .tracks import DrawnTrack, Track
from .words import unit_words

SIGNAL = "#4a7fb5"
AXIS_STYLES = (
    ("x solid", "solid", "#d55e00"),
    ("y dashed", "dashed", "#3d8fd1"),
    ("z dash-dotted", "dotdash", "#1b9e77"),
)
_LANE_PX = 24


@dataclass(frozen=True, slots=True, eq=False)
class Drawing:
    """A figure and what stands around it.

    Attributes
    ----------
    name
        Key of the figure.
    title
        Heading, plain text.
    note
        How to read it, plain text.
    plot
        The Bokeh figure.
    """

    name: str
    title: str
    note: str
    plot: figure


def lanes(canvas: Canvas, events: Sequence[Event], names: Mapping[int, str]) -> Drawing:
    """Return the night at a glance: one named lane for each kind of event.

    Parameters
    ----------
    canvas
        The shared axis of time.
    events
        Events to draw, sorted by onset.
    names
        Short name of a cramp-like contraction, by its place in `events`.
    """
    kinds = lanes_of(events)
    row = {kind: len(kinds) - 1.0 - number for number, kind in enumerate(kinds)}
    plot = canvas.plot(_LANE_PX * len(kinds) + 66, -0.6, len(kinds) - 0.4, tools=True)
    plot.yaxis.ticker = plot.ygrid.ticker = FixedTicker(ticks=list(row.values()))
    plot.yaxis.major_label_overrides = {row[kind]: look_of(kind).lane for kind in kinds}
    drawn = []
    for kind, found in _by_lane(events).items():
        drawn.append(canvas.bands(plot, found, row[kind] - 0.36, row[kind] + 0.36))
        if kind.endswith("cramp"):
            canvas.markers(plot, found, row[kind])
    canvas.hover(plot, drawn)
    canvas.names(
        plot, [(name, events[n], row[lane_of(events[n])]) for n, name in names.items()]
    )
    note = "Each kind of event has its own row. Use the buttons to zoom and to move."
    return Drawing("lanes", "Events", note, plot)


def track_drawings(
    canvas: Canvas,
    tracks: Sequence[DrawnTrack],
    events: Sequence[Event],
    names: Mapping[int, str],
) -> list[Drawing]:
    """Return the level of every signal, and the posture below each accelerometer.

    Parameters
    ----------
    canvas, events, names
        As for `lanes`.
    tracks
        Levels of the signals.
    """
    drawings: list[Drawing] = []
    for number, overview in enumerate(tracks):
        mine = {n: event for n, event in enumerate(events) if _belongs(event, overview)}
        track = overview.track
        shown = {names[n]: event for n, event in mine.items() if n in names}
        plot, note = _level(canvas, overview, track, list(mine.values()), shown)
        what = "movement" if overview.kind == "acc" else "muscle activity"
        title = f"{overview.label}: {what}, {unit_words(overview.unit)}"
        drawings.append(Drawing(f"level{number}", title, note, plot))
        if track.gravity is not None:
            plot, note = _posture(canvas, track)
            title = f"{overview.label}: posture, g"
            drawings.append(Drawing(f"posture{number}", title, note, plot))
    return drawings


def _level(
    canvas: Canvas,
    overview: DrawnTrack,
    track: Track,
    events: Sequence[Event],
    named: Mapping[str, Event],
) -> tuple[figure, str]:
    top = track.top
    plot = canvas.plot(130, 0.0, top)
    canvas.blind(plot, track.blind, 0.0, top)
    bands = _by_lane([e for e in events if e.trial_type not in ("artifact", "unscorable")])
    drawn = [canvas.bands(plot, found, 0.0, top) for found in bands.values()]
    _envelope(canvas, plot, track)
    for kind, found in bands.items():
        canvas.markers(plot, found, top * _height(kind))
    canvas.names(plot, [(name, e, top * _height(e.trial_type)) for name, e in named.items()])
    canvas.hover(plot, drawn)
    return plot, _level_note(overview, track)


def _level_note(overview: DrawnTrack, track: Track) -> str:
    note = "Filled: highest level; line: mean level"
    if np.isfinite(track.resting).any():
        note += "; dashed: resting level"
    if track.blind:
        note += "; hatched: could not be scored"
    if np.isnan(track.high).any():
        note += "; blank: nothing was recorded"
    note += "."
    if track.peak > track.top:
        unit = unit_words(overview.unit).partition(" ")[0]
        note += f" The highest peaks (up to {track.peak:.3g} {unit}) are cut off."
    return note


def _envelope(canvas: Canvas, plot: figure, track: Track) -> None:
    source = ColumnDataSource(
        {
            "x": canvas.ms(track.time_s),
            # an area knows no NaN: over a gap it falls to nothing
            "high": np.nan_to_num(track.high, nan=0.0),
            "mean": track.mean,
            "resting": track.resting,
        }
    )
    plot.varea("x", y1=0, y2="high", source=source, fill_color=SIGNAL, fill_alpha=0.45)
    plot.line("x", "mean", source=source, line_color=SIGNAL, line_width=1.2)
    if np.isfinite(track.resting).any():
        resting = plot.line(
            "x", "resting", source=source, line_color=INK, line_dash="dashed", line_width=1.5
        )
        resting.tags = ["ink"]


def _posture(canvas: Canvas, track: Track) -> tuple[figure, str]:
    plot = canvas.plot(110, -1.25, 1.25)
    canvas.blind(plot, track.blind, -1.25, 1.25)
    gravity = track.gravity if track.gravity is not None else np.zeros((0, 0))
    x = canvas.ms(track.time_s)
    drawn = list(zip(gravity.T, AXIS_STYLES, strict=False))
    for axis, (_, dash, colour) in drawn:
        plot.line(x, axis, line_color=colour, line_dash=dash, line_width=1.6)
    named = ", ".join(name for _, (name, _, _) in drawn)
    note = f"Where gravity points in the sensor's own axes: {named}."
    return plot, f"{note} A step is a change of posture."


def _height(kind: str) -> float:
    return 0.76 if kind == "possible_cramp" else 0.93


def _by_lane(events: Sequence[Event]) -> dict[str, list[Event]]:
    found: dict[str, list[Event]] = {}
    for event in events:
        found.setdefault(lane_of(event), []).append(event)
    return found


def _belongs(event: Event, overview: DrawnTrack) -> bool:
    if event.channel is not None:
        return event.channel == overview.label
    return event.side in (None, "both", overview.side)
