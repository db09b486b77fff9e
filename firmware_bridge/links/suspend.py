"""Notices that the computer has slept."""

from __future__ import annotations

from ..host_clock import HostClock


class SuspendWatch:
    """Compares the clock that counts sleep with the one that does not.

    Parameters
    ----------
    clock
        Both clocks.
    least_s
        Shorter sleeps are passed over.
    """

    def __init__(self, clock: HostClock, least_s: float) -> None:
        self._clock = clock
        self._least_s = least_s
        self._apart_s = self._now()

    def slept(self) -> float:
        """Return how long the computer slept since the last call, 0 where it did not."""
        before, self._apart_s = self._apart_s, self._now()
        slept_s = self._apart_s - before
        return slept_s if slept_s >= self._least_s else 0.0

    def _now(self) -> float:
        return self._clock.awake_or_not() - self._clock.monotonic()


def duration(seconds: float) -> str:
    """Return a duration for people."""
    return f"{seconds / 60:.0f} min" if seconds >= 120 else f"{seconds:.0f} s"
