"""How each kind of event is drawn; never by colour alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...recording.model import Event
from .words import KINDS


@dataclass(frozen=True, slots=True)
class Look:
    """How one kind of event is drawn.

    Attributes
    ----------
    lane
        Short name beside its lane.
    symbol
        The marker as a character, for the key.
    marker
        The marker as Bokeh names it.
    colour
        Readable on white and on black.
    hollow
        Whether the marker is an outline.
    hatched
        Whether its bands are hatched.
    """

    lane: str
    symbol: str
    marker: str
    colour: str
    hollow: bool = False
    hatched: bool = False


_LOOKS = {
    "cramp": Look("cramp", "▼", "inverted_triangle", "#d55e00"),
    "possible_cramp": Look("cramp?", "◇", "diamond", "#c98a00", hollow=True),
    "large_movement": Look("large", "■", "square", "#3d8fd1"),
    "PLM": Look("series", "●", "circle", "#b5679b"),
    "LM": Look("leg", "○", "circle", "#1b9e77", hollow=True),
    "artifact": Look("artefact", "✕", "x", "#8a8a8a"),
    "unscorable": Look("blind", "▨", "asterisk", "#8a8a8a", hatched=True),
}
_OTHER = Look("other", "✚", "cross", "#7a7fd0")


def look_of(kind: str) -> Look:
    """Return the look of a kind of event; that of ``other`` for a kind without its own."""
    return _LOOKS.get(kind, _OTHER)


def lane_of(event: Event) -> str:
    """Return the kind whose lane an event lies in."""
    return event.trial_type if event.trial_type in _LOOKS else "other"


def lanes_of(events: Sequence[Event]) -> list[str]:
    """Return the kinds that need a lane, from top to bottom; cramps always have theirs."""
    present = {lane_of(event) for event in events} | {"cramp", "possible_cramp"}
    known = [kind for kind in KINDS if kind in _LOOKS]
    return [kind for kind in (*known, "other") if kind in present]


def cramp_names(events: Sequence[Event]) -> dict[int, str]:
    """Return a short name for each cramp-like contraction, by its place in `events`."""
    names: dict[int, str] = {}
    letters = {"cramp": "C", "possible_cramp": "P"}
    seen = dict.fromkeys(letters, 0)
    for number, event in enumerate(events):
        if event.trial_type in letters:
            seen[event.trial_type] += 1
            names[number] = f"{letters[event.trial_type]}{seen[event.trial_type]}"
    return names
