"""Cells and movements of all channels, put side by side, become the events of the night."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..recording.model import Event
from .candidates import Candidate, Judge, Verdict
from .channel import Channel
from .conditioning import edge_kernel
from .edges import Recall, refine
from .motion import Bout, MotionTrack, find_bouts
from .movements import true_runs
from .quality import CAUSE, TRIAL_TYPE
from .result import ChannelReport
from .settings import Settings
from .sustained import Contraction, find_contractions

_LARGE_MOVEMENT_S = (3.0, 45.0)
_BESIDE_S = 30.0


@dataclass(frozen=True, slots=True, eq=False)
class _Track:
    """The cells of one scored EMG channel, whole night, as plain arrays."""

    number: int
    channel: Channel
    report: ChannelReport
    time_s: NDArray[np.float64]
    level: NDArray[np.float32]
    floor: NDArray[np.float32]
    slow: NDArray[np.float32]
    peak: NDArray[np.float32]
    resting: NDArray[np.float64]
    valid: NDArray[np.bool_]

    @property
    def cell_s(self) -> float:
        return self.channel.grid.cell_s

    def excess(self, start_s: float, end_s: float) -> float:
        """Median level over resting, less one; NaN where there is no signal."""
        first, last = np.searchsorted(self.time_s, [start_s, end_s])
        keep = self.valid[first:last]
        ratio = self.level[first:last][keep] / self.resting[first:last][keep]
        return float(np.median(ratio)) - 1.0 if ratio.size else float("nan")


def assemble_events(
    channels: Mapping[int, Channel],
    reports: Sequence[ChannelReport],
    settings: Settings,
    judge: Judge,
    recall: Mapping[int, Recall],
) -> tuple[list[Event], list[str]]:
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

    Returns
    -------
    events
        Sorted by onset.
    warnings
        What the reader must know.
    """
    quality = [
        event
        for number, channel in channels.items()
        for event in _quality_events(channel, reports[number])
    ]
    tracks = [
        _track(number, channel, reports[number])
        for number, channel in channels.items()
        if reports[number].status == "ok" and not channel.is_motion
    ]
    motions = {
        number: _motion_track(channel)
        for number, channel in channels.items()
        if channel.is_motion and reports[number].status == "ok"
    }
    large = _large_movements(motions, reports, settings)
    cramps, moved = _contractions(tracks, motions, reports, settings, judge)
    large = _merge_overlapping(large + moved)
    legs = [event for t in tracks for event in _movements(t, settings, recall.get(t.number))]
    if not tracks:
        legs = [
            event
            for number, track in motions.items()
            for event in _motion_movements(channels[number], track)
        ]
    cramps = [c for c in cramps if not _mostly_within(c, large)]
    popped = [event for event in legs if event.trial_type == "artifact"]
    legs = [event for event in legs if event.trial_type == "LM"]
    legs = [e for e in legs if not _mostly_within(e, large, any_side=True)]
    legs = [e for e in legs if not _mostly_within(e, cramps)]
    legs = _one_row_a_movement(legs, reports)
    events = [*quality, *popped, *cramps, *large, *legs]
    events.sort(key=lambda e: (e.onset, e.duration, e.trial_type, e.channel or ""))
    return events, _warnings(reports)


def _track(number: int, channel: Channel, report: ChannelReport) -> _Track:
    cells = channel.cells
    return _Track(
        number,
        channel,
        report,
        cells.column("time_s"),
        cells.column("level"),
        cells.column("floor"),
        cells.column("slow"),
        cells.column("peak"),
        channel.resting(cells.first, cells.stop),
        channel.valid(cells.first, cells.stop),
    )


def _motion_track(channel: Channel) -> MotionTrack:
    cells = channel.cells
    return MotionTrack(
        cells.column("time_s"),
        channel.grid.cell_s,
        cells.column("level"),
        channel.resting(cells.first, cells.stop),
        np.stack([cells.column(f"gravity_{a}") for a in range(channel.stream.n_axes)], axis=1),
        channel.valid(cells.first, cells.stop),
        channel.stream.unit == "g",
    )


def _quality_events(channel: Channel, report: ChannelReport) -> list[Event]:
    cells = channel.cells
    if not len(cells):
        return []
    times, length = cells.column("time_s"), cells.column("length_s")
    if report.status == "dead":
        ends = float(times[-1]) + float(length[-1])
        extra = {"cause": "dead channel"}
        return [_event(float(times[0]), ends, "unscorable", report, extra)]
    flags = channel.flags(cells.first, cells.stop)
    events = []
    for flag, kind in TRIAL_TYPE.items():
        marked = (flags & np.uint8(flag)) != 0
        for part in _contiguous(times, channel.grid.cell_s, 0.1):
            for first, last in true_runs(marked[part]) + part.start:
                end = float(times[last - 1]) + float(length[last - 1])
                extra = {"cause": CAUSE[flag]}
                events.append(_event(float(times[first]), end, kind, report, extra))
    return events


