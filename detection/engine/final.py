"""The engine: chunks of every signal in, the scored night out.

Final scores come from the stored night. Every signal runs through its own pipeline
(`Channel`); when the night has ended their cells are put side by side and the events named.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

from ...recording.annotations.calibration import Calibration
from ...recording.model import Stream
from ..channels.channel import Channel
from ..channels.describe import describe_channel, overview
from ..channels.edges import Recall
from ..cramps.candidates import Judge
from ..cramps.rule import RuleJudge
from ..movements.leg_scoring import score_legs
from ..movements.night_marks import NightMarks
from ..movements.rhythms import find_leg_rhythms
from ..result import NightScore
from ..settings import Settings
from ..signal.quality import CAUSE, Flag
from ..signal.scorable import is_scorable
from .aside import calibration_notes, calibration_rows, without_calibration
from .assemble import assemble_events, order_of
from .missing import joined_over_gaps, missing_samples, rows_of_missing
from .remarks import notes_of, warnings_of


class Engine:
    """Score a night that comes in chunks.

    The result depends on the samples and the times of their segments only, not on the sizes
    of the chunks or on how the signals are interleaved.

    Parameters
    ----------
    streams
        The signals of the night, in the order in which they are pushed to. Their segments
        are not read.
    settings
        Settings of the detector.
    judge
        Names the cramp candidates; the transparent rule by default.
    cuts_s
        Describe each cramp candidate once more as it was known so many seconds after its
        onset.
    calibration
        Of the night, where there was one: kept out of the score.
    """

    def __init__(
        self,
        streams: Sequence[Stream],
        settings: Settings | None = None,
        judge: Judge | None = None,
        cuts_s: Sequence[float] = (),
        calibration: Calibration | None = None,
    ) -> None:
        self.settings = settings or Settings()
        self.streams = tuple(streams)
        self._judge = judge or RuleJudge(self.settings.cramp)
        self._cuts_s = tuple(cuts_s)
        self._calibration = calibration
        self.channels = {
            number: Channel(stream, self.settings, "final")
            for number, stream in enumerate(self.streams)
            if is_scorable(stream)
        }
        if calibration is not None:
            for channel in self.channels.values():
                channel.set_aside(calibration)
        self._end_s = [0.0] * len(self.streams)
        self._samples: dict[tuple[int, int], int] = {}

    def push(self, stream: int, segment: int, start_s: float, raw: NDArray[Any]) -> None:
        """Take the next raw numbers of one signal.

        Parameters
        ----------
        stream
            Number of the signal.
        segment
            Number of the contiguous run, counted from 0.
        start_s
            Time of the first sample of that run, seconds from the start of the night.
        raw
            Shape ``(n, n_axes)``.
        """
        held = self._samples.get((stream, segment), 0) + raw.shape[0]
        self._samples[stream, segment] = held
        self._end_s[stream] = start_s + held / self.streams[stream].rate_hz
        channel = self.channels.get(stream)
        if channel is not None and raw.shape[0]:
            channel.push(segment, start_s, raw)

    def note_end(self, stream: int, end_s: float) -> None:
        """Note where a signal ends that is not scored, seconds from the start of the night."""
        self._end_s[stream] = max(self._end_s[stream], end_s)

    def finish(
        self, recall: dict[int, Recall] | None = None, marks: NightMarks | None = None
    ) -> NightScore:
        """End the night and return its score.

        Parameters
        ----------
        recall
            For each signal, a way to read its stored raw numbers again (by segment, first
            and last sample): with it the edges of movements are exact to the sample, without
            it to a hop of the envelope (about 10 ms).
        marks
            Stages, breathing and arousals, as far as known.
        """
        marks = marks or NightMarks()
        for channel in self.channels.values():
            channel.close()
        reports = [
            describe_channel(stream, self.channels.get(number), self.settings)
            for number, stream in enumerate(self.streams)
        ]
        events, candidates = assemble_events(
            self.channels,
            reports,
            self.settings,
            self._judge,
            recall or {},
            cuts_s=self._cuts_s,
            calibration=self._calibration,
        )
        missing = missing_samples(self.channels, reports)
        motor = find_leg_rhythms(self.channels, reports, [*events, *missing], marks.hypnogram)
        scored, legs = score_legs(
            [*events, *without_calibration(motor.events, self._calibration)],
            reports,
            self.settings,
            marks,
            motor.trains,
        )
        rows = joined_over_gaps(scored, CAUSE[Flag.POP])
        rows += rows_of_missing(missing, self.channels, self.settings)
        rows += calibration_rows(self._calibration)
        return NightScore(
            duration_s=max(self._end_s, default=0.0),
            events=tuple(sorted(rows, key=order_of)),
            channels=tuple(reports),
            overviews=tuple(overview(channel) for channel in self.channels.values()),
            warnings=(
                *notes_of(self.streams),
                *warnings_of(reports, events),
                *calibration_notes(self._calibration),
                *marks.notes,
            ),
            settings=self.settings,
            legs=legs,
            motor=motor,
            candidates=tuple(candidates),
            missing=tuple(missing),
        )
