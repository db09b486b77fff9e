"""Held-out predictions: nobody is judged by what was learned from them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...recording.errors import CrampwatchError
from ..artefact.forest import Forest
from ..artefact.linear import Floats, Linear
from .fitting import FittingSettings, Kind, fit
from .lessons import Lessons

MOST_FOLDS = 5
KINDS: tuple[Kind, ...] = ("linear", "trees")


@dataclass(frozen=True, slots=True, eq=False)
class HeldOut:
    """Predictions for lessons that were not learned from.

    Attributes
    ----------
    fold
        Fold in which each lesson was held out; -1 for never.
    raw
        Raw log-odds of each kind of estimator, NaN for what was never held out.
    estimators
        Those of each fold, by kind.
    """

    fold: NDArray[np.intp]
    raw: dict[Kind, Floats]
    estimators: tuple[dict[Kind, Forest | Linear], ...]


def folds_by_person(lessons: Lessons, seed: int) -> NDArray[np.intp]:
    """Return the fold of each lesson: all of a person in one, cramps spread evenly.

    Raises
    ------
    CrampwatchError
        Fewer than two persons have cramps, so that nobody's cramps can be foretold from
        anybody else's.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    with_cramps = len(np.unique(lessons.person[lessons.label == 1]))
    if with_cramps < 2:
        raise CrampwatchError(
            "grouped validation is impossible: all cramps are one person's, so none can be held"
            " out; add nights of others, adapt a model with --adapt, or take --no-validation"
        )
    count = min(MOST_FOLDS, with_cramps)
    fold = np.full(len(lessons), -1, np.intp)
    splitter = StratifiedGroupKFold(count, shuffle=True, random_state=seed)
    parts = splitter.split(lessons.values, lessons.label, lessons.person)
    for number, (_, held_out) in enumerate(parts):
        fold[held_out] = number
    for number in range(count):
        if len(np.unique(lessons.label[fold != number])) < 2:
            fold[:] = _dealt(lessons, count)[lessons.person]
            break
    return fold


def hold_out(
    lessons: Lessons,
    fold: NDArray[np.intp],
    seed: int,
    settings: FittingSettings,
    *,
    kinds: Sequence[Kind] = KINDS,
    done: Callable[[], None] = lambda: None,
) -> HeldOut:
    """Return predictions for each fold from estimators that learned from the others."""
    raw: dict[Kind, Floats] = {kind: np.full(len(lessons), np.nan) for kind in kinds}
    estimators = []
    for number in np.unique(fold[fold >= 0]):
        held_out = fold == number
        learned = lessons.take(~held_out)
        fitted: dict[Kind, Forest | Linear] = {}
        for kind in kinds:
            fitted[kind] = fit(kind, learned, seed + int(number), settings)
            raw[kind][held_out] = fitted[kind].log_odds(lessons.values[held_out])
            done()
        estimators.append(fitted)
    return HeldOut(fold, raw, tuple(estimators))


def folds_by(texts: Sequence[str], lessons: Lessons) -> NDArray[np.intp]:
    """Return the fold of each lesson by a text of its night, -1 where a fold would not do.

    Parameters
    ----------
    texts
        One for each night; nights of one text are held out together.
    lessons
        Lessons of these nights.
    """
    _, number = np.unique(np.array(texts, dtype=str), return_inverse=True)
    fold = np.asarray(number, np.intp)[lessons.night]
    for one in np.unique(fold):
        rest, own = lessons.label[fold != one], lessons.label[fold == one]
        if len(np.unique(rest)) < 2 or not own.any():
            fold = np.where(fold == one, -1, fold)
    return fold


def _dealt(lessons: Lessons, count: int) -> NDArray[np.intp]:
    """Deal persons to folds, those with most cramps first."""
    persons = int(lessons.person.max()) + 1
    cramps = np.bincount(lessons.person, lessons.label, persons)
    out = np.zeros(persons, np.intp)
    out[np.argsort(-cramps, kind="stable")] = np.arange(persons) % count
    return out
