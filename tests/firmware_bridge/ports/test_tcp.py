"""The TCP transport against real sockets: refused, silent, stuck, cut off and ended."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest

from crampwatch.firmware_bridge.drivers.model import Packet
from crampwatch.firmware_bridge.host_clock import SystemClock
from crampwatch.firmware_bridge.transports import Fault, TransportError
from crampwatch.firmware_bridge.transports.tcp import TcpTransport

HOST = "127.0.0.1"
CLOCK = SystemClock()


class Peer:
    """The other side: takes connections one after the other, as plain sockets."""

    def __init__(self) -> None:
        self._listener = socket.create_server((HOST, 0))
        self._listener.setblocking(False)
        self.port = self._listener.getsockname()[1]
        self._taken: list[socket.socket] = []

    async def take(self) -> socket.socket:
        line, _ = await asyncio.get_running_loop().sock_accept(self._listener)
        self._taken.append(line)
        return line

    def close(self) -> None:
        for line in (*self._taken, self._listener):
            line.close()


def with_peer(play: Callable[[Peer], Awaitable[None]]) -> None:
    async def whole() -> None:
        peer = Peer()
        try:
            await play(peer)
        finally:
            peer.close()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(whole())


async def fault_of(work: Awaitable[object]) -> TransportError:
    with pytest.raises(TransportError) as caught:
        await work
    assert "\n" not in str(caught.value)
    return caught.value


async def read(line: TcpTransport, size: int) -> bytes:
    packets: list[Packet] = []
    while sum(len(each.data) for each in packets) < size:
        packets += await line.receive()
    return b"".join(each.data for each in packets)


def test_bytes_pass_both_ways_and_the_end_comes_after_the_last_of_them() -> None:
    async def play(peer: Peer) -> None:
        loop = asyncio.get_running_loop()
        line = TcpTransport(HOST, peer.port, clock=CLOCK)
        await line.open()
        other = await peer.take()
        data = bytes(range(256)) * 1000
        sending = asyncio.ensure_future(loop.sock_sendall(other, data))
        assert await read(line, len(data)) == data
        await sending
        await line.write(b"start")
        assert await loop.sock_recv(other, 100) == b"start"
        await loop.sock_sendall(other, b"last")
        other.close()
        assert await read(line, 4) == b"last"
        assert (await fault_of(line.receive())).fault is Fault.LOST
        assert (await fault_of(line.write(b"stop"))).fault is Fault.LOST
        await line.close()
        await line.close()

    with_peer(play)


def test_a_reset_is_lost() -> None:
    async def play(peer: Peer) -> None:
        line = TcpTransport(HOST, peer.port, clock=CLOCK)
        await line.open()
        other = await peer.take()
        waiting = asyncio.ensure_future(line.receive())
        await asyncio.sleep(0)
        other.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        other.close()
        assert (await fault_of(waiting)).fault is Fault.LOST
        await line.close()

    with_peer(play)


def test_nobody_listens() -> None:
    async def play(peer: Peer) -> None:
        peer.close()
        line = TcpTransport(HOST, peer.port, clock=CLOCK)
        refused = await fault_of(line.open())
        assert refused.fault is Fault.NOT_FOUND
        assert f"{HOST}:{peer.port}" in str(refused)
        await line.close()
        assert (await fault_of(line.receive())).fault is Fault.LOST

    with_peer(play)


def test_no_computer_of_that_name() -> None:
    async def play(_peer: Peer) -> None:
        line = TcpTransport("not..a..name", 9000, clock=CLOCK)
        assert (await fault_of(line.open())).fault is Fault.NOT_FOUND

    with_peer(play)


def test_a_connection_that_does_not_come_is_no_answer() -> None:
    async def play(peer: Peer) -> None:
        line = TcpTransport(HOST, peer.port, clock=CLOCK, connect_s=0.0)
        assert (await fault_of(line.open())).fault is Fault.NO_ANSWER
        await line.close()

    with_peer(play)


def test_a_peer_that_takes_no_bytes_is_no_answer_and_the_loop_stays_free() -> None:
    async def play(peer: Peer) -> None:
        line = TcpTransport(HOST, peer.port, clock=CLOCK, write_s=0.1)
        await line.open()
        other = await peer.take()
        writing = asyncio.ensure_future(line.write(bytes(1 << 26)))
        await asyncio.get_running_loop().sock_sendall(other, b"still heard")
        assert await read(line, 11) == b"still heard"
        assert (await fault_of(writing)).fault is Fault.NO_ANSWER
        await line.close()

    with_peer(play)


def test_closing_ends_a_reader_that_waits() -> None:
    async def play(peer: Peer) -> None:
        line = TcpTransport(HOST, peer.port, clock=CLOCK)
        await line.open()
        other = await peer.take()
        waiting = asyncio.ensure_future(line.receive())
        await asyncio.sleep(0)
        await line.close()
        assert (await fault_of(waiting)).fault is Fault.LOST
        with suppress(ConnectionError):
            assert await asyncio.get_running_loop().sock_recv(other, 100) == b""

    with_peer(play)


def test_the_system_asks_whether_a_silent_peer_is_still_there() -> None:
    async def play(peer: Peer) -> None:
        line = TcpTransport(HOST, peer.port, clock=CLOCK)
        await line.open()
        assert line._peer is not None
        assert line._peer._line is not None
        plain = line._peer._line.get_extra_info("socket")
        assert plain.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        await line.close()

    with_peer(play)


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_a_port_that_cannot_be_is_refused(port: int) -> None:
    with pytest.raises(ValueError, match="port"):
        TcpTransport(HOST, port, clock=CLOCK)
