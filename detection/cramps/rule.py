"""A transparent rule that names cramp candidates."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from ..settings import CrampSettings
from .candidates import Candidate, Verdict


class RuleJudge:
    """A transparent rule.

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
        return [self._one(c, c.values) for c in candidates]

    def _one(self, c: Candidate, f: Mapping[str, float]) -> Verdict:
        rule = self._settings
        if c.duration_s > rule.max_duration_s:
            return Verdict(None, None, "longer than any cramp: tone, or a changed electrode")
        if moved := self._movement(c, f):
            return Verdict("large_movement", None, moved)
        if c.duration_s < rule.possible_s:
            return Verdict(None, None, "too short to be told from other events")
        if against := self._against(c, f):
            return Verdict(None, None, against)
        if doubts := self._doubts(c, f):
            return Verdict("possible_cramp", None, doubts)
        return Verdict("cramp", None, "long, unbroken, one muscle, leg still")

    def _movement(self, c: Candidate, f: Mapping[str, float]) -> str:
        rule = self._settings
        if c.duration_s < rule.possible_s:
            return ""
        if f["movement"] > rule.still_g:
            return "the leg moved throughout"
        if c.duration_s < rule.max_movement_s:
            if f["turn_deg"] > rule.posture_deg:
                return "posture changed"
            if f["moving"] > rule.moving_share:
                return "the leg moved through much of it"
        return ""

    def _against(self, c: Candidate, f: Mapping[str, float]) -> str:
        rule = self._settings
        if c.muscle == "TA" and c.duration_s < rule.cramp_s:
            return "a long movement of tibialis anterior"
        if weak := self._weak(c, f):
            return weak
        if f["onset_turn_deg"] > rule.posture_deg and f["ratio_median"] < rule.tone_ratio:
            return "tone after a change of posture"
        if f["over_last"] < math.log(rule.aftertone_ratio):
            return "tone that stayed after a movement"
        if f["continuity"] < rule.continuity:
            return "the level kept falling back to rest"
        shared = [
            name
            for name, share in (
                ("antagonist", f["antagonist"]),
                ("other leg", f["other_leg"]),
            )
            if share > rule.companion_ratio
        ]
        return f"{' and '.join(shared)} took part" if shared else ""

    def _weak(self, c: Candidate, f: Mapping[str, float]) -> str:
        rule = self._settings
        if c.muscle == "TA" and f["ratio_median"] < rule.tone_ratio:
            return "tone of tibialis anterior"
        if f["ratio_peak"] < rule.weak_ratio:
            return "too weak to be told from rest"
        if c.duration_s < rule.cramp_s and f["ratio_median"] < rule.weak_ratio:
            return "short and weak: tone, or movements close to each other"
        return ""

    def _doubts(self, c: Candidate, f: Mapping[str, float]) -> str:
        rule = self._settings
        doubts = []
        if c.duration_s < rule.cramp_s:
            doubts.append(f"shorter than {rule.cramp_s:g} s")
        if c.muscle == "TA":
            doubts.append("tibialis anterior, where lifting the foot looks the same")
        if math.isnan(f["movement"]) and c.duration_s < 1.5 * rule.cramp_s:
            doubts.append("no accelerometer")
        return "; ".join(doubts)
