"""One sleeper for one night: muscles, heart, electrodes, sensors; and their streams."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ...recording.model import Segment, Side, Stream
from ...recording.sources import cut_out
from .accelerometer import LIMIT, STEP_G, Accelerometer, Posture
from .carriers import Carrier
from .channels import Converter, Heart, NoiseSource, draw_electrode, interference
from .faults import apply_faults
from .motor_units import CrampTraits, Pool, Traits, cramp_pool, voluntary_pool
from .muscle import Muscle
from .paging import PagedSource
from .parameters import Draw
from .plan import MUSCLES, MuscleName, Plan, channel_label
from .potentials import Geometry
from .randomness import stream
from .scenario import Scenario

NOTE = "SIMULATED: no muscle was recorded."


class Sleeper:
    """Makes the streams of a planned night; everything is drawn by name from the seed.

    Parameters
    ----------
    scenario, plan, seed
        What is recorded, what happens, and what all else is drawn from.
    person
        Seed of the body: its muscles and its heart; None for that of the night.
    carriers
        Whether real contraction textures replace the simulated ones.
    """

    def __init__(
        self,
        scenario: Scenario,
        plan: Plan,
        seed: int,
        *,
        person: int | None = None,
        carriers: bool = False,
    ) -> None:
        self._plan = plan
        self._seed = seed
        self._person = seed if person is None else person
        self._carriers = carriers
        self._overrides = scenario.overrides
        self._montage = scenario.montage
        draw = self._draw_body("heart")
        beats, breaths = draw("heart.rate") / 60, draw.rng.uniform(0.2, 0.3)
        self._heart = Heart(beats, breaths, draw("heart.width"))
        self._muscles = {
            (side, name): self._muscle(side, name)
            for side in scenario.montage.sides
            for name in MUSCLES
        }

    def emg(self, side: Side, muscle: MuscleName) -> Stream:
        """Return one EMG channel, uV."""
        label = channel_label(side, muscle)
        rate = self._montage.emg_rate_hz
        electrode = draw_electrode(self._draw("electrode", label))
        noise = NoiseSource(electrode, rate, self._seed, label)
        own = self._muscles[side, muscle]
        neighbour = self._muscles[side, "TA" if muscle == "GM" else "GM"]
        faults = self._plan.faults(side, muscle)
        converter = Converter()

        def page(number: int, first: int, count: int) -> NDArray[np.int16]:
            potential = own.page(number) + electrode.crosstalk * neighbour.page(number)
            potential += noise.page(number, first, count)
            potential += interference(electrode, self._heart, rate, first, count)
            apply_faults(potential, faults, rate, first, electrode=electrode, heart=self._heart)
            return converter.digitise(potential)[:, None]

        return Stream(
            label=label,
            kind="emg",
            rate_hz=rate,
            unit="uV",
            segments=self._segments(side, rate, page),
            gain=np.array([converter.step_uv]),
            offset=np.zeros(1),
            side=side,
            placement=muscle,
            calibrated=True,
            raw_limits=(-converter.limit - 1, converter.limit),
            source_labels=(label,),
            source_unit="uV",
            notes=(NOTE, f"planned resting noise {electrode.noise_uv:.2f} uV RMS, 10-100 Hz"),
        )

    def accelerometer(self, side: Side) -> Stream:
        """Return the accelerometer on one shank, three axes, g."""
        label = f"ACC {side[0].upper()}"
        rate = self._montage.accelerometer_rate_hz
        draw = self._draw("accelerometer", label)
        sensor = Accelerometer(
            rate,
            Posture(draw.rng.uniform(-60, 60), draw.rng.uniform(-5, 15)),
            self._plan.turns(side),
            self._plan.jolts(side),
            noise_g=draw("accelerometer.noise"),
            drift_g=draw("accelerometer.drift"),
            gain=draw("accelerometer.gain"),
            seed=self._seed,
            label=label,
        )
        return Stream(
            label=label,
            kind="acc",
            rate_hz=rate,
            unit="g",
            segments=self._segments(side, rate, sensor.page),
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

    def _muscle(self, side: Side, name: MuscleName) -> Muscle:
        label = channel_label(side, name)

        def pools() -> dict[str, Pool]:
            draw = self._draw_body("muscle", label)
            full = draw("muscle.full_rms")
            where = draw_geometry(draw)
            traits = draw_traits(draw)
            cramping = CrampTraits(
                draw("cramp_unit.rate"),
                draw("cramp_unit.rate_spread"),
                draw("cramp_unit.variation"),
            )
            return {
                "voluntary": voluntary_pool(draw.rng, full, where, traits),
                "cramp": cramp_pool(draw.rng, full, where, cramping, traits.size_range),
            }

        rate = self._montage.emg_rate_hz
        carrier = None
        if self._carriers:
            stretch = self._draw_body("carrier", label).rng.uniform(0.85, 1.25)
            carrier = Carrier(rate, self._seed, label, stretch)
        return Muscle(
            pools,
            self._plan.activations(side, name),
            self._plan.twitches(side, name),
            rate_hz=rate,
            seed=self._seed,
            label=label,
            carrier=carrier,
        )

    def _segments(
        self, side: Side, rate_hz: float, page: Callable[[int, int, int], NDArray[np.int16]]
    ) -> tuple[Segment, ...]:
        source = PagedSource(rate_hz, round(self._plan.duration_s * rate_hz), page)
        holes = [(gap.onset_s, gap.end_s) for gap in self._plan.dropouts(side)]
        return cut_out((Segment(0.0, source),), rate_hz, holes)

    def _draw(self, *key: str) -> Draw:
        return Draw(stream(self._seed, *key), self._overrides)

    def _draw_body(self, *key: str) -> Draw:
        return Draw(stream(self._person, *key), self._overrides)


def draw_geometry(draw: Draw) -> Geometry:
    """Draw how the electrodes lie over a muscle."""
    return Geometry(
        fat_mm=draw("muscle.fat"),
        spacing_mm=draw("muscle.spacing"),
        speed_m_s=draw("muscle.speed"),
        depth_mm=draw("muscle.depth"),
        electrode_mm=draw("muscle.electrode"),
        half_fibre_mm=draw("fibre.half_length"),
        plates_mm=draw("fibre.plates"),
        front_mm=draw("fibre.front"),
        back_mm=draw("fibre.back"),
    )


def draw_traits(draw: Draw) -> Traits:
    """Draw how the units of a muscle are recruited and fire."""
    return Traits(
        recruitment_range=draw("unit.recruitment_range"),
        last_recruited=draw("unit.last_recruited"),
        rate_low=draw("unit.rate_low"),
        rate_first=draw("unit.rate_first"),
        rate_last=draw("unit.rate_last"),
        size_range=draw("unit.size_range"),
        isi_cv=draw("unit.variation"),
    )
