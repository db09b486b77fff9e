"""What the sensors bring during the calibration: kept for its minutes, in bounded memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ....firmware_bridge.drivers.model import Decoded, Packet, Samples, StreamSpec
from ....firmware_bridge.links import Link, LinkChange, LinkSink
from ....recording.clock import (
    CRYSTAL_PPM,
    SAMPLING_PPM,
    Mapping,
    RoundTrip,
    WindowedClock,
    packet_arrivals,
)

KEPT_S = 300.0
MOST_SAMPLES = 1_000_000
"""Of each stream, whatever its rate."""

KINDS = ("emg", "acc")

Real = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Signal:
    """A stretch of one stream.

    Attributes
    ----------
    spec
        What it is.
    times_s
        By the host's monotonic clock, the constant latency of the link included, shape
        ``(n,)``.
    values
        In the unit of the stream, shape ``(n, n_channels)``.
    """

    spec: StreamSpec
    times_s: Real
    values: Real


@dataclass(slots=True, eq=False)
class _Held:
    spec: StreamSpec
    key: tuple[int, int]
    runs: deque[Samples] = field(default_factory=deque)
    count: int = 0

    def add(self, run: Samples) -> None:
        self.runs.append(run)
        self.count += len(run)
        most = min(MOST_SAMPLES, round(KEPT_S * self.spec.rate_hz) + 1)
        while self.count > most and len(self.runs) > 1:
            self.count -= len(self.runs.popleft())

    def times(self) -> tuple[Real, Real]:
        return (
            np.concatenate([run.device_s for run in self.runs]),
            np.concatenate([run.arrival_s for run in self.runs]),
        )

    def mapping(self) -> Mapping:
        """Return the same estimate of time that the stored night is read with."""
        clock = WindowedClock(CRYSTAL_PPM if self.spec.device_clock else SAMPLING_PPM)
        packets = packet_arrivals(*self.times())
        clock.add(packets.device_s, packets.arrival_s)
        return clock.mapping()


class Heard(LinkSink):
    """Keeps EMG and acceleration while it listens.

    What comes after a new connection, or after a restart of the sensor, begins anew: the
    time between both is not told by the sensor.
    """

    def __init__(self) -> None:
        self._held: dict[tuple[str, str], _Held] = {}

    def took(self, link: Link, packets: Sequence[Packet], decoded: Decoded) -> None:
        """See `LinkSink.took`."""
        del packets
        for gap in decoded.gaps:
            if gap.reason == "restart":
                self._held.pop((link.name, gap.stream), None)
        for run in decoded.samples:
            spec = link.driver.stream(run.stream)
            if spec.kind not in KINDS or not len(run):
                continue
            place, key = (link.name, run.stream), (link.generation, link.connection)
            held = self._held.get(place)
            if held is None or held.key != key:
                held = self._held[place] = _Held(spec, key)
            held.add(run)

    def changed(self, link: Link, change: LinkChange) -> None:
        """See `LinkSink.changed`."""

    def round_trip(self, link: Link, trip: RoundTrip) -> None:
        """See `LinkSink.round_trip`."""

    def streams(self, sensor: str) -> tuple[StreamSpec, ...]:
        """Return the EMG and acceleration that a sensor has brought so far."""
        return tuple(held.spec for (name, _), held in self._held.items() if name == sensor)

    def signal(
        self, sensor: str, kind: str, start_s: float, end_s: float, *, least_hz: float = 0.0
    ) -> Signal | None:
        """Return a stretch of the first stream of a kind, None where nothing came.

        Parameters
        ----------
        sensor, kind
            Name, and ``emg`` or ``acc``.
        start_s, end_s
            By the host's monotonic clock.
        least_hz
            Slower streams are passed over.
        """
        for (name, _), held in self._held.items():
            fits = held.spec.kind == kind and held.spec.rate_hz >= least_hz
            if name == sensor and fits:
                return _between(held, self._mapping(sensor, held), start_s, end_s)
        return None

    def _mapping(self, sensor: str, held: _Held) -> Mapping:
        """Return the clock that a stream goes by: of its sensor, where that has one."""
        if not held.spec.device_clock:
            return held.mapping()
        own = [
            each
            for (name, _), each in self._held.items()
            if name == sensor and each.spec.device_clock and each.key == held.key
        ]
        return max(own, key=lambda each: each.count).mapping()


def _between(held: _Held, mapping: Mapping, start_s: float, end_s: float) -> Signal | None:
    if not mapping.runs:
        return None
    times = mapping.to_host(held.times()[0], 0)
    inside = (times >= start_s) & (times < end_s)
    if not inside.any():
        return None
    values = np.concatenate(
        [held.spec.physical(run.raw, run.scale) for run in held.runs], axis=0
    )
    return Signal(held.spec, times[inside], values[inside])
