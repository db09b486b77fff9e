"""Awaiting what others wrote: with a limit, ready to stop, and nothing left over."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, TypeVar

from ...recording.errors import CrampwatchError
from ..transports.transport import Fault, TransportError

T = TypeVar("T")

CANCEL_S = 5.0
"""How long a cancelled task may take to end before it is left to itself."""

logger = logging.getLogger(__name__)


class BrokenError(Exception):
    """The connection failed or has ended.

    Attributes
    ----------
    fault
        What helps against it.
    at_once
        Whether to connect anew without a pause.
    silent
        Whether the connection stands and only samples are missing.
    """

    def __init__(
        self, fault: Fault, message: str, *, at_once: bool = False, silent: bool = False
    ) -> None:
        super().__init__(message)
        self.fault = fault
        self.at_once = at_once
        self.silent = silent


class StopError(Exception):
    """Somebody asked the link to stop."""


class Guard:
    """Awaits the work of transports, until it is done, too late, or no longer wanted."""

    def __init__(self) -> None:
        self._stop: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def stop(self) -> None:
        """Let whatever is awaited, now or later, end with `StopError`."""
        if not self._stop.done():
            self._stop.set_result(None)

    async def run(self, work: Coroutine[Any, Any, T], limit_s: float, doing: str) -> T:
        """Return the result of `work`.

        Raises
        ------
        BrokenError
            It failed, in whatever way, or took longer than `limit_s`.
        StopError
            The link is to stop.
        """
        task = asyncio.ensure_future(work)
        try:
            done = await self.wait(task, limit_s)
        finally:
            await put_down(task, doing)
        if not done:
            raise BrokenError(Fault.NO_ANSWER, f"{doing} took longer than {limit_s:g} s")
        return outcome(task, doing)

    async def wait(self, task: asyncio.Task[Any], limit_s: float) -> bool:
        """Return whether `task` is done within `limit_s`; it goes on if not.

        Raises
        ------
        StopError
            The link is to stop, and the task is not done.
        """
        if not task.done():
            await asyncio.wait(
                (task, self._stop), timeout=limit_s, return_when=asyncio.FIRST_COMPLETED
            )
        if not task.done() and self._stop.done():
            raise StopError
        return task.done()

    async def pause(self, seconds: float) -> None:
        """Wait.

        Raises
        ------
        StopError
            The link is to stop.
        """
        await asyncio.wait((self._stop,), timeout=seconds)
        if self._stop.done():
            raise StopError


def outcome(task: asyncio.Task[T], doing: str) -> T:
    """Return the result of a task that is done; whatever it raised becomes `BrokenError`."""
    try:
        return task.result()
    except TransportError as error:
        raise BrokenError(error.fault, str(error)) from error
    except CrampwatchError as error:
        raise BrokenError(Fault.OTHER, str(error)) from error
    except asyncio.CancelledError as error:
        raise BrokenError(Fault.OTHER, f"{doing} was cancelled") from error
    except Exception as error:
        logger.exception("%s failed", doing)
        raise BrokenError(Fault.OTHER, f"{doing} failed: {told(error)}") from error


async def put_down(
    task: asyncio.Task[Any], doing: str, limit_s: float = 0.0, *, cancel: bool = True
) -> None:
    """End a task and wait for its end, also while being cancelled; never raises its errors.

    Parameters
    ----------
    task
        Awaited for `limit_s`, then cancelled.
    doing
        What it does, for the log.
    cancel
        Whether to cancel it at once.
    """
    cancelled = False
    for wait_s in (0.0 if cancel else limit_s, CANCEL_S):
        clock = asyncio.get_running_loop().time
        deadline = clock() + wait_s
        while not task.done() and clock() < deadline:
            try:
                await asyncio.wait((task,), timeout=deadline - clock())
            except asyncio.CancelledError:
                cancelled = True
        if task.done():
            break
        task.cancel()
    if task.done():
        _heed(task)
    else:
        task.add_done_callback(_heed)
        logger.warning("%s does not end; it is left to itself", doing)
    if cancelled:
        raise asyncio.CancelledError


def told(error: BaseException) -> str:
    """Return an unexpected error in one line."""
    words = " ".join(str(error).split())
    return f"{type(error).__name__}: {words}" if words else type(error).__name__


def _heed(task: asyncio.Task[Any]) -> None:
    if not task.cancelled():
        task.exception()
