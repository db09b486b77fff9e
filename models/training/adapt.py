"""A model for everybody, moved a little by the nights of one person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...recording.errors import CrampwatchError
from ..artefact.linear import Floats, Scale
from ..artefact.model import Evidence, Model
from ..artefact.scorer import Personal, Scorer
from ..table.table import TrainingTable
from .calibration import log_loss
from .fitting import fit_scale
from .lessons import Lessons, lessons
from .summary import data_facts, versions

_MOST_FEATURES = 8
_PULL_SLOPE, _PULL_OFFSET, _PULL_FEATURE = 20.0, 1.0, 20.0
_KNOTS = 9
_FEWEST_NIGHTS = 2


@dataclass(frozen=True, slots=True, eq=False)
class Adaptation:
    """What an adaptation gave.

    Attributes
    ----------
    model
        The adapted model, also where it is worse.
    better
        Whether held-out nights of this person were foretold better than before.
    warnings
        What whoever adapts must know, one sentence each.
    """

    model: Model
    better: bool
    warnings: tuple[str, ...]


def adapt(
    base: Model,
    table: TrainingTable,
    progress: Callable[[float], None] = lambda _: None,
) -> Adaptation:
    """Adapt a model to the nights of one person.

    The log-odds of the model are stretched, shifted, and joined by the few features that it
    goes by most; all of it is pulled hard towards leaving the model as it is. Each night is
    judged by what was learned from the others.

    Parameters
    ----------
    base
        Model to begin with, itself not adapted.
    table
        Labelled contractions of one person.
    progress
        Called with the part done, from 0 to 1.

    Raises
    ------
    CrampwatchError
        The nights are of several persons, there are fewer than two with something to learn
        from, there is one class only, or the model is adapted already.
    """
    _refuse(base, table)
    label = lessons(table, causal=False).label
    final, final_facts = _adapt(base.final, lessons(table, causal=False), table, base)
    progress(0.5)
    causal, causal_facts = _adapt(base.causal, lessons(table, causal=True), table, base)
    better = final_facts["after"] < final_facts["before"]
    facts = {
        "base": base.name or "a model",
        "base_digest": base.digest,
        "base_data": base.about.get("data", {}).get("fingerprint", ""),
        "nights": len(table.nights),
        "cramps": int(label.sum()),
        "better": better,
        "final": final_facts,
        "causal": causal_facts,
    }
    about: dict[str, Any] = {
        **base.about,
        "base_data": base.about.get("data", {}),
        "data": data_facts(table),
        "adaptation": facts,
        "versions": versions(),
    }
    model = replace(
        base,
        final=final,
        causal=causal,
        evidence=_evidence(base.evidence, table),
        about=about,
        name="",
        digest="",
    )
    progress(1.0)
    return Adaptation(model, better, _warnings(base, table, label))


def _refuse(base: Model, table: TrainingTable) -> None:
    persons = sorted({night.person for night in table.nights})
    if len(persons) > 1:
        raise CrampwatchError(
            f"these are nights of {len(persons)} persons ({', '.join(persons[:4])}); a model is"
            " adapted to one: name their nights alone"
        )
    kept = [night.id for night in table.nights if night.held_out]
    if kept:
        raise CrampwatchError(
            f"{kept[0]}: kept out of training for the final test; leave it to `evaluate`"
        )
    if base.final.personal is not None or base.causal.personal is not None:
        raise CrampwatchError(
            f"{base.name}: adapted to a person already; begin with the model it came from"
        )
    taught = lessons(table, causal=False)
    if not taught.label.any() or taught.label.all():
        what = "no cramp is" if not taught.label.any() else "nothing but cramps is"
        raise CrampwatchError(
            f"one class only: {what} marked and seen in these nights; add nights with both"
        )
    if len(np.unique(taught.night)) < _FEWEST_NIGHTS:
        raise CrampwatchError(
            "one night is too little to adapt to: each night is judged by what was learned from"
            " the others; label another one"
        )


def _adapt(
    scorer: Scorer, taught: Lessons, table: TrainingTable, base: Model
) -> tuple[Scorer, dict[str, float]]:
    before = scorer.log_odds(taught.values)
    columns = _columns(scorer, base)
    scale = fit_scale(taught.values, taught.weight, _KNOTS)
    after = before.copy()
    for night in range(len(table.nights)):
        own = taught.night == night
        if not own.any():
            continue
        rest = taught.take(~own)
        if not len(rest):
            continue
        personal = _fit(before[~own], rest, columns, scale)
        after[own] = personal(before[own], taught.values[own])
    personal = _fit(before, taught, columns, scale)
    # by plain counts: this person's nights as they are, cramps as rare as they are
    even = np.ones(len(taught))
    facts = {
        "before": round(log_loss(before, taught.label, even), 6),
        "after": round(log_loss(after, taught.label, even), 6),
        "slope": round(personal.slope, 4),
        "offset": round(personal.offset, 4),
    }
    return replace(scorer, personal=personal), facts


def _columns(scorer: Scorer, base: Model) -> NDArray[np.intp]:
    """Return the features that the model goes by most, as its training found."""
    ranked = base.about.get("final", {}).get("importance", {}).get("features", [])
    names = [row["name"] for row in ranked if row["name"] in scorer.features]
    chosen = [scorer.features.index(name) for name in names[:_MOST_FEATURES]]
    return np.array(chosen, np.intp)


def _fit(before: Floats, taught: Lessons, columns: NDArray[np.intp], scale: Scale) -> Personal:
    """Return the most likely move of the log-odds, pulled towards none (a Gaussian prior)."""
    from scipy.optimize import minimize

    scaled = np.nan_to_num(scale(taught.values)[:, columns])
    design = np.column_stack([before, np.ones(len(before)), scaled])
    rest = np.zeros(design.shape[1])
    rest[0] = 1.0
    pull = np.full(design.shape[1], _PULL_FEATURE)
    pull[:2] = _PULL_SLOPE, _PULL_OFFSET
    sign = np.where(taught.label == 1, 1.0, -1.0)

    def cost(weights: Floats) -> tuple[float, Floats]:
        margin = sign * (design @ weights)
        away = weights - rest
        loss = float(np.logaddexp(0.0, -margin).sum() + 0.5 * np.sum(pull * away**2))
        steep = -sign / (1.0 + np.exp(np.clip(margin, -50.0, 50.0)))
        return loss, design.T @ steep + pull * away

    found = minimize(cost, rest, jac=True, method="L-BFGS-B").x
    weights = np.zeros(taught.values.shape[1])
    weights[columns] = found[2:]
    return Personal(float(max(found[0], 0.05)), float(found[1]), scale, weights)


def _evidence(base: Evidence, table: TrainingTable) -> Evidence:
    seen = {night.source for night in table.nights}
    return base if seen == {base} else "mixed"


def _warnings(base: Model, table: TrainingTable, label: NDArray[np.int8]) -> tuple[str, ...]:
    origin = base.name or "the model it began with"
    nights = len(table.nights)
    found = [f"thresholds are those of {origin}: {nights} nights cannot tell false alarms"]
    if label.sum() < 5:
        found.append(f"{int(label.sum())} cramps are very few to adapt to")
    return tuple(found)
