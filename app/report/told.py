"""A scored night as its tables tell it: all that the page is made from.

The page of a night that was just scored and the page made anew from its folder go through the
same entries, so that no number on a page can differ from the tables beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from ...detection.channels.report import ChannelReport
from ...detection.movements.leg_score import LegScore, headline
from ...detection.result import NightScore
from ...recording.model import Event, Night, Stream
from ..diary.said import Said
from .tracks import MOST_EVENTS, MOST_TRACKS, DrawnTrack, drawn_track
from .words import KINDS, is_simulated

NOT_AT_HAND = "The recording itself was not at hand when this page was made"


@dataclass(frozen=True, slots=True)
class Index:
    """A number of leg movements with what it means."""

    value: float | None
    unit: str
    definition: str


@dataclass(frozen=True, slots=True)
class Hour:
    """The periodic movements of one hour of the night; times in seconds."""

    start_s: float
    end_s: float
    count: int
    per_h: float | None


@dataclass(frozen=True, slots=True)
class Histogram:
    """Intervals between candidates, as in ``summary.json``."""

    edges_s: tuple[float, ...]
    counts: tuple[int, ...]
    below: int
    above: int


@dataclass(frozen=True, slots=True)
class LegsTold:
    """The leg movements of one basis, as in ``summary.json``.

    Attributes
    ----------
    basis, by_standard, about
        What they were found by, whether that is a standard, and what was found in a sentence.
    counts, indices
        By name.
    series
        Number of periodic series.
    intervals, hours
        Of the candidates, and of the periodic movements.
    staged
        Whether the stages of sleep are known.
    warnings
        What the reader must know, one sentence each.
    """

    basis: str
    by_standard: bool
    about: str
    counts: Mapping[str, int | None]
    indices: Mapping[str, Index]
    series: int
    intervals: Histogram
    hours: tuple[Hour, ...]
    staged: bool
    warnings: tuple[str, ...]

    @classmethod
    def of_summary(cls, entry: Mapping[str, Any]) -> LegsTold:
        """Return the entry ``by_rule`` of one basis."""
        histogram = entry["intervals"]["histogram"]
        return cls(
            basis=entry["rule"],
            by_standard=entry["by_standard"],
            about=entry["about"],
            counts=dict(entry["counts"]),
            indices={
                name: Index(one["value"], one["unit"], one["definition"])
                for name, one in entry["indices"].items()
            },
            series=entry["series"]["n"],
            intervals=Histogram(
                tuple(histogram["edges_s"]),
                tuple(histogram["counts"]),
                histogram["below"],
                histogram["above"],
            ),
            hours=tuple(
                Hour(one["start_s"], one["end_s"], one["count"], one["per_h"])
                for one in entry["hours"] or ()
            ),
            staged=entry["sleep"] is not None,
            warnings=tuple(entry["warnings"]),
        )

    def rows(self) -> list[tuple[str, str]]:
        """Return a row of number and meaning for each count and rate."""
        counts = list(self.counts.values())
        rows = [
            (str(counts[0]), "leg movements, legs combined"),
            (str(counts[1]), "of them candidates for series"),
            (str(counts[2]), f"in {self.series} periodic series"),
        ]
        for name, index in self.indices.items():
            if index.unit == "1/h" and not (self.staged and name.endswith("valid_hour")):
                number = "n/a" if index.value is None else f"{index.value:.1f}"
                rows.append((number, index.definition))
        return rows

    @property
    def worth_telling(self) -> bool:
        """Whether its sentence belongs to the first ones."""
        return self.by_standard or bool(list(self.counts.values())[2])


@dataclass(frozen=True, slots=True, eq=False)
class NightTold:
    """A scored night as its tables tell it.

    Attributes
    ----------
    name, start, simulated
        Of the recording.
    duration_s, valid_s, events, channels, warnings
        As in the score.
    notes
        Of the recording, one sentence each.
    legs_headline, legs
        Leg movements by the book, the standard first.
    provenance
        Where the score comes from.
    tracks, signals
        Levels to draw, and how many signals there are in all.
    stages
        Stages of sleep as events, where they are known.
    said
        What the sleeper said, or None.
    intervened
        Whether alerts were told in the night.
    streams
        The recording itself, where it is at hand.
    without
        Why there are no traces or no levels, a sentence; nothing where there are.
    """

    name: str
    start: datetime | None
    simulated: bool
    duration_s: float
    valid_s: float
    events: tuple[Event, ...]
    channels: tuple[ChannelReport, ...]
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    legs_headline: str = ""
    legs: tuple[LegsTold, ...] = ()
    provenance: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    tracks: tuple[DrawnTrack, ...] = ()
    signals: int = 0
    stages: tuple[Event, ...] = ()
    said: Said | None = None
    intervened: bool = False
    streams: tuple[Stream, ...] = ()
    without: str = ""


def night_told(
    name: str,
    night: Night,
    score: NightScore,
    provenance: Mapping[str, Any],
    said: Said | None = None,
    *,
    intervened: bool = False,
    stages: Sequence[Event] = (),
) -> NightTold:
    """Return what the page of a night that was just scored is made from."""
    drawn = most_important(score.events, MOST_EVENTS)
    return NightTold(
        name=name,
        start=night.start,
        simulated=is_simulated(night),
        duration_s=score.duration_s,
        valid_s=score.valid_s,
        events=score.events,
        channels=score.channels,
        warnings=score.warnings,
        notes=night.notes,
        legs_headline=headline(score.legs) if score.legs else "",
        legs=legs_told(score.legs),
        provenance=provenance,
        tracks=tuple(drawn_track(one, drawn) for one in score.overviews[:MOST_TRACKS]),
        signals=len(score.overviews),
        stages=tuple(stages),
        said=said,
        intervened=intervened,
        streams=night.streams,
        without="" if night.streams else f"{NOT_AT_HAND}: no traces are drawn.",
    )


def legs_told(legs: Sequence[LegScore]) -> tuple[LegsTold, ...]:
    """Return each basis as ``summary.json`` tells it."""
    return tuple(LegsTold.of_summary(one.summary()) for one in legs)


def most_important(events: Sequence[Event], most: int) -> list[Event]:
    """Return at most `most` events, the most important kinds first to stay, by onset.

    Of the kind that fits in part only, every so manyth stays: the end of a night is not shown
    empty because its beginning was busy.
    """
    if len(events) <= most:
        return list(events)
    places: dict[str, list[int]] = {}
    for number, event in enumerate(events):
        places.setdefault(event.trial_type, []).append(number)
    kept: list[int] = []
    for kind in (*KINDS, *sorted(places.keys() - set(KINDS))):
        found, room = places.get(kind, []), most - len(kept)
        share = min(room, len(found))
        kept += [found[n * len(found) // share] for n in range(share)]
    return [events[number] for number in sorted(kept)]
