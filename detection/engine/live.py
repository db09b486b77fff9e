"""The engine while the night runs: provisional events, as soon as they can be told.

It looks back only. What it says may differ from the final score, which knows what came after.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...recording.annotations.calibration import Calibration, calibration_of
from ...recording.model import Event, Night, Stream
from ..channels.channel import Channel
from ..channels.describe import describe_channel
from ..channels.report import ChannelReport
from ..channels.tracks import EmgTrack, emg_track, motion_track
from ..cramps.aftertone import without_aftertone
from ..cramps.candidates import Judge
from ..cramps.contractions import find_candidates, name_contractions
from ..cramps.reference import reference_levels
from ..cramps.rule import RuleJudge
from ..movements.arbitration import covered, one_row_a_movement, share, strongest_muscle
from ..movements.legs import large_movements, motion_movements, muscle_movements
from ..result import NightScore, Notice
from ..settings import Settings
from ..signal.scorable import SCORED_KINDS, is_scorable
from .aside import without_calibration
from .scoring import score_night

_KEEP_S = 3600.0
_LOOK_BACK_S = 900.0
_DESCRIBE_EVERY_S = 20.0
# A contraction that may still go on is told once it has lasted as long as a possible cramp.
_OPEN_S = 2.0
# What ended longer ago was told when it ended.
_LATE_S = 30.0
_WAITING = 100
# The resting level that a contraction is told by is known better after some minutes.
_REFERENCE_S = 900.0

MARRED_S = 20.0
"""Over so long `LiveEngine.marred` looks back."""


@dataclass(frozen=True, slots=True, eq=False)
class Levels:
    """How strong a muscle was, cell by cell.

    Attributes
    ----------
    time_s
        Begin of each cell, seconds of the night, shape ``(n,)``.
    level
        Mean of the envelope in the unit of the stream, shape ``(n,)``.
    cell_s
        Length of a cell, seconds.
    """

    time_s: NDArray[np.float64]
    level: NDArray[Any]
    cell_s: float


class LiveEngine:
    """Say what happens while a night is being recorded.

    Parameters
    ----------
    streams
        The signals, in the order in which they are pushed to. Their segments are not read.
    settings
        Settings of the detector.
    judge
        Names the cramp candidates; the transparent rule by default.
    """

    def __init__(
        self,
        streams: Sequence[Stream],
        settings: Settings | None = None,
        judge: Judge | None = None,
    ) -> None:
        self.settings = settings or Settings()
        self._streams: tuple[Stream, ...] = ()
        self._judge = judge or RuleJudge(self.settings.cramp)
        self._channels: dict[int, Channel] = {}
        self._reports: list[ChannelReport] = []
        self._described_s = -np.inf
        self._told: list[Notice] = []
        self._calibration: Calibration | None = None
        self._references: dict[int, float] = {}
        self.add(*streams)

    def set_aside(self, calibration: Calibration | None) -> None:
        """Keep a calibration out of what is told, as far as it is known; None: there is none.

        What a reader of the journal learns later is told again, whole.
        """
        self._calibration = calibration
        if calibration is not None:
            for channel in self._channels.values():
                channel.set_aside(calibration)

    def add(self, *streams: Stream) -> None:
        """Take in signals that came later; they are numbered on."""
        for stream in streams:
            if is_scorable(stream):
                channel = Channel(stream, self.settings, "live")
                if self._calibration is not None:
                    channel.set_aside(self._calibration)
                self._channels[len(self._streams)] = channel
            self._streams = (*self._streams, stream)
            self._described_s = -np.inf

    @property
    def measured_s(self) -> tuple[float, ...]:
        """How far each scored signal was measured; `notices` knows no more until it moves."""
        return tuple(channel.newest_s for channel in self._channels.values())

    def marred(self, now_s: float) -> dict[int, float]:
        """Return by EMG signal what part of its last `MARRED_S` is unusable.

        Signals that bring nothing, and those that have just begun, are left out.
        """
        parts = {}
        for number, channel in self._channels.items():
            cells, cell_s = channel.cells, channel.grid.cell_s
            wanted = round(MARRED_S / cell_s)
            fresh = now_s - channel.newest_s < MARRED_S
            if channel.is_motion or not fresh or cells.stop - cells.first < wanted:
                continue
            parts[number] = float(channel.marred(cells.stop - wanted, cells.stop).mean())
        return parts

    def levels(self, since_s: float) -> dict[int, Levels]:
        """Return by EMG signal the level of its cells that begin after a time.

        It is the mean of the envelope that movements are sought on, in the unit of the stream.
        """
        found = {}
        for number, channel in self._channels.items():
            if not channel.is_motion:
                time_s = channel.cells.column("time_s")
                first = int(np.searchsorted(time_s, since_s, side="right"))
                level = channel.cells.column("level")[first:]
                found[number] = Levels(time_s[first:].copy(), level.copy(), channel.grid.cell_s)
        return found

    def push(self, stream: int, segment: int, start_s: float, raw: NDArray[Any]) -> None:
        """Take the next raw numbers of one signal; see `Engine.push`."""
        channel = self._channels.get(stream)
        if channel is not None and raw.shape[0]:
            channel.push(segment, start_s, raw)

    def notices(self, now_s: float) -> list[Notice]:
        """Return what was not told yet, as of `now_s`, seconds from the start of the night."""
        self._describe(now_s)
        ready = [n for n in self._channels if self._reports[n].status == "ok"]
        tracks = [
            emg_track(n, self._channels[n], self._reports[n])
            for n in ready
            if not self._channels[n].is_motion
        ]
        motions = {
            n: motion_track(self._channels[n]) for n in ready if self._channels[n].is_motion
        }
        self._hear_reference(tracks, now_s)
        recent = [t.since(now_s - _LOOK_BACK_S) for t in tracks]
        found = find_candidates(
            recent,
            motions,
            self._reports,
            self.settings.cramp,
            live_since_s=now_s - _LATE_S,
            references=self._references,
        )
        named = [
            event
            for event in name_contractions(found, self._judge)
            # What the look back cuts through was told when it began.
            if event.onset > now_s - _LOOK_BACK_S + _OPEN_S or now_s <= _LOOK_BACK_S
        ]
        large = large_movements(motions, self._reports, self.settings)
        cramps = [
            event
            for event in without_aftertone(
                strongest_muscle([e for e in named if e.trial_type != "large_movement"])
            )
            if not covered(event, large)
        ]
        movements = [
            event
            for event in self._movements(tracks, ready)
            if not covered(event, [*large, *cramps], any_side=False)
        ]
        placement = {report.label: report.placement for report in self._reports}
        legs = one_row_a_movement([e for e in movements if e.trial_type == "LM"], placement)
        told = without_calibration([*cramps, *large, *legs], self._calibration)
        new = [self._tell(event, now_s) for event in told]
        self._forget(now_s)
        return sorted(
            (notice for notice in new if notice is not None), key=lambda n: n.event.onset
        )

    def _hear_reference(self, tracks: Sequence[EmgTrack], now_s: float) -> None:
        """Measure the calibration contraction once it is over and before it is forgotten."""
        calibration = self._calibration
        if calibration is None or not 0.0 <= now_s - calibration.end_s < _REFERENCE_S:
            return
        self._references |= reference_levels(tracks, calibration, self.settings.cramp)

    def _movements(self, tracks: Sequence[EmgTrack], ready: Sequence[int]) -> list[Event]:
        """Return the movements found since the last call; by motion if no muscle is worn."""
        movements = []
        for track in tracks:
            channel = self._channels[track.number]
            movements += muscle_movements(track, channel, channel.found, self.settings, None)
        if all(channel.is_motion for channel in self._channels.values()):
            for number in ready:
                channel = self._channels[number]
                movements += motion_movements(channel, channel.found)
        for number, channel in self._channels.items():
            # What a channel finds before its resting level is known is told when it is.
            waiting = number not in ready and not channel.is_motion
            channel.found = channel.found[-_WAITING:] if waiting else []
        return movements

    def _tell(self, event: Event, now_s: float) -> Notice | None:
        """Return a notice unless the same was told already."""
        channel_end = max(
            (
                c.newest_s
                for n, c in self._channels.items()
                if self._streams[n].label == event.channel
            ),
            default=now_s,
        )
        ongoing = event.trial_type != "LM" and channel_end - event.end < _OPEN_S
        if ongoing and event.trial_type == "large_movement":
            return None
        for at, told in enumerate(self._told):
            same = told.event.trial_type == event.trial_type and (
                told.event.channel == event.channel
            )
            if same and max(share(event, told.event), share(told.event, event)) > 0.0:
                if told.ongoing and not ongoing:
                    notice = Notice(event, now_s, ongoing=False)
                    self._told[at] = notice
                    return notice
                return None
        notice = Notice(event, now_s, ongoing=ongoing)
        self._told.append(notice)
        return notice

    def _describe(self, now_s: float) -> None:
        pause = min(_DESCRIBE_EVERY_S, max(1.0, 0.1 * now_s))
        if now_s - self._described_s < pause:
            return
        self._described_s = now_s
        self._reports = [
            describe_channel(replace(stream, segments=()), self._channels.get(n), self.settings)
            for n, stream in enumerate(self._streams)
        ]

    def _forget(self, now_s: float) -> None:
        for channel in self._channels.values():
            channel.forget(now_s - _KEEP_S)
        self._told = [n for n in self._told if n.event.end > now_s - _KEEP_S]


class Playback:
    """Play a stored night through the live engine, in the order in which it would arrive.

    Iterating gives ``(now_s, notices)`` for every second of the night. When it is exhausted,
    `result` holds the final score of the stored night.

    Parameters
    ----------
    night
        The recording.
    settings
        Settings of the detector.
    judge
        Names the cramp candidates; the transparent rule by default.
    """

    def __init__(
        self, night: Night, settings: Settings | None = None, judge: Judge | None = None
    ) -> None:
        self._night = night
        self._settings = settings or Settings()
        self._judge = judge
        self._result: NightScore | None = None

    @property
    def result(self) -> NightScore:
        """The final score; computed when the night has been played, or is asked for."""
        if self._result is None:
            self._result = score_night(self._night, self._settings, judge=self._judge)
        return self._result

    def __iter__(self) -> Iterator[tuple[float, list[Notice]]]:
        engine = LiveEngine(self._night.streams, self._settings, self._judge)
        engine.set_aside(calibration_of(self._night.events))
        second = 0
        for end_s, number, segment, start_s, raw in heapq.merge(
            *(
                _arrivals(number, stream)
                for number, stream in enumerate(self._night.streams)
                if stream.kind in SCORED_KINDS
            ),
            key=lambda arrival: arrival[:2],
        ):
            while end_s > second + 1.0:
                second += 1
                yield float(second), engine.notices(float(second))
            engine.push(number, segment, start_s, raw)
        yield self._night.duration_s, engine.notices(self._night.duration_s)


def play(
    night: Night, settings: Settings | None = None, judge: Judge | None = None
) -> Playback:
    """Return a playback of a stored night through the live engine."""
    return Playback(night, settings, judge)


def _arrivals(
    number: int, stream: Stream
) -> Iterator[tuple[float, int, int, float, NDArray[Any]]]:
    """Yield one-second chunks with the time at which their last sample was taken."""
    for segment, first, raw in stream.chunks(1.0):
        start_s = stream.segments[segment].start_s
        end_s = start_s + (first + raw.shape[0]) / stream.rate_hz
        yield end_s, number, segment, start_s, raw
