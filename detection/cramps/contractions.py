"""Sustained contractions of the night: found, described, and put before the judge."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...recording.model import Event, Side
from ..channels.motion import MotionTrack
from ..channels.report import ChannelReport
from ..channels.tracks import EmgTrack, contiguous, motion_beside
from ..settings import CrampSettings
from .candidates import Candidate, Judge, Verdict
from .course import course_of
from .features.catalogue import describe
from .features.scene import Scene
from .sustained import find_contractions


@dataclass(frozen=True, slots=True, eq=False)
class Leg:
    """The signals of the night, seen from one muscle.

    Attributes
    ----------
    track
        The muscle.
    mates, others
        Other muscles of this leg, and those of the other leg.
    motion, other_motion
        Accelerometers of this leg and of the other one.
    reference
        Level of the calibration contraction, NaN if there was none.
    """

    track: EmgTrack
    mates: Sequence[EmgTrack]
    others: Sequence[EmgTrack]
    motion: MotionTrack | None
    other_motion: MotionTrack | None
    reference: float


@dataclass(frozen=True, slots=True, eq=False)
class Contraction:
    """A candidate with the signals it was seen on."""

    candidate: Candidate
    scene: Scene


def find_candidates(
    tracks: Sequence[EmgTrack],
    motions: Mapping[int, MotionTrack],
    reports: Sequence[ChannelReport],
    settings: CrampSettings,
    *,
    cuts_s: Sequence[float] = (),
    live_since_s: float | None = None,
    references: Mapping[int, float] | None = None,
) -> list[Contraction]:
    """Return the sustained contractions of the night, described.

    Parameters
    ----------
    tracks
        Scored EMG channels.
    motions
        Accelerometers by number of the signal.
    reports
        One for each signal of the night.
    settings
        Where a contraction begins and ends.
    cuts_s
        Describe each contraction that lasts longer once more as it was known so many seconds
        after its onset.
    live_since_s
        For a night that still runs: only contractions that end after this time are wanted,
        and nothing is known of what follows them.
    references
        Level of the calibration contraction by number of the signal, where there was one.
    """
    levels = references or {}
    found: list[Contraction] = []
    for track in tracks:
        leg = _leg(track, tracks, motions, reports, levels.get(track.number, math.nan))
        spans = _spans(leg, settings)
        for number, (start, end) in enumerate(spans):
            if live_since_s is not None and end <= live_since_s:
                continue
            earlier = spans[:number]
            cuts = [cut for cut in cuts_s if cut < end - start]
            for cut in [*cuts, None]:
                stop = end if cut is None else start + cut
                known = end - start if live_since_s is not None else cut
                found.append(_described(leg, start, stop, known, earlier))
    return found


def name_contractions(found: Sequence[Contraction], judge: Judge) -> list[Event]:
    """Return the contractions that the judge has a name for."""
    verdicts = judge.judge([one.candidate for one in found])
    return [
        _named(one, verdict)
        for one, verdict in zip(found, verdicts, strict=True)
        if verdict.trial_type is not None
    ]


def _leg(
    track: EmgTrack,
    tracks: Sequence[EmgTrack],
    motions: Mapping[int, MotionTrack],
    reports: Sequence[ChannelReport],
    reference: float,
) -> Leg:
    side = track.report.side
    other: Side | None = None
    if side is not None:
        other = "right" if side == "left" else "left"
    motion = motion_beside(motions, reports, side)
    beside = motion_beside(motions, reports, other) if other is not None else None
    return Leg(
        track,
        [t for t in tracks if side and t.number != track.number and t.report.side == side],
        [t for t in tracks if side and t.report.side not in {side, None}],
        motion,
        None if beside is motion else beside,
        reference,
    )


def _spans(leg: Leg, settings: CrampSettings) -> list[tuple[float, float]]:
    """Return start and end of the sustained contractions of a leg that lies still."""
    spans = []
    track, motion = leg.track, leg.motion
    for part in contiguous(track.time_s, track.cell_s, settings.bridge_s):
        cells = track.part(part)
        still = cells.valid
        if motion is not None:
            still = still & ~motion.moves_at(cells.time_s, settings.still_g)
        spans += [
            (float(cells.time_s[first]), float(cells.time_s[last - 1]) + cells.cell_s)
            for first, last in find_contractions(
                cells.level,
                cells.resting,
                still,
                cell_s=cells.cell_s,
                settings=settings,
            )
        ]
    return spans


def _described(
    leg: Leg,
    start: float,
    stop: float,
    cut: float | None,
    earlier: Sequence[tuple[float, float]],
) -> Contraction:
    scene = Scene(
        leg.track,
        start,
        stop,
        leg.mates,
        leg.others,
        leg.motion,
        leg.other_motion,
        earlier,
        leg.reference,
    )
    report = leg.track.report
    values = describe(scene, complete=cut is None)
    candidate = Candidate(
        start, stop - start, report.side, report.placement, report.label, cut, values
    )
    return Contraction(candidate, scene)


def _named(one: Contraction, verdict: Verdict) -> Event:
    candidate, track = one.candidate, one.scene.track
    values = candidate.values
    extra: dict[str, Any] = {
        "rule": track.report.rule,
        "ratio": round(values["ratio_median"], 2),
        "ratio_peak": round(values["ratio_peak"], 2),
        "reason": verdict.reason,
    }
    if verdict.trial_type == "large_movement":
        extra["rule"] = None
    else:
        extra["probability_causal"] = _rounded(verdict.probability_causal)
        extra |= course_of(one.scene, values, complete=candidate.cut_s is None)
    return Event(
        candidate.onset_s,
        candidate.duration_s,
        str(verdict.trial_type),
        track.report.side,
        track.report.label,
        _rounded(verdict.probability),
        extra,
    )


def _rounded(probability: float | None) -> float | None:
    if probability is None or math.isnan(probability):
        return None
    return round(probability, 4)
