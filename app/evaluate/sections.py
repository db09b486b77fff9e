"""The parts of an evaluation in the order in which they are read."""

from __future__ import annotations

from ...models.evaluation import Evaluation
from .cramps import (
    after_section,
    alarm_section,
    found_section,
    latency_section,
    mimic_section,
    predictive_section,
)
from .layout import Section
from .others import (
    calibration_section,
    case_section,
    goal_section,
    model_section,
    movement_section,
    night_section,
)


def headline(evaluation: Evaluation) -> str:
    """Return the one line above everything."""
    nights = evaluation.nights["judged"]
    return (
        f"Evaluation of {evaluation.model.get('name', 'a detector')} on {nights}"
        f" {_class(evaluation.evidence)}night{'' if nights == 1 else 's'}"
    )


def sections(evaluation: Evaluation) -> list[Section]:
    """Return all parts of the page."""
    return [
        goal_section(evaluation),
        found_section(evaluation),
        alarm_section(evaluation),
        mimic_section(evaluation),
        predictive_section(evaluation),
        after_section(evaluation),
        latency_section(evaluation),
        calibration_section(evaluation),
        movement_section(evaluation),
        night_section(evaluation),
        case_section(evaluation),
        model_section(evaluation),
    ]


def _class(evidence: str) -> str:
    words = {"simulated": "SIMULATED ", "proxy": "PROXY ", "mixed": "MIXED "}
    return words.get(evidence, "")