def _contractions(
    tracks: Sequence[_Track],
    motions: Mapping[int, MotionTrack],
    reports: Sequence[ChannelReport],
    settings: Settings,
    judge: Judge,
) -> tuple[list[Event], list[Event]]:
    candidates: list[tuple[_Track, Candidate]] = []
    for track in tracks:
        for part in _contiguous(track.time_s, track.cell_s, settings.cramp.bridge_s):
            found = find_contractions(
                track.level[part],
                track.floor[part],
                track.resting[part],
                track.valid[part],
                track.cell_s,
                settings.cramp,
            )
            motion = _motion_beside(motions, reports, track.report.side)
            candidates += [
                (track, _candidate(c, track, part.start, tracks, motion)) for c in found
            ]
    verdicts = judge.judge([candidate for _, candidate in candidates])
    cramps: list[Event] = []
    moved: list[Event] = []
    for (track, candidate), verdict in zip(candidates, verdicts, strict=True):
        if verdict.trial_type is None:
            continue
        event = _named(track, candidate, verdict)
        (moved if verdict.trial_type == "large_movement" else cramps).append(event)
    return _strongest_muscle(cramps), moved


def _candidate(
    found: Contraction,
    track: _Track,
    offset: int,
    tracks: Sequence[_Track],
    motion: MotionTrack | None,
) -> Candidate:
    start = float(track.time_s[offset + found.first])
    end = float(track.time_s[offset + found.last - 1]) + track.cell_s
    own = max(found.ratio_median - 1.0, 1e-6)
    side = track.report.side
    mates = [t for t in tracks if t is not track and t.report.side == side and side]
    others = [t for t in tracks if side and t.report.side not in (side, None)]
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
        movement_before=nan
        if motion is None
        else motion.median_level(start - _BESIDE_S, start),
        movement_after=nan if motion is None else motion.median_level(end, end + _BESIDE_S),
        turn_deg=nan if motion is None else motion.turn_deg(start, end),
    )


def _named(track: _Track, candidate: Candidate, verdict: Verdict) -> Event:
    extra: dict[str, Any] = {
        "rule": track.report.rule,
        "ratio": round(candidate.ratio_median, 2),
        "ratio_peak": round(candidate.ratio_peak, 2),
        "reason": verdict.reason,
    }
    if verdict.trial_type == "large_movement":
        extra["rule"] = None
    return Event(
        candidate.onset_s,
        candidate.duration_s,
        str(verdict.trial_type),
        track.report.side,
        track.report.label,
        verdict.probability,
        extra,
    )


def _movements(track: _Track, settings: Settings, recall: Recall | None) -> list[Event]:
    report, channel = track.report, track.channel
    absolute = report.rule in ("wasm2016", "aasm")
    grid, rate = channel.grid, channel.stream.rate_hz
    kernel = edge_kernel(rate)
    events = []
    for found in channel.found:
        if found.absolute != absolute:
            continue
        start_s = channel.segment_starts[found.segment]
        samples = [found.movement.first * grid.hop, found.movement.last * grid.hop]
        cell = int(np.searchsorted(track.time_s, start_s + samples[0] / rate, "right")) - 1
        stop = int(np.searchsorted(track.time_s, start_s + samples[1] / rate, "right"))
        clean = not np.any(
            channel.cells.column("mains")[cell:stop] > 0.5 * track.level[cell:stop]
        )
        if recall is not None and clean:
            n = len(channel.stream.segments[found.segment])
            samples = [
                refine(
                    lambda a, b, s=found.segment: recall(s, a, b),  # type: ignore[misc]
                    kernel,
                    at,
                    n,
                    rate,
                    rising=rising,
                )
                for at, rising in zip(samples, (True, False), strict=True)
            ]
        slow = float(track.slow[cell:stop].max())
        peak = float(track.peak[cell:stop].max())
        popped = slow > settings.quality.slow_ratio * peak
        extra: dict[str, Any] = {"rule": None if popped else report.rule}
        if popped:
            extra["cause"] = "electrode pop"
        else:
            resting = float(track.resting[cell])
            extra["amplitude"] = round(found.movement.mean, 3)
            extra["ratio"] = round(found.movement.mean / max(resting, 1e-9), 2)
        onset, end = (start_s + at / rate for at in samples)
        if end - onset < settings.movement.min_duration_s and not popped:
            continue
        kind = "artifact" if popped else "LM"
        events.append(_event(onset, end, kind, report, extra))
    return events


def _motion_movements(channel: Channel, track: MotionTrack) -> list[Event]:
    events = []
    stream = channel.stream
    for found in channel.found:
        start_s = channel.segment_starts[found.segment]
        onset = start_s + found.movement.first * channel.grid.hop / stream.rate_hz
        end = start_s + found.movement.last * channel.grid.hop / stream.rate_hz
        extra = {"rule": "accelerometric", "amplitude": round(found.movement.mean, 4)}
        events.append(Event(onset, end - onset, "LM", stream.side, stream.label, None, extra))
    return events


