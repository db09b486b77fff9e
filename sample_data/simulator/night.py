"""A simulated night: computed page by page when it is read, the same however it is read."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from math import ceil

import numpy as np
from numpy.typing import NDArray

from ...recording.model import Event, Night, Segment, Side, Stream
from .accelerometer import LIMIT, STEP_G, Accelerometer, Posture
from .channels import (
    Converter,
    Electrode,
    Heart,
    NoiseSource,
    apply_faults,
    draw_electrode,
    interference,
)
from .happenings import MUSCLES, channel_label
from .motor_units import Bank, Pool, bank, cramp_pool, voluntary_pool
from .parameters import Draw
from .plan import Activation, Muscle, Plan
from .randomness import stream
from .scenarios import Scenario, find_scenario, make_plan

PAGE_S = 60.0
DRIVE_STEP_S = 0.01
PAGES_KEPT = 4
START = datetime(2000, 1, 1, 22, 30, 0)  # noqa: DTZ001 - local time of no place
NOTE = "SIMULATED: no muscle was recorded."

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class SimulatedNight:
    """A night that never was, and the truth about it.

    Attributes
    ----------
    night
        Signals, computed when read. It holds no events: a detector must find them.
    truth
        What happens in it, in order of time.
    scenario, seed
        What it was drawn from.
    plan
        Everything that happens, also what is not marked.
    """

    night: Night
    truth: tuple[Event, ...]
    scenario: Scenario
    seed: int
    plan: Plan


def simulate_night(
    scenario: str | Scenario, seed: int, *, hours: float | None = None
) -> SimulatedNight:
    """Return a simulated night whose samples are computed when they are read.

    Parameters
    ----------
    scenario
        A recipe or the name of one (see `SCENARIOS`).
    seed
        Same seed, same night, whatever the size of the blocks it is read in.
    hours
        Length; None for that of the scenario.

    Raises
    ------
    CrampwatchError
        The scenario is not known, or the length is not between a minute and a day.
    """
    recipe = find_scenario(scenario) if isinstance(scenario, str) else scenario
    plan = make_plan(recipe, seed, hours)
    person = _Person(recipe, plan, seed)
    montage = recipe.montage
    streams = [person.emg_stream(side, muscle) for side, muscle in montage.emg]
    streams += [person.accelerometer_stream(side) for side in montage.accelerometers]
    night = Night(
        streams=tuple(streams),
        start=START,
        format="simulated",
        devices=("crampwatch simulator",),
        notes=(NOTE, f"Scenario {recipe.name}, seed {seed}: {recipe.about}"),
    )
    return SimulatedNight(night, plan.truth, recipe, seed, plan)


@dataclass(frozen=True, slots=True, eq=False)
class PagedSource:
    """Raw numbers that are computed in pages of `PAGE_S` seconds, a few of them kept."""

    rate_hz: float
    size: int
    make: Callable[[int, int, int], NDArray[np.int16]]
    kept: OrderedDict[int, NDArray[np.int16]]

    def __len__(self) -> int:
        return self.size

    def read(self, start: int, stop: int) -> NDArray[np.int16]:
        """Return samples `start` to `stop`, shape ``(stop - start, n_axes)``."""
        start, stop = max(0, start), min(stop, self.size)
        number = int(start / self.rate_hz / PAGE_S)
        parts = []
        while start < stop:
            first, after = page_span(number, self.rate_hz)
            if after > start:
                page = self._page(number)
                parts.append(page[start - first : stop - first])
                start = after
            number += 1
        if not parts:
            return self._page(0)[:0]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def _page(self, number: int) -> NDArray[np.int16]:
        page = self.kept.get(number)
        if page is None:
            first, after = page_span(number, self.rate_hz)
            page = self.make(number, first, after - first)
            page.flags.writeable = False
            self.kept[number] = page
            if len(self.kept) > PAGES_KEPT:
                self.kept.popitem(last=False)
        return page


def page_span(number: int, rate_hz: float) -> tuple[int, int]:
    """Return the first sample of a page and of the next one."""
    return ceil(number * PAGE_S * rate_hz), ceil((number + 1) * PAGE_S * rate_hz)


class _Muscle:
    """The potentials of one muscle at its electrodes, uV."""

    def __init__(
        self,
        pools: dict[str, Pool],
        activations: tuple[Activation, ...],
        rate_hz: float,
        seed: int,
        label: str,
    ) -> None:
        self._pools = pools
        self._banks: dict[str, Bank] = {k: bank(p, rate_hz) for k, p in pools.items()}
        self._curves = {k: p.rms_curve() for k, p in pools.items()}
        self._activations = activations
        self._rate_hz = rate_hz
        self._key = (seed, label)
        self._kept: OrderedDict[int, tuple[Floats, Floats]] = OrderedDict()

    def page(self, number: int, first: int, count: int) -> Floats:
        """Return the potential of page `number`, uV."""
        own, _ = self._rendered(number, first, count)
        if number == 0:
            return own
        first, after = page_span(number - 1, self._rate_hz)
        _, spill = self._rendered(number - 1, first, after - first)
        if not spill.any():
            return own
        out = own.copy()
        out[: spill.size] += spill[: out.size]
        return out

    def _rendered(self, number: int, first: int, count: int) -> tuple[Floats, Floats]:
        found = self._kept.get(number)
        if found is None:
            found = self._render(number, first, count)
            self._kept[number] = found
            if len(self._kept) > PAGES_KEPT:
                self._kept.popitem(last=False)
        return found

    def _render(self, number: int, first: int, count: int) -> tuple[Floats, Floats]:
        start = number * PAGE_S
        reach = max(b.length for b in self._banks.values())
        total = np.zeros(count + reach)
        for name in self._pools:
            level = self._level(name, start)
            if not level.any():
                continue
            rms, excitation = self._curves[name][1], self._curves[name][0]
            drive = np.interp(level, rms, excitation)
            active = np.flatnonzero(level > 0)
            low, high = int(active[0]), int(active[-1]) + 1
            spikes = self._pools[name].discharge(
                drive[low:high],
                start + low * DRIVE_STEP_S,
                DRIVE_STEP_S,
                stream(self._key[0], "spikes", self._key[1], name, number),
            )
            potential = self._banks[name].render(spikes, first, count)
            total[: potential.size] += potential
        return total[:count], total[count:]

    def _level(self, pool: str, start: float) -> Floats:
        """Return the wanted level every `DRIVE_STEP_S` of a page, uV RMS."""
        t = start + (np.arange(round(PAGE_S / DRIVE_STEP_S)) + 0.5) * DRIVE_STEP_S
        power = np.zeros_like(t)
        for work in self._activations:
            if work.pool == pool and work.onset_s < t[-1] and work.end_s > start:
                power += (work.level_uv * work.envelope.at(t - work.onset_s)) ** 2
        return np.sqrt(power)


class _Person:
    """One sleeper for one night: muscles, electrodes, heart; makes the streams."""

    def __init__(self, scenario: Scenario, plan: Plan, seed: int) -> None:
        self._plan = plan
        self._seed = seed
        self._overrides = scenario.overrides
        self._montage = scenario.montage
        self._converter = Converter()
        draw = self._draw("heart")
        self._heart = Heart(draw("heart.rate") / 60, draw.rng.uniform(0.2, 0.3))
        self._muscles = {
            (side, muscle): self._muscle(side, muscle)
            for side in scenario.montage.sides
            for muscle in MUSCLES
        }

    def emg_stream(self, side: Side, muscle: Muscle) -> Stream:
        """Return one EMG channel."""
        label = channel_label(side, muscle)
        rate = self._montage.emg_rate_hz
        electrode = draw_electrode(self._draw("electrode", label))
        noise = NoiseSource(electrode, rate, self._seed, label)
        own = self._muscles[side, muscle]
        other = self._muscles[side, "TA" if muscle == "GM" else "GM"]
        faults = self._plan.faults(side, muscle)

        def make(number: int, first: int, count: int) -> NDArray[np.int16]:
            potential = own.page(number, first, count)
            potential = potential + electrode.crosstalk * other.page(number, first, count)
            potential += noise.page(number, first, count)
            potential += interference(electrode, self._heart, rate, first, count)
            apply_faults(potential, faults, rate, first)
            return self._converter.digitise(potential)[:, None]

        return self._stream(label, side, muscle, rate, make, electrode)

    def accelerometer_stream(self, side: Side) -> Stream:
        """Return one accelerometer with three axes."""
        label = f"ACC {side[0].upper()}"
        rate = self._montage.accelerometer_rate_hz
        draw = self._draw("accelerometer", label)
        sensor = Accelerometer(
            rate,
            Posture(draw.rng.uniform(-60, 60), draw.rng.uniform(-5, 15)),
            self._plan.turns(side),
            self._plan.jolts(side),
            draw("accelerometer.noise"),
            self._seed,
            label,
        )
        return Stream(
            label=f"{label} shank",
            kind="acc",
            rate_hz=rate,
            unit="g",
            segments=(self._segment(rate, sensor.page),),
            gain=np.full(3, STEP_G),
            offset=np.zeros(3),
            axes=("x", "y", "z"),
            side=side,
            placement="shank",
            calibrated=True,
            raw_limits=(-LIMIT, LIMIT),
            source_labels=tuple(f"{label} {axis}" for axis in "XYZ"),
            source_unit="g",
            notes=(NOTE,),
        )

    def _stream(
        self,
        label: str,
        side: Side,
        muscle: Muscle,
        rate: float,
        make: Callable[[int, int, int], NDArray[np.int16]],
        electrode: Electrode,
    ) -> Stream:
        limit = self._converter.limit
        return Stream(
            label=label,
            kind="emg",
            rate_hz=rate,
            unit="uV",
            segments=(self._segment(rate, make),),
            gain=np.array([self._converter.step_uv]),
            offset=np.zeros(1),
            side=side,
            placement=muscle,
            calibrated=True,
            raw_limits=(-limit - 1, limit),
            source_labels=(label,),
            source_unit="uV",
            notes=(NOTE, f"planned resting noise {electrode.noise_uv:.2f} uV RMS, 10-100 Hz"),
        )

    def _segment(
        self, rate: float, make: Callable[[int, int, int], NDArray[np.int16]]
    ) -> Segment:
        size = round(self._plan.duration_s * rate)
        return Segment(0.0, PagedSource(rate, size, make, OrderedDict()))

    def _muscle(self, side: Side, muscle: Muscle) -> _Muscle:
        label = channel_label(side, muscle)
        draw = self._draw("muscle", label)
        full, fat = draw("muscle.full_rms"), draw("muscle.fat")
        pools = {"voluntary": voluntary_pool(draw.rng, full, fat)}
        if muscle == "GM":
            pools["cramp"] = cramp_pool(draw.rng, full, fat)
        works = self._plan.activations(side, muscle)
        return _Muscle(pools, works, self._montage.emg_rate_hz, self._seed, label)

    def _draw(self, *key: str) -> Draw:
        return Draw(stream(self._seed, *key), self._overrides)
