"""A pool of motor units: recruitment, firing, and what a surface electrode sees of it.

Recruitment and rate coding follow Fuglevand, Winter and Patla (J Neurophysiol 1993;
70:2470). The action potential at the skin is that of a tripole that travels from the end
plate to both ends of the fibre, seen by two electrodes in difference (Rosenfalck 1969;
Merletti and Parker, Electromyography, 2004, ch. 4).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

UNITS = 120
"""Motor units within reach of the electrodes."""

RECRUITMENT_RANGE = 30.0
RECRUITMENT_LIMIT = 0.7
"""Excitation at which the last unit joins, as a fraction of the maximum."""

MIN_RATE = 8.0
PEAK_RATE_FIRST = 35.0
PEAK_RATE_LAST = 25.0
SIZE_RANGE = 60.0
"""Fibres of the largest unit over those of the smallest."""

SHORTEST_INTERVAL = 0.3
"""Between two discharges of a unit, as a fraction of the mean interval."""

MUAP_S = 0.044
MUAP_LEAD_S = 0.004
TRIPOLE_FRONT_MM = 2.1
TRIPOLE_BACK_MM = 4.8
FIBRES_DRAWN = 7
"""Fibre groups that stand for one unit: they blur its potential as real ones do."""


@dataclass(frozen=True, slots=True)
class Geometry:
    """How the electrodes lie over the muscle.

    Attributes
    ----------
    fat_mm
        Skin and fat between the electrodes and the nearest fibre, mm.
    spacing_mm
        Distance between the two electrodes, mm.
    speed_m_s
        Mean conduction velocity of the fibres, m/s.
    """

    fat_mm: float
    spacing_mm: float
    speed_m_s: float


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

    def rates(self, excitation: Floats) -> Floats:
        """Return firing rates, pulses per second, shape ``(units, times)``."""
        above = excitation[None, :] - self.threshold[:, None]
        rate = self.rate_low[:, None] + self.rate_gain[:, None] * above
        np.minimum(rate, self.rate_peak[:, None], out=rate)
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
        rate = self.rates(excitation)[recruited]
        expected = np.zeros((recruited.size, excitation.size + 1))
        np.cumsum(rate, axis=1, out=expected[:, 1:])
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


@dataclass(frozen=True, slots=True, eq=False)
class Bank:
    """The potentials of a pool at a channel's rate, in several sub-sample phases.

    Attributes
    ----------
    shapes
        Shape ``(units, phases, samples)``, uV.
    rate_hz
        Sampling rate of the channel, Hz.
    """

    shapes: Floats
    rate_hz: float

    @property
    def length(self) -> int:
        """Samples of one potential."""
        return int(self.shapes.shape[2])

    def render(self, spikes: Spikes, first: int, count: int) -> Floats:
        """Return the summed potentials, uV, for samples `first` to `first + count`.

        Discharges must not lie before the first sample. What hangs over the end is
        returned too: the shape is ``(count + length,)``.
        """
        size = count + self.length
        out = np.zeros(size)
        position = spikes.time_s * self.rate_hz
        sample = np.ceil(position).astype(np.intp)
        phases = self.shapes.shape[1]
        phase = np.minimum(((sample - position) * phases).astype(np.intp), phases - 1)
        sample -= first
        inside = (sample >= 0) & (sample <= count)
        unit, sample, phase = spikes.unit[inside], sample[inside], phase[inside]
        span = np.arange(self.length)
        for start in range(0, unit.size, 32768):
            some = slice(start, start + 32768)
            place = sample[some, None] + span
            shape = self.shapes[unit[some], phase[some]]
            out += np.bincount(place.ravel(), shape.ravel(), minlength=size + 1)[:size]
        return out


def voluntary_pool(rng: np.random.Generator, full_rms_uv: float, geometry: Geometry) -> Pool:
    """Return a pool recruited by size whose full excitation gives `full_rms_uv`.

    Parameters
    ----------
    rng
        Places the units in the muscle.
    full_rms_uv
        EMG level at excitation 1, uV RMS.
    geometry
        Where the electrodes are.
    """
    order = np.arange(1, UNITS + 1) / UNITS
    threshold = RECRUITMENT_LIMIT * np.exp(np.log(RECRUITMENT_RANGE) * (order - 1.0))
    peak = PEAK_RATE_FIRST + (PEAK_RATE_LAST - PEAK_RATE_FIRST) * order
    gain = (PEAK_RATE_LAST - MIN_RATE) / (1 - RECRUITMENT_LIMIT)
    depth = geometry.fat_mm + 16.0 * np.sqrt(rng.random(UNITS))
    muap, rate = _potentials(rng, np.exp(np.log(SIZE_RANGE) * order), depth, geometry)
    pool = Pool(
        threshold=threshold,
        rate_low=np.full(UNITS, MIN_RATE),
        rate_gain=np.full(UNITS, gain),
        rate_peak=peak,
        isi_cv=0.18,
        muap=muap,
        muap_rate_hz=rate,
    )
    return _scaled(pool, full_rms_uv)


def cramp_pool(rng: np.random.Generator, full_rms_uv: float, geometry: Geometry) -> Pool:
    """Return a pool as a cramp recruits it: one region, irregular discharges.

    Units that give little at the electrodes tend to join first, with much scatter: a weak
    cramp is a small or a distant one, not one large unit. In electrically elicited cramps
    units fired at 14.5 +- 5.1 pulses/s with an interval variation of 45 +- 10 % (Minetto,
    Holobar, Botter and Farina, J Neurophysiol 2009; 102:1890); a cramp may hold part of
    one head of gastrocnemius only (Ross and Thomas, Brain 1995; 118:983).
    """
    size = np.exp(np.log(SIZE_RANGE) * rng.random(UNITS))
    centre, width = rng.uniform(1.0, 10.0), rng.uniform(2.0, 6.0)
    depth = geometry.fat_mm + np.abs(centre + width * rng.standard_normal(UNITS))
    muap, rate = _potentials(rng, size, depth, geometry)
    seen = 0.5 * np.log(np.sum(muap**2, axis=1))
    muap = muap[np.argsort(seen + 0.6 * rng.standard_normal(UNITS))]
    base = np.clip(rng.normal(14.5, 3.5, UNITS), 7.0, 22.0)
    pool = Pool(
        threshold=np.sort(rng.uniform(0.005, 0.9, UNITS)),
        rate_low=base,
        rate_gain=np.full(UNITS, 5.0),
        rate_peak=np.full(UNITS, 25.0),
        isi_cv=0.45,
        muap=muap,
        muap_rate_hz=rate,
    )
    return _scaled(pool, full_rms_uv)


def bank(pool: Pool, rate_hz: float) -> Bank:
    """Return the potentials of `pool` as a converter at `rate_hz` samples them."""
    phases = max(8, ceil(8000.0 / rate_hz))
    fine = phases * rate_hz
    length = bank_length(rate_hz)
    padded = _low_pass(pool.muap, pool.muap_rate_hz, rate_hz)
    at = np.arange(length * phases) / fine
    known = np.arange(padded.shape[1]) / pool.muap_rate_hz
    shapes = np.stack([np.interp(at, known, row, right=0.0) for row in padded])
    return Bank(
        np.ascontiguousarray(shapes.reshape(len(shapes), length, phases).swapaxes(1, 2)),
        rate_hz,
    )


def bank_length(rate_hz: float) -> int:
    """Return the samples of one potential at a channel's rate."""
    return ceil(MUAP_S * rate_hz) + 1


