"""Captures played back: their times, their speed, their damage and their end."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest
from fast_time import LoopClock, run_fast

from crampwatch.firmware_bridge.drivers.model import Packet
from crampwatch.firmware_bridge.transports import Fault, TransportError
from crampwatch.firmware_bridge.transports.playback import FileTransport

UUID = "fb005c82-02e7-f387-1cad-8acd2d8df0c8"


def line(time: float | str | None, data: bytes) -> str:
    return json.dumps({"t": time, "char": UUID.upper(), "data": data.hex()}) + "\n"


def play(path: Path, **how: Any) -> tuple[list[tuple[float, Packet]], TransportError, int]:
    """Return what arrived and when, how it ended, and how many lines were unreadable."""

    async def whole() -> tuple[list[tuple[float, Packet]], TransportError, int]:
        clock = LoopClock()
        capture = FileTransport(path, clock=clock, **how)
        await capture.open()
        start = clock.monotonic()
        arrived: list[tuple[float, Packet]] = []
        try:
            while True:
                packets = await capture.receive()
                now = clock.monotonic() - start
                arrived += [
                    (now, Packet(each.data, each.arrival_s - start, each.channel))
                    for each in packets
                ]
        except TransportError as error:
            await capture.close()
            await capture.close()
            return arrived, error, capture.unreadable_lines

    return run_fast(whole())


def opening(path: Path | str) -> TransportError:
    async def whole() -> TransportError:
        with pytest.raises(TransportError) as caught:
            await FileTransport(path, clock=LoopClock()).open()
        return caught.value

    return run_fast(whole())


@pytest.mark.parametrize("speed", [1.0, 60.0, math.inf])
def test_notifications_come_at_their_times_and_keep_their_stamps(
    tmp_path: Path, speed: float
) -> None:
    path = tmp_path / "night.jsonl"
    times = [5000.0, 5000.5, 5000.5, 5003.0, 8600.0]
    path.write_text("".join(line(time, b"%d" % number) for number, time in enumerate(times)))
    arrived, end, _ = play(path, speed=speed)
    assert end.fault is Fault.ENDED
    assert [packet.data for _, packet in arrived] == [b"0", b"1", b"2", b"3", b"4"]
    assert {packet.channel for _, packet in arrived} == {UUID}
    passed = [time - 5000.0 for time in times]
    assert [packet.arrival_s for _, packet in arrived] == pytest.approx(passed)
    assert [now for now, _ in arrived] == pytest.approx([each / speed for each in passed])


def test_a_torn_last_line_is_passed_over_and_bad_lines_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "killed.jsonl"
    bad = '{"t": 1}\n' + "[1]\n" + '{"data": "zz", "char": "x"}\n' + "x" * 200_000 + "\n\n"
    path.write_text(line(None, b"a") + bad + line("soon", b"b") + line(2.0, b"c")[:-9])
    arrived, end, unreadable = play(path)
    assert [packet.data for _, packet in arrived] == [b"a", b"b"]
    assert end.fault is Fault.ENDED
    assert unreadable == 4


def test_times_that_step_back_do_not_hold_up_and_keep_the_order(tmp_path: Path) -> None:
    path = tmp_path / "stepped.jsonl"
    path.write_text(line(100.0, b"a") + line(20.0, b"b") + line(100.5, b"c"))
    arrived, _, _ = play(path)
    assert [packet.data for _, packet in arrived] == [b"a", b"b", b"c"]
    assert arrived[-1][0] == pytest.approx(0.5)


def test_a_file_without_one_notification_is_foreign(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text('{"a": 1,\n "b": 2\n}\n')
    arrived, end, _ = play(path)
    assert not arrived
    assert end.fault is Fault.FOREIGN
    assert "UUID" in str(end)


def test_bytes_come_at_the_stated_rate(tmp_path: Path) -> None:
    path = tmp_path / "port.bin"
    data = bytes(range(256)) * 40
    path.write_bytes(data)
    arrived, end, _ = play(path, bytes_per_s=1024.0, speed=2.0)
    assert end.fault is Fault.ENDED
    assert b"".join(packet.data for _, packet in arrived) == data
    assert arrived[-1][0] == pytest.approx(5.0)
    assert arrived[-1][1].arrival_s == pytest.approx(10.0)


def test_bytes_without_a_rate_come_as_fast_as_can_be_and_other_tasks_run(
    tmp_path: Path,
) -> None:
    path = tmp_path / "port.bin"
    path.write_bytes(bytes(1 << 20))

    async def whole() -> None:
        capture = FileTransport(path, clock=LoopClock())
        await capture.open()
        turns = 0

        async def other() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        beside = asyncio.ensure_future(other())
        size = reads = 0
        with pytest.raises(TransportError, match="end"):
            await every_byte(capture, lambda _n: None)
        await capture.close()
        capture = FileTransport(path, clock=LoopClock())
        await capture.open()
        while size < 1 << 20:
            size += sum(len(each.data) for each in await capture.receive())
            reads += 1
        assert turns >= reads
        beside.cancel()
        await asyncio.gather(beside, return_exceptions=True)
        await capture.close()

    run_fast(whole())


async def every_byte(capture: FileTransport, seen: Any) -> None:
    while True:
        seen(await capture.receive())


def test_a_cancelled_reader_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "slow.jsonl"
    path.write_text(line(0.0, b"a") + line(10.0, b"b"))

    async def whole() -> None:
        capture = FileTransport(path, clock=LoopClock())
        await capture.open()
        assert [each.data for each in await capture.receive()] == [b"a"]
        for _ in range(3):
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(capture.receive(), 1.0)
        assert [each.data for each in await capture.receive()] == [b"b"]
        await capture.close()

    run_fast(whole())


def test_closing_ends_a_reader_that_waits(tmp_path: Path) -> None:
    path = tmp_path / "slow.jsonl"
    path.write_text(line(0.0, b"a") + line(1e9, b"b"))

    async def whole() -> None:
        capture = FileTransport(path, clock=LoopClock())
        await capture.open()
        await capture.receive()
        waiting = asyncio.ensure_future(capture.receive())
        await asyncio.sleep(0.1)
        await capture.close()
        with pytest.raises(TransportError) as caught:
            await waiting
        assert caught.value.fault is Fault.LOST
        with pytest.raises(TransportError):
            await capture.write(b"b")

    run_fast(whole())


def test_what_is_no_file_says_so(tmp_path: Path) -> None:
    assert opening(tmp_path / "nothing.bin").fault is Fault.NOT_FOUND
    assert opening(tmp_path).fault is Fault.FOREIGN
    assert opening("a\0b").fault is Fault.NOT_FOUND


@pytest.mark.parametrize("how", [{"speed": 0.0}, {"speed": math.nan}, {"bytes_per_s": -1.0}])
def test_a_speed_that_cannot_be_is_refused(tmp_path: Path, how: dict[str, float]) -> None:
    async def whole() -> None:
        with pytest.raises(ValueError, match="speed"):
            FileTransport(tmp_path, clock=LoopClock(), **how)

    coroutine: Coroutine[Any, Any, None] = whole()
    run_fast(coroutine)
