"""A night in seconds: an event loop whose clock jumps to the next timer when all is quiet.

Everything that waits with ``asyncio.sleep`` or loop timers, and stamps with a `LoopClock`,
runs as it would in real time, only without the waiting. Threads and sockets are not part of
this: time would jump ahead of them.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from crampwatch.firmware_bridge.host_clock import HostClock

T = TypeVar("T")
EachTurn = Callable[[int], None]

START_S = 1000.0
START_WALL_S = 1_700_000_000.0
DEAD_S = 1.0


class FastLoop(asyncio.SelectorEventLoop):
    """An event loop that never waits: where nothing is ready, its clock jumps."""

    def __init__(self) -> None:
        self._now_s = START_S
        self.each_turn: EachTurn | None = None
        self.turns = 0
        self.troubles: list[str] = []
        super().__init__(_JumpingSelector(self))
        self.set_exception_handler(self._trouble)

    def time(self) -> float:
        return self._now_s

    def jump(self, seconds: float) -> None:
        self._now_s += seconds

    def turn(self) -> None:
        self.turns += 1
        if self.each_turn is not None:
            self.each_turn(self.turns)

    def _trouble(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        self.troubles.append(f"{context['message']}: {context.get('exception')!r}")


class LoopClock(HostClock):
    """The clocks of a computer whose time is that of the running loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._slept_s = 0.0
        self._stepped_s = 0.0

    def monotonic(self) -> float:
        return self._loop.time()

    def awake_or_not(self) -> float:
        return self._loop.time() + self._slept_s

    def wall(self) -> float:
        return START_WALL_S + self.awake_or_not() - START_S + self._stepped_s

    def suspend(self, seconds: float) -> None:
        """Let the computer have slept, right now."""
        self._slept_s += seconds

    def step_wall(self, seconds: float) -> None:
        """Set the wall clock forwards, or backwards."""
        self._stepped_s += seconds


class LeftOverError(AssertionError):
    """Something outlived what was run."""


def run_fast(main: Coroutine[Any, Any, T], each_turn: EachTurn | None = None) -> T:
    """Run to the end; fails where a task is left over or an error went unseen.

    Parameters
    ----------
    main
        What to run.
    each_turn
        Called with the number of every turn of the loop, before its callbacks: between any
        two awaits.
    """
    loop = FastLoop()
    loop.each_turn = each_turn
    try:
        try:
            result = loop.run_until_complete(main)
            left = asyncio.all_tasks(loop)
        finally:
            _cancel(loop)
        if left:
            raise LeftOverError(f"tasks left over: {[_name(task) for task in left]}")
        if loop.troubles:
            raise LeftOverError("; ".join(loop.troubles))
        return result
    finally:
        loop.close()


class _JumpingSelector(selectors.DefaultSelector):
    def __init__(self, loop: FastLoop) -> None:
        super().__init__()
        self._fast = loop

    def select(self, timeout: float | None = None) -> list[Any]:
        self._fast.turn()
        if timeout is not None and timeout <= 0:
            return []
        ready = super().select(0)
        if ready:
            return ready
        if timeout is None:
            ready = super().select(DEAD_S)
            if not ready:
                raise LeftOverError("everybody waits, and nothing will ever happen")
            return ready
        self._fast.jump(timeout)
        return []


def _cancel(loop: FastLoop) -> None:
    left = asyncio.all_tasks(loop)
    for task in left:
        task.cancel()
    if left:
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
    loop.run_until_complete(loop.shutdown_asyncgens())


def _name(task: asyncio.Task[Any]) -> str:
    return f"{task.get_name()} {task.get_coro()!r}"
