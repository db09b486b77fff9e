"""What follows a contraction. None of this is known to a detector that runs live."""

from __future__ import annotations

import numpy as np

from ...signal.robust import median
from .feature import Feature
from .movement import STILL_G, heard
from .scene import Scene, log_ratio, ratio_of

_AFTER = "after a cramp most people sit, rub, stretch, stand or walk"
_TONE = "calf EMG stayed near twice its rest (Chaney and Sherman)"
_CONTACT = "a changed electrode stays changed"

FEATURES = (
    Feature(
        "movement_after",
        "g",
        "after",
        "median movement in the half minute after",
        _AFTER,
        follows=True,
        expects=1,
    ),
    Feature(
        "moving_after",
        "1",
        "after",
        "share of the minute after in which the leg moves",
        _AFTER,
        follows=True,
        expects=1,
    ),
    Feature(
        "movement_at_end",
        "g",
        "after",
        "largest movement around the end",
        _AFTER,
        follows=True,
        portable=False,
    ),
    Feature(
        "turn_after_deg",
        "deg",
        "after",
        "turn of gravity in the two minutes after",
        _AFTER,
        follows=True,
        expects=1,
    ),
    Feature(
        "steps_after",
        "1",
        "after",
        "share of the three minutes after spent walking",
        _AFTER,
        follows=True,
        expects=1,
    ),
    Feature(
        "antagonist_at_end",
        "1",
        "after",
        "the antagonist around the end, over its rest",
        _AFTER,
        follows=True,
        portable=False,
    ),
    Feature(
        "tone_after",
        "1",
        "after",
        "level over rest from 5 to 60 s after",
        _TONE,
        follows=True,
        expects=1,
    ),
    Feature(
        "level_later",
        "1",
        "after",
        "level over rest from 2 to 10 minutes after",
        _CONTACT,
        follows=True,
        portable=False,
    ),
    Feature(
        "mains_after",
        "1",
        "after",
        "mains after over mains before, logarithm",
        _CONTACT,
        follows=True,
        expects=-1,
    ),
    Feature(
        "fall_to_rest", "1", "after", "fall within the two seconds around the end", _AFTER, True
    ),
)

_STEPPING_G = 0.08


def measure(scene: Scene) -> dict[str, float]:
    """Return the features of `FEATURES`; NaN where the recording does not go on."""
    values = dict.fromkeys((feature.name for feature in FEATURES), float("nan"))
    track, end = scene.track, scene.end_s
    values["tone_after"] = median(ratio_of(track, scene.after(5.0, 60.0)))
    values["level_later"] = median(ratio_of(track, scene.after(120.0, 600.0)))
    before, after = scene.before(60.0, 2.0), scene.after(2.0, 60.0)
    if before.size and after.size:
        floor = 0.02 * median(track.level[scene.during])
        values["mains_after"] = log_ratio(
            max(median(track.mains[after]), floor), max(median(track.mains[before]), floor)
        )
    edge = scene.after(0.0, 2.0)
    last = scene.during[-4:]
    if edge.size and last.size:
        own = max(median(scene.ratio) - 1.0, 1e-6)
        fall = median(ratio_of(track, last)) - median(ratio_of(track, edge))
        values["fall_to_rest"] = fall / own
    pulls = [mate.strongest(end - 3.0, end + 6.0) for mate in scene.mates]
    known = [pull for pull in pulls if not np.isnan(pull)]
    values["antagonist_at_end"] = max(known) if known else float("nan")
    motion = scene.motion
    if motion is None:
        return values
    values["movement_after"] = heard(motion.median_level(end, end + 30.0))
    values["moving_after"] = motion.moving_share(end, end + 60.0, STILL_G)
    values["movement_at_end"] = heard(motion.largest(end - 3.0, end + 3.0))
    values["turn_after_deg"] = motion.turn_deg(end - 3.0, end + 117.0)
    values["steps_after"] = motion.moving_share(end, end + 180.0, _STEPPING_G)
    return values
