"""Raw blocks to band-limited signal: one transform, zero phase, mains taken out.

A zero-phase FIR band pass (Hamming window, -6 dB at the edges) is applied by overlap-save,
so a block depends on its own samples and a fixed halo only: no filter state, no drift of
rounding through the night, and the same bits for any chunking.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, rfft
from scipy.signal import firwin

from .grid import Grid
from .mains import MainsFinder


@dataclass(frozen=True, slots=True, eq=False)
class Conditioned:
    """One block, filtered.

    Attributes
    ----------
    signal
        Filtered block with its context, every `decimation`-th sample, float32.
    mains
        The mains that was taken out, same shape; None if none was.
    mains_hz
        Mains frequency that was strongest (50 or 60); 0 if none was taken out.
    """

    signal: NDArray[np.float32]
    mains: NDArray[np.float32] | None
    mains_hz: int


class Conditioner:
    """Band pass and mains canceller for one grid.

    Parameters
    ----------
    grid
        Lengths for the sampling rate.
    band_hz
        Pass band, Hz.
    transition_hz
        Width of the lower transition, Hz; sets the length of the filter.
    cancel_mains
        Whether mains and its harmonics are taken out where they are steady.
    """

    def __init__(
        self,
        grid: Grid,
        band_hz: tuple[float, float],
        *,
        transition_hz: float,
        cancel_mains: bool,
    ) -> None:
        self.grid = grid
        self.band_hz = band_hz
        half = min(round(1.65 * grid.rate_hz / transition_hz), grid.right - 1)
        taps = _without_offset(firwin(2 * half + 1, band_hz, pass_zero=False, fs=grid.rate_hz))
        circular = np.zeros(grid.n_fft)
        circular[: half + 1] = taps[half:]
        circular[-half:] = taps[:half]
        n_out = grid.n_fft // grid.decimation
        response = rfft(circular).real[: n_out // 2 + 1]
        if n_out % 2 == 0:
            response[-1] = 0.0
        self._n_out = n_out
        self._response = (response / grid.decimation).astype(np.float32)
        self._mains: MainsFinder | None = None
        if cancel_mains:
            self._mains = MainsFinder(n_out, grid.rate_hz / grid.decimation, band_hz[1])

    def __call__(self, block: NDArray[np.float32], n_filled: int) -> Conditioned:
        """Filter one block.

        Parameters
        ----------
        block
            ``left + block + right`` samples, zero-padded to `n_fft`, float32.
        n_filled
            How many of them hold signal.
        """
        spectrum = rfft(block)[: self._response.size]
        spectrum *= self._response
        signal = irfft(spectrum, self._n_out)
        if self._mains is None:
            return Conditioned(signal, None, 0)
        end = -(-n_filled // self.grid.decimation)
        found = self._mains(signal[:end])
        if found is None:
            return Conditioned(signal, None, 0)
        mains = np.zeros_like(signal)
        mains[:end] = found.wave
        return Conditioned(signal - mains, mains, found.mains_hz)


@lru_cache(maxsize=32)
def edge_kernel(rate_hz: float) -> NDArray[np.float64]:
    """Return a short zero-phase band pass that keeps the edges of a burst sharp.

    20 Hz to min(400, 0.45 fs), odd length: wide, so that a few milliseconds of signal already
    tell its variance.
    """
    band = (20.0, min(400.0, 0.45 * rate_hz))
    half = max(2, round(1.65 * rate_hz / 25.0))
    return _without_offset(firwin(2 * half + 1, band, pass_zero=False, fs=rate_hz))


def emg_band(rate_hz: float) -> tuple[float, float]:
    """Return the band of the amplitude rules: 10 Hz to min(100, 0.45 fs), Hz."""
    return 10.0, min(100.0, 0.45 * rate_hz)


def motion_band(rate_hz: float) -> tuple[float, float]:
    """Return the band in which a limb's movement is measured, Hz."""
    return 0.5, min(20.0, 0.45 * rate_hz)


def _without_offset(taps: NDArray[np.float64]) -> NDArray[np.float64]:
    """Put a double zero at 0 Hz: an electrode's offset is a thousand times its signal."""
    window = np.hamming(taps.size)
    nulled: NDArray[np.float64] = taps - window * (taps.sum() / window.sum())
    return nulled
