"""The leg movements by the book: what was counted, per hour of what, and the intervals."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from bokeh.models import FixedTicker, Range1d
from bokeh.plotting import figure

from ...detection.movements.leg_score import LegScore, headline
from .canvas import style_axes
from .figures import Drawing
from .markup import Html, html, join, tag
from .words import leg_rows

_TICKS_S = (2, 5, 10, 20, 30, 60, 90, 200)
_COLOUR = "#b5679b"
_PX = 150


def interval_drawing(scores: Sequence[LegScore]) -> Drawing | None:
    """Return the histogram of intervals between candidates; None where there are none.

    It shows the standard's movements, else those of the first basis that has any.
    """
    for legs in scores:
        histogram = legs.score.summary()["intervals"]["histogram"]
        counts = np.array(histogram["counts"])
        if counts.any():
            break
    else:
        return None
    edges = np.log(histogram["edges_s"])
    plot = figure(
        height=_PX,
        sizing_mode="stretch_width",
        x_range=Range1d(start=float(edges[0]), end=float(edges[-1])),
        y_range=Range1d(start=0, end=float(counts.max()) * 1.1),
        tools=[],
        toolbar_location=None,
        min_border_left=58,
        min_border_right=14,
        background_fill_color=None,
        border_fill_color=None,
        outline_line_color=None,
    )
    plot.quad(
        left=edges[:-1],
        right=edges[1:],
        bottom=0,
        top=counts,
        fill_color=_COLOUR,
        line_color=None,
        fill_alpha=0.8,
    )
    ticks = [float(np.log(seconds)) for seconds in _TICKS_S]
    plot.xaxis.ticker = FixedTicker(ticks=ticks)
    plot.xaxis.major_label_overrides = {
        tick: f"{seconds} s" for tick, seconds in zip(ticks, _TICKS_S, strict=True)
    }
    style_axes(plot)
    note = "How long after the start of the movement before, on a logarithmic scale."
    outside = histogram["below"] + histogram["above"]
    if outside:
        note += f" Outside the picture: {outside}."
    title = f"Intervals between leg movements by {legs.basis}"
    return Drawing("intervals", title, note, plot)


def leg_panel(scores: Sequence[LegScore], picture: Html) -> Html:
    """Return counts and indices of every basis, each with what it means.

    Parameters
    ----------
    scores
        One for each basis, the standard first.
    picture
        The histogram, or nothing.
    """
    if not scores:
        return Html("")
    parts = [tag("h2", "Leg movements"), tag("p", headline(scores))]
    for legs in scores:
        if not legs.by_standard:
            parts.append(tag("p", legs.sentence()))
        rows = [
            tag("tr", tag("td", number, class_="number"), tag("td", meaning))
            for number, meaning in leg_rows(legs)
        ]
        label = f"Leg movements by {legs.basis}"
        table = tag("table", tag("tbody", *rows), class_="origin", aria_label=label)
        parts += [table, _notes(legs.score.warnings)]
    return join([*parts, picture])


def _notes(remarks: Sequence[str]) -> Html:
    return tag("ul", *(tag("li", html(remark)) for remark in remarks), class_="soft")
