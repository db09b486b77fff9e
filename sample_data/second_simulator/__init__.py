"""A second simulator of nights, SIMULATED in another way: filtered noise, no motor units.

It was written from the published descriptions alone, without a look at the first simulator or
at the inside of the detector, so that a detector that was built on one of them can be judged
on the other. It must share no code with the first. Nothing here is a real leg: what a detector
reaches on these nights is no evidence of how it does on a sleeper.
"""

from __future__ import annotations

from .night import HELD_OUT_FROM, KINDS, SecondPlan, about, second_night, second_plan
from .sensors import ACCELEROMETERS, AMPLIFIERS, Accelerometer, Amplifier, Montage

__all__ = [
    "ACCELEROMETERS",
    "AMPLIFIERS",
    "HELD_OUT_FROM",
    "KINDS",
    "Accelerometer",
    "Amplifier",
    "Montage",
    "SecondPlan",
    "about",
    "second_night",
    "second_plan",
]
