"""What a muscle becomes in a device: amplifiers, accelerometers, and which are worn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from .texture import Array

Side = Literal["left", "right"]


@dataclass(frozen=True)
class Amplifier:
    """An EMG front end.

    Attributes
    ----------
    name
        Name in `AMPLIFIERS`.
    step_uv, bits
        Converter step at the electrode, uV, and its width; the range is symmetric.
    noise_uv
        Range of the resting noise with a good contact, uV rms.
    coupled_hz
        Corner of the high-pass in front of the converter, Hz; 0 for a coupling that lets
        the electrode's offset through.
    unit
        ``uV``, or ``count`` where the device does not tell its scale.
    rates
        Sampling rates that it knows, Hz.
    """

    name: str
    step_uv: float
    bits: int
    noise_uv: tuple[float, float]
    coupled_hz: float
    unit: Literal["uV", "count"] = "uV"
    rates: tuple[float, ...] = (250.0, 500.0, 1000.0)

    @property
    def limits(self) -> tuple[int, int]:
        """Smallest and largest raw number."""
        return -(2 ** (self.bits - 1)), 2 ** (self.bits - 1) - 1

    def digitise(self, microvolts: Array, fs: float) -> NDArray[np.integer]:
        """Return raw integers, one column, high-passed, rounded and held at the limits."""
        if self.coupled_hz:
            from scipy.signal import butter, sosfilt

            sos = butter(1, self.coupled_hz, "highpass", fs=fs, output="sos")
            microvolts = sosfilt(sos.astype(np.float32), microvolts).astype(
                np.float32, copy=False
            )
        raw = np.clip(np.rint(microvolts / np.float32(self.step_uv)), *self.limits)
        column: NDArray[np.integer] = raw.astype(np.int32 if self.bits > 16 else np.int16)[
            :, None
        ]
        return column


@dataclass(frozen=True)
class Accelerometer:
    """A three-axis accelerometer.

    Attributes
    ----------
    name
        Name in `ACCELEROMETERS`.
    rate, per_g
        Sampling rate, Hz, and raw numbers in one g.
    noise_g
        Noise of each axis, g rms.
    unit
        ``g``, or ``count`` where the scale is not known.
    scale_error, offset_g
        Spread of each axis's gain error, as a fraction, and of its offset, g; nobody has
        corrected them.
    """

    name: str
    rate: float
    per_g: float
    noise_g: float
    unit: Literal["g", "count"] = "g"
    scale_error: float = 0.0
    offset_g: float = 0.0


AMPLIFIERS = {
    "research24": Amplifier("research24", 0.0223, 24, (0.4, 1.5), 0.0,
                            rates=(250.0, 500.0, 1000.0, 2000.0)),
    "hobby10": Amplifier("hobby10", 4.88, 10, (1.5, 4.0), 15.0, rates=(200.0, 500.0, 1000.0)),
    "psg16": Amplifier("psg16", 1.0, 16, (0.6, 2.0), 5.0, rates=(200.0, 250.0, 500.0)),
    "dry": Amplifier("dry", 0.5, 16, (5.0, 15.0), 10.0, rates=(200.0, 500.0, 1000.0, 2000.0)),
    "dry_counts": Amplifier("dry_counts", 0.7, 16, (5.0, 15.0), 10.0, unit="count",
                            rates=(200.0, 500.0, 1000.0)),
}  # fmt: skip

ACCELEROMETERS = {
    "acc25": Accelerometer("acc25", 25.0, 256.0, 0.004),
    "acc52": Accelerometer("acc52", 52.0, 8192.0, 0.002, scale_error=0.04, offset_g=0.05),
    "acc100": Accelerometer("acc100", 100.0, 16384.0, 0.0015),
    "counts52": Accelerometer("counts52", 52.0, 2048.0, 0.003, "count", 0.05, 0.06),
}


@dataclass(frozen=True)
class Montage:
    """What is worn.

    Attributes
    ----------
    amplifier
        One of `AMPLIFIERS`, or another one.
    rate
        Sampling rate of the EMG, Hz.
    sides
        Legs that wear it.
    muscles
        ``GM``, ``TA`` or both.
    accelerometer
        One of `ACCELEROMETERS`, or another one, on the shank of each of these legs; None
        for none.
    """

    amplifier: Amplifier
    rate: float
    sides: tuple[Side, ...] = ("left", "right")
    muscles: tuple[str, ...] = ("GM", "TA")
    accelerometer: Accelerometer | None = ACCELEROMETERS["acc100"]

    def __str__(self) -> str:
        worn = self.accelerometer.name if self.accelerometer else "no accelerometer"
        legs = "two legs" if len(self.sides) == 2 else f"{self.sides[0]} leg"
        muscles = "+".join(self.muscles)
        return f"{self.amplifier.name} at {self.rate:g} Hz, {muscles}, {legs}, {worn}"

    @property
    def channels(self) -> tuple[tuple[Side, str], ...]:
        """Leg and muscle of each EMG channel."""
        return tuple((side, muscle) for side in self.sides for muscle in self.muscles)


def draw_montage(rng: np.random.Generator) -> Montage:
    """Return one of the ways in which a leg is wired."""
    amplifier = tuple(AMPLIFIERS.values())[int(rng.choice(5, p=(0.3, 0.15, 0.25, 0.15, 0.15)))]
    sides: tuple[tuple[Side, ...], ...] = (("left", "right"), ("left",), ("right",))
    worn = tuple(ACCELEROMETERS.values())
    return Montage(
        amplifier,
        float(rng.choice(amplifier.rates)),
        sides[int(rng.choice(3, p=(0.6, 0.2, 0.2)))],
        ("GM", "TA") if rng.random() < 0.65 else ("GM",),
        None if rng.random() < 0.2 else worn[int(rng.integers(len(worn)))],
    )
