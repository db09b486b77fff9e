"""The bedtime tap: two bands knocked together tell the constant offset between their clocks."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

WITHIN_S = 2.0
"""Offsets looked at; more than radios add."""

TOLERANCE_S = 0.012
"""How far two sensors may disagree on one tap, besides half a sample of each."""

LEAST_TAPS = 3
"""Taps that make a sequence."""

APART_S = (0.12, 2.0)
"""Time from tap to tap within a sequence."""

SHARPNESS = 6.0
"""A tap's jerk stands out from the usual by this factor, at least."""

LONGEST_S = 0.09
"""A tap's jerk stays above half its peak for no longer, plus two samples."""

REACH_S = 0.045
"""The centre of a tap is taken over this time to both sides of its peak."""

MOST_TAPS = 200
"""The sharpest are looked at."""

SURE = 0.99
"""Confidence below which no offset is given."""

_RIVAL = 0.8


@dataclass(frozen=True, slots=True, eq=False)
class Taps:
    """Short knocks in one accelerometer stream.

    Attributes
    ----------
    times_s
        Shape ``(n,)``, in order.
    span_s
        Length of the stretch that was looked at.
    step_s
        Sampling interval.
    """

    times_s: Array
    span_s: float
    step_s: float

    def __len__(self) -> int:
        return len(self.times_s)


@dataclass(frozen=True, slots=True)
class TapMatch:
    """The offset that taps tell.

    Attributes
    ----------
    offset_s
        The second stream's times lie this much later than the first's.
    error_s
        Standard error.
    taps
        Taps seen by both.
    confidence
        Chance that this is no coincidence of knocks that have nothing to do with each other.
    """

    offset_s: float
    error_s: float
    taps: int
    confidence: float


@dataclass(frozen=True, slots=True)
class NoTap:
    """No offset can be told, and why: one sentence."""

    reason: str


def find_taps(times_s: Array, values: NDArray[np.floating]) -> Taps:
    """Return short knocks, whatever the axes, the gravity and the scale.

    Parameters
    ----------
    times_s
        Shape ``(n,)``, mapped host times, increasing; may have gaps.
    values
        Shape ``(n, n_axes)``, any unit.

    Raises
    ------
    ValueError
        The shapes do not fit.
    """
    times = np.asarray(times_s, np.float64)
    acc = np.asarray(values, np.float64)
    if acc.ndim != 2 or times.shape != acc.shape[:1]:
        raise ValueError(f"acceleration needs shape (n, axes), got {acc.shape}, {times.shape}")
    good = np.isfinite(times) & np.isfinite(acc).all(axis=1)
    times, acc = times[good], acc[good]
    if len(times) < 8:
        return Taps(np.empty(0), 0.0, 0.0)
    steps = np.diff(times)
    step = float(np.median(steps))
    span = float(times[-1] - times[0])
    if step <= 0:
        return Taps(np.empty(0), span, 0.0)
    jerk = np.linalg.norm(np.diff(acc, axis=0), axis=1)
    jerk[(steps > 1.5 * step) | (steps <= 0)] = 0.0
    middle = (times[1:] + times[:-1]) / 2
    limit = SHARPNESS * (float(np.median(jerk)) or float(np.mean(jerk)))
    reach = max(1, round(APART_S[0] / 2 / step))
    peaks = _peaks(jerk, limit, reach)
    peaks = peaks[_lengths(jerk, peaks, reach) <= LONGEST_S / step + 2]
    if len(peaks) > MOST_TAPS:
        peaks = np.sort(peaks[np.argsort(jerk[peaks], kind="stable")[-MOST_TAPS:]])
    return Taps(_centres(middle, jerk, peaks, max(1, round(REACH_S / step))), span, step)


