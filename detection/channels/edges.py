"""Edges of a movement, to the sample.

The envelope finds a movement to about a tenth of a second. Its edge is then the most likely
point at which the variance of the band-passed signal changes (maximum likelihood for a change
of variance, as in the generalised likelihood ratio detectors of EMG onset: Staude, IEEE Trans
Biomed Eng 2001).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

# (segment, first sample, one past the last) -> raw numbers, shape (n, n_axes).
Recall = Callable[[int, int, int], NDArray[Any]]

REACH_S = 0.2
_BEYOND_REASON = 1e100
_SHORTEST_SIDE_S = 0.03
# The band pass smears a strong burst over what surrounds it: less than this share of the mean
# power is taken for nothing.
_SMEARED = 0.03


def change_of_variance(signal: NDArray[np.float32], shortest: int) -> tuple[int, float]:
    """Return where the variance of a signal changes most, and how.

    Parameters
    ----------
    signal
        Band-passed signal, shape ``(n,)``.
    shortest
        Fewest samples on either side.

    Returns
    -------
    index
        First sample of the second part.
    ratio
        Variance of the second part over that of the first.
    """
    power = np.cumsum(signal.astype(np.float64) ** 2)
    n = signal.size
    split = np.arange(shortest, n - shortest)
    first = power[split - 1] / split
    second = (power[-1] - power[split - 1]) / (n - split)
    floor = 1e-12 + _SMEARED * float(power[-1]) / n
    cost = split * np.log(first + floor) + (n - split) * np.log(second + floor)
    best = int(np.argmin(cost))
    return int(split[best]), float((second[best] + floor) / (first[best] + floor))


def refine(
    raw: Callable[[int, int], NDArray[Any]],
    kernel: NDArray[np.float64],
    coarse: int,
    n_samples: int,
    rate_hz: float,
    *,
    rising: bool,
) -> int:
    """Return the sample at which a movement begins or ends.

    Parameters
    ----------
    raw
        Raw numbers of the segment by first and last sample, shape ``(n, 1)``.
    kernel
        Taps of the zero-phase band pass, odd length.
    coarse
        Edge on the envelope, in samples.
    n_samples
        Samples in the segment.
    rate_hz
        Sampling rate, Hz.
    rising
        Whether it is the onset.

    Returns
    -------
    int
        `coarse` itself where the signal shows no change in the right direction, or holds
        what is no number.
    """
    half = kernel.size // 2
    reach = round(REACH_S * rate_hz)
    shortest = max(3, round(_SHORTEST_SIDE_S * rate_hz))
    first = max(coarse - reach, half)
    last = min(coarse + reach, n_samples - half)
    if last - first < 4 * shortest:
        return coarse
    values = raw(first - half, last + half)[:, 0].astype(np.float64)
    if not (np.abs(values) < _BEYOND_REASON).all():
        return coarse
    signal = np.convolve(values - values[0], kernel, mode="valid")
    at, ratio = change_of_variance(signal.astype(np.float32), shortest)
    if (ratio > 1.0) != rising:
        return coarse
    return first + at
