"""The transport of virtual sensors."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from ..drivers.model import Packet
from ..host_clock import HostClock
from ..transports.transport import Fault, Transport, TransportError
from .connection import Connection
from .sensor import VirtualSensor

GATHER_S = 0.03
"""How long packets are gathered before they are handed over; their stamps are exact."""

CONNECTING_S = 0.2
SEARCHING_S = 1.0
NO_ANSWER_S = 10.0


class VirtualTransport(Transport):
    """One connection to a virtual sensor; no thread, no task, only sleep.

    Parameters
    ----------
    sensor
        Outlives this connection.
    clock
        The host's clocks, the same that the sensor was made with.
    gather_s
        See `GATHER_S`.
    """

    def __init__(
        self, sensor: VirtualSensor, *, clock: HostClock, gather_s: float = GATHER_S
    ) -> None:
        self.address = f"sim:{sensor.name}"
        self.sensor = sensor
        self._clock, self._gather_s = clock, gather_s
        self._connection: Connection | None = None
        self._used = False

    async def open(self, notify: Sequence[str] = ()) -> None:
        """See `Transport.open`."""
        if self._used:
            raise TransportError(
                Fault.OTHER, f"{self.address}: a transport is opened only once"
            )
        self._used = True
        if self.sensor.wire.link == "ble":
            if self.sensor.faults.never:
                await asyncio.sleep(NO_ANSWER_S)
                raise TransportError(
                    Fault.NO_ANSWER, f"{self.address} was found and does not answer"
                )
            await asyncio.sleep(CONNECTING_S)
        try:
            self._connection = self.sensor.connect(notify)
        except TransportError as error:
            if error.fault is Fault.NOT_FOUND:
                await asyncio.sleep(SEARCHING_S)
            raise

    async def write(self, data: bytes, channel: str = "") -> None:
        """See `Transport.write`."""
        self.sensor.write(self._open(), data, channel)
        await asyncio.sleep(0)

    async def receive(self) -> list[Packet]:
        """See `Transport.receive`."""
        while True:
            connection = self._open()
            self.sensor.advance()
            packets = connection.take(self.sensor.line(self._clock.monotonic()))
            if packets:
                return packets
            if connection.ended is not None:
                raise connection.ended
            if self.sensor.ended and connection.empty:
                raise TransportError(Fault.ENDED, f"{self.address}: the night has ended")
            await asyncio.sleep(self._gather_s)

    async def close(self) -> None:
        """See `Transport.close`."""
        connection, self._connection = self._connection, None
        if connection is not None:
            self.sensor.leave(connection)

    def _open(self) -> Connection:
        if self._connection is None:
            raise TransportError(Fault.LOST, f"{self.address} is not connected")
        return self._connection
