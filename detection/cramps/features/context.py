"""When in the night: what came before the contraction."""

from __future__ import annotations

import numpy as np

from .feature import Feature
from .scene import BEFORE_S, Scene, log_ratio, ratio_of

_AGAIN = "a cramp is easier to provoke for an hour after one (Miller et al. 2017)"
_SERIES = "periodic movements come every 10 to 90 s (WASM 2016)"

FEATURES = (
    Feature(
        "since_last_s",
        "s",
        "context",
        "time since the last contraction of the leg",
        _AGAIN,
        portable=False,
    ),
    Feature(
        "tibialis",
        "1",
        "context",
        "whether it is tibialis anterior, which lifts the foot, or a calf",
        "cramps lie in the calf or the foot (Hallegraeff et al. 2017)",
        expects=-1,
    ),
    Feature(
        "over_last",
        "1",
        "context",
        "its excess over that of a contraction in the minute before, logarithm",
        "tone stays after a movement or a cramp",
        expects=1,
    ),
    Feature(
        "in_hour",
        "1",
        "context",
        "contractions of the leg in the hour before",
        _AGAIN,
        portable=False,
    ),
    Feature(
        "bursts_before",
        "1",
        "context",
        "bursts in the ten minutes before",
        _SERIES,
        portable=False,
    ),
    Feature(
        "burst_pace", "1", "context", "regularity of their intervals", _SERIES, portable=False
    ),
    Feature(
        "minutes_before_s",
        "s",
        "context",
        "signal seen before, at most ten minutes",
        _SERIES,
        portable=False,
    ),
)

_HOUR_S = 3600.0
_TONE_S = 60.0
_BURST = 2.5


def measure(scene: Scene) -> dict[str, float]:
    """Return the features of `FEATURES`."""
    ends = [end for _, end in scene.earlier if end <= scene.start_s + 1.0]
    recent = [end for end in ends if end > scene.start_s - _HOUR_S]
    over_last = float("nan")
    if ends and ends[-1] > scene.start_s - _TONE_S:
        begun = max(start for start, end in scene.earlier if end == ends[-1])
        over_last = log_ratio(
            scene.track.excess(scene.start_s, scene.end_s),
            scene.track.excess(begun, ends[-1]),
        )
    cells = scene.before(BEFORE_S)
    active = ratio_of(scene.track, cells) > _BURST
    onsets = scene.track.time_s[cells[1:][active[1:] & ~active[:-1]]]
    pace = float("nan")
    if onsets.size >= 4:
        between = np.diff(onsets)
        pace = float(np.mean((between > 8.0) & (between < 60.0)))
    return {
        "since_last_s": min(scene.start_s - ends[-1], _HOUR_S) if recent else _HOUR_S,
        "tibialis": _tibialis(scene.track.report.placement),
        "over_last": over_last,
        "in_hour": float(len(recent)),
        "bursts_before": float(onsets.size),
        "burst_pace": pace,
        "minutes_before_s": cells.size * scene.track.cell_s,
    }


def _tibialis(muscle: str | None) -> float:
    return float("nan") if muscle is None else float(muscle == "TA")