def _scaled(pool: Pool, full_rms_uv: float) -> Pool:
    pool.muap.__imul__(full_rms_uv / pool.rms_curve()[1][-1])
    return pool


def _potentials(
    rng: np.random.Generator, fibres: Floats, depth_mm: Floats, geometry: Geometry
) -> tuple[Floats, float]:
    """Return the difference potential of each unit and its sampling rate.

    Larger units conduct faster (Andreassen and Arendt-Nielsen, J Physiol 1987; 391:561).
    """
    rate = 16000.0
    units = fibres.size
    t = (np.arange(round(MUAP_S * rate)) / rate - MUAP_LEAD_S) * 1000.0
    size = (np.log(fibres) - np.log(fibres).mean()) / np.log(SIZE_RANGE)
    speed = geometry.speed_m_s + 0.8 * size + 0.3 * rng.standard_normal(units)
    speed = np.clip(speed, 2.2, 5.6)
    electrode = rng.normal(28.0, 6.0, units)
    out = np.zeros((units, t.size))
    for _ in range(FIBRES_DRAWN):
        plate = rng.normal(0.0, 3.5, units)
        reach = np.abs(rng.normal(55.0, 6.0, units))
        late = np.abs(rng.normal(0.0, 0.4, units))
        for direction in (1.0, -1.0):
            front = speed[:, None] * (t[None, :] - late[:, None])
            path = _Path(direction, plate, reach)
            for sign in (1.0, -1.0):
                at = electrode - 0.5 * sign * geometry.spacing_mm
                out += sign * _travelling(front, path, at, depth_mm)
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
    front_mm: Floats, path: _Path, electrode_mm: Floats, depth_mm: Floats
) -> Floats:
    """Return what an electrode sees of a tripole along a fibre, shape ``(units, times)``.

    A pole waits at the end plate until it is born and stays at the end of the fibre, so
    that the sum of the charges is always zero.
    """
    whole = TRIPOLE_FRONT_MM + TRIPOLE_BACK_MM
    poles = (
        (TRIPOLE_BACK_MM / whole, 0.0),
        (-1.0, TRIPOLE_FRONT_MM),
        (TRIPOLE_FRONT_MM / whole, whole),
    )
    seen = np.zeros_like(front_mm)
    for charge, lag in poles:
        gone = np.clip(front_mm - lag, 0.0, path.reach_mm[:, None])
        place = path.plate_mm[:, None] + path.direction * gone
        seen += charge / np.hypot(electrode_mm[:, None] - place, depth_mm[:, None])
    return seen


def _low_pass(muap: Floats, muap_rate_hz: float, rate_hz: float) -> Floats:
    """Return the potentials without what a converter at `rate_hz` would alias."""
    length = muap.shape[1]
    padded = 2 * length
    frequency = np.fft.rfftfreq(padded, 1 / muap_rate_hz)
    ramp = np.clip((0.48 - frequency / rate_hz) / 0.08, 0.0, 1.0)
    smooth = 0.5 - 0.5 * np.cos(np.pi * ramp)
    return np.fft.irfft(np.fft.rfft(muap, padded, axis=1) * smooth, padded, axis=1)[:, :length]
