"""Sampling rate and gaps from a column of times, judged as the rows come."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ..errors import RecordingError
from .table import Run

_MOST_RUNS = 200_000


class TimeColumn:
    """Times of rows, fed in blocks; memory grows with the gaps, not with the rows.

    Parameters
    ----------
    name
        Name of the file, for errors.
    rate_hz
        Sampling rate where the user states it, else it follows from the times.
    """

    def __init__(self, name: str, rate_hz: float | None) -> None:
        self._name = name
        self._stated = rate_hz
        self._step = 1.0 / rate_hz if rate_hz else 0.0
        self._rows = 0
        self._last = np.nan
        self._runs: list[tuple[int, float]] = []
        self._ends: list[tuple[int, float]] = []
        self._resolution = np.inf
        self.irregular = ""

    def feed(self, times: NDArray[np.float64]) -> None:
        """Add the times of the next rows, seconds."""
        if self.irregular or times.size == 0:
            self._rows += times.size
            return
        if not np.all(np.isfinite(times)):
            self._fail(self._rows + int(np.argmin(np.isfinite(times))), "has no time")
            return
        if self._rows == 0:
            self._runs.append((0, float(times[0])))
        before = np.concatenate(([self._last], times)) if self._rows else times
        offset = self._rows - (1 if self._rows else 0)
        steps = np.diff(before)
        if not self._learn(steps):
            return
        if steps.size and steps.min() < 0:
            self._fail(offset + 1 + int(np.argmin(steps)), "does not come after the row before")
            return
        jumps = np.flatnonzero(steps > 1.5 * self._step + self._resolution) + 1
        for jump in jumps.tolist():
            self._ends.append((offset + jump - 1, float(before[jump - 1])))
            self._runs.append((offset + jump, float(before[jump])))
        if len(self._runs) > _MOST_RUNS:
            self._fail(offset + int(jumps[0]), "is one of too many jumps")
            return
        self._check_even(before, jumps, offset)
        self._rows += times.size
        self._last = float(times[-1])

    def finish(self) -> tuple[float, list[Run]]:
        """Return the sampling rate and the evenly spaced runs of rows.

        Raises
        ------
        RecordingError
            The times are not regular, or too few.
        """
        if self.irregular:
            raise RecordingError(
                f"{self._name}: {self.irregular}; state the sampling rate (--rate) or mend "
                "the column"
            )
        self._ends.append((self._rows - 1, self._last))
        rate = self._stated or self._rate()
        start = self._runs[0][1] if self._runs else 0.0
        runs: list[Run] = []
        for (first, time), (last, _) in zip(self._runs, self._ends, strict=True):
            at = time - start
            if runs:
                missing = (at - runs[-1].start_s) * rate - (runs[-1].last - runs[-1].first)
                whole = round(missing)
                if abs(missing - whole) <= 0.3:
                    at = runs[-1].start_s + (runs[-1].last - runs[-1].first + whole) / rate
            runs.append(Run(at, first, last + 1))
        return rate, runs

    def _learn(self, steps: NDArray[np.float64]) -> bool:
        """Learn the usual step and the resolution of the times from the first rows."""
        if np.isfinite(self._resolution):
            return True
        rising = steps[steps > 0]
        if rising.size == 0:
            self._fail(0, "is followed by no later time")
            return False
        usual = float(np.median(rising))
        near = steps[(steps >= 0) & (steps < 2.5 * usual)]
        if self._stated is None:
            self._step = float(near.mean())
        self._resolution = float(min(np.ptp(near) if near.size else 0.0, self._step))
        return True

    def _check_even(
        self, times: NDArray[np.float64], jumps: NDArray[np.intp], offset: int
    ) -> None:
        edges = [0, *jumps.tolist(), len(times)]
        for begin, end in pairwise(edges):
            rows = end - begin
            if rows < 3:
                continue
            part = times[begin:end]
            step = (part[-1] - part[0]) / (rows - 1)
            stray = np.abs(part - part[0] - step * np.arange(rows))
            if stray.max() > 0.75 * self._step + self._resolution:
                row = offset + begin + int(np.argmax(stray))
                self._fail(row, f"strays {stray.max():.3g} s from even sampling")
                return
            if rows > 1_000 and abs(step - self._step) > 0.02 * self._step:
                self._fail(
                    offset + begin,
                    f"begins a stretch at {1 / step:.6g} Hz instead of {1 / self._step:.6g} Hz",
                )
                return

    def _rate(self) -> float:
        samples = sum(last - first for (first, _), (last, _) in self._pairs())
        seconds = sum(end - begin for (_, begin), (_, end) in self._pairs())
        if samples <= 0 or seconds <= 0:
            raise RecordingError(
                f"{self._name}: too few rows to tell the sampling rate; state it (--rate)"
            )
        rate = samples / seconds
        doubt = rate * (self._resolution + 1e-9 * abs(self._last)) / seconds
        whole = round(rate)
        return float(whole) if whole and abs(rate - whole) <= max(doubt, 1e-9 * rate) else rate

    def _pairs(self) -> list[tuple[tuple[int, float], tuple[int, float]]]:
        return list(zip(self._runs, self._ends, strict=True))

    def _fail(self, row: int, what: str) -> None:
        self.irregular = f"the time of row {row + 1} {what}"
