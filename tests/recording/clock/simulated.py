"""Simulated nights of one radio link: two clocks, a radio that polls, stalls, reconnections.

Everything here is made up from stated numbers; nothing was measured on a device.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from crampwatch.recording.clock import CRYSTAL_PPM, Mapping, WindowedClock

Times = NDArray[np.float64]


@dataclass(frozen=True)
class Conditions:
    """One night.

    ``drift_ppm`` is constant; the crystal also warms up by ``warm_ppm`` (20 min) and swings by
    ``swing_ppm`` (90 min) with a little random walk. The radio delivers at its next poll.
    """

    hours: float = 9.0
    packet_hz: float = 50.0
    drift_ppm: float = 20.0
    warm_ppm: float = 3.0
    swing_ppm: float = 2.0
    walk_ppm: float = 0.5
    interval_s: float = 0.01125
    jitter_s: float = 0.0008
    retry: float = 0.03
    stalls: int = 100
    stall_s: float = 1.5
    reconnections: int = 0
    away_s: float = 15.0
    constant_s: float = 0.010
    start_s: float = 1000.0


@dataclass(frozen=True, eq=False)
class Link:
    """Packets that came through, with the truth beside them."""

    device_s: Times
    arrival_s: Times
    true_s: Times
    connection: NDArray[np.int64]

    def only(self, kept: NDArray[np.bool_]) -> Link:
        """Return the packets that a mask keeps."""
        return Link(
            self.device_s[kept],
            self.arrival_s[kept],
            self.true_s[kept],
            self.connection[kept],
        )

    def connections(self):
        """Yield connection, device times and arrival times, one connection at a time."""
        cuts = [0, *(np.flatnonzero(np.diff(self.connection)) + 1), len(self.connection)]
        for a, b in pairwise(cuts):
            yield int(self.connection[a]), self.device_s[a:b], self.arrival_s[a:b]


def simulate(conditions: Conditions, seed: int) -> Link:
    """Return one night."""
    rng = np.random.default_rng(seed)
    c = conditions
    span = c.hours * 3600.0
    host = np.arange(0.0, span + 2.0)
    phase = rng.uniform(0, 2 * np.pi)
    rate = c.drift_ppm + c.warm_ppm * (1 - np.exp(-host / 1200.0))
    rate += c.swing_ppm * np.sin(2 * np.pi * host / 5400.0 + phase)
    rate += np.cumsum(rng.normal(0, c.walk_ppm / np.sqrt(3600.0), len(host)))
    device = np.concatenate(([0.0], np.cumsum(1.0 / (1.0 + rate[:-1] * 1e-6))))
    stamp = np.arange(int(device[-2] * c.packet_hz)) / c.packet_hz
    true = np.interp(stamp, device, host)

    edges = np.sort(rng.uniform(0, span, c.reconnections))
    connection = np.searchsorted(edges, true, side="right")
    away = (
        np.where(connection > 0, true - edges[np.maximum(connection - 1, 0)] < c.away_s, False)
        if c.reconnections
        else np.zeros(len(true), bool)
    )
    constant = rng.uniform(0, c.constant_s, c.reconnections + 1)
    origin = rng.uniform(0, c.interval_s, c.reconnections + 1)
    ready = true + 0.001 + rng.exponential(0.0002, len(true))
    polls = np.ceil((ready - origin[connection]) / c.interval_s)
    polls += rng.geometric(1 - c.retry, len(true)) - 1
    arrival = polls * c.interval_s + origin[connection] + constant[connection]
    arrival += rng.exponential(c.jitter_s, len(true))
    for begin in rng.uniform(0, span, c.stalls):
        end = begin + rng.exponential(c.stall_s)
        held = slice(*np.searchsorted(true, (begin, end)))
        arrival[held] = np.maximum(arrival[held], end)
    kept = ~away
    return Link(
        stamp[kept],
        np.maximum.accumulate(arrival[kept]) + c.start_s,
        true[kept] + c.start_s,
        connection[kept],
    )


def windowed(link: Link, drift_ppm: float = CRYSTAL_PPM) -> Mapping:
    """Return the windowed estimate of a link."""
    clock = WindowedClock(drift_ppm)
    for connection, device, arrival in link.connections():
        clock.add(device, arrival, connection=connection)
    return clock.mapping()


def errors_s(mapping: Mapping, link: Link) -> Times:
    """Return absolute errors of mapped times, less their constant."""
    off = mapping.to_host(link.device_s) - link.true_s
    return np.abs(off - np.median(off))
