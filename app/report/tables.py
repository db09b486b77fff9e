"""The tables of the report."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from ...detection.channels.report import ChannelReport
from ...recording.model import Event
from .markup import Html, html, join, tag
from .words import (
    clock,
    duration,
    kind_words,
    placement_words,
    places_words,
    side_words,
    signals_together,
    status_words,
    unit_words,
    why_words,
)


def event_table(
    events: Sequence[Event],
    names: Mapping[int, str],
    symbols: Mapping[str, str],
    channels: Sequence[ChannelReport],
    start: datetime | None,
    *,
    cards: bool = False,
    sureness: str = "probability",
) -> Html:
    """Return a row for each event.

    Parameters
    ----------
    events
        Events to show, sorted by onset.
    names
        Short name of a cramp-like contraction, by its place in `events`.
    symbols
        Symbol by kind of event.
    channels
        Reports of the signals, for the names of the muscles.
    start
        Clock time of the start of the night, or None.
    cards
        Whether each row becomes a card where the page is narrow.
    sureness
        What probabilities are called.
    """
    rows = [
        [
            clock(start, event.onset),
            f"{symbols.get(event.trial_type, '')} {names.get(number, '')}".strip(),
            kind_words(event),
            duration(event.duration),
            side_words(event.side),
            places_words(event, channels),
            "" if event.probability is None else f"{event.probability:.2f}",
            str(event.extra.get("rule") or ""),
            why_words(event),
        ]
        for number, event in enumerate(events)
    ]
    heads = ["begins", "mark", "what", "lasts", "leg", "where", sureness, "rule", "why"]
    alarms = {n for n, event in enumerate(events) if event.trial_type.endswith("cramp")}
    return _table("Events", heads, _without_empty(heads, rows), cards=cards, alarms=alarms)


def channel_table(channels: Sequence[ChannelReport]) -> Html:
    """Return a row for each signal: what became of it, by which rule, and why."""
    heads = [
        "signal",
        "where",
        "result",
        "rule",
        "why",
        "rate",
        "resting level",
        "usable",
        "artefact",
        "unscorable",
        "gap",
    ]
    rows = [
        [
            names,
            placement_words(channel.placement),
            status_words(channel),
            channel.rule or "",
            channel.reason,
            f"{channel.rate_hz:.6g} Hz",
            "" if channel.resting is None else f"{channel.resting:.3g} {_unit(channel)}",
            duration(channel.valid_s),
            duration(channel.artifact_s),
            duration(channel.unscorable_s),
            _lost(channel),
        ]
        for names, channel in signals_together(channels)
    ]
    return _table("Signals", heads, _without_empty(heads, rows), cards=True)


def origin_table(provenance: Mapping[str, Any]) -> Html:
    """Return settings, versions and input, one row each."""
    found = provenance.get("input", {})
    rows = [
        ("program", f"crampwatch {provenance.get('version', '')}"),
        *_flat("model", provenance.get("model", {})),
        ("scored at", str(provenance.get("scored_at", ""))),
        ("Python", str(provenance.get("python", ""))),
        *((name, str(number)) for name, number in provenance.get("libraries", {}).items()),
        *_flat("setting", provenance.get("settings", {})),
        *_flat("argument", provenance.get("arguments", {})),
        ("format", str(found.get("format", ""))),
        *(
            (f"SHA-256 of {file['name']}", str(file["sha256"]))
            for file in found.get("files", ())
        ),
    ]
    body = [tag("tr", tag("th", name, scope="row"), tag("td", value)) for name, value in rows]
    return tag("table", tag("tbody", *body), class_="origin")


def _lost(channel: ChannelReport) -> str:
    lost = duration(channel.gap_s)
    return f"{lost} in {channel.gaps} gaps" if channel.gaps > 1 else lost


def _flat(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _flat(f"{name} {key}", item)
    elif value is not None:
        yield name, str(value)


def _unit(channel: ChannelReport) -> str:
    return unit_words(channel.unit).partition(" ")[0]


def _without_empty(heads: list[str], rows: list[list[str]]) -> list[list[str]]:
    """Drop the columns, in place in `heads` too, that hold nothing at all."""
    kept = [i for i in range(len(heads)) if not rows or any(row[i] for row in rows)]
    heads[:] = [heads[i] for i in kept]
    return [[row[i] for i in kept] for row in rows]


def _table(
    name: str,
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    cards: bool = False,
    alarms: Collection[int] = (),
) -> Html:
    head = tag("tr", *(tag("th", text, scope="col") for text in heads))
    body = [
        tag(
            "tr",
            *(
                tag("td", html(cell) if cell else Html("&ndash;"), data_label=label)
                for label, cell in zip(heads, row, strict=True)
            ),
            class_="alarm" if number in alarms else None,
        )
        for number, row in enumerate(rows)
    ]
    table = tag(
        "table",
        tag("thead", head),
        tag("tbody", join(body)),
        class_="cards" if cards else None,
        aria_label=name,
    )
    return tag("div", table, class_="scroll", tabindex="0", role="region", aria_label=name)
