"""The BLE transport over a virtual radio: two real Bluetooth stacks (bumble) in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import numpy as np
import pytest
from band import FRAMES_PER_S, PER_FRAME
from bumble.gatt import Characteristic
from virtual_radio import VirtualBand, VirtualRadio

from crampwatch.firmware_bridge import open_protocol as protocol
from crampwatch.firmware_bridge.drivers.model import Decoded, Packet
from crampwatch.firmware_bridge.drivers.registry import find_driver
from crampwatch.firmware_bridge.transports import Fault, TransportError
from crampwatch.firmware_bridge.transports import ble as ble_module
from crampwatch.firmware_bridge.transports.ble import BleTransport
from crampwatch.firmware_bridge.transports.ble_scan import scan

LEFT, RIGHT = "C0:00:00:00:00:01", "C0:00:00:00:00:02"
OPEN_SENSOR = find_driver("open-sensor")
COMMANDS = OPEN_SENSOR.commands_for()


def on_radio(play: Callable[[VirtualRadio], Awaitable[None]]) -> None:
    async def whole() -> None:
        before = asyncio.all_tasks()
        async with VirtualRadio() as radio:
            await play(radio)
        await asyncio.sleep(0)
        assert {each for each in asyncio.all_tasks() - before if not each.done()} == set()

    asyncio.run(whole())


def transport(radio: VirtualRadio, target: str, **more: object) -> BleTransport:
    return BleTransport(
        target,
        info=more.pop("info", OPEN_SENSOR),
        backend=radio.client,
        scanner=radio.scanner,
        **more,
    )


async def start(ble: BleTransport) -> None:
    await ble.open(COMMANDS.notify)
    for write in COMMANDS.start:
        await ble.write(write.data, write.channel)


async def take(ble: BleTransport, count: int) -> list[Packet]:
    packets: list[Packet] = []
    while len(packets) < count:
        packets += await ble.receive()
    return packets


def decode(packets: list[Packet]) -> Decoded:
    driver = OPEN_SENSOR.open()
    return Decoded.join([driver.feed(packets), driver.finish()])


def test_one_second_of_250_notifications_a_second_arrives_whole_and_stamped() -> None:
    async def play(radio: VirtualRadio) -> None:
        left = await VirtualBand(radio, LEFT).switch_on()
        left.limit = FRAMES_PER_S
        ble = transport(radio, LEFT)
        await start(ble)
        packets = await take(ble, 1 + FRAMES_PER_S)
        decoded = decode(packets)
        raw = np.concatenate([each.raw[:, 0] for each in decoded.samples])
        assert np.array_equal(raw, np.arange(FRAMES_PER_S * PER_FRAME))
        assert decoded.gaps == decoded.rejected == ()
        times = np.array([each.arrival_s for each in packets])
        assert (np.diff(times) >= 0).all()
        assert times[-1] - times[1] == pytest.approx(1.0, abs=0.5)
        await ble.close()
        assert left.link is None
        await left.switch_off()

    on_radio(play)


@pytest.mark.parametrize(
    "target", [LEFT, LEFT.lower().replace(":", "-"), "crampWATCH1", protocol.SERVICE.upper()]
)
def test_a_sensor_is_found_by_address_name_or_service(target: str) -> None:
    async def play(radio: VirtualRadio) -> None:
        left = await VirtualBand(radio, LEFT).switch_on()
        ble = transport(radio, target)
        await ble.open(COMMANDS.notify)
        assert left.connections == 1
        await ble.close()
        await left.switch_off()

    on_radio(play)


def test_the_search_lists_name_strength_and_driver() -> None:
    async def play(radio: VirtualRadio) -> None:
        bands = [
            await VirtualBand(radio, LEFT).switch_on(),
            await VirtualBand(
                radio, RIGHT, name="Toaster", service="12345678-1234-1234-1234-123456789abc"
            ).switch_on(),
        ]
        found = await scan(0.2, scanner=radio.scanner)
        assert [(each.address, each.name, each.driver) for each in found] == [
            (LEFT, "Crampwatch1", "open-sensor"),
            (RIGHT, "Toaster", None),
        ]
        assert all(each.rssi_dbm is not None and each.rssi_dbm < 0 for each in found)
        for each in bands:
            await each.switch_off()

    on_radio(play)


def test_a_broken_connection_gives_what_had_come_and_then_ends_as_lost() -> None:
    async def play(radio: VirtualRadio) -> None:
        left = await VirtualBand(radio, LEFT).switch_on()
        left.limit = 20
        ble = transport(radio, LEFT)
        await start(ble)
        await take(ble, 11)
        await left.break_off()
        with pytest.raises(TransportError, match="broken the connection") as ended:
            await take(ble, 1000)
        assert ended.value.fault is Fault.LOST
        with pytest.raises(TransportError) as refused:
            await ble.write(COMMANDS.start[0].data, COMMANDS.start[0].channel)
        assert refused.value.fault is Fault.LOST
        await ble.close()
        await ble.close()
        await left.switch_off()

    on_radio(play)


def test_a_fresh_transport_goes_on_after_a_broken_one_and_no_sample_is_unaccounted() -> None:
    async def play(radio: VirtualRadio) -> None:
        left = await VirtualBand(radio, LEFT).switch_on()
        packets: list[Packet] = []
        for _attempt in range(3):
            ble = transport(radio, LEFT)
            await start(ble)
            packets += await take(ble, 26)
            await left.break_off()
            left.band.frames += 10
            await ble.close()
        decoded = decode(packets)
        got = sum(len(each) for each in decoded.samples)
        assert left.connections == 3
        assert sum(each.lost for each in decoded.gaps) >= 2 * 10 * PER_FRAME
        index = np.concatenate([each.index for each in decoded.samples])
        assert got + sum(each.lost for each in decoded.gaps) == index[-1] + 1
        await left.switch_off()

    on_radio(play)


def test_two_sensors_that_connect_at_once_search_one_after_the_other() -> None:
    async def play(radio: VirtualRadio) -> None:
        bands = [
            await VirtualBand(radio, LEFT).switch_on(),
            await VirtualBand(radio, RIGHT, name="Crampwatch2").switch_on(),
        ]
        both = [transport(radio, LEFT), transport(radio, RIGHT)]
        await asyncio.gather(*map(start, both))
        left, right = await asyncio.gather(*(take(each, 50) for each in both))
        assert decode(left).gaps == decode(right).gaps == ()
        assert radio.most_at_once == 1
        await asyncio.gather(*(each.close() for each in both))
        for each in bands:
            await each.switch_off()

    on_radio(play)


def test_a_sensor_that_is_off_does_not_keep_the_other_from_its_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ble_module, "SLICE_S", 0.5)

    async def play(radio: VirtualRadio) -> None:
        left = await VirtualBand(radio, LEFT).switch_on()
        hopeless = asyncio.create_task(transport(radio, RIGHT, timeout_s=60.0).open())
        await radio.searching.wait()
        ble = transport(radio, LEFT)
        await start(ble)
        assert not hopeless.done()
        hopeless.cancel()
        with pytest.raises(asyncio.CancelledError):
            await hopeless
        assert radio.at_once == 0
        await ble.close()
        await left.switch_off()

    on_radio(play)


def test_a_sensor_that_is_not_there_is_said_so_with_what_to_do() -> None:
    async def play(radio: VirtualRadio) -> None:
        ble = transport(radio, LEFT, timeout_s=0.1)
        with pytest.raises(TransportError, match=r"not found .* switch it on") as missing:
            await ble.open(COMMANDS.notify)
        assert missing.value.fault is Fault.NOT_FOUND
        await ble.close()

    on_radio(play)


def test_another_kind_of_sensor_is_named_as_such_and_let_go() -> None:
    async def play(radio: VirtualRadio) -> None:
        left = await VirtualBand(radio, LEFT).switch_on()
        polar = find_driver("polar")
        ble = transport(radio, LEFT, info=polar)
        with pytest.raises(TransportError, match="is no Polar") as foreign:
            await ble.open(polar.commands_for().notify)
        assert foreign.value.fault is Fault.FOREIGN
        assert left.link is None
        await left.switch_off()

    on_radio(play)


def test_a_sensor_that_wants_pairing_is_said_to() -> None:
    async def play(radio: VirtualRadio) -> None:
        left = await VirtualBand(
            radio,
            LEFT,
            permissions=Characteristic.Permissions.WRITEABLE
            | Characteristic.Permissions.WRITE_REQUIRES_ENCRYPTION,
        ).switch_on()
        ble = transport(radio, LEFT)
        await ble.open(COMMANDS.notify)
        with pytest.raises(TransportError, match=f"paired first.*{LEFT}") as unpaired:
            await ble.write(COMMANDS.start[0].data, COMMANDS.start[0].channel)
        assert unpaired.value.fault is Fault.NO_PERMISSION
        await ble.close()
        await left.switch_off()

    on_radio(play)


@pytest.mark.parametrize("most_mtu", [23, 185, 517])
def test_commands_longer_than_a_packet_arrive_whole_where_they_are_answered(
    most_mtu: int,
) -> None:
    async def play(radio: VirtualRadio) -> None:
        left = await VirtualBand(radio, LEFT, most_mtu=most_mtu).switch_on()
        ble = transport(radio, LEFT)
        await ble.open(COMMANDS.notify)
        assert ble.mtu == most_mtu
        order = protocol.command(protocol.CommandCode.HAPTIC, bytes(range(200)))
        await ble.write(order, protocol.TO_DEVICE)
        assert left.band.heard == [order]
        await ble.close()
        await left.switch_off()

    on_radio(play)


def test_a_command_that_fits_no_packet_is_refused_before_it_is_cut(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ble_module, "ROOM_S", 0.1)

    async def play(radio: VirtualRadio) -> None:
        only_commands = Characteristic.Properties.WRITE_WITHOUT_RESPONSE
        left = await VirtualBand(radio, LEFT, writes=only_commands, most_mtu=23).switch_on()
        ble = transport(radio, LEFT)
        await ble.open(COMMANDS.notify)
        with pytest.raises(TransportError, match="21 bytes does not fit the 20") as refused:
            await ble.write(COMMANDS.start[0].data, protocol.TO_DEVICE)
        assert refused.value.fault is Fault.OTHER
        assert left.band.heard == []
        await ble.close()
        await left.switch_off()

    on_radio(play)


def test_cancelling_while_it_connects_leaves_nothing_connected() -> None:
    async def play(radio: VirtualRadio) -> None:
        left = await VirtualBand(radio, LEFT).switch_on()
        ble = transport(radio, LEFT)
        opening = asyncio.create_task(ble.open(COMMANDS.notify))
        await left.joined.wait()
        opening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await opening
        assert left.link is None
        await left.switch_off()

    on_radio(play)


def test_a_transport_is_opened_once_and_no_command_is_longer_than_a_characteristic() -> None:
    async def play(radio: VirtualRadio) -> None:
        left = await VirtualBand(radio, LEFT).switch_on()
        ble = transport(radio, LEFT)
        with pytest.raises(TransportError, match="never connected"):
            await ble.receive()
        await ble.open(COMMANDS.notify)
        with pytest.raises(TransportError, match="opened once"):
            await ble.open(COMMANDS.notify)
        with pytest.raises(TransportError, match="513 bytes, not 512"):
            await ble.write(bytes(513), protocol.TO_DEVICE)
        await ble.close()
        with pytest.raises(TransportError, match="not connected"):
            await ble.write(b"x", protocol.TO_DEVICE)
        await left.switch_off()

    on_radio(play)
