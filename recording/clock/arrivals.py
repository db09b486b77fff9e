"""From samples to packets: what of a stream tells about its clock."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Arrivals:
    """One row for each packet: when its last sample was taken, and when it arrived.

    Attributes
    ----------
    device_s, arrival_s
        Shape ``(n,)``, float64.
    """

    device_s: NDArray[np.float64]
    arrival_s: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.device_s)


def packet_arrivals(device_s: NDArray[np.float64], arrival_s: NDArray[np.float64]) -> Arrivals:
    """Return packets from samples.

    A packet leaves once its last sample is taken, so that the last one tells the latency;
    the earlier ones only waited for it.

    Parameters
    ----------
    device_s, arrival_s
        Shape ``(n,)``: of each sample, in the order of arrival, as drivers give them.
        Samples that arrived at one instant count as one packet; rows with NaN are left out.
        Hand over whole packets: one that is cut counts twice.
    """
    known = np.isfinite(device_s) & np.isfinite(arrival_s)
    if not known.all():
        device_s, arrival_s = device_s[known], arrival_s[known]
    if not len(arrival_s):
        return Arrivals(np.empty(0), np.empty(0))
    last = np.append(arrival_s[1:] != arrival_s[:-1], True)
    return Arrivals(device_s[last], arrival_s[last])
