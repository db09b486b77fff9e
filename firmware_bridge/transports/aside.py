"""Blocking work beside the event loop, in threads that never hold up the end of the program."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from threading import Thread
from typing import TypeVar

T = TypeVar("T")


async def aside(work: Callable[[], T], undo: Callable[[T], object] | None = None) -> T:
    """Do blocking work in a thread of its own, and return what it returns.

    Parameters
    ----------
    work
        What to do.
    undo
        Takes back what `work` returned, in a thread, where the caller was cancelled in the
        meantime: an opened port is closed, though nobody waits for it any more.
    """
    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[T] = loop.create_future()

    def settle(result: T) -> None:
        if outcome.cancelled():
            _take_back(result, undo)
        else:
            outcome.set_result(result)

    def fail(error: BaseException) -> None:
        if not outcome.cancelled():
            outcome.set_exception(error)

    def run() -> None:
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001 - handed to the one who waits
            _tell(loop, fail, error)
            return
        if not _tell(loop, settle, result) and undo is not None:
            undo(result)

    Thread(target=run, name="crampwatch aside", daemon=True).start()
    try:
        return await outcome
    except asyncio.CancelledError:
        if outcome.done() and not outcome.cancelled() and outcome.exception() is None:
            _take_back(outcome.result(), undo)
        raise


def _tell(loop: asyncio.AbstractEventLoop, what: Callable[[T], None], value: T) -> bool:
    try:
        loop.call_soon_threadsafe(what, value)
    except RuntimeError:  # the loop is closed
        return False
    return True


def _take_back(result: T, undo: Callable[[T], object] | None) -> None:
    if undo is not None:
        Thread(target=undo, args=(result,), name="crampwatch undo", daemon=True).start()
