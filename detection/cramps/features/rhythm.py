"""Rhythms in the level: slow modulation of a cramp, steps, tremor, the heart."""

from __future__ import annotations

import numpy as np

from .feature import Feature
from .scene import Scene, ratio_of

_CRAMP = "common modulation at 1.4 +- 0.4 Hz (Minetto et al. 2009, foot muscle)"
_STEPS = "steps at 0.8-2 Hz; foot tremor and alternating activation (Yang 2010, Chervin 2003)"
_NOISE = "the envelope of steady noise varies by its bandwidth alone (Clancy et al. 2002)"

FEATURES = (
    Feature("modulation", "1", "rhythm", "modulation at 0.5 to 2 Hz, over the level", _CRAMP),
    Feature("flutter", "1", "rhythm", "modulation above 2 Hz, over the level", _STEPS),
    Feature("sway", "1", "rhythm", "modulation below 0.5 Hz, over the level", _CRAMP),
    Feature("periodicity", "1", "rhythm", "regularity of the modulation", _STEPS),
    Feature("rhythm_hz", "Hz", "rhythm", "rate of the modulation", _STEPS, portable=False),
    Feature("unrest", "1", "rhythm", "unevenness of the level over that of rest", _NOISE),
)

_LEAST_S = 4.0
_LONGEST_S = 120.0


def measure(scene: Scene) -> dict[str, float]:
    """Return the features of `FEATURES`."""
    values = dict.fromkeys((feature.name for feature in FEATURES), float("nan"))
    step = scene.course_s
    course = scene.course[: round(_LONGEST_S / step)]
    if course.size * step < _LEAST_S:
        return values
    excess = np.maximum(course - 1.0, 0.0)
    mean = float(excess.mean())
    if mean <= 0.0:
        return values
    wave = excess / mean - 1.0
    at = np.arange(wave.size) - 0.5 * (wave.size - 1)
    wave = wave - at * float(at @ wave) / float(at @ at)
    power = np.abs(np.fft.rfft(wave)) ** 2 / wave.size**2
    power[1:] *= 2.0
    frequency = np.fft.rfftfreq(wave.size, step)

    def band(low: float, high: float) -> float:
        inside = (frequency >= low) & (frequency < high)
        return float(np.sqrt(power[inside].sum()))

    values["modulation"] = band(0.5, 2.0)
    values["flutter"] = band(2.0, np.inf)
    values["sway"] = band(1e-9, 0.5)
    values["periodicity"], values["rhythm_hz"] = _periodicity(wave, step)
    quiet = scene.quiet
    if quiet.size:
        values["unrest"] = _unevenness(scene.ratio) / max(
            _unevenness(ratio_of(scene.track, quiet)), 1e-3
        )
    return values


def _unevenness(ratio: np.ndarray) -> float:
    """Return the typical difference of neighbouring cells over their level."""
    if ratio.size < 2:
        return float("nan")
    return float(np.median(np.abs(np.diff(ratio))) / np.median(ratio))


def _periodicity(wave: np.ndarray, step: float) -> tuple[float, float]:
    """Return the highest autocorrelation at 0.25 to 2.5 s and its rate, Hz."""
    slow = wave - np.convolve(wave, np.ones(25) / 25.0, "same") if wave.size > 50 else wave
    size = 1 << (2 * slow.size - 1).bit_length()
    product = np.fft.irfft(np.abs(np.fft.rfft(slow, size)) ** 2, size)[: slow.size]
    if product[0] <= 0.0:
        return float("nan"), float("nan")
    correlation = product / product[0] * slow.size / np.arange(slow.size, 0, -1)
    low = max(2, round(0.25 / step))
    high = min(slow.size // 2, round(2.5 / step))
    if high - low < 3:
        return float("nan"), float("nan")
    inside = correlation[low:high]
    rising = 1 + np.flatnonzero((inside[1:-1] >= inside[:-2]) & (inside[1:-1] >= inside[2:]))
    if rising.size == 0:
        return 0.0, float("nan")
    # a rhythm repeats at every multiple of its period: the first of the high peaks is its own
    best = int(rising[np.argmax(inside[rising] >= 0.85 * inside[rising].max())])
    return float(inside[best]), 1.0 / ((low + best) * step)
