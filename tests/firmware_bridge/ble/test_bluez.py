"""The BLE transport on bleak's own Linux backend: a private D-Bus and a fake ``org.bluez``."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from band import FRAMES_PER_S, PER_FRAME
from private_bus import PrivateBus, on_bus

from crampwatch.firmware_bridge.drivers.model import Decoded, Packet
from crampwatch.firmware_bridge.drivers.registry import find_driver
from crampwatch.firmware_bridge.transports import Fault, TransportError, ble_scan
from crampwatch.firmware_bridge.transports import ble as ble_module
from crampwatch.firmware_bridge.transports.ble import BleTransport
from crampwatch.firmware_bridge.transports.ble_scan import scan

pytestmark = pytest.mark.system

LEFT, RIGHT = "C0:00:00:00:00:01", "C0:00:00:00:00:02"
BAND = {"address": LEFT, "name": "Crampwatch1"}
OTHER = {"address": RIGHT, "name": "Crampwatch2"}
OPEN_SENSOR = find_driver("open-sensor")
COMMANDS = OPEN_SENSOR.commands_for()

Play = Callable[[PrivateBus], Awaitable[None]]


@pytest.fixture
def bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Play], None]:
    return lambda play: on_bus(tmp_path, monkeypatch, play)


async def start(target: str = LEFT, **more: Any) -> BleTransport:
    ble = BleTransport(target, info=OPEN_SENSOR, **more)
    await ble.open(COMMANDS.notify)
    try:
        for write in COMMANDS.start:
            await ble.write(write.data, write.channel)
    except TransportError:
        await ble.close()
        raise
    return ble


async def start_once_on() -> BleTransport:
    """Start, as soon as bleak has heard that Bluetooth was switched on."""
    while True:
        try:
            return await start()
        except TransportError as error:
            if error.fault is not Fault.ADAPTER_OFF:
                raise
            await asyncio.sleep(0)


async def take(ble: BleTransport, count: int) -> list[Packet]:
    packets: list[Packet] = []
    while len(packets) < count:
        packets += await ble.receive()
    return packets


def decode(packets: list[Packet]) -> Decoded:
    driver = OPEN_SENSOR.open()
    return Decoded.join([driver.feed(packets), driver.finish()])


async def fails(opening: Awaitable[object], fault: Fault, words: str) -> None:
    with pytest.raises(TransportError, match=words) as failed:
        await opening
    assert failed.value.fault is fault, str(failed.value)
    assert "\n" not in str(failed.value)


@pytest.mark.parametrize("pipes", [False, True])
def test_one_second_of_250_notifications_a_second_arrives_whole(
    bus: Callable[[Play], None], pipes: bool
) -> None:
    async def play(private: PrivateBus) -> None:
        await private.start_bus()
        await private.start_bluez({**BAND, "pipes": True}, OTHER)
        ble = await start("Crampwatch1", pipes=pipes)
        decoded = decode(await take(ble, 1 + FRAMES_PER_S))
        raw = np.concatenate([each.raw[:, 0] for each in decoded.samples])
        assert np.array_equal(raw, np.arange(len(raw)))
        assert len(raw) >= FRAMES_PER_S * PER_FRAME
        assert decoded.gaps == decoded.rejected == ()
        assert ble.mtu == 247
        await ble.close()
        told = await private.happens("tell")
        assert told["connected"] == []
        assert ("AcquireNotify" in told["calls"], "StartNotify" in told["calls"]) == (
            pipes,
            not pipes,
        )

    bus(play)


def test_the_search_lists_name_strength_and_driver(bus: Callable[[Play], None]) -> None:
    async def play(private: PrivateBus) -> None:
        await private.start_bus()
        await private.start_bluez({**BAND, "rssi": -70}, {**OTHER, "rssi": -50})
        found = await scan(0.5)
        assert [(each.address, each.rssi_dbm, each.driver) for each in found] == [
            (RIGHT, -50, "open-sensor"),
            (LEFT, -70, "open-sensor"),
        ]

    bus(play)


def test_two_that_connect_at_once_do_not_end_in_progress(bus: Callable[[Play], None]) -> None:
    async def play(private: PrivateBus) -> None:
        await private.start_bus()
        await private.start_bluez(BAND, OTHER)
        both = await asyncio.gather(start(LEFT), start(RIGHT))
        for packets in await asyncio.gather(*(take(each, 50) for each in both)):
            assert decode(packets).gaps == ()
        await asyncio.gather(*(each.close() for each in both))

    bus(play)


def test_a_broken_connection_ends_as_lost_and_a_fresh_transport_goes_on(
    bus: Callable[[Play], None],
) -> None:
    async def play(private: PrivateBus) -> None:
        await private.start_bus()
        await private.start_bluez(BAND)
        packets: list[Packet] = []
        for _attempt in range(3):
            ble = await start()
            packets += await take(ble, 20)
            await private.happens("break", address=LEFT)
            await fails(take(ble, 10_000), Fault.LOST, "broken the connection")
            await ble.close()
        decoded = decode(packets)
        index = np.concatenate([each.index for each in decoded.samples])
        assert len(index) + sum(each.lost for each in decoded.gaps) == index[-1] + 1

    bus(play)


def test_a_sensor_that_left_the_room_is_found_when_it_comes_back(
    bus: Callable[[Play], None],
) -> None:
    async def play(private: PrivateBus) -> None:
        await private.start_bus()
        await private.start_bluez(BAND)
        ble = await start()
        await private.happens("leave", address=LEFT)
        await fails(take(ble, 10_000), Fault.LOST, "broken the connection")
        await ble.close()
        await fails(start(timeout_s=0.5), Fault.NOT_FOUND, "not found .* switch it on")
        await private.happens("come", address=LEFT)
        ble = await start()
        await take(ble, 5)
        await ble.close()

    bus(play)


def test_a_sensor_that_a_dead_program_left_connected_is_taken_over(
    bus: Callable[[Play], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ble_module, "SLICE_S", 0.3)

    async def play(private: PrivateBus) -> None:
        await private.start_bus()
        await private.start_bluez(BAND)
        first = await start()
        assert await first.receive()
        taken = await start()
        await take(taken, 20)
        await taken.close()
        await first.close()

    bus(play)


def test_bluetooth_switched_off_in_the_night_is_said_with_the_way_out(
    bus: Callable[[Play], None],
) -> None:
    async def play(private: PrivateBus) -> None:
        await private.start_bus()
        await private.start_bluez(BAND)
        ble = await start()
        await private.happens("power", on=False)
        await fails(take(ble, 10_000), Fault.LOST, "broken the connection")
        await ble.close()
        await fails(start(), Fault.ADAPTER_OFF, "switched off: .*bluetoothctl power on")
        await fails(scan(0.1), Fault.ADAPTER_OFF, "switched off")
        await private.happens("power", on=True)
        ble = await start_once_on()
        await take(ble, 5)
        await ble.close()

    bus(play)


def test_an_adapter_pulled_out_in_the_night_is_said(bus: Callable[[Play], None]) -> None:
    async def play(private: PrivateBus) -> None:
        await private.start_bus()
        await private.start_bluez(BAND)
        ble = await start()
        await private.happens("unplug")
        await fails(take(ble, 10_000), Fault.LOST, "broken the connection")
        await ble.close()
        await fails(start(), Fault.NO_ADAPTER, "no Bluetooth adapter: plug one in")

    bus(play)


def test_a_computer_without_bluetooth_is_told_so(bus: Callable[[Play], None]) -> None:
    async def play(private: PrivateBus) -> None:
        await fails(scan(0.1), Fault.NO_ADAPTER, "service does not run.*apt install bluez")
        await fails(start(), Fault.NO_ADAPTER, "service does not run")
        await private.start_bus()
        await fails(scan(0.1), Fault.NO_ADAPTER, "service does not run")
        await private.start_bluez(adapter=False)
        await fails(scan(0.1), Fault.NO_ADAPTER, "no Bluetooth adapter")

    bus(play)


def test_a_user_who_may_not_use_bluetooth_is_told_how_to(bus: Callable[[Play], None]) -> None:
    async def play(private: PrivateBus) -> None:
        await private.start_bus(
            more_policy='<deny send_destination="org.bluez" send_type="method_call"/>'
        )
        await private.start_bluez(BAND)
        await fails(scan(0.1), Fault.NO_PERMISSION, "may not use Bluetooth.*usermod")

    bus(play)


@pytest.mark.parametrize(
    ("member", "error", "fault", "words"),
    [
        ("StartDiscovery", ["org.bluez.Error.NotReady", "Resource Not Ready"],
         Fault.ADAPTER_OFF, "switched off"),
        ("StartDiscovery", ["org.bluez.Error.InProgress", "Operation already in progress"],
         Fault.BUSY, "busy"),
        ("Connect", ["org.bluez.Error.Failed", "Host is down (112)"],
         Fault.NO_ANSWER, "does not answer"),
        ("Connect", ["org.bluez.Error.Failed", "Software caused connection abort"],
         Fault.NO_ANSWER, "does not answer"),
        ("Connect", ["org.bluez.Error.InProgress", "In Progress"], Fault.BUSY, "busy"),
        ("Connect", ["org.bluez.Error.AuthenticationFailed", ""],
         Fault.NO_PERMISSION, f"paired first.*bluetoothctl pair {LEFT}"),
        ("StartNotify", ["org.bluez.Error.NotPermitted", "Not paired"],
         Fault.NO_PERMISSION, "paired first"),
        ("StartNotify", ["org.bluez.Error.Failed", "Operation failed with ATT error: 0x0f"],
         Fault.NO_PERMISSION, "paired first"),
        ("StartNotify", ["org.bluez.Error.NotSupported", "Operation is not supported"],
         Fault.FOREIGN, "another kind of sensor"),
        ("WriteValue", ["org.bluez.Error.NotConnected", "Not Connected"],
         Fault.LOST, "broken the connection"),
    ],
)  # fmt: skip
def test_what_bluez_refuses_is_sorted_by_what_helps(
    bus: Callable[[Play], None], member: str, error: list[str], fault: Fault, words: str
) -> None:
    async def play(private: PrivateBus) -> None:
        await private.start_bus()
        await private.start_bluez(BAND)
        await private.happens("refuse", member=member, error=error)
        await fails(start(), fault, words)
        await private.happens("allow")
        ble = await start()
        await take(ble, 5)
        await ble.close()

    bus(play)


def test_a_sensor_that_never_answers_is_given_up_in_time(bus: Callable[[Play], None]) -> None:
    async def play(private: PrivateBus) -> None:
        await private.start_bus()
        await private.start_bluez(BAND)
        await private.happens("refuse", member="Connect", error=[])
        await fails(start(timeout_s=0.5), Fault.NO_ANSWER, "does not answer .*phone apps")
        await private.happens("allow")
        ble = await start()
        await take(ble, 5)
        await ble.close()

    bus(play)


def test_after_the_bluetooth_service_was_killed_only_a_watchdog_ends_it_and_a_fresh_one_works(
    bus: Callable[[Play], None],
) -> None:
    async def play(private: PrivateBus) -> None:
        await private.start_bus()
        await private.start_bluez(BAND)
        ble = await start()
        await take(ble, 20)
        await private.kill_bluez()
        watchdog = asyncio.create_task(take(ble, 10_000))
        await fails(start(), Fault.NO_ADAPTER, "service does not run")
        assert not watchdog.done()
        await ble.close()
        await fails(watchdog, Fault.LOST, "was let go")
        await private.start_bluez(BAND)
        fresh = await start()
        await take(fresh, 20)
        await fresh.close()

    bus(play)


def test_after_the_bus_was_killed_a_fresh_transport_works_on_the_next_one(
    bus: Callable[[Play], None],
) -> None:
    async def play(private: PrivateBus) -> None:
        await private.start_bus()
        await private.start_bluez(BAND)
        ble = await start()
        await take(ble, 20)
        await private.stop()
        await ble.close()
        await fails(take(ble, 10_000), Fault.LOST, "broken the connection|was let go")
        await fails(start(), Fault.NO_ADAPTER, "service does not run")
        await private.start_bus()
        await private.start_bluez(BAND)
        fresh = await start()
        await take(fresh, 20)
        await fresh.close()

    bus(play)


@pytest.mark.parametrize("stopped", ["the service", "the bus"])
def test_closing_returns_where_the_service_hangs(
    bus: Callable[[Play], None], monkeypatch: pytest.MonkeyPatch, stopped: str
) -> None:
    monkeypatch.setattr(ble_module, "CLOSE_S", 0.3)

    async def play(private: PrivateBus) -> None:
        await private.start_bus()
        await private.start_bluez(BAND)
        ble = await start()
        process = private.bluez if stopped == "the service" else private.daemon
        assert process is not None
        process.send_signal(signal.SIGSTOP)
        await ble.close()
        await fails(take(ble, 10_000), Fault.LOST, "was let go")
        process.send_signal(signal.SIGCONT)

    bus(play)


def test_a_service_that_hangs_is_named_and_not_waited_for(
    bus: Callable[[Play], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ble_scan, "GRACE_S", 0.3)
    monkeypatch.setattr(ble_scan, "END_S", 0.2)

    async def play(private: PrivateBus) -> None:
        await private.start_bus()
        await private.start_bluez(BAND)
        await scan(0.1)
        assert private.bluez is not None
        private.bluez.send_signal(signal.SIGSTOP)
        await fails(start(timeout_s=0.2), Fault.NO_ADAPTER, "does not answer: restart it")
        await fails(scan(0.1), Fault.NO_ADAPTER, "does not answer: restart it")
        private.bluez.send_signal(signal.SIGCONT)
        ble = await start()
        await take(ble, 5)
        await ble.close()

    bus(play)


def test_a_search_that_is_cancelled_as_it_begins_ends_on_the_side_of_bluez_too(
    bus: Callable[[Play], None],
) -> None:
    async def play(private: PrivateBus) -> None:
        await private.start_bus()
        await private.start_bluez(BAND)
        await private.happens("slow", seconds=0.2)
        opening = asyncio.create_task(start())
        calls: list[str] = []
        while "StartDiscovery" not in calls:
            calls = (await private.happens("tell"))["calls"]
        opening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await opening
        ble = await start()
        await take(ble, 5)
        await ble.close()

    bus(play)
