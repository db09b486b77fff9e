"""Stretches without samples: all of them for scoring, few rows for a reader.

A wireless sensor loses packets by the thousand. Each loss stays a gap in the data; rows of
their own are those that keep a contraction from being followed, the rest is counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from ...recording.annotations.columns import LISTED
from ...recording.model import Event
from ..channels.channel import Channel
from ..channels.describe import LOST_SAMPLES
from ..channels.report import ChannelReport
from ..channels.tracks import event_on
from ..settings import Settings

CAUSE = "gap"
"""What column ``cause`` says of them."""

# Less than a minute of signal between two rows is no reason to tell them apart.
_APART_S = 60.0
# Signals of one sensor come in packets of their own, up to half a second long each.
_TOGETHER_S = 1.0
# Marred stretches this near to each other were one, had no sample been lost between them.
_JOIN_S = 2.0


def missing_samples(
    channels: Mapping[int, Channel], reports: Sequence[ChannelReport]
) -> list[Event]:
    """Return every stretch of a scored signal without samples, signal by signal, in order."""
    return [
        event_on(
            reports[number],
            gap.start_s,
            gap.start_s + gap.duration_s,
            "unscorable",
            {"cause": CAUSE},
        )
        for number, channel in channels.items()
        for gap in channel.stream.gaps
        if gap.duration_s * channel.stream.rate_hz > LOST_SAMPLES
    ]


def rows_of_missing(
    missing: Iterable[Event], channels: Mapping[int, Channel], settings: Settings
) -> list[Event]:
    """Return what `missing_samples` found as rows for a reader.

    Losses between which less signal lies than the shortest movement lasts are one; such a one
    is told where it is longer than what the scoring of contractions bridges. What is told
    within a minute is one row, ``gaps`` and ``lost_s`` say how many losses it holds and how
    long they are together. Signals of one sensor that were lost together share a row.
    """
    sensors = {c.stream.label: c.stream.sensor for c in channels.values()}
    told: dict[str, list[_Row]] = {}
    for label, gaps in groupby(missing, key=lambda gap: gap.channel or ""):
        told.setdefault(sensors.get(label, ""), []).extend(_rows(list(gaps), settings))
    return [row.event() for rows in told.values() for row in _shared(rows)]


def joined_over_gaps(events: Iterable[Event], counted: str) -> list[Event]:
    """Return the events, those marred stretches as one that only a loss of samples parts.

    Parameters
    ----------
    events
        Of the night.
    counted
        The cause that is counted, so that nothing of it may be joined.
    """
    kept: list[Event] = []
    last: dict[tuple[str | None, str, object], int] = {}
    for event in sorted(events, key=lambda each: each.onset):
        cause = event.extra.get("cause")
        marred = event.trial_type in ("artifact", "unscorable") and cause not in (None, counted)
        key = event.channel, event.trial_type, cause
        if marred and key in last and event.onset - kept[last[key]].end < _JOIN_S:
            kept[last[key]] = _joined(kept[last[key]], event)
            continue
        if marred:
            last[key] = len(kept)
        kept.append(event)
    return kept


@dataclass(slots=True)
class _Row:
    """One row: what was lost from when to when, on which signals."""

    onset: float
    end: float
    gaps: int
    lost_s: float
    sides: set[str | None]
    labels: list[str]

    def is_loss_of(self, other: _Row) -> bool:
        """Return whether another signal lost the same stretch."""
        return abs(self.end - other.end) < _TOGETHER_S and other.labels[0] not in self.labels

    def take(self, other: _Row) -> None:
        """Take over what another signal lost."""
        self.end = max(self.end, other.end)
        self.gaps, self.lost_s = max(self.gaps, other.gaps), max(self.lost_s, other.lost_s)
        self.sides |= other.sides
        self.labels += other.labels

    def event(self) -> Event:
        several = len(self.labels) > 1
        extra = {"cause": CAUSE, "gaps": self.gaps, "lost_s": round(self.lost_s, 6)}
        if several:
            extra["channels"] = LISTED.join(self.labels)
        known = self.sides - {None}
        side = next(iter(known)) if len(known) == 1 else "both" if known else None
        return Event(
            self.onset,
            self.end - self.onset,
            "unscorable",
            side,
            None if several else self.labels[0],
            extra=extra,
        )


def _rows(gaps: Sequence[Event], settings: Settings) -> Iterator[_Row]:
    """Yield the rows of one signal."""
    voids: list[tuple[int, int]] = []
    for number, gap in enumerate(gaps):
        if voids and gap.onset - gaps[number - 1].end < settings.movement.min_duration_s:
            voids[-1] = voids[-1][0], number
        else:
            voids.append((number, number))
    told: list[tuple[int, int]] = []
    for first, last in voids:
        if gaps[last].end - gaps[first].onset < settings.cramp.bridge_s:
            continue
        if told and gaps[first].onset - gaps[told[-1][1]].end < _APART_S:
            told[-1] = told[-1][0], last
        else:
            told.append((first, last))
    for first, last in told:
        part = gaps[first : last + 1]
        yield _Row(
            part[0].onset,
            part[-1].end,
            len(part),
            sum(gap.duration for gap in part),
            {part[0].side},
            [part[0].channel or ""],
        )


def _shared(rows: Sequence[_Row]) -> list[_Row]:
    """Return the rows of the signals of one sensor, those of one loss as one."""
    kept: list[_Row] = []
    near = 0
    for row in sorted(rows, key=lambda each: (each.onset, each.end)):
        while near < len(kept) and kept[near].onset <= row.onset - _TOGETHER_S:
            near += 1
        home = next((one for one in kept[near:] if one.is_loss_of(row)), None)
        if home is None:
            kept.append(row)
        else:
            home.take(row)
    return kept


def _joined(one: Event, other: Event) -> Event:
    return replace(one, duration=max(one.end, other.end) - one.onset)
