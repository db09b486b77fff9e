"""What numbers are drawn from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np


class Distribution(Protocol):
    """Something numbers are drawn from."""

    def draw(self, rng: np.random.Generator) -> float:
        """Return one number."""
        ...


@dataclass(frozen=True, slots=True)
class Fixed:
    """Always the same number; takes nothing from the generator."""

    value: float

    def draw(self, rng: np.random.Generator) -> float:  # noqa: ARG002
        """Return the number."""
        return self.value

    def __str__(self) -> str:
        return f"{self.value:g}"


@dataclass(frozen=True, slots=True)
class Uniform:
    """Evenly between two limits."""

    low: float
    high: float

    def draw(self, rng: np.random.Generator) -> float:
        """Return one number."""
        return float(rng.uniform(self.low, self.high))

    def __str__(self) -> str:
        return f"{self.low:g} to {self.high:g}, even"


@dataclass(frozen=True, slots=True)
class LogNormal:
    """A median, a spread (standard deviation of the logarithm), and hard limits."""

    median: float
    spread: float
    low: float
    high: float

    def draw(self, rng: np.random.Generator) -> float:
        """Return one number; what falls outside the limits is drawn again."""
        while True:
            value = float(self.median * np.exp(self.spread * rng.standard_normal()))
            if self.low <= value <= self.high:
                return value

    def __str__(self) -> str:
        shape = f"median {self.median:g}, spread of the logarithm {self.spread:g}"
        return f"{self.low:g} to {self.high:g}, {shape}"
