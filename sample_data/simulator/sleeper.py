"""One sleeper for one night: muscles, heart, electrodes, sensors; and their streams."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ...recording.model import Segment, Side, Stream
from ...recording.sources import cut_out
from .accelerometer import LIMIT, STEP_G, Accelerometer, Posture
from .channels import (
    Converter,
    Heart,
    NoiseSource,
    apply_faults,
    draw_electrode,
    interference,
)
from .motor_units import Geometry, Pool, cramp_pool, voluntary_pool
from .muscle import Muscle
from .paging import PagedSource
from .parameters import Draw
from .plan import MUSCLES, MuscleName, Plan, channel_label
from .randomness import stream
from .scenarios import Scenario

NOTE = "SIMULATED: no muscle was recorded."


class Sleeper:
    """Makes the streams of a planned night; everything is drawn by name from the seed."""

    def __init__(self, scenario: Scenario, plan: Plan, seed: int) -> None:
        self._plan = plan
        self._seed = seed
        self._overrides = scenario.overrides
        self._montage = scenario.montage
        draw = self._draw("heart")
        self._heart = Heart(draw("heart.rate") / 60, draw.rng.uniform(0.2, 0.3))
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
            apply_faults(potential, faults, rate, first)
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
            draw = self._draw("muscle", label)
            full = draw("muscle.full_rms")
            where = Geometry(draw("muscle.fat"), draw("muscle.spacing"), draw("muscle.speed"))
            made = {"voluntary": voluntary_pool(draw.rng, full, where)}
            if name == "GM":
                made["cramp"] = cramp_pool(draw.rng, full, where)
            return made

        return Muscle(
            pools,
            self._plan.activations(side, name),
            rate_hz=self._montage.emg_rate_hz,
            seed=self._seed,
            label=label,
        )

    def _segments(
        self, side: Side, rate_hz: float, page: Callable[[int, int, int], NDArray[np.int16]]
    ) -> tuple[Segment, ...]:
        source = PagedSource(rate_hz, round(self._plan.duration_s * rate_hz), page)
        holes = [(gap.onset_s, gap.end_s) for gap in self._plan.dropouts(side)]
        return cut_out((Segment(0.0, source),), rate_hz, holes)

    def _draw(self, *key: str) -> Draw:
        return Draw(stream(self._seed, *key), self._overrides)
