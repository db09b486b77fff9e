"""Movements on the envelopes, made events: by muscle, by accelerometer, of the whole leg."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from ...recording.model import Event
from ..channels.channel import Channel, Found
from ..channels.edges import Recall, refine
from ..channels.motion import Bout, MotionTrack, find_bouts
from ..channels.report import ChannelReport
from ..channels.tracks import EmgTrack, contiguous, event_on
from ..settings import Settings
from ..signal.conditioning import edge_kernel
from .pauses import FOOT_S
from .refined import is_tone, on_tone

# A bout without a change of posture is a large movement only if no leg movement lasts so long.
_LONG_BOUT_S = 10.0
_SHORTEST_TURN_S = 3.0
_LONGEST_TURN_S = 45.0
_BEFORE_CELLS = 10


def muscle_movements(
    track: EmgTrack,
    channel: Channel,
    found: Iterable[Found],
    settings: Settings,
    recall: Recall | None,
) -> list[Event]:
    """Return the movements on one muscle: ``LM``, or ``artifact`` for an electrode pop.

    Parameters
    ----------
    track, channel
        Its cells and its pipeline.
    found
        Movements on its envelope.
    settings
        Settings of the detector.
    recall
        A way to read its raw numbers again, for edges exact to the sample.
    """
    absolute = track.report.rule in {"wasm2016", "aasm"}
    events = []
    for whole in found:
        if whole.absolute != absolute:
            continue
        for one in _looked_into(whole, track, channel, settings):
            event = _muscle_movement(one, track, channel, settings, recall)
            if event is not None:
                events.append(event)
    return events


def motion_movements(channel: Channel, found: Iterable[Found]) -> list[Event]:
    """Return the movements of a leg that is seen by an accelerometer alone."""
    events = []
    stream = channel.stream
    for one in found:
        start_s = channel.segment_starts[one.segment]
        onset = start_s + one.movement.first * channel.grid.hop / stream.rate_hz
        end = start_s + one.movement.last * channel.grid.hop / stream.rate_hz
        extra = {"rule": "accelerometric", "amplitude": round(one.movement.mean, 4)}
        events.append(Event(onset, end - onset, "LM", stream.side, stream.label, None, extra))
    return events


def large_movements(
    motions: Mapping[int, MotionTrack], reports: Sequence[ChannelReport], settings: Settings
) -> list[Event]:
    """Return changes of posture and bouts too long to be leg movements.

    A change of posture is a movement of 3 to 45 s over which gravity turned. What lasts
    longer, as walking does, or longer than any leg movement without a turn, is a large
    movement too, and column ``reason`` tells which.
    """
    events = []
    for number, track in motions.items():
        for bout in bouts_of(track, settings):
            turned = bout.turn_deg > settings.cramp.posture_deg
            if not _is_large(bout, turned=turned):
                continue
            extra = {
                "rule": None,
                "turn_deg": None if np.isnan(bout.turn_deg) else round(bout.turn_deg, 1),
                "reason": _reason(bout, turned=turned),
            }
            events.append(
                event_on(reports[number], bout.start_s, bout.end_s, "large_movement", extra)
            )
    return events


def bouts_of(track: MotionTrack, settings: Settings) -> list[Bout]:
    """Return the bouts of movement of one accelerometer, none across a gap."""
    bouts: list[Bout] = []
    for part in contiguous(track.time_s, track.cell_s, 0.1):
        stretch = replace(
            track,
            time_s=track.time_s[part],
            level=track.level[part],
            resting=track.resting[part],
            gravity=track.gravity[part],
            valid=track.valid[part],
        )
        bouts += find_bouts(stretch, settings.movement)
    return bouts


def _looked_into(
    found: Found, track: EmgTrack, channel: Channel, settings: Settings
) -> list[Found]:
    """Return the movement, or those on it where it is tone of the shin."""
    if track.report.rule == "calf" or not is_tone(found, track, channel, settings.movement):
        return [found]
    return on_tone(found, track, channel, settings.movement)


def _muscle_movement(
    found: Found,
    track: EmgTrack,
    channel: Channel,
    settings: Settings,
    recall: Recall | None,
) -> Event | None:
    rate = channel.stream.rate_hz
    start_s = channel.segment_starts[found.segment]
    edges = [found.movement.first * channel.grid.hop, found.movement.last * channel.grid.hop]
    cells = track.cells(start_s + edges[0] / rate, start_s + edges[1] / rate)
    # The mains canceller works on the envelope only; the raw signal would show its own edges.
    clean = not np.any(track.mains[cells] > 0.5 * track.level[cells])
    if recall is not None and clean:
        n = len(channel.stream.segments[found.segment])
        raw = partial(recall, found.segment)
        kernel = edge_kernel(rate)
        edges = [
            refine(raw, kernel, at, n, rate, rising=rising)
            for at, rising in zip(edges, (True, False), strict=True)
        ]
    onset, end = (float(start_s + at / rate) for at in edges)
    slow, peak = float(track.slow[cells].max()), float(track.peak[cells].max())
    before = track.slow[max(cells.start - _BEFORE_CELLS, 0) : cells.start]
    # Sweat moves the electrode's voltage all the time, a pop at once.
    drift = float(np.median(before)) if before.size else 0.0
    if slow > settings.quality.slow_ratio * max(peak, drift):
        return event_on(track.report, onset, end, "artifact", {"cause": "electrode pop"})
    if end - onset + 2 * FOOT_S < settings.movement.min_duration_s:
        return None
    resting = max(float(track.resting[cells.start]), 1e-9)
    extra: dict[str, Any] = {
        "rule": track.report.rule,
        "amplitude": round(found.movement.mean, 3),
        "ratio": round(found.movement.mean / resting, 2),
    }
    return event_on(track.report, onset, end, "LM", extra)


def _reason(bout: Bout, *, turned: bool) -> str:
    if bout.duration_s > _LONGEST_TURN_S:
        return "moved for longer than a change of posture takes"
    return "posture changed" if turned else "moved"


def _is_large(bout: Bout, *, turned: bool) -> bool:
    if turned and bout.duration_s >= _SHORTEST_TURN_S:
        return True
    return bout.duration_s > _LONG_BOUT_S
