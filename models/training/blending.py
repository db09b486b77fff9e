"""The mean of a smooth and of a sharp estimator: which shares of them foretell best."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..artefact.curve import Curve
from ..artefact.linear import Floats
from .calibration import fit_calibration, log_loss
from .fitting import Kind
from .folds import KINDS, HeldOut
from .lessons import Lessons

BLEND: dict[str, tuple[float, float]] = {
    "linear": (1.0, 0.0),
    "trees": (0.0, 1.0),
    "blend": (0.5, 0.5),
}
"""Shares of the linear score and of the trees, from the smoothest to the sharpest."""


_ORDER = ("linear", "blend", "trees")


def choose_blend(
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
        loss, error = balanced_loss(taught, blend(held, shares))
        told[name] = {"persons": round(loss, 6)}
        losses[name], spread[name] = loss, error
        if strange is not None:
            other, _ = balanced_loss(taught, blend(strange[1], shares))
            told[name]["families"] = round(other, 6)
            losses[name] = (loss + other) / 2
    best = min(losses, key=losses.__getitem__)
    chosen = next(name for name in _ORDER if losses[name] <= losses[best] + 0.5 * spread[best])
    return {"chosen": chosen, "log_loss": told, "margin": round(0.5 * spread[best], 6)}


def blend(held: HeldOut, shares: tuple[float, float]) -> Floats:
    """Return the held-out log-odds of both kinds of estimator in these shares."""
    total = np.zeros(len(held.fold))
    for kind, share in zip(KINDS, shares, strict=True):
        if share > 0:
            total += share * held.raw[kind]
    return total


def predictor(
    estimators: dict[Kind, Any], shares: tuple[float, float], curve: Curve
) -> Callable[[Floats], Floats]:
    """Return what turns features into the calibrated log-odds of one fold."""

    def predict(values: Floats) -> Floats:
        total = np.zeros(len(values))
        for kind, share in zip(KINDS, shares, strict=True):
            if share > 0:
                total += share * estimators[kind].log_odds(values)
        return curve(total)

    return predict


def balanced_loss(taught: Lessons, raw: Floats) -> tuple[float, float]:
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
