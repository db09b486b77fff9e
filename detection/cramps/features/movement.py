"""What the accelerometers say before and during a contraction."""

from __future__ import annotations

import math

import numpy as np

from ...channels.motion import MotionTrack, angle_deg
from ...signal.robust import median
from .feature import Feature
from .scene import BEFORE_S, Scene, log_ratio

_STILL = "cramps began without movement (Chaney and Sherman)"
_TURN = "gravity in the sensor's frame turns with posture"
_STEP = "steps at 0.8-2 Hz"

FEATURES = (
    Feature(
        "movement",
        "g",
        "movement",
        "median movement without its first and last s",
        _STILL,
        expects=-1,
    ),
    Feature(
        "movement_rest",
        "1",
        "movement",
        "the same over the sensor's rest, log",
        _STILL,
        expects=-1,
    ),
    Feature("moving", "1", "movement", "share of the time the leg moves", _STILL, expects=-1),
    Feature("movement_most", "g", "movement", "largest movement", _STILL, expects=-1),
    Feature(
        "movement_at_onset",
        "g",
        "movement",
        "largest movement around the onset",
        _STILL,
        expects=-1,
    ),
    Feature(
        "movement_before",
        "g",
        "movement",
        "median in the half minute before",
        _STILL,
        expects=-1,
    ),
    Feature(
        "moving_before", "1", "movement", "share of that time the leg moves", _STILL, expects=-1
    ),
    Feature(
        "since_movement_s",
        "s",
        "movement",
        "time since the leg last moved, at most ten minutes",
        "tone stays after a change of posture",
        expects=1,
    ),
    Feature(
        "onset_turn_deg",
        "deg",
        "movement",
        "turn of gravity around the onset",
        _TURN,
        expects=-1,
    ),
    Feature(
        "turn_deg", "deg", "movement", "turn of gravity from start to end", _TURN, expects=-1
    ),
    Feature(
        "wander_deg", "deg", "movement", "how far gravity strays meanwhile", _TURN, expects=-1
    ),
    Feature(
        "strange_posture",
        "1",
        "movement",
        "how rare the posture is in that hour",
        _TURN,
        expects=-1,
    ),
    Feature(
        "steps", "1", "movement", "share of the time with rhythm of steps", _STEP, expects=-1
    ),
    Feature(
        "other_moving",
        "1",
        "movement",
        "share of the time the other leg moves",
        _STILL,
        expects=-1,
    ),
    Feature(
        "other_turn_deg",
        "deg",
        "movement",
        "turn of the other leg's gravity",
        _TURN,
        expects=-1,
    ),
)

STILL_G = 0.03
"""Movement up to this is stillness, g."""

NOISE_G = 0.01
"""Below this a movement is told from the sensor's noise by its own rest only, g."""

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
    values["movement"] = heard(motion.median_level(start + 1.0, end - 1.0))
    part = motion.between(start, end)
    keep = np.flatnonzero(motion.valid[part]) + part.start
    if keep.size:
        values["movement_rest"] = log_ratio(
            median(motion.level[keep]), median(motion.resting[keep])
        )
        values["movement_most"] = heard(float(motion.level[keep].max()))
        values["steps"] = float(np.mean(motion.level[keep] > _STEPPING_G))
    values["moving"] = motion.moving_share(start, end, STILL_G)
    values["movement_at_onset"] = heard(motion.largest(start - 2.0, start + 2.0))
    values["movement_before"] = heard(motion.median_level(start - 30.0, start))
    values["since_movement_s"] = _since_movement(motion, start)
    values["moving_before"] = motion.moving_share(start - 30.0, start, STILL_G)
    values["onset_turn_deg"] = angle_deg(
        motion.posture(start - 13.0, start - 10.0), motion.posture(start + 2.0, start + 5.0)
    )
    values["turn_deg"] = _turn_deg(motion, start, end)
    values["wander_deg"] = motion.wander_deg(start, end)
    values["strange_posture"] = _strangeness(motion, start, end)
    return values


def heard(movement_g: float) -> float:
    """Return a movement, or what a common sensor's noise looks like where that is more, g."""
    return movement_g if math.isnan(movement_g) else max(NOISE_G, movement_g)


def _since_movement(motion: MotionTrack, start_s: float) -> float:
    """Return the time from the last movement to one second before the onset, seconds."""
    part = motion.between(start_s - BEFORE_S, start_s - 1.0)
    moved = np.flatnonzero((motion.level[part] > STILL_G) & motion.valid[part])
    if part.stop <= part.start:
        return float("nan")
    if moved.size == 0:
        return BEFORE_S
    return max(0.0, start_s - 1.0 - float(motion.time_s[part.start + int(moved[-1])]))


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
