"""What a stream lost, as a count with bounds, and how fast it really sampled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from collections.abc import Mapping as Table
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from .mapping import Mapping


class GapLike(Protocol):
    """A gap as drivers report it; counts are negative where samples came after all."""

    @property
    def lost(self) -> int:
        """Best count."""
        ...

    @property
    def lost_low(self) -> int:
        """Lower bound."""
        ...

    @property
    def lost_high(self) -> int | None:
        """Upper bound, or None where nothing bounds it."""
        ...

    @property
    def reason(self) -> str:
        """What the count was taken from."""
        ...


@dataclass(frozen=True, slots=True)
class Loss:
    """Samples lost in a stream.

    Attributes
    ----------
    received
        Samples that came.
    lost, low, high
        Best count and its bounds; `high` is None where nothing bounds it.
    gaps
        Gaps, without the reports of samples that came after all.
    by_reason
        Best count for each reason.
    """

    received: int
    lost: int
    low: int
    high: int | None
    gaps: int = 0
    by_reason: Table[str, int] = field(default_factory=dict)

    @property
    def exact(self) -> bool:
        """Whether the count is certain."""
        return self.low == self.lost == self.high

    @property
    def share(self) -> float:
        """Part of all samples that is lost, by the best count; 0 where nothing was sampled."""
        total = self.received + self.lost
        return self.lost / total if total > 0 else 0.0

    def __str__(self) -> str:
        if self.exact:
            return f"{self.lost} of {self.received + self.lost} samples lost"
        most = "an unknown number" if self.high is None else str(self.high)
        return f"about {self.lost} samples lost (at least {self.low}, at most {most})"


def loss_of(gaps: Iterable[GapLike], received: int) -> Loss:
    """Return the sum of the gaps of one stream.

    Parameters
    ----------
    gaps
        All gaps of the stream.
    received
        Samples that came, those sent again among them.
    """
    lost = low = count = 0
    high: int | None = 0
    reasons: Counter[str] = Counter()
    for gap in gaps:
        lost += gap.lost
        low += gap.lost_low
        high = None if high is None or gap.lost_high is None else high + gap.lost_high
        count += gap.lost >= 0
        reasons[gap.reason] += gap.lost
    return Loss(received, lost, low, high, count, dict(reasons))


@dataclass(frozen=True, slots=True)
class Rate:
    """Samples in a second of the host's clock over a run, with bounds (two standard errors)."""

    hz: float
    low_hz: float
    high_hz: float


def rate_of(
    index: NDArray[np.int64],
    device_s: NDArray[np.float64],
    mapping: Mapping,
    *,
    run: int | None = None,
    uncertain: int = 0,
) -> Rate | None:
    """Return the rate measured from running numbers and mapped times of one run.

    Parameters
    ----------
    index, device_s
        Shape ``(n,)``: numbers of samples, lost ones counted, and their device times, in
        order; the first and the last are enough.
    mapping
        Of this sensor.
    run
        As for `Mapping.to_host`.
    uncertain
        By how much the count over the run may be wrong (`Loss.high` less `Loss.low`).

    Returns
    -------
    Rate or None
        None for less than a second of samples.
    """
    if len(index) < 2:
        return None
    ends = np.asarray(device_s, np.float64)[[0, -1]]
    host = mapping.to_host(ends, run)
    error = mapping.uncertainty_s(ends, run)
    span = float(host[-1] - host[0])
    if span < 1.0:
        return None
    hz = int(index[-1] - index[0]) / span
    spread = 2.0 * float(np.hypot(*error)) / span * hz + uncertain / span
    return Rate(hz, hz - spread, hz + spread)
