"""Nights in minutes: an event loop whose time runs faster, for simulated sensors."""

from __future__ import annotations

import asyncio
import selectors
import time
from typing import Any

from ...firmware_bridge.host_clock import HostClock

MOST_AT_ONCE_S = 1.0
"""Time never runs ahead by more in one turn of the loop: where the computer is too slow for
the speed, the night passes slower, and no sensor falls silent for it."""


class PacedLoop(asyncio.SelectorEventLoop):
    """An event loop in which one second of the computer counts `speed` seconds.

    What sleeps, waits and stamps by its time runs as it would in real time.
    """

    def __init__(self, speed: float) -> None:
        self._now_s = time.monotonic()
        super().__init__(_PacedSelector(self, speed))

    def time(self) -> float:
        """Return the time of this loop, seconds; stands still within one turn."""
        return self._now_s

    def pass_time(self, seconds: float) -> None:
        """Let time pass."""
        self._now_s += seconds


class LoopClock(HostClock):
    """The clocks of a computer that lives in the time of a loop, and begins now."""

    def __init__(self, loop: PacedLoop) -> None:
        self._loop = loop
        self._ahead_s = time.time() - loop.time()

    def monotonic(self) -> float:
        """See `HostClock.monotonic`."""
        return self._loop.time()

    def awake_or_not(self) -> float:
        """See `HostClock.awake_or_not`."""
        return self._loop.time()

    def wall(self) -> float:
        """See `HostClock.wall`."""
        return self._loop.time() + self._ahead_s


class _PacedSelector(selectors.DefaultSelector):
    def __init__(self, loop: PacedLoop, speed: float) -> None:
        super().__init__()
        self._loop, self._speed = loop, speed
        self._turned_s = time.monotonic()

    def select(self, timeout: float | None = None) -> list[Any]:
        """Wait for less than was asked for, and let the loop's time pass by as much more."""
        waiting = None if timeout is None else max(0.0, timeout) / self._speed
        ready = super().select(waiting)
        now_s = time.monotonic()
        passed_s = (now_s - self._turned_s) * self._speed
        self._turned_s = now_s
        most_s = max(MOST_AT_ONCE_S, timeout or 0.0)
        self._loop.pass_time(min(passed_s, most_s))
        return ready
