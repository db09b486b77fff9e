"""Movements of a whole leg or of the body, told from leg movements by what works together.

A leg movement lifts the foot: tibialis anterior works, the calf a little with it, and the leg
comes back to where it lay. Turning, stretching and getting up use calf and shin together and
often both legs, and leave gravity elsewhere. Their bursts pause, and reach beyond what the
accelerometer feels, so they are judged as one stretch.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ...recording.model import Event, Side
from ..channels.motion import Bout, MotionTrack
from ..channels.tracks import EmgTrack
from ..settings import Settings
from .muscle_pair import calf_and_shin, common, share_of
from .refined import TONE_S
from .shape import built_up

# What follows within this time of a burst belongs to the same stretch.
_APART_S = 1.0
_SIDES: Final[tuple[Side, Side]] = ("left", "right")
_FEWEST_S = 0.5
_SERIES_S = (8.0, 90.0)
_SERIES_OF = 3
_IN_SERIES = 3.0
_FEWEST_STEPS = 5
_STRIDE_S = (0.7, 3.5)
_UNEVEN = 0.4
_CALF_WALKS = 0.3
_ONE_LEG = "the whole leg worked"

LONGEST_TURN_S: Final = 45.0
"""No turn in bed takes longer: legs that work on and on, and turn nothing, twitch, seconds."""


@dataclass(slots=True)
class _Stretch:
    """Bursts and bouts that follow one another without a rest."""

    start: float
    end: float
    bursts: list[Event] = field(default_factory=list)

    def add(self, start: float, end: float, burst: Event | None) -> None:
        self.start, self.end = min(self.start, start), max(self.end, end)
        if burst is not None:
            self.bursts.append(burst)

    def of(self, muscle: EmgTrack) -> list[Event]:
        return [
            event
            for event in self.bursts
            if event.channel == muscle.report.label and event.side == muscle.report.side
        ]


@dataclass(frozen=True, slots=True)
class _Leg:
    """What the two muscles of a leg do in a stretch.

    Attributes
    ----------
    together_s
        Time in which both are active, seconds.
    share
        Level of the calf over that of the shin in that time, above rest; NaN where it is not
        known.
    """

    together_s: float
    share: float


@dataclass(frozen=True, slots=True, eq=False)
class _Scene:
    """The muscles, the accelerometers, and the movements of each shin by onset."""

    muscles: Sequence[EmgTrack]
    motions: Sequence[MotionTrack]
    onsets: Mapping[Side, NDArray[np.float64]]
    settings: Settings

    @property
    def worn(self) -> str | None:
        """The leg that muscles are recorded of, ``both`` for two."""
        sides = {track.report.side for track in self.muscles} - {None}
        return next(iter(sides)) if len(sides) == 1 else "both"

    def amid_series(self, stretch: _Stretch, side: Side) -> bool:
        """Return whether movements of the shin come again and again around a stretch."""
        return in_series(self.onsets[side], stretch.start, stretch.end)


def whole_movements(
    bursts: Iterable[Event],
    tracks: Sequence[EmgTrack],
    motions: Mapping[int, tuple[MotionTrack, Sequence[Bout]]],
    settings: Settings,
) -> list[Event]:
    """Return the stretches of activity that are no leg movements, as ``large_movement``.

    A stretch is one where

    - gravity turned over it by more than `CrampSettings.posture_deg` (``posture changed``),
    - calf and shin of both legs worked together (``both legs worked``),
    - both legs keep step, calf and shin (``steps``), or
    - calf and shin of one leg did, for long or strongly, or the shin began slowly and with
      the calf (``the whole leg worked``).

    Amid movements that come again and again it takes more, see `in_series`.

    Parameters
    ----------
    bursts
        Movements on single muscles (``LM``), those of a cramp left out.
    tracks
        Scored EMG channels.
    motions
        Accelerometers with their bouts.
    settings
        Settings of the detector.
    """
    listed = list(bursts)
    onsets = {side: movements_of_shin(listed, tracks, side) for side in _SIDES}
    scene = _Scene(tracks, [track for track, _ in motions.values()], onsets, settings)
    # What lasts longer is tone: movements on it have nothing to do with each other.
    brief = [event for event in listed if event.duration <= TONE_S]
    moved = [bout for _, bouts in motions.values() for bout in bouts]
    found = []
    for stretch in _stretches(brief, moved, _APART_S):
        event = _judged(stretch, scene)
        if event is not None:
            found.append(event)
            continue
        closer = _stretches(stretch.bursts, (), 0.0)
        parts = (_judged(part, scene) for part in closer)
        found += [event for event in parts if event is not None]
    return found


def movements_of_shin(
    bursts: Iterable[Event], muscles: Sequence[EmgTrack], side: str | None
) -> NDArray[np.float64]:
    """Return the onsets of the movements of one shin, seconds, shape ``(n,)``."""
    _, shin = calf_and_shin(muscles, side)
    label = None if shin is None else shin.report.label
    return np.array([e.onset for e in bursts if e.channel == label and e.side == side])


def amid_series(moved: Event, bursts: Iterable[Event], muscles: Sequence[EmgTrack]) -> bool:
    """Return whether a stretch in which a leg moved lies amid movements of its shin."""
    onsets = movements_of_shin(bursts, muscles, moved.side)
    return in_series(onsets, moved.onset, moved.end)


def in_series(onsets: NDArray[np.float64], start: float, end: float) -> bool:
    """Return whether movements come again and again around a stretch.

    Three that begin within a minute and a half of it, and not right beside it.
    """
    apart = np.maximum(start - onsets, onsets - end)
    return int(np.sum((apart > _SERIES_S[0]) & (apart < _SERIES_S[1]))) >= _SERIES_OF


def _stretches(
    bursts: Iterable[Event], moved: Iterable[Bout], apart_s: float
) -> list[_Stretch]:
    items: list[tuple[float, float, Event | None]] = [(e.onset, e.end, e) for e in bursts]
    items += [(bout.start_s, bout.end_s, None) for bout in moved]
    stretches: list[_Stretch] = []
    for start, end, burst in sorted(items, key=lambda item: item[:2]):
        if not stretches or start > stretches[-1].end + apart_s:
            stretches.append(_Stretch(start, end))
        stretches[-1].add(start, end, burst)
    return [stretch for stretch in stretches if stretch.bursts]


def _judged(stretch: _Stretch, scene: _Scene) -> Event | None:
    rule, muscles = scene.settings.movement, scene.muscles
    turns = [track.turn_deg(stretch.start, stretch.end) for track in scene.motions]
    turned = max((turn for turn in turns if not np.isnan(turn)), default=float("nan"))
    legs = {side: _leg(stretch, side, muscles) for side in _SIDES}
    active: dict[Side, float] = {
        side: leg.share for side, leg in legs.items() if leg.together_s >= _FEWEST_S
    }
    together = sum(leg.together_s for leg in legs.values())
    length = stretch.end - stretch.start
    harder = {s: _IN_SERIES if scene.amid_series(stretch, s) else 1.0 for s in _SIDES}
    if turned > scene.settings.cramp.posture_deg and length >= rule.turn_min_s:
        return _event(stretch, scene.worn, "posture changed", turned)
    if (
        len(active) > 1
        and length <= LONGEST_TURN_S
        and max(active.values()) >= rule.whole_legs_share
        and min(active.values()) >= 0.5 * rule.whole_legs_share
        and together >= rule.whole_min_s * max(harder.values())
        and together >= 0.3 * length
    ):
        return _event(stretch, "both", "both legs worked", turned)
    if _walked(stretch, muscles):
        return _event(stretch, "both", "steps", turned)
    for side, leg in legs.items():
        if harder[side] == 1.0 and _began_slowly(stretch, side, muscles):
            return _event(stretch, side, _ONE_LEG, turned)
        if leg.together_s < rule.whole_min_s or leg.together_s < 0.3 * length:
            continue
        least = rule.whole_leg_s * harder[side]
        if leg.share >= rule.whole_leg_share and leg.share * leg.together_s >= least:
            return _event(stretch, side, _ONE_LEG, turned)
    return None


def _event(stretch: _Stretch, side: str | None, reason: str, turned: float) -> Event:
    own = [e for e in stretch.bursts if e.side == side]
    start, end = stretch.start, stretch.end
    if reason == _ONE_LEG:
        start, end = min(e.onset for e in own), max(e.end for e in own)
    extra: dict[str, Any] = {
        "rule": None,
        "turn_deg": None if np.isnan(turned) else round(turned, 1),
        "reason": reason,
    }
    return Event(start, end - start, "large_movement", side, None, None, extra)


def _walked(stretch: _Stretch, muscles: Sequence[EmgTrack]) -> bool:
    """Return whether both legs keep step, calf and shin in turn."""
    legs: set[str | None] = set()
    pairs = [calf_and_shin(muscles, side) for side in _SIDES]
    levels: list[list[float]] = []
    for kind in zip(*pairs, strict=True):
        own = [stretch.of(muscle) for muscle in kind if muscle is not None]
        steps = [events for events in own if _keeps_step([e.onset for e in events])]
        levels.append([float(np.mean([e.extra["amplitude"] for e in s])) for s in steps])
        legs |= {s[0].side for s in steps}
    calves, shins = levels
    if len(legs) < len(_SIDES) or not calves or not shins:
        return False
    return max(calves) > _CALF_WALKS * min(shins)


def _keeps_step(onsets: Sequence[float]) -> bool:
    if len(onsets) < _FEWEST_STEPS:
        return False
    low, middle, high = np.quantile(np.diff(onsets), (0.25, 0.5, 0.75))
    return bool(_STRIDE_S[0] <= middle <= _STRIDE_S[1] and high - low <= _UNEVEN * middle)


def _began_slowly(stretch: _Stretch, side: Side, muscles: Sequence[EmgTrack]) -> bool:
    calf, shin = calf_and_shin(muscles, side)
    if calf is None or shin is None:
        return False
    return any(built_up(event, calf, shin) for event in stretch.of(shin))


def _leg(stretch: _Stretch, side: Side, muscles: Sequence[EmgTrack]) -> _Leg:
    calf, shin = calf_and_shin(muscles, side)
    if calf is None or shin is None:
        return _Leg(0.0, float("nan"))
    one, other = ([(e.onset, e.end) for e in stretch.of(m)] for m in (calf, shin))
    shared = common(one, other)
    length = sum(end - start for start, end in shared)
    return _Leg(length, share_of(calf, shin, shared) if shared else float("nan"))
