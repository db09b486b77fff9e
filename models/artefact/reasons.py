"""Which features spoke, in the words of their catalogue."""

from __future__ import annotations

import numpy as np

from ...detection.cramps.features.catalogue import FEATURES
from ...detection.cramps.features.feature import Feature
from .linear import Floats
from .scorer import Scorer

_TOLD = 3
_LEAST = 0.15
# the catalogue speaks in rows that lean on the one above, and models are bound to its words
_ALONE = {
    "antagonist_together": "correlation with another muscle of the leg",
    "antagonist_onset": "excess of another muscle of the leg in the first two seconds",
    "antagonist_active": "share of the time another muscle of the leg is above rest",
    "other_leg_onset": "excess of the other leg in the first two seconds",
    "other_leg_active": "share of the time the other leg is above rest",
    "movement_rest": "median movement over that of rest",
    "movement_before": "median movement in the half minute before",
    "moving_before": "share of the half minute before in which the leg moves",
    "burst_pace": "regularity of the bursts before",
    "whiteness_change": "how much lies above the band, over that of rest",
    "form_change": "RMS over mean amplitude, over that of rest",
}


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


def words_of(feature: Feature) -> str:
    """Return what a feature measures, in words that need no other feature beside them."""
    return _ALONE.get(feature.name) or _short(feature.about)


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
        words = words_of(about[name]) if name in about else name
        parts.append(f"{sign} it: {size} {words} ({row[column]:.2g}{unit}, else {usual:.2g})")
    return "; ".join(parts)


def _short(about: str) -> str:
    """Return the first clause of a feature's description, lower case at its start."""
    clause = (
        about.split(". ", maxsplit=1)[0]
        .rstrip(".")
        .split(";", maxsplit=1)[0]
        .split(" (", maxsplit=1)[0]
        .strip()
    )
    return clause[:1].lower() + clause[1:] if clause[1:2].islower() else clause
