"""Score a night's leg movements by one rule set, from marks to a result."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...recording.annotations.clock import LONGEST_S
from ...recording.annotations.hypnogram import Hypnogram
from .association import near_arousal, near_respiratory
from .combine import combine
from .movements import Movements
from .remarks import about_hypnogram, about_marks, about_table
from .result import PlmScore, SeriesScore
from .rules import WASM2016, Rules
from .series import find_series, intervals


def score_movements(
    movements: Movements,
    rules: Rules = WASM2016,
    *,
    hypnogram: Hypnogram | None = None,
    respiratory: ArrayLike | None = None,
    arousals: ArrayLike | None = None,
    interruptions: ArrayLike | None = None,
    valid_s: float | None = None,
) -> PlmScore:
    """Score leg movements.

    Parameters
    ----------
    movements
        Marks on each leg, as `movements_from_events` or `movements_from_arrays` gives them.
    rules
        Rule set, `WASM2016` or `AASM`, or a changed copy.
    hypnogram
        Stages. Without one nothing is called periodic in sleep, and rates are per hour of
        valid recording.
    respiratory
        Onset and duration of respiratory events, seconds, shape ``(n, 2)``. If given, the
        candidates next to them are set aside before series are sought; an empty table says
        that there were none.
    arousals
        Onset and duration of arousals, seconds, shape ``(n, 2)``.
    interruptions
        Onset and duration of what is no leg movement of the standard and yet moves the
        legs (a turn in bed), seconds, shape ``(n, 2)``. It ends a series where a long
        movement does, and is passed over where that is passed over.
    valid_s
        Time in which leg movements could be seen, seconds.

    Returns
    -------
    PlmScore
        All combined movements with what each of them is, and the numbers of the night.

    Raises
    ------
    ValueError
        If a table has another shape, or `valid_s` is not a positive time.
    """
    if valid_s is not None and not 0 < valid_s <= LONGEST_S:
        raise ValueError(f"valid_s is {valid_s}; it is the recorded time in seconds, above 0")
    combined = combine(movements, rules)
    passed_over = rules.long_movement != "interrupts"
    other = _pairs(None if passed_over else interruptions, "interruptions")
    other = np.column_stack((other[:, 0], other.sum(axis=1)))
    barriers = np.concatenate((combined.barriers, other))
    breathing = _pairs(respiratory, "respiratory events")
    waking = _pairs(arousals, "arousals")
    onset, end, candidate = combined.onset, combined.end, combined.candidate
    stage = (
        np.full(onset.shape, "", dtype="<U2")
        if hypnogram is None
        else hypnogram.at(onset, rules.stage_at_boundary)
    )
    by_breath = near_respiratory(onset, end, breathing, rules)
    set_aside = by_breath & (candidate | (rules.respiratory_noncandidates == "removed"))
    in_run = np.ones(onset.shape, dtype=bool)
    if rules.wake_movement == "passed_over":
        in_run &= stage != "W"

    def sought(listed: NDArray[np.bool_]) -> SeriesScore:
        series = np.zeros(onset.size, dtype=np.int64)
        imi = np.full(onset.size, np.nan)
        imi[listed] = intervals(onset[listed], candidate[listed], rules, other)
        runs = listed & in_run
        series[runs] = find_series(onset[runs], candidate[runs], rules, barriers)
        return SeriesScore(series, imi)

    everything = sought(np.ones(onset.shape, dtype=bool))
    return PlmScore(
        rules=rules,
        onset=onset,
        duration=end - onset,
        side=combined.side,
        members=combined.members,
        candidate=candidate,
        stage=stage,
        respiratory=by_breath,
        arousal=near_arousal(onset, end, waking, rules),
        set_aside=set_aside,
        all_movements=everything,
        kept=sought(~set_aside) if respiratory is not None else everything,
        barriers=barriers,
        hypnogram=hypnogram,
        respiratory_given=respiratory is not None,
        arousals_given=arousals is not None,
        valid_s=valid_s,
        warnings=(
            *movements.warnings,
            *about_marks(movements, combined.barriers, rules),
            *about_table(respiratory, breathing, "respiratory events"),
            *about_table(arousals, waking, "arousals"),
            *about_hypnogram(movements, hypnogram, stage, onset, valid_s=valid_s, rules=rules),
        ),
    )


def _pairs(table: ArrayLike | None, what: str) -> NDArray[np.float64]:
    """Return onset and duration of the usable rows, shape ``(n, 2)``."""
    values = np.empty((0, 2)) if table is None else np.asarray(table, dtype=np.float64)
    if values.size == 0:
        return np.empty((0, 2))
    if values.ndim != 2 or values.shape[1] != 2:
        raise ValueError(f"{what}: shape {values.shape}; needed is (n, 2), onset and duration")
    usable = np.isfinite(values).all(axis=1) & (values[:, 1] >= 0)
    return np.asarray(values[usable])
