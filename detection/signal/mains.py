"""Mains pickup: followed in time as a slowly changing sinusoid, and taken out.

A notch filter rings: half a second around every strong burst, and the longer the narrower it
is. So the sinusoid itself is estimated. Its amplitude and phase come from half-second frames
and are running medians over five seconds, which neither a burst of muscle nor an electrode
pop can move. Where nothing steady is found, nothing is touched.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import median_filter

MAINS_HZ = (50, 60)
_FRAME_S = 0.5
_MEDIAN_FRAMES = 11
# Plain noise gives a running median of 0.45 times the spread of the frames around it.
_STEADY = 1.5
_FEWEST_FRAMES = 6
# Turns at random agree to one part in the root of their number: 0.07 in a block of two minutes.
_AGREEMENT = 0.2


@dataclass(frozen=True, slots=True, eq=False)
class Mains:
    """The mains in one block.

    Attributes
    ----------
    wave
        Its wave form, shape of the block, float32.
    mains_hz
        50 or 60, whichever is stronger.
    """

    wave: NDArray[np.float32]
    mains_hz: int


class MainsFinder:
    """Find mains and its harmonics in blocks of one length.

    Parameters
    ----------
    n_samples
        Longest block, samples.
    rate_hz
        Sampling rate of the blocks, Hz.
    highest_hz
        Upper edge of the band that they hold, Hz.
    """

    def __init__(self, n_samples: int, rate_hz: float, highest_hz: float) -> None:
        self._size = max(1, round(_FRAME_S * rate_hz))
        turns = np.arange(n_samples) / rate_hz
        self._carriers = [
            (mains, np.exp(-2j * np.pi * harmonic * turns).astype(np.complex64))
            for mains in MAINS_HZ
            for harmonic in np.arange(mains, min(highest_hz + 10.0, 0.49 * rate_hz), mains)
        ]

    def __call__(self, signal: NDArray[np.float32]) -> Mains | None:
        """Return the steady mains in a block, shape ``(n,)``; None if there is none."""
        wave: NDArray[np.float32] | None = None
        strongest, mains_hz = 0.0, 0
        for mains, carrier in self._carriers:
            found = _steady_wave(signal, carrier[: signal.size], self._size)
            if found is None:
                continue
            wave = found if wave is None else wave + found
            size = float(np.dot(found, found))
            if size > strongest:
                strongest, mains_hz = size, mains
        return None if wave is None else Mains(wave, mains_hz)


def _steady_wave(
    signal: NDArray[np.float32], carrier: NDArray[np.complex64], size: int
) -> NDArray[np.float32] | None:
    """Return the steady sinusoid near a carrier's frequency, None if there is none."""
    frames = signal.size // size
    if frames < 5:
        return None
    used = frames * size
    phasor = np.einsum(
        "ij,ij->i", signal[:used].reshape(frames, size), carrier[:used].reshape(frames, size)
    ).astype(np.complex128) * (2.0 / size)
    step = phasor[1:] * phasor[:-1].conj()
    step /= np.maximum(np.abs(step), 1e-30)
    guesses = _rotations(phasor, step)
    if not guesses:
        return None
    rotation = max(guesses, key=lambda guess: np.count_nonzero(_course(phasor, guess)[1]))
    _, is_steady = _course(phasor, rotation)
    pairs = is_steady[1:] & is_steady[:-1]
    if np.any(pairs):
        rotation = float(np.angle(np.sum(step[pairs])))
    count, steady = _steady(phasor, rotation)
    if count < _FEWEST_FRAMES:
        return None
    wave = _unroll(steady, rotation, size, signal.size) * carrier.conj()
    return np.ascontiguousarray(wave.real)


def _unroll(
    steady: NDArray[np.complex128], rotation: float, size: int, n: int
) -> NDArray[np.complex64]:
    """Return the phasor at every sample: straight lines between frames, and their rotation."""
    half = size // 2
    count = -(-(n + half) // size)
    at = np.clip(np.arange(-1, count), 0, steady.size - 1)
    knots = steady[at].astype(np.complex64)
    along = (np.arange(size) / size).astype(np.float32)
    lines = knots[:-1, None] + (knots[1:] - knots[:-1])[:, None] * along
    frame = np.exp(1j * rotation * (np.arange(count) - 1.0)).astype(np.complex64)
    lines *= frame[:, None] * np.exp(1j * rotation * along).astype(np.complex64)
    return lines.reshape(-1)[half : half + n]


def _course(
    phasor: NDArray[np.complex128], rotation: float
) -> tuple[NDArray[np.complex128], NDArray[np.bool_]]:
    """Return the running median of a phasor that turns evenly, and where it is steady."""
    still = phasor * np.exp(-1j * rotation * np.arange(phasor.size))
    course = _running_median(still.real) + 1j * _running_median(still.imag)
    spread = _running_median(np.abs(still - course))
    return course, np.asarray(np.abs(course) > _STEADY * spread, np.bool_)


def _steady(
    phasor: NDArray[np.complex128], rotation: float
) -> tuple[int, NDArray[np.complex128]]:
    """Return in how many frames a phasor is steady, and what to take out of each frame."""
    course, is_steady = _course(phasor, rotation)
    count = int(np.count_nonzero(is_steady))
    if count == 0:
        return 0, course
    # Elsewhere the nearest steady value holds, if it takes something away: through a burst
    # and at the ends it does, where there is no mains it would add some.
    held = course[_nearest(is_steady)]
    still = phasor * np.exp(-1j * rotation * np.arange(phasor.size))
    helps = np.abs(still - held) < np.abs(still)
    return count, np.where(is_steady | helps, held, 0.0)


def _nearest(mask: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return for every place the nearest one that is marked."""
    marked = np.flatnonzero(mask)
    after = np.searchsorted(marked, np.arange(mask.size)).clip(0, marked.size - 1)
    before = (after - 1).clip(0)
    place = np.arange(mask.size)
    nearer = np.abs(marked[before] - place) <= np.abs(marked[after] - place)
    return np.asarray(np.where(nearer, marked[before], marked[after]), np.intp)


def _rotations(phasor: NDArray[np.complex128], step: NDArray[np.complex128]) -> list[float]:
    """Return guesses by how much the phase turns from frame to frame, radians.

    With equal weights a walk through half of the block cannot hide the mains; with the
    stronger frames leading, mains that is there for a part of the block is not drowned by the
    rest of it. Where the turns do not agree either way, there is no mains and no guess.
    """
    size = np.abs(phasor[1:] * phasor[:-1])
    size = np.minimum(size, np.quantile(size, 0.75))
    total = max(float(size.sum()), 1e-30)
    means = (complex(step.mean()), complex(np.sum(step * size)) / total)
    return [float(np.angle(mean)) for mean in means if abs(mean) > _AGREEMENT]


def _running_median(values: NDArray[np.float64]) -> NDArray[np.float64]:
    size = min(_MEDIAN_FRAMES, 2 * ((values.size - 1) // 2) + 1)
    return np.asarray(median_filter(values, size, mode="mirror"), np.float64)
