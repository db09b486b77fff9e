"""How a detector does on whom it was not trained on, in figures for its card."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..artefact.linear import Floats
from ..table.table import TrainingTable
from .blending import balanced_loss, blend
from .fitting import FittingSettings, fit
from .folds import KINDS, HeldOut
from .lessons import Lessons
from .operating import NIGHT_H, OperatingPoint, false_scores, found_cramps

_PARTS = (0.25, 0.5, 0.75)


def on_strangers(
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


def on_harder(
    table: TrainingTable, taught: Lessons, chance: Floats, points: list[OperatingPoint]
) -> dict[str, Any] | None:
    """Return what the thresholds give on nights that were made harder, None without any."""
    harder = np.array([not night.everyday for night in table.nights], bool)
    if harder.all() or not harder.any():
        return None
    own = harder[taught.night]
    rows = taught.rows.take(own)
    nights = sum(n.valid_hours for n, h in zip(table.nights, harder, strict=True) if h)
    alarms = [
        int(np.sum(false_scores(rows, chance[own], sure=which) >= point.threshold))
        for which, point in zip((True, False), points, strict=True)
    ]
    return {
        "nights": round(nights / NIGHT_H, 3),
        "false_cramp": alarms[0],
        "false_possible": alarms[1],
    }


def mimics(
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


def learning_curve(
    taught: Lessons,
    fold: NDArray[np.intp],
    shares: tuple[float, float],
    held: HeldOut,
    *,
    seed: int,
    fitting: FittingSettings,
    done: Callable[[], None],
) -> list[dict[str, Any]]:
    """Return the held-out log loss when only some of the other persons were learned from."""
    found = []
    kinds = tuple(kind for kind, share in zip(KINDS, shares, strict=True) if share > 0)
    persons = int(taught.person.max()) + 1
    for part in _PARTS:
        generator = np.random.default_rng([seed, round(100 * part)])
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
                    one = fit(kind, less, seed + int(number), fitting)
                    total += share * one.log_odds(taught.values[fold == number])
            raw[fold == number] = total
            counts.append(len(keep))
            done()
        if counts and np.isfinite(raw).all():
            found.append(_learned(taught, raw, float(np.mean(counts))))
    everybody = [len(np.unique(taught.person[fold != n])) for n in np.unique(fold)]
    found.append(_learned(taught, blend(held, shares), float(np.mean(everybody))))
    return found


def average_precision(taught: Lessons, raw: Floats) -> float:
    """Return the area under precision over recall of held-out scores."""
    from sklearn.metrics import average_precision_score

    return round(float(average_precision_score(taught.label, raw)), 6)


def point_facts(point: OperatingPoint) -> dict[str, Any]:
    """Return an operating point, JSON-ready."""
    return {
        "threshold": round(point.threshold, 6),
        "wanted": point.wanted,
        "false_alarms": point.false_alarms,
        "nights": round(point.nights, 3),
        "rate": round(point.false_alarms / point.nights, 6) if point.nights > 0 else None,
        "upper": round(point.upper, 6) if math.isfinite(point.upper) else None,
        "by_bound": point.by_bound,
    }


def _learned(taught: Lessons, raw: Floats, persons: float) -> dict[str, Any]:
    return {
        "persons": round(persons, 2),
        "log_loss": round(balanced_loss(taught, raw)[0], 6),
        "average_precision": average_precision(taught, raw),
    }
