"""Stages of sleep and the quality of every signal, on the axis of the night."""

from __future__ import annotations

from collections.abc import Sequence

from bokeh.models import ColumnDataSource, FixedTicker

from ...detection.channels.report import ChannelReport
from ...recording.annotations.columns import LISTED
from ...recording.model import Event
from .canvas import GREY, INK, Canvas
from .figures import Drawing
from .tracks import MOST_TRACKS

# from top to bottom
_STAGES = ("W", "R", "N1", "N2", "N3")
_MARRED = {
    "artefact": ("#c98a00", "cross"),
    "unscorable": (GREY, "right_diagonal_line"),
    "nothing recorded": ("#3d8fd1", None),
}
_GAP = "gap"
_ROW_PX = 20


def hypnogram_drawing(canvas: Canvas, stages: Sequence[Event]) -> Drawing | None:
    """Return the stages of sleep as a staircase; None where they are not known."""
    rows = {f"sleep_{name}": len(_STAGES) - 1 - place for place, name in enumerate(_STAGES)}
    known = [event for event in stages if event.trial_type in rows]
    if not known:
        return None
    plot = canvas.plot(120, -0.5, len(_STAGES) - 0.5)
    plot.yaxis.ticker = plot.ygrid.ticker = FixedTicker(ticks=list(range(len(_STAGES))))
    plot.yaxis.major_label_overrides = {rows[f"sleep_{name}"]: name for name in _STAGES}
    times: list[float] = []
    heights: list[float] = []
    for event in known:
        if times and event.onset > times[-1] + 1.0:
            times.append(times[-1])
            heights.append(float("nan"))
        times += [event.onset, event.end]
        heights += [float(rows[event.trial_type])] * 2
    source = ColumnDataSource({"x": canvas.ms(times), "y": heights})
    line = plot.line("x", "y", source=source, line_color=INK, line_width=1.5)
    line.tags = ["ink"]
    note = "W wake, R REM sleep, N1 to N3 light to deep sleep; from the hypnogram given."
    return Drawing("stages", "Stages of sleep", note, plot)


def quality_drawing(
    canvas: Canvas, channels: Sequence[ChannelReport], events: Sequence[Event]
) -> Drawing | None:
    """Return a row for each signal with what marred it and where nothing came."""
    shown = channels[:MOST_TRACKS]
    if not shown:
        return None
    plot = canvas.plot(_ROW_PX * len(shown) + 40, -0.5, len(shown) - 0.5)
    row = {report.label: len(shown) - 1 - place for place, report in enumerate(shown)}
    ticks = list(row.values())
    plot.yaxis.ticker = plot.ygrid.ticker = FixedTicker(ticks=ticks)
    plot.yaxis.major_label_overrides = {
        row[report.label]: str(place) for place, report in enumerate(shown, 1)
    }
    for what, (colour, hatch) in _MARRED.items():
        found = [
            (event, row[label])
            for event in events
            if _marred(event) == what
            for label in labels_of(event)
            if label in row
        ]
        if found:
            plot.quad(
                left=canvas.ms([event.onset for event, _ in found]),
                right=canvas.ms([event.end for event, _ in found]),
                bottom=[height - 0.36 for _, height in found],
                top=[height + 0.36 for _, height in found],
                fill_color=colour,
                fill_alpha=0.3 if hatch else 0.75,
                line_color=colour,
                hatch_pattern=hatch,
                hatch_color=colour,
                hatch_scale=6,
            )
    names = "; ".join(f"{place} {report.label}" for place, report in enumerate(shown, 1))
    note = (
        f"{names}. Empty: good; crossed: artefact; hatched: could not be scored; filled:"
        " nothing recorded (link lost or sensor away)."
    )
    return Drawing("quality", "Link and quality of the signals", note, plot)


def labels_of(event: Event) -> list[str]:
    """Return the signals that an event is about."""
    if event.channel is not None:
        return [event.channel]
    told = event.extra.get("channels")
    return told.split(LISTED) if isinstance(told, str) else []


def _marred(event: Event) -> str:
    if event.trial_type == "artifact":
        return "artefact"
    if event.trial_type != "unscorable":
        return ""
    return "nothing recorded" if event.extra.get("cause") == _GAP else "unscorable"
