"""Who names cramp-like contractions: a trained model, or the transparent rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..detection import Judge
from ..detection.settings import Settings
from ..models.artefact import load_model, shipped_model

RULE = "rule"


@dataclass(frozen=True, slots=True, eq=False)
class Judging:
    """Who names cramp-like contractions.

    Attributes
    ----------
    judge
        What the detector asks; None for its own rule.
    facts
        What it is, JSON-ready: ``kind`` (``model`` or ``rule``), ``name``, and of a model
        ``sha256``, ``evidence``, ``prevalence``, ``thresholds``, and ``probabilities``, what
        its probabilities are called.
    remarks
        What the reader must know, one sentence each.
    """

    judge: Judge | None = None
    facts: Mapping[str, Any] = field(
        default_factory=lambda: {"kind": RULE, "name": "the transparent rule"}
    )
    remarks: tuple[str, ...] = ()


def find_judge(model: str | None, settings: Settings) -> Judging:
    """Return who names cramp-like contractions.

    Parameters
    ----------
    model
        File of a model, ``rule`` for the transparent rule, or None for the model that comes
        with the program; where none does, for the rule.
    settings
        Settings of the detector.

    Raises
    ------
    CrampwatchError
        The file is no model that this version can use.
    """
    path = shipped_model() if model is None else Path(model)
    if model == RULE or path is None:
        return Judging()
    found = load_model(path)
    other = found.differences(settings)
    remarks = (
        f"{found.name} was trained with other settings of the detector ({', '.join(other)}).",
    )
    facts = {
        "kind": "model",
        "name": found.name,
        "sha256": found.digest,
        "evidence": found.evidence,
        "prevalence": found.prevalence,
        "probabilities": found.score_name,
        "thresholds": {
            way: {"cramp": scorer.t_cramp, "possible_cramp": scorer.t_possible}
            for way, scorer in (("final", found.final), ("causal", found.causal))
        },
    }
    return Judging(found.judge(settings), facts, remarks if other else ())


def score_name(facts: Mapping[str, Any]) -> str:
    """Return what probabilities are called: ``score (simulated)`` or ``probability``."""
    return str(facts.get("probabilities") or "probability")


def naming_note(facts: Mapping[str, Any]) -> str:
    """Return who named the cramp-like contractions, and what their probabilities assume."""
    if facts.get("kind") != "model":
        return "Named by the transparent rule, which gives no probabilities."
    told = {
        "simulated": "SIMULATED ONLY: it has learned from simulated nights alone",
        "proxy": "it has learned from real recordings of something like a cramp",
        "real": "it has learned from labelled nights of real sleepers",
        "mixed": "it has learned from simulated and from real nights",
    }
    share = float(facts.get("prevalence") or 0.0)
    return (
        f"Named by the model {facts.get('name')}: {told.get(str(facts.get('evidence')), '')}."
        f" Its {score_name(facts)} assumes that {share:.1%} of sustained contractions are"
        " cramps; where cramps are rarer, it is too high."
    )
