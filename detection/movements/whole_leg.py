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
from .arbitration import covered

# What follows within this time of a burst belongs to the same stretch.
_APART_S = 1.0
_SIDES: Final[tuple[Side, Side]] = ("left", "right")
_FEWEST_S = 0.5
_MOSTLY = 0.5
_ASIDE = 0.5

Span = tuple[float, float]


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

    def spans(self, side: Side, placement: str, muscles: Mapping[str, EmgTrack]) -> list[Span]:
        return [
            (e.onset, e.end)
            for e in self.bursts
            if e.side == side and muscles[str(e.channel)].report.placement == placement
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


def whole_movements(
    bursts: Iterable[Event],
    tracks: Sequence[EmgTrack],
    motions: Mapping[int, tuple[MotionTrack, Sequence[Bout]]],
    settings: Settings,
) -> list[Event]:
    """Return the stretches of activity that are no leg movements, as ``large_movement``.

    A stretch is one where

    - gravity turned over it by more than `CrampSettings.posture_deg` (``posture changed``),
    - calf and shin of both legs worked together (``both legs worked``), or
    - calf and shin of one leg did, for long or strongly (``the whole leg worked``).

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
    by_label = {track.report.label: track for track in tracks}
    found = []
    for stretch in _stretches(bursts, motions):
        event = _judged(stretch, by_label, motions, settings)
        if event is not None:
            found.append(event)
    return found


def within_cramp(movement: Event, cramps: Iterable[Event], tracks: Sequence[EmgTrack]) -> bool:
    """Return whether a movement is a part of a cramp-like contraction.

    A foot that is lifted while the calf holds, far stronger than the calf, is a movement of
    its own.
    """
    over = [event for event in cramps if covered(movement, [event])]
    if not over or any(event.channel == movement.channel for event in over):
        return bool(over)
    calf, shin = (_muscle(tracks, movement.side, name) for name in ("GM", "TA"))
    if calf is None or shin is None or movement.channel != shin.report.label:
        return True
    return not _share(calf, shin, [(movement.onset, movement.end)]) < _ASIDE


def led_by_calf(movement: Event, tracks: Sequence[EmgTrack], settings: Settings) -> bool:
    """Return whether a movement is the calf's: not the shin's, or far weaker there.

    The standards score tibialis anterior. Where it is recorded and can be trusted, what it
    does not show is no leg movement, nor is what it shows while the calf works harder.
    """
    shin = _muscle(tracks, movement.side, "TA")
    if shin is None:
        return False
    if movement.channel != shin.report.label:
        valid = shin.valid[shin.cells(movement.onset, movement.end)]
        return bool(valid.size) and bool(valid.mean() > _MOSTLY)
    calf = _muscle(tracks, movement.side, "GM")
    if calf is None:
        return False
    share = _share(calf, shin, [(movement.onset, movement.end)])
    return bool(share > settings.movement.calf_leads)


def _stretches(
    bursts: Iterable[Event],
    motions: Mapping[int, tuple[MotionTrack, Sequence[Bout]]],
) -> list[_Stretch]:
    items: list[tuple[float, float, Event | None]] = [(e.onset, e.end, e) for e in bursts]
    items += [(b.start_s, b.end_s, None) for _, bouts in motions.values() for b in bouts]
    stretches: list[_Stretch] = []
    for start, end, burst in sorted(items, key=lambda item: item[:2]):
        if not stretches or start > stretches[-1].end + _APART_S:
            stretches.append(_Stretch(start, end))
        stretches[-1].add(start, end, burst)
    return [stretch for stretch in stretches if stretch.bursts]


def _judged(
    stretch: _Stretch,
    muscles: Mapping[str, EmgTrack],
    motions: Mapping[int, tuple[MotionTrack, Sequence[Bout]]],
    settings: Settings,
) -> Event | None:
    rule = settings.movement
    turns = [track.turn_deg(stretch.start, stretch.end) for track, _ in motions.values()]
    turned = max((turn for turn in turns if not np.isnan(turn)), default=float("nan"))
    legs = {side: _leg(stretch, side, muscles) for side in _SIDES}
    active: dict[Side, float] = {
        side: leg.share for side, leg in legs.items() if leg.together_s >= _FEWEST_S
    }
    together = sum(leg.together_s for leg in legs.values())
    length = stretch.end - stretch.start
    if turned > settings.cramp.posture_deg and length >= rule.turn_min_s:
        return _event(stretch, None, "posture changed", turned)
    if (
        len(active) > 1
        and max(active.values()) >= rule.whole_legs_share
        and min(active.values()) >= 0.5 * rule.whole_legs_share
        and together >= rule.whole_min_s
        and together >= 0.3 * length
    ):
        return _event(stretch, None, "both legs worked", turned)
    for side, leg in legs.items():
        if leg.together_s < rule.whole_min_s or leg.together_s < 0.3 * length:
            continue
        if leg.share >= rule.whole_leg_share and leg.share * leg.together_s >= rule.whole_leg_s:
            return _event(stretch, side, "the whole leg worked", turned)
    return None


def _event(stretch: _Stretch, side: Side | None, reason: str, turned: float) -> Event:
    own = [e for e in stretch.bursts if side is None or e.side == side]
    start, end = stretch.start, stretch.end
    if side is not None:
        start, end = min(e.onset for e in own), max(e.end for e in own)
    extra: dict[str, Any] = {
        "rule": None,
        "turn_deg": None if np.isnan(turned) else round(turned, 1),
        "reason": reason,
    }
    return Event(start, end - start, "large_movement", side or "both", None, None, extra)


def _leg(stretch: _Stretch, side: Side, muscles: Mapping[str, EmgTrack]) -> _Leg:
    calf, shin = (_muscle(muscles.values(), side, name) for name in ("GM", "TA"))
    if calf is None or shin is None:
        return _Leg(0.0, float("nan"))
    shared = _common(stretch.spans(side, "GM", muscles), stretch.spans(side, "TA", muscles))
    length = sum(end - start for start, end in shared)
    return _Leg(length, _share(calf, shin, shared) if shared else float("nan"))


def _muscle(tracks: Iterable[EmgTrack], side: str | None, placement: str) -> EmgTrack | None:
    wanted = (t for t in tracks if t.report.side == side and t.report.placement == placement)
    return next(wanted, None) if side is not None else None


def _share(calf: EmgTrack, shin: EmgTrack, spans: Iterable[Span]) -> float:
    """Return the level of the calf over that of the shin, above rest; NaN where unknown.

    In microvolts where both channels have them, else in multiples of rest.
    """
    absolute = calf.report.unit == shin.report.unit == "uV"
    listed = list(spans)
    one, other = (_excess(track, listed, absolute=absolute) for track in (calf, shin))
    return one / other if other > 0 else float("nan")


def _excess(track: EmgTrack, spans: Iterable[Span], *, absolute: bool) -> float:
    parts: list[NDArray[np.float64]] = []
    for start, end in spans:
        cells = track.cells(start, end)
        fine, rest = track.fine[cells], track.resting[cells, None]
        step = track.cell_s / fine.shape[1]
        middle = track.time_s[cells, None] + step * (np.arange(fine.shape[1]) + 0.5)
        keep = (middle >= start) & (middle < end) & track.valid[cells, None]
        above = fine - rest if absolute else fine / np.maximum(rest, 1e-9) - 1.0
        parts.append(np.asarray(above[keep], np.float64))
    levels = np.concatenate(parts) if parts else np.empty(0)
    return float(levels.mean()) if levels.size else float("nan")


def _common(one: Iterable[Span], other: Iterable[Span]) -> list[Span]:
    """Return the stretches that lie in both lists of stretches without overlap."""
    listed = list(other)
    found = [(max(a, c), min(b, d)) for a, b in one for c, d in listed]
    return sorted((start, end) for start, end in found if end > start)
