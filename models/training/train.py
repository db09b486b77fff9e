"""Training: from a table to a model, with everything that its card says."""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass, field
from multiprocessing import get_context
from typing import Any

import numpy as np

from ...recording.errors import CrampwatchError
from ..artefact.curve import line, probability
from ..artefact.linear import Floats
from ..artefact.model import Evidence, Model
from ..artefact.scorer import Scorer
from ..table.table import TrainingTable
from .blending import BLEND, blend, choose_blend, predictor
from .calibration import expected_error, fit_calibration, reliability
from .fitting import FittingSettings, fit, typical
from .folds import KINDS, HeldOut, folds_by, folds_by_person, hold_out
from .importance import importance
from .judgement import (
    average_precision,
    learning_curve,
    mimics,
    on_harder,
    on_strangers,
    point_facts,
)
from .lessons import Lessons, lessons
from .operating import (
    NIGHT_H,
    OperatingPoint,
    choose,
    found_cramps,
    sensitivity,
    without_aftertone,
)
from .summary import data_facts, versions


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
    false_alarms: tuple[float, float] = (0.02, 0.2)
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
    *,
    workers: int = 1,
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
    workers
        Processes; the two estimators are independent, so that two are of use. They change
        nothing in the model.

    Raises
    ------
    CrampwatchError
        A night is kept out of training, there is one class only, or all cramps are one
        person's while validation is wanted.
    """
    settings = settings or TrainingSettings()
    _refuse(table)
    final, causal = _both(table, settings, _Steps(progress), workers)
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


def _both(
    table: TrainingTable, settings: TrainingSettings, steps: _Steps, workers: int
) -> tuple[_Estimated, _Estimated]:
    if workers < 2:
        final = _estimate(table, settings, steps, causal=False)
        return final, _estimate(table, settings, steps, causal=True)
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        apart = pool.submit(_estimate, table, settings, None, causal=True)
        try:
            return _estimate(table, settings, steps, causal=False), apart.result()
        except BrokenProcessPool as error:
            raise CrampwatchError(
                "a worker was killed, most likely for want of memory; take --workers 1"
            ) from error


def _estimate(
    table: TrainingTable,
    settings: TrainingSettings,
    steps: Callable[[], None] | None,
    *,
    causal: bool,
) -> _Estimated:
    steps = steps or _silent
    taught = lessons(table, causal=causal)
    if not settings.validation:
        return _unvalidated(taught, settings)
    fold = folds_by_person(taught, settings.seed)
    held = hold_out(taught, fold, settings.seed, settings.fitting, done=steps)
    strange = _strange(table, taught, settings, steps, causal=causal)
    choice = choose_blend(taught, held, strange)
    chosen = str(choice["chosen"])
    shares = BLEND[chosen]
    raw = blend(held, shares)
    curve, method = fit_calibration(raw, taught.label)
    log_odds = curve(raw)
    chance = probability(log_odds)
    first = _points(table, taught, without_aftertone(taught, chance), settings)
    named = without_aftertone(taught, chance, first[1].threshold)
    points = _points(table, taught, named, settings)
    t_cramp, t_possible = points[0].threshold, min(point.threshold for point in points)
    sure, possible = found_cramps(taught.rows, named, table.cramps, t_cramp, t_possible)
    facts: dict[str, Any] = {
        "features": len(taught.names),
        "rows": len(taught),
        "cramps": int(taught.label.sum()),
        "prevalence": round(float(taught.label.mean()), 6),
        "folds": len(held.estimators),
        "choice": choice,
        "calibration": {
            "method": method,
            "expected_error": round(expected_error(chance, taught.label), 6),
            "curve": reliability(chance, taught.label),
        },
        "t_cramp": point_facts(points[0]),
        "t_possible": point_facts(points[1]),
        "harder_nights": on_harder(table, taught, named, points),
        "average_precision": average_precision(taught, raw),
        "sensitivity": sensitivity(table.cramps, sure, possible),
        "mimics": mimics(taught, named, t_cramp, t_possible),
    }
    if strange is not None and strange[0]:
        others = probability(curve(np.nan_to_num(blend(strange[1], shares))))
        others = without_aftertone(taught, others, t_possible)
        facts["other_families"] = on_strangers(table, taught, strange, others, points)
    if not causal:
        facts["importance"] = importance(
            taught,
            fold,
            [predictor(one, shares, curve) for one in held.estimators],
            settings.seed,
            done=steps,
        )
        facts["learning_curve"] = learning_curve(
            taught, fold, shares, held, seed=settings.seed, fitting=settings.fitting, done=steps
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


def _points(
    table: TrainingTable, taught: Lessons, chance: Floats, settings: TrainingSettings
) -> list[OperatingPoint]:
    """Return the thresholds of ``cramp`` and of at least possible, set on everyday nights."""
    setting = np.array([night.everyday for night in table.nights], bool)
    if not setting.any():
        setting[:] = True
    nights = sum(n.valid_hours for n, s in zip(table.nights, setting, strict=True) if s)
    own = setting[taught.night]
    rows = taught.rows.take(own)
    return [
        choose(rows, chance[own], nights / NIGHT_H, wanted, sure=sure)
        for wanted, sure in zip(settings.false_alarms, (True, False), strict=True)
    ]


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


def _silent() -> None:
    """Tell nobody of a step."""


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
    steps: Callable[[], None],
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
