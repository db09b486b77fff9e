"""What the rules say about a night's leg movements."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from ...recording.annotations.hypnogram import Hypnogram
from ...recording.annotations.stages import SLEEP
from ...recording.model import Event
from ..agreement import Agreement, compare_scorings
from .indices import per_hour, periodicity_share
from .movements import SIDE_NAMES
from .rules import Rules
from .summary import summarise

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, eq=False)
class SeriesScore:
    """Series and intervals of one list of movements.

    Attributes
    ----------
    series
        1, 2, ... in order of time, 0 outside a series, shape ``(n,)``, int64.
    imi
        Interval from the movement before, seconds, NaN where there is none, shape ``(n,)``.
    """

    series: NDArray[np.int64]
    imi: NDArray[np.float64]

    @property
    def plm(self) -> NDArray[np.bool_]:
        """Whether each movement is part of a series."""
        return self.series > 0


@dataclass(frozen=True, slots=True, eq=False)
class PlmScore:
    """Leg movements of a night, scored. All arrays have shape ``(n,)``, in order of onset.

    Attributes
    ----------
    rules
        Rule set it was scored by.
    onset, duration
        Of combined movements, first onset to last offset, seconds.
    side
        Codes of `movements.SIDE_NAMES`.
    members
        Number of one-leg movements in each.
    candidate
        Whether it could be part of a series (CLM).
    stage
        Stage at the onset, empty where there is none.
    respiratory, arousal
        Whether it lies next to a respiratory event, an arousal.
    set_aside
        Whether it was taken out of `kept` as respiratory.
    all_movements, kept
        Series in the whole list, and without the respiratory movements. The same where no
        respiratory events were given.
    barriers
        Onset and end of what broke series without being a leg movement, shape ``(m, 2)``.
    hypnogram
        Stages, or None.
    respiratory_given, arousals_given
        Whether these events were known at all.
    valid_s
        Time in which leg movements could be seen, seconds, or None.
    warnings
        What the reader must know, one sentence each.
    """

    rules: Rules
    onset: NDArray[np.float64]
    duration: NDArray[np.float64]
    side: NDArray[np.int8]
    members: NDArray[np.int64]
    candidate: NDArray[np.bool_]
    stage: NDArray[np.str_]
    respiratory: NDArray[np.bool_]
    arousal: NDArray[np.bool_]
    set_aside: NDArray[np.bool_]
    all_movements: SeriesScore
    kept: SeriesScore
    barriers: NDArray[np.float64]
    hypnogram: Hypnogram | None
    respiratory_given: bool
    arousals_given: bool
    valid_s: float | None
    warnings: tuple[str, ...]

    def __len__(self) -> int:
        return int(self.onset.size)

    @property
    def plm(self) -> NDArray[np.bool_]:
        """Whether each movement is periodic, respiratory ones set aside where known."""
        return self.kept.plm

    @property
    def in_sleep(self) -> NDArray[np.bool_]:
        """Whether the onset lies in sleep; false everywhere without a hypnogram."""
        return np.isin(self.stage, SLEEP)

    @property
    def in_wake(self) -> NDArray[np.bool_]:
        """Whether the onset lies in wake; false everywhere without a hypnogram."""
        return np.asarray(self.stage == "W")

    def counts(self, *, respiratory: bool = False) -> dict[str, int | None]:
        """Return ``lm``, ``clm``, ``plm``, ``plms``, ``plmw``.

        Without a hypnogram the last two are None. With `respiratory`, the movements that
        were set aside take part.
        """
        plm = (self.all_movements if respiratory else self.kept).plm
        staged = self.hypnogram is not None
        return {
            "lm": len(self),
            "clm": int(self.candidate.sum()),
            "plm": int(plm.sum()),
            "plms": int(np.sum(plm & self.in_sleep)) if staged else None,
            "plmw": int(np.sum(plm & self.in_wake)) if staged else None,
        }

    def indices(self, *, respiratory: bool = False) -> dict[str, float | None]:
        """Return ``plms_per_h``, ``plmw_per_h``, ``lm_per_h``, ``periodicity_index``.

        Per hour of sleep (``plmw_per_h``: of wake); None without a hypnogram, or where there
        is no such time. The periodicity index is the share of candidates in sleep that are
        periodic; what was set aside is in neither number.
        """
        if self.hypnogram is None:
            return dict.fromkeys(("plms_per_h", "plmw_per_h", "lm_per_h", "periodicity_index"))
        counts = self.counts(respiratory=respiratory)
        candidates = self.candidate & self.in_sleep
        if self.respiratory_given and not respiratory:
            candidates &= ~self.set_aside
        plms, plmw = counts["plms"] or 0, counts["plmw"] or 0
        return {
            "plms_per_h": per_hour(plms, self.hypnogram.sleep_s),
            "plmw_per_h": per_hour(plmw, self.hypnogram.wake_s),
            "lm_per_h": per_hour(int(self.in_sleep.sum()), self.hypnogram.sleep_s),
            "periodicity_index": periodicity_share(plms, int(candidates.sum())),
        }

    def summary(self) -> dict[str, Any]:
        """Return every number of the night, ready for JSON."""
        return summarise(self)

    def table(self) -> pd.DataFrame:
        """Return one row for each combined movement.

        Columns: ``onset``, ``duration``, ``side``, ``members``, ``clm``, ``plm``, ``series``,
        ``imi``, ``stage``, ``respiratory``, ``arousal``, ``set_aside``.
        """
        import pandas as pd

        outside = self.kept.series == 0
        return pd.DataFrame(
            {
                "onset": self.onset,
                "duration": self.duration,
                "side": pd.Series([SIDE_NAMES[code] for code in self.side], dtype="str"),
                "members": self.members,
                "clm": self.candidate,
                "plm": self.plm,
                "series": pd.Series(self.kept.series, dtype="Int64").mask(outside),
                "imi": self.kept.imi,
                "stage": self.stage.astype(object),
                "respiratory": self.respiratory,
                "arousal": self.arousal,
                "set_aside": self.set_aside,
            }
        )

    def events(self, rule: str | None = None) -> tuple[Event, ...]:
        """Return the movements as events: ``PLM`` in a series, ``LM`` outside.

        Parameters
        ----------
        rule
            Basis of the marks where it is not the standard's own definition (``calf``,
            ``relative``, ``accelerometric``); by default the name of the rule set.
        """
        rows = zip(
            *(self.onset, self.duration, self.side, self.plm),
            *(self.kept.series, self.candidate),
            strict=True,
        )
        return tuple(
            Event(
                float(onset),
                float(duration),
                "PLM" if plm else "LM",
                side=SIDE_NAMES[side],
                extra={
                    "series": int(series) if plm else None,
                    "clm": bool(clm),
                    "rule": rule or self.rules.name,
                },
            )
            for onset, duration, side, plm, series, clm in rows
        )

    def mask(
        self, times: NDArray[np.float64], what: Literal["lm", "clm", "plm"] = "plm"
    ) -> NDArray[np.bool_]:
        """Return which times lie in a movement.

        Parameters
        ----------
        times
            Seconds from the start of the recording, any shape.
        what
            All leg movements, candidates, or periodic ones.

        Returns
        -------
        numpy.ndarray
            Shape of `times`, bool. A movement covers its onset and not its offset.
        """
        chosen = {"lm": np.ones(len(self), bool), "clm": self.candidate, "plm": self.plm}[what]
        onset = self.onset[chosen]
        end = np.sort((self.onset + self.duration)[chosen])
        begun = np.searchsorted(onset, times, side="right")
        over = np.searchsorted(end, times, side="right")
        return np.asarray(begun > over)

    def compare(
        self,
        other: PlmScore,
        what: Literal["lm", "clm", "plm"] = "plm",
        *,
        min_iou: float = 0.2,
        onset_tolerance_s: float | None = None,
    ) -> Agreement:
        """Compare with another scoring of the same night; this one is the reference.

        Parameters
        ----------
        other
            Scoring to judge.
        what
            All leg movements, candidates, or periodic ones.
        min_iou, onset_tolerance_s
            What makes two movements the same, see `agreement.compare_scorings`.

        Returns
        -------
        Agreement
            With kappa where the length of the night is known, by the recording or the
            hypnogram of this scoring.
        """
        night = self.valid_s or (self.hypnogram.end_s if self.hypnogram is not None else 0.0)
        return compare_scorings(
            self._spans(what),
            other._spans(what),
            min_iou=min_iou,
            onset_tolerance_s=onset_tolerance_s,
            duration_s=night if night > 0 else None,
            index_difference=_difference(self._rate(), other._rate()),
        )

    def _spans(self, what: Literal["lm", "clm", "plm"]) -> NDArray[np.float64]:
        chosen = {"lm": np.ones(len(self), bool), "clm": self.candidate, "plm": self.plm}[what]
        onset = self.onset[chosen]
        return np.column_stack((onset, onset + self.duration[chosen]))

    def _rate(self) -> float | None:
        if self.hypnogram is not None:
            return self.indices()["plms_per_h"]
        return None if self.valid_s is None else per_hour(int(self.plm.sum()), self.valid_s)


def _difference(reference: float | None, other: float | None) -> float | None:
    return None if reference is None or other is None else other - reference
