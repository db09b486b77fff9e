"""Where callbacks and threads leave what has arrived."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from threading import Lock

from ..drivers.model import Packet
from .transport import TransportError

MOST_BYTES = 1 << 26
"""Bytes that may wait: hours of any sensor here. More means that nobody reads."""

MOST_PACKETS = 1 << 18
"""Packets that may wait, a quarter of an hour at 250 a second: an empty packet costs too."""


class Inbox:
    """Packets on their way from a callback or a thread to the one who awaits them.

    `put` and `end` may be called from any thread, and never wait or raise, not even after the
    event loop was closed. What one thread puts is taken in the same order.

    Attributes
    ----------
    overflowed_bytes, overflowed_packets
        What was thrown away because nobody read.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._lock = Lock()
        self._packets: list[Packet] = []
        self._waiting = 0
        self._there = asyncio.Event()
        self._end: TransportError | None = None
        self.overflowed_bytes = 0
        self.overflowed_packets = 0

    def put(self, packet: Packet) -> None:
        """Leave a packet.

        Where nobody reads, the newest are thrown away and counted. Nothing is taken after
        the end.
        """
        size = len(packet.data)
        with self._lock:
            if self._end is not None:
                return
            if self._waiting + size > MOST_BYTES or len(self._packets) >= MOST_PACKETS:
                self.overflowed_bytes += size
                self.overflowed_packets += 1
                return
            self._waiting += size
            first = not self._packets
            self._packets.append(packet)
        if first:
            self._wake()

    def end(self, reason: TransportError) -> None:
        """Say that nothing more will come; the first reason stands."""
        with self._lock:
            if self._end is not None:
                return
            self._end = reason
        self._wake()

    async def take(self) -> list[Packet]:
        """Return what has arrived, and wait where there is nothing.

        Raises
        ------
        TransportError
            Nothing waits and nothing more will come.
        """
        while True:
            with self._lock:
                if self._packets:
                    taken, self._packets = self._packets, []
                    self._waiting = 0
                    return taken
                if self._end is not None:
                    raise self._end.with_traceback(None)
                self._there.clear()
            await self._there.wait()

    def _wake(self) -> None:
        try:
            running = asyncio.get_running_loop()
        except RuntimeError:
            running = None
        if running is self._loop:
            self._there.set()
        else:
            with suppress(RuntimeError):  # the loop is closed: nobody will read
                self._loop.call_soon_threadsafe(self._there.set)
