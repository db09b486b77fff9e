"""One muscle at its electrodes: planned levels in, potentials out, page by page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .motor_units import Bank, Pool, bank, bank_length
from .paging import PAGE_S, Shelf, page_span
from .plan import Activation
from .randomness import stream

DRIVE_STEP_S = 0.01

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class _Units:
    """A pool, its potentials at the channel's rate, and the level each excitation gives."""

    pool: Pool
    shapes: Bank
    excitation: Floats
    rms_uv: Floats


class Muscle:
    """The potential of one muscle, uV.

    Parameters
    ----------
    make_pools
        Returns motor units by the name that an activation's `pool` gives; called when the
        muscle is first active.
    activations
        What the muscle does in the night.
    rate_hz
        Sampling rate of the potential, Hz.
    seed, label
        What the discharges depend on.
    """

    def __init__(
        self,
        make_pools: Callable[[], Mapping[str, Pool]],
        activations: tuple[Activation, ...],
        *,
        rate_hz: float,
        seed: int,
        label: str,
    ) -> None:
        self._make_pools = make_pools
        self._activations = activations
        self._rate_hz = rate_hz
        self._key = (seed, label)
        self._shelf = Shelf(self._rendered)

    @cached_property
    def _units(self) -> Mapping[str, _Units]:
        return {
            name: _Units(pool, bank(pool, self._rate_hz), *pool.rms_curve())
            for name, pool in self._make_pools().items()
        }

    def page(self, number: int) -> Floats:
        """Return the potential of a page, uV."""
        own, _ = self._shelf.page(number)
        if number == 0:
            return own
        _, spill = self._shelf.page(number - 1)
        out = own.copy()
        out[: spill.size] += spill[: out.size]
        return out

    def _rendered(self, number: int) -> tuple[Floats, Floats]:
        """Return what the discharges of a page give in it, and in the next."""
        first, after = page_span(number, self._rate_hz)
        count = after - first
        start = number * PAGE_S
        total = np.zeros(count + bank_length(self._rate_hz))
        for name in sorted({work.pool for work in self._activations}):
            level = self._level(name, start)
            active = np.flatnonzero(level)
            if not active.size:
                continue
            low, high = int(active[0]), int(active[-1]) + 1
            units = self._units[name]
            spikes = units.pool.discharge(
                np.interp(level[low:high], units.rms_uv, units.excitation),
                start + low * DRIVE_STEP_S,
                DRIVE_STEP_S,
                stream(self._key[0], "spikes", self._key[1], name, number),
            )
            total += units.shapes.render(spikes, first, count)
        return total[:count], total[count:]

    def _level(self, pool: str, start: float) -> Floats:
        """Return the wanted level every `DRIVE_STEP_S` of a page, uV RMS."""
        steps = np.arange(round(PAGE_S / DRIVE_STEP_S), dtype=np.float64)
        t = start + (steps + 0.5) * DRIVE_STEP_S
        power = np.zeros(t.size)
        for work in self._activations:
            if work.pool == pool and work.onset_s < t[-1] and work.end_s > start:
                power += (work.level_uv * work.envelope.at(t - work.onset_s)) ** 2
        return np.sqrt(power)
