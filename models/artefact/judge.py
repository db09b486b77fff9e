"""The judge that a model offers to the detector."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ...detection.cramps.candidates import Candidate, Verdict
from ...detection.cramps.rule import RuleJudge
from ...detection.settings import Settings
from .reasons import reasons

if TYPE_CHECKING:
    from .model import Model

SHORTEST_CRAMP_S = 10.0
"""Below this a cramp cannot be told from other events: ``possible_cramp`` at most."""


class ModelJudge:
    """Names candidates by calibrated probability and duration.

    From the threshold of a cramp on, a contraction of at least ten seconds is a ``cramp``;
    from the lower one on a ``possible_cramp``. What the transparent rule calls a large
    movement stays one where the model sees no cramp.

    Parameters
    ----------
    model
        Trained model.
    settings
        Settings of the detector.
    """

    def __init__(self, model: Model, settings: Settings) -> None:
        self.model = model
        self._longest = settings.cramp.max_duration_s
        self._rule = RuleJudge(settings.cramp)

    def judge(self, candidates: Sequence[Candidate]) -> list[Verdict]:
        """Return one verdict for each candidate, in order."""
        if not candidates:
            return []
        model = self.model
        causal = model.probabilities(candidates, causal=True)
        final = model.probabilities(candidates)
        named = [
            self._name(candidate, float(chance))
            for candidate, chance in zip(candidates, final, strict=True)
        ]
        rule = self._rule.judge(candidates)
        words = self._reasons(candidates, named)
        return [
            self._verdict(candidate, kind, word, (float(chance), float(early)), by_rule)
            for candidate, kind, word, chance, early, by_rule in zip(
                candidates, named, words, final, causal, rule, strict=True
            )
        ]

    def _name(self, candidate: Candidate, chance: float) -> str | None:
        scorer = self.model.scorer(causal=candidate.cut_s is not None)
        known = known_duration(candidate)
        if known > self._longest:
            return None
        if chance >= scorer.t_cramp and known >= SHORTEST_CRAMP_S:
            return "cramp"
        return "possible_cramp" if chance >= scorer.t_possible else None

    def _verdict(
        self,
        candidate: Candidate,
        kind: str | None,
        word: str,
        chances: tuple[float, float],
        by_rule: Verdict,
    ) -> Verdict:
        final, causal = chances
        if kind is None and known_duration(candidate) > self._longest:
            word = "longer than any cramp: tone, or a changed electrode"
        elif kind is None and by_rule.trial_type == "large_movement":
            return Verdict("large_movement", None, by_rule.reason, None)
        return Verdict(kind, final, word, causal)

    def _reasons(
        self, candidates: Sequence[Candidate], named: Sequence[str | None]
    ) -> list[str]:
        """Return the features that spoke, for those that are called something."""
        words = ["the model sees no cramp"] * len(candidates)
        for cut in (False, True):
            rows = [
                row
                for row, kind in enumerate(named)
                if kind is not None and (candidates[row].cut_s is not None) == cut
            ]
            scorer = self.model.scorer(causal=cut)
            chosen = [candidates[row] for row in rows]
            for row, said in zip(rows, reasons(scorer, scorer.values(chosen)), strict=True):
                words[row] = said
        return words


def known_duration(candidate: Candidate) -> float:
    """Return how much of a contraction is known, seconds."""
    cut = np.inf if candidate.cut_s is None else candidate.cut_s
    return float(min(candidate.duration_s, cut))
