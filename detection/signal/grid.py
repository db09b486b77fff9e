"""The fixed grids that make the result independent of how the signal arrives.

All lengths are whole samples, so an index is a time: ``t = index * hop / rate``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.fft import next_fast_len

Mode = Literal["final", "live"]


@dataclass(frozen=True, slots=True)
class Grid:
    """Lengths for one sampling rate.

    Attributes
    ----------
    rate_hz
        Sampling rate, Hz.
    decimation
        The filtered signal is kept at every `decimation`-th sample.
    hop
        Samples for one value of the envelope; a multiple of `decimation`.
    cell_hops
        Envelope values in one cell (about half a second).
    block_cells
        Cells conditioned in one go.
    left, right
        Samples of context before and after a block.
    n_fft
        Transform length; at least ``left + block + right``.
    smooth_hops
        The envelope is a moving mean over this many hops on either side and its own.
    """

    rate_hz: float
    decimation: int
    hop: int
    cell_hops: int
    block_cells: int
    left: int
    right: int
    n_fft: int
    smooth_hops: int

    @property
    def cell(self) -> int:
        """Samples in a cell."""
        return self.hop * self.cell_hops

    @property
    def block(self) -> int:
        """Samples in a block."""
        return self.cell * self.block_cells

    @property
    def hop_s(self) -> float:
        """Length of a hop, seconds."""
        return self.hop / self.rate_hz

    @property
    def cell_s(self) -> float:
        """Length of a cell, seconds."""
        return self.cell / self.rate_hz

    def proper(self, filtered: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the block proper of a filtered, decimated block with its context."""
        first = self.left // self.decimation
        return filtered[first : first + self.block // self.decimation]

    def hops(self, seconds: float) -> int:
        """Return the nearest whole number of hops, at least one."""
        return max(1, round(seconds / self.hop_s))


def make_grid(
    rate_hz: float,
    mode: Mode,
    *,
    envelope_hz: float = 100.0,
    filtered_hz: float = 400.0,
    halo_s: float = 1.0,
    smoothing_s: float = 0.15,
) -> Grid:
    """Lay the grids for one sampling rate.

    Parameters
    ----------
    rate_hz
        Sampling rate, Hz.
    mode
        ``final`` takes 30 s blocks, ``live`` about one second with a long look back, which
        the mains canceller needs.
    envelope_hz
        Wanted rate of the envelope, Hz.
    filtered_hz
        Lowest rate at which the filtered signal is kept, Hz.
    halo_s
        Context that the filter needs on both sides, seconds.
    smoothing_s
        Window of the moving mean that makes the envelope, seconds.
    """
    decimation = max(1, int(rate_hz // filtered_hz))
    hop = decimation * max(1, round(rate_hz / envelope_hz / decimation))
    cell_hops = max(1, round(0.5 * rate_hz / hop))
    cell = hop * cell_hops
    smooth_hops = round(smoothing_s * rate_hz / hop) // 2
    halo = -(-int(halo_s * rate_hz + 1) // hop) * hop
    if mode == "final":
        block_cells, left, right = 240, halo, halo
    else:
        block_cells, left, right = 2, halo + 12 * cell, halo
    n_fft = decimation * next_fast_len(
        -(-(left + block_cells * cell + right) // decimation), real=True
    )
    return Grid(
        rate_hz, decimation, hop, cell_hops, block_cells, left, right, n_fft, smooth_hops
    )
