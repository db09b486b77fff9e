"""The calf and the shin of one leg, held against each other."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from ..channels.tracks import EmgTrack

Span = tuple[float, float]


def muscle_of(tracks: Iterable[EmgTrack], side: str | None, placement: str) -> EmgTrack | None:
    """Return the channel of a muscle (``GM``, ``TA``) of a leg, None where there is none."""
    wanted = (t for t in tracks if t.report.side == side and t.report.placement == placement)
    return next(wanted, None) if side is not None else None


def share_of(calf: EmgTrack, shin: EmgTrack, spans: Iterable[Span]) -> float:
    """Return the level of the calf over that of the shin, above rest; NaN where unknown.

    In microvolts where both channels have them, else in multiples of rest.
    """
    absolute = calf.report.unit == shin.report.unit == "uV"
    listed = list(spans)
    one, other = (_excess(track, listed, absolute=absolute) for track in (calf, shin))
    return one / other if other > 0 else float("nan")


def common(one: Iterable[Span], other: Iterable[Span]) -> list[Span]:
    """Return the stretches that lie in both lists of stretches without overlap."""
    listed = list(other)
    found = [(max(a, c), min(b, d)) for a, b in one for c, d in listed]
    return sorted((start, end) for start, end in found if end > start)


def _excess(track: EmgTrack, spans: Iterable[Span], *, absolute: bool) -> float:
    parts: list[NDArray[np.float64]] = []
    for start, end in spans:
        cells = track.cells(start, end)
        fine, rest = track.fine[cells], track.resting[cells, None]
        step = track.cell_s / fine.shape[1]
        middle = track.time_s[cells, None] + step * (np.arange(fine.shape[1]) + 0.5)
        keep = (middle >= start) & (middle < end) & track.valid[cells, None]
        above = fine - rest if absolute else fine / np.maximum(rest, 1e-9) - 1.0
        parts.append(np.asarray(above[keep], np.float64))
    levels = np.concatenate(parts) if parts else np.empty(0)
    return float(levels.mean()) if levels.size else float("nan")
