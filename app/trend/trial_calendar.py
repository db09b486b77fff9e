"""The calendar of a trial: to print, or for a calendar program."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from ...recording.errors import CrampwatchError
from ...recording.writers.beside import write_text_beside
from ..report.markup import tag
from ..report.words import DISCLAIMER
from .page import document
from .trial_plan import Plan, PlannedNight

_SUFFIXES = (".html", ".ics")
_CSS = """
@page { size: A4; margin: 14mm; }
:root { color-scheme: light; }
body { margin: 0 auto; padding: 1rem; max-width: 46rem; background: #fff; color: #1d2430;
  font: 14px/1.4 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .2rem .6rem .2rem 0; border-bottom: 1px solid #c4c9d1; }
tr { break-inside: avoid; } td.with { font-weight: 700; } .soft { color: #454e5c; }
"""


def write_calendar(plan: Plan, path: Path) -> None:
    """Write the calendar as its suffix says: ``.html`` to print, ``.ics`` (RFC 5545).

    Raises
    ------
    CrampwatchError
        The suffix is another, or the file cannot be written.
    """
    refuse_calendar(path)
    text = calendar_page(plan) if path.suffix.lower() == ".html" else calendar_events(plan)
    write_text_beside(path, text)


def refuse_calendar(path: Path) -> None:
    """Raise where the suffix is none that a calendar is written as."""
    if path.suffix.lower() not in _SUFFIXES:
        raise CrampwatchError(f"cannot write {path}: name it .html or .ics")


def calendar_page(plan: Plan) -> str:
    """Return a page to print, with a box for each night."""
    rows = [
        tag(
            "tr",
            tag("td", f"{night.evening:%a %d %B %Y}"),
            tag("td", _what(night), class_="with" if night.measure else None),
            tag("td", "☐ as planned   ☐ not"),
            tag("td", "" if night.counted else "not counted: wash-out"),
        )
        for night in plan.calendar()
    ]
    heads = tag("tr", *(tag("th", h) for h in ("evening", "to do", "done", "")))
    body = [
        tag("h1", f"Trial: {plan.measure}"),
        tag(
            "p",
            "Keep to the evening's line, whatever the nights before were like. Record every"
            " night without alerts, and keep the diary.",
        ),
        tag("table", tag("thead", heads), tag("tbody", *rows)),
        tag("p", f"Sealed as {plan.digest()[:16]}. {DISCLAIMER}", class_="soft"),
    ]
    return document(f"Trial: {plan.measure}", _CSS, body)


def calendar_events(plan: Plan) -> str:
    """Return an iCalendar file with an all-day entry for each night."""
    digest = plan.digest()
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Crampwatch//trial//EN"]
    for number, night in enumerate(plan.calendar()):
        day, after = night.evening, night.evening + timedelta(days=1)
        words = f"{_what(night)}: {plan.measure}" if night.measure else _what(night)
        lines += [
            "BEGIN:VEVENT",
            f"UID:{digest[:24]}-{number}@crampwatch",
            f"DTSTAMP:{plan.start:%Y%m%d}T000000Z",
            f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
            f"DTEND;VALUE=DATE:{after:%Y%m%d}",
            f"SUMMARY:{_escaped(words)}",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line))


def _what(night: PlannedNight) -> str:
    return "WITH the measure" if night.measure else "without the measure"


def _escaped(text: str) -> str:
    for char in "\\;,":
        text = text.replace(char, f"\\{char}")
    return text


def _folded(line: str) -> Iterator[str]:
    """Yield a line in parts of at most 75 bytes, as RFC 5545 (3.1) asks."""
    part, size = "", 0
    for char in line:
        width = len(char.encode())
        if size + width > 74:
            yield part
            part, size = " ", 1
        part, size = part + char, size + width
    yield part
