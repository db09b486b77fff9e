"""What the other muscles do meanwhile."""

from __future__ import annotations

import numpy as np

from ...channels.tracks import EmgTrack
from ...signal.robust import median
from .feature import Feature
from .scene import Scene, log_ratio, ratio_of

_ONE = "one head of gastrocnemius, the other silent (Khan and Burne 2007)"
_BOTH = "movements take several muscles or both legs"

FEATURES = (
    Feature(
        "antagonist", "1", "companions", "excess of another muscle of the leg", _ONE, expects=-1
    ),
    Feature(
        "antagonist_together",
        "1",
        "companions",
        "correlation with that muscle",
        _ONE,
        expects=-1,
    ),
    Feature(
        "antagonist_onset",
        "1",
        "companions",
        "its excess in the first two seconds",
        _BOTH,
        expects=-1,
    ),
    Feature(
        "antagonist_active",
        "1",
        "companions",
        "share of the time it is above rest",
        _BOTH,
        expects=-1,
    ),
    Feature("other_leg", "1", "companions", "excess of the other leg", _BOTH, expects=-1),
    Feature(
        "other_leg_together",
        "1",
        "companions",
        "correlation with the other leg",
        _BOTH,
        expects=-1,
    ),
    Feature(
        "other_leg_onset",
        "1",
        "companions",
        "its excess in the first two seconds",
        _BOTH,
        expects=-1,
    ),
    Feature(
        "other_leg_active",
        "1",
        "companions",
        "share of the time it is above rest",
        _BOTH,
        expects=-1,
    ),
    Feature(
        "others_before",
        "1",
        "companions",
        "highest level of any other muscle in the twenty seconds before, over rest, logarithm",
        _BOTH,
        expects=-1,
    ),
    Feature(
        "own_before",
        "1",
        "companions",
        "its own highest excess in the twenty seconds before, over its median, logarithm",
        "tone stays after a movement",
        expects=-1,
    ),
)


def measure(scene: Scene) -> dict[str, float]:
    """Return the features of `FEATURES`; excesses as shares of the candidate's own."""
    values = dict.fromkeys((feature.name for feature in FEATURES), float("nan"))
    ratio = scene.ratio
    if ratio.size < 4:
        return values
    own = max(median(ratio) - 1.0, 1e-6)
    early = slice(scene.start_s - 0.5, scene.start_s + 2.0)
    for name, tracks in (("antagonist", scene.mates), ("other_leg", scene.others)):
        values[name] = _largest([t.excess(scene.start_s, scene.end_s) / own for t in tracks])
        values[f"{name}_onset"] = _largest(
            [t.excess(early.start, early.stop) / own for t in tracks]
        )
        values[f"{name}_together"] = _largest([_together(scene, track) for track in tracks])
        values[f"{name}_active"] = _largest([_active(scene, track) for track in tracks])
    before = (scene.start_s - 20.0, scene.start_s - 1.0)
    highest = _largest([t.strongest(*before) for t in (*scene.mates, *scene.others)])
    values["others_before"] = log_ratio(highest, 1.0)
    values["own_before"] = log_ratio(max(scene.track.strongest(*before) - 1.0, 0.05), own)
    return values


def _together(scene: Scene, track: EmgTrack) -> float:
    """Return the correlation of two levels, cell by cell, from before onset to after end."""
    part = scene.track.between(scene.start_s - 3.0, scene.end_s)
    own = scene.track.level[part]
    at = np.searchsorted(track.time_s, scene.track.time_s[part] - 0.5 * track.cell_s)
    inside = at < track.level.size
    own, other = own[inside], track.level[at[inside]]
    if own.size < 8:
        return float("nan")
    own, other = own - own.mean(), other - other.mean()
    scale = float(np.sqrt((own @ own) * (other @ other)))
    return float(own @ other) / scale if scale > 0.0 else float("nan")


def _active(scene: Scene, track: EmgTrack) -> float:
    """Return the share of the time in which another muscle is above rest."""
    part = track.between(scene.start_s, scene.end_s)
    cells = np.flatnonzero(track.valid[part]) + part.start
    return float(np.mean(ratio_of(track, cells) > 1.7)) if cells.size else float("nan")


def _largest(values: list[float]) -> float:
    known = [value for value in values if not np.isnan(value)]
    return max(known) if known else float("nan")
