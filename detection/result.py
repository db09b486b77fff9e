"""What the detector says about a night: events, channels, and tracks to look at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..recording.model import Event, Kind, Side
from .settings import Settings

Status = Literal["ok", "dead", "baseline_unknown", "unscorable"]
Scope = Literal["wasm2016", "aasm", "relative", "calf", "accelerometric"]


@dataclass(frozen=True, slots=True)
class ChannelReport:
    """How one signal was scored, and how much of it could be.

    Attributes
    ----------
    label, kind, side, placement, rate_hz, unit
        As in the recording.
    status
        ``ok``; ``dead`` (carries no signal); ``baseline_unknown`` (too little rest to know
        the resting level, so nothing was scored); ``unscorable`` (no usable second).
    rule
        Rule its movements were scored by, None where it was not scored.
    reason
        Why that rule, one sentence.
    resting
        Median resting level over the night (rectified mean in the band), in `unit`.
    band_hz
        Pass band that the levels were measured in, Hz.
    mains_hz
        Mains frequency that had to be removed, or None.
    recorded_s, valid_s, artifact_s, unscorable_s, gap_s
        Seconds recorded, usable, marred by an artefact, not scorable, and missing.
    """

    label: str
    kind: Kind
    side: Side | None
    placement: str | None
    rate_hz: float
    unit: str
    status: Status
    rule: Scope | None
    reason: str
    resting: float | None
    band_hz: tuple[float, float] | None
    mains_hz: float | None
    recorded_s: float
    valid_s: float
    artifact_s: float
    unscorable_s: float
    gap_s: float


@dataclass(frozen=True, slots=True, eq=False)
class Overview:
    """One signal of the night at about two values a second, to draw.

    Attributes
    ----------
    label, kind, side
        As in the recording.
    unit
        Unit of `level`.
    time_s
        Start of each cell, shape ``(n,)``, float64, seconds from the start of the night.
    cell_s
        Length of a cell, seconds.
    level
        EMG: amplitude in the band; acceleration: movement, g. Shape ``(n,)``, float32.
    resting
        Resting level, shape ``(n,)``, NaN where unknown.
    valid
        Whether the cell could be scored, shape ``(n,)``, bool.
    gravity
        Acceleration only: mean vector, shape ``(n, n_axes)``, g; else None.
    """

    label: str
    kind: Kind
    side: Side | None
    unit: str
    time_s: NDArray[np.float64]
    cell_s: float
    level: NDArray[np.float32]
    resting: NDArray[np.float32]
    valid: NDArray[np.bool_]
    gravity: NDArray[np.float32] | None = None


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
    """

    duration_s: float
    events: tuple[Event, ...]
    channels: tuple[ChannelReport, ...]
    overviews: tuple[Overview, ...]
    warnings: tuple[str, ...]
    settings: Settings = field(default_factory=Settings)

    @property
    def valid_s(self) -> float:
        """Seconds of the best-covered scored EMG, or of any scored signal without EMG."""
        scored = [c for c in self.channels if c.status == "ok" and c.rule is not None]
        emg = [c.valid_s for c in scored if c.kind == "emg"]
        return max(emg or [c.valid_s for c in scored], default=0.0)

    def summary(self) -> Mapping[str, Any]:
        """Return counts, rates per valid hour, time by channel and warnings, JSON-ready."""
        counts = Counter(event.trial_type for event in self.events)
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
            "channels": [
                {name: _plain(getattr(channel, name)) for name in ChannelReport.__slots__}
                for channel in self.channels
            ],
            "warnings": list(self.warnings),
        }


def _plain(value: Any) -> Any:
    """Return a JSON-ready value with a sane number of digits."""
    if isinstance(value, float):
        return round(value, 6)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value
