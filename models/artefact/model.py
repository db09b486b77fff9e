"""A trained detector: two estimators, what they were trained on, and what they assume."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ...detection.cramps.candidates import Candidate
from ...detection.cramps.features.catalogue import FEATURES
from ...detection.settings import Settings
from .linear import Floats
from .scorer import Scorer

if TYPE_CHECKING:
    from .judge import ModelJudge

Evidence = Literal["simulated", "proxy", "real", "mixed"]
"""What a model has seen: simulated nights only, proxies, real nights, or several of these."""

EVIDENCE_WORDS: Mapping[Evidence, str] = {
    "simulated": "SIMULATED ONLY",
    "proxy": "REAL PROXY RECORDINGS",
    "real": "REAL NIGHTS",
    "mixed": "MIXED EVIDENCE",
}


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A trained detector.

    Attributes
    ----------
    final
        Estimator for complete contractions; knows what follows them.
    causal
        Estimator for what is known while a contraction goes on, and at its end.
    evidence
        What it was trained on.
    prevalence
        Share of cramps among the contractions that it was trained on, which its
        probabilities assume.
    catalogue
        Digest of the catalogue of features (see `catalogue_digest`).
    settings
        Settings of the detector that found the contractions, JSON-ready.
    about
        Versions, training data, validation, thresholds: what the model card says, JSON-ready.
    name
        Name of the file it was read from, empty where there is none.
    digest
        SHA-256 of that file.
    """

    final: Scorer
    causal: Scorer
    evidence: Evidence
    prevalence: float
    catalogue: str
    settings: Mapping[str, Any]
    about: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""
    digest: str = ""

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the features of the final estimator."""
        return self.final.features

    @property
    def score_name(self) -> str:
        """What its probabilities are called: ``score (simulated)`` where it saw only those."""
        return "score (simulated)" if self.evidence == "simulated" else "probability"

    def scorer(self, *, causal: bool) -> Scorer:
        """Return the estimator that knows what follows, or the one that does not."""
        return self.causal if causal else self.final

    def probabilities(self, candidates: Sequence[Candidate], *, causal: bool = False) -> Floats:
        """Return probabilities, float64, shape ``(len(candidates),)``.

        Parameters
        ----------
        candidates
            Contractions of one night.
        causal
            Use only what is known without what follows. Candidates that are cut always
            meet the causal estimator.
        """
        out = np.zeros(len(candidates))
        cut = np.array([causal or c.cut_s is not None for c in candidates], bool)
        for which in (False, True):
            rows = np.flatnonzero(cut == which)
            if rows.size:
                scorer = self.scorer(causal=which)
                chosen = [candidates[int(row)] for row in rows]
                out[rows] = scorer.probabilities(scorer.values(chosen))
        return out

    def judge(self, settings: Settings | None = None) -> ModelJudge:
        """Return the judge that names candidates by this model.

        Parameters
        ----------
        settings
            Settings of the detector, for the longest contraction and the transparent rule.
        """
        from .judge import ModelJudge

        return ModelJudge(self, settings or Settings())

    def differences(self, settings: Settings) -> list[str]:
        """Return the names of detector settings that differ from those of the training."""
        now, then = detector_settings(settings), self.settings
        return sorted(
            f"{part}.{name}"
            for part, values in now.items()
            for name, value in values.items()
            if then.get(part, {}).get(name) != value
        )


def detector_settings(settings: Settings) -> dict[str, dict[str, Any]]:
    """Return the settings that decide which contractions are looked at, JSON-ready."""
    every = asdict(settings)
    return {part: every[part] for part in ("baseline", "cramp", "quality")}


def catalogue_digest() -> str:
    """Return a digest of the names, units and meanings of the features, in their order."""
    lines = [f"{f.name}\t{f.unit}\t{f.group}\t{f.about}\t{f.follows}" for f in FEATURES]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
