"""Cells and movements of all channels, put side by side, become the events of the night."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ...recording.annotations.calibration import Calibration
from ...recording.model import Event
from ..channels.channel import Channel
from ..channels.edges import Recall
from ..channels.report import ChannelReport
from ..channels.tracks import contiguous, emg_track, event_on, motion_track
from ..cramps.aftertone import without_aftertone
from ..cramps.candidates import Candidate, Judge
from ..cramps.contractions import find_candidates, name_contractions
from ..cramps.reference import reference_levels
from ..movements.arbitration import (
    both_legs,
    covered,
    one_row_a_movement,
    strongest_muscle,
    touched,
)
from ..movements.legs import bouts_of, large_movements, motion_movements, muscle_movements
from ..movements.pauses import split_at_pauses
from ..movements.refined import without_twitches
from ..movements.surroundings import Surroundings, lost_electrodes, of_whole_leg
from ..movements.whole_leg import amid_series, whole_movements
from ..settings import Settings
from ..signal.quality import CAUSE, TRIAL_TYPE, Flag
from ..signal.scanner import active_runs
from .aside import without_calibration

# Marred half seconds less than two seconds apart are one artefact.
_JOIN_CELLS = 5


def assemble_events(
    channels: Mapping[int, Channel],
    reports: Sequence[ChannelReport],
    settings: Settings,
    judge: Judge,
    recall: Mapping[int, Recall],
    *,
    cuts_s: Sequence[float] = (),
    calibration: Calibration | None = None,
) -> tuple[list[Event], list[Candidate]]:
    """Name the events of the night.

    Parameters
    ----------
    channels
        Closed pipelines by number of the signal.
    reports
        One for each signal of the night.
    settings, judge
        Settings of the detector, and who names cramp candidates.
    recall
        Ways to read raw numbers again, by number of the signal.
    cuts_s
        See `find_candidates`.
    calibration
        Of the night, or None; the channels have set it aside.

    Returns
    -------
    events
        Sorted by onset.
    candidates
        Every sustained contraction that was looked at, and its cut views.
    """
    scored = [number for number in channels if reports[number].status == "ok"]
    tracks = [
        emg_track(number, channels[number], reports[number])
        for number in scored
        if not channels[number].is_motion
    ]
    motions = {n: motion_track(channels[n]) for n in scored if channels[n].is_motion}
    references = reference_levels(tracks, calibration, settings.cramp)
    found = find_candidates(
        tracks, motions, reports, settings.cramp, cuts_s=cuts_s, references=references
    )
    complete = [one for one in found if one.candidate.cut_s is None]
    named = name_contractions(complete, judge)
    moved = [event for event in named if event.trial_type == "large_movement"]
    cramps = [event for event in named if event.trial_type != "large_movement"]
    moves = large_movements(motions, reports, settings)
    large = both_legs(moves + moved)
    cramps = without_aftertone(strongest_muscle(cramps))
    cramps = [event for event in cramps if not covered(event, large)]
    on_muscles = [
        muscle_movements(
            t, channels[t.number], channels[t.number].found, settings, recall.get(t.number)
        )
        for t in tracks
    ]
    outside = [
        event
        for own in on_muscles
        for event in own
        if event.trial_type == "LM" and not touched(event, cramps)
    ]
    bouts = {n: (track, bouts_of(track, settings)) for n, track in motions.items()}
    moved = [e for e in moved if not amid_series(e, outside, tracks)]
    moves = [e for e in [*moves, *moved] if of_whole_leg(e, tracks)]
    large = both_legs([*moves, *whole_movements(outside, tracks, bouts, settings)])
    # An accelerometer scores leg movements only where no muscle is recorded.
    alone = [] if tracks else motions
    by_motion = [e for n in alone for e in motion_movements(channels[n], channels[n].found)]
    lasting = [
        event
        for t, own in zip(tracks, on_muscles, strict=True)
        for event in without_twitches(
            split_at_pauses(
                own, t, channels[t.number], settings.movement, recall.get(t.number)
            ),
            channels[t.number],
        )
    ]
    marred = [e for n, channel in channels.items() for e in _quality(channel, reports[n])]
    around = Surroundings(tracks, cramps, lost_electrodes(marred), settings)
    free = [
        event
        for event in [*lasting, *by_motion]
        if not touched(event, large) and around.allows(event)
    ]
    movements = one_row_a_movement(
        [event for event in free if event.trial_type == "LM"],
        {report.label: report.placement for report in reports},
    )
    pops = [event for event in free if event.trial_type != "LM"]
    marred = [e for e in marred if e.extra["cause"] != "electrode pop" or not touched(e, large)]
    marred = [e for e in marred if not covered(e, pops)]
    events = [*marred, *pops, *cramps, *large, *movements]
    return sorted(without_calibration(events, calibration), key=order_of), [
        one.candidate for one in found
    ]


def order_of(event: Event) -> tuple[float, float, str, str]:
    """Return what events are sorted by: onset, then all that tells them apart."""
    return event.onset, event.duration, event.trial_type, event.channel or ""


def _quality(channel: Channel, report: ChannelReport) -> list[Event]:
    """Return what cannot be trusted on one channel, and why."""
    cells = channel.cells
    if not len(cells):
        return []
    times = cells.column("time_s")
    length = channel.length_s(cells.first, cells.stop)
    if report.status == "dead":
        end = float(times[-1]) + float(length[-1])
        cause = {"cause": "dead channel"}
        return [event_on(report, float(times[0]), end, "unscorable", cause)]
    flags = channel.flags(cells.first, cells.stop)
    flags[(flags & np.uint8(Flag.SET_ASIDE)) != 0] = 0
    events = []
    for part in contiguous(times, channel.grid.cell_s, 0.1):
        for flag, kind in TRIAL_TYPE.items():
            marked = ((flags[part] & np.uint8(flag)) != 0).astype(np.float32)
            runs = active_runs(marked, np.full(marked.size, 0.5, np.float32), _JOIN_CELLS)
            runs += part.start
            for first, last in runs:
                end = float(times[last - 1]) + float(length[last - 1])
                cause = {"cause": CAUSE[flag]}
                events.append(event_on(report, float(times[first]), end, kind, cause))
    return events
