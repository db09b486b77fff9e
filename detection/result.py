"""What the detector says about a night: events, channels, and tracks to look at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..recording.model import Event, Side
from .agreement import Agreement, compare_scorings, night_spans
from .channels.report import ChannelReport, Overview
from .cramps.candidates import Candidate
from .movements.leg_score import STANDARDS, LegScore, overall
from .movements.motor_events import MotorScore
from .settings import Settings

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the live engine says while the night runs.

    Attributes
    ----------
    event
        The event as far as it is known; provisional.
    decided_at
        Time of the newest sample when it was decided, seconds from the start of the night.
    ongoing
        Whether the event had not ended yet.
    """

    event: Event
    decided_at: float
    ongoing: bool


@dataclass(frozen=True, slots=True, eq=False)
class NightScore:
    """The scored night.

    Attributes
    ----------
    duration_s
        Length of the night, seconds.
    events
        Sorted by onset.
    channels
        One report for each signal, in the order of the recording.
    overviews
        Tracks to draw, for EMG and acceleration.
    warnings
        What the reader must know, one sentence each.
    settings
        Settings the score was made with.
    legs
        Leg movements by the book, one entry for each basis, the standard first.
    motor
        The other leg motor events, None where they were not looked for.
    candidates
        Every sustained contraction that was looked at, with its features, and its cut views
        where these were asked for.
    missing
        Every stretch of a scored signal without samples; `events` tells the long ones and
        groups them.
    """

    duration_s: float
    events: tuple[Event, ...]
    channels: tuple[ChannelReport, ...]
    overviews: tuple[Overview, ...]
    warnings: tuple[str, ...]
    settings: Settings = field(default_factory=Settings)
    legs: tuple[LegScore, ...] = ()
    motor: MotorScore | None = None
    candidates: tuple[Candidate, ...] = ()
    missing: tuple[Event, ...] = ()

    @property
    def valid_s(self) -> float:
        """Seconds of the best-covered scored EMG, or of any scored signal without EMG."""
        scored = [c for c in self.channels if c.status == "ok" and c.rule is not None]
        emg = [c.valid_s for c in scored if c.kind == "emg"]
        return max(emg or [c.valid_s for c in scored], default=0.0)

    def summary(self) -> Mapping[str, Any]:
        """Return counts, rates, leg movements, time by channel and warnings, JSON-ready.

        ``counts`` are rows by type; a movement in a series counts as ``PLM`` only by a
        standard, else as ``LM``. ``leg_movements`` counts by the book, legs combined.
        """
        counts = Counter(_counted_as(event) for event in self.events)
        hours = self.valid_s / 3600.0
        return {
            "duration_s": round(self.duration_s, 6),
            "valid_s": round(self.valid_s, 6),
            "counts": dict(sorted(counts.items())),
            "per_valid_hour": {
                kind: round(count / hours, 3) if hours > 0 else None
                for kind, count in sorted(counts.items())
                if kind not in ("artifact", "unscorable")
            },
            "leg_movements": overall(self.legs),
            "motor_events": None if self.motor is None else self.motor.summary(),
            "channels": [
                {name: _plain(getattr(channel, name)) for name in ChannelReport.__slots__}
                for channel in self.channels
            ],
            "warnings": list(self.warnings),
        }

    @property
    def standard(self) -> LegScore | None:
        """Leg movements by the standard, None where no signal could be scored so."""
        return next((score for score in self.legs if score.by_standard), None)

    def table(self) -> pd.DataFrame:
        """Return one row for each event, with the columns of ``events.tsv``."""
        from ..recording.annotations.frame import to_frame

        return to_frame(self.events)

    def mask(
        self,
        times: NDArray[np.float64],
        kinds: Collection[str] = ("cramp",),
        side: Side | None = None,
    ) -> NDArray[np.bool_]:
        """Return which times lie in an event.

        Parameters
        ----------
        times
            Seconds from the start of the recording, any shape.
        kinds
            Types of event.
        side
            Only events of this leg, or of both; by default of any.

        Returns
        -------
        numpy.ndarray
            Shape of `times`, bool. An event covers its onset and not its end.
        """
        own = [
            event
            for event in self.events
            if event.trial_type in kinds and (side is None or event.side in (side, "both"))
        ]
        start = np.sort(np.array([event.onset for event in own], np.float64))
        stop = np.sort(np.array([event.end for event in own], np.float64))
        begun = np.searchsorted(start, times, side="right")
        over = np.searchsorted(stop, times, side="right")
        return np.asarray(begun > over)

    def compare(
        self, other: NightScore, kinds: Collection[str] = ("PLM",)
    ) -> dict[str, Agreement]:
        """Compare with another score of the same night; this one is the reference.

        An event is never matched with one of the other leg: the legs are compared one after
        the other, and kappa goes by their time together.

        Parameters
        ----------
        other
            Score to judge.
        kinds
            Types of event; a movement in a series is ``PLM`` only by a standard, else ``LM``.

        Returns
        -------
        dict
            By criterion: ``overlap`` (intersection over union of at least 0.2), ``half``
            (of at least 0.5) and ``onset`` (onsets within 0.5 s).
        """
        mine = [event for event in self.events if _counted_as(event) in kinds]
        theirs = [event for event in other.events if _counted_as(event) in kinds]
        night_s = max(self.duration_s, other.duration_s)
        ours, others, length = night_spans(mine, theirs, night_s)
        rates = [None if s is None else s.rate for s in (self.standard, other.standard)]
        difference = None
        if rates[0] is not None and rates[1] is not None:
            difference = rates[1] - rates[0]
        criteria: dict[str, dict[str, float]] = {
            "overlap": {"min_iou": 0.2},
            "half": {"min_iou": 0.5},
            "onset": {"onset_tolerance_s": 0.5},
        }
        return {
            name: compare_scorings(
                ours,
                others,
                duration_s=length if length > 0 else None,
                index_difference=difference,
                **limit,
            )
            for name, limit in criteria.items()
        }


def _counted_as(event: Event) -> str:
    rule = event.extra.get("rule")
    if event.trial_type == "PLM" and rule and rule not in STANDARDS:
        return "LM"
    return event.trial_type


def _plain(value: Any) -> Any:
    """Return a JSON-ready value with a sane number of digits."""
    if isinstance(value, float):
        return round(value, 6)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value
