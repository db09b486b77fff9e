"""Whether a muscle rested, and whether it contracted: told at once, by rough levels.

The score computes its own levels from the stored night. These are for the person who lies
there now.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .heard import Signal

WINDOW_S = 0.5
BAND_HZ = (20.0, 450.0)
MAINS_HZ = (50.0, 60.0)
AROUND_MAINS_HZ = 3.0
EVEN = 2.0
"""At rest, nine tenths of the half seconds stay below so many times the usual one."""

STILL_G = 0.03
CLEAR = 2.0
"""A contraction is clear from so many times rest on."""

ABOVE = 1.5
"""Half seconds above so many times rest belong to the contraction."""

STEP_SHARE = 0.3
_LEAST = 3


@dataclass(frozen=True, slots=True)
class Rise:
    """A contraction of the muscle of a sensor that rose most.

    Attributes
    ----------
    channel
        Number of the channel.
    ratio
        Level over rest; 1 where nothing rose.
    """

    channel: int
    ratio: float


def levels(signal: Signal) -> NDArray[np.float64]:
    """Return the level of each half second in the band of muscles.

    Returns
    -------
    numpy.ndarray
        Root mean square without mains, in the unit of the signal, shape
        ``(n_windows, n_channels)``.
    """
    rate = signal.spec.rate_hz
    size = max(8, round(WINDOW_S * rate))
    count = len(signal.values) // size
    if not count:
        return np.empty((0, signal.values.shape[1]))
    blocks = signal.values[: count * size].reshape(count, size, -1)
    window = np.hanning(size)[None, :, None]
    flat = (blocks - blocks.mean(axis=1, keepdims=True)) * window
    power = np.abs(np.fft.rfft(flat, axis=1)) ** 2
    at_hz = np.fft.rfftfreq(size, 1.0 / rate)
    keep = (at_hz >= BAND_HZ[0]) & (at_hz <= min(BAND_HZ[1], 0.45 * rate))
    for mains in MAINS_HZ:
        keep &= np.abs(at_hz - mains * np.rint(at_hz / mains)) > AROUND_MAINS_HZ
    total = 2.0 * power[:, keep].sum(axis=1) / (size * np.sum(window**2))
    return np.asarray(np.sqrt(total))


def rested(signal: Signal) -> bool:
    """Return whether a signal was even, or an accelerometer still."""
    if signal.spec.kind == "acc" and signal.spec.unit == "g":
        size = np.linalg.norm(signal.values, axis=1)
        return bool(np.quantile(size, 0.95) - np.quantile(size, 0.05) < STILL_G)
    each = levels(signal)
    live = np.median(each, axis=0) > 0.0
    if len(each) < _LEAST or not live.any():
        return False
    high, usual = np.quantile(each[:, live], 0.9, axis=0), np.median(each[:, live], axis=0)
    return bool((high < EVEN * usual).all())


def rise(held: list[Signal], rest: Signal, channels: list[int] | None = None) -> Rise:
    """Return the channel that rose most over its rest, and how far.

    Parameters
    ----------
    held
        The stretches in which a contraction was asked for.
    rest
        The same channels at rest.
    channels
        Those that are looked at; all by default.
    """
    each = levels(rest)
    usual = np.median(each, axis=0) if len(each) else np.empty(0)
    # rest below the step of the converter reads as zero, and so does any multiple of it
    usual = np.maximum(usual, STEP_SHARE * np.abs(rest.spec.gain[: len(usual)]))
    found = np.concatenate([levels(each) for each in held])
    best = Rise(0, 1.0)
    for channel in range(len(usual)) if channels is None else channels:
        if channel >= len(usual) or not usual[channel] > 0.0:
            continue
        ratio = found[:, channel] / usual[channel]
        above = ratio[ratio >= ABOVE]
        if len(above) >= _LEAST and float(np.median(above)) > best.ratio:
            best = Rise(channel, float(np.median(above)))
    return best
