"""Bytes over TCP: a port that another computer shares, or a sensor with a socket."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Sequence
from contextlib import suppress

from ..drivers.model import Packet
from ..host_clock import HostClock
from .inbox import Inbox
from .transport import Fault, Transport, TransportError

CONNECT_S = 10.0
WRITE_S = 5.0

PROBES = (("TCP_KEEPIDLE", 10), ("TCP_KEEPALIVE", 10), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 3))
"""A peer that was cut off without a word is noticed after 25 s of silence."""


class TcpTransport(Transport):
    """One connection to a host that sends the sensor's bytes, as ser2net does.

    Parameters
    ----------
    host, port
        Where it listens.
    clock
        Stamps what arrives.
    connect_s, write_s
        Seconds to wait for the connection, and for a peer that takes no bytes.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        clock: HostClock,
        connect_s: float = CONNECT_S,
        write_s: float = WRITE_S,
    ) -> None:
        if not 0 < port < 1 << 16:
            raise ValueError(f"port is {port}, and must be from 1 to 65535")
        self.address = f"tcp:[{host}]:{port}" if ":" in host else f"tcp:{host}:{port}"
        self._host, self._port = host, port
        self._clock = clock
        self._connect_s, self._write_s = connect_s, write_s
        self._peer: _Peer | None = None

    async def open(self, notify: Sequence[str] = ()) -> None:  # noqa: ARG002 - one channel
        """See `Transport.open`."""
        try:
            async with asyncio.timeout(self._connect_s):
                self._peer = await self._connect()
        except TimeoutError:
            line = f"{self.address}: no answer within {self._connect_s:g} s; is it switched on?"
            raise TransportError(Fault.NO_ANSWER, line) from None

    async def write(self, data: bytes, channel: str = "") -> None:  # noqa: ARG002
        """See `Transport.write`; waits at most `write_s` for a peer that takes no bytes."""
        peer = self._live()
        peer.send(data)
        try:
            async with asyncio.timeout(self._write_s):
                await peer.clear.wait()
        except TimeoutError:
            peer.cut()
            line = f"{self.address}: took no bytes for {self._write_s:g} s"
            raise TransportError(Fault.NO_ANSWER, line) from None
        if peer.gone is not None:
            raise peer.gone

    async def receive(self) -> list[Packet]:
        """See `Transport.receive`."""
        return await self._live().inbox.take()

    async def close(self) -> None:
        """See `Transport.close`; what was not sent by now is thrown away."""
        if self._peer is not None:
            self._peer.cut()
            await self._peer.over.wait()

    async def _connect(self) -> _Peer:
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            line = f"{self.address}: no computer of this name is known; check it"
            raise TransportError(Fault.NOT_FOUND, line) from None
        error: OSError | None = None
        for _family, _kind, _protocol, _name, where in found:
            try:
                _, peer = await loop.create_connection(
                    lambda: _Peer(self.address, self._clock), str(where[0]), int(where[1])
                )
            except OSError as failed:
                error = error or failed
            else:
                return peer
        raise self._refused(error)

    def _refused(self, error: OSError | None) -> TransportError:
        number = error.errno if error is not None else None
        if number == errno.ECONNREFUSED:
            why = "nothing listens there; start the program that shares the sensor"
            return TransportError(Fault.NOT_FOUND, f"{self.address}: {why}")
        if number in (errno.EACCES, errno.EPERM):
            line = f"{self.address}: this computer does not let the connection out"
            return TransportError(Fault.NO_PERMISSION, line)
        if number == errno.ETIMEDOUT:
            line = f"{self.address}: no answer; is it switched on?"
            return TransportError(Fault.NO_ANSWER, line)
        why = error.strerror if error is not None and error.strerror else "no way there"
        line = f"{self.address}: cannot be reached ({why}); are both on the same network?"
        return TransportError(Fault.NOT_FOUND, line)

    def _live(self) -> _Peer:
        if self._peer is None:
            raise TransportError(Fault.LOST, f"{self.address}: is not open")
        return self._peer


class _Peer(asyncio.Protocol):
    """The connection as the event loop sees it."""

    def __init__(self, address: str, clock: HostClock) -> None:
        self.inbox = Inbox()
        self.clear = asyncio.Event()
        self.over = asyncio.Event()
        self.gone: TransportError | None = None
        self._address, self._clock = address, clock
        self._line: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            self._line = transport
        _probe(transport.get_extra_info("socket"))
        self.clear.set()

    def data_received(self, data: bytes) -> None:
        self.inbox.put(Packet(data, self._clock.monotonic()))

    def pause_writing(self) -> None:
        self.clear.clear()

    def resume_writing(self) -> None:
        self.clear.set()

    def connection_lost(self, exc: Exception | None) -> None:
        why = getattr(exc, "strerror", None) or "the other side has ended it"
        self._end(f"{self._address}: the connection is gone ({why})")
        self.over.set()

    def send(self, data: bytes) -> None:
        if self.gone is not None:
            raise self.gone
        if self._line is not None:
            self._line.write(data)

    def cut(self) -> None:
        self._end(f"{self._address}: was closed")
        if self._line is not None:
            self._line.abort()

    def _end(self, line: str) -> None:
        if self.gone is None:
            self.gone = TransportError(Fault.LOST, line)
            self.inbox.end(self.gone)
        self.clear.set()


def _probe(line: socket.socket | None) -> None:
    """Have the system ask the peer now and then whether it is still there."""
    if line is None:
        return
    with suppress(OSError):
        line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in PROBES:
        option = getattr(socket, name, None)
        if option is not None:
            with suppress(OSError):
                line.setsockopt(socket.IPPROTO_TCP, option, value)
