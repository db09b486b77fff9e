"""The night beside earlier ones of the same person: a look back, not a test."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...recording.model import Event
from .markup import Html, join, tag
from .told import NightTold
from .words import CRAMPS, duration

if TYPE_CHECKING:
    from ..trend.past_night import PastNight

MOST_NIGHTS = 14

_NOTE = (
    "Counts rise with the hours watched, and chance alone makes them differ from night to"
    " night; crampwatch trend shows all nights, with what can be said of them."
)
_BAR_PX, _HEIGHT_PX = 16, 44


def earlier_panel(told: NightTold, earlier: Sequence[PastNight]) -> Html:
    """Return the section; nothing where there is no earlier night."""
    if not earlier:
        return Html("")
    shown = list(earlier)[-MOST_NIGHTS:]
    heads = ("night", "cramps", "confirmed", "usable", "PLM per hour", "note")
    rows = [
        (
            f"{night.start:%d %b %Y}" if night.start else night.name,
            str(len(night.counted)),
            str(night.confirmed),
            duration(night.valid_s),
            "-" if night.plm_per_h is None else f"{night.plm_per_h:.1f}",
            _notes(simulated=night.simulated, intervened=night.intervened),
        )
        for night in shown
    ]
    counts = [len(night.counted) for night in shown]
    counts.append(sum(counts_as_cramp(event) for event in told.events))
    rows.append(
        (
            "this night",
            str(counts[-1]),
            str(sum(_said(event) == "confirmed" for event in told.events)),
            duration(told.valid_s),
            _index(told),
            _notes(simulated=told.simulated, intervened=told.intervened),
        )
    )
    body = (
        tag(
            "tr",
            *(
                tag("td", cell or "-", data_label=head)
                for head, cell in zip(heads, row, strict=True)
            ),
            class_="alarm" if place == len(rows) - 1 else None,
        )
        for place, row in enumerate(rows)
    )
    head = tag("thead", tag("tr", *(tag("th", head, scope="col") for head in heads)))
    table = tag("table", head, tag("tbody", *body), class_="cards", aria_label="Earlier nights")
    left = len(earlier) - len(shown)
    more = f"The last {len(shown)} of {len(earlier)} earlier nights. " if left else ""
    return join(
        [
            tag("h2", "Beside earlier nights"),
            _bars(counts),
            table,
            tag("p", more + _NOTE, class_="soft"),
        ]
    )


def counts_as_cramp(event: Event) -> bool:
    """Return whether an event counts: found and not denied, or possible and confirmed."""
    if event.trial_type == "possible_cramp":
        return _said(event) == "confirmed"
    return event.trial_type == "cramp" and _said(event) != "denied"


def _said(event: Event) -> object:
    return event.extra.get("confirmation") if event.trial_type in CRAMPS else None


def _index(told: NightTold) -> str:
    for legs in told.legs:
        if legs.by_standard:
            name = "plms_index" if legs.staged else "plm_per_valid_hour"
            index = legs.indices.get(name)
            return "-" if index is None or index.value is None else f"{index.value:.1f}"
    return "-"


def _notes(*, simulated: bool, intervened: bool) -> str:
    return ", ".join(
        word for word, said in (("simulated", simulated), ("alerts told", intervened)) if said
    )


def _bars(counts: Sequence[int]) -> Html:
    """Return the counts as small bars, the newest last; the table holds the numbers."""
    most = max(*counts, 1)
    bars = []
    for place, count in enumerate(counts):
        high = max(2, round((_HEIGHT_PX - 4) * count / most))
        bars.append(
            tag(
                "rect",
                x=str(place * _BAR_PX + 2),
                y=str(_HEIGHT_PX - high),
                width=str(_BAR_PX - 4),
                height=str(high),
                class_="now" if place == len(counts) - 1 else None,
            )
        )
    width = _BAR_PX * len(counts)
    label = "Cramps by night, the oldest first: " + ", ".join(map(str, counts))
    return tag(
        "svg",
        *bars,
        viewBox=f"0 0 {width} {_HEIGHT_PX}",
        width=str(width),
        height=str(_HEIGHT_PX),
        class_="spark",
        role="img",
        aria_label=label,
    )
