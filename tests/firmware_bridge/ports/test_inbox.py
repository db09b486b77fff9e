"""The inbox and the threads beside the loop: order, bounds, ends, and no one left waiting."""

from __future__ import annotations

import asyncio
import threading
from threading import Event, Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crampwatch.firmware_bridge.drivers.model import Packet
from crampwatch.firmware_bridge.transports import Fault, TransportError, inbox
from crampwatch.firmware_bridge.transports.aside import aside
from crampwatch.firmware_bridge.transports.inbox import Inbox

GONE = TransportError(Fault.LOST, "gone")


async def drain(box: Inbox) -> list[Packet]:
    taken: list[Packet] = []

    async def take_all() -> None:
        while True:
            taken.extend(await box.take())

    with pytest.raises(TransportError) as caught:
        await take_all()
    assert caught.value is GONE
    return taken


@settings(deadline=None, max_examples=30)
@given(st.lists(st.lists(st.binary(max_size=3), max_size=40), min_size=1, max_size=4))
def test_nothing_is_lost_from_several_threads_and_each_keeps_its_order(
    words: list[list[bytes]],
) -> None:
    async def whole() -> list[Packet]:
        box = Inbox()

        def run(number: int) -> None:
            for word in words[number]:
                box.put(Packet(word, channel=str(number)))

        threads = [Thread(target=run, args=(number,)) for number in range(len(words))]
        for thread in threads:
            thread.start()

        def end() -> None:
            for thread in threads:
                thread.join()
            box.end(GONE)

        Thread(target=end).start()
        return await drain(box)

    taken = asyncio.run(whole())
    for number, sent in enumerate(words):
        assert [each.data for each in taken if each.channel == str(number)] == sent


def test_a_callback_of_the_loop_wakes_the_one_who_waits() -> None:
    async def whole() -> None:
        box = Inbox()
        taking = asyncio.ensure_future(box.take())
        await asyncio.sleep(0)
        asyncio.get_running_loop().call_soon(box.put, Packet(b"x"))
        assert [each.data for each in await taking] == [b"x"]

    asyncio.run(whole())


def test_what_waits_is_bounded_in_bytes_and_in_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "MOST_BYTES", 100)
    monkeypatch.setattr(inbox, "MOST_PACKETS", 10)

    async def whole() -> None:
        box = Inbox()
        for _ in range(1000):
            box.put(Packet(b""))
        assert box.overflowed_packets == 990
        assert len(await box.take()) == 10
        for _ in range(3):
            box.put(Packet(bytes(40)))
        assert box.overflowed_bytes == 40
        assert [len(each.data) for each in await box.take()] == [40, 40]
        box.put(Packet(bytes(100)))
        assert len(await box.take()) == 1

    asyncio.run(whole())


def test_the_first_end_stands_and_nothing_is_taken_after_it() -> None:
    async def whole() -> None:
        box = Inbox()
        box.put(Packet(b"before"))
        box.end(GONE)
        box.end(TransportError(Fault.OTHER, "later"))
        box.put(Packet(b"after"))
        assert [each.data for each in await drain(box)] == [b"before"]
        for _ in range(3):
            assert await drain(box) == []

    asyncio.run(whole())


def test_a_cancelled_taker_loses_nothing() -> None:
    async def whole() -> None:
        box = Inbox()
        taken: list[Packet] = []
        for number in range(50):
            taking = asyncio.ensure_future(box.take())
            await asyncio.sleep(0)
            if number % 2:
                box.put(Packet(b"%d" % number))
            taking.cancel()
            (got,) = await asyncio.gather(taking, return_exceptions=True)
            taken += got if isinstance(got, list) else []
        box.end(GONE)
        taken += await drain(box)
        assert [each.data for each in taken] == [b"%d" % odd for odd in range(1, 50, 2)]

    asyncio.run(whole())


def test_a_thread_may_put_after_the_loop_was_closed() -> None:
    async def whole() -> Inbox:
        return Inbox()

    box = asyncio.run(whole())
    box.put(Packet(b"late"))
    box.end(GONE)


def test_work_aside_returns_and_raises() -> None:
    async def whole() -> None:
        assert await aside(lambda: 3) == 3
        with pytest.raises(KeyError):
            await aside(lambda: {}[1])

    asyncio.run(whole())


@pytest.mark.parametrize("closed", [False, True])
def test_what_nobody_waits_for_is_undone(*, closed: bool) -> None:
    go, undone = Event(), Event()

    def work() -> str:
        go.wait()
        return "an open port"

    async def whole() -> None:
        doing = asyncio.ensure_future(aside(work, lambda _port: undone.set()))
        await asyncio.sleep(0)
        doing.cancel()
        await asyncio.gather(doing, return_exceptions=True)
        if not closed:
            go.set()
            await asyncio.to_thread(undone.wait)

    asyncio.run(whole())
    go.set()
    undone.wait()
    for thread in threading.enumerate():
        if thread.name.startswith("crampwatch"):
            thread.join()
