"""Every number the detector decides with, in one place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of the detector.

    Attributes
    ----------
    rules
        Standard whose leg movements and series are scored.
    """

    rules: Literal["wasm2016", "aasm"] = "wasm2016"
