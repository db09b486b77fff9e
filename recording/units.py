"""Units as files spell them, and whether an amplitude can come from skin.

This is the one gate through which physical scales enter: electromyograms leave it in
``uV`` or ``count``, acceleration in ``g`` or ``count``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .model import Kind, Segment

LARGEST_ON_SKIN_UV = 20_000.0
"""Surface EMG stays below about 5 mV peak; four times that is no muscle."""

LARGEST_REST_UV = 500.0
"""RMS of the quietest excerpt: skin with an intact electrode rests well below."""

SMALLEST_ON_SKIN_UV = 0.1
"""Peak to peak within half a second: the noise of any electrode on skin is larger."""

COUNTS = frozenset(("", "count", "counts", "adu", "raw", "lsb"))
"""Spellings of a scale that is not physical."""

_EXCERPTS = 12
_EXCERPT_S = 0.5


@dataclass(frozen=True, slots=True)
class Scale:
    """A unit of this program and the factor that leads to it.

    Attributes
    ----------
    unit
        ``uV``, ``g``, ``deg/s``, ``count``, or the file's own for kinds that are not used.
    factor
        Multiplier from the file's unit.
    physical
        Whether the file states a physical unit that fits the kind of signal.
    """

    unit: str
    factor: float
    physical: bool


def scale_of(text: str, kind: Kind) -> Scale:
    """Return the scale for a unit as a file spells it.

    Parameters
    ----------
    text
        ``uV``, ``µV``, ``mV``, ``V``, ``nV``, ``g``, ``mg``, ``m/s²``, ``count``, empty, ...
    kind
        Kind of the signal; a unit that does not fit it (``mg`` for EMG) is not trusted.
    """
    name = text.strip().strip("[]()").replace("µ", "u").replace("μ", "u").replace("²", "2")
    name = re.sub(r"[\s^*·.]", "", name)
    if kind in ("emg", "ecg"):
        factor = _VOLTS.get(name) or _VOLTS.get(name.lower())
        return Scale("uV", factor, True) if factor else Scale("count", 1.0, False)
    if kind == "acc":
        factor = _GRAVITIES.get(name.lower())
        return Scale("g", factor, True) if factor else Scale("count", 1.0, False)
    if kind == "gyro":
        factor = _TURNS.get(name.lower())
        return Scale("deg/s", factor, True) if factor else Scale("count", 1.0, False)
    return Scale(text.strip() or "count", 1.0, bool(text.strip()))


def doubt_about_emg(
    segments: Sequence[Segment], rate_hz: float, gain: float, offset: float
) -> str:
    """Return why an amplitude in microvolts cannot be true, or an empty string.

    A few half-second excerpts are read, never the whole signal. A signal that is exactly
    constant raises no doubt: it is dead, which is another matter.
    """
    swings: list[float] = []
    rests: list[float] = []
    ranges: list[float] = []
    for raw in excerpts(segments, rate_hz):
        values = raw[:, 0].astype(np.float64) * gain + offset
        values = values[np.isfinite(values)]
        if values.size < 8 or np.ptp(values) == 0:
            continue
        ranges.append(float(np.ptp(values)))
        flat = _without_trend(values)
        swings.append(float(np.quantile(np.abs(flat), 0.995)))
        rests.append(float(np.sqrt(np.mean(flat**2))))
    if not swings:
        return ""
    large = sum(swing > LARGEST_ON_SKIN_UV for swing in swings) >= max(1, len(swings) / 4)
    if large or min(rests) > LARGEST_REST_UV:
        return (
            f"its amplitude reaches {_spell(max(swings))}, and it rests at {_spell(min(rests))}"
            ": more than skin gives, so the unit or the gain in the file is wrong and only "
            "relative rules apply"
        )
    if max(ranges) < SMALLEST_ON_SKIN_UV:
        return (
            f"it never moves by more than {max(ranges):.2g} uV: less than the noise of skin, "
            "as when volts are passed as microvolts; state the unit, until then only relative "
            "rules apply"
        )
    return ""


def doubt_about_acceleration(
    segments: Sequence[Segment],
    rate_hz: float,
    gain: NDArray[np.float64],
    offset: NDArray[np.float64],
) -> str:
    """Return why a three-axis acceleration in g cannot be true, or an empty string."""
    size = _gravity(segments, rate_hz, gain, offset)
    if size is not None and not 0.5 <= size <= 2.0:
        return f"it measures {size:.3g} g where gravity is 1 g, so its scale is not trusted"
    return ""


def likely_g(
    segments: Sequence[Segment],
    rate_hz: float,
    gain: NDArray[np.float64],
    offset: NDArray[np.float64],
) -> float:
    """Return the factor to g for an acceleration without unit, 0 where gravity tells none."""
    size = _gravity(segments, rate_hz, gain, offset) or 0.0
    if 0.8 <= size <= 1.25:
        return 1.0
    return 1 / _STANDARD_GRAVITY if 0.8 <= size / _STANDARD_GRAVITY <= 1.25 else 0.0


def excerpts(
    segments: Sequence[Segment], rate_hz: float, seconds: float = _EXCERPT_S
) -> Iterator[NDArray[np.generic]]:
    """Yield a dozen short runs of raw numbers, spread evenly over the segments."""
    lengths = np.array([len(segment) for segment in segments], np.int64)
    total = int(lengths.sum())
    if total == 0:
        return
    size = int(max(8, min(seconds * rate_hz, 5_000)))
    ends = np.cumsum(lengths)
    for place in np.unique(np.linspace(0, max(0, total - size), _EXCERPTS).astype(np.int64)):
        number = int(np.searchsorted(ends, place, side="right"))
        start = int(place - (ends[number] - lengths[number]))
        stop = min(start + size, len(segments[number]))
        yield segments[number].source.read(start, stop)


def _gravity(
    segments: Sequence[Segment],
    rate_hz: float,
    gain: NDArray[np.float64],
    offset: NDArray[np.float64],
) -> float | None:
    """Return the usual length of the vector, None where it carries nothing."""
    sizes: list[float] = []
    for raw in excerpts(segments, rate_hz):
        values = raw.astype(np.float64) * gain + offset
        size = np.sqrt(np.sum(np.median(values, axis=0) ** 2)) if values.size else 0.0
        if np.isfinite(size) and np.any(raw):
            sizes.append(float(size))
    return float(np.median(sizes)) if sizes else None


def _without_trend(values: NDArray[np.float64]) -> NDArray[np.float64]:
    time = np.linspace(-1.0, 1.0, len(values))
    centred = values - values.mean()
    slope = float(time @ centred) / float(time @ time)
    flat: NDArray[np.float64] = centred - slope * time
    return flat


def _spell(microvolts: float) -> str:
    if microvolts >= 1e6:
        return f"{microvolts / 1e6:.3g} V"
    return f"{microvolts / 1e3:.3g} mV" if microvolts >= 1e3 else f"{microvolts:.3g} uV"


_VOLTS = {
    "uV": 1.0, "uv": 1.0, "microvolt": 1.0, "microvolts": 1.0, "uvolt": 1.0, "uvolts": 1.0,
    "mV": 1e3, "mv": 1e3, "millivolt": 1e3, "millivolts": 1e3,
    "V": 1e6, "v": 1e6, "volt": 1e6, "volts": 1e6,
    "nV": 1e-3, "nv": 1e-3, "nanovolt": 1e-3, "nanovolts": 1e-3,
}  # fmt: skip
_STANDARD_GRAVITY = 9.80665
_GRAVITIES = {
    "g": 1.0, "gn": 1.0, "gforce": 1.0, "g-force": 1.0, "mg": 1e-3, "millig": 1e-3, "ug": 1e-6,
    "m/s2": 1 / _STANDARD_GRAVITY, "m/s/s": 1 / _STANDARD_GRAVITY,
    "ms-2": 1 / _STANDARD_GRAVITY, "m/sec2": 1 / _STANDARD_GRAVITY,
    "mm/s2": 1e-3 / _STANDARD_GRAVITY,
}  # fmt: skip
_TURNS = {
    "deg/s": 1.0, "dps": 1.0, "°/s": 1.0, "degree/s": 1.0, "mdps": 1e-3, "mdeg/s": 1e-3,
    "rad/s": 57.29577951308232,
}  # fmt: skip
