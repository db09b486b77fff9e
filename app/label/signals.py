"""A stream of the night on one grid of samples: what a figure is drawn from.

Sample ``i`` lies at ``i / rate_hz`` seconds from the start of the night, within half a
sample. Where nothing was recorded stands NaN.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import OrderedDict
from dataclasses import replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.fft import next_fast_len

from ...detection.signal.conditioning import Conditioner, emg_band
from ...detection.signal.grid import Grid, make_grid
from ...recording.errors import RecordingError
from ...recording.model import Stream

Samples = NDArray[np.float32]

MOST_SAMPLES = 1 << 30
"""Samples of one signal that can be shown: six days at 2 kHz."""

_KEPT_BLOCKS = 8
_BLOCK_CELLS = 60
_LEAST_RATE_HZ = 64.0


class Signal(Protocol):
    """Samples on a grid, read in any order."""

    @property
    def rate_hz(self) -> float:
        """Samples in a second."""
        ...

    @property
    def n_axes(self) -> int:
        """Number of columns."""
        ...

    def __len__(self) -> int:
        """Return the number of samples from the start of the night to the last one."""
        ...

    def read(self, first: int, stop: int) -> Samples:
        """Return samples, shape ``(stop - first, n_axes)``, NaN where there are none."""
        ...


class Plain:
    """A stream as it was recorded, in its unit.

    Parameters
    ----------
    stream
        The stream.

    Raises
    ------
    RecordingError
        It is longer than can be shown.
    """

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        places = [segment.start_s * stream.rate_hz for segment in stream.segments]
        farthest = stream.end_s * stream.rate_hz
        if not (math.isfinite(farthest) and farthest < MOST_SAMPLES):
            raise RecordingError(
                f"{stream.label}: {stream.end_s / 3600:.0f} h at {stream.rate_hz:g} Hz are more"
                " than can be shown; cut the recording into nights"
            )
        self._first = [max(0, round(place)) for place in places]
        self._stop = [
            first + len(segment)
            for first, segment in zip(self._first, stream.segments, strict=True)
        ]

    @property
    def rate_hz(self) -> float:
        """Samples in a second."""
        return self._stream.rate_hz

    @property
    def n_axes(self) -> int:
        """Axes of the stream."""
        return self._stream.n_axes

    def __len__(self) -> int:
        return max(self._stop, default=0)

    def read(self, first: int, stop: int) -> Samples:
        """Return samples in the unit of the stream; what is no number is NaN."""
        found = np.full((stop - first, self.n_axes), np.nan, np.float32)
        number = max(0, bisect_right(self._first, first) - 1)
        while number < len(self._first) and self._first[number] < stop:
            begin, end = self._first[number], min(self._stop[number], stop)
            low = max(begin, first)
            if low < end:
                values = self._stream.physical(number, low - begin, end - begin)
                found[low - first : low - first + len(values)] = values
            number += 1
        if not np.isfinite(found).all():
            found[np.isinf(found)] = np.nan
        return found


class Filtered:
    """An electromyogram as the detector sees it: its band, without mains.

    Blocks lie on a fixed grid of half a minute, so that a moment looks the same in every
    window.

    Parameters
    ----------
    stream
        An EMG of at least 64 Hz.
    """

    def __init__(self, stream: Stream) -> None:
        self._plain = Plain(stream)
        self._grid = _short_blocks(stream.rate_hz)
        self._filter = Conditioner(
            self._grid, emg_band(stream.rate_hz), transition_hz=8.0, cancel_mains=True
        )
        self._kept: OrderedDict[int, Samples] = OrderedDict()

    @staticmethod
    def can_filter(stream: Stream) -> bool:
        """Return whether the detector's filter fits a stream."""
        return stream.kind == "emg" and stream.rate_hz >= _LEAST_RATE_HZ

    @property
    def rate_hz(self) -> float:
        """Samples in a second; every few of the stream's are kept."""
        return self._plain.rate_hz / self._grid.decimation

    @property
    def n_axes(self) -> int:
        """One."""
        return 1

    def __len__(self) -> int:
        return len(self._plain) // self._grid.decimation

    def read(self, first: int, stop: int) -> Samples:
        """Return filtered samples in the unit of the stream."""
        size = self._grid.block // self._grid.decimation
        numbers = range(first // size, max(first // size, (stop - 1) // size) + 1)
        joined = np.concatenate([self._block(number) for number in numbers])
        begin = numbers[0] * size
        return joined[first - begin : stop - begin]

    def _block(self, number: int) -> Samples:
        known = self._kept.get(number)
        if known is not None:
            self._kept.move_to_end(number)
            return known
        block = self._filtered(number)
        self._kept[number] = block
        if len(self._kept) > _KEPT_BLOCKS:
            self._kept.popitem(last=False)
        return block

    def _filtered(self, number: int) -> Samples:
        grid = self._grid
        begin = number * grid.block - grid.left
        wanted = grid.left + grid.block + grid.right
        low, high = max(begin, 0), min(begin + wanted, len(self._plain))
        empty = np.full((grid.block // grid.decimation, 1), np.nan, np.float32)
        if low >= high:
            return empty
        raw = np.full(wanted, np.nan, np.float32)
        raw[low - begin : high - begin] = self._plain.read(low, high)[:, 0]
        known = np.isfinite(raw)
        if not known.any():
            return empty
        whole = bool(known.all())
        if not whole:
            # a straight line over a gap, so that the filter rings at none of its ends
            places = np.arange(wanted)
            raw = np.interp(places, np.flatnonzero(known), raw[known]).astype(np.float32)
        values = np.zeros(grid.n_fft, np.float32)
        values[:wanted] = raw - raw.mean()
        signal = grid.proper(self._filter(values, wanted).signal)
        if not whole:
            held = known[grid.left :: grid.decimation][: signal.size]
            signal = np.where(held, signal, np.nan)
        return np.ascontiguousarray(signal[:, None], np.float32)


def _short_blocks(rate_hz: float) -> Grid:
    """Return the detector's grid with blocks of half a minute, which a window takes quickly."""
    grid = make_grid(rate_hz, "final")
    wanted = grid.left + _BLOCK_CELLS * grid.cell + grid.right
    n_fft = grid.decimation * next_fast_len(-(-wanted // grid.decimation), real=True)
    return replace(grid, block_cells=_BLOCK_CELLS, n_fft=n_fft)
