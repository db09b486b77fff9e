"""The engine's leg movements by the book: series for each basis, never mixed.

Movements that a standard's own definition found, on both legs, are one list and are scored
as that standard says. Those of every other basis (``calf``, ``relative``,
``accelerometric``) are lists of their own: the same table of rules finds their series, and
no number of theirs is called PLM.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from ...recording.model import Event
from ..channels.report import ChannelReport, Scope
from ..plm import RULE_SETS, PlmScore, movements_from_events, score_movements
from ..plm.movements import BOTH, CRAMP_TYPES, MOVEMENT_TYPES, SIDE_NAMES
from ..settings import Settings
from .arbitration import covered
from .leg_score import LegScore
from .night_marks import NightMarks

RHYTHMS: Final = frozenset({"ALMA", "HFT"})
_UNKNOWN: Final = "movements of the other leg are unknown"
_EDGE_S: Final = 1e-3


def score_legs(
    events: Sequence[Event],
    reports: Sequence[ChannelReport],
    settings: Settings,
    marks: NightMarks,
    trains: Sequence[Event] = (),
) -> tuple[tuple[Event, ...], tuple[LegScore, ...]]:
    """Score the leg movements of a night, basis by basis.

    Parameters
    ----------
    events
        Everything that was found; rows ``LM`` carry their basis in the column ``rule``.
    reports
        One for each signal of the night.
    settings
        Name the rule set.
    marks
        Stages, breathing and arousals, as far as known.
    trains
        Bursts that keep a beat, see `find_trains`.

    Returns
    -------
    events
        The same rows without movements that lie in a rhythm or a train for more than half:
        they are its beats. Movements in a series are ``PLM`` now, and every movement carries
        ``clm``, ``movement``, ``series``, ``imi``, and its stage where that is known.
    scores
        One for each basis that a signal was scored by, the standard first.
    """
    runs = [event for event in events if event.trial_type in RHYTHMS]
    runs += trains
    events = [e for e in events if e.trial_type not in MOVEMENT_TYPES or not covered(e, runs)]
    moving = [event for event in events if event.trial_type in MOVEMENT_TYPES]
    named: dict[int, Event] = {}
    scores = []
    for basis, own in _by_basis(moving, reports, settings).items():
        channels = [r for r in reports if r.status == "ok" and r.rule == basis]
        score = _score(own, events, channels, settings, marks)
        scores.append(LegScore(basis, score, tuple(r.label for r in channels), _legs(channels)))
        named.update(_rows(own, score))
    return tuple(named.get(id(event), event) for event in events), tuple(scores)


def _by_basis(
    moving: Iterable[Event], reports: Sequence[ChannelReport], settings: Settings
) -> dict[Scope, list[Event]]:
    """Return the movements of each basis that a signal was scored by, the standard first."""
    scored = [r for r in reports if r.status == "ok" and r.rule is not None]
    muscles = [r for r in scored if r.kind == "emg"]
    used = {r.rule for r in (muscles or scored)}
    order: tuple[Scope, ...] = (settings.rules, "relative", "calf", "accelerometric")
    found: dict[Scope, list[Event]] = {basis: [] for basis in order if basis in used}
    for event in moving:
        basis = event.extra.get("rule")
        if basis in found:
            found[basis].append(event)
    # A second muscle of the leg adds a basis only where it adds movements.
    return {basis: own for at, (basis, own) in enumerate(found.items()) if own or at == 0}


def _score(
    listed: Sequence[Event],
    events: Iterable[Event],
    channels: Sequence[ChannelReport],
    settings: Settings,
    marks: NightMarks,
) -> PlmScore:
    """Score the movements of one basis; cramps and large movements stand between them."""
    cramps = [event for event in events if event.trial_type in CRAMP_TYPES]
    between = [e for e in events if e.trial_type in RHYTHMS | {"large_movement"}]
    movements = movements_from_events(sorted([*listed, *cramps], key=lambda e: e.onset))
    said = tuple(w for w in movements.warnings if not w.endswith(_UNKNOWN))
    legs = _legs(channels)
    if len(legs) == 1:
        said = (*said, f"only the {legs[0]} leg was scored: {_UNKNOWN}")
    valid_s = max((report.valid_s for report in channels), default=0.0)
    return score_movements(
        replace(movements, warnings=said),
        RULE_SETS[settings.rules],
        hypnogram=marks.hypnogram,
        respiratory=marks.respiratory,
        arousals=marks.arousals,
        interruptions=np.array([(e.onset, e.duration) for e in between]).reshape(-1, 2),
        valid_s=valid_s if valid_s > 0 else None,
    )


def _legs(channels: Sequence[ChannelReport]) -> tuple[str, ...]:
    sides = {report.side for report in channels}
    return tuple(side for side in ("left", "right") if side in sides)


def _rows(events: Sequence[Event], score: PlmScore) -> dict[int, Event]:
    """Return each row with what its combined movement is, by the identity of the row."""
    named = {}
    longest = float(score.duration.max(initial=0.0))
    for event in events:
        at = _movement_of(event, score, longest)
        extra = dict(event.extra) | {"clm": False, "movement": None, "series": None}
        if at is None:
            named[id(event)] = replace(event, trial_type="LM", extra=extra)
            continue
        plm = bool(score.plm[at])
        imi = float(score.kept.imi[at])
        extra |= {
            "clm": bool(score.candidate[at]),
            "movement": at + 1,
            "series": int(score.kept.series[at]) if plm else None,
            "imi": None if np.isnan(imi) else round(imi, 6),
        }
        if score.hypnogram is not None:
            extra["stage"] = str(score.stage[at]) or None
        if score.respiratory_given:
            extra["respiratory"] = bool(score.set_aside[at])
        if score.arousals_given:
            extra["arousal"] = bool(score.arousal[at])
        named[id(event)] = replace(event, trial_type="PLM" if plm else "LM", extra=extra)
    return named


def _movement_of(event: Event, score: PlmScore, longest: float) -> int | None:
    """Return the combined movement that a row is part of, None where the rules drop it."""
    at = int(np.searchsorted(score.onset, event.onset + _EDGE_S, "right")) - 1
    while at >= 0 and score.onset[at] + longest + _EDGE_S >= event.end:
        side = int(score.side[at])
        inside = score.onset[at] + score.duration[at] + _EDGE_S >= event.end
        if inside and (side == BOTH or SIDE_NAMES[side] == event.side):
            return at
        at -= 1
    return None
