"""Training: from a table to a model, with everything that its card says."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...recording.errors import CrampwatchError
from ..artefact.curve import Curve, line, probability
from ..artefact.linear import Floats
from ..artefact.model import Evidence, Model
from ..artefact.scorer import Scorer
from ..table.table import TrainingTable
from .calibration import expected_error, fit_calibration, log_loss, reliability
from .fitting import FittingSettings, Kind, fit, typical
from .folds import KINDS, HeldOut, folds_by, folds_by_person, hold_out
from .importance import importance
from .lessons import Lessons, lessons
from .operating import (
    NIGHT_H,
    OperatingPoint,
    choose,
    false_scores,
    found_cramps,
    sensitivity,
)
from .summary import data_facts, versions

BLEND: dict[str, tuple[float, float]] = {
    "linear": (1.0, 0.0),
    "trees": (0.0, 1.0),
    "blend": (0.5, 0.5),
}
"""Shares of the linear score and of the trees, from the smoothest to the sharpest."""

_ORDER = ("linear", "blend", "trees")
_PARTS = (0.25, 0.5, 0.75)


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """How to train.

    Attributes
    ----------
    seed
        Same table and seed, same model.
    false_alarms
        False alarms a night that are borne for ``cramp`` and for ``possible_cramp``.
    validation
        Whether to hold out persons; without, the model comes with no figures.
    fitting
        How the estimators are fitted.
    """

    seed: int = 1
    false_alarms: tuple[float, float] = (0.02, 0.3)
    validation: bool = True
    fitting: FittingSettings = field(default_factory=FittingSettings)


@dataclass(frozen=True, slots=True, eq=False)
class Training:
    """What a training gave.

    Attributes
    ----------
    model
        The model.
    warnings
        What whoever trained must know, one sentence each.
    """

    model: Model
    warnings: tuple[str, ...]


def train(
    table: TrainingTable,
    settings: TrainingSettings | None = None,
    progress: Callable[[float], None] = lambda _: None,
) -> Training:
    """Train a detector and judge it on persons that it was not trained on.

    Parameters
    ----------
    table
        Labelled contractions.
    settings
        How to train.
    progress
        Called with the part done, from 0 to 1.

    Raises
    ------
    CrampwatchError
        A night is kept out of training, there is one class only, or all cramps are one
        person's while validation is wanted.
    """
    settings = settings or TrainingSettings()
    _refuse(table)
    steps = _Steps(progress)
    final = _estimate(table, settings, steps, causal=False)
    causal = _estimate(table, settings, steps, causal=True)
    label = lessons(table, causal=False).label
    evidence = evidence_of(table)
    about = {
        "seed": settings.seed,
        "false_alarms": list(settings.false_alarms),
        "validated": settings.validation,
        "fitting": asdict(settings.fitting),
        "data": data_facts(table),
        "prevalence": round(float(label.mean()), 6),
        "final": final.facts,
        "causal": causal.facts,
        "versions": versions(),
    }
    model = Model(
        final=final.scorer,
        causal=causal.scorer,
        evidence=evidence,
        prevalence=float(label.mean()),
        catalogue=table.catalogue,
        settings=table.settings,
        about=about,
    )
    progress(1.0)
    return Training(model, _warnings(table, settings))


def evidence_of(table: TrainingTable) -> Evidence:
    """Return the evidence class of what a table holds."""
    seen = {night.source for night in table.nights}
    if seen == {"simulated"}:
        return "simulated"
    if seen == {"proxy"}:
        return "proxy"
    return "real" if seen == {"real"} else "mixed"


@dataclass(frozen=True, slots=True, eq=False)
class _Estimated:
    scorer: Scorer
    facts: dict[str, Any]


class _Steps:
    """Counts fits, which take nearly all of the time."""

    def __init__(self, progress: Callable[[float], None]) -> None:
        self._progress = progress
        self._done = 0

    def __call__(self) -> None:
        self._done += 1
        # how many folds there will be shows only on the way
        self._progress(1.0 - math.exp(-self._done / 25.0))


def _refuse(table: TrainingTable) -> None:
    kept = [night.id for night in table.nights if night.held_out]
    if kept:
        more = f" and {len(kept) - 1} more" if len(kept) > 1 else ""
        raise CrampwatchError(
            f"{kept[0]}{more}: kept out of training for the final test; leave it to `evaluate`"
        )
    label = lessons(table, causal=False).label
    if not label.size:
        raise CrampwatchError(
            "one class only, or none: no sustained contraction was seen in these nights"
        )
    if not label.any():
        marked = len(table.cramps)
        why = f"none of the {marked} marked cramps was seen" if marked else "no cramp is marked"
        raise CrampwatchError(
            f"one class only: {why} in {len(table.nights)} nights; add nights with cramps"
        )
    if label.all():
        raise CrampwatchError(
            "one class only: everything that was seen is a cramp; add whole nights, with what"
            " else a leg does"
        )


def _estimate(
    table: TrainingTable, settings: TrainingSettings, steps: _Steps, *, causal: bool
) -> _Estimated:
    taught = lessons(table, causal=causal)
    if not settings.validation:
        return _unvalidated(taught, settings)
    fold = folds_by_person(taught, settings.seed)
    held = hold_out(taught, fold, settings.seed, settings.fitting, done=steps)
    strange = _strange(table, taught, settings, steps, causal=causal)
    choice = _choose_blend(taught, held, strange)
    chosen = str(choice["chosen"])
    shares = BLEND[chosen]
    raw = _blend(held, shares)
    curve, method = fit_calibration(raw, taught.label)
    log_odds = curve(raw)
    chance = probability(log_odds)
    nights = sum(night.valid_hours for night in table.nights) / NIGHT_H
    points = [
        choose(taught.rows, chance, nights, wanted, sure=sure)
        for wanted, sure in zip(settings.false_alarms, (True, False), strict=True)
    ]
    t_cramp, t_possible = points[0].threshold, min(point.threshold for point in points)
    sure, possible = found_cramps(taught.rows, chance, table.cramps, t_cramp, t_possible)
    facts: dict[str, Any] = {
        "features": len(taught.names),
        "rows": len(taught),
        "cramps": int(taught.label.sum()),
        "folds": len(held.estimators),
        "choice": choice,
        "calibration": {
            "method": method,
            "expected_error": round(expected_error(chance, taught.label), 6),
            "curve": reliability(chance, taught.label),
        },
        "t_cramp": _point(points[0]),
        "t_possible": _point(points[1]),
        "average_precision": _average_precision(taught, raw),
        "sensitivity": sensitivity(table.cramps, sure, possible),
        "mimics": _mimics(taught, chance, t_cramp, t_possible),
    }
    if strange is not None and strange[0]:
        chance = probability(curve(np.nan_to_num(_blend(strange[1], shares))))
        facts["other_families"] = _on_strangers(table, taught, strange, chance, points)
    if not causal:
        facts["importance"] = importance(
            taught,
            fold,
            [_predictor(one, shares, curve) for one in held.estimators],
            settings.seed,
            done=steps,
        )
        facts["learning_curve"] = _learning_curve(
            taught, fold, settings, shares, held, done=steps
        )
    fitted = _fit_members(taught, shares, settings)
    steps()
    scorer = Scorer(
        features=taught.names,
        members=tuple(member for member, _ in fitted),
        shares=tuple(share for _, share in fitted),
        calibration=curve,
        t_cramp=t_cramp,
        t_possible=t_possible,
        typical=typical(taught),
    )
    return _Estimated(scorer, facts)


def _unvalidated(taught: Lessons, settings: TrainingSettings) -> _Estimated:
    """Return an estimator of which nothing is known; its probabilities are not calibrated."""
    shares = BLEND["blend"]
    fitted = _fit_members(taught, shares, settings)
    # both classes weighed the same in the fit: move the odds back to the share in the table
    share = float(taught.label.mean())
    scorer = Scorer(
        features=taught.names,
        members=tuple(member for member, _ in fitted),
        shares=tuple(part for _, part in fitted),
        calibration=line(1.0, math.log(share / (1.0 - share))),
        t_cramp=0.9,
        t_possible=0.5,
        typical=typical(taught),
    )
    facts = {
        "features": len(taught.names),
        "rows": len(taught),
        "cramps": int(taught.label.sum()),
    }
    return _Estimated(scorer, facts)


def _fit_members(
    taught: Lessons, shares: tuple[float, float], settings: TrainingSettings
) -> list[tuple[Any, float]]:
    return [
        (fit(kind, taught, settings.seed, settings.fitting), share)
        for kind, share in zip(KINDS, shares, strict=True)
        if share > 0
    ]


def _strange(
    table: TrainingTable,
    taught: Lessons,
    settings: TrainingSettings,
    steps: _Steps,
    *,
    causal: bool,
) -> tuple[list[str], HeldOut] | None:
    """Return predictions for families of nights from those that learned from other families."""
    families = [night.family or night.source for night in table.nights]
    names = sorted(set(families))
    if causal or len(names) < 2:
        return None
    fold = folds_by(families, taught)
    if not (fold >= 0).any():
        return None
    held = hold_out(taught, fold, settings.seed, settings.fitting, done=steps)
    return names, held


def _choose_blend(
    taught: Lessons, held: HeldOut, strange: tuple[list[str], HeldOut] | None
) -> dict[str, Any]:
    """Return which blend foretells best; the smoothest of those that are nearly as good.

    Judged by the log loss of calibrated held-out predictions, where every class and every
    person weighs the same; with several families of nights, by the mean with that of
    families that were held out.
    """
    losses: dict[str, float] = {}
    told: dict[str, dict[str, float]] = {}
    spread: dict[str, float] = {}
    for name, shares in BLEND.items():
        loss, error = _loss(taught, _blend(held, shares))
        told[name] = {"persons": round(loss, 6)}
        losses[name], spread[name] = loss, error
        if strange is not None:
            other, _ = _loss(taught, _blend(strange[1], shares))
            told[name]["families"] = round(other, 6)
            losses[name] = (loss + other) / 2
    best = min(losses, key=losses.__getitem__)
    chosen = next(name for name in _ORDER if losses[name] <= losses[best] + 0.5 * spread[best])
    return {"chosen": chosen, "log_loss": told, "margin": round(0.5 * spread[best], 6)}


def _loss(taught: Lessons, raw: Floats) -> tuple[float, float]:
    """Return the balanced log loss of calibrated scores and its standard error over persons."""
    known = np.isfinite(raw)
    label, weight = taught.label[known], taught.weight[known]
    curve, _ = fit_calibration(raw[known], label)
    share = float(np.clip(label.mean(), 1e-6, 1 - 1e-6))
    # to a prevalence of one half, as the weights have it
    log_odds = curve(raw[known]) - math.log(share / (1 - share))
    sign = np.where(label == 1, 1.0, -1.0)
    each = np.logaddexp(0.0, -sign * log_odds) * weight
    per_person = np.bincount(taught.person[known], each)
    persons = max(1, len(np.unique(taught.person[known])))
    error = float(np.sqrt(persons * np.var(per_person)) / weight.sum())
    return log_loss(log_odds, label, weight), error


def _blend(held: HeldOut, shares: tuple[float, float]) -> Floats:
    total = np.zeros(len(held.fold))
    for kind, share in zip(KINDS, shares, strict=True):
        if share > 0:
            total += share * held.raw[kind]
    return total


def _predictor(
    estimators: dict[Kind, Any], shares: tuple[float, float], curve: Curve
) -> Callable[[Floats], Floats]:
    def predict(values: Floats) -> Floats:
        total = np.zeros(len(values))
        for kind, share in zip(KINDS, shares, strict=True):
            if share > 0:
                total += share * estimators[kind].log_odds(values)
        return curve(total)

    return predict


def _on_strangers(
    table: TrainingTable,
    taught: Lessons,
    strange: tuple[list[str], HeldOut],
    chance: Floats,
    points: list[OperatingPoint],
) -> list[dict[str, Any]]:
    """Return what the thresholds give on each family that was not learned from."""
    names, held = strange
    families = np.array([night.family or night.source for night in table.nights])
    found = []
    for number in np.unique(held.fold[held.fold >= 0]):
        family = names[int(number)]
        own = held.fold == number
        nights = sum(
            night.valid_hours
            for night, name in zip(table.nights, families, strict=True)
            if name == family
        )
        rows = taught.rows.take(own)
        sure, possible = found_cramps(
            rows, chance[own], table.cramps, points[0].threshold, points[1].threshold
        )
        mine = np.array([families[cramp.night] == family for cramp in table.cramps], bool)
        alarms = [
            int(np.sum(false_scores(rows, chance[own], sure=which) >= point.threshold))
            for which, point in zip((True, False), points, strict=True)
        ]
        found.append(
            {
                "family": family,
                "nights": round(nights / NIGHT_H, 3),
                "cramps": int(mine.sum()),
                "cramp": int(sure[mine].sum()),
                "cramp_or_possible": int(possible[mine].sum()),
                "false_cramp": alarms[0],
                "false_possible": alarms[1],
            }
        )
    return found


def _mimics(
    taught: Lessons, chance: Floats, t_cramp: float, t_possible: float
) -> list[dict[str, Any]]:
    """Return for each cause of what is no cramp how often it was called one."""
    none = taught.label == 0
    found = []
    for name in sorted(set(taught.rows.mimic[none])):
        own = none & (taught.rows.mimic == name)
        found.append(
            {
                "mimic": str(name),
                "count": int(own.sum()),
                "cramp": int(np.sum(chance[own] >= t_cramp)),
                "cramp_or_possible": int(np.sum(chance[own] >= t_possible)),
            }
        )
    return found


def _learning_curve(
    taught: Lessons,
    fold: NDArray[np.intp],
    settings: TrainingSettings,
    shares: tuple[float, float],
    held: HeldOut,
    *,
    done: Callable[[], None],
) -> list[dict[str, Any]]:
    """Return the held-out log loss when only some of the other persons were learned from."""
    found = []
    kinds = tuple(kind for kind, share in zip(KINDS, shares, strict=True) if share > 0)
    persons = int(taught.person.max()) + 1
    for part in _PARTS:
        generator = np.random.default_rng([settings.seed, round(100 * part)])
        order = generator.permutation(persons)
        rank = np.empty(persons)
        rank[order] = np.arange(persons)
        raw = np.full(len(taught), np.nan)
        counts = []
        for number in np.unique(fold):
            others = np.unique(taught.person[fold != number])
            keep = others[np.argsort(rank[others])][: max(1, round(part * len(others)))]
            own = np.isin(taught.person, keep) & (fold != number)
            if len(np.unique(taught.label[own])) < 2:
                continue
            less = taught.take(own)
            total = np.zeros(int(np.sum(fold == number)))
            for kind, share in zip(KINDS, shares, strict=True):
                if kind in kinds:
                    one = fit(kind, less, settings.seed + int(number), settings.fitting)
                    total += share * one.log_odds(taught.values[fold == number])
            raw[fold == number] = total
            counts.append(len(keep))
            done()
        if counts and np.isfinite(raw).all():
            found.append(_learned(taught, raw, float(np.mean(counts))))
    everybody = [len(np.unique(taught.person[fold != n])) for n in np.unique(fold)]
    found.append(_learned(taught, _blend(held, shares), float(np.mean(everybody))))
    return found


def _learned(taught: Lessons, raw: Floats, persons: float) -> dict[str, Any]:
    return {
        "persons": round(persons, 2),
        "log_loss": round(_loss(taught, raw)[0], 6),
        "average_precision": _average_precision(taught, raw),
    }


def _average_precision(taught: Lessons, raw: Floats) -> float:
    from sklearn.metrics import average_precision_score

    return round(float(average_precision_score(taught.label, raw)), 6)


def _point(point: OperatingPoint) -> dict[str, Any]:
    return {
        "threshold": round(point.threshold, 6),
        "wanted": point.wanted,
        "false_alarms": point.false_alarms,
        "nights": round(point.nights, 3),
        "rate": round(point.false_alarms / point.nights, 6) if point.nights > 0 else None,
        "upper": round(point.upper, 6) if math.isfinite(point.upper) else None,
        "by_bound": point.by_bound,
    }


def _warnings(table: TrainingTable, settings: TrainingSettings) -> tuple[str, ...]:
    found = []
    sensors = {night.sensors for night in table.nights}
    if len(sensors) > 1:
        found.append(f"the nights come from {len(sensors)} different sets of sensors")
    unscorable = sum(not night.scorable for night in table.nights)
    if unscorable:
        found.append(f"{unscorable} nights hold nothing that could be scored")
    nobody = sum(not night.person for night in table.nights)
    if nobody:
        found.append(
            f"{nobody} nights name no person, and each is taken for a person of its own"
        )
    if not settings.validation:
        found.append("not validated: nothing is known of how well it does")
    return tuple(found)
