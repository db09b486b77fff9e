"""Round trips: the only thing between host and sensor that bounds a constant latency."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from .mapping import Mapping

PUNCTUAL = 1.25
"""Round trips up to this many times the shortest one vote on the constant."""


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """A question to the device, and its clock in the answer.

    Attributes
    ----------
    sent_s, received_s
        Host's monotonic clock when the question was written and the answer arrived.
    device_s
        The device's clock in between, on the scale of its samples; where the device stamps
        both the question and the answer, the middle of the two.
    """

    sent_s: float
    received_s: float
    device_s: float

    @property
    def length_s(self) -> float:
        """From question to answer."""
        return self.received_s - self.sent_s


@dataclass(frozen=True, slots=True)
class Constant:
    """What to add to mapped host times so that they lie when the samples were taken.

    Attributes
    ----------
    seconds
        Best value: the two ways of the shortest round trips are taken as equally long.
    low_s, high_s
        It cannot lie outside, however unequal the two ways are.
    trips
        Round trips that were looked at.
    shortest_s
        The shortest of them.
    agree
        Whether one constant fits all of them; if not, the bounds are those of the shortest.
    """

    seconds: float
    low_s: float
    high_s: float
    trips: int
    shortest_s: float
    agree: bool = True


def constant_of(
    trips: Iterable[RoundTrip], mapping: Mapping, run: int | None = None
) -> Constant | None:
    """Return the constant that round trips leave for a mapping made from arrivals.

    The device read its clock after the question was sent and before the answer arrived, so
    each round trip bounds the constant to both sides (as the lower envelope of delays does
    in NTP, RFC 5905); the mapping's own uncertainty, twice, widens each bound.

    Parameters
    ----------
    trips
        Any order; impossible ones (answer before question, NaN) are passed over.
    mapping
        Of the same sensor.
    run
        As for `Mapping.to_host`.

    Returns
    -------
    Constant or None
        None where there was no round trip, or nothing is known of the clock.
    """
    rows = np.array([(trip.sent_s, trip.received_s, trip.device_s) for trip in trips])
    if not len(rows) or not mapping.runs:
        return None
    rows = rows[np.isfinite(rows).all(axis=1) & (rows[:, 1] >= rows[:, 0])]
    if not len(rows):
        return None
    sent, received, device = rows.T
    mapped = mapping.to_host(device, run)
    margin = 2.0 * mapping.uncertainty_s(device, run)
    length = received - sent
    best = int(np.argmin(length))
    low = float(np.max(sent - mapped - margin))
    high = float(np.min(received - mapped + margin))
    agree = low <= high
    if not agree:
        low = float(sent[best] - mapped[best] - margin[best])
        high = float(received[best] - mapped[best] + margin[best])
    near = length <= PUNCTUAL * length[best]
    middle = float(np.median((sent[near] + received[near]) / 2 - mapped[near]))
    return Constant(
        min(max(middle, low), high), low, high, len(rows), float(length[best]), agree
    )
