"""Estimators of scikit-learn, fitted and turned into plain numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..artefact.forest import Forest
from ..artefact.linear import Floats, Linear, Scale
from .lessons import Lessons, with_blanks
from .sensors import signs

Kind = Literal["linear", "trees"]

_ABOVE_ALL = 1e300


@dataclass(frozen=True, slots=True)
class FittingSettings:
    """How the estimators are fitted.

    Attributes
    ----------
    trees, bags, leaves, learning_rate, ridge, columns
        Boosted trees: number in each bag, bags of differently blanked lessons, leaves of a
        tree, learning rate, penalty on leaves, share of the features that a split may ask.
    least_leaf
        Smallest number of lessons in a leaf; where lessons are few, a twentieth of them.
    penalty
        Inverse penalty of the linear score.
    knots
        Quantiles that bring a feature to the scale of a normal distribution.
    edges
        Values of a feature that a tree may ask about: quantiles.
    """

    trees: int = 240
    bags: int = 2
    leaves: int = 16
    learning_rate: float = 0.05
    ridge: float = 10.0
    columns: float = 0.4
    least_leaf: int = 40
    penalty: float = 0.02
    knots: int = 25
    edges: int = 63


def fit(kind: Kind, lessons: Lessons, seed: int, settings: FittingSettings) -> Forest | Linear:
    """Return a fitted estimator; the same seed gives the same numbers.

    Parameters
    ----------
    kind
        ``trees`` (gradient boosting with monotonic constraints) or ``linear`` (penalised
        logistic regression on scaled features and on what is missing).
    lessons
        At least one of each class.
    seed
        Of the blanked lessons and of the trees.
    settings
        How to fit.
    """
    if kind == "trees":
        return _fit_trees(lessons, seed, settings)
    return _fit_linear(lessons, seed, settings)


def _fit_trees(lessons: Lessons, seed: int, settings: FittingSettings) -> Forest:
    from sklearn.ensemble import HistGradientBoostingClassifier

    # the library's own bins are slow to find where rows have weights, and change with it
    edges = fit_scale(lessons.values, lessons.weight, settings.edges).knots
    grown = []
    for bag in range(settings.bags):
        generator = np.random.default_rng([seed, bag])
        values, label, weight = with_blanks(lessons, generator)
        least = max(2, min(settings.least_leaf, len(lessons) // 20))
        booster = HistGradientBoostingClassifier(
            learning_rate=settings.learning_rate,
            max_iter=settings.trees,
            max_leaf_nodes=settings.leaves,
            min_samples_leaf=least,
            l2_regularization=settings.ridge,
            max_features=settings.columns,
            max_bins=settings.edges + 1,
            monotonic_cst=signs(lessons.names),
            early_stopping=False,
            random_state=int(generator.integers(1 << 31)),
        )
        with _one_thread():
            booster.fit(_codes(values, edges), label, sample_weight=weight)
        grown.append(booster)
    return _forest(grown, edges)


def _one_thread() -> Any:
    """Keep sums in one order: several threads add in the order in which they finish."""
    from threadpoolctl import threadpool_limits

    return threadpool_limits(1)


def _codes(values: Floats, edges: Floats) -> Floats:
    """Return the number of edges below each value, NaN where it is not known."""
    out = np.full(values.shape, np.nan)
    for column in range(values.shape[1]):
        known = np.isfinite(values[:, column])
        out[known, column] = np.searchsorted(edges[column], values[known, column], "left")
        if not known.any():
            # the binning fails on a column without any number, of which nothing is learned
            out[:, column] = 0.0
    return out


def _forest(boosters: list[Any], edges: Floats) -> Forest:
    trees = [one[0].nodes for booster in boosters for one in booster._predictors]  # noqa: SLF001
    start = np.mean([float(np.ravel(b._baseline_prediction)[0]) for b in boosters])  # noqa: SLF001
    shape = (len(trees), max(len(tree) for tree in trees))
    feature = np.full(shape, -1, np.int16)
    threshold, value = np.zeros(shape), np.zeros(shape)
    itself = np.broadcast_to(np.arange(shape[1], dtype=np.int16), shape)
    left, right = itself.copy(), itself.copy()
    unknown = np.zeros(shape, bool)
    for row, tree in enumerate(trees):
        used = slice(0, len(tree))
        leaf = tree["is_leaf"].astype(bool)
        asks = np.flatnonzero(~leaf)
        feature[row, asks] = tree["feature_idx"][asks]
        code = np.floor(tree["num_threshold"][asks])
        # an infinite threshold asks only whether anything is known
        known = code >= edges.shape[1]
        at = np.clip(code, 0, edges.shape[1] - 1).astype(np.intp)
        threshold[row, asks] = np.where(known, _ABOVE_ALL, edges[tree["feature_idx"][asks], at])
        left[row, asks] = tree["left"][asks]
        right[row, asks] = tree["right"][asks]
        unknown[row, asks] = tree["missing_go_to_left"][asks].astype(bool)
        value[row, used] = np.where(leaf, tree["value"], 0.0) / len(boosters)
    depth = max(int(tree["depth"].max()) for tree in trees)
    return Forest(feature, threshold, left, right, unknown, value, float(start), depth)


def _fit_linear(lessons: Lessons, seed: int, settings: FittingSettings) -> Linear:
    from sklearn.linear_model import LogisticRegression

    generator = np.random.default_rng([seed, 1_000])
    scale = fit_scale(lessons.values, lessons.weight, settings.knots)
    values, label, weight = with_blanks(lessons, generator)
    scaled = scale(values)
    unknown = np.isnan(scaled)
    design = np.concatenate([np.where(unknown, 0.0, scaled), unknown], axis=1)
    model = LogisticRegression(C=settings.penalty, max_iter=5_000, tol=1e-6)
    with _one_thread():
        model.fit(design, label, sample_weight=weight)
    coefficients = model.coef_[0]
    width = len(lessons.names)
    return Linear(
        scale,
        np.ascontiguousarray(coefficients[:width]),
        np.ascontiguousarray(coefficients[width:]),
        float(model.intercept_[0]),
    )


def fit_scale(values: Floats, weight: Floats, knots: int) -> Scale:
    """Return the scale of features on which both classes weigh the same.

    Parameters
    ----------
    values
        Features, shape ``(n, features)``; NaN is passed over.
    weight
        Weight of each row.
    knots
        Quantiles for each feature.
    """
    from scipy.special import ndtri

    shares = (np.arange(knots) + 0.5) / knots
    table = np.zeros((values.shape[1], knots))
    for column in range(values.shape[1]):
        known = np.isfinite(values[:, column])
        if known.any():
            table[column] = _quantiles(values[known, column], weight[known], shares)
    return Scale(np.maximum.accumulate(table, axis=1), np.asarray(ndtri(shares), np.float64))


def typical(lessons: Lessons) -> Floats:
    """Return the median of each feature among what is no cramp, NaN where never known."""
    values = lessons.values[lessons.label == 0]
    out = np.full(values.shape[1], np.nan)
    known = np.isfinite(values).any(axis=0) if len(values) else np.zeros(len(out), bool)
    if known.any():
        out[known] = np.nanmedian(values[:, known], axis=0)
    return out


def _quantiles(values: Floats, weight: Floats, shares: NDArray[np.float64]) -> Floats:
    order = np.argsort(values, kind="stable")
    heaped = np.cumsum(weight[order]) - 0.5 * weight[order]
    found: Floats = np.interp(shares, heaped / weight.sum(), values[order])
    return found
