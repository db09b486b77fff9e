"""Live samples for other programs, over the lab streaming layer (extra ``lsl``)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Protocol

import numpy as np

from ...drivers.model import Decoded, Driver, Packet, Samples, StreamSpec
from ...host_clock import HostClock
from .lsl import load_lsl

TYPES = {"emg": "EMG", "ecg": "ECG", "acc": "Accelerometer", "gyro": "Gyroscope"}
WORDS = {"uV": "microvolts"}


class Source(Protocol):
    """What samples come from: a link."""

    name: str

    @property
    def driver(self) -> Driver:
        """Its decoder, which knows the streams."""
        ...


class LslOutlet:
    """Offers every stream of every link as an LSL stream ``NAME STREAM``, in physical units.

    Its own `took`, `changed` and `round_trip` make it a sink of links. Time stamps are the
    arrival on the LSL clock; within one arrival, samples are spread by the nominal rate.
    Samples sent again after a drop-out are not offered: LSL streams only go forwards.

    Parameters
    ----------
    clock
        The clock that stamped the arrivals.

    Raises
    ------
    TransportError
        The lab streaming layer is missing.
    """

    def __init__(self, *, clock: HostClock) -> None:
        self._lsl = load_lsl("lsl outlet")
        self._clock = clock
        self._outlets: dict[tuple[str, str], tuple[Any, StreamSpec]] = {}
        self._next: dict[tuple[str, str], int] = {}

    def took(self, link: Source, packets: Sequence[Packet], decoded: Decoded) -> None:  # noqa: ARG002
        """Offer the samples."""
        for samples in decoded.samples:
            self.push(link.name, link.driver.stream(samples.stream), samples)

    def changed(self, link: Source, change: object) -> None:
        """Pass over a transition."""

    def round_trip(self, link: Source, trip: object) -> None:
        """Pass over a round trip."""

    def push(self, name: str, spec: StreamSpec, samples: Samples) -> None:
        """Offer samples of one stream of the link `name`."""
        key = name, spec.name
        fresh = samples.index >= self._next.get(key, 0)
        if not fresh.any():
            return
        index, arrival_s = samples.index[fresh], samples.arrival_s[fresh]
        values = spec.physical(samples.raw[fresh], samples.scale).astype(np.float32)
        self._next[key] = int(index[-1]) + 1
        outlet = self._outlet(key, spec)
        ahead_s = self._lsl.local_clock() - self._clock.monotonic()
        cuts = np.flatnonzero((np.diff(index) != 1) | (np.diff(arrival_s) != 0)) + 1
        edges = [0, *(int(cut) for cut in cuts), len(index)]
        for start, stop in pairwise(edges):
            last_s = float(arrival_s[stop - 1])
            stamp_s = last_s + ahead_s if np.isfinite(last_s) else self._lsl.local_clock()
            outlet.push_chunk(np.ascontiguousarray(values[start:stop]), stamp_s)

    def close(self) -> None:
        """End all streams."""
        self._outlets.clear()

    def _outlet(self, key: tuple[str, str], spec: StreamSpec) -> Any:
        known = self._outlets.get(key)
        if known is not None and known[1] is spec:
            return known[0]
        info = self._lsl.StreamInfo(
            " ".join(key),
            TYPES.get(spec.kind, "Other"),
            len(spec.columns),
            spec.rate_hz,
            "float32",
            "crampwatch " + " ".join(key),
        )
        info.set_channel_labels(list(spec.columns))
        info.set_channel_units([WORDS.get(spec.unit, spec.unit)] * len(spec.columns))
        outlet = self._lsl.StreamOutlet(info)
        self._outlets[key] = outlet, spec
        return outlet
