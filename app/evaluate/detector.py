"""Which detector is judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from ...detection import Judge
from ...detection.settings import Settings
from ...models.artefact import ModelJudge
from ...models.evaluation.run import JudgeFactory, rule_judge
from ..judging import find_judge


@dataclass(frozen=True, slots=True)
class Detector:
    """A detector that can be made in any process.

    Attributes
    ----------
    make
        Makes it.
    stamp
        Tells it from any other one.
    facts
        What it is, JSON-ready.
    """

    make: JudgeFactory
    stamp: str
    facts: Mapping[str, Any]


def find_detector(model: str | None) -> Detector:
    """Return the detector that a name stands for.

    Parameters
    ----------
    model
        File of a model, ``rule`` for the transparent rule, or None for the model that comes
        with the program; where none does, for the rule.

    Raises
    ------
    CrampwatchError
        The file is no model that this version can use.
    """
    judging = find_judge(model, Settings())
    facts = {
        **judging.facts,
        "trained_on_families": _families(judging.judge),
        "remarks": list(judging.remarks),
    }
    stamp = str(facts.get("sha256") or facts["name"])
    return Detector(partial(_make, model), stamp, facts)


def _families(judge: Judge | None) -> list[str]:
    if not isinstance(judge, ModelJudge):
        return []
    data = judge.model.about.get("data")
    families = data.get("families") if isinstance(data, Mapping) else None
    return sorted(families) if isinstance(families, Mapping) else []


def _make(model: str | None) -> Judge:
    return find_judge(model, Settings()).judge or rule_judge()
