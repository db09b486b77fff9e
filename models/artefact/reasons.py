"""Which features spoke, in the words of their catalogue."""

from __future__ import annotations

import numpy as np

from ...detection.cramps.features.catalogue import FEATURES
from .linear import Floats
from .scorer import Scorer

_TOLD = 3
_LEAST = 0.15


def reasons(scorer: Scorer, values: Floats) -> list[str]:
    """Return for each candidate the few features that moved its log-odds most.

    A feature's say is how far the log-odds move when it is set to its median among what is
    no cramp, which is told beside it: ``for it: low excess of another muscle (0.06, else
    0.5)``.

    Parameters
    ----------
    scorer
        Estimator that judged.
    values
        Features, shape ``(n, features)``; keep n to the few that are asked about.
    """
    return [_words(scorer, row) for row in values]


def contributions(scorer: Scorer, row: Floats) -> Floats:
    """Return how much each feature moved the log-odds of one candidate, shape ``(features,)``.

    Parameters
    ----------
    scorer
        Estimator that judged.
    row
        Features of the candidate, shape ``(features,)``.
    """
    count = len(row)
    changed = np.repeat(row[None, :], count + 1, axis=0)
    known = np.flatnonzero(np.isfinite(row) & np.isfinite(scorer.typical))
    changed[known, known] = scorer.typical[known]
    found = scorer.log_odds(changed)
    moved: Floats = found[-1] - found[:count]
    return moved


def _words(scorer: Scorer, row: Floats) -> str:
    about = {feature.name: feature for feature in FEATURES}
    moved = contributions(scorer, row)
    order = sorted(range(len(row)), key=lambda column: (-abs(moved[column]), column))
    told = [column for column in order[:_TOLD] if abs(moved[column]) >= _LEAST]
    if not told:
        return "no feature stands out"
    parts = []
    for column in told:
        name = scorer.features[column]
        usual = float(scorer.typical[column])
        unit = about[name].unit if name in about else "1"
        unit = "" if unit == "1" else f" {unit}"
        size = "low" if row[column] < usual else "high"
        sign = "for" if moved[column] > 0 else "against"
        words = _short(about[name].about) if name in about else name
        parts.append(f"{sign} it: {size} {words} ({row[column]:.2g}{unit}, else {usual:.2g})")
    return "; ".join(parts)


def _short(about: str) -> str:
    """Return the first clause of a feature's description, lower case at its start."""
    clause = (
        about.split(".", maxsplit=1)[0]
        .split(";", maxsplit=1)[0]
        .split(" (", maxsplit=1)[0]
        .strip()
    )
    return clause[:1].lower() + clause[1:] if clause[1:2].islower() else clause
