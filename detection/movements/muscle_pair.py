"""The calf and the shin of one leg, held against each other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from ..channels.describe import CALF_MUSCLES
from ..channels.tracks import EmgTrack

Span = tuple[float, float]


def calf_and_shin(
    tracks: Iterable[EmgTrack], side: str | None
) -> tuple[EmgTrack | None, EmgTrack | None]:
    """Return the channels of a calf muscle and of tibialis anterior of a leg, as far as worn.

    Of several calf muscles the medial head of gastrocnemius is taken, else the first.
    """
    own = {t.report.placement: t for t in tracks if side is not None and t.report.side == side}
    calves = sorted(own.keys() & CALF_MUSCLES, key=lambda name: (name != "GM", name))
    return own[calves[0]] if calves else None, own.get("TA")


def share_of(calf: EmgTrack, shin: EmgTrack, spans: Iterable[Span]) -> float:
    """Return the level of the calf over that of the shin, above rest; NaN where unknown.

    In microvolts where both channels have them, else in multiples of rest.
    """
    absolute = calf.report.unit == shin.report.unit == "uV"
    listed = list(spans)
    one, other = (_excess(track, listed, absolute=absolute) for track in (calf, shin))
    return one / other if other > 0 else float("nan")


def common(one: Sequence[Span], other: Sequence[Span]) -> list[Span]:
    """Return the stretches that lie in both lists, each sorted and free of overlap."""
    found: list[Span] = []
    at = 0
    for start, end in one:
        while at < len(other) and other[at][1] <= start:
            at += 1
        for number in range(at, len(other)):
            low, high = other[number]
            if low >= end:
                break
            found.append((max(start, low), min(end, high)))
    return found


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
