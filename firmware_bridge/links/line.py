"""One open connection: writing, and listening at the same time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

from ..drivers.model import Packet, Write
from ..transports.transport import Fault, Transport, TransportError
from .guard import BrokenError, Guard, outcome, put_down, told
from .policy import LinkPolicy

Taker = Callable[[Sequence[Packet]], None]

logger = logging.getLogger(__name__)


class Line:
    """A transport on which one task listens while it writes.

    Parameters
    ----------
    transport
        Fresh.
    take
        Is given everything that arrives, in order.
    guard, policy
        Limits of waiting.
    """

    def __init__(
        self, transport: Transport, take: Taker, guard: Guard, policy: LinkPolicy
    ) -> None:
        self._transport = transport
        self._take = take
        self._guard = guard
        self._policy = policy
        self._receiving: asyncio.Task[list[Packet]] | None = None
        self._writing = asyncio.Lock()
        self._now = asyncio.get_running_loop().time

    async def open(self, notify: Sequence[str]) -> None:
        """Connect.

        Raises
        ------
        BrokenError
            It failed, or took too long.
        """
        opening = self._transport.open(notify)
        await self._guard.run(opening, self._policy.open_s, "connecting")

    async def write(self, write: Write) -> None:
        """Write, and listen during the pause that follows; errors as `open`."""
        await self._guard.run(self._send(write), self._policy.write_s, "writing")
        if write.pause_s > 0:
            await self.listen(write.pause_s)

    async def listen(self, seconds: float) -> list[Packet]:
        """Return what arrived within this time, and hand it on in batches; errors as `open`."""
        heard: list[Packet] = []
        until = self._now() + seconds
        while (rest := until - self._now()) > 0:
            packets = await self.next(rest)
            heard += packets
            if packets:
                await self._guard.pause(min(self._policy.batch_s, until - self._now()))
        return heard

    async def next(self, limit_s: float) -> list[Packet]:
        """Return what has arrived, after it was handed on; waits at most `limit_s` for it."""
        if self._receiving is None:
            self._receiving = asyncio.ensure_future(self._transport.receive())
        if not await self._guard.wait(self._receiving, limit_s):
            return []
        receiving, self._receiving = self._receiving, None
        packets = outcome(receiving, "receiving")
        if packets:
            self._take(packets)
        return packets

    async def rest(self) -> None:
        """Let a batch gather."""
        await self._guard.pause(self._policy.batch_s)

    async def interject(self, write: Write) -> None:
        """Write from another task.

        Raises
        ------
        TransportError
            It failed, or took too long.
        """
        try:
            async with asyncio.timeout(self._policy.write_s):
                await self._send(write)
        except TimeoutError:
            raise TransportError(
                Fault.NO_ANSWER, f"{self._transport.address}: writing takes too long"
            ) from None
        except TransportError:
            raise
        except Exception as error:
            logger.exception("%s: writing failed", self._transport.address)
            words = f"{self._transport.address}: writing failed: {told(error)}"
            raise TransportError(Fault.OTHER, words) from error

    async def part(self, stop: Sequence[Write]) -> None:
        """Say good-bye and hand on what still comes, as far as that goes; never fails."""
        guard = Guard()
        try:
            for write in stop:
                await guard.run(self._send(write), self._policy.stop_s, "stopping the sensor")
                await guard.pause(write.pause_s)
            self._guard = guard
            await self.next(self._policy.batch_s)
        except BrokenError:
            return

    async def close(self) -> None:
        """Give everything back, also while being cancelled; never fails otherwise."""
        try:
            if self._receiving is not None:
                await put_down(self._receiving, "receiving")
        finally:
            closing = asyncio.ensure_future(self._transport.close())
            await put_down(closing, "closing", self._policy.close_s, cancel=False)

    async def _send(self, write: Write) -> None:
        async with self._writing:
            await self._transport.write(write.data, write.channel)