def _large_movements(
    motions: Mapping[int, MotionTrack], reports: Sequence[ChannelReport], settings: Settings
) -> list[Event]:
    events = []
    for number, track in motions.items():
        for bout in _all_bouts(track, settings):
            if not _is_large(bout, settings):
                continue
            turn = None if np.isnan(bout.turn_deg) else round(bout.turn_deg, 1)
            reason = "posture changed" if (turn or 0) > settings.cramp.posture_deg else "moved"
            extra = {"rule": None, "turn_deg": turn, "reason": reason}
            events.append(
                _event(bout.start_s, bout.end_s, "large_movement", reports[number], extra)
            )
    return events


def _all_bouts(track: MotionTrack, settings: Settings) -> list[Bout]:
    bouts: list[Bout] = []
    for part in _contiguous(track.time_s, track.cell_s, 0.1):
        bouts += find_bouts(
            replace(
                track,
                time_s=track.time_s[part],
                level=track.level[part],
                resting=track.resting[part],
                gravity=track.gravity[part],
                valid=track.valid[part],
            ),
            settings.movement,
        )
    return bouts


def _is_large(bout: Bout, settings: Settings) -> bool:
    """Whether a bout is a change of posture, or too long to be a leg movement."""
    if bout.turn_deg > settings.cramp.posture_deg and bout.duration_s >= 2.0:
        return True
    return bout.duration_s > 2.0 * _LARGE_MOVEMENT_S[0] + 4.0


def _motion_beside(
    motions: Mapping[int, MotionTrack], reports: Sequence[ChannelReport], side: str | None
) -> MotionTrack | None:
    """Return the accelerometer of the same leg, else one of unknown side."""
    for wanted in (side, None):
        for number, track in motions.items():
            if reports[number].side == wanted and track.in_g:
                return track
    return None


def _strongest_muscle(cramps: list[Event]) -> list[Event]:
    """Keep one row where two muscles of one leg show the same contraction."""
    kept: list[Event] = []
    for event in sorted(cramps, key=lambda e: -float(e.extra["ratio"])):
        if not any(k.side == event.side and _overlap(event, k) > 0.5 for k in kept):
            kept.append(event)
    return kept


def _one_row_a_movement(legs: list[Event], reports: Sequence[ChannelReport]) -> list[Event]:
    """Fold the rows of one leg's muscles into one, the tibialis anterior's where it has one."""
    rank = {"wasm2016": 0, "aasm": 0, "relative": 1, "calf": 2, "accelerometric": 3}
    placement = {report.label: report.placement for report in reports}
    order = sorted(
        legs,
        key=lambda e: (
            placement.get(e.channel or "") != "TA",
            rank[str(e.extra["rule"])],
            e.onset,
        ),
    )
    kept: list[Event] = []
    for event in order:
        same_leg = [
            k
            for k in kept
            if event.side is not None and k.side == event.side and k.channel != event.channel
        ]
        if not any(min(k.end, event.end) > max(k.onset, event.onset) for k in same_leg):
            kept.append(event)
    return kept


def _merge_overlapping(events: list[Event]) -> list[Event]:
    """Join large movements of one side that overlap in time."""
    merged: list[Event] = []
    for event in sorted(events, key=lambda e: (str(e.side), e.onset)):
        last = merged[-1] if merged else None
        if last is not None and last.side == event.side and event.onset <= last.end:
            merged[-1] = replace(last, duration=max(last.end, event.end) - last.onset)
        else:
            merged.append(event)
    return merged


def _mostly_within(event: Event, others: Sequence[Event], *, any_side: bool = False) -> bool:
    """Whether other events of the same side cover more than half of an event."""
    return any(
        _overlap(event, other) > 0.5
        for other in others
        if any_side or other.side in (event.side, None) or event.side is None
    )


def _overlap(event: Event, other: Event) -> float:
    """Return the share of `event` that `other` covers."""
    shared = min(event.end, other.end) - max(event.onset, other.onset)
    return max(0.0, shared) / max(event.duration, 1e-9)


def _contiguous(time_s: NDArray[np.float64], cell_s: float, tolerance_s: float) -> list[slice]:
    """Return the stretches of cells without a jump in time."""
    breaks = np.flatnonzero(np.diff(time_s) > cell_s + tolerance_s) + 1
    bounds = [0, *breaks.tolist(), time_s.size]
    return [slice(a, b) for a, b in zip(bounds[:-1], bounds[1:], strict=True) if b > a]


def _event(
    onset: float, end: float, kind: str, report: ChannelReport, extra: Mapping[str, Any]
) -> Event:
    return Event(onset, end - onset, kind, report.side, report.label, None, extra)


def _largest(values: list[float]) -> float:
    known = [value for value in values if not np.isnan(value)]
    return max(known) if known else float("nan")


def _warnings(reports: Sequence[ChannelReport]) -> list[str]:
    warnings = []
    for report in reports:
        if report.status != "ok":
            warnings.append(f"{report.label}: {report.reason}; nothing was scored on it")
        elif report.mains_hz is not None:
            warnings.append(
                f"{report.label}: strong {report.mains_hz:.0f} Hz mains was removed"
            )
    return warnings
