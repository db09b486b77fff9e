"""The leg movements by the book: what was counted, per hour of what, and the intervals."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from bokeh.models import BasicTicker, FixedTicker, Range1d
from bokeh.plotting import figure

from ...recording.model import Event
from .canvas import style_axes
from .figures import Drawing
from .markup import Html, html, join, tag
from .told import LegsTold
from .words import clock, duration, side_words

_TICKS_S = (2, 5, 10, 20, 30, 60, 90, 200)
_COLOUR = "#b5679b"
_PX = 150
MOST_SERIES = 40


def leg_drawings(scores: Sequence[LegsTold], start: datetime | None) -> list[Drawing]:
    """Return the histogram of intervals and the hours of the night, where there are any.

    They show the standard's movements, else those of the first basis that has any.
    """
    for legs in scores:
        if any(legs.intervals.counts):
            hours = _hours(legs, start)
            return [_intervals(legs), *([hours] if hours else [])]
    return []


def leg_panel(
    headline: str,
    scores: Sequence[LegsTold],
    pictures: Sequence[Html],
    events: Sequence[Event] = (),
    start: datetime | None = None,
) -> Html:
    """Return counts and indices of every basis, each with what it means.

    Parameters
    ----------
    headline
        The sentence above all numbers.
    scores
        One for each basis, the standard first.
    pictures
        Of `leg_drawings`.
    events, start
        Events of the night, for its periodic series, and its clock.
    """
    if not scores:
        return Html("")
    parts = [tag("h2", "Leg movements"), tag("p", headline)]
    for legs in scores:
        if not legs.by_standard:
            parts.append(tag("p", legs.about))
        rows = [
            tag("tr", tag("td", number, class_="number"), tag("td", meaning))
            for number, meaning in legs.rows()
        ]
        label = f"Leg movements by {legs.basis}"
        table = tag("table", tag("tbody", *rows), class_="origin", aria_label=label)
        parts += [table, _notes(legs.warnings), _series_table(legs.basis, events, start)]
    return join([*parts, *pictures])


def series_of(basis: str, events: Sequence[Event]) -> list[tuple[float, float, int, str]]:
    """Return onset, end, movements and legs of each periodic series in the table of events."""
    groups: dict[int, list[Event]] = {}
    for event in events:
        number = event.extra.get("series")
        if event.extra.get("rule") == basis and isinstance(number, int) and number > 0:
            groups.setdefault(number, []).append(event)
    found = []
    for _, own in sorted(groups.items()):
        moves = {e.extra.get("movement", place) for place, e in enumerate(own)}
        legs = "both" if len({e.side for e in own}) > 1 else own[0].side
        end = max(e.end for e in own)
        found.append((min(e.onset for e in own), end, len(moves), side_words(legs)))
    return found


def _series_table(basis: str, events: Sequence[Event], start: datetime | None) -> Html:
    series = series_of(basis, events)
    if not series:
        return Html("")
    heads = ("begins", "lasts", "movements", "leg")
    body = (
        tag(
            "tr",
            *(
                tag("td", cell, data_label=head)
                for head, cell in zip(
                    heads,
                    (clock(start, onset), duration(end - onset), str(count), legs or "-"),
                    strict=True,
                )
            ),
        )
        for onset, end, count, legs in series[:MOST_SERIES]
    )
    name = f"Periodic series by {basis}"
    head = tag("thead", tag("tr", *(tag("th", head, scope="col") for head in heads)))
    table = tag("table", head, tag("tbody", *body), class_="cards narrow", aria_label=name)
    left = len(series) - MOST_SERIES
    more = [tag("p", f"{left} more are left out.", class_="soft")] if left > 0 else []
    return join([tag("h3", name), table, *more])


def _intervals(legs: LegsTold) -> Drawing:
    counts = np.array(legs.intervals.counts, np.float64)
    edges = np.log(legs.intervals.edges_s)
    plot = _plot((float(edges[0]), float(edges[-1])), float(counts.max()))
    _bars(plot, edges[:-1], edges[1:], counts)
    ticks = [float(np.log(seconds)) for seconds in _TICKS_S]
    plot.xaxis.ticker = FixedTicker(ticks=ticks)
    plot.xaxis.major_label_overrides = {
        tick: f"{seconds} s" for tick, seconds in zip(ticks, _TICKS_S, strict=True)
    }
    style_axes(plot)
    note = "How long after the start of the movement before, on a logarithmic scale."
    outside = legs.intervals.below + legs.intervals.above
    if outside:
        note += f" Outside the picture: {outside}."
    title = f"Intervals between leg movements by {legs.basis}"
    return Drawing("intervals", title, note, plot)


def _hours(legs: LegsTold, start: datetime | None) -> Drawing | None:
    hours = legs.hours
    rates = np.array([hour.per_h or 0.0 for hour in hours])
    if not hours or not rates.any():
        return None
    first, last = hours[0].start_s / 3600.0, hours[-1].end_s / 3600.0
    plot = _plot((first, max(last, first + 1e-3)), float(rates.max()))
    starts = np.array([hour.start_s for hour in hours]) / 3600.0
    _bars(plot, starts, np.array([hour.end_s for hour in hours]) / 3600.0, rates)
    every = max(1, round(len(hours) / 8))
    plot.xaxis.ticker = FixedTicker(ticks=[float(each) for each in starts[::every]])
    plot.xaxis.major_label_overrides = {
        float(hour.start_s / 3600.0): clock(start, hour.start_s)[:-3] for hour in hours[::every]
    }
    plot.yaxis.ticker = BasicTicker(desired_num_ticks=4)
    style_axes(plot)
    what = "periodic leg movements" if legs.by_standard else "leg movements in series"
    per = "per hour of sleep" if legs.staged else "per hour of valid recording"
    counts = ", ".join(str(hour.count) for hour in hours[:24])
    note = f"Rate {per} in each hour from the start; counts: {counts}."
    title = f"Hours of the night: {what} by {legs.basis}"
    return Drawing("hours", title, note, plot)


def _plot(span: tuple[float, float], top: float) -> figure:
    return figure(
        height=_PX,
        sizing_mode="stretch_width",
        x_range=Range1d(start=span[0], end=span[1]),
        y_range=Range1d(start=0, end=top * 1.1),
        tools=[],
        toolbar_location=None,
        min_border_left=58,
        min_border_right=14,
        background_fill_color=None,
        border_fill_color=None,
        outline_line_color=None,
    )


def _bars(plot: figure, left: np.ndarray, right: np.ndarray, top: np.ndarray) -> None:
    plot.quad(
        left=left,
        right=right,
        bottom=0,
        top=top,
        fill_color=_COLOUR,
        line_color=_COLOUR,
        fill_alpha=0.7,
    )


def _notes(remarks: Sequence[str]) -> Html:
    return tag("ul", *(tag("li", html(remark)) for remark in remarks), class_="soft")
