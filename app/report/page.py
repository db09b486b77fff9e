"""The report: one page that needs no network and no other file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from bokeh.core.validation import silence
from bokeh.core.validation.warnings import MISSING_RENDERERS
from bokeh.embed import components
from bokeh.resources import Resources

from ...recording.model import Event
from ..judging import naming_note, score_name
from .canvas import Canvas
from .cards import card, card_drawings, chosen
from .earlier import earlier_panel
from .figures import Drawing, lanes, track_drawings
from .glance import hypnogram_drawing, quality_drawing
from .headline import first_line, not_watched_line, watched_line
from .legs import leg_drawings, leg_panel
from .looks import cramp_names, look_of
from .markup import Html, html, join, tag
from .safety import your_body
from .sleeper import said_panel
from .style import CSS, THEME_JS
from .tables import channel_table, event_table, origin_table
from .told import NightTold, most_important
from .tracks import MOST_EVENTS, MOST_TRACKS
from .unscored import unscored_panel
from .words import (
    CRAMPS,
    DISCLAIMER,
    KINDS,
    SIMULATED,
    clock_note,
    duration,
    story,
    unknown_scale_note,
)

if TYPE_CHECKING:
    from ..trend.past_night import PastNight

# A night without events has an empty plot, and is to be shown as one.
silence(MISSING_RENDERERS, True)

MOST_ROWS = 500
MOST_OPEN = 60
MOST_BYTES = 4 << 20
_CARDS = (10, 4, 0)
TRACES_MARK = '<meta name="crampwatch-traces" content="drawn">'
"""Stands in the first lines of a page on which full-rate signals are drawn."""

INTERVENED = (
    "ALERTS were told in this night: who is woken stops what would have gone on. How long its"
    " cramps lasted, and how many there were, is no measure of a night that is left alone."
)

# the page may load nothing from anywhere, whatever a file put into it
_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline';"
    " img-src data: blob:; font-src data:; base-uri 'none'; form-action 'none'"
)


def page_of(told: NightTold, earlier: Sequence[PastNight] = ()) -> str:
    """Return the page as HTML text, at most `MOST_BYTES`, most of it Bokeh.

    Parameters
    ----------
    told
        The night.
    earlier
        Nights of the same person before it.
    """
    for cards in _CARDS:
        page = _page(told, earlier, cards)
        if len(page) <= MOST_BYTES and len(page.encode("utf-8")) <= MOST_BYTES:
            break
    return page


def _page(told: NightTold, earlier: Sequence[PastNight], most_cards: int) -> str:
    canvas = Canvas(told, told.start)
    drawn = most_important(told.events, MOST_EVENTS)
    names = cramp_names(drawn)
    glance = [
        lanes(canvas, drawn, names),
        hypnogram_drawing(canvas, told.stages),
        *track_drawings(canvas, told.tracks, drawn, names),
        quality_drawing(canvas, told.channels, told.events),
    ]
    night = [drawing for drawing in glance if drawing is not None]
    close = {n: card_drawings(told, drawn[n], n) for n in chosen(drawn, most_cards)}
    legs = leg_drawings(told.legs, told.start)
    shown = [*night, *(one for own in close.values() for one in own), *legs]
    script, plots = components({drawing.name: drawing.plot for drawing in shown})
    named_by = told.provenance.get("model", {})
    body = [
        _header(told),
        tag(
            "main",
            tag("h2", "The night at a glance"),
            _key(drawn),
            tag("p", _drawn_note(told, drawn), class_="soft"),
            tag("div", *(_figure(drawing, plots) for drawing in night), class_="night"),
            _tracks_note(told),
            _cramps(told, named_by),
            *(
                card(
                    told,
                    drawn[n],
                    names[n],
                    score_name(named_by),
                    [_figure(drawing, plots) for drawing in own],
                )
                for n, own in close.items()
            ),
            said_panel(told.said, told.start),
            leg_panel(
                told.legs_headline,
                told.legs,
                [_figure(drawing, plots) for drawing in legs],
                told.events,
                told.start,
            ),
            earlier_panel(told, earlier),
            unscored_panel(told, told.start),
            tag("h2", "Signals"),
            channel_table(told.channels),
            _remarks(told),
            _events(told, named_by),
            your_body(),
            tag(
                "details",
                tag("summary", "How this was made: settings and versions"),
                origin_table(told.provenance),
            ),
        ),
        tag("footer", tag("p", DISCLAIMER, class_="soft")),
    ]
    head = tag(
        "head",
        Html('<meta charset="utf-8">'),
        Html(TRACES_MARK if any(close.values()) else ""),
        Html(f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'),
        Html('<meta name="viewport" content="width=device-width, initial-scale=1">'),
        Html('<link rel="icon" href="data:,">'),
        tag("title", f"{told.name} - Crampwatch"),
        Html(f"<style>{CSS}</style>"),
        Html(Resources(mode="inline", components=["bokeh"]).render_js()),
    )
    scripts = Html(f"{script}<script>{THEME_JS}</script>")
    page = tag("html", head, tag("body", *body, scripts), lang="en")
    return f"<!DOCTYPE html>\n{page}\n"


def _header(told: NightTold) -> Html:
    when = f"{told.start:%A %d %B %Y, %H:%M} - " if told.start else ""
    banners = [SIMULATED] if told.simulated else []
    if told.intervened:
        banners.append(INTERVENED)
    watched = ". ".join(filter(None, (watched_line(told), not_watched_line(told))))
    about = [legs.about for legs in told.legs if legs.worth_telling]
    return tag(
        "header",
        tag("p", f"{when}{told.name} - {duration(told.duration_s)}", class_="name"),
        *(tag("p", banner, class_="banner") for banner in banners),
        tag("h1", first_line(told, told.start)),
        tag("p", f"{watched}.", class_="watched"),
        *(tag("p", sentence) for sentence in story(told, told.start, about)),
        tag("p", DISCLAIMER, class_="device"),
    )


def _figure(drawing: Drawing, plots: Mapping[str, str]) -> Html:
    return tag(
        "figure",
        tag("h4", drawing.title),
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


def _drawn_note(told: NightTold, drawn: Sequence[Event]) -> str:
    if len(drawn) == len(told.events):
        return ""
    return (
        f"{len(drawn)} of {len(told.events)} events are drawn, the most important kinds"
        " first; events.tsv holds them all."
    )


def _tracks_note(told: NightTold) -> Html:
    parts = []
    if told.without:
        parts.append(told.without)
    if not told.tracks:
        parts.append("No muscle or movement signal could be drawn.")
    if told.signals > MOST_TRACKS:
        parts.append(f"The first {MOST_TRACKS} of {told.signals} signals are drawn.")
    return join([tag("p", part, class_="soft") for part in parts])


def _cramps(told: NightTold, named_by: Mapping[str, Any]) -> Html:
    found = [event for event in told.events if event.trial_type in CRAMPS]
    if not found:
        return Html("")
    note = tag("p", naming_note(named_by), class_="soft")
    parts = [tag("h2", "Cramp-like contractions"), note]
    if len(found) > 1:
        parts.append(_table(found[:MOST_ROWS], told, score_name(named_by), cards=True))
    return join(parts)


def _events(told: NightTold, named_by: Mapping[str, Any]) -> Html:
    if not told.events:
        return join([tag("h2", "All events"), tag("p", "No events were found.")])
    shown = most_important(told.events, MOST_ROWS)
    note = clock_note(told.start)
    if len(shown) < len(told.events):
        note += (
            f" {len(shown)} of {len(told.events)} events are shown, the most important"
            " kinds first; events.tsv holds them all."
        )
    return tag(
        "details",
        tag("summary", f"All events ({len(told.events)})"),
        tag("p", note, class_="soft"),
        _table(shown, told, score_name(named_by)),
        open="" if len(shown) <= MOST_OPEN else None,
    )


def _table(
    events: Sequence[Event], told: NightTold, sureness: str, *, cards: bool = False
) -> Html:
    symbols = {event.trial_type: look_of(event.trial_type).symbol for event in events}
    return event_table(
        events,
        cramp_names(events),
        symbols,
        told.channels,
        told.start,
        cards=cards,
        sureness=sureness,
    )


def _remarks(told: NightTold) -> Html:
    scale = unknown_scale_note(told.channels)
    remarks = [*told.notes, *told.warnings, *([scale] if scale else [])]
    if not remarks:
        return Html("")
    items = (tag("li", remark) for remark in remarks)
    return join([tag("h2", "What to know"), tag("ul", *items)])
