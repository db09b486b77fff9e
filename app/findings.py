"""What was found, as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from ..detection.result import NightScore
from ..recording.model import Event
from .report.words import (
    CRAMPS,
    KINDS,
    clock,
    count_words,
    duration,
    kind_words,
    placement_words,
    side_words,
    signals_together,
    status_words,
)

MOST_CRAMPS = 40


def cramp_rows(
    score: NightScore, start: datetime | None, sureness: str = "probability"
) -> list[tuple[str, ...]]:
    """Return a row for each cramp-like contraction: when, how long, where, how sure."""
    found = [e for e in score.events if e.trial_type in CRAMPS]
    return [
        (
            clock(start, event.onset),
            duration(event.duration),
            kind_words(event),
            side_words(event.side) or "-",
            event.channel or "-",
            "" if event.probability is None else f"{sureness} {event.probability:.2f}",
        )
        for event in found[:MOST_CRAMPS]
    ]


def count_rows(score: NightScore) -> list[tuple[str, str]]:
    """Return a row of count and kind for each kind of event that occurs."""
    counts = dict(score.summary()["counts"])
    kinds = [*(k for k in KINDS if k in counts), *(k for k in counts if k not in KINDS)]
    return [(str(counts[kind]), _kind(kind, counts[kind])) for kind in kinds]


def channel_rows(score: NightScore) -> list[tuple[str, ...]]:
    """Return a row for each signal: what became of it, and by which rule."""
    return [
        (
            names,
            placement_words(channel.placement) or "-",
            status_words(channel),
            f"rule {channel.rule}" if channel.rule else "-",
            f"{duration(channel.valid_s)} usable",
            channel.reason,
        )
        for names, channel in signals_together(score.channels)
    ]


def short(score: NightScore) -> str:
    """Return the counts of all kinds in one line."""
    rows = count_rows(score)
    return ", ".join(f"{count} {kind}" for count, kind in rows) or "nothing found"


def event_words(event: Event) -> Iterator[str]:
    """Yield what an event is and where: kind, side, channel."""
    yield kind_words(event)
    yield side_words(event.side) or "-"
    yield event.channel or "-"


def _kind(kind: str, count: int) -> str:
    return count_words(kind, count).partition(" ")[2]
