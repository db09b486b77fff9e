"""One muscle at its electrodes: planned levels in, potentials out, page by page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .carriers import Carrier
from .motor_units import Pool, Spikes
from .paging import PAGE_S, Shelf, page_span
from .plan import Activation, Twitches
from .randomness import stream
from .rendering import Bank, bank, bank_length

DRIVE_STEP_S = 0.01
STRETCH_STEP = 0.04
"""Potentials of a changing length come in steps of this size."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class _Units:
    """A pool, its potentials at the channel's rate, and the level each excitation gives."""

    pool: Pool
    shapes: Bank
    excitation: Floats
    rms_uv: Floats
    stretched: dict[float, Bank] = field(default_factory=dict)

    def longer(self, stretch: float) -> Bank:
        """Return the potentials at another length."""
        if stretch == 1.0:
            return self.shapes
        if stretch not in self.stretched:
            self.stretched[stretch] = bank(self.pool, self.shapes.rate_hz, stretch)
        return self.stretched[stretch]


class Muscle:
    """The potential of one muscle, uV.

    Parameters
    ----------
    make_pools
        Returns motor units by the name that an activation's `pool` gives; called when the
        muscle is first active.
    activations, twitches
        What the muscle does in the night.
    rate_hz
        Sampling rate of the potential, Hz.
    seed, label
        What the discharges depend on.
    carrier
        Texture that replaces that of the motor units; twitches stay simulated.
    """

    def __init__(
        self,
        make_pools: Callable[[], Mapping[str, Pool]],
        activations: tuple[Activation, ...],
        twitches: tuple[Twitches, ...] = (),
        *,
        rate_hz: float,
        seed: int,
        label: str,
        carrier: Carrier | None = None,
    ) -> None:
        self._make_pools = make_pools
        self._activations = activations
        self._twitches = twitches
        self._rate_hz = rate_hz
        self._key = (seed, label)
        self._carrier = carrier
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
            if self._carrier is not None:
                t = (first + np.arange(count)) / self._rate_hz - start
                steps = (np.arange(level.size) + 0.5) * DRIVE_STEP_S
                texture = self._carrier.page(name, number, count)
                total[:count] += np.interp(t, steps, level) * texture
                continue
            units = self._units[name]
            spikes = units.pool.discharge(
                np.interp(level[low:high], units.rms_uv, units.excitation),
                start + low * DRIVE_STEP_S,
                DRIVE_STEP_S,
                stream(self._key[0], "spikes", self._key[1], name, number),
            )
            for stretch, some in self._lengths(name, spikes):
                total += units.longer(stretch).render(some, first, count)
        self._twitch(total, number, first, count)
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

    def _lengths(self, pool: str, spikes: Spikes) -> list[tuple[float, Spikes]]:
        """Return the discharges by the length of their potentials."""
        length = np.ones(spikes.time_s.size)
        for work in self._activations:
            if work.pool == pool and work.lengths != (1.0, 1.0):
                part = (spikes.time_s - work.onset_s) / work.envelope.duration_s
                inside = (part >= 0) & (part <= 1)
                begin, end = work.lengths
                length[inside] = begin + (end - begin) * part[inside]
        step = np.rint((length - 1.0) / STRETCH_STEP)
        return [
            (1.0 + float(n) * STRETCH_STEP, Spikes(spikes.unit[at], spikes.time_s[at]))
            for n in np.unique(step)
            for at in (step == n,)
        ]

    def _twitch(self, total: Floats, number: int, first: int, count: int) -> None:
        start, end = number * PAGE_S, (number + 1) * PAGE_S
        for some in self._twitches:
            times = np.asarray(some.times_s) + some.onset_s
            here = (times >= start) & (times < end)
            if here.any():
                shapes = self._units["voluntary"].shapes
                unit = np.asarray(some.units, np.intp)[here]
                size = np.asarray(some.peaks_uv)[here] / shapes.peaks()[unit]
                total += shapes.render(Spikes(unit, times[here]), first, count, size)
