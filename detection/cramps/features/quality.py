"""Whether the signal can be trusted: mains, slow excursions, contact."""

from __future__ import annotations

import numpy as np

from ...signal.robust import median
from .feature import Feature
from .scene import Scene, log_ratio

_CONTACT = "an electrode that comes off lets in mains and drift (Clancy, Morin, Merletti 2002)"
_GAP = "a gap hides what came before"

FEATURES = (
    Feature("mains", "1", "quality", "mains over the level, logarithm", _CONTACT, expects=-1),
    Feature(
        "mains_jump",
        "1",
        "quality",
        "mains over that of the minute before, log",
        _CONTACT,
        expects=-1,
    ),
    Feature(
        "mains_spread",
        "1",
        "quality",
        "how much mains changes meanwhile",
        _CONTACT,
        portable=False,
    ),
    Feature("slow", "1", "quality", "slow excursion over the level", _CONTACT, expects=-1),
    Feature(
        "slow_jump",
        "1",
        "quality",
        "slow excursion over that of rest, log",
        _CONTACT,
        portable=False,
    ),
    Feature(
        "slow_at_onset",
        "1",
        "quality",
        "slow excursion at the onset, over peak",
        _CONTACT,
        expects=-1,
    ),
    Feature("trusted", "1", "quality", "share of it that can be trusted", _CONTACT, expects=1),
    Feature(
        "since_gap_s",
        "s",
        "quality",
        "time since the last gap, at most ten minutes",
        _GAP,
        portable=False,
    ),
)


def measure(scene: Scene) -> dict[str, float]:
    """Return the features of `FEATURES`."""
    values = dict.fromkeys((feature.name for feature in FEATURES), float("nan"))
    track, cells, quiet = scene.track, scene.during, scene.quiet
    part = track.between(scene.start_s, scene.end_s)
    if part.stop > part.start:
        values["trusted"] = float(np.mean(track.valid[part]))
    past = track.between(scene.start_s - 600.0, scene.start_s + track.cell_s)
    breaks = np.flatnonzero(np.diff(track.time_s[past]) > 1.5 * track.cell_s)
    since = 600.0
    if breaks.size:
        since = scene.start_s - float(track.time_s[past.start + int(breaks[-1]) + 1])
    values["since_gap_s"] = max(since, 0.0)
    if cells.size < 4:
        return values
    level = median(track.level[cells])
    mains = median(track.mains[cells])
    floor = 0.02 * level
    values["mains"] = log_ratio(max(mains, floor), level)
    quartiles = np.quantile(track.mains[cells], [0.1, 0.9])
    values["mains_spread"] = log_ratio(
        max(float(quartiles[1]), floor), max(float(quartiles[0]), floor)
    )
    usual = median(track.mains[scene.before(60.0, 2.0)])
    values["mains_jump"] = log_ratio(max(mains, floor), max(usual, floor))
    slow = median(track.slow[cells])
    values["slow"] = slow / max(level, 1e-9)
    if quiet.size:
        values["slow_jump"] = log_ratio(slow, median(track.slow[quiet]))
    around = track.between(scene.start_s - 1.0, scene.start_s + 2.0)
    if around.stop > around.start:
        peak = max(float(track.peak[around].max()), 1e-9)
        values["slow_at_onset"] = float(track.slow[around].max()) / peak
    return values
