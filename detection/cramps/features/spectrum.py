"""What the contraction is made of: muscle, or noise.

A muscle's signal has passed through tissue: it lies below 150 Hz. An electrode that comes off
adds white noise. Both are looked at in what the contraction adds to rest.
"""

from __future__ import annotations

import numpy as np

from ...signal.robust import median
from .feature import Feature
from .scene import Scene, log_ratio

LEAST_RATE_HZ = 400.0
"""Below this sampling rate nothing is said of the spectrum, Hz."""

_TISSUE = "tissue is a low-pass (Lindstrom and Magnusson 1977); measure of Hjorth 1970"
_COURSE = "larger cramps have a compressed spectrum (Neurophysiol Clin 2009;39:15)"
_SPARSE = (
    "form factor: few units fire sparsely, many give a Gaussian signal (Clancy et al. 2002)"
)

FEATURES = (
    Feature(
        "mobility_hz",
        "Hz",
        "spectrum",
        "mean frequency of what it adds to rest",
        _TISSUE,
        portable=False,
    ),
    Feature(
        "mobility_change",
        "1",
        "spectrum",
        "its mean frequency over that of rest",
        _TISSUE,
        portable=False,
    ),
    Feature(
        "mobility_course",
        "1",
        "spectrum",
        "mean frequency, last third over first",
        _COURSE,
        portable=False,
    ),
    Feature(
        "whiteness",
        "1",
        "spectrum",
        "how much of what it adds lies above the band",
        _TISSUE,
        portable=False,
    ),
    Feature(
        "whiteness_change", "1", "spectrum", "the same over that of rest", _TISSUE, expects=-1
    ),
    Feature(
        "form",
        "1",
        "texture",
        "RMS over mean amplitude: 1.25 where dense",
        _SPARSE,
        portable=False,
    ),
    Feature(
        "form_change", "1", "texture", "the same over that of rest", _SPARSE, portable=False
    ),
)


def measure(scene: Scene) -> dict[str, float]:
    """Return the features of `FEATURES`; without a spectrum below `LEAST_RATE_HZ`."""
    values = dict.fromkeys((feature.name for feature in FEATURES), float("nan"))
    track, cells, quiet = scene.track, scene.during, scene.quiet
    if cells.size < 4:
        return values
    form = median(track.rms[cells] / np.maximum(track.level[cells], 1e-9))
    values["form"] = form
    if quiet.size:
        resting = median(track.rms[quiet] / np.maximum(track.level[quiet], 1e-9))
        values["form_change"] = log_ratio(form, resting)
    if track.report.rate_hz < LEAST_RATE_HZ:
        return values
    power, slope, wide = (
        np.square(column[cells].astype(np.float64))
        for column in (track.rms, track.steep, track.wide)
    )
    rest = [0.0, 0.0, 0.0]
    if quiet.size:
        rest = [
            median(np.square(column[quiet].astype(np.float64)))
            for column in (track.rms, track.steep, track.wide)
        ]
        if rest[0] > 0.0:
            usual_hz = float(np.sqrt(rest[1] / rest[0])) / (2.0 * np.pi)
            usual_wide = 0.5 * log_ratio(rest[2], rest[0])
            values["mobility_change"] = log_ratio(_mobility(power, slope), usual_hz)
            values["whiteness_change"] = _whiteness(power, wide) - usual_wide
    added, steeper, wider = power - rest[0], slope - rest[1], wide - rest[2]
    if np.median(added) <= 0.0:
        return values
    values["mobility_hz"] = _mobility(added, steeper)
    values["whiteness"] = _whiteness(added, wider)
    third = cells.size // 3
    if third >= 4:
        values["mobility_course"] = log_ratio(
            _mobility(added[-third:], steeper[-third:]),
            _mobility(added[:third], steeper[:third]),
        )
    return values


def _mobility(power: np.ndarray, slope: np.ndarray) -> float:
    """Return the root of the second spectral moment, Hz."""
    whole, steep = median(power), median(slope)
    if whole <= 0.0 or steep <= 0.0:
        return float("nan")
    return float(np.sqrt(steep / whole)) / (2.0 * np.pi)


def _whiteness(power: np.ndarray, wide: np.ndarray) -> float:
    """Return the logarithm of the unfiltered first difference over the band."""
    return 0.5 * log_ratio(max(median(wide), 1e-12), median(power))
