"""The report: one page that needs no network and no other file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bokeh.core.validation import silence
from bokeh.core.validation.warnings import MISSING_RENDERERS
from bokeh.embed import components
from bokeh.resources import Resources

from ...detection.result import NightScore
from ...recording.model import Event, Night
from ..diary.said import Said
from ..judging import naming_note, score_name
from .canvas import Canvas
from .figures import Drawing, lanes, track_drawings
from .legs import interval_drawing, leg_panel
from .looks import cramp_names, look_of
from .markup import Html, html, join, tag
from .safety import your_body
from .sleeper import said_panel
from .style import CSS, THEME_JS
from .tables import channel_table, event_table, origin_table
from .tracks import MOST_EVENTS, MOST_TRACKS
from .words import (
    CRAMPS,
    DISCLAIMER,
    KINDS,
    SIMULATED,
    clock_note,
    duration,
    headline,
    is_simulated,
    story,
    unknown_scale_note,
)

# A night without events has an empty plot, and is to be shown as one.
silence(MISSING_RENDERERS, True)

MOST_ROWS = 500

# the page may load nothing from anywhere, whatever a file put into it
_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline';"
    " img-src data: blob:; font-src data:; base-uri 'none'; form-action 'none'"
)


def report_page(
    name: str,
    night: Night,
    score: NightScore,
    provenance: Mapping[str, Any],
    said: Said | None = None,
) -> str:
    """Return the page as HTML text, 2 to 4 MB, most of it Bokeh.

    Parameters
    ----------
    name
        Name of the recording.
    night, score
        The recording and its score.
    provenance
        Where the score comes from, as in ``provenance.json``.
    said
        What the sleeper said, or None.
    """
    start = night.start
    named_by = provenance.get("model", {})
    canvas = Canvas(score, start)
    drawn = most_important(score.events, MOST_EVENTS)
    names = cramp_names(drawn)
    drawings = [
        lanes(canvas, drawn, names),
        *track_drawings(canvas, score.overviews, drawn, names),
    ]
    intervals = interval_drawing(score.legs)
    shown = [*drawings, *([intervals] if intervals else [])]
    script, plots = components({drawing.name: drawing.plot for drawing in shown})
    body = [
        _header(name, night, score),
        tag(
            "main",
            _cramps(score, start, named_by),
            said_panel(said, start),
            tag("h2", drawings[0].title),
            _figure(drawings[0], plots, heading=False),
            _key(drawn),
            tag("p", _drawn_note(score, drawn), class_="soft"),
            leg_panel(score.legs, _figure(intervals, plots) if intervals else Html("")),
            tag("h2", "Every signal through the night"),
            *(_figure(drawing, plots) for drawing in drawings[1:]),
            _tracks_note(score),
            tag("h2", "Signals"),
            channel_table(score.channels),
            _remarks(night, score),
            _events(score, start, named_by),
            your_body(),
            tag("details", tag("summary", "How this was made"), origin_table(provenance)),
        ),
        tag("footer", tag("p", DISCLAIMER, class_="soft")),
    ]
    head = tag(
        "head",
        Html('<meta charset="utf-8">'),
        Html(f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'),
        Html('<meta name="viewport" content="width=device-width, initial-scale=1">'),
        Html('<link rel="icon" href="data:,">'),
        tag("title", f"{name} - Crampwatch"),
        Html(f"<style>{CSS}</style>"),
        Html(Resources(mode="inline", components=["bokeh"]).render_js()),
    )
    scripts = Html(f"{script}<script>{THEME_JS}</script>")
    page = tag("html", head, tag("body", *body, scripts), lang="en")
    return f"<!DOCTYPE html>\n{page}\n"


def most_important(events: Sequence[Event], most: int) -> list[Event]:
    """Return at most `most` events, the most important kinds first to stay, by onset."""
    if len(events) <= most:
        return list(events)
    order = {kind: number for number, kind in enumerate(KINDS)}
    ranked = sorted(
        enumerate(events), key=lambda pair: (order.get(pair[1].trial_type, len(order)), pair[0])
    )
    return [event for _, event in sorted(ranked[:most], key=lambda pair: pair[0])]


def _header(name: str, night: Night, score: NightScore) -> Html:
    when = f"{night.start:%A %d %B %Y, %H:%M} - " if night.start else ""
    banner = [tag("p", SIMULATED, class_="banner")] if is_simulated(night) else []
    return tag(
        "header",
        tag("p", f"{when}{name} - {duration(score.duration_s)}", class_="name"),
        *banner,
        tag("h1", headline(score)),
        *(tag("p", sentence) for sentence in story(score, night.start)),
        tag("p", DISCLAIMER, class_="device"),
    )


def _figure(drawing: Drawing, plots: Mapping[str, str], *, heading: bool = True) -> Html:
    return tag(
        "figure",
        *([tag("h3", drawing.title)] if heading else []),
        tag("p", drawing.note, class_="soft"),
        tag(
            "div",
            Html(plots[drawing.name]),
            class_="plot",
            role="img",
            aria_label=f"{drawing.title}. {drawing.note}",
        ),
        class_="track",
    )


def _key(events: Sequence[Event]) -> Html:
    present = {event.trial_type for event in events}
    entries = []
    for kind in (*KINDS, *sorted(present - set(KINDS))):
        if kind in present:
            look = look_of(kind)
            words = KINDS.get(kind, (kind,))[0]
            mark = tag("b", look.symbol, style=f"color:{look.colour}", aria_hidden="true")
            entries.append(tag("li", mark, html(f" {look.lane}: {words}")))
    return tag("ul", *entries, class_="key")


def _drawn_note(score: NightScore, drawn: Sequence[Event]) -> str:
    if len(drawn) == len(score.events):
        return ""
    return (
        f"{len(drawn)} of {len(score.events)} events are drawn, the most important kinds"
        " first; events.tsv holds them all."
    )


def _tracks_note(score: NightScore) -> Html:
    if not score.overviews:
        return tag("p", "No muscle or movement signal could be drawn.", class_="soft")
    if len(score.overviews) <= MOST_TRACKS:
        return Html("")
    return tag(
        "p",
        f"The first {MOST_TRACKS} of {len(score.overviews)} signals are drawn.",
        class_="soft",
    )


def _cramps(score: NightScore, start: datetime | None, named_by: Mapping[str, Any]) -> Html:
    found = [event for event in score.events if event.trial_type in CRAMPS]
    if not found:
        return Html("")
    table = _table(found[:MOST_ROWS], score, start, score_name(named_by), cards=True)
    note = tag("p", naming_note(named_by), class_="soft")
    return join([tag("h2", "Cramp-like contractions"), note, table])


def _events(score: NightScore, start: datetime | None, named_by: Mapping[str, Any]) -> Html:
    if not score.events:
        return join([tag("h2", "All events"), tag("p", "No events were found.")])
    shown = most_important(score.events, MOST_ROWS)
    note = clock_note(start)
    if len(shown) < len(score.events):
        note += (
            f" {len(shown)} of {len(score.events)} events are shown, the most important"
            " kinds first; events.tsv holds them all."
        )
    return join(
        [
            tag("h2", "All events"),
            tag("p", note, class_="soft"),
            _table(shown, score, start, score_name(named_by)),
        ]
    )


def _table(
    events: Sequence[Event],
    score: NightScore,
    start: datetime | None,
    sureness: str,
    *,
    cards: bool = False,
) -> Html:
    symbols = {event.trial_type: look_of(event.trial_type).symbol for event in events}
    names = cramp_names(events)
    return event_table(
        events, names, symbols, score.channels, start, cards=cards, sureness=sureness
    )


def _remarks(night: Night, score: NightScore) -> Html:
    scale = unknown_scale_note(score.channels)
    remarks = [*night.notes, *score.warnings, *([scale] if scale else [])]
    if not remarks:
        return Html("")
    items = (tag("li", remark) for remark in remarks)
    return join([tag("h2", "What to know"), tag("ul", *items)])
