"""Cramp candidates: what is known about each, and the rule that names it.

A candidate goes to a `Judge`. The one here is a transparent rule; a trained classifier takes
its place by offering the same method.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ..settings import CrampSettings


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sustained contraction with what surrounds it. NaN is not known.

    Attributes
    ----------
    onset_s, duration_s
        Seconds from the start of the night.
    muscle
        ``GM``, ``TA``, ... or None.
    ratio_median, ratio_peak
        Level over resting.
    continuity
        Share of the time in which the level never fell back to rest.
    antagonist, other_leg
        Excess over rest of another muscle of this leg, and of the other leg, as a share of
        the candidate's own excess.
    movement
        Median movement of the leg during it, g, without its first and last second.
    moving
        Share of that time in which the leg moved.
    movement_before, movement_after
        Median movement in the half minute before and after it, g.
    onset_turn_deg
        How far gravity turned in the ten seconds before its onset, degrees.
    turn_deg
        How far gravity turned from its start to its end, degrees.
    """

    onset_s: float
    duration_s: float
    muscle: str | None
    ratio_median: float
    ratio_peak: float
    continuity: float
    antagonist: float
    other_leg: float
    movement: float
    moving: float
    movement_before: float
    movement_after: float
    onset_turn_deg: float
    turn_deg: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a candidate is called.

    Attributes
    ----------
    trial_type
        ``cramp``, ``possible_cramp``, ``large_movement``, or None for none of these.
    probability
        Between 0 and 1, or None where the judge does not give one.
    reason
        The deciding facts, a few words.
    """

    trial_type: str | None
    probability: float | None
    reason: str


class Judge(Protocol):
    """Names candidates. A trained classifier offers this."""

    def judge(self, candidates: Sequence[Candidate]) -> Sequence[Verdict]:
        """Return one verdict for each candidate, in order."""
        ...


class RuleJudge:
    """A first transparent rule.

    A cramp-like contraction is long, goes on without a break, in one muscle, in a leg that
    lies still. A contraction that fails one of these is a movement, or is left unnamed.

    Parameters
    ----------
    settings
        Settings of the cramp part.
    """

    def __init__(self, settings: CrampSettings) -> None:
        self._settings = settings

    def judge(self, candidates: Sequence[Candidate]) -> list[Verdict]:
        """Return one verdict for each candidate, in order."""
        return [self._one(candidate) for candidate in candidates]

    def _one(self, c: Candidate) -> Verdict:
        rule = self._settings
        if c.duration_s > rule.max_duration_s:
            return Verdict(None, None, "longer than any cramp: tone, or a changed electrode")
        if moved := self._movement(c):
            return Verdict("large_movement", None, moved)
        if against := self._against(c):
            return Verdict(None, None, against)
        if doubts := self._doubts(c):
            return Verdict("possible_cramp", None, doubts)
        return Verdict("cramp", None, "long, unbroken, one muscle, leg still")

    def _movement(self, c: Candidate) -> str:
        rule = self._settings
        if c.movement > rule.still_g:
            return "the leg moved throughout"
        if c.duration_s < rule.max_movement_s:
            if c.turn_deg > rule.posture_deg:
                return "posture changed"
            if c.moving > rule.moving_share:
                return "the leg moved through much of it"
        return ""

    def _against(self, c: Candidate) -> str:
        rule = self._settings
        if c.muscle == "TA" and c.duration_s < rule.cramp_s:
            return "a long movement of tibialis anterior"
        if c.muscle == "TA" and c.ratio_median < rule.tone_ratio:
            return "tone of tibialis anterior"
        if c.duration_s < rule.cramp_s and c.ratio_median < rule.onset_ratio:
            return "short and weak: tone, or movements close to each other"
        if c.onset_turn_deg > rule.posture_deg and c.ratio_median < rule.tone_ratio:
            return "tone after a change of posture"
        if c.continuity < rule.continuity:
            return "the level kept falling back to rest"
        shared = [
            name
            for name, share in (("antagonist", c.antagonist), ("other leg", c.other_leg))
            if share > rule.companion_ratio
        ]
        return f"{' and '.join(shared)} took part" if shared else ""

    def _doubts(self, c: Candidate) -> str:
        rule = self._settings
        doubts = []
        if c.duration_s < rule.cramp_s:
            doubts.append(f"shorter than {rule.cramp_s:g} s")
        if c.muscle == "TA":
            doubts.append("tibialis anterior, where lifting the foot looks the same")
        if math.isnan(c.movement) and c.duration_s < 1.5 * rule.cramp_s:
            doubts.append("no accelerometer")
        return "; ".join(doubts)
