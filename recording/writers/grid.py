"""A stream on the regular grid of the night's clock, piece by piece.

Samples that lie on the grid are taken as they are. Others are interpolated by a windowed
sinc from a table of phases (a polyphase filter with a phase that may drift): Smith &
Gossett, "A flexible sampling-rate conversion method", ICASSP 1984.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from ..model import Stream

Floats = NDArray[np.float64]

HALF = 24
"""Half the length of the kernel, in periods of the lower rate."""

PHASES = 1024
"""Phases in the table; between two of them weights are linear (error below 1e-6)."""

_BETA = 9.0
_ON_GRID = 0.01
_AT_ONCE = 1 << 12


@dataclass(frozen=True, slots=True)
class Run:
    """Where a segment comes to lie.

    Attributes
    ----------
    segment
        Number of the segment in the stream.
    first, after
        Its first grid point, and the one behind its last.
    shift
        Grid point of its sample 0, where all samples lie on the grid; else None.
    """

    segment: int
    first: int
    after: int
    shift: int | None


class Gridded:
    """A stream at the times ``n / rate_hz`` of the night.

    A segment lies on the grid where no sample is farther than a hundredth of a period
    from a grid point. A grid point farther than half a period from all samples is in a
    hole, and holds the value before it; where two segments follow each other with less
    than a sample missing there is no hole.

    Parameters
    ----------
    stream
        What is read; values stay raw numbers.
    rate_hz
        Rate of the grid, Hz.

    Attributes
    ----------
    runs
        Segments on the grid, in order, without overlap.
    """

    def __init__(self, stream: Stream, rate_hz: float) -> None:
        self.stream = stream
        self.rate_hz = rate_hz
        self.runs = _lay_out(stream, rate_hz)
        self._kernel = _Kernel(min(1.0, rate_hz / stream.rate_hz))
        self._held: tuple[int, NDArray[np.generic]] | None = None

    def __len__(self) -> int:
        return self.runs[-1].after if self.runs else 0

    @property
    def exact(self) -> bool:
        """Whether every sample is taken as it is."""
        return all(run.shift is not None for run in self.runs)

    def holes(self, length: int) -> list[tuple[int, int]]:
        """Return the grid points without samples among the first `length`."""
        edges = [0, *(edge for run in self.runs for edge in (run.first, run.after)), length]
        pairs = zip(edges[::2], edges[1::2], strict=True)
        return [(first, after) for first, after in pairs if first < after]

    def read(self, first: int, after: int) -> Floats:
        """Return raw numbers at grid points `first` to `after`.

        Returns
        -------
        numpy.ndarray
            Shape ``(after - first, n_axes)``, float64, not rounded.
        """
        out = np.zeros((after - first, self.stream.n_axes))
        for number, run in enumerate(self.runs):
            held_until = self.runs[number + 1].first if number + 1 < len(self.runs) else after
            if held_until <= first or run.first >= after:
                if number == 0 and run.first >= after:
                    out[:] = self._values(run, run.first, run.first + 1)
                continue
            if number == 0 and first < run.first:
                out[: run.first - first] = self._values(run, run.first, run.first + 1)
            begin, end = max(first, run.first), min(after, run.after)
            if begin < end:
                out[begin - first : end - first] = self._values(run, begin, end)
            begin, end = max(first, run.after), min(after, held_until)
            if begin < end:
                out[begin - first : end - first] = self._last(number)
        return out

    def _last(self, number: int) -> NDArray[np.generic]:
        if self._held is None or self._held[0] != number:
            run = self.runs[number]
            self._held = number, self._values(run, run.after - 1, run.after)
        return self._held[1]

    def _values(self, run: Run, first: int, after: int) -> NDArray[np.generic]:
        segment = self.stream.segments[run.segment]
        if run.shift is not None:
            return segment.source.read(first - run.shift, after - run.shift)
        out = np.empty((after - first, self.stream.n_axes))
        for start in range(first, after, _AT_ONCE):
            stop = min(start + _AT_ONCE, after)
            at_s = np.arange(start, stop) / self.rate_hz
            place = (at_s - segment.start_s) * self.stream.rate_hz
            low = max(0, math.floor(place[0]) - self._kernel.reach)
            high = min(len(segment), math.ceil(place[-1]) + self._kernel.reach + 1)
            samples = segment.source.read(low, high).astype(np.float64)
            out[start - first : stop - first] = self._kernel.at(place, samples, low)
        return out


class _Kernel:
    """Weights of a low-pass at `cutoff` of half the sample rate, for any phase."""

    def __init__(self, cutoff: float) -> None:
        self.reach = math.ceil(HALF / cutoff)
        self._cutoff = cutoff
        self._table: Floats | None = None

    def at(self, place: Floats, samples: NDArray[np.float64], low: int) -> Floats:
        """Return values at `place`, in periods; ``samples[0]`` lies at `low`.

        Beyond its ends a segment is taken to hold its first and last value.
        """
        table = self._weights()
        below = np.floor(place)
        phase = (place - below) * PHASES
        row = np.minimum(phase.astype(np.intp), PHASES - 1)
        part = phase - row
        first = below.astype(np.intp) - low - self.reach + 1
        before = max(0, -int(first[0]))
        behind = max(0, int(first[-1]) + 2 * self.reach - len(samples))
        held = np.pad(samples, ((before, behind), (0, 0)), mode="edge")
        out = np.empty((len(place), samples.shape[1]))
        for axis in range(samples.shape[1]):
            taken = sliding_window_view(held[:, axis], 2 * self.reach)[first + before]
            lower = np.einsum("nk,nk->n", table[row], taken)
            upper = np.einsum("nk,nk->n", table[row + 1], taken)
            out[:, axis] = lower + (upper - lower) * part
        return out

    def _weights(self) -> Floats:
        if self._table is None:
            taps = np.arange(1 - self.reach, self.reach + 1)
            apart = np.arange(PHASES + 1)[:, None] / PHASES - taps
            table = np.sinc(apart * self._cutoff)
            inside = np.clip(1.0 - (apart / self.reach) ** 2, 0.0, None)
            table *= np.i0(_BETA * np.sqrt(inside))
            # a level stays what it is
            self._table = table / table.sum(axis=1, keepdims=True)
        return self._table


def _lay_out(stream: Stream, rate_hz: float) -> tuple[Run, ...]:
    runs: list[Run] = []
    free, last = 0, -np.inf
    for number, segment in enumerate(stream.segments):
        count = len(segment)
        begin = segment.start_s * rate_hz
        end = (segment.start_s + (count - 1) / stream.rate_hz) * rate_hz
        first, after = math.ceil(begin - 0.5), math.floor(end + 0.5) + 1
        shift = None
        place = round(begin)
        if max(abs(begin - place), abs(end - place - (count - 1))) <= _ON_GRID:
            shift = first = place
            after = first + count
        first = max(first, free)
        if first >= after:
            continue
        if runs and first == free + 1 and begin - last < 2.0 * rate_hz / stream.rate_hz:
            # an interpolated run reaches over the seam; two exact ones leave out a sample
            if shift is None:
                first = free
            elif runs[-1].shift is None:
                runs[-1] = replace(runs[-1], after=first)
        runs.append(Run(number, first, after, shift))
        free, last = after, end
    return tuple(runs)
