"""From raw scores to probabilities that mean what they say."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..artefact.curve import Curve, line, log_odds, probability
from ..artefact.linear import Floats

ENOUGH_FOR_STEPS = 300
"""From so many contractions of the scarcer kind on, the curve may bend."""

_STEEPEST = 5.0
_FLATTEST = 0.05


def fit_calibration(score: Floats, label: NDArray[np.int8]) -> tuple[Curve, str]:
    """Return a calibration of held-out scores, and its name.

    ``sigmoid``, a straight line on log-odds (Platt 1999, with his correction for few cases),
    where the scarcer kind has less than 300 cases; else ``isotonic``, whose steps are joined
    by lines from centre to centre (Oron and Flournoy 2017), so that no two scores tie.

    Parameters
    ----------
    score
        Raw log-odds that were not fitted to these labels, shape ``(n,)``.
    label
        1 a cramp, 0 none.
    """
    scarce = int(min(label.sum(), (1 - label).sum()))
    straight = _sigmoid(score, label)
    if scarce < ENOUGH_FOR_STEPS:
        return straight, "sigmoid"
    return _isotonic(score, label, straight), "isotonic"


def expected_error(chance: Floats, label: NDArray[np.int8], bins: int = 10) -> float:
    """Return the expected calibration error over bins of equal width.

    The mean difference between what was said and what happened (Naeini 2015).
    """
    if not chance.size:
        return float("nan")
    which = np.minimum((chance * bins).astype(int), bins - 1)
    said = np.bincount(which, chance, bins)
    happened = np.bincount(which, label, bins)
    return float(np.abs(said - happened).sum() / len(chance))


def reliability(
    chance: Floats, label: NDArray[np.int8], bins: int = 10
) -> list[dict[str, float]]:
    """Return for each bin that is not empty what was said, what happened, and how often."""
    which = np.minimum((chance * bins).astype(int), bins - 1)
    return [
        {
            "said": round(float(chance[which == bin_].mean()), 6),
            "happened": round(float(label[which == bin_].mean()), 6),
            "count": int((which == bin_).sum()),
        }
        for bin_ in range(bins)
        if (which == bin_).any()
    ]


def log_loss(chance_log_odds: Floats, label: NDArray[np.int8], weight: Floats) -> float:
    """Return the weighted mean of minus the logarithm of what was said of the truth."""
    sign = np.where(label == 1, 1.0, -1.0)
    return float(np.average(np.logaddexp(0.0, -sign * chance_log_odds), weights=weight))


def _sigmoid(score: Floats, label: NDArray[np.int8]) -> Curve:
    positive, negative = float(label.sum()), float((1 - label).sum())
    target = np.where(label == 1, (positive + 1) / (positive + 2), 1 / (negative + 2))
    slope, offset = 1.0, 0.0
    for _ in range(100):
        chance = probability(slope * score + offset)
        spread = np.maximum(chance * (1 - chance), 1e-12)
        error = chance - target
        # a weak pull towards a slope of 1 keeps separated classes finite
        gradient = np.array([np.sum(error * score) + (slope - 1.0), np.sum(error)])
        second = np.array(
            [
                [np.sum(spread * score**2) + 1.0, np.sum(spread * score)],
                [np.sum(spread * score), np.sum(spread) + 1e-9],
            ]
        )
        step = np.linalg.solve(second, gradient)
        step /= max(1.0, float(np.abs(step).max()))
        slope, offset = slope - float(step[0]), offset - float(step[1])
        if np.abs(step).max() < 1e-10:
            break
    return line(float(np.clip(slope, _FLATTEST, _STEEPEST)), offset)


def _isotonic(score: Floats, label: NDArray[np.int8], straight: Curve) -> Curve:
    from sklearn.isotonic import IsotonicRegression

    order = np.argsort(score, kind="stable")
    raw, known = score[order], label[order].astype(np.float64)
    steps = IsotonicRegression().fit(raw, known).predict(raw)
    starts = np.flatnonzero(np.diff(steps, prepend=-1.0) > 0)
    ends = np.append(starts[1:], len(raw))
    centres, heights = [], []
    for first, last in zip(starts, ends, strict=True):
        count = last - first
        happened = float(known[first:last].sum())
        # half a case on either side: no finite sample makes anything certain
        heights.append(float(log_odds((happened + 0.5) / (count + 1.0))))
        centres.append(float(raw[first:last].mean()))
    corners, values = _rising(np.array(centres), np.array(heights))
    if len(corners) < 2:
        return straight
    return Curve(corners, values, straight.slope)


def _rising(raw: Floats, value: Floats) -> tuple[Floats, Floats]:
    """Return the corners with steps in both directions, pooled where the order was lost."""
    keep: list[tuple[float, float]] = []
    for x, y in zip(raw, value, strict=True):
        while keep and y <= keep[-1][1]:
            last = keep.pop()
            x, y = (x + last[0]) / 2, (y + last[1]) / 2  # noqa: PLW2901
        if not keep or x > keep[-1][0] + 1e-9:
            keep.append((float(x), float(y)))
    return np.array([x for x, _ in keep]), np.array([y for _, y in keep])
