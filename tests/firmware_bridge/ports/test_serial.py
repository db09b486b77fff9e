"""The serial transport against ptys: plugged, unplugged, stuck, taken and forbidden."""

from __future__ import annotations

import asyncio
import fcntl
import os
import termios
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
import serial  # noqa: F401 - loaded while this user may still read it
from board import Board

from crampwatch.firmware_bridge.drivers.model import Packet
from crampwatch.firmware_bridge.host_clock import SystemClock
from crampwatch.firmware_bridge.transports import Fault, TransportError
from crampwatch.firmware_bridge.transports import serial as serial_module
from crampwatch.firmware_bridge.transports.serial import SerialTransport
from crampwatch.firmware_bridge.transports.serial_ports import (
    FoundPort,
    driver_hint,
    find_port,
    list_ports,
    stable_name,
)

CLOCK = SystemClock()
EVERY_BYTE = bytes(range(256))
MUCH = bytes(1 << 20)

DONGLE = FoundPort(
    "/dev/ttyNONE0", "FT231X USB UART", 0x0403, 0x6015, "DM01ABCD", "DM01ABCD", "cyton", True
)
BOARD = FoundPort("/dev/ttyNONE1", "UNO", 0x2341, 0x0043, "7573", "7573", None, True)


def on_board(folder: Path, play: Callable[[Board], Awaitable[None]]) -> None:
    """Play, and see that no thread, task or open file is left over."""

    async def whole() -> None:
        board = Board(folder)
        try:
            await play(board)
        finally:
            board.unplug()

    files = len(list(Path("/dev/fd").iterdir()))
    threads = set(threading.enumerate())
    asyncio.run(whole())
    for thread in set(threading.enumerate()) - threads:
        thread.join()
    assert len(list(Path("/dev/fd").iterdir())) == files


def transport(port: Path | str) -> SerialTransport:
    return SerialTransport(str(port), baud=115200, clock=CLOCK)


async def read(line: SerialTransport, size: int) -> list[Packet]:
    packets: list[Packet] = []
    while sum(len(packet.data) for packet in packets) < size:
        packets += await line.receive()
    return packets


def joined(packets: list[Packet]) -> bytes:
    return b"".join(packet.data for packet in packets)


async def fault_of(work: Awaitable[object]) -> TransportError:
    with pytest.raises(TransportError) as caught:
        await work
    assert "\n" not in str(caught.value)
    return caught.value


def test_bytes_pass_both_ways_unchanged_in_order_and_stamped(tmp_path: Path) -> None:
    async def play(board: Board) -> None:
        board.plug()
        line = transport(board.port)
        before = CLOCK.monotonic()
        await line.open()
        sending = asyncio.ensure_future(board.send(EVERY_BYTE * 400))
        packets = await read(line, 256 * 400)
        await sending
        await line.write(EVERY_BYTE)
        assert await board.hears(256) == EVERY_BYTE
        assert joined(packets) == EVERY_BYTE * 400
        stamps = [packet.arrival_s for packet in packets]
        assert before <= stamps[0]
        assert stamps == sorted(stamps)
        assert stamps[-1] <= CLOCK.monotonic()
        await line.close()
        await line.close()
        assert (await fault_of(line.receive())).fault is Fault.LOST
        assert (await fault_of(line.write(b"b"))).fault is Fault.LOST

    on_board(tmp_path, play)


def test_unplugged_while_reading_gives_what_arrived_and_then_lost(tmp_path: Path) -> None:
    async def play(board: Board) -> None:
        board.plug()
        line = transport(board.port)
        await line.open()
        await board.send(b"last words")
        packets = await read(line, 10)
        waiting = asyncio.ensure_future(line.receive())
        board.unplug()
        lost = await fault_of(waiting)
        assert lost.fault is Fault.LOST
        assert "plug" in str(lost)
        assert joined(packets) == b"last words"
        await line.close()

    on_board(tmp_path, play)


def test_plugged_in_again_it_is_found_behind_the_same_name(tmp_path: Path) -> None:
    async def play(board: Board) -> None:
        for round_number in range(5):
            board.plug()
            line = transport(board.port)
            await line.open()
            word = b"round %d" % round_number
            await board.send(word)
            assert joined(await read(line, len(word))) == word
            board.unplug()
            assert (await fault_of(line.receive())).fault is Fault.LOST
            gone = transport(board.port)
            assert (await fault_of(gone.open())).fault is Fault.NOT_FOUND
            await line.close()
            await gone.close()

    on_board(tmp_path, play)


def test_a_write_that_blocks_leaves_the_loop_free_and_ends_on_unplugging(
    tmp_path: Path,
) -> None:
    async def play(board: Board) -> None:
        board.plug(listens=False)
        line = transport(board.port)
        await line.open()
        writing = asyncio.ensure_future(line.write(MUCH))
        await board.send(b"still heard")
        assert joined(await read(line, 11)) == b"still heard"
        assert not writing.done()
        board.unplug()
        assert (await fault_of(writing)).fault is Fault.LOST
        await line.close()

    on_board(tmp_path, play)


def test_a_port_that_takes_no_bytes_is_no_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serial_module, "WRITE_S", 0.05)

    async def play(board: Board) -> None:
        board.plug(listens=False)
        line = transport(board.port)
        await line.open()
        assert (await fault_of(line.write(MUCH))).fault is Fault.NO_ANSWER
        await line.close()

    on_board(tmp_path, play)


