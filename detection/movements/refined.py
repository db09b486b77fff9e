"""Movements on an envelope seen closely: twitches that look like one, and those on tone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import median_filter

from ...recording.model import Event
from ..channels.channel import Channel, Found
from ..channels.tracks import EmgTrack
from ..settings import MovementSettings
from ..signal.bursts import LONGEST_S as LONGEST_BURST_S
from ..signal.scanner import Movement, active_runs
from .pauses import burst_spans

TONE_S: Final = 45.0
"""What lasts longer than the longest large movement is tone, seconds."""

LONGEST_CANDIDATE_S: Final = 10.0
"""Longest movement of one leg that can be periodic, seconds (WASM 2016, AASM)."""

_HALF_S: Final = 0.5
# Half of the half second, less what the edges of two bursts may err by.
_ACTIVE_S: Final = 0.22
_REST_S: Final = 60.0


def without_twitches(movements: Sequence[Event], channel: Channel) -> list[Event]:
    """Leave out movements made of twitches too brief and too far apart for one.

    By the standard a movement holds a half second whose median is above the lower threshold.
    The envelope widens every twitch, so that the pause between two looks active. The bursts
    on the short envelope do not: one half second must be active for half of it.

    Parameters
    ----------
    movements
        Movements of one muscle.
    channel
        Its pipeline.
    """
    spans = burst_spans(channel)
    return [event for event in movements if not _is_twitching(event, spans)]


def is_tone(
    found: Found, track: EmgTrack, channel: Channel, settings: MovementSettings
) -> bool:
    """Return whether a stretch is too long for a movement, or too long for one so weak.

    Tone and noise that swell stay between the two thresholds for long, and touch the upper
    one by chance. Such a stretch is longer than any candidate movement and on average below
    the threshold of the onset.
    """
    one, start_s = found.movement, channel.segment_starts[found.segment]
    lasts_s = (one.last - one.first) * channel.grid.hop_s
    if lasts_s <= LONGEST_CANDIDATE_S:
        return False
    begin = start_s + one.first * channel.grid.hop_s
    resting = float(np.median(track.resting[track.cells(begin, begin + lasts_s)]))
    onset = resting + settings.onset_uv if found.absolute else resting * settings.onset_ratio
    return lasts_s > TONE_S or one.mean < onset


def on_tone(
    found: Found, track: EmgTrack, channel: Channel, settings: MovementSettings
) -> list[Found]:
    """Return the movements on a stretch that is active for too long to be one.

    Tone lifts the level for minutes; what rises from it by the thresholds of the rule, and
    by as much again as the tone itself, is a movement.

    Parameters
    ----------
    found
        The stretch.
    track, channel
        Cells and pipeline of the muscle.
    settings
        Thresholds.
    """
    rate, grid = channel.stream.rate_hz, channel.grid
    start_s = channel.segment_starts[found.segment]
    hop_s = grid.hop_s
    one = found.movement
    cells = track.cells(start_s + one.first * hop_s, start_s + one.last * hop_s)
    fine = track.fine[cells]
    if not fine.size:
        return []
    per_cell = fine.shape[1]
    size = max(3, round(_REST_S / track.cell_s)) | 1
    tone = np.repeat(median_filter(track.level[cells], size, mode="nearest"), per_cell)
    resting = np.repeat(track.resting[cells], per_cell)
    upper = np.maximum(tone * settings.onset_ratio_on_tone, tone + settings.onset_uv)
    lower = np.maximum(tone * settings.offset_ratio_on_tone, tone + settings.offset_uv)
    if not found.absolute:
        upper = np.maximum(tone * settings.onset_ratio_on_tone, resting * settings.onset_ratio)
        lower = np.maximum(
            tone * settings.offset_ratio_on_tone, resting * settings.offset_ratio
        )
    level = fine.reshape(-1)
    step_s = track.cell_s / per_cell
    quiet = max(1, round(settings.quiet_s / step_s))
    first_cell = float(track.time_s[cells][0]) - start_s
    movements = []
    for first, last in active_runs(level, lower.astype(np.float32), quiet):
        if (last - first) * step_s < settings.min_duration_s:
            continue
        if not (level[first:last] >= upper[first:last]).any():
            continue
        hops = [round((first_cell + at * step_s) * rate / grid.hop) for at in (first, last)]
        values = level[first:last]
        movements.append(
            Movement(
                max(hops[0], one.first),
                min(hops[1], one.last),
                float(values.mean(dtype=np.float64)),
                float(values.max()),
            )
        )
    return [replace(found, movement=m) for m in movements if m.last > m.first]


def _is_twitching(event: Event, bursts: NDArray[np.float64]) -> bool:
    if event.trial_type != "LM" or event.duration > LONGEST_BURST_S:
        return False
    first = int(np.searchsorted(bursts[:, 0], event.onset - LONGEST_BURST_S))
    last = int(np.searchsorted(bursts[:, 0], event.end))
    own = bursts[first:last]
    own = own[own[:, 1] > event.onset]
    if not own.size:
        return False
    windows = own[:, :1] + np.array([0.0, _HALF_S])
    low = np.maximum(own[:, 0], windows[:, :1])
    high = np.minimum(own[:, 1], windows[:, 1:])
    return bool(np.clip(high - low, 0.0, None).sum(axis=1).max() < _ACTIVE_S)
