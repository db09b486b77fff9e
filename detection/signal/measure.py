"""One block of signal to its envelope and its half-second cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...recording.model import Stream
from ..settings import QualitySettings
from .blocks import Block
from .bursts import WINDOW_S
from .conditioning import Conditioner, emg_band, motion_band
from .grid import Grid, Mode, make_grid
from .quality import Converter, Flag

FINE = 4
"""Parts of a cell in which the envelope is kept for rhythms: about an eighth of a second."""

COLUMNS: Mapping[str, Any] = MappingProxyType(
    {
        "time_s": np.float64,  # start of the cell, seconds from the start of the night
        "hops": np.int32,  # its length; fewer at the end of a segment
        "segment": np.int32,
        "level": np.float32,  # mean of the envelope
        "floor": np.float32,  # its minimum
        "peak": np.float32,  # its maximum
        "fine": np.dtype((np.float32, FINE)),  # its mean in each part of the cell
        "rms": np.float32,  # in the band
        "steep": np.float32,  # RMS of the first difference in the band, per second
        "wide": np.float32,  # RMS of the first difference / sqrt(2)
        "slow": np.float32,  # range of the running mean over the envelope's window
        "mains": np.float32,  # RMS of what the mains canceller took out
        "mains_hz": np.uint8,
        "flags": np.uint8,
    }
)


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """What one block says.

    Attributes
    ----------
    first_hop
        Hop of the segment that `envelope` begins with.
    envelope
        Amplitude, one value a hop, float32.
    cells
        Columns of `COLUMNS` but ``time_s`` and ``segment``, one row a cell.
    first_cell
        Number of the first cell in its segment.
    short
        Amplitude over `bursts.WINDOW_S`, one value a hop, float32; None for acceleration.
    """

    first_hop: int
    envelope: NDArray[np.float32]
    cells: dict[str, NDArray[Any]]
    first_cell: int
    short: NDArray[np.float32] | None = None


class EmgMeasure:
    """Rectified, smoothed amplitude of one muscle.

    Parameters
    ----------
    stream
        The signal.
    settings
        Settings of the quality part.
    mode
        ``final`` or ``live``.
    """

    extra_columns: Mapping[str, Any] = MappingProxyType({})

    def __init__(self, stream: Stream, settings: QualitySettings, mode: Mode) -> None:
        self.band_hz = emg_band(stream.rate_hz)
        self.grid = make_grid(stream.rate_hz, mode, smoothing_s=_smoothing_s(self.band_hz))
        self.converter = Converter(settings, _physical_limits(stream))
        self._filter = Conditioner(
            self.grid, self.band_hz, transition_hz=8.0, cancel_mains=True
        )
        self._short_hops = min(round(0.5 * WINDOW_S / self.grid.hop_s), self.grid.smooth_hops)
        self._margin = self.grid.smooth_hops - self._short_hops

    def __call__(self, block: Block) -> Measured | None:
        """Measure one block; None if it is shorter than a hop."""
        grid = self.grid
        n_hops = block.n_samples // grid.hop
        if n_hops == 0:
            return None
        signal = block.values[0]
        raw = signal[grid.left : grid.left + grid.block]
        self.converter.learn(raw[: block.n_samples], grid.rate_hz)
        conditioned = self._filter(signal - _offset(signal, grid, block), block.n_filled)
        filtered = conditioned.signal
        hops = _hop_means(np.abs(filtered), grid)
        envelope = _moving_mean(hops, grid.smooth_hops)
        shape = _Shape(grid, n_hops)
        mains = np.zeros(shape.n_cells, np.float32)
        proper = grid.proper(filtered)
        if conditioned.mains is not None:
            removed = grid.proper(conditioned.mains)
            mains = np.sqrt(shape.means(removed * removed))
        cells = shape.envelope_columns(envelope) | {
            "rms": np.sqrt(shape.means(proper * proper)),
            "steep": _steepness(proper, shape),
            "wide": _difference_rms(raw, shape),
            "slow": _slow_range(signal, shape),
            "mains": mains,
            "mains_hz": np.full(shape.n_cells, conditioned.mains_hz, np.uint8),
            "flags": _flags(raw, shape, self.converter, block),
        }
        short = _moving_mean(hops[self._margin : hops.size - self._margin], self._short_hops)
        first_hop = block.start // grid.hop
        first_cell = first_hop // grid.cell_hops
        return Measured(first_hop, envelope[:n_hops], cells, first_cell, short[:n_hops])


class MotionMeasure:
    """Movement and posture from one accelerometer.

    The movement envelope is the length of the band-passed vector; the cell mean of the raw
    vector is gravity, which tells the posture. Parameters as for `EmgMeasure`.
    """

    def __init__(self, stream: Stream, settings: QualitySettings, mode: Mode) -> None:
        self.grid = make_grid(
            stream.rate_hz,
            mode,
            envelope_hz=50.0,
            filtered_hz=100.0,
            halo_s=2.0,
            smoothing_s=0.15,
        )
        self.band_hz = motion_band(stream.rate_hz)
        self.extra_columns = {f"gravity_{axis}": np.float32 for axis in range(stream.n_axes)}
        self.converter = Converter(settings, _physical_limits(stream))
        self._filter = Conditioner(
            self.grid, self.band_hz, transition_hz=1.0, cancel_mains=False
        )

    def __call__(self, block: Block) -> Measured | None:
        """Measure one block; None if it is shorter than a hop."""
        grid = self.grid
        n_hops = block.n_samples // grid.hop
        if n_hops == 0:
            return None
        shape = _Shape(grid, n_hops)
        power = np.zeros(grid.n_fft // grid.decimation, np.float32)
        wide = np.zeros(shape.n_cells, np.float32)
        flags = np.zeros(shape.n_cells, np.uint8)
        still = np.full(shape.n_cells, int(Flag.FLAT), np.uint8)
        cells: dict[str, NDArray[Any]] = {}
        for axis, signal in enumerate(block.values):
            raw = signal[grid.left : grid.left + grid.block]
            self.converter.learn(raw[: block.n_samples], grid.rate_hz)
            filtered = self._filter(
                signal - _offset(signal, grid, block), block.n_filled
            ).signal
            power += filtered * filtered
            wide += _difference_rms(raw, shape)
            found = _flags(raw, shape, self.converter, block)
            flags |= found
            still &= found
            cells[f"gravity_{axis}"] = shape.means(raw)
        # One axis may rest on a coarse converter; a sensor that is off is flat in all.
        flags = (flags & np.uint8(0xFF ^ Flag.FLAT)) | (still & np.uint8(Flag.FLAT))
        smooth = _moving_mean(_hop_means(power, grid), grid.smooth_hops)
        envelope = np.sqrt(np.maximum(smooth, np.float32(0)))
        cells |= shape.envelope_columns(envelope) | {
            "rms": np.sqrt(shape.means(grid.proper(power))),
            "steep": np.zeros(shape.n_cells, np.float32),
            "wide": wide,
            "slow": np.zeros(shape.n_cells, np.float32),
            "mains": np.zeros(shape.n_cells, np.float32),
            "mains_hz": np.zeros(shape.n_cells, np.uint8),
            "flags": flags,
        }
        first_hop = block.start // grid.hop
        return Measured(first_hop, envelope[:n_hops], cells, first_hop // grid.cell_hops)


class _Shape:
    """How the samples of one block fall into cells, the last of which may be cut short."""

    def __init__(self, grid: Grid, n_hops: int) -> None:
        self.grid = grid
        self.n_hops = n_hops
        self.n_cells = -(-n_hops // grid.cell_hops)
        self.last_hops = n_hops - (self.n_cells - 1) * grid.cell_hops

    def means(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the mean over each cell of values evenly spread over the block."""
        rows = self.rows(values)
        means = _row_means(rows)
        if self.last_hops < self.grid.cell_hops:
            means[-1] = self.last_row(rows).mean()
        return means

    def rows(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return values evenly spread over the block, one row a cell."""
        return values.reshape(self.grid.block_cells, -1)[: self.n_cells]

    def last_row(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the recorded part of the last row."""
        return rows[-1, : rows.shape[1] * self.last_hops // self.grid.cell_hops]

    def envelope_columns(self, envelope: NDArray[np.float32]) -> dict[str, NDArray[Any]]:
        """Return hops, mean, minimum, maximum and course of the envelope in each cell."""
        rows = self.rows(envelope)
        hops = np.full(self.n_cells, self.grid.cell_hops, np.int32)
        hops[-1] = self.last_hops
        level, floor, peak = rows.mean(axis=1), rows.min(axis=1), rows.max(axis=1)
        if self.last_hops < self.grid.cell_hops:
            last = self.last_row(rows)
            level[-1], floor[-1], peak[-1] = last.mean(), last.min(), last.max()
        fine = _fine(rows)
        if self.last_hops < self.grid.cell_hops:
            fine[-1] = level[-1]
        return {"hops": hops, "level": level, "floor": floor, "peak": peak, "fine": fine}


def _offset(signal: NDArray[np.float32], grid: Grid, block: Block) -> np.float32:
    """Return the offset of a block, to be taken off before float32 arithmetic."""
    return np.float32(np.median(signal[grid.left : grid.left + block.n_samples : grid.cell]))


def _smoothing_s(band_hz: tuple[float, float]) -> float:
    """Return the window of the envelope, seconds.

    The product of bandwidth and window decides how much the envelope of plain rest varies:
    here by about a seventh; below 200 Hz the window grows to keep it so.
    """
    return min(max(13.5 / (band_hz[1] - band_hz[0]), 0.15), 0.3)


def _hop_means(values: NDArray[np.float32], grid: Grid) -> NDArray[np.float32]:
    """Return means over hops of the block and as many around it as smoothing needs."""
    reach = grid.smooth_hops
    first = (grid.left - reach * grid.hop) // grid.decimation
    count = grid.block // grid.hop + 2 * reach
    size = grid.hop // grid.decimation
    return _row_means(values[first : first + count * size].reshape(count, size))


def _row_means(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    sums: NDArray[np.float32] = np.einsum("ij->i", rows)
    return sums * np.float32(1.0 / rows.shape[1])


def _moving_mean(hops: NDArray[np.float32], reach: int) -> NDArray[np.float32]:
    width = 2 * reach + 1
    total = np.concatenate([[0.0], np.cumsum(hops, dtype=np.float64)])
    means: NDArray[np.float32] = ((total[width:] - total[:-width]) / width).astype(np.float32)
    return means


def _difference_rms(raw: NDArray[np.float32], shape: _Shape) -> NDArray[np.float32]:
    rows = shape.rows(raw)
    steps = np.diff(rows, axis=1)
    power = np.einsum("ij,ij->i", steps, steps) / max(steps.shape[1], 1)
    if shape.last_hops < shape.grid.cell_hops:
        last = np.diff(shape.last_row(rows))
        power[-1] = np.dot(last, last) / max(last.size, 1)
    rms: NDArray[np.float32] = np.sqrt(power / 2.0).astype(np.float32)
    return rms


def _steepness(proper: NDArray[np.float32], shape: _Shape) -> NDArray[np.float32]:
    """Return the RMS of the slope of the filtered signal in each cell, per second."""
    rows = shape.rows(proper)
    steps = np.diff(rows, axis=1)
    power = np.einsum("ij,ij->i", steps, steps) / max(steps.shape[1], 1)
    if shape.last_hops < shape.grid.cell_hops:
        last = np.diff(shape.last_row(rows))
        power[-1] = np.dot(last, last) / max(last.size, 1)
    rate_hz = shape.grid.rate_hz / shape.grid.decimation
    slope: NDArray[np.float32] = (np.sqrt(power) * rate_hz).astype(np.float32)
    return slope


def _fine(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the means of the parts of each row, shape ``(n_rows, FINE)``."""
    size = rows.shape[1]
    bounds = [round(part * size / FINE) for part in range(FINE + 1)]
    starts = [(min(a, size - 1), b) for a, b in pairwise(bounds)]
    parts = [_row_means(rows[:, a : max(b, a + 1)]) for a, b in starts]
    return np.stack(parts, axis=1)


def _slow_range(signal: NDArray[np.float32], shape: _Shape) -> NDArray[np.float32]:
    """Return the range of the running mean of the unfiltered signal in each cell."""
    grid = shape.grid
    reach = grid.smooth_hops
    first = grid.left - reach * grid.hop
    count = grid.block // grid.hop + 2 * reach
    hops = _row_means(signal[first : first + count * grid.hop].reshape(count, grid.hop))
    rows = shape.rows(_moving_mean(hops, reach))
    extent: NDArray[np.float32] = rows.max(axis=1) - rows.min(axis=1)
    return extent


def _flags(
    raw: NDArray[np.float32], shape: _Shape, converter: Converter, block: Block
) -> NDArray[np.uint8]:
    rows = shape.rows(raw)
    flags = converter.flags(rows)
    if shape.last_hops < shape.grid.cell_hops:
        flags[-1:] = converter.flags(shape.last_row(rows)[None])
    if block.marred is not None:
        flags[shape.rows(block.marred).any(axis=1)] |= np.uint8(Flag.NOT_A_NUMBER)
    return flags


def _physical_limits(stream: Stream) -> tuple[float, float] | None:
    """Return the saturation limits common to all axes, in the unit of the stream.

    They lie half a step inside the converter's own, which float32 may round past.
    """
    if stream.raw_limits is None:
        return None
    low, high = stream.raw_limits
    ends = np.array([low + 0.5, high - 0.5])[:, None] * stream.gain + stream.offset
    return float(ends.min(axis=0).max()), float(ends.max(axis=0).min())
