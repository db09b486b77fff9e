"""What cannot be trusted: flat, clipped, lost electrodes, dead channels."""

from __future__ import annotations

from enum import IntFlag

import numpy as np
from numpy.typing import NDArray

from ..settings import QualitySettings
from .scanner import true_runs


class Flag(IntFlag):
    """Why a cell is not to be trusted."""

    FLAT = 1
    CLIPPED = 2
    NOT_A_NUMBER = 4
    ELECTRODE = 8
    POP = 16
    SET_ASIDE = 32


# A pop is named, but does not make its half second unusable: a movement that pulls at a cable
# looks the same, and is judged with its movement.
UNTRUSTED = np.uint8(
    Flag.FLAT | Flag.CLIPPED | Flag.NOT_A_NUMBER | Flag.ELECTRODE | Flag.SET_ASIDE
)


# What each flag means in the event table: a marred signal, or none at all.
TRIAL_TYPE = {
    Flag.FLAT: "unscorable",
    Flag.CLIPPED: "artifact",
    Flag.NOT_A_NUMBER: "unscorable",
    Flag.ELECTRODE: "artifact",
    Flag.POP: "artifact",
}
CAUSE = {
    Flag.FLAT: "flat",
    Flag.CLIPPED: "clipped",
    Flag.NOT_A_NUMBER: "not a number",
    Flag.ELECTRODE: "electrode off",
    Flag.POP: "electrode pop",
}


_FAR_STEPS = 25.0
_ALIVE_CELLS = 20


class Converter:
    """What the samples say about the converter they came from.

    Parameters
    ----------
    settings
        Settings of the quality part.
    limits
        Smallest and largest physical value that it can give, where known.

    Attributes
    ----------
    step
        Smallest difference it can tell, in the unit of the signal; 0 until it is known.
    """

    def __init__(self, settings: QualitySettings, limits: tuple[float, float] | None) -> None:
        self.step = 0.0
        self._settings = settings
        self._limits = limits

    def learn(self, values: NDArray[np.float32], rate_hz: float) -> None:
        """Take the step from the first ten seconds of a block, unless it is known."""
        if self.step <= 0:
            self.step = converter_step(values[: int(10 * rate_hz)])

    def flags(self, cells: NDArray[np.float32]) -> NDArray[np.uint8]:
        """Flag flat and clipped cells; physical values, shape ``(n_cells, samples)``."""
        low, high = cells.min(axis=1), cells.max(axis=1)
        span = high - low
        flags = np.zeros(cells.shape[0], np.uint8)
        flags[span <= self._settings.flat_steps * self.step] |= np.uint8(Flag.FLAT)
        if self._limits is None:
            # Rest on a coarse converter also sits at its extremes, so where the limits are
            # not known only excursions far from the middle are looked at.
            far = np.float32(_FAR_STEPS * self.step)
            look = np.flatnonzero((span > far) & (self.step > 0))
            middle = np.median(cells[look], axis=1)
            bottom = np.where(middle - low[look] > far, low[look], -np.inf)[:, None]
            top = np.where(high[look] - middle > far, high[look], np.inf)[:, None]
        else:
            look = np.flatnonzero((low <= self._limits[0]) | (high >= self._limits[1]))
            bottom = np.full((look.size, 1), self._limits[0], np.float32)
            top = np.full((look.size, 1), self._limits[1], np.float32)
        if look.size:
            least = max(3.0, self._settings.clipped_fraction * cells.shape[1])
            stays = np.maximum(_stays(cells[look] <= bottom), _stays(cells[look] >= top))
            flags[look[stays >= least]] |= np.uint8(Flag.CLIPPED)
        return flags


def _stays(at_limit: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return how many samples of each row are at a limit together with the one before."""
    stays: NDArray[np.intp] = (at_limit[:, 1:] & at_limit[:, :-1]).sum(axis=1)
    return stays


def converter_step(values: NDArray[np.float32]) -> float:
    """Return the smallest difference between the values seen: the converter's step.

    Parameters
    ----------
    values
        A stretch of signal, any shape; ten seconds are plenty.

    Returns
    -------
    float
        In the unit of `values`; 0 where all are equal.
    """
    levels = np.unique(values)
    if levels.size < 2:
        return 0.0
    gaps = np.diff(levels.astype(np.float64))
    # float32 rounding makes false gaps, a few parts in ten million of the largest value.
    noise = 4e-7 * float(np.max(np.abs(levels)))
    real = gaps[gaps > noise]
    return float(real.min()) if real.size else 0.0


def long_flat(
    flags: NDArray[np.uint8], cell_s: float, settings: QualitySettings
) -> NDArray[np.uint8]:
    """Keep the flat flag only in stretches that are too long to be rest.

    Returns
    -------
    numpy.ndarray
        A copy of `flags`.
    """
    out = flags.copy()
    for first, last in true_runs((flags & Flag.FLAT) != 0):
        if (last - first) * cell_s < settings.flat_min_s:
            out[first:last] &= np.uint8(0xFF ^ Flag.FLAT)
    return out


def is_dead(
    wide_rms: NDArray[np.float32],
    band_rms: NDArray[np.float32],
    step: float,
    band_share: float,
    settings: QualitySettings,
) -> bool:
    """Judge whether a channel carries nothing but the noise of its converter.

    Parameters
    ----------
    wide_rms
        RMS of the first difference in each cell divided by the square root of two: the RMS
        of the signal itself where it is white.
    band_rms
        RMS in the pass band in each cell.
    step
        Converter step.
    band_share
        Share of the spectrum up to Nyquist that the pass band covers.
    settings
        Settings of the quality part.

    Notes
    -----
    Converter noise is white, so the pass band holds its share of the power; muscle, even at
    rest and far away, is concentrated below 150 Hz.
    """
    if wide_rms.size == 0 or step <= 0:
        return True
    # Ten seconds of anything else in a whole night are enough to be alive.
    share = max(0.98, 1.0 - _ALIVE_CELLS / wide_rms.size)
    loud = float(np.quantile(wide_rms, share))
    if loud > settings.dead_steps * step:
        return False
    white = loud * np.sqrt(band_share)
    return bool(np.quantile(band_rms, 0.98) <= 2.2 * max(white, 0.2 * step))
