"""Where callbacks and threads leave what has arrived."""

from __future__ import annotations

import asyncio
from collections import deque

from ..drivers.model import Packet
from .transport import TransportError

MOST_BYTES = 1 << 26
"""Bytes that may wait: hours of any sensor here. More means that nobody reads."""


class Inbox:
    """Packets on their way from a callback or a thread to the one who awaits them.

    `put` and `end` may be called from any thread.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._packets: deque[Packet] = deque()
        self._waiting = 0
        self._there = asyncio.Event()
        self._end: TransportError | None = None
        self.overflowed_bytes = 0

    def put(self, packet: Packet) -> None:
        """Leave a packet; the newest are thrown away, and counted, where nobody reads."""
        if self._waiting + len(packet.data) > MOST_BYTES:
            self.overflowed_bytes += len(packet.data)
            return
        self._waiting += len(packet.data)
        self._packets.append(packet)
        self._wake()

    def end(self, reason: TransportError) -> None:
        """Say that nothing more will come; the first reason stands."""
        if self._end is None:
            self._end = reason
        self._wake()

    async def take(self) -> list[Packet]:
        """Return what has arrived, and wait where there is nothing.

        Raises
        ------
        TransportError
            Nothing waits and nothing more will come.
        """
        while not self._packets:
            if self._end is not None:
                raise self._end
            self._there.clear()
            if self._packets or self._end is not None:
                continue
            await self._there.wait()
        taken: list[Packet] = []
        while self._packets:
            packet = self._packets.popleft()
            self._waiting -= len(packet.data)
            taken.append(packet)
        return taken

    def _wake(self) -> None:
        try:
            running = asyncio.get_running_loop()
        except RuntimeError:
            running = None
        if running is self._loop:
            self._there.set()
        elif not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._there.set)
