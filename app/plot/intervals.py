"""How long after one another leg movements began."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from ...detection.movements.leg_score import STANDARD_NAMES, LegScore
from .style import INK, SMALL_PT, SOFT, WORDS_PT, new_figure, tidy

_TICKS_S = (1, 2, 5, 10, 20, 30, 60, 90, 200)
_COLOUR = "#8d4a78"


def intervals(legs: LegScore, *, ax: Axes | None = None, width_mm: float = 88.0) -> Axes:
    """Draw the histogram of intervals between candidate leg movements.

    The bins are those of ``summary.json``, even on a logarithmic scale; the shaded part is
    what the rules take for periodic.

    Parameters
    ----------
    legs
        Leg movements of one basis: ``score.standard``, or one of ``score.legs``.
    ax
        Where to draw; by default in a new figure.
    width_mm
        Width of a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Its x axis is in seconds, logarithmic.
    """
    axes = new_figure(width_mm, 0.62 * width_mm).add_subplot() if ax is None else ax
    histogram = legs.score.summary()["intervals"]["histogram"]
    edges = np.asarray(histogram["edges_s"], dtype=np.float64)
    counts = np.asarray(histogram["counts"])
    rules = legs.score.rules
    axes.axvspan(rules.imi_min, rules.imi_max, color="#e6e6e6", lw=0)
    axes.annotate(
        f"{rules.imi_min:g} to {rules.imi_max:g} s: periodic",
        (np.sqrt(rules.imi_min * rules.imi_max), 0.985),
        xycoords=("data", "axes fraction"),
        ha="center",
        va="top",
        fontsize=SMALL_PT,
        color=SOFT,
    )
    axes.stairs(counts, edges, fill=True, color=_COLOUR)
    axes.set_xscale("log")
    axes.set_xlim(edges[0], edges[-1])
    axes.set_ylim(0, max(1.0, 1.18 * float(counts.max(initial=0))))
    ticks = [tick for tick in _TICKS_S if edges[0] <= tick <= edges[-1]]
    axes.set_xticks(ticks, [str(tick) for tick in ticks])
    axes.set_xticks([], minor=True)
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    tidy(axes)
    basis = STANDARD_NAMES.get(legs.basis, f"the {legs.basis} rule")
    axes.set_xlabel("interval from onset to onset (s)", fontsize=WORDS_PT, color=INK)
    axes.set_ylabel("number", fontsize=WORDS_PT, color=INK)
    outside = int(histogram["below"] + histogram["above"])
    beyond = f"; {outside} outside" if outside else ""
    axes.set_title(
        f"Leg movements by {basis}: {int(counts.sum())} intervals{beyond}",
        fontsize=SMALL_PT,
        color=INK,
        loc="left",
    )
    return axes
