"""Sustained contractions of the night, put before the judge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ...recording.model import Event
from ..channels.motion import MotionTrack
from ..channels.report import ChannelReport
from ..channels.tracks import EmgTrack, contiguous, motion_beside
from ..settings import CrampSettings
from .candidates import Candidate, Judge, Verdict
from .sustained import Contraction, find_contractions

_BESIDE_S = 30.0
_ONSET_S = 10.0


def judge_contractions(
    tracks: Sequence[EmgTrack],
    motions: Mapping[int, MotionTrack],
    reports: Sequence[ChannelReport],
    settings: CrampSettings,
    judge: Judge,
) -> list[Event]:
    """Return the sustained contractions that the judge has a name for.

    Parameters
    ----------
    tracks
        Scored EMG channels.
    motions
        Accelerometers by number of the signal.
    reports
        One for each signal of the night.
    settings, judge
        Where a contraction begins and ends, and who names it.
    """
    candidates: list[tuple[EmgTrack, Candidate]] = []
    for track in tracks:
        motion = motion_beside(motions, reports, track.report.side)
        for part in contiguous(track.time_s, track.cell_s, settings.bridge_s):
            cells = track.part(part)
            candidates += [
                (track, _candidate(one, cells, tracks, motion, settings))
                for one in _found(cells, motion, settings)
            ]
    verdicts = judge.judge([candidate for _, candidate in candidates])
    return [
        _named(track, candidate, verdict)
        for (track, candidate), verdict in zip(candidates, verdicts, strict=True)
        if verdict.trial_type is not None
    ]


def _found(
    track: EmgTrack, motion: MotionTrack | None, settings: CrampSettings
) -> list[Contraction]:
    """Return the sustained contractions of a leg that lies still."""
    still = track.valid
    if motion is not None:
        still = still & ~motion.moves_at(track.time_s, settings.still_g)
    return find_contractions(
        track.level,
        track.floor,
        track.resting,
        still,
        cell_s=track.cell_s,
        settings=settings,
    )


def _candidate(
    found: Contraction,
    track: EmgTrack,
    tracks: Sequence[EmgTrack],
    motion: MotionTrack | None,
    settings: CrampSettings,
) -> Candidate:
    start = float(track.time_s[found.first])
    end = float(track.time_s[found.last - 1]) + track.cell_s
    own = max(found.ratio_median - 1.0, 1e-6)
    side = track.report.side
    mates = [t for t in tracks if t.number != track.number and t.report.side == side and side]
    others = [t for t in tracks if side and t.report.side not in {side, None}]
    nan = float("nan")
    return Candidate(
        onset_s=start,
        duration_s=end - start,
        muscle=track.report.placement,
        ratio_median=found.ratio_median,
        ratio_peak=found.ratio_peak,
        continuity=found.continuity,
        antagonist=_largest([t.excess(start, end) / own for t in mates]),
        other_leg=_largest([t.excess(start, end) / own for t in others]),
        movement=nan if motion is None else motion.median_level(start + 1.0, end - 1.0),
        moving=nan if motion is None else motion.moving_share(start, end, settings.still_g),
        movement_before=nan
        if motion is None
        else motion.median_level(start - _BESIDE_S, start),
        movement_after=nan if motion is None else motion.median_level(end, end + _BESIDE_S),
        onset_turn_deg=nan
        if motion is None
        else motion.turn_deg(start - _ONSET_S, start + 2.0),
        turn_deg=nan if motion is None else motion.turn_deg(start, end),
    )


def _named(track: EmgTrack, candidate: Candidate, verdict: Verdict) -> Event:
    is_movement = verdict.trial_type == "large_movement"
    extra: dict[str, Any] = {
        "rule": None if is_movement else track.report.rule,
        "ratio": round(candidate.ratio_median, 2),
        "ratio_peak": round(candidate.ratio_peak, 2),
        "reason": verdict.reason,
    }
    return Event(
        candidate.onset_s,
        candidate.duration_s,
        str(verdict.trial_type),
        track.report.side,
        track.report.label,
        verdict.probability,
        extra,
    )


def _largest(values: list[float]) -> float:
    known = [value for value in values if not np.isnan(value)]
    return max(known) if known else float("nan")
