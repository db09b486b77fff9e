"""Real recordings, simulated nights, and the simulator that makes them."""

from __future__ import annotations

from .samples import Sample, samples

__all__ = ["Sample", "samples"]
