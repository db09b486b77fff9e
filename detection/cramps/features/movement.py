"""What the accelerometers say before and during a contraction."""

from __future__ import annotations

import numpy as np

from ...channels.motion import MotionTrack, angle_deg
from ...signal.robust import median
from .feature import Feature
from .scene import Scene, log_ratio

_STILL = "cramps began without movement (Chaney and Sherman)"
_TURN = "gravity in the sensor's frame turns with posture"
_STEP = "steps at 0.8-2 Hz"

FEATURES = (
    Feature(
        "movement", "g", "movement", "median movement without its first and last s", _STILL
    ),
    Feature("movement_rest", "1", "movement", "the same over the sensor's rest, log", _STILL),
    Feature("moving", "1", "movement", "share of the time the leg moves", _STILL),
    Feature("movement_most", "g", "movement", "largest movement", _STILL),
    Feature("movement_at_onset", "g", "movement", "largest movement around the onset", _STILL),
    Feature("movement_before", "g", "movement", "median in the half minute before", _STILL),
    Feature("moving_before", "1", "movement", "share of that time the leg moves", _STILL),
    Feature("onset_turn_deg", "deg", "movement", "turn of gravity around the onset", _TURN),
    Feature("turn_deg", "deg", "movement", "turn of gravity from start to end", _TURN),
    Feature("wander_deg", "deg", "movement", "how far gravity strays meanwhile", _TURN),
    Feature("strange_posture", "1", "movement", "how rare the posture is in that hour", _TURN),
    Feature("steps", "1", "movement", "share of the time with rhythm of steps", _STEP),
    Feature("other_moving", "1", "movement", "share of the time the other leg moves", _STILL),
    Feature("other_turn_deg", "deg", "movement", "turn of the other leg's gravity", _TURN),
)

STILL_G = 0.03
"""Movement up to this is stillness, g."""

_STEPPING_G = 0.08
_BESIDE_S = 3.0
_PAST_S = 3600.0
_ALIKE_DEG = 30.0


def measure(scene: Scene) -> dict[str, float]:
    """Return the features of `FEATURES`; NaN without an accelerometer."""
    values = dict.fromkeys((feature.name for feature in FEATURES), float("nan"))
    start, end = scene.start_s, scene.end_s
    other = scene.other_motion
    if other is not None and other.in_g:
        values["other_moving"] = other.moving_share(start, end, STILL_G)
        values["other_turn_deg"] = _turn_deg(other, start, end)
    motion = scene.motion
    if motion is None:
        return values
    values["movement"] = motion.median_level(start + 1.0, end - 1.0)
    part = motion.between(start, end)
    keep = np.flatnonzero(motion.valid[part]) + part.start
    if keep.size:
        values["movement_rest"] = log_ratio(
            median(motion.level[keep]), median(motion.resting[keep])
        )
        values["movement_most"] = float(motion.level[keep].max())
        values["steps"] = float(np.mean(motion.level[keep] > _STEPPING_G))
    values["moving"] = motion.moving_share(start, end, STILL_G)
    values["movement_at_onset"] = motion.largest(start - 2.0, start + 2.0)
    values["movement_before"] = motion.median_level(start - 30.0, start)
    values["moving_before"] = motion.moving_share(start - 30.0, start, STILL_G)
    values["onset_turn_deg"] = angle_deg(
        motion.posture(start - 13.0, start - 10.0), motion.posture(start + 2.0, start + 5.0)
    )
    values["turn_deg"] = _turn_deg(motion, start, end)
    values["wander_deg"] = motion.wander_deg(start, end)
    values["strange_posture"] = _strangeness(motion, start, end)
    return values


def _turn_deg(motion: MotionTrack, start_s: float, end_s: float) -> float:
    """Return the turn of gravity from before the onset to the last seconds, degrees."""
    return angle_deg(
        motion.posture(start_s - _BESIDE_S, start_s), motion.posture(end_s - _BESIDE_S, end_s)
    )


def _strangeness(motion: MotionTrack, start_s: float, end_s: float) -> float:
    """Return the share of the hour before that was spent in another posture."""
    here = motion.posture(start_s, end_s)
    past = motion.gravity[motion.between(start_s - _PAST_S, start_s)][::20]
    if here is None or past.shape[0] < 6:
        return float("nan")
    length = np.linalg.norm(past, axis=1) * np.linalg.norm(here)
    with np.errstate(invalid="ignore", divide="ignore"):
        cosine = past @ here / length
    return float(np.mean(~(cosine > np.cos(np.radians(_ALIKE_DEG)))))
