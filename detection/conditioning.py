"""Raw blocks to band-limited signal: one transform, zero phase, mains taken out.

A zero-phase FIR band pass (Hamming window, -6 dB at the edges) is applied by overlap-save,
so a block depends on its own samples and a fixed halo only: no filter state, no drift of
rounding through the night, and the same bits for any chunking.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, rfft
from scipy.signal import firwin

from .grid import Grid
from .mains import Line, mains_lines, sinusoid, stands_out


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
        Mains frequency that stood out most (50 or 60); 0 if none did.
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
        Whether mains and its harmonics are taken out where they stand out.
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
        taps = firwin(2 * half + 1, band_hz, pass_zero=False, fs=grid.rate_hz)
        circular = np.zeros(grid.n_fft)
        circular[: half + 1] = taps[half:]
        circular[-half:] = taps[:half]
        n_out = grid.n_fft // grid.decimation
        response = rfft(circular).real[: n_out // 2 + 1]
        if n_out % 2 == 0:
            response[-1] = 0.0
        self._n_out = n_out
        self._response = (response / grid.decimation).astype(np.float32)
        self._lines: tuple[Line, ...] = ()
        if cancel_mains:
            self._lines = mains_lines(grid.n_fft / grid.rate_hz, n_out // 2 + 1, band_hz)

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
        rate = self.grid.rate_hz / self.grid.decimation
        end = -(-n_filled // self.grid.decimation)
        mains: NDArray[np.float32] | None = None
        strongest, mains_hz = 0.0, 0
        for line in self._lines:
            peak_hz = stands_out(spectrum, line, self.grid.n_fft / self.grid.rate_hz)
            if peak_hz is None:
                continue
            wave = sinusoid(signal[:end], peak_hz, rate)
            if mains is None:
                mains = np.zeros_like(signal)
            mains[:end] += wave
            size = float(np.abs(wave).max())
            if size > strongest:
                strongest, mains_hz = size, line.mains_hz
        if mains is not None:
            signal -= mains
        return Conditioned(signal, mains, mains_hz)


def edge_kernel(rate_hz: float) -> NDArray[np.float64]:
    """Return a short zero-phase band pass that keeps the edges of a burst sharp.

    20 Hz to min(400, 0.45 fs), odd length: wide, so that a few milliseconds of signal already
    tell its variance.
    """
    band = (20.0, min(400.0, 0.45 * rate_hz))
    half = max(2, round(1.65 * rate_hz / 25.0))
    taps: NDArray[np.float64] = firwin(2 * half + 1, band, pass_zero=False, fs=rate_hz)
    return taps


def emg_band(rate_hz: float) -> tuple[float, float]:
    """Return the band of the amplitude rules: 10 Hz to min(100, 0.45 fs), Hz."""
    return 10.0, min(100.0, 0.45 * rate_hz)


def motion_band(rate_hz: float) -> tuple[float, float]:
    """Return the band in which a limb's movement is measured, Hz."""
    return 0.5, min(20.0, 0.45 * rate_hz)
