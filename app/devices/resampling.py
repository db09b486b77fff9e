"""A stream of a night at another rate, piece by piece."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ...recording.model import Segment, Stream

Floats = NDArray[np.float64]

LOBES = 12
"""Half the length of the kernel, in periods of the lower rate."""

PASSED = 0.92
"""Part of the lower rate's band that is passed."""


@dataclass(frozen=True, slots=True, eq=False)
class Resampled:
    """A stream as a converter of another rate would have seen it.

    Each value is a windowed sinc over its neighbours, computed from their times: values do not
    depend on the pieces that are asked for. Gaps stay gaps.

    Attributes
    ----------
    stream
        What is read.
    rate_hz
        The other rate; sample ``n`` lies at ``n / rate_hz`` seconds of the night.
    """

    stream: Stream
    rate_hz: float
    _starts: Floats = field(init=False)

    def __post_init__(self) -> None:
        """Keep where the segments begin."""
        starts = np.array([segment.start_s for segment in self.stream.segments])
        object.__setattr__(self, "_starts", starts)

    def read(self, start: int, count: int) -> Floats:
        """Return samples from `start` on, shape ``(count, n_axes)``; NaN in gaps."""
        out = np.full((count, self.stream.n_axes), np.nan)
        at_s = (start + np.arange(count)) / self.rate_hz
        if not (count and len(self._starts)):
            return out
        first = max(0, int(np.searchsorted(self._starts, at_s[0], side="right")) - 1)
        after = int(np.searchsorted(self._starts, at_s[-1], side="right"))
        for number in range(first, after):
            segment = self.stream.segments[number]
            place = (at_s - segment.start_s) * self.stream.rate_hz
            inside = np.flatnonzero((place > -0.5) & (place < len(segment) - 0.5))
            if len(inside):
                out[inside] = self._values(number, segment, place[inside])
        return out

    def _values(self, number: int, segment: Segment, place: Floats) -> Floats:
        nearest = np.rint(place)
        if np.abs(place - nearest).max() < 1e-6 and self.rate_hz >= self.stream.rate_hz:
            low, high = int(nearest[0]), int(nearest[-1]) + 1
            values = self.stream.physical(number, low, high)
            return np.asarray(values[nearest.astype(np.int64) - low], np.float64)
        ratio = min(1.0, self.rate_hz / self.stream.rate_hz)
        reach = math.ceil(LOBES / ratio)
        low = max(0, math.floor(place[0]) - reach)
        high = min(len(segment), math.ceil(place[-1]) + reach + 1)
        values = self.stream.physical(number, low, high).astype(np.float64)
        around = np.floor(place).astype(np.int64)[:, None] + np.arange(1 - reach, reach + 1)
        apart = place[:, None] - around
        weights = np.sinc(apart * ratio * PASSED)
        weights *= np.cos(np.clip(apart / (2 * reach), -0.5, 0.5) * np.pi) ** 2
        weights[(around < low) | (around >= high)] = 0.0
        # levels stay what they are, at the edges too
        weights /= weights.sum(axis=1, keepdims=True)
        taken = values[np.clip(around - low, 0, len(values) - 1)]
        return np.asarray(np.einsum("nk,nka->na", weights, taken), np.float64)
