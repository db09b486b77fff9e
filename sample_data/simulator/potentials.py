"""What a surface electrode sees of one motor unit.

The action potential at the skin is that of a tripole that travels from the end plate to both
ends of the fibre, seen by two electrodes in difference (Rosenfalck 1969; Merletti and Parker,
Electromyography, 2004, ch. 4).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MUAP_S = 0.044
MUAP_LEAD_S = 0.004
FIBRES_DRAWN = 7
"""Fibre groups that stand for one unit: they blur its potential as real ones do."""


@dataclass(frozen=True, slots=True)
class Geometry:
    """How the electrodes lie over the muscle, and its fibres under them.

    Attributes
    ----------
    fat_mm
        Skin and fat between the electrodes and the nearest fibre, mm.
    spacing_mm
        Distance between the two electrodes, mm.
    speed_m_s
        Mean conduction velocity of the fibres, m/s.
    depth_mm
        Reach of the muscle below the fat, mm.
    electrode_mm
        From the end plates to the middle of the electrodes, mm.
    half_fibre_mm
        From the end plate to the end of a fibre, mm.
    plates_mm
        Scatter of the end plates, mm.
    front_mm, back_mm
        Distances between the three poles of the action potential, mm.
    """

    fat_mm: float
    spacing_mm: float
    speed_m_s: float
    depth_mm: float = 16.0
    electrode_mm: float = 28.0
    half_fibre_mm: float = 55.0
    plates_mm: float = 3.5
    front_mm: float = 2.1
    back_mm: float = 4.8


def potentials(
    rng: np.random.Generator,
    fibres: Floats,
    size_range: float,
    depth_mm: Floats,
    geometry: Geometry,
) -> tuple[Floats, float]:
    """Return the difference potential of each unit and its sampling rate.

    Larger units conduct faster (Andreassen and Arendt-Nielsen, J Physiol 1987; 391:561).
    """
    rate = 16000.0
    units = fibres.size
    t = (np.arange(round(MUAP_S * rate)) / rate - MUAP_LEAD_S) * 1000.0
    size = (np.log(fibres) - np.log(fibres).mean()) / np.log(size_range)
    speed = geometry.speed_m_s + 0.8 * size + 0.3 * rng.standard_normal(units)
    speed = np.clip(speed, 2.2, 5.6)
    electrode = rng.normal(geometry.electrode_mm, 6.0, units)
    out = np.zeros((units, t.size))
    for _ in range(FIBRES_DRAWN):
        plate = rng.normal(0.0, geometry.plates_mm, units)
        reach = np.abs(rng.normal(geometry.half_fibre_mm, 6.0, units))
        late = np.abs(rng.normal(0.0, 0.4, units))
        for direction in (1.0, -1.0):
            front = speed[:, None] * (t[None, :] - late[:, None])
            path = _Path(direction, plate, reach)
            for sign in (1.0, -1.0):
                at = electrode - 0.5 * sign * geometry.spacing_mm
                out += sign * _travelling(front, path, at, depth_mm, geometry)
    out *= (fibres * rng.choice([-1.0, 1.0], units))[:, None] / FIBRES_DRAWN
    out -= out.mean(axis=1, keepdims=True)
    taper = np.minimum(1.0, np.minimum(np.arange(t.size), np.arange(t.size)[::-1]) / 48.0)
    return out * taper, rate


@dataclass(frozen=True, slots=True)
class _Path:
    """Half of a fibre in each unit: from the end plate, mm, to where it ends."""

    direction: float
    plate_mm: Floats
    reach_mm: Floats


def _travelling(
    front_mm: Floats, path: _Path, electrode_mm: Floats, depth_mm: Floats, geometry: Geometry
) -> Floats:
    """Return what an electrode sees of a tripole along a fibre, shape ``(units, times)``.

    A pole waits at the end plate until it is born and stays at the end of the fibre, so
    that the sum of the charges is always zero.
    """
    whole = geometry.front_mm + geometry.back_mm
    poles = (
        (geometry.back_mm / whole, 0.0),
        (-1.0, geometry.front_mm),
        (geometry.front_mm / whole, whole),
    )
    seen = np.zeros_like(front_mm)
    for charge, lag in poles:
        gone = np.clip(front_mm - lag, 0.0, path.reach_mm[:, None])
        place = path.plate_mm[:, None] + path.direction * gone
        seen += charge / np.hypot(electrode_mm[:, None] - place, depth_mm[:, None])
    return seen
