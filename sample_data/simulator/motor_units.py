"""A pool of motor units: recruitment and firing.

Recruitment and rate coding follow Fuglevand, Winter and Patla (J Neurophysiol 1993;
70:2470).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from .potentials import Geometry, potentials

Floats = NDArray[np.float64]

UNITS = 120
"""Motor units within reach of the electrodes."""

SHORTEST_INTERVAL = 0.3
"""Between two discharges of a unit, as a fraction of the mean interval."""


@dataclass(frozen=True, slots=True)
class Traits:
    """How the units of a pool are recruited and fire.

    Attributes
    ----------
    recruitment_range
        Threshold of the last unit over that of the first.
    last_recruited
        Excitation at which the last unit joins, as a fraction of the maximum.
    rate_low
        Rate of a unit that has just joined, pulses per second.
    rate_first, rate_last
        Highest rates of the first and of the last unit, pulses per second.
    size_range
        Fibres of the largest unit over those of the smallest.
    isi_cv
        Coefficient of variation of the interval between discharges.
    """

    recruitment_range: float = 30.0
    last_recruited: float = 0.7
    rate_low: float = 8.0
    rate_first: float = 35.0
    rate_last: float = 25.0
    size_range: float = 60.0
    isi_cv: float = 0.18


@dataclass(frozen=True, slots=True)
class CrampTraits:
    """How units fire in a cramp: mean rate and its spread, pulses/s, and the variation."""

    rate: float = 14.5
    rate_spread: float = 3.5
    isi_cv: float = 0.45


@dataclass(frozen=True, slots=True)
class Spikes:
    """Discharges: unit number (int) and time from the start of the night (s), unsorted."""

    unit: NDArray[np.intp]
    time_s: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """Motor units that share an excitation between 0 and 1.

    Attributes
    ----------
    threshold
        Excitation at which a unit begins to fire, shape ``(units,)``.
    rate_low, rate_gain, rate_peak
        Firing rate: ``min(rate_low + rate_gain * (excitation - threshold), rate_peak)``,
        pulses per second, shape ``(units,)``.
    isi_cv
        Coefficient of variation of the interval between discharges.
    muap
        Potentials at `muap_rate_hz`, uV, shape ``(units, samples)``.
    muap_rate_hz
        Sampling rate of `muap`, Hz.
    """

    threshold: Floats
    rate_low: Floats
    rate_gain: Floats
    rate_peak: Floats
    isi_cv: float
    muap: Floats
    muap_rate_hz: float

    def rates(
        self, excitation: Floats, units: NDArray[np.intp] | slice = slice(None)
    ) -> Floats:
        """Return firing rates of some units, pulses per second, shape ``(units, times)``."""
        above = excitation[None, :] - self.threshold[units, None]
        rate = self.rate_low[units, None] + self.rate_gain[units, None] * above
        np.minimum(rate, self.rate_peak[units, None], out=rate)
        rate[above < 0] = 0.0
        return rate

    def rms_curve(self) -> tuple[Floats, Floats]:
        """Return excitations and the EMG level each gives, uV RMS (Campbell's theorem)."""
        excitation = np.concatenate([[0.0], np.geomspace(0.01, 1.0, 240)])
        energy = np.sum(self.muap**2, axis=1) / self.muap_rate_hz
        return excitation, np.sqrt(energy @ self.rates(excitation))

    def discharge(
        self, excitation: Floats, start_s: float, step_s: float, rng: np.random.Generator
    ) -> Spikes:
        """Return the discharges under an excitation sampled every `step_s` seconds.

        Each unit is a renewal process in operational time, the integral of its rate.
        """
        recruited = np.flatnonzero(self.threshold <= excitation.max(initial=0.0))
        if not recruited.size:
            return Spikes(np.empty(0, np.intp), np.empty(0))
        expected = np.zeros((recruited.size, excitation.size + 1))
        np.cumsum(self.rates(excitation, recruited), axis=1, out=expected[:, 1:])
        expected *= step_s
        total = expected[:, -1]
        most = float(total.max())
        draws = ceil(most + 6 * self.isi_cv * np.sqrt(most) + 4)
        interval = 1 + self.isi_cv * rng.standard_normal((recruited.size, draws))
        np.maximum(interval, SHORTEST_INTERVAL, out=interval)
        interval[:, 0] *= rng.random(recruited.size)
        moment = np.cumsum(interval, axis=1)
        unit, order = np.nonzero(moment < total[:, None])
        # One search for all units: each has its own stretch of the number line.
        apart = np.arange(recruited.size) * (most + 1.0)
        place = np.interp(
            moment[unit, order] + apart[unit],
            (expected + apart[:, None]).ravel(),
            np.tile(np.arange(excitation.size + 1), recruited.size),
        )
        return Spikes(recruited[unit], start_s + place * step_s)


def voluntary_pool(
    rng: np.random.Generator,
    full_rms_uv: float,
    geometry: Geometry,
    traits: Traits = Traits(),
) -> Pool:
    """Return a pool recruited by size whose full excitation gives `full_rms_uv`.

    Parameters
    ----------
    rng
        Places the units in the muscle.
    full_rms_uv
        EMG level at excitation 1, uV RMS.
    geometry
        Where the electrodes are.
    traits
        How the units are recruited and fire.
    """
    order = np.arange(1, UNITS + 1) / UNITS
    threshold = traits.last_recruited * np.exp(np.log(traits.recruitment_range) * (order - 1.0))
    peak = traits.rate_first + (traits.rate_last - traits.rate_first) * order
    gain = (traits.rate_last - traits.rate_low) / (1 - traits.last_recruited)
    depth = geometry.fat_mm + geometry.depth_mm * np.sqrt(rng.random(UNITS))
    fibres = np.exp(np.log(traits.size_range) * order)
    muap, rate = potentials(rng, fibres, traits.size_range, depth, geometry)
    pool = Pool(
        threshold=threshold,
        rate_low=np.full(UNITS, traits.rate_low),
        rate_gain=np.full(UNITS, gain),
        rate_peak=peak,
        isi_cv=traits.isi_cv,
        muap=muap,
        muap_rate_hz=rate,
    )
    return _scaled(pool, full_rms_uv)


def cramp_pool(
    rng: np.random.Generator,
    full_rms_uv: float,
    geometry: Geometry,
    traits: CrampTraits = CrampTraits(),
    size_range: float = Traits().size_range,
) -> Pool:
    """Return a pool as a cramp recruits it: one region, irregular discharges.

    Units that give little at the electrodes tend to join first, with much scatter: a weak
    cramp is a small or a distant one, not one large unit. In electrically elicited cramps
    units fired at 14.5 +- 5.1 pulses/s with an interval variation of 45 +- 10 % (Minetto,
    Holobar, Botter and Farina, J Neurophysiol 2009; 102:1890); a cramp may hold part of
    one head of gastrocnemius only (Ross and Thomas, Brain 1995; 118:983).
    """
    size = np.exp(np.log(size_range) * rng.random(UNITS))
    centre, width = rng.uniform(1.0, 10.0), rng.uniform(2.0, 6.0)
    depth = geometry.fat_mm + np.abs(centre + width * rng.standard_normal(UNITS))
    muap, rate = potentials(rng, size, size_range, depth, geometry)
    seen = 0.5 * np.log(np.sum(muap**2, axis=1))
    muap = muap[np.argsort(seen + 0.6 * rng.standard_normal(UNITS))]
    base = np.clip(rng.normal(traits.rate, traits.rate_spread, UNITS), 7.0, 22.0)
    pool = Pool(
        threshold=np.sort(rng.uniform(0.005, 0.9, UNITS)),
        rate_low=base,
        rate_gain=np.full(UNITS, 5.0),
        rate_peak=np.full(UNITS, 25.0),
        isi_cv=traits.isi_cv,
        muap=muap,
        muap_rate_hz=rate,
    )
    return _scaled(pool, full_rms_uv)


def _scaled(pool: Pool, full_rms_uv: float) -> Pool:
    pool.muap.__imul__(full_rms_uv / pool.rms_curve()[1][-1])
    return pool
