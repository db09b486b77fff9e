"""What the estimators go by: how much worse held-out predictions get without it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from ..artefact.linear import Floats
from .calibration import log_loss
from .lessons import Lessons
from .sensors import groups

_MOST_ROWS = 1_500
_ROUNDS = 2

Predict = Callable[[Floats], Floats]


def importance(
    lessons: Lessons,
    fold: NDArray[np.intp],
    predict: Sequence[Predict],
    seed: int,
    *,
    done: Callable[[], None] = lambda: None,
) -> dict[str, list[dict[str, float | str]]]:
    """Return how much the log loss of held-out predictions rises when features are permuted.

    Rows are permuted within a fold, all features of a group together; of each fold, all
    cramps and some of the rest are taken.

    Parameters
    ----------
    lessons
        Lessons.
    fold
        Fold of each.
    predict
        For each fold, features to calibrated log-odds, learned from the other folds.
    seed
        Of the permutations.

    Returns
    -------
    dict
        ``groups`` and ``features``: name and rise, largest first.
    """
    by_group = groups(lessons.names)
    sets = [(name, columns) for name, columns in by_group.items()]
    single = [(name, np.array([column])) for column, name in enumerate(lessons.names)]
    rise = np.zeros(len(sets) + len(single))
    total = 0.0
    for number, foretell in enumerate(predict):
        generator = np.random.default_rng([seed, number])
        rows = _some(lessons, np.flatnonzero(fold == number), generator)
        values, label, weight = lessons.values[rows], lessons.label[rows], lessons.weight[rows]
        base = log_loss(foretell(values), label, weight)
        total += weight.sum()
        for place, (_, columns) in enumerate([*sets, *single]):
            if not np.isfinite(values[:, columns]).any():
                continue
            for _ in range(_ROUNDS):
                changed = values.copy()
                order = generator.permutation(len(rows))
                changed[:, columns] = values[order][:, columns]
                worse = log_loss(foretell(changed), label, weight) - base
                rise[place] += worse * weight.sum() / _ROUNDS
        done()
    rise /= max(total, 1e-12)
    return {
        "groups": _ranked([name for name, _ in sets], rise[: len(sets)]),
        "features": _ranked([name for name, _ in single], rise[len(sets) :]),
    }


def _some(
    lessons: Lessons, rows: NDArray[np.intp], generator: np.random.Generator
) -> NDArray[np.intp]:
    cramps = rows[lessons.label[rows] == 1]
    rest = rows[lessons.label[rows] == 0]
    chosen = [generator.permutation(part)[: _MOST_ROWS // 2] for part in (cramps, rest)]
    return np.sort(np.concatenate(chosen))


def _ranked(names: Sequence[str], rise: Floats) -> list[dict[str, float | str]]:
    order = sorted(range(len(names)), key=lambda i: (-rise[i], i))
    return [{"name": names[i], "rise": round(float(rise[i]), 6)} for i in order]
