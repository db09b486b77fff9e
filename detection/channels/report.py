"""How one signal was scored, and its tracks to draw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ...recording.model import Kind, Side

Scope = Literal["wasm2016", "aasm", "relative", "calf", "accelerometric"]
Status = Literal["ok", "dead", "baseline_unknown", "unscorable"]


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
    gaps, longest_gap_s
        Stretches without samples, and the longest of them, seconds.
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
    gaps: int = 0
    longest_gap_s: float = 0.0


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
