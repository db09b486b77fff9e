"""The clocks of the computer that records."""

from __future__ import annotations

import time
from typing import Protocol


class HostClock(Protocol):
    """Clocks of the computer, in one place so that a night can be played faster."""

    def monotonic(self) -> float:
        """Return seconds that never step and stand still while the computer sleeps."""
        ...

    def awake_or_not(self) -> float:
        """Return seconds that never step and go on while the computer sleeps."""
        ...

    def wall(self) -> float:
        """Return seconds since 1970 UTC; steps where the clock is set."""
        ...


class SystemClock(HostClock):
    """The clocks of this computer.

    On systems without a clock that counts sleep, the wall clock stands in for it.
    """

    def monotonic(self) -> float:
        """See `HostClock.monotonic`."""
        return time.monotonic()

    def awake_or_not(self) -> float:
        """See `HostClock.awake_or_not`."""
        if hasattr(time, "CLOCK_BOOTTIME"):
            return time.clock_gettime(time.CLOCK_BOOTTIME)
        return time.time()

    def wall(self) -> float:
        """See `HostClock.wall`."""
        return time.time()
