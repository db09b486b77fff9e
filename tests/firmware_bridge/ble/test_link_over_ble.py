"""A link kept over Bluetooth: broken off, and with the Bluetooth service killed under it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from private_bus import PrivateBus, on_bus
from virtual_radio import VirtualBand, VirtualRadio

from crampwatch.firmware_bridge.drivers.model import Decoded, Packet
from crampwatch.firmware_bridge.drivers.registry import find_driver
from crampwatch.firmware_bridge.links import Link, LinkChange, LinkPolicy, LinkState
from crampwatch.firmware_bridge.transports import Fault
from crampwatch.firmware_bridge.transports.ble import BleTransport

LEFT = "C0:00:00:00:00:01"
OPEN_SENSOR = find_driver("open-sensor")
QUICK = LinkPolicy(silent_s=0.5, grace_s=2.0, backoff_first_s=0.05)


class Sink:
    """Notes what a link brings, and tells when it is enough."""

    def __init__(self) -> None:
        self.changes: list[LinkChange] = []
        self.samples = 0
        self.news = asyncio.Event()

    def took(self, _link: Link, _packets: Sequence[Packet], decoded: Decoded) -> None:
        self.samples += sum(len(each) for each in decoded.samples)
        self.news.set()

    def changed(self, _link: Link, change: LinkChange) -> None:
        self.changes.append(change)
        self.news.set()

    def round_trip(self, _link: Link, _trip: object) -> None:
        """Nothing here answers."""

    async def more(self, count: int) -> None:
        await self.until(lambda wanted=self.samples + count: self.samples >= wanted)

    async def until(self, so: Callable[[], bool]) -> None:
        while not so():
            self.news.clear()
            await self.news.wait()

    def faults(self) -> list[Fault]:
        return [each.fault for each in self.changes if each.fault is not None]


def link_to(sink: Sink, **more: Any) -> Link:
    def connect() -> BleTransport:
        return BleTransport(LEFT, info=OPEN_SENSOR, **more)

    return Link("left", OPEN_SENSOR, {}, connect, sink, policy=QUICK)


def test_a_link_goes_on_after_each_break() -> None:
    async def play() -> None:
        async with VirtualRadio() as radio:
            left = await VirtualBand(radio, LEFT).switch_on()
            sink = Sink()
            link = link_to(sink, backend=radio.client, scanner=radio.scanner)
            running = asyncio.create_task(link.run())
            for _break in range(3):
                await sink.more(100)
                await left.break_off()
            await sink.more(100)
            await link.stop()
            await running
            assert link.state is LinkState.STOPPED
            assert left.connections == 4
            assert sink.faults().count(Fault.LOST) >= 3
            assert left.link is None
            await left.switch_off()

    asyncio.run(play())


@pytest.mark.system
def test_the_watchdog_ends_a_link_whose_bluetooth_service_was_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def play(private: PrivateBus) -> None:
        band = {"address": LEFT, "name": "Crampwatch1"}
        await private.start_bus()
        await private.start_bluez(band)
        sink = Sink()
        link = link_to(sink)
        running = asyncio.create_task(link.run())
        await sink.more(100)
        await private.kill_bluez()
        await sink.until(lambda: Fault.NO_ADAPTER in sink.faults())
        assert Fault.NO_ANSWER in sink.faults()
        assert Fault.LOST not in sink.faults()
        await private.start_bluez(band)
        await sink.more(100)
        await link.stop()
        await running

    on_bus(tmp_path, monkeypatch, play)
