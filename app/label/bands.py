"""Labels, proposals and marks as bands over the signals and as lanes below them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...recording.model import Event
from ..report.looks import look_of
from .desk import Chosen, Desk
from .tracks import Tracks
from .window import Window

LANE = 0.3
"""Height of a lane, where a track has 1."""

YOURS = "your labels"
PROPOSED = "detector"
SLEEPER = "marks"

_ALPHA = {"label": 0.30, "proposal": 0.10, "rejected": 0.0, "other": 0.22, "mark": 0.15}
_DASHED = ("proposal", "rejected")
_PATTERN_PX = 5.0
PATTERNS = ("", "right_diagonal_line", "horizontal_line")
"""How bands are filled: what could not be scored and what was rejected is hatched."""

_MOST_NAMES = 150
_NARROWEST_PX = 14.0
_LANE_NAME_PX = 84.0
_TRACK_NAME_PX = 150.0


@dataclass(frozen=True, slots=True)
class Band:
    """A span of the night in a lane or over a track.

    Attributes
    ----------
    event
        What it is.
    bottom, top
        On the axis of the figure.
    kind
        ``label``, ``proposal``, ``rejected``, ``other`` or ``mark``.
    key
        Identity of the label or proposal; empty for what cannot be selected.
    """

    event: Event
    bottom: float
    top: float
    kind: str
    key: str = ""


@dataclass(slots=True)
class Lanes:
    """Which lanes there are below the tracks, from top to bottom."""

    tracks: Tracks
    others: Mapping[str, Sequence[Event]] = field(default_factory=dict)
    marks: Sequence[Event] = ()

    def names(self, desk: Desk) -> list[str]:
        """Return the names of the lanes."""
        names = [YOURS]
        if desk.proposals:
            names.append(PROPOSED)
        names += list(self.others)
        if self.marks:
            names.append(SLEEPER)
        return names

    def row_names(self, desk: Desk, window: Window) -> tuple[list[float], list[str]]:
        """Return heights and texts of what stands at the left of tracks and lanes."""
        tracks, lanes = range(len(self.tracks)), self.names(desk)
        heights = [-float(number) - 0.06 for number in tracks]
        heights += [self.span(name, desk)[1] - 0.02 for name in lanes]
        marker = ["▸ " if number == window.track else "" for number in tracks]
        return heights, [*(marker[n] + self.tracks.name(n, window) for n in tracks), *lanes]

    def span(self, name: str, desk: Desk) -> tuple[float, float]:
        """Return bottom and top of a lane."""
        top = -len(self.tracks) - LANE * self.names(desk).index(name)
        return top - LANE, top

    def bands(self, desk: Desk) -> list[Band]:
        """Return all that is marked, what can be selected last."""
        found: list[Band] = []
        inset = 0.04
        if self.marks:
            low, high = self.span(SLEEPER, desk)
            found += [Band(e, low + inset, high - inset, "mark") for e in self.marks]
        for name, events in self.others.items():
            low, high = self.span(name, desk)
            found += [Band(e, low + inset, high - inset, "other") for e in events]
        for proposal in desk.proposals:
            low, high = self.span(PROPOSED, desk)
            verdict = desk.verdict(proposal)
            kind = "rejected" if verdict == "rejected" else "proposal"
            found.append(Band(proposal.event, low + inset, high - inset, kind, proposal.key))
            if verdict is None:
                found += self._over(proposal.event, kind, proposal.key)
        low, high = self.span(YOURS, desk)
        for key, label in desk.labels.in_order():
            event = label.as_event()
            found.append(Band(event, low + inset, high - inset, "label", key))
            found += self._over(event, "label", key)
        return found

    def over(self, event: Event) -> tuple[float, float]:
        """Return bottom and top of an event over the tracks: its own, or all."""
        row = self.tracks.number(event.channel)
        if row is None:
            return -float(len(self.tracks)), 0.0
        return -row - 1.0, -float(row)

    def _over(self, event: Event, kind: str, key: str) -> list[Band]:
        low, high = self.over(event)
        return [Band(event, low + 0.02, high - 0.02, kind, key)]


def band_columns(bands: Sequence[Band], per_px: float = 0.0) -> dict[str, list[Any]]:
    """Return the columns that bands are drawn from; never by colour alone.

    Parameters
    ----------
    bands
        What to draw.
    per_px
        Seconds in a column of the screen: what is narrower than a few gets no pattern, which
        nobody would see and which takes long to draw.
    """
    looks = [look_of(band.event.trial_type) for band in bands]
    narrow = [band.event.duration < _PATTERN_PX * per_px for band in bands]
    return {
        "left": [band.event.onset for band in bands],
        "right": [band.event.end for band in bands],
        "bottom": [band.bottom for band in bands],
        "top": [band.top for band in bands],
        "colour": [look.colour for look in looks],
        "alpha": [
            _ALPHA[band.kind] * (2.0 if band.top - band.bottom < LANE else 1.0)
            for band in bands
        ],
        "dash": [
            "dashed" if band.kind in _DASHED and not thin else "solid"
            for band, thin in zip(bands, narrow, strict=True)
        ],
    }


def pattern_of(band: Band, per_px: float) -> str:
    """Return the pattern that a band is filled with, as Bokeh names it; or nothing."""
    if band.event.duration < _PATTERN_PX * per_px:
        return ""
    if band.kind == "rejected":
        return "horizontal_line"
    return "right_diagonal_line" if look_of(band.event.trial_type).hatched else ""


def in_sight(bands: Sequence[Band], window: Window) -> list[Band]:
    """Return the bands of which a part is shown."""
    start, end = window.start_s, window.end_s
    return [band for band in bands if band.event.onset <= end and band.event.end >= start]


def name_columns(bands: Sequence[Band], window: Window, px: float) -> dict[str, list[Any]]:
    """Return the names of bands in sight that are wide enough for a symbol."""
    per_px = window.width_s / max(px, 1.0)
    x, y, text = [], [], []
    for band in bands[-_MOST_NAMES:]:
        # what stands at the left edge of its row is not written over
        gutter = _LANE_NAME_PX if band.top - band.bottom < LANE else _TRACK_NAME_PX
        left = max(band.event.onset, window.start_s + gutter * per_px)
        room = (min(band.event.end, window.end_s) - left) / per_px
        words = _words(band, room)
        if words:
            x.append(left)
            y.append(band.top)
            text.append(words)
    return {"x": x, "y": y, "text": text}


def hit(bands: Sequence[Band], at_s: float, height: float, reach_s: float) -> Chosen | None:
    """Return what was clicked: the shortest band there that can be selected."""
    found = [
        band
        for band in bands
        if band.key
        and band.bottom <= height <= band.top
        and band.event.onset - reach_s <= at_s <= band.event.end + reach_s
    ]
    if not found:
        return None
    best = min(found, key=lambda band: (band.kind != "label", band.event.duration))
    return Chosen("label" if best.kind == "label" else "proposal", best.key)


def _words(band: Band, room_px: float) -> str:
    event = band.event
    look = look_of(event.trial_type)
    if band.kind == "mark":
        text = str(event.extra.get("text") or "mark")
        return _cut(f"✎ {text}", room_px)
    full = f"{look.symbol} {look.lane}"
    if band.kind == "proposal":
        full += " ?" if event.probability is None else f" {event.probability:.2f}?"
    if band.kind == "rejected":
        full = f"✗ {full}"
    note = event.extra.get("text")
    if note and band.kind == "label":
        full += f": {note}"
    return _cut(full, room_px)


def _cut(text: str, room_px: float) -> str:
    if room_px < _NARROWEST_PX:
        return ""
    most = max(1, int(room_px / 7.0))
    return (
        text
        if len(text) <= most
        else text[: max(1, most - 1)].rstrip() + ("…" if most > 3 else "")
    )
