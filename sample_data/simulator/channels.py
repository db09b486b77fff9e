"""From the potential of a muscle to the raw numbers of a converter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .parameters import Draw
from .randomness import stream

Floats = NDArray[np.float64]

TAPS = 128
"""Half the length of the filter that colours the noise, samples."""


@dataclass(frozen=True, slots=True)
class Electrode:
    """One pair of electrodes and its amplifier for one night.

    Attributes
    ----------
    noise_uv
        Resting noise between 10 and 100 Hz, uV RMS.
    noise_swing
        Slow change of the noise over the night, fraction.
    corner_hz
        Below it the noise of the electrode rises above that of the amplifier, Hz.
    mains_uv, ecg_uv
        Amplitude of mains hum and of the R wave, uV.
    crosstalk
        Fraction of the neighbouring muscle that is seen.
    swing_periods_s, swing_phases
        Of the slow change of the noise.
    slope
        Power of 1/f by which the noise rises below the corner.
    high_pass_hz
        Below it the amplifier passes little, Hz.
    mains_hz
        Rate of the mains, Hz; harmonics run along.
    """

    noise_uv: float
    noise_swing: float
    corner_hz: float
    mains_uv: float
    ecg_uv: float
    crosstalk: float
    swing_periods_s: tuple[float, float]
    swing_phases: tuple[float, float]
    slope: float = 1.0
    high_pass_hz: float = 10.0
    mains_hz: float = 50.012


@dataclass(frozen=True, slots=True)
class Converter:
    """An analogue-to-digital converter.

    Attributes
    ----------
    step_uv
        One raw number, uV.
    bits
        Resolution; the range is symmetric.
    """

    step_uv: float = 0.1
    bits: int = 16

    @property
    def limit(self) -> int:
        """Largest raw number; the smallest is its negative less one."""
        return (1 << (self.bits - 1)) - 1

    def digitise(self, microvolts: Floats) -> NDArray[np.int16]:
        """Return raw numbers; what exceeds the range is clipped."""
        raw = np.rint(microvolts / self.step_uv)
        return np.clip(raw, -self.limit - 1, self.limit).astype(np.int16)


def draw_electrode(draw: Draw) -> Electrode:
    """Draw an electrode for one night."""
    return Electrode(
        noise_uv=draw("electrode.noise"),
        noise_swing=draw("electrode.noise_swing"),
        corner_hz=draw("electrode.corner"),
        mains_uv=draw("electrode.mains"),
        ecg_uv=draw("electrode.ecg"),
        crosstalk=draw("muscle.crosstalk"),
        swing_periods_s=(draw.rng.uniform(1800, 4000), draw.rng.uniform(6000, 15000)),
        swing_phases=(draw.rng.uniform(0, 6.28), draw.rng.uniform(0, 6.28)),
        slope=draw("electrode.slope"),
        high_pass_hz=draw("electrode.high_pass"),
        mains_hz=draw("mains.rate"),
    )


@dataclass(frozen=True, slots=True)
class Heart:
    """A heart whose beats can be computed for any stretch of the night.

    Attributes
    ----------
    rate_hz
        Mean rate.
    breath_hz
        Rate of breathing, which modulates it.
    width_s
        Width of an R wave at the leg, seconds.
    """

    rate_hz: float
    breath_hz: float
    width_s: float = 0.011

    def beats(self, start_s: float, end_s: float) -> Floats:
        """Return the times of the beats between two times, seconds."""
        t = np.arange(start_s - 2.0, end_s + 2.0, 0.05)
        swing = 0.04 * self.rate_hz / self.breath_hz
        phase = self.rate_hz * t - swing / (2 * np.pi) * np.cos(2 * np.pi * self.breath_hz * t)
        phase += 4.0 * np.sin(2 * np.pi * t / 1700.0)
        counts = np.arange(np.ceil(phase[0]), np.floor(phase[-1]) + 1)
        times: Floats = np.interp(counts, phase, t)
        return times[(times >= start_s - 0.1) & (times < end_s + 0.1)]


class NoiseSource:
    """Resting noise of one electrode, page by page, without a seam between pages."""

    def __init__(self, electrode: Electrode, rate_hz: float, seed: int, label: str) -> None:
        self._electrode = electrode
        self._rate_hz = rate_hz
        self._key = (seed, label)
        self._taps = _colour(electrode, rate_hz)

    def page(self, number: int, first: int, count: int) -> Floats:
        """Return page `number`: samples `first` to ``first + count``, uV."""
        before = self._tail(number - 1)
        body = stream(self._key[0], "noise", self._key[1], number).standard_normal(
            max(0, count - 2 * TAPS), dtype=np.float32
        )
        after = self._tail(number)
        white = np.concatenate([before, body, after]).astype(np.float64)
        size = _good_size(white.size + self._taps.size)
        coloured = np.fft.irfft(np.fft.rfft(white, size) * np.fft.rfft(self._taps, size), size)[
            2 * TAPS : 2 * TAPS + count
        ]
        t = (first + np.arange(0, count + 256, 256)) / self._rate_hz
        level = np.interp(np.arange(count), np.arange(0, count + 256, 256), self._level(t))
        return coloured * level

    def _level(self, t: Floats) -> Floats:
        e = self._electrode
        swing = np.zeros_like(t)
        for period, phase in zip(e.swing_periods_s, e.swing_phases, strict=True):
            swing += 0.5 * np.sin(2 * np.pi * t / period + phase)
        return e.noise_uv * np.exp(e.noise_swing * swing)

    def _tail(self, number: int) -> NDArray[np.float32]:
        key = ("noise tail", self._key[1], number + 1)
        return stream(self._key[0], *key).standard_normal(2 * TAPS, dtype=np.float32)


def interference(
    electrode: Electrode, heart: Heart, rate_hz: float, first: int, count: int
) -> Floats:
    """Return mains hum and the leaked electrocardiogram, uV."""
    t = (first + np.arange(count)) / rate_hz
    out = electrode.mains_uv * hum(t, rate_hz, electrode.mains_hz, (1.0, 0.0, 0.25))
    add_beats(out, heart, rate_hz, first, electrode.ecg_uv)
    return out


def hum(t: Floats, rate_hz: float, mains_hz: float, shares: tuple[float, ...]) -> Floats:
    """Return mains and its harmonics, as far as the converter passes them."""
    out = np.zeros_like(t)
    for harmonic, share in enumerate(shares, start=1):
        if share and harmonic * mains_hz < 0.48 * rate_hz:
            out += share * np.sin(2 * np.pi * harmonic * mains_hz * t + harmonic)
    return out


def add_beats(out: Floats, heart: Heart, rate_hz: float, first: int, size_uv: float) -> None:
    """Add the heart's beats to the samples from `first` on, in place."""
    start = first / rate_hz
    for beat in heart.beats(start, start + out.size / rate_hz):
        _add_beat(out, beat * rate_hz - first, rate_hz, (size_uv, heart.width_s))


