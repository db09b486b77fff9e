"""Which signals of a night are scored at all."""

from __future__ import annotations

from typing import Final

from ...recording.model import Stream

SCORED_KINDS: Final = ("emg", "acc")
# Outside these rates, Hz, no band is left to measure in, or a block takes all memory.
_RATES_HZ: Final = {"emg": (50.0, 50_000.0), "acc": (5.0, 50_000.0)}


def is_scorable(stream: Stream) -> bool:
    """Return whether a signal is of a kind and a sampling rate that can be scored."""
    if stream.kind not in _RATES_HZ:
        return False
    low, high = _RATES_HZ[stream.kind]
    return low <= stream.rate_hz <= high