def match_taps(first: Taps, second: Taps, *, within_s: float = WITHIN_S) -> TapMatch | NoTap:
    """Return the offset at which the taps of two sensors fall together.

    Parameters
    ----------
    first, second
        Taps of the same stretch of the night, some minutes around bedtime.
    within_s
        Largest offset looked at.

    Returns
    -------
    TapMatch or NoTap
        `NoTap` where too few taps agree, where chance explains it, or where two
        offsets explain it alike (taps in an even beat, of which one was missed).
    """
    for taps, which in ((first, "first"), (second, "second")):
        if len(taps) < LEAST_TAPS:
            return NoTap(f"the {which} sensor felt {len(taps)} taps, {LEAST_TAPS} are needed")
    apart = second.times_s[None, :] - first.times_s[:, None]
    candidates = np.sort(apart[np.abs(apart) <= within_s])
    if len(candidates) < LEAST_TAPS:
        return NoTap("the two sensors felt no taps at about the same time")
    tolerance = TOLERANCE_S + (first.step_s + second.step_s) / 4
    ends = np.searchsorted(candidates, candidates + 2 * tolerance, side="right")
    most = ends - np.arange(len(candidates))
    order = np.argsort(-most, kind="stable")[:64]
    near = np.array([np.median(candidates[k : ends[k]]) for k in order])
    found = [_matched(apart, centre, 2 * tolerance) for centre in near.tolist()]
    counts = np.array([len(_in_sequence(first.times_s[rows])) for rows, _ in found])
    best = int(np.argmax(counts))
    rows, columns = found[best]
    kept = _in_sequence(first.times_s[rows])
    count = len(kept)
    if count < LEAST_TAPS:
        return NoTap(f"no {LEAST_TAPS} taps in a row were felt by both sensors")
    offsets = apart[rows[kept], columns[kept]]
    offset = float(np.median(offsets))
    rival = np.max(counts[np.abs(near - offset) > 4 * tolerance], initial=0)
    if rival >= max(LEAST_TAPS, _RIVAL * count):
        return NoTap("two offsets explain the taps alike; tap in an uneven rhythm")
    span = max(first.span_s, second.span_s, 1.0)
    places = max(1.0, within_s / tolerance)
    chance = len(first) * len(second) * 2 * tolerance / span
    confidence = 1.0 - min(1.0, places * _tail(count, chance))
    if confidence < SURE:
        return NoTap(f"{count} taps agree, which so many knocks do by chance")
    scatter = 1.4826 * float(np.median(np.abs(offsets - offset)))
    grain = float(np.hypot(first.step_s, second.step_s)) / 12**0.5
    error = float(np.hypot(1.2533 * scatter / count**0.5, grain / 2))
    return TapMatch(offset, error, count, confidence)


def _peaks(jerk: Array, limit: float, reach: int) -> NDArray[np.intp]:
    """Return places above a limit that nothing within reach exceeds."""
    above = np.flatnonzero(jerk > limit)
    padded = np.pad(jerk, reach)
    kept = []
    for at in above.tolist():
        around = padded[at : at + 2 * reach + 1]
        if int(np.argmax(around)) == reach:
            kept.append(at)
    return np.array(kept, np.intp)


def _lengths(jerk: Array, peaks: NDArray[np.intp], reach: int) -> Array:
    """Return how many samples around each peak are above half of it."""
    padded = np.pad(jerk, 3 * reach)
    around = np.arange(6 * reach + 1)
    if not len(peaks):
        return np.empty(0)
    return np.asarray((padded[peaks[:, None] + around] > jerk[peaks, None] / 2).sum(axis=1))


def _centres(middle: Array, jerk: Array, peaks: NDArray[np.intp], reach: int) -> Array:
    """Return the centre of the jerk around each peak."""
    if not len(peaks):
        return np.empty(0)
    around = peaks[:, None] + np.arange(-reach, reach + 1)
    inside = (around >= 0) & (around < len(jerk))
    around = np.clip(around, 0, len(jerk) - 1)
    weight = np.where(inside, jerk[around], 0.0)
    off = middle[around] - middle[peaks][:, None]
    return np.asarray(middle[peaks] + (weight * off).sum(axis=1) / weight.sum(axis=1))


def _matched(
    apart: Array, offset: float, tolerance: float
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return pairs of taps that agree on an offset, each tap in one pair."""
    off = np.abs(apart - offset)
    nearest = np.argmin(off, axis=1)
    rows = np.flatnonzero(off[np.arange(len(off)), nearest] <= tolerance)
    rows = rows[np.argmin(off, axis=0)[nearest[rows]] == rows]
    return rows, nearest[rows]


def _in_sequence(times: Array) -> NDArray[np.intp]:
    """Return which times belong to sequences of taps."""
    if len(times) < LEAST_TAPS:
        return np.empty(0, np.intp)
    steps = np.diff(times)
    joined = (steps >= APART_S[0]) & (steps <= APART_S[1])
    part = np.concatenate(([0], np.cumsum(~joined)))
    size = np.bincount(part)
    return np.flatnonzero(size[part] >= LEAST_TAPS)


def _tail(count: int, mean: float) -> float:
    """Return the chance of at least so many by a Poisson law."""
    term = total = exp(-min(mean, 700.0))
    for k in range(1, count):
        term *= mean / k
        total += term
    return max(0.0, 1.0 - total) if mean > 1e-3 else mean**count
