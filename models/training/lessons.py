"""Rows of a table as lessons: features, label, weight."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...detection.cramps.features.catalogue import FEATURES
from ..artefact.linear import Floats
from ..artefact.scorer import as_known
from ..table.table import Rows, TrainingTable
from .sensors import SITUATIONS, blanked

_BLANKED_WEIGHT = 0.5
_SMEAR = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Lessons:
    """What one estimator learns from.

    Attributes
    ----------
    names
        Features, in the order of the columns.
    values
        Features, float64, shape ``(n, features)``.
    label
        1 a cramp, 0 none; int8.
    weight
        Weight of each row; both classes weigh the same, no person dominates.
    night, person
        Number of the night and of the person of each row.
    rows
        The rows of the table that these are.
    """

    names: tuple[str, ...]
    values: Floats
    label: NDArray[np.int8]
    weight: Floats
    night: NDArray[np.int32]
    person: NDArray[np.intp]
    rows: Rows

    def __len__(self) -> int:
        return len(self.label)

    def take(self, which: NDArray[np.bool_]) -> Lessons:
        """Return some of the lessons, weighed anew."""
        person = self.person[which]
        rows = self.rows.take(which)
        label = self.label[which]
        return Lessons(
            self.names,
            self.values[which],
            label,
            weights(label, person, rows),
            self.night[which],
            person,
            rows,
        )


def final_features() -> tuple[str, ...]:
    """Return the features of the estimator that knows what follows."""
    return tuple(feature.name for feature in FEATURES if feature.portable)


def causal_features() -> tuple[str, ...]:
    """Return the features of the estimator that does not know what follows."""
    return tuple(f.name for f in FEATURES if f.portable and not f.follows)


def lessons(table: TrainingTable, *, causal: bool) -> Lessons:
    """Return the lessons of a table for one of the two estimators.

    Parameters
    ----------
    table
        Table to learn from.
    causal
        Without what follows: complete and cut rows. Else complete rows only.
    """
    rows = table.rows
    keep = rows.label >= 0
    if not causal:
        keep = keep & rows.complete
    rows = rows.take(keep)
    names = causal_features() if causal else final_features()
    columns = [table.features.index(name) for name in names]
    _, person = np.unique(table.persons.astype(str), return_inverse=True)
    whose = person[rows.night] if len(table.nights) else np.zeros(0, np.intp)
    return Lessons(
        names,
        as_known(rows.values[:, columns]),
        rows.label,
        weights(rows.label, whose, rows),
        rows.night,
        whose,
        rows,
    )


def weights(label: NDArray[np.int8], person: NDArray[np.intp], rows: Rows) -> Floats:
    """Return weights of mean 1: classes alike, persons by the root of what they bring.

    The rows of one contraction at several cuts share one weight.
    """
    weight = 1.0 / _times(_contraction(rows))
    for kind in (0, 1):
        own = label == kind
        if not own.any():
            continue
        per_person = np.bincount(person[own], weight[own])
        weight[own] /= np.sqrt(per_person[person[own]])
        weight[own] *= 1.0 / weight[own].sum()
    total = weight.sum()
    return weight * (len(weight) / total) if total > 0 else weight


def with_blanks(
    lessons: Lessons, generator: np.random.Generator
) -> tuple[Floats, NDArray[np.int8], Floats]:
    """Return the lessons and a copy as lesser sensors would have seen them.

    In the copy, every contraction lacks the features of a random situation and its numbers
    are smeared a little: what is learned must not hang on one sensor, nor on a sharp edge.

    Returns
    -------
    values, label, weight
        Twice as many rows as there are lessons.
    """
    situations = np.array([blanked(lessons.names, name) for name in SITUATIONS])
    values = lessons.values
    spread = _spread(values)
    drawn = generator.integers(0, len(situations), len(values))
    smear = generator.standard_normal((2, *values.shape))
    copy = values * np.exp(_SMEAR * smear[0]) + 0.2 * _SMEAR * spread * smear[1]
    copy[situations[drawn]] = np.nan
    return (
        np.concatenate([values, copy]),
        np.concatenate([lessons.label, lessons.label]),
        np.concatenate([lessons.weight, _BLANKED_WEIGHT * lessons.weight]),
    )


def _spread(values: Floats) -> Floats:
    known = np.isfinite(values).any(axis=0)
    spread = np.zeros(values.shape[1])
    if known.any():
        low, high = np.nanquantile(values[:, known], (0.25, 0.75), axis=0)
        spread[known] = high - low
    return spread


def _contraction(rows: Rows) -> NDArray[np.intp]:
    """Return a number for each contraction: rows of one have its onset and its channel."""
    key = np.array(
        [
            f"{night}\t{onset:.2f}\t{channel}"
            for night, onset, channel in zip(
                rows.night, rows.onset_s, rows.channel, strict=True
            )
        ],
        dtype=str,
    )
    return np.unique(key, return_inverse=True)[1] if len(key) else np.zeros(0, np.intp)


def _times(number: NDArray[np.intp]) -> Floats:
    return np.bincount(number)[number].astype(np.float64)
