"""How strong a contraction is, over rest and over what else the muscle does."""

from __future__ import annotations

import numpy as np

from ...signal.robust import median
from .feature import Feature
from .scene import BEFORE_S, Scene, log_ratio, ratio_of

_NIGHT = "calf EMG rose by 100-500 % before painful waking (Chaney and Sherman)"
_OURS = "contrast with a changed electrode and with tone"

FEATURES = (
    Feature("ratio_median", "1", "level", "median level over rest", _NIGHT, expects=1),
    Feature("ratio_peak", "1", "level", "highest level over rest, over 2.5 s", _NIGHT),
    Feature(
        "ratio_low",
        "1",
        "level",
        "level over rest that it keeps nine tenths of it",
        _NIGHT,
        expects=1,
    ),
    Feature(
        "level_uv", "uV", "level", "level above rest", "calibrated sensors only", portable=False
    ),
    Feature(
        "reference",
        "1",
        "level",
        "level over the calibration contraction",
        "by design",
        portable=False,
    ),
    Feature(
        "before", "1", "level", "level over rest in the minute before", _OURS, portable=False
    ),
    Feature(
        "rest_rise",
        "1",
        "level",
        "change of rest in ten minutes, logarithm",
        _OURS,
        portable=False,
    ),
    Feature(
        "busy",
        "1",
        "level",
        "share of the ten minutes before above rest",
        _OURS,
        portable=False,
    ),
)


def measure(scene: Scene) -> dict[str, float]:
    """Return the features of `FEATURES`."""
    track, ratio = scene.track, scene.ratio
    values = dict.fromkeys((feature.name for feature in FEATURES), float("nan"))
    if ratio.size == 0:
        return values
    values["ratio_median"] = median(ratio)
    values["ratio_peak"] = float(np.max(_running_mean(ratio)))
    values["ratio_low"] = float(np.quantile(ratio, 0.1))
    level = median(track.level[scene.during])
    if track.report.unit == "uV":
        values["level_uv"] = level - median(track.resting[scene.during])
    values["reference"] = level / scene.reference
    minute = ratio_of(track, scene.before(60.0, 2.0))
    values["before"] = median(minute)
    past = scene.before(BEFORE_S, 2.0)
    if past.size:
        early = past[: max(1, past.size // 5)]
        values["rest_rise"] = log_ratio(
            median(track.resting[scene.during]), median(track.resting[early])
        )
        values["busy"] = float(np.mean(ratio_of(track, past) > 1.7))
    return values


def _running_mean(
    ratio: np.ndarray[tuple[int], np.dtype[np.float64]],
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    width = min(5, ratio.size)
    return np.convolve(ratio, np.full(width, 1.0 / width), "valid")
