"""Score a stored night."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from numpy.typing import NDArray

from ...recording.annotations.calibration import calibration_of
from ...recording.annotations.hypnogram import Hypnogram
from ...recording.model import Night, Stream
from ..channels.edges import Recall
from ..cramps.candidates import Judge
from ..movements.night_marks import marks_of
from ..result import NightScore
from ..settings import Settings
from ..signal.scorable import SCORED_KINDS
from .final import Engine

_STRIDE_S = 120.0


def score_night(
    night: Night,
    settings: Settings | None = None,
    *,
    hypnogram: Hypnogram | None = None,
    judge: Judge | None = None,
    cuts_s: Sequence[float] = (),
    progress: Callable[[float], None] | None = None,
) -> NightScore:
    """Score a stored night; a calibration among its events is kept out of it.

    Parameters
    ----------
    night
        The recording; read in stretches of two minutes, never as a whole.
    settings
        Settings of the detector.
    hypnogram
        Stages of sleep; by default those among the recording's own marks. Without any,
        nothing is called periodic in sleep, and rates are per hour of valid recording.
    judge
        Names the cramp candidates; the transparent rule by default.
    cuts_s
        Describe each cramp candidate once more as it was known so many seconds after its
        onset: what a detector that runs live would have seen.
    progress
        Called with the share of the night that was read, 0 to 1.
    """
    engine = Engine(night.streams, settings, judge, cuts_s, calibration_of(night.events))
    readers = [
        (number, iter(stream.chunks(_STRIDE_S)))
        for number, stream in enumerate(night.streams)
        if stream.kind in SCORED_KINDS
    ]
    total = sum(night.streams[number].n_samples for number, _ in readers)
    done = 0
    for number, stream in enumerate(night.streams):
        if stream.kind not in SCORED_KINDS:
            engine.note_end(number, stream.end_s)
    while readers:
        for item in tuple(readers):
            number, chunks = item
            piece = next(chunks, None)
            if piece is None:
                readers.remove(item)
                continue
            segment, _, raw = piece
            engine.push(number, segment, night.streams[number].segments[segment].start_s, raw)
            done += raw.shape[0]
        if progress is not None and total:
            progress(done / total)
    marks = marks_of(night.events, hypnogram, night.duration_s)
    return engine.finish({n: _recall(s) for n, s in enumerate(night.streams)}, marks)


def _recall(stream: Stream) -> Recall:
    def read(segment: int, start: int, stop: int) -> NDArray[Any]:
        return stream.segments[segment].source.read(start, stop)

    return read
