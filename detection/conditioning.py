"""Raw blocks to band-limited signal: one transform, zero phase, mains lines removed.

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

MAINS_HZ = (50.0, 60.0)
_LINE_HALF_WIDTH_HZ = 1.5
_NEIGHBOUR_HALF_WIDTH_HZ = 5.0
_LINE_FACTOR = 3.0


@dataclass(frozen=True, slots=True)
class _Line:
    """Bins of one mains harmonic and of the spectrum around it."""

    mains: int
    inside: slice
    around: NDArray[np.intp]


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
        Whether spectral lines at 50 and 60 Hz and their harmonics are cut down to the level
        of their surroundings. Where there is no line, nothing is changed: a fixed notch would
        ring for half a second around every strong burst.
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
        self._lines = _lines(grid, band_hz, n_out) if cancel_mains else ()

    def __call__(
        self, block: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32] | None, int | None]:
        """Filter one block.

        Parameters
        ----------
        block
            ``left + block + right`` samples, zero-padded to `n_fft`, float32.

        Returns
        -------
        signal
            Filtered block without its context, every `decimation`-th sample, float32.
        removed
            The mains that was taken out, same shape; None if none was.
        mains_hz
            Mains frequency that stood out most (50 or 60); None if none did.
        """
        spectrum = rfft(block)[: self._response.size]
        spectrum *= self._response
        lines, mains = self._cut_lines(spectrum)
        first = self.grid.left // self.grid.decimation
        last = first + self.grid.block // self.grid.decimation
        # The envelope needs some filtered context beyond the block on both sides.
        signal = irfft(spectrum, self._n_out)
        removed = None if lines is None else irfft(lines, self._n_out)[first:last]
        return signal, removed, mains

    def _cut_lines(
        self, spectrum: NDArray[np.complex64]
    ) -> tuple[NDArray[np.complex64] | None, int | None]:
        removed: NDArray[np.complex64] | None = None
        strength = dict.fromkeys(MAINS_HZ, 0.0)
        for line in self._lines:
            bins = spectrum[line.inside]
            level = float(np.median(np.abs(spectrum[line.around])))
            size = np.abs(bins)
            excess = size > _LINE_FACTOR * level
            if not excess.any():
                continue
            kept = np.where(excess, bins * (level / np.maximum(size, 1e-30)), bins)
            if removed is None:
                removed = np.zeros_like(spectrum)
            removed[line.inside] += bins - kept
            strength[float(line.mains)] += float(np.sum(np.abs(bins - kept) ** 2))
            spectrum[line.inside] = kept
        if removed is None:
            return None, None
        return removed, int(max(strength, key=lambda hz: strength[hz]))


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


def _lines(grid: Grid, band_hz: tuple[float, float], n_out: int) -> tuple[_Line, ...]:
    per_hz = grid.n_fft / grid.rate_hz
    n_bins = n_out // 2 + 1
    lines = []
    for mains in MAINS_HZ:
        for harmonic in np.arange(mains, band_hz[1] + 10.0, mains):
            low = round((harmonic - _LINE_HALF_WIDTH_HZ) * per_hz)
            high = round((harmonic + _LINE_HALF_WIDTH_HZ) * per_hz) + 1
            reach = round(_NEIGHBOUR_HALF_WIDTH_HZ * per_hz)
            if high >= n_bins:
                continue
            around = np.r_[max(1, low - reach) : low, high : min(n_bins, high + reach)]
            lines.append(_Line(int(mains), slice(low, high), around))
    return tuple(lines)
