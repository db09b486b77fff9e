"""Every number the detector decides with, in one place."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class QualitySettings:
    """When a stretch of signal cannot be trusted.

    Attributes
    ----------
    flat_steps
        A cell whose peak-to-peak range is at most this many converter steps is flat: one
        half means that it never moved at all.
    flat_min_s
        Flat stretches shorter than this are ordinary rest on a coarse converter, seconds.
    clipped_fraction
        A cell with more than this share of samples at the converter's limits is clipped.
    mains_ratio
        Mains stronger than this multiple of the resting level speaks for a lost electrode.
    slow_ratio
        A burst whose slow (below the band) excursion exceeds this multiple of its in-band
        amplitude is an electrode pop, not a muscle.
    pop_ratio
        A pop moves the slow signal by at least this multiple of the resting level.
    dead_steps
        A channel whose noise never exceeds this many converter steps, and is white, carries
        no signal.
    """

    flat_steps: float = 0.5
    flat_min_s: float = 5.0
    clipped_fraction: float = 0.02
    mains_ratio: float = 20.0
    slow_ratio: float = 2.0
    pop_ratio: float = 30.0
    dead_steps: float = 1.5


@dataclass(frozen=True, slots=True)
class BaselineSettings:
    """How the resting level is followed through the night.

    Attributes
    ----------
    window_min
        Activity that lasts shorter than this cannot lift the resting level, minutes.
    minute_quantile
        Quantile of the half-second levels of one minute that stands for its rest.
    rank
        Share of the quietest minutes in a window that is passed over as too quiet.
    short_s
        A recording with less valid signal than this is judged from half-second levels.
    rest_spread
        Cells up to this multiple of the lowest levels count as rest.
    min_rest_s
        Rest that a recording must hold for its resting level to be known, seconds.
    max_rest_uv
        A calibrated signal above this level is never rest, uV rectified.
    max_short_rest_uv
        The same for a recording shorter than `short_s`, unless half of it and at least
        `long_rest_s` is at one level.
    long_rest_s, even_spread
        See `max_short_rest_uv`: seconds, and the multiple of the lowest levels up to which
        cells are at one level.
    """

    window_min: int = 40
    minute_quantile: float = 0.2
    rank: float = 0.1
    short_s: float = 600.0
    rest_spread: float = 1.3
    min_rest_s: float = 3.0
    max_rest_uv: float = 25.0
    max_short_rest_uv: float = 8.0
    long_rest_s: float = 30.0
    even_spread: float = 1.6


@dataclass(frozen=True, slots=True)
class MovementSettings:
    """Leg movements on an envelope.

    Attributes
    ----------
    onset_uv, offset_uv
        Microvolt rule: thresholds above the resting level, uV (WASM 2016, AASM).
    quiet_s
        A movement ends at the start of a stretch this long at or below the lower
        threshold, seconds.
    min_duration_s
        Shortest movement, seconds.
    max_step_uv, max_rest_uv, min_rate_hz
        The microvolt rule holds only for calibrated tibialis EMG with a converter step and
        a resting level below these, sampled at least this fast.
    onset_ratio, offset_ratio
        Relative rule: thresholds as multiples of the resting level.
    onset_ratio_on_tone, offset_ratio_on_tone
        A movement on tone that lasts rises to this multiple of the tone, and ends at this.
    motion_onset_ratio, motion_offset_ratio, motion_onset_g, motion_offset_g
        Accelerometric rule: multiples of the resting level and the least excursion, g.
    turn_min_s, whole_min_s
        Activity over which gravity turned, and activity of calf and shin together, for less
        than this is no movement of the whole leg, seconds.
    whole_legs_share
        Calf over shin, above rest, from which a movement of both legs is no leg movement of
        each; the other leg reaches half of it.
    whole_leg_share, whole_leg_s
        The same for one leg, and the least product of this share with the time in which they
        work together, seconds: the weaker the calf, the longer.
    calf_leads
        Calf over shin from which what the shin shows is no leg movement.
    """

    onset_uv: float = 8.0
    offset_uv: float = 2.0
    quiet_s: float = 0.5
    min_duration_s: float = 0.5
    max_step_uv: float = 2.0
    max_rest_uv: float = 2.0
    min_rate_hz: float = 200.0
    onset_ratio: float = 3.0
    offset_ratio: float = 1.8
    onset_ratio_on_tone: float = 2.0
    offset_ratio_on_tone: float = 1.4
    motion_onset_ratio: float = 5.0
    motion_offset_ratio: float = 2.0
    motion_onset_g: float = 0.02
    motion_offset_g: float = 0.008
    turn_min_s: float = 1.5
    whole_min_s: float = 3.0
    whole_legs_share: float = 0.45
    whole_leg_share: float = 0.25
    whole_leg_s: float = 1.4
    calf_leads: float = 1.5


@dataclass(frozen=True, slots=True)
class CrampSettings:
    """Sustained contractions, and the first transparent rule that names them.

    Attributes
    ----------
    onset_ratio, offset_ratio
        Level over resting at which a sustained contraction begins and ends.
    weak_ratio
        A contraction that never exceeds this multiple of rest is too weak for the transparent
        rule.
    bridge_s
        Dips shorter than this do not end it, seconds.
    min_duration_s
        Shortest sustained contraction that is looked at, seconds.
    possible_s
        Shorter than this, a contraction is a ``possible_cramp`` at most, seconds; the
        transparent rule does not name it at all.
    cramp_s
        From this duration on the transparent rule calls a contraction ``cramp``, seconds.
    continuity
        Least share of the contraction in which the level never fell towards rest.
    still_g
        Leg movement up to this is stillness, g (median over the contraction).
    moving_share
        A contraction during more than this share of which the leg moved belongs to a
        movement.
    max_movement_s
        Longest contraction that movement or a change of posture explains, seconds.
    posture_deg
        A turn of gravity beyond this is a change of posture, degrees.
    companion_ratio
        Another muscle as active as this share of the suspected one takes part in a
        movement.
    tone_ratio
        Below this multiple of rest, a contraction of tibialis anterior, or one that began
        with a change of posture, is tone.
    aftertone_ratio
        Weaker than this share of a contraction that ended within a minute before, it is the
        tone that stayed.
    max_duration_s
        Longer than this it is tone or a change of the electrode, seconds.
    """

    onset_ratio: float = 1.5
    offset_ratio: float = 1.3
    weak_ratio: float = 1.7
    bridge_s: float = 3.0
    min_duration_s: float = 6.0
    possible_s: float = 10.0
    cramp_s: float = 20.0
    continuity: float = 0.9
    still_g: float = 0.03
    moving_share: float = 0.3
    max_movement_s: float = 45.0
    posture_deg: float = 20.0
    companion_ratio: float = 0.5
    tone_ratio: float = 2.5
    aftertone_ratio: float = 0.35
    max_duration_s: float = 2400.0


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of the detector.

    Attributes
    ----------
    rules
        Standard whose leg movements and series are scored.
    quality, baseline, movement, cramp
        Settings of the parts.
    """

    rules: Literal["wasm2016", "aasm"] = "wasm2016"
    quality: QualitySettings = field(default_factory=QualitySettings)
    baseline: BaselineSettings = field(default_factory=BaselineSettings)
    movement: MovementSettings = field(default_factory=MovementSettings)
    cramp: CrampSettings = field(default_factory=CrampSettings)
