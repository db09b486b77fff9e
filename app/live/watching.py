"""The live engine on a night that goes on."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ...detection import Judge
from ...detection.cramps.candidates import Candidate, Verdict
from ...detection.engine.live import Levels, LiveEngine
from ...detection.result import Notice
from ...detection.settings import Settings
from ...recording.annotations.calibration import calibration_of
from ...recording.journal.calibration import calibration_events
from ...recording.journal.notes import Note
from ..judging import find_judge
from .growing import Following, GrowingNight, Step


@dataclass(frozen=True, slots=True, eq=False)
class Watched:
    """One step of the night, and what the detector says at its end; provisional."""

    step: Step
    notices: tuple[Notice, ...]


class LiveNight:
    """Says what happens in a night while it is recorded, from its journal alone.

    Parameters
    ----------
    source
        The journal, or what is followed in its place.
    settings
        Settings of the detector.
    model
        Who names cramp-like contractions, as for `find_judge`: the shipped model by default.
    threshold
        Probability from which on a contraction is called a cramp; 0: as the model says.
    back_s
        Where to begin, as for `GrowingNight`.

    Attributes
    ----------
    night
        The night as far as it came.

    Raises
    ------
    CrampwatchError
        The journal cannot be read, or the model.
    """

    def __init__(
        self,
        source: str | os.PathLike[str] | Following,
        settings: Settings | None = None,
        model: str | None = None,
        *,
        threshold: float = 0.0,
        back_s: float | None = None,
    ) -> None:
        settings = settings or Settings()
        judge = find_judge(model, settings).judge
        if judge is not None and threshold > 0.0:
            judge = _At(judge, threshold)
        self.night = GrowingNight(source, back_s=back_s)
        self._engine = LiveEngine((), settings, judge)
        self._known = 0
        self._measured: tuple[float, ...] = ()
        self._calibration: list[Note] = []

    def poll(self) -> Iterator[Watched]:
        """Yield what is new since the last call; errors as `GrowingNight.poll`."""
        for step in self.night.poll():
            yield Watched(step, tuple(self._notices(step)))

    def rest(self) -> Iterator[Watched]:
        """Yield what `poll` left, of a night that has ended."""
        for step in self.night.rest():
            yield Watched(step, tuple(self._notices(step)))

    def marred(self, now_s: float) -> Mapping[str, Mapping[str, float]]:
        """Return by sensor and muscle what part of the last seconds is unusable."""
        found: dict[str, dict[str, float]] = {}
        for number, part in self._engine.marred(now_s).items():
            stream = self.night.streams[number]
            found.setdefault(stream.sensor, {})[stream.label] = part
        return found

    def levels(self, since_s: float) -> Mapping[int, Levels]:
        """Return by muscle's stream how strong it was in the half seconds since a time."""
        return self._engine.levels(since_s)

    def close(self) -> None:
        """Close the journal."""
        self.night.close()

    def _notices(self, step: Step) -> list[Notice]:
        streams = self.night.streams
        self._engine.add(*streams[self._known :])
        self._known = len(streams)
        for chunk in step.chunks:
            self._engine.push(chunk.stream, chunk.segment, chunk.start_s, chunk.raw)
        self._hear_calibration(step)
        measured = self._engine.measured_s
        if measured == self._measured:
            return []
        self._measured = measured
        return self._engine.notices(step.now_s)

    def _hear_calibration(self, step: Step) -> None:
        told = [note for _, note in step.notes if note.kind == "calibration"]
        if told and len(self._calibration) < _MOST_NOTES:
            self._calibration += told
            events = calibration_events(self._calibration, self.night.time_of)
            self._engine.set_aside(calibration_of(events))


_MOST_NOTES = 1000


class _At:
    """A judge with another threshold."""

    def __init__(self, judge: Judge, threshold: float) -> None:
        self._judge, self._threshold = judge, threshold

    def judge(self, candidates: Sequence[Candidate]) -> Sequence[Verdict]:
        return [self._named(each) for each in self._judge.judge(candidates)]

    def _named(self, verdict: Verdict) -> Verdict:
        if verdict.probability is None or verdict.trial_type == "large_movement":
            return verdict
        if verdict.probability >= self._threshold:
            return replace(verdict, trial_type="cramp")
        return replace(verdict, trial_type=verdict.trial_type and "possible_cramp")
