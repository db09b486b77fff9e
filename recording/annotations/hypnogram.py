"""The hypnogram: which stage of sleep the person was in, and from when to when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import RecordingError
from ..model import Event
from .clock import LONGEST_S
from .stages import SLEEP, stage_names

_EDGE_S: Final = 1e-4


@dataclass(frozen=True, slots=True, eq=False)
class Hypnogram:
    """Scored stages, in order of time and without overlap.

    Attributes
    ----------
    onset, duration
        Of each scored stretch, seconds from the start of the recording, shape ``(n,)``,
        float64.
    stage
        One of `stages.STAGES`, or empty where unscored, shape ``(n,)``, ``<U2``.
    notes
        What a reader of the results must know, one sentence each.
    """

    onset: NDArray[np.float64]
    duration: NDArray[np.float64]
    stage: NDArray[np.str_]
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return int(self.onset.size)

    @property
    def start_s(self) -> float:
        """Onset of the first stretch, seconds; 0 for an empty hypnogram."""
        return float(self.onset[0]) if len(self) else 0.0

    @property
    def end_s(self) -> float:
        """End of the last stretch, seconds; 0 for an empty hypnogram."""
        return float(self.onset[-1] + self.duration[-1]) if len(self) else 0.0

    @property
    def sleep_s(self) -> float:
        """Time asleep, seconds."""
        return float(self.duration[np.isin(self.stage, SLEEP)].sum())

    @property
    def wake_s(self) -> float:
        """Time scored as wake, seconds."""
        return float(self.duration[self.stage == "W"].sum())

    @property
    def unscored_s(self) -> float:
        """Time between the first and the last stretch that has no stage, seconds."""
        return max(0.0, self.end_s - self.start_s - self.sleep_s - self.wake_s)

    def at(
        self,
        times: ArrayLike,
        boundary: Literal["starts", "ends"] = "starts",
    ) -> NDArray[np.str_]:
        """Return the stage at each time, empty where there is none.

        Parameters
        ----------
        times
            Seconds from the start of the recording, shape ``(n,)``.
        boundary
            Whether a time on an edge belongs to the stretch that ``starts`` or to the one
            that ``ends`` there.

        Returns
        -------
        numpy.ndarray
            Shape ``(n,)``, ``<U2``.
        """
        when = np.asarray(times, dtype=np.float64)
        found = np.full(when.shape, "", dtype="<U2")
        if not len(self):
            return found
        if boundary == "starts":
            index = np.searchsorted(self.onset, when + _EDGE_S, side="right") - 1
        else:
            index = np.searchsorted(self.onset, when - _EDGE_S, side="left") - 1
        held = np.clip(index, 0, None)
        end = self.onset[held] + self.duration[held]
        slack = -_EDGE_S if boundary == "starts" else _EDGE_S
        inside = (index >= 0) & (when < end + slack)
        found[inside] = self.stage[held[inside]]
        return found

    def sleep_within(self, start_s: float, stop_s: float) -> float:
        """Return the time asleep between two times, seconds."""
        asleep = np.isin(self.stage, SLEEP)
        begin = np.clip(self.onset[asleep], start_s, stop_s)
        end = np.clip(self.onset[asleep] + self.duration[asleep], start_s, stop_s)
        return float(np.sum(end - begin))

    def shifted(self, seconds: float) -> Hypnogram:
        """Return the same stages, later by `seconds`."""
        return replace(self, onset=self.onset + seconds)

    def events(self) -> tuple[Event, ...]:
        """Return the scored stretches as events (``sleep_W``, ``sleep_N1``, ...)."""
        rows = zip(self.onset, self.duration, self.stage, strict=True)
        return tuple(
            Event(float(onset), float(duration), f"sleep_{stage}")
            for onset, duration, stage in rows
            if stage
        )


def hypnogram_from_epochs(
    names: Sequence[str],
    epoch_s: float = 30.0,
    start_s: float = 0.0,
    notes: Sequence[str] = (),
) -> Hypnogram:
    """Build a hypnogram from one stage for each epoch.

    Parameters
    ----------
    names
        Stage names in any of the spellings of the field, or the numbers of one numbering.
    epoch_s
        Length of an epoch, seconds.
    start_s
        Start of the first epoch, seconds from the start of the recording.
    notes
        Sentences to carry along.

    Raises
    ------
    RecordingError
        If the epoch length is not positive.
    """
    onset = start_s + np.arange(len(names)) * epoch_s
    return hypnogram_from_rows(onset, np.full(len(names), epoch_s), names, notes)


def hypnogram_from_rows(
    onset: ArrayLike,
    duration: ArrayLike,
    names: Sequence[str],
    notes: Sequence[str] = (),
) -> Hypnogram:
    """Build a hypnogram from stretches with a stage name each, in any order.

    Names that are no stage become unscored time and are listed in the notes; overlaps are
    cut where the next stretch begins.

    Raises
    ------
    RecordingError
        If a stretch has no onset or no positive duration.
    """
    start = np.asarray(onset, dtype=np.float64)
    length = np.asarray(duration, dtype=np.float64)
    reach = np.abs(start) + np.abs(length)
    if not (np.all(reach <= LONGEST_S) and np.all(length > 0)):
        raise RecordingError(
            "hypnogram: every epoch needs an onset and a duration above 0 seconds; mend or "
            "remove the rows that have none"
        )
    stages, said = stage_names(names)
    notes = [*notes, *said]
    if np.any(np.diff(start) < 0):
        notes.append("the hypnogram was not in order of time: sorted")
    order = np.argsort(start, kind="stable")
    start, length, stages = start[order], length[order], stages[order]
    overlap = start[:-1] + length[:-1] - start[1:]
    late = int(np.sum(overlap > _EDGE_S))
    if late:
        notes.append(f"{late} epochs of the hypnogram overlap the next: cut at its start")
        length = length.copy()
        length[:-1] -= np.clip(overlap, 0, None)
        real = length > _EDGE_S
        start, length, stages = start[real], length[real], stages[real]
    return Hypnogram(start, length, stages, tuple(notes))
