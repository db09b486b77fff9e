"""Clocks: device time to host time, constants between sensors, the wall, and what was lost.

Pure functions and small states on numpy alone: no input or output, no clock of their own.
"""

from .alignment import Alignment, Offset, Placed, TapBetween, align
from .arrivals import Arrivals, packet_arrivals
from .causal import CausalClock
from .line import CRYSTAL_PPM, SAMPLING_PPM
from .loss import Loss, Rate, loss_of, rate_of
from .mapping import Mapping
from .round_trip import Constant, RoundTrip, constant_of
from .tap import NoTap, TapMatch, Taps, find_taps, match_taps
from .wall import ClockReading, ClockStep, NightClock, night_clock
from .windowed import WindowedClock

__all__ = [
    "CRYSTAL_PPM",
    "SAMPLING_PPM",
    "Alignment",
    "Arrivals",
    "CausalClock",
    "ClockReading",
    "ClockStep",
    "Constant",
    "Loss",
    "Mapping",
    "NightClock",
    "NoTap",
    "Offset",
    "Placed",
    "Rate",
    "RoundTrip",
    "TapBetween",
    "TapMatch",
    "Taps",
    "WindowedClock",
    "align",
    "constant_of",
    "find_taps",
    "loss_of",
    "match_taps",
    "night_clock",
    "packet_arrivals",
    "rate_of",
]
