"""A board on a serial port: the other end of a pty, behind a link that outlives it."""

from __future__ import annotations

import asyncio
import os
import pty
from pathlib import Path


class Board:
    """What is plugged in behind `port`; each plugging in is another pty."""

    def __init__(self, folder: Path) -> None:
        self.port = folder / "ttyBOARD"
        self.heard = bytearray()
        self._master: int | None = None
        self._slave: int | None = None
        self._news = asyncio.Event()

    def plug(self, *, listens: bool = True) -> None:
        self._master, self._slave = pty.openpty()
        os.set_blocking(self._master, False)
        self.port.unlink(missing_ok=True)
        self.port.symlink_to(os.ttyname(self._slave))
        if listens:
            asyncio.get_running_loop().add_reader(self._master, self._hear)

    def unplug(self) -> None:
        if self._master is None or self._slave is None:
            return
        asyncio.get_running_loop().remove_reader(self._master)
        os.close(self._slave)
        os.close(self._master)
        self._master = self._slave = None
        self.port.unlink()

    async def send(self, data: bytes) -> None:
        """Send as fast as the port takes it."""
        loop = asyncio.get_running_loop()
        master = self._master
        assert master is not None
        while data:
            room = asyncio.Event()
            loop.add_writer(master, room.set)
            try:
                await room.wait()
            finally:
                loop.remove_writer(master)
            data = data[os.write(master, data[:1024]) :]

    async def hears(self, size: int) -> bytes:
        """Wait until it has heard so many bytes, and return them."""
        while len(self.heard) < size:
            self._news.clear()
            await self._news.wait()
        return bytes(self.heard)

    def _hear(self) -> None:
        assert self._master is not None
        try:
            self.heard += os.read(self._master, 1 << 16)
        except (BlockingIOError, OSError):
            return
        self._news.set()
