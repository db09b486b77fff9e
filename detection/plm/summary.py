"""A scored night as one mapping of numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from .indices import (
    interval_histogram,
    interval_statistics,
    per_hour,
    periodicity_ferri2006,
    periodicity_share,
    series_lengths,
    spread,
)
from .rules import changed_options

if TYPE_CHECKING:
    from .result import PlmScore

_DIGITS: Final = 6


def summarise(score: PlmScore) -> dict[str, Any]:
    """Return every number of the night, ready for JSON.

    Statistics of intervals go by movements in sleep, and by all of them where there is no
    hypnogram; ``basis`` says which.
    """
    counted = _counted(score)
    summary = {
        "rules": score.rules.name,
        "changed_options": changed_options(score.rules),
        "basis": "hour of valid recording" if score.hypnogram is None else "hour of sleep",
        "counts": score.counts(),
        "indices": score.indices(),
        "recording": _recording(score),
        "sleep": _sleep(score),
        "respiratory": _respiratory(score),
        "arousal": _arousal(score),
        "periodicity": {
            "share_of_candidates": _share(score),
            "ferri2006": periodicity_ferri2006(score.onset, counted),
        },
        "intervals": {
            "candidates": interval_statistics(score.kept.imi[counted & score.candidate]),
            "in_series": interval_statistics(score.kept.imi[_inside_series(score) & counted]),
            "histogram": interval_histogram(score.kept.imi[counted & score.candidate]),
        },
        "series": {
            "n": int(score.kept.series.max(initial=0)),
            "lengths": series_lengths(score.kept.series),
        },
        "thirds": _spread(score, 3),
        "hours": _spread(score, None),
        "warnings": list(score.warnings),
    }
    return {name: _plain(value) for name, value in summary.items()}


def _counted(score: PlmScore) -> NDArray[np.bool_]:
    if score.hypnogram is None:
        return np.ones(len(score), dtype=bool)
    return score.in_sleep


def _inside_series(score: PlmScore) -> NDArray[np.bool_]:
    """Return which movements follow another one of their own series."""
    later = np.zeros(len(score), dtype=bool)
    members = np.flatnonzero(score.plm)
    numbers = score.kept.series[members]
    later[members[1:]] = numbers[1:] == numbers[:-1]
    return later


def _share(score: PlmScore) -> float | None:
    if score.hypnogram is not None:
        return score.indices()["periodicity_index"]
    candidates = int(np.sum(score.candidate & ~score.set_aside))
    return periodicity_share(int(score.plm.sum()), candidates)


def _recording(score: PlmScore) -> Mapping[str, Any]:
    seconds = score.valid_s or 0.0
    counts = score.counts()
    return {
        "valid_s": score.valid_s,
        "lm_per_h": per_hour(counts["lm"] or 0, seconds),
        "clm_per_h": per_hour(counts["clm"] or 0, seconds),
        "plm_per_h": per_hour(counts["plm"] or 0, seconds),
    }


def _sleep(score: PlmScore) -> Mapping[str, Any] | None:
    stages = score.hypnogram
    if stages is None:
        return None
    return {
        "start_s": stages.start_s,
        "end_s": stages.end_s,
        "sleep_s": stages.sleep_s,
        "wake_s": stages.wake_s,
        "unscored_s": stages.unscored_s,
    }


def _respiratory(score: PlmScore) -> Mapping[str, Any] | None:
    if not score.respiratory_given:
        return None
    return {
        "set_aside": int(score.set_aside.sum()),
        "counts_with_them": score.counts(respiratory=True),
        "indices_with_them": score.indices(respiratory=True),
    }


def _arousal(score: PlmScore) -> Mapping[str, Any] | None:
    if not score.arousals_given:
        return None
    together = score.plm & score.arousal
    in_sleep = int(np.sum(together & score.in_sleep))
    stages = score.hypnogram
    return {
        "lm": int(score.arousal.sum()),
        "plm": int(together.sum()),
        "plms": None if stages is None else in_sleep,
        "plms_per_h": None if stages is None else per_hour(in_sleep, stages.sleep_s),
    }


def _spread(score: PlmScore, parts: int | None) -> list[dict[str, Any]] | None:
    """Spread PLM over equal parts of the night, or over hours from its start."""
    start, end, plm = 0.0, score.valid_s or 0.0, score.plm
    if score.hypnogram is not None:
        start, end = score.hypnogram.start_s, score.hypnogram.end_s
        plm = plm & score.in_sleep
    if end <= start:
        return None
    if parts is None:
        edges = np.append(np.arange(start, end, 3600.0), end)
    else:
        edges = np.linspace(start, end, parts + 1)
    return spread(score.onset[plm], edges, score.hypnogram)


def _plain(value: Any) -> Any:
    """Return JSON-ready values with a sane number of digits."""
    if isinstance(value, float):
        return round(value, _DIGITS)
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
