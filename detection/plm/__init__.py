"""Leg movements by the book: from marks on each leg to series and indices."""

from .movements import Movements, movements_from_arrays, movements_from_events
from .result import PlmScore, SeriesScore
from .rules import AASM, RULE_SETS, WASM2016, Rules
from .score import score_movements

__all__ = [
    "AASM",
    "RULE_SETS",
    "WASM2016",
    "Movements",
    "PlmScore",
    "Rules",
    "SeriesScore",
    "movements_from_arrays",
    "movements_from_events",
    "score_movements",
]
