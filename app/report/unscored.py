"""What of the night could not be scored, and why."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from ...recording.model import Event
from .findings import Findings
from .glance import labels_of
from .markup import Html, join, tag
from .words import clock, duration, status_words

_KINDS = {"artifact": "artefact", "unscorable": "not scorable"}
MOST_ROWS = 60


def unscored_panel(found: Findings, start: datetime | None) -> Html:
    """Return the section: whole signals first, then causes by signal."""
    rows = [
        (report.label, "the whole night", status_words(report), report.reason)
        for report in found.channels
        if report.status != "ok" or (report.rule is None and report.kind == "emg")
    ]
    rows += [
        (
            label,
            _length(events),
            f"{_KINDS[kind]}: {cause or 'cause not known'}",
            _when(events, start),
        )
        for (label, kind, cause), events in by_cause(found.events).items()
    ]
    title = tag("h2", "What could not be scored, and why")
    if not rows:
        return join([title, tag("p", "Everything that was recorded could be scored.")])
    heads = ("signal", "how long", "what", "more")
    body = (
        tag(
            "tr",
            *(
                tag("td", cell or "-", data_label=head)
                for head, cell in zip(heads, row, strict=True)
            ),
        )
        for row in rows[:MOST_ROWS]
    )
    head = tag("thead", tag("tr", *(tag("th", head, scope="col") for head in heads)))
    table = tag("table", head, tag("tbody", *body), class_="cards", aria_label="Not scored")
    more = f"{len(rows) - MOST_ROWS} more rows are left out." if len(rows) > MOST_ROWS else ""
    return join([title, table, *([tag("p", more, class_="soft")] if more else [])])


def by_cause(events: Iterable[Event]) -> dict[tuple[str, str, str], list[Event]]:
    """Return the rows that tell of bad signals by signal, kind and cause."""
    found: dict[tuple[str, str, str], list[Event]] = {}
    for event in events:
        if event.trial_type in _KINDS:
            cause = str(event.extra.get("cause") or "")
            for label in labels_of(event) or ["all"]:
                found.setdefault((label, event.trial_type, cause), []).append(event)
    return found


def _length(events: list[Event]) -> str:
    seconds = sum(_seconds(event) for event in events)
    return duration(seconds) + (f" in {len(events)} stretches" if len(events) > 1 else "")


def _seconds(event: Event) -> float:
    lost = event.extra.get("lost_s")
    return float(lost) if isinstance(lost, int | float) else event.duration


def _when(events: list[Event], start: datetime | None) -> str:
    longest = max(events, key=_seconds)
    if len(events) == 1:
        return f"at {clock(start, longest.onset)}"
    return f"the longest at {clock(start, longest.onset)}, {duration(_seconds(longest))}"
