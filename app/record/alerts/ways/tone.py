"""A short tone, made when it is needed."""

from __future__ import annotations

import array
import math
import wave
from collections.abc import Mapping
from pathlib import Path

from ..alert import Level

RATE_HZ = 44_100
BEEP_S, REST_S, EDGE_S = 0.25, 0.15, 0.01
LOW_HZ, HIGH_HZ = 660.0, 880.0

LOUDNESS: Mapping[Level, float] = {Level.INFO: 0.2, Level.WARNING: 0.5, Level.URGENT: 0.9}
PAIRS: Mapping[Level, int] = {Level.INFO: 1, Level.WARNING: 2, Level.URGENT: 4}


def write_tone(path: Path, level: Level) -> None:
    """Write pairs of a low and a high beep as a WAV file, more and louder the more it matters.

    Raises
    ------
    OSError
        It cannot be written.
    """
    pair = (*_beep(LOW_HZ, LOUDNESS[level]), *_beep(HIGH_HZ, LOUDNESS[level]))
    samples = array.array("h", pair * PAIRS[level])
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(samples.itemsize)
        file.setframerate(RATE_HZ)
        file.writeframes(samples.tobytes())


def _beep(frequency_hz: float, loudness: float) -> tuple[int, ...]:
    """Return one beep with soft edges, and the rest after it."""
    count, edge = round(BEEP_S * RATE_HZ), EDGE_S * RATE_HZ
    turn = 2.0 * math.pi * frequency_hz / RATE_HZ
    sound = (
        round(32767 * loudness * min(n / edge, (count - n) / edge, 1.0) * math.sin(turn * n))
        for n in range(count)
    )
    return (*sound, *([0] * round(REST_S * RATE_HZ)))
