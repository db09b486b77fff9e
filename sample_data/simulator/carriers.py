"""Real contraction textures in place of the simulated ones.

The two real recordings that come with the package (biceps brachii, PLUX Wireless Biosignals,
MIT licence, see ``recordings/ATTRIBUTION.md``) are cut where the muscle works, freed of their
own envelope, stretched a little in time so that no two muscles sound alike, shuffled, and laid
end to end. The plan of the night then gives the level. What is gained: the spectrum and the
fine structure of real surface EMG, without a line of this simulator in it. What is not: the
pieces come from two people, and from no leg.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from .randomness import stream

Floats = NDArray[np.float64]

RECORDINGS = ("emg_bursts", "emg_fatigue")
ATTRIBUTION = (
    "contraction textures from emg_bursts and emg_fatigue, biosignalsnotebooks, MIT, "
    "(c) 2018 PLUX Wireless Biosignals and the opensignalstool developers"
)

SMOOTHING_S = 0.15
CROSSFADE_S = 0.06
PIECE_S = (0.45, 1.6)
"""Shortest and longest piece."""

WORKING = 0.35
"""A piece is cut where the level exceeds this fraction of the recording's strong level."""

CLIPPED = 0.98
"""Of the range between the extremes; beyond it a sample may have met the converter's end."""


class Carrier:
    """The texture of one muscle: level 1, page by page."""

    def __init__(self, rate_hz: float, seed: int, label: str, stretch: float) -> None:
        self._rate_hz = rate_hz
        self._key = (seed, label)
        self._pieces = tuple(
            _resampled(piece, known_hz / stretch, rate_hz) for piece, known_hz in _pieces()
        )

    def page(self, name: str, number: int, count: int) -> Floats:
        """Return `count` samples of unit level for one page; the same whenever asked."""
        rng = stream(self._key[0], "carrier", self._key[1], name, number)
        fade = round(CROSSFADE_S * self._rate_hz)
        # at equal power: the pieces are unrelated
        up = np.sin(0.5 * np.pi * (np.arange(fade) + 0.5) / fade)
        out = np.zeros(count + fade)
        at, order = 0, np.empty(0, np.intp)
        while at < count:
            if not order.size:
                order = rng.permutation(len(self._pieces))
            piece = self._pieces[order[0]] * rng.choice([-1.0, 1.0])
            order = order[1:]
            piece[:fade] *= up
            piece[-fade:] *= up[::-1]
            some = min(piece.size, out.size - at)
            out[at : at + some] += piece[:some]
            at += piece.size - fade
        return out[:count]


@lru_cache(maxsize=1)
def _pieces() -> tuple[tuple[Floats, float], ...]:
    """Return the working stretches of the real recordings at level 1, and their rate."""
    from ...recording.readers.open import open_recording
    from ..samples import samples

    found = []
    for sample in samples():
        if sample.name in RECORDINGS:
            (emg,) = open_recording(sample.path).streams
            rate = round(emg.rate_hz, 3)
            x = emg.physical(0, 0, emg.n_samples)[:, 0].astype(np.float64)
            found += [(piece, rate) for piece in _cut(x, rate)]
    return tuple(found)


def _cut(x: Floats, rate_hz: float) -> list[Floats]:
    reach = np.max(np.abs(x - np.median(x)))
    whole = np.abs(x - np.median(x)) < CLIPPED * reach
    x = _band(x, rate_hz)
    width = round(SMOOTHING_S * rate_hz)
    box = np.hanning(width + 2)[1:-1]
    level = np.sqrt(np.convolve(x * x, box / box.sum(), "same"))
    working = (level > WORKING * np.quantile(level, 0.98)) & whole
    flat = x / np.maximum(level, 1e-9)
    shortest, longest = (round(s * rate_hz) for s in PIECE_S)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], working.astype(np.int8), [0]])))
    pieces: list[Floats] = []
    for begin, end in zip(edges[::2], edges[1::2], strict=True):
        for start in range(begin, end, longest):
            piece = flat[start : min(start + longest, end)]
            if piece.size >= shortest:
                pieces.append(piece / np.sqrt(np.mean(piece**2)))
    return pieces


def _band(x: Floats, rate_hz: float) -> Floats:
    spectrum = np.fft.rfft(x)
    frequency = np.fft.rfftfreq(x.size, 1 / rate_hz)
    spectrum *= np.clip((frequency - 6.0) / 6.0, 0, 1)
    return np.fft.irfft(spectrum, x.size)


def _resampled(piece: Floats, from_hz: float, to_hz: float) -> Floats:
    """Return a piece at another rate, without what the new rate would alias."""
    ratio = to_hz / from_hz
    padded = 1 << (piece.size + 64).bit_length()
    size = round(padded * ratio)
    spectrum = np.fft.rfft(piece, padded)
    frequency = np.arange(spectrum.size) / padded / ratio
    spectrum *= np.clip((0.48 - frequency) / 0.06, 0.0, 1.0)
    kept = np.zeros(size // 2 + 1, np.complex128)
    some = min(kept.size, spectrum.size)
    kept[:some] = spectrum[:some]
    new = np.fft.irfft(kept, size)[: round(piece.size * ratio)]
    return np.asarray(new / np.sqrt(np.mean(new**2)))
