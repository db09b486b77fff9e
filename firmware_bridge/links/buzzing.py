"""Vibration of a sensor: asked for by others, never in the way of samples."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from ..drivers.model import Commands, Driver, Write
from ..transports.transport import TransportError

MOST_MS = 5000

logger = logging.getLogger(__name__)


class Buzzer:
    """Sends the command to vibrate, one at a time.

    Parameters
    ----------
    name
        Of the link, for the log.
    commands
        Of the driver.
    send
        Writes to the sensor.
    """

    def __init__(
        self, name: str, commands: Commands, send: Callable[[Write], Awaitable[None]]
    ) -> None:
        self._name = name
        self._vibrate = commands.vibrate
        self._send = send
        self._sending: asyncio.Task[None] | None = None

    def buzz(self, driver: Driver, duration_ms: int, strength: int) -> bool:
        """Return whether the command is on its way; see `Link.buzz`."""
        if self._vibrate is None or not driver.has_motor or self._sending is not None:
            return False
        writes = self._vibrate(min(max(duration_ms, 1), MOST_MS), min(max(strength, 1), 255))
        self._sending = asyncio.ensure_future(self._tell(writes))
        return True

    async def _tell(self, writes: Sequence[Write]) -> None:
        try:
            for write in writes:
                await self._send(write)
        except TransportError as error:
            logger.warning("%s: did not vibrate: %s", self._name, error)
        finally:
            self._sending = None
