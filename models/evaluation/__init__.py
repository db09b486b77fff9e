"""How a detector fares on labelled nights, event by event."""

from __future__ import annotations

from .evaluation import Evaluation, evaluate_tallies
from .run import evaluate_nights, rule_judge
from .tally import NightTally, Unusable

__all__ = [
    "Evaluation",
    "NightTally",
    "Unusable",
    "evaluate_nights",
    "evaluate_tallies",
    "rule_judge",
]