def _colour(electrode: Electrode, rate_hz: float) -> Floats:
    """Return taps that give unit noise between 10 and 100 Hz the electrode's spectrum."""
    frequency = np.fft.rfftfreq(2 * TAPS, 1 / rate_hz)
    power = 1 + (electrode.corner_hz / np.maximum(frequency, 2.0)) ** electrode.slope
    corner = electrode.high_pass_hz
    high = (frequency / corner) ** 4 / (1 + (frequency / corner) ** 4)
    low = np.clip((0.49 - frequency / rate_hz) / 0.06, 0.0, 1.0)
    response = np.sqrt(power * high) * (0.5 - 0.5 * np.cos(np.pi * low))
    taps: Floats = np.roll(np.fft.irfft(response), TAPS) * np.hanning(2 * TAPS)
    fine = np.fft.rfftfreq(16384, 1 / rate_hz)
    seen = np.abs(np.fft.rfft(taps, 16384)) ** 2
    band = (fine >= 10) & (fine <= 100)
    return taps / float(np.sqrt(seen[band].sum() / fine.size))


def _add_beat(
    out: Floats, at: float, rate_hz: float, size_and_width: tuple[float, float]
) -> None:
    size_uv, wide = size_and_width
    reach = round(0.06 * rate_hz)
    low, high = max(0, int(at) - reach), min(out.size, int(at) + reach)
    if low < high:
        x = (np.arange(low, high) - at) / rate_hz
        out[low:high] += size_uv * (1 - (x / wide) ** 2) * np.exp(-0.5 * (x / wide) ** 2)


def _good_size(least: int) -> int:
    """Return the next size of the form 2^a or 3 * 2^a: fast in every FFT."""
    power = 1 << (least - 1).bit_length()
    return power * 3 // 4 if power * 3 // 4 >= least else power
