"""Device time to host time, as an estimate that knows how sure it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from .line import DRIFT_WALK, PHASE_WALK

Times = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """One stretch over which the device's clock counts without a break.

    Attributes
    ----------
    number
        As the caller numbered it; a run that was found to be broken gives two of one number.
    start_s
        Device time from which the run holds.
    device_s
        Knots, shape ``(n,)``, strictly increasing.
    host_s
        Host time at the knots, shape ``(n,)``, strictly increasing.
    error_s
        Standard error at the knots, but for the constant.
    drift_ppm
        At the knots: parts per million by which the device's second is longer than the host's.
    drift_error_ppm
        Its standard error.
    """

    number: int
    start_s: float
    device_s: Times
    host_s: Times
    error_s: Times
    drift_ppm: Times
    drift_error_ppm: Times

    def to_host(self, device_s: Times) -> Times:
        """Return host times; beyond the knots the drift of the last one goes on."""
        first, last = self.device_s[0], self.device_s[-1]
        host = np.interp(device_s - first, self.device_s - first, self.host_s - self.host_s[0])
        slope = np.maximum(1.0 + self.drift_ppm * 1e-6, 0.0)
        before = np.minimum(device_s - first, 0.0) * slope[0]
        after = np.maximum(device_s - last, 0.0) * slope[-1]
        return np.asarray(self.host_s[0] + (host + before + after))

    def error_at(self, device_s: Times) -> Times:
        """Return standard errors, growing beyond the knots."""
        first, last = self.device_s[0], self.device_s[-1]
        inside = np.interp(device_s, self.device_s, self.error_s) * 1e3
        beyond = np.maximum(np.maximum(first - device_s, device_s - last), 0.0) / 1e3
        at_start = device_s < first
        drift = np.where(at_start, self.drift_error_ppm[0], self.drift_error_ppm[-1])
        walk = DRIFT_WALK**2 * beyond**3 / 3 + PHASE_WALK**2 * beyond
        return np.asarray(np.sqrt(inside**2 + (drift * beyond) ** 2 + walk) * 1e-3)


@dataclass(frozen=True, slots=True, eq=False)
class Mapping:
    """Device time to host time, never decreasing.

    What is constant in the latency of the radio is part of it: see `alignment`.

    Attributes
    ----------
    runs
        In order; empty where nothing arrived.
    late
        Packets left out because they repeat earlier device times.
    found
        Sentences for people on changes that nobody had told.
    """

    runs: tuple[Run, ...]
    late: int = 0
    found: tuple[str, ...] = ()
    _known: list[Times] = field(default_factory=list, init=False, repr=False)

    def to_host(self, device_s: Times, run: int | None = None) -> Times:
        """Return the host's monotonic time of device times.

        Parameters
        ----------
        device_s
            Any shape, seconds.
        run
            Number of the run they are of; needed where the device times of two runs overlap.

        Raises
        ------
        ValueError
            Nothing is known of this run, or device times repeat and no run is given.
        """
        device = np.asarray(device_s, np.float64)
        which = self._which(device, run)
        begins = self._begins()
        host = np.empty(device.shape)
        for number in np.unique(which).tolist():
            here = which == number
            times = self.runs[number].to_host(device[here])
            lowest = begins[number] if number else -np.inf
            highest = begins[number + 1] if number + 1 < len(begins) else np.inf
            host[here] = np.clip(times, lowest, highest)
        return host

    def uncertainty_s(self, device_s: Times, run: int | None = None) -> Times:
        """Return the standard error of `to_host`, seconds, but for one constant.

        The constant is the latency of the first connection: no arrival time tells it.
        """
        return self._each(device_s, run, Run.error_at)

    def drift_ppm(self, device_s: Times, run: int | None = None) -> Times:
        """Return parts per million by which the device's seconds are longer than the host's."""
        return self._each(
            device_s, run, lambda run, at: np.interp(at, run.device_s, run.drift_ppm)
        )

    def _each(
        self, device_s: Times, run: int | None, ask: Callable[[Run, Times], Times]
    ) -> Times:
        device = np.asarray(device_s, np.float64)
        which = self._which(device, run)
        values = np.empty(device.shape)
        for number in np.unique(which).tolist():
            here = which == number
            values[here] = ask(self.runs[number], device[here])
        return values

    def _which(self, device: Times, run: int | None) -> NDArray[np.intp]:
        chosen = [i for i, each in enumerate(self.runs) if run in (None, each.number)]
        if not chosen:
            raise ValueError("no packet arrived" if run is None else f"no packet of run {run}")
        starts = np.array([self.runs[i].start_s for i in chosen])
        if (np.diff(starts) <= 0).any() or any(
            self.runs[a].device_s[-1] > self.runs[b].start_s for a, b in pairwise(chosen)
        ):
            raise ValueError("device times repeat after a restart: say which run is meant")
        at = np.searchsorted(starts, device, side="right") - 1
        return np.asarray(np.array(chosen)[np.maximum(at, 0)])

    def _begins(self) -> Times:
        """Return the host times at which the runs begin, in order."""
        if not self._known:
            begins = [run.to_host(np.array([run.start_s]))[0] for run in self.runs]
            self._known.append(np.maximum.accumulate(np.array(begins)))
        return self._known[0]
