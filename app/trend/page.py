"""Weeks on one offline page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..report.markup import Html, html, join, tag
from ..report.style import CSS, THEME_JS
from ..report.words import DISCLAIMER, SIMULATED, duration
from .past_night import PastNight
from .weeks import NO_CAUSE, Weeks
from .words import FACTOR_HEADS, estimate_rows, factor_row, factors_note, headline

POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline';"
    " img-src data: blob:; font-src data:; base-uri 'none'; form-action 'none'"
)

_CSS = """
td:is([data-label="evening"], [data-label="median length"], [data-label="until rest"]) {
  white-space: nowrap; }
"""

NIGHT_HEADS = (
    "evening",
    "night",
    "usable",
    "cramps",
    "confirmed",
    "denied",
    "possible",
    "remembered, not found",
    "begin",
    "median length",
    "until rest",
    "PLM per hour",
    "diary",
    "note",
)


def trend_page(weeks: Weeks) -> str:
    """Return the page as HTML text; most of it is Bokeh."""
    from bokeh.embed import components
    from bokeh.resources import Resources

    from .drawing import NOTE, weeks_drawing

    drawing = weeks_drawing(weeks)
    script, plot = components(drawing) if drawing is not None else ("", "")
    figure: list[str] = [tag("h2", "The nights at a glance")]
    if drawing is not None:
        picture = tag(
            "div", Html(plot), class_="plot", role="img", aria_label=f"Nights. {NOTE}"
        )
        figure.append(tag("figure", tag("p", NOTE, class_="soft"), picture, class_="track"))
    else:
        figure.append(tag("p", "No night tells a clock time: nothing can be drawn."))
    numbers = table("Numbers", ("number", "with its 95 % interval"), estimate_rows(weeks))
    body = [
        head_of_page(weeks, f"Trend - {weeks.person}"),
        tag(
            "main",
            tag("h2", "Numbers"),
            numbers,
            tag("p", _counted_note(weeks), class_="soft"),
            *_remarks(weeks),
            *figure,
            *_hours(weeks),
            tag("h2", "Beside the diary"),
            tag("p", NO_CAUSE),
            tag("p", factors_note(weeks), class_="soft"),
            *_factors(weeks),
            tag("h2", "Night by night"),
            table("Nights", NIGHT_HEADS, [night_row(night, weeks) for night in weeks.nights]),
        ),
        tag("footer", tag("p", DISCLAIMER, class_="soft")),
    ]
    scripts = []
    if drawing is not None:
        scripts = [Html(Resources(mode="inline", components=["bokeh"]).render_js())]
        body.append(Html(f"{script}<script>{THEME_JS}</script>"))
    return document(f"Trend - {weeks.person} - Crampwatch", CSS + _CSS, body, scripts)


def document(title: str, css: str, body: Sequence[str], scripts: Sequence[Html] = ()) -> str:
    """Return a whole page that may load nothing from anywhere."""
    head = tag(
        "head",
        Html('<meta charset="utf-8">'),
        Html(f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'),
        Html('<meta name="viewport" content="width=device-width, initial-scale=1">'),
        Html('<link rel="icon" href="data:,">'),
        tag("title", title),
        Html(f"<style>{css}</style>"),
        *scripts,
    )
    return f"<!DOCTYPE html>\n{tag('html', head, tag('body', *body), lang='en')}\n"


def head_of_page(weeks: Weeks, name: str) -> Html:
    """Return the header: whose nights, from when to when, the headline, the disclaimer."""
    evenings = [night.evening for night in weeks.nights if night.evening]
    when = f" - {min(evenings):%d %B %Y} to {max(evenings):%d %B %Y}" if evenings else ""
    simulated = any(night.simulated for night in weeks.scored)
    banner = SIMULATED.replace("this recording was", "at least one recording was")
    return tag(
        "header",
        tag("p", f"{name}{when}", class_="name"),
        *([tag("p", banner, class_="banner")] if simulated else []),
        tag("h1", headline(weeks)),
        tag("p", DISCLAIMER, class_="device"),
    )


def table(name: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Html:
    """Return a table that becomes cards where the page is narrow; empty columns go."""
    kept = [i for i in range(len(heads)) if not rows or any(row[i] for row in rows)]
    head = tag("tr", *(tag("th", heads[i], scope="col") for i in kept))
    body = join(
        [
            tag(
                "tr",
                *(
                    tag(
                        "td",
                        html(row[i]) if row[i] else Html("&ndash;"),
                        data_label=heads[i],
                    )
                    for i in kept
                ),
            )
            for row in rows
        ]
    )
    inside = tag(
        "table", tag("thead", head), tag("tbody", body), class_="cards", aria_label=name
    )
    return tag("div", inside, class_="scroll", tabindex="0", role="region", aria_label=name)


def night_row(night: PastNight, weeks: Weeks) -> tuple[str, ...]:
    """Return one night as cells under `NIGHT_HEADS`."""
    evening = night.evening.isoformat() if night.evening else ""
    if not night.scored:
        return (evening, night.name, *[""] * (len(NIGHT_HEADS) - 3), night.problem)
    notes = [
        *(["too few usable hours"] if not weeks.is_usable(night) else []),
        *(["alerts: left out"] if night.intervened else []),
        *night.notes,
    ]
    counted = night.counted
    settled = [cramp.settled_s for cramp in counted if cramp.settled_s is not None]
    unfound = night.missed + night.not_watched
    return (
        evening,
        night.name,
        duration(night.valid_s),
        str(len(counted)),
        str(night.confirmed or ""),
        str(night.denied or ""),
        str(night.possible or ""),
        str(unfound or ""),
        ", ".join(f"{cramp.at:%H:%M}" for cramp in counted if cramp.at),
        _middle([cramp.duration_s for cramp in counted]),
        _middle(settled),
        "" if night.plm_per_h is None else f"{night.plm_per_h:.1f}",
        factors_words(night),
        "; ".join(notes),
    )


def factors_words(night: PastNight) -> str:
    """Return what the diary tells of the day before, in one line."""
    return ", ".join(f"{_name(name)} {_told(value)}" for name, value in night.factors.items())


def _counted_note(weeks: Weeks) -> str:
    return (
        f"{len(weeks.nights)} nights found, {len(weeks.scored)} scored, {len(weeks.usable)}"
        f" with at least {weeks.least_hours:g} usable hours, {len(weeks.counted)} of them"
        " without alerts and counted. A contraction counts where it was found and not denied by"
        " the sleeper, or where a possible one was confirmed."
    )


def _remarks(weeks: Weeks) -> list[Html]:
    found = weeks.remarks()
    return [tag("ul", *(tag("li", remark) for remark in found))] if found else []


def _hours(weeks: Weeks) -> list[Html]:
    hours = weeks.by_hour()
    if not hours:
        return []
    told = ", ".join(f"{hour:02d}h: {count}" for hour, count in hours.items())
    return [tag("p", f"Contractions by the hour of the clock that they began in: {told}.")]


def _factors(weeks: Weeks) -> list[Html]:
    if not weeks.factors:
        return []
    rows = [factor_row(each) for each in weeks.factors]
    return [table("Factors", FACTOR_HEADS, rows)]


def _middle(values: list[float]) -> str:
    from statistics import median

    return duration(median(values)) if values else ""


def _name(name: str) -> str:
    return name.replace("_", " ")


def _told(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return " and ".join(_name(str(each)) for each in value)
    return _name(str(value))[:60]