def test_closing_ends_a_write_that_blocks_and_a_read_that_waits(tmp_path: Path) -> None:
    async def play(board: Board) -> None:
        board.plug(listens=False)
        line = transport(board.port)
        await line.open()
        writing = asyncio.ensure_future(line.write(MUCH))
        reading = asyncio.ensure_future(line.receive())
        await asyncio.sleep(0)
        await line.close()
        assert (await fault_of(reading)).fault is Fault.LOST
        await asyncio.gather(writing, return_exceptions=True)
        assert writing.done()

    on_board(tmp_path, play)


def test_a_peer_that_never_answers_is_waited_for_and_loses_nothing(tmp_path: Path) -> None:
    async def play(board: Board) -> None:
        board.plug()
        line = transport(board.port)
        await line.open()
        for _ in range(20):
            waiting = asyncio.ensure_future(line.receive())
            await asyncio.sleep(0)
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
        await board.send(EVERY_BYTE)
        assert joined(await read(line, 256)) == EVERY_BYTE
        await line.close()

    on_board(tmp_path, play)


def test_an_opening_that_nobody_waits_for_is_closed_again(tmp_path: Path) -> None:
    async def play(board: Board) -> None:
        board.plug()
        for _ in range(20):
            opening = asyncio.ensure_future(transport(board.port).open())
            await asyncio.sleep(0)
            opening.cancel()
            await asyncio.gather(opening, return_exceptions=True)
        for thread in threading.enumerate():
            if thread.name.startswith("crampwatch"):
                await asyncio.to_thread(thread.join)

    on_board(tmp_path, play)


def test_a_port_somebody_else_reads_is_busy(tmp_path: Path) -> None:
    async def play(board: Board) -> None:
        board.plug()
        first, second = transport(board.port), transport(board.port)
        await first.open()
        busy = await fault_of(second.open())
        assert busy.fault is Fault.BUSY
        assert "close" in str(busy)
        await second.close()
        await board.send(b"ours")
        assert joined(await read(first, 4)) == b"ours"
        await first.close()
        await second.open()
        await second.close()

    on_board(tmp_path, play)


def test_a_port_this_user_may_not_open_says_what_to_type(tmp_path: Path) -> None:
    async def play(board: Board) -> None:
        board.plug()
        port = board.port.resolve()
        port.chmod(0o000)
        root = os.geteuid() == 0
        if root:
            os.seteuid(65534)
        try:
            refused = await fault_of(transport(port).open())
        finally:
            if root:
                os.seteuid(0)
        assert refused.fault is Fault.NO_PERMISSION
        assert "sudo usermod -aG" in str(refused)
        assert "log out and in" in str(refused)

    on_board(tmp_path, play)


def test_what_is_no_serial_port_is_foreign(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not a port", "utf-8")

    async def play(board: Board) -> None:
        for name in (tmp_path / "notes.txt", tmp_path, "/dev/null"):
            refused = await fault_of(transport(name).open())
            assert refused.fault in (Fault.FOREIGN, Fault.NOT_FOUND), name

    on_board(tmp_path, play)


def test_closing_leaves_dtr_as_it_is_and_the_port_to_others(tmp_path: Path) -> None:
    async def play(board: Board) -> None:
        board.plug()
        line = transport(board.port)
        await line.open()
        await line.close()
        plain = os.open(board.port, os.O_RDWR | os.O_NOCTTY)
        try:
            assert not termios.tcgetattr(plain)[2] & termios.HUPCL
            fcntl.flock(plain, fcntl.LOCK_EX | fcntl.LOCK_NB)
        finally:
            os.close(plain)

    on_board(tmp_path, play)


def test_the_ports_there_are_can_be_listed() -> None:
    for found in list_ports():
        assert found.port
        assert find_port(found.port) == found.port
    assert stable_name("/dev/ttyNONE7") == "/dev/ttyNONE7"


def test_a_missing_port_names_those_there_are() -> None:
    with pytest.raises(TransportError, match=r"ttyNONE0 \(FT231X USB UART\)") as caught:
        find_port("/dev/ttyNONE9", [DONGLE, BOARD])
    assert caught.value.fault is Fault.NOT_FOUND
    with pytest.raises(TransportError, match="no serial port is there"):
        find_port("/dev/ttyNONE9", [])


@pytest.mark.parametrize("wanted", ["DM01ABCD", "dm01abcd", "0403:6015", "/dev/ttyNONE0"])
def test_a_port_is_found_by_serial_number_and_usb_numbers(wanted: str) -> None:
    assert find_port(wanted, [BOARD, DONGLE]) == "/dev/ttyNONE0"
    moved = FoundPort("/dev/ttyNONE4", *list(_values(DONGLE))[1:])
    if not wanted.startswith("/"):
        assert find_port(wanted, [BOARD, moved]) == "/dev/ttyNONE4"


def test_a_pattern_finds_the_one_port_it_fits(tmp_path: Path) -> None:
    (tmp_path / "usb-one-port0").touch()
    assert find_port(f"{tmp_path}/usb-*-port0", []) == str(tmp_path / "usb-one-port0")
    (tmp_path / "usb-two-port0").touch()
    with pytest.raises(TransportError, match="several"):
        find_port(f"{tmp_path}/usb-*-port0", [])
    with pytest.raises(TransportError, match="no such port"):
        find_port(f"{tmp_path}/ttyUSB?", [])


def test_a_driver_is_only_hinted_at_where_the_chip_says_something() -> None:
    assert driver_hint(0x0403, 0x6015, "FT231X USB UART") == "cyton"
    assert driver_hint(0x10C4, 0xEA60, "CP2102 USB to UART") is None
    assert driver_hint(None, None, "/dev/cu.Shimmer3-1A2B-RN42") == "shimmer3"


def _values(port: FoundPort) -> list[object]:
    return [getattr(port, name) for name in FoundPort.__slots__]
