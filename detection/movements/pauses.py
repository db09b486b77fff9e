"""Pauses that the envelope hides: a movement ends where half a second is quiet.

The envelope is a running mean. It widens what is strong by its own window and by the ringing
of the band pass, and so bridges a pause that is up to a fifth of a second longer than the half
second that ends a movement. The bursts on the short envelope show such pauses, and the raw
signal their edges.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ...recording.model import Event
from ..channels.channel import Channel
from ..channels.edges import Recall, refine
from ..channels.tracks import EmgTrack
from ..settings import MovementSettings
from ..signal.bursts import LONGEST_S as LONGEST_BURST_S
from ..signal.conditioning import edge_kernel

FOOT_S: Final = 0.015
"""A movement is active from foot to foot; its edges lie half way up, so much within, s."""

# The short envelope errs by this much on the pause between two bursts.
_ERROR_S: Final = 0.15
# The running mean of the envelope reaches this far into a pause.
_REACH_S: Final = 0.1
Spans = NDArray[np.float64]


def split_at_pauses(
    movements: Sequence[Event],
    track: EmgTrack,
    channel: Channel,
    settings: MovementSettings,
    recall: Recall | None,
) -> list[Event]:
    """Return movements that no pause of `MovementSettings.quiet_s` divides.

    What is shorter than `MovementSettings.min_duration_s` after the split, or does not reach
    the threshold of the onset, is left out. Movements on tone are never quiet and stay.

    Parameters
    ----------
    movements
        Movements of one muscle.
    track, channel
        Its cells and its pipeline.
    settings
        Thresholds.
    recall
        A way to read its raw numbers again; without it the edges of the bursts serve.
    """
    spans = burst_spans(channel)
    found: list[Event] = []
    for event in movements:
        own = _within(spans, event)
        wide = own[1:, 0] - own[:-1, 1] >= settings.quiet_s - _ERROR_S
        between = np.column_stack([own[:-1, 1], own[1:, 0]])[wide]
        if recall is not None:
            between = _to_the_sample(between, channel, recall)
        pauses = [
            (start, end)
            for start, end in between.tolist()
            if end - start - 2 * FOOT_S >= settings.quiet_s
            and _is_quiet(start, end, track, settings)
        ]
        found += _parts(event, pauses, track, settings) if pauses else [event]
    return found


def burst_spans(channel: Channel) -> Spans:
    """Return onset and end of each burst of a channel, seconds, shape ``(n, 2)``."""
    starts = np.array(channel.segment_starts)
    hops = np.array([(n, b.first, b.last) for n, b in channel.bursts]).reshape(-1, 3)
    times = starts[hops[:, 0].astype(int), None] + hops[:, 1:] * channel.grid.hop_s
    return np.asarray(times, np.float64)


def _within(spans: Spans, event: Event) -> Spans:
    first = int(np.searchsorted(spans[:, 0], event.onset - LONGEST_BURST_S))
    last = int(np.searchsorted(spans[:, 0], event.end))
    own = spans[first:last]
    return own[own[:, 1] > event.onset]


def _to_the_sample(between: Spans, channel: Channel, recall: Recall) -> Spans:
    """Return where the muscle stops and starts again, shape ``(n, 2)``, from raw numbers."""
    starts, rate = np.array(channel.segment_starts), channel.stream.rate_hz
    kernel = edge_kernel(rate)
    exact = between.copy()
    for row, column in np.ndindex(*between.shape):
        at_s = float(between[row, column])
        segment = int(np.searchsorted(starts, at_s, "right")) - 1
        n = len(channel.stream.segments[segment])
        coarse = round((at_s - float(starts[segment])) * rate)
        raw = partial(recall, segment)
        at = refine(raw, kernel, coarse, n, rate, rising=column == 1)
        exact[row, column] = float(starts[segment]) + at / rate
    return exact


def _is_quiet(start: float, end: float, track: EmgTrack, settings: MovementSettings) -> bool:
    cells = track.cells(start, end)
    fine = track.fine[cells]
    if not fine.size:
        return False
    step = track.cell_s / fine.shape[1]
    begin = track.time_s[cells, None] + step * np.arange(fine.shape[1])
    inner = (begin >= start + _REACH_S) & (begin + step <= end - _REACH_S)
    lower = _above(track, cells, settings.offset_uv, settings.offset_ratio)
    return bool(inner.any() and (fine <= lower)[inner].all())


def _parts(
    event: Event,
    pauses: Sequence[tuple[float, float]],
    track: EmgTrack,
    settings: MovementSettings,
) -> list[Event]:
    starts = [event.onset, *(end for _, end in pauses)]
    ends = [*(start for start, _ in pauses), event.end]
    found = []
    for start, end in zip(starts, ends, strict=True):
        if end - start + 2 * FOOT_S < settings.min_duration_s:
            continue
        cells = track.cells(start, end)
        fine = track.fine[cells]
        step = track.cell_s / fine.shape[1]
        begin = track.time_s[cells, None] + step * np.arange(fine.shape[1])
        own = (begin + step > start) & (begin < end)
        upper = _above(track, cells, settings.onset_uv, settings.onset_ratio)
        if not (fine >= upper)[own].any():
            continue
        mean = float(fine[own].mean(dtype=np.float64))
        resting = max(float(track.resting[cells.start]), 1e-9)
        extra = {"amplitude": round(mean, 3), "ratio": round(mean / resting, 2)}
        found.append(
            replace(event, onset=start, duration=end - start, extra={**event.extra, **extra})
        )
    return found


def _above(track: EmgTrack, cells: slice, uv: float, ratio: float) -> NDArray[np.float64]:
    """Return a threshold of the rule that the channel is scored by, shape ``(n, 1)``."""
    resting = track.resting[cells, None]
    absolute = track.report.rule in {"wasm2016", "aasm"}
    return np.asarray(resting + uv if absolute else resting * ratio)
