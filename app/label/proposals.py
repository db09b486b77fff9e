"""What the detector proposes, the most uncertain first."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ...recording.annotations.tsv import read_events
from ...recording.model import Event
from .labels import TYPES

_NO_PROPOSAL = ("artifact", "unscorable")


@dataclass(frozen=True, slots=True)
class Proposal:
    """An event of the detector.

    Attributes
    ----------
    key
        Identity: the same for the same event of another reading.
    event
        What is proposed.
    """

    key: str
    event: Event

    @property
    def uncertainty(self) -> float:
        """How far the probability lies from one half; 1 where there is none."""
        probability = self.event.probability
        return 1.0 if probability is None else abs(probability - 0.5)


def read_proposals(path: Path) -> tuple[Proposal, ...]:
    """Read the proposals in an ``events.tsv``; errors as `read_events`.

    Returns
    -------
    tuple of Proposal
        The most uncertain first, those without a probability last, by onset.
    """
    return proposals_of(read_events(path))


def proposals_of(events: Iterable[Event]) -> tuple[Proposal, ...]:
    """Return the events that can be accepted or rejected, the most uncertain first."""
    found: dict[str, Proposal] = {}
    for event in events:
        if event.trial_type in TYPES and event.trial_type not in _NO_PROPOSAL:
            key = _key(event)
            found.setdefault(key, Proposal(key, event))
    return tuple(sorted(found.values(), key=lambda p: (p.uncertainty, p.event.onset, p.key)))


def own_proposals(folder: Path) -> Path | None:
    """Return the ``events.tsv`` that `score` wrote into the folder of the night, if any."""
    events = folder / "events.tsv"
    try:
        origin = json.loads((folder / "provenance.json").read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    is_own = isinstance(origin, dict) and origin.get("program") == "crampwatch"
    return events if is_own and events.is_file() else None


def _key(event: Event) -> str:
    facts = f"{event.onset:.3f} {event.duration:.3f} {event.trial_type} {event.channel}"
    return hashlib.sha256(facts.encode()).hexdigest()[:16]
