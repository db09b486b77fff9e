"""A second, INDEPENDENT generator of SIMULATED nights: filtered noise, no motor units.

It was written from the published descriptions alone, without a look at this project's own
simulator or at the inside of the detector, so that a detector that was built on the one can
be judged on the other. Nothing here is a real leg: a level that the detector reaches on these
nights is no evidence of how it does on a sleeper.
"""

from .night import KINDS, second_night
from .sensors import ACCELEROMETERS, AMPLIFIERS, Accelerometer, Amplifier, Montage

__all__ = [
    "ACCELEROMETERS",
    "AMPLIFIERS",
    "KINDS",
    "Accelerometer",
    "Amplifier",
    "Montage",
    "second_night",
]
