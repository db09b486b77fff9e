"""Which detector is judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from ...detection import Judge
from ...detection.settings import Settings
from ...models.artefact import load_model, shipped_model
from ...models.evaluation.run import JudgeFactory, rule_judge
from ...recording.errors import CrampwatchError

RULE = "rule"


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
    remarks
        What the reader must know, one sentence each.
    """

    make: JudgeFactory
    stamp: str
    facts: Mapping[str, Any]
    remarks: tuple[str, ...] = ()


def find_detector(model: str | None, settings: Settings | None = None) -> Detector:
    """Return the detector that a name stands for.

    Parameters
    ----------
    model
        File of a model, ``rule`` for the transparent rule, or None for the shipped model.
    settings
        Settings of the engine.

    Raises
    ------
    CrampwatchError
        No model is shipped, or the file is none that this version can use.
    """
    if model == RULE:
        facts = {"name": "the transparent rule", "kind": RULE, "evidence": None}
        return Detector(rule_judge, RULE, facts)
    path = shipped_model() if model is None else Path(model)
    if path is None:
        raise CrampwatchError(
            "no model comes with this version; name one with --model FILE, or judge the"
            " transparent rule with --model rule"
        )
    loaded = load_model(path)
    differences = loaded.differences(settings or Settings())
    remarks = (
        (
            (
                "The model was trained with other settings of the detector"
                f" ({', '.join(differences)}) than these nights were scored with."
            ),
        )
        if differences
        else ()
    )
    return Detector(
        partial(_judge, str(path), settings),
        loaded.digest,
        {
            "name": loaded.name,
            "kind": "model",
            "sha256": loaded.digest,
            "evidence": loaded.evidence,
            "prevalence": loaded.prevalence,
            "probabilities": loaded.score_name,
            "features": len(loaded.features),
            "thresholds": {
                way: {"cramp": scorer.t_cramp, "possible_cramp": scorer.t_possible}
                for way, scorer in (("final", loaded.final), ("causal", loaded.causal))
            },
        },
        remarks,
    )


def _judge(path: str, settings: Settings | None) -> Judge:
    return load_model(path).judge(settings)
