"""Discharges in, the summed potentials at a channel's rate out."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from .motor_units import Pool, Spikes
from .potentials import MUAP_LEAD_S, MUAP_S

Floats = NDArray[np.float64]

_END_S = 0.004
"""Over which a lengthened potential that outgrows its room is faded."""


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

    def render(
        self, spikes: Spikes, first: int, count: int, size: Floats | None = None
    ) -> Floats:
        """Return the summed potentials, uV, for samples `first` to `first + count`.

        Discharges must not lie before the first sample. What hangs over the end is
        returned too: the shape is ``(count + length,)``. With `size`, each discharge has
        its own, as a fraction of the unit's potential.
        """
        room = count + self.length
        out = np.zeros(room)
        position = spikes.time_s * self.rate_hz
        sample = np.ceil(position).astype(np.intp)
        phases = self.shapes.shape[1]
        phase = np.minimum(((sample - position) * phases).astype(np.intp), phases - 1)
        sample -= first
        inside = (sample >= 0) & (sample <= count)
        unit, sample, phase = spikes.unit[inside], sample[inside], phase[inside]
        own = None if size is None else size[inside, None]
        span = np.arange(self.length)
        for start in range(0, unit.size, 32768):
            some = slice(start, start + 32768)
            place = sample[some, None] + span
            shape = self.shapes[unit[some], phase[some]]
            if own is not None:
                shape = shape * own[some]
            out += np.bincount(place.ravel(), shape.ravel(), minlength=room + 1)[:room]
        return out

    def peaks(self) -> Floats:
        """Return the largest deflection of each unit, uV, shape ``(units,)``."""
        largest: Floats = np.abs(self.shapes).max(axis=(1, 2))
        return largest


def bank(pool: Pool, rate_hz: float, stretch: float = 1.0) -> Bank:
    """Return the potentials of `pool` as a converter at `rate_hz` samples them.

    Parameters
    ----------
    stretch
        Length of the potentials over that of the pool's, at the same energy: above 1 as
        with slower conduction.
    """
    phases = max(8, ceil(8000.0 / rate_hz))
    fine = phases * rate_hz
    length = bank_length(rate_hz)
    at = np.arange(length * phases) / fine
    known = np.arange(pool.muap.shape[1]) / pool.muap_rate_hz
    muap = pool.muap
    if stretch != 1.0:
        when = (known - MUAP_LEAD_S) / stretch + MUAP_LEAD_S
        end = np.clip((known[-1] - known) / _END_S, 0.0, 1.0) / np.sqrt(stretch)
        muap = end * np.stack([np.interp(when, known, row, 0.0, 0.0) for row in muap])
    padded = _low_pass(muap, pool.muap_rate_hz, rate_hz)
    shapes = np.stack([np.interp(at, known, row, right=0.0) for row in padded])
    return Bank(
        np.ascontiguousarray(shapes.reshape(len(shapes), length, phases).swapaxes(1, 2)),
        rate_hz,
    )


def bank_length(rate_hz: float) -> int:
    """Return the samples of one potential at a channel's rate."""
    return ceil(MUAP_S * rate_hz) + 1


def _low_pass(muap: Floats, muap_rate_hz: float, rate_hz: float) -> Floats:
    """Return the potentials without what a converter at `rate_hz` would alias."""
    length = muap.shape[1]
    padded = 2 * length
    frequency = np.fft.rfftfreq(padded, 1 / muap_rate_hz)
    ramp = np.clip((0.48 - frequency / rate_hz) / 0.08, 0.0, 1.0)
    smooth = 0.5 - 0.5 * np.cos(np.pi * ramp)
    return np.fft.irfft(np.fft.rfft(muap, padded, axis=1) * smooth, padded, axis=1)[:, :length]
