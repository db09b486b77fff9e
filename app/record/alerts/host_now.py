"""What the clock of a recording reads now, for a process that only reads its journal."""

from __future__ import annotations

import math
import time


class HostNow:
    """The host's monotonic clock as the journal tells it.

    Parameters
    ----------
    speed
        How many times as fast the recording lives: at 1 its clock is that of this computer,
        else it is guessed from what came last.
    """

    def __init__(self, speed: float) -> None:
        self._speed = speed
        self._ahead_s = math.nan

    def saw(self, host_s: float) -> None:
        """Take note that this time has come."""
        now_s = time.monotonic()
        if self._speed == 1.0:
            self._ahead_s = 0.0
        else:
            self._ahead_s = host_s - now_s * self._speed

    def at(self, monotonic_s: float) -> float:
        """Return the time of the recording at a time by `time.monotonic`; NaN at first."""
        return monotonic_s * self._speed + self._ahead_s

    def __call__(self) -> float:
        """Return the time of the recording now; NaN at first."""
        return self.at(time.monotonic())
