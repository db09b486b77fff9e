"""A radio in memory: bumble's controllers on one link, and bleak's two backends on top."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Self

from band import FRAMES_PER_S, Band
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakError, BleakGATTProtocolError
from bumble.att import ATT_Error
from bumble.controller import Controller
from bumble.core import AdvertisingData, ProtocolError
from bumble.device import Advertisement, Connection, Device, Peer
from bumble.gatt import Characteristic, CharacteristicValue, Service
from bumble.hci import HCI_REMOTE_USER_TERMINATED_CONNECTION_ERROR, Address
from bumble.host import Host
from bumble.link import LocalLink
from bumble.transport.common import AsyncPipeSink

from crampwatch.firmware_bridge import open_protocol as protocol

OURS = "F0:F1:F2:F3:F4:F5"


class VirtualRadio:
    """The computer's adapter and everything in the air around it."""

    def __init__(self) -> None:
        self.link = LocalLink()
        self.central = device_on(self.link, "central", OURS)
        self.client: type[BaseBleakClient] = type(
            "VirtualClient", (VirtualClient,), {"radio": self}
        )
        self.scanner: type[BaseBleakScanner] = type(
            "VirtualScanner", (VirtualScanner,), {"radio": self}
        )
        self.at_once = 0
        self.searching = asyncio.Event()
        self.most_at_once = 0

    async def __aenter__(self) -> Self:
        await self.central.power_on()
        return self

    async def __aexit__(self, *_reason: object) -> None:
        await self.central.power_off()


def device_on(link: LocalLink, name: str, address: str) -> Device:
    controller = Controller(name, link=link, public_address=address)
    host = Host(controller, AsyncPipeSink(controller))
    return Device(name=name, address=Address(address), host=host)


class VirtualBand:
    """A band on the radio: advertises, answers, notifies 250 times a second."""

    def __init__(
        self,
        radio: VirtualRadio,
        address: str,
        *,
        name: str = "Crampwatch1",
        writes: Characteristic.Properties = Characteristic.Properties.WRITE
        | Characteristic.Properties.WRITE_WITHOUT_RESPONSE,
        most_mtu: int = 517,
        permissions: Characteristic.Permissions = Characteristic.Permissions.WRITEABLE,
        service: str = protocol.SERVICE,
    ) -> None:
        self.band = Band(name)
        self.name, self.service = name, service
        self.device = device_on(radio.link, name, address)
        self.data = Characteristic(
            protocol.FROM_DEVICE,
            Characteristic.Properties.NOTIFY,
            Characteristic.Permissions.READABLE,
        )
        orders = Characteristic(
            protocol.TO_DEVICE, writes, permissions, CharacteristicValue(write=self._hear)
        )
        self.device.add_service(Service(service, [orders, self.data]))
        self.device.gatt_server.max_mtu = most_mtu
        self.link: Connection | None = None
        self.connections = 0
        self.joined = asyncio.Event()
        self.device.on("connection", self._joined)
        self._sending: asyncio.Task[None] | None = None
        self.limit: int | None = None
        self.sent = 0

    async def switch_on(self) -> VirtualBand:
        await self.device.power_on()
        await self.advertise()
        return self

    async def advertise(self) -> None:
        uuid = bytes.fromhex(self.service.replace("-", ""))[::-1]
        fields = [
            (AdvertisingData.COMPLETE_LOCAL_NAME, self.name.encode()),
            (AdvertisingData.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS, uuid),
        ]
        await self.device.start_advertising(
            advertising_data=bytes(AdvertisingData(fields)),
            advertising_interval_min=20,
            advertising_interval_max=20,
            auto_restart=True,
        )

    async def break_off(self) -> None:
        """Leave without a word of parting from whoever is connected."""
        assert self.link is not None
        await self.link.disconnect(HCI_REMOTE_USER_TERMINATED_CONNECTION_ERROR)

    async def switch_off(self) -> None:
        if self._sending is not None:
            self._sending.cancel()
        await self.device.power_off()

    def _joined(self, connection: Connection) -> None:
        self.link = connection
        self.connections += 1
        self.joined.set()
        connection.on("disconnection", self._parted)

    def _parted(self, _reason: int) -> None:
        self.link = None
        self.band.streaming = False
        if self._sending is not None:
            self._sending.cancel()
            self._sending = None

    async def _hear(self, connection: Connection, data: bytes) -> None:
        answer = self.band.hear(bytes(data))
        if answer is not None:
            await self.device.notify_subscriber(connection, self.data, answer)
        if self.band.streaming and self._sending is None:
            self._sending = asyncio.create_task(self._send(connection))

    async def _send(self, connection: Connection) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while self.limit is None or self.sent < self.limit:
            await asyncio.sleep(max(due - loop.time(), 0))
            due += 1 / FRAMES_PER_S
            await self.device.notify_subscriber(connection, self.data, self.band.next_frame())
            self.sent += 1


class VirtualScanner(BaseBleakScanner):
    """What bleak hears of the virtual radio."""

    radio: VirtualRadio

    def __init__(self, detection_callback: Any, service_uuids: Any, *_mode: Any, **_more: Any):
        super().__init__(detection_callback, service_uuids)

    async def start(self) -> None:
        self.seen_devices = {}
        self.radio.at_once += 1
        self.radio.searching.set()
        self.radio.most_at_once = max(self.radio.most_at_once, self.radio.at_once)
        self.radio.central.on("advertisement", self._heard)
        await self.radio.central.start_scanning()

    async def stop(self) -> None:
        self.radio.at_once -= 1
        self.radio.central.remove_listener("advertisement", self._heard)
        await self.radio.central.stop_scanning()

    def _heard(self, advertisement: Advertisement) -> None:
        data = advertisement.data
        name = data.get(AdvertisingData.COMPLETE_LOCAL_NAME)
        uuids = data.get(AdvertisingData.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS) or []
        advert = AdvertisementData(
            local_name=str(name) if name else None,
            manufacturer_data={},
            service_data={},
            service_uuids=[str(each).lower() for each in uuids],
            tx_power=None,
            rssi=advertisement.rssi,
            platform_data=(),
        )
        address = advertisement.address.to_string(with_type_qualifier=False)
        device = self.create_or_update_device(address, address, advert.local_name, {}, advert)
        self.call_detection_callbacks(device, advert)


class VirtualClient(BaseBleakClient):
    """What bleak would do over the virtual radio."""

    radio: VirtualRadio

    def __init__(self, address_or_ble_device: BLEDevice | str, *_services: Any, **more: Any):
        super().__init__(
            address_or_ble_device,
            disconnected_callback=more["disconnected_callback"],
            timeout=more["timeout"],
        )
        self.connection: Connection | None = None
        self.peer: Peer | None = None

    @property
    def name(self) -> str:
        return self.address

    @property
    def mtu_size(self) -> int:
        return self._peer().gatt_client.mtu

    @property
    def is_connected(self) -> bool:
        return self.connection is not None

    async def connect(self, *_pair: Any, **_more: Any) -> None:
        self.connection = await self.radio.central.connect_le(Address(self.address))
        self.connection.on("disconnection", self._gone)
        self.peer = Peer(self.connection)
        await self.peer.request_mtu(517)
        await self.peer.discover_all()
        services = BleakGATTServiceCollection()
        for found in self.peer.services:
            service = BleakGATTService(found, found.handle, long_uuid(found.uuid))
            services.add_service(service)
            for each in found.characteristics:
                services.add_characteristic(
                    BleakGATTCharacteristic(
                        each,
                        each.handle,
                        long_uuid(each.uuid),
                        [
                            p.name.lower().replace("_", "-")
                            for p in Characteristic.Properties
                            if p in each.properties
                        ],
                        lambda: self.mtu_size - 3,
                        service,
                    )
                )
        self.services = services

    async def disconnect(self) -> None:
        if self.connection is not None:
            await self.connection.disconnect()

    async def pair(self, *args: Any, **_more: Any) -> None:
        raise NotImplementedError

    async def unpair(self) -> None:
        raise NotImplementedError

    async def read_gatt_char(
        self, characteristic: BleakGATTCharacteristic, **_more: Any
    ) -> bytearray:
        return bytearray(await characteristic.obj.read_value())

    async def read_gatt_descriptor(self, descriptor: Any, **_more: Any) -> bytearray:
        raise NotImplementedError

    async def write_gatt_char(
        self, characteristic: BleakGATTCharacteristic, data: Any, response: bool
    ) -> None:
        self._peer()
        try:
            await characteristic.obj.write_value(bytes(data), with_response=response)
        except ATT_Error as error:
            raise BleakGATTProtocolError(int(error.error_code)) from error
        except ProtocolError as error:
            raise BleakError(str(error)) from error

    async def write_gatt_descriptor(self, descriptor: Any, data: Any) -> None:
        raise NotImplementedError

    async def start_notify(
        self,
        characteristic: BleakGATTCharacteristic,
        callback: Callable[[bytearray], None],
        **_more: Any,
    ) -> None:
        self._peer()
        await characteristic.obj.subscribe(lambda value: callback(bytearray(value)))

    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
        await characteristic.obj.unsubscribe()

    def _peer(self) -> Peer:
        if self.peer is None or self.connection is None:
            raise BleakError("Not connected")
        return self.peer

    def _gone(self, _reason: int) -> None:
        self.connection = self.peer = self.services = None
        if self._disconnected_callback is not None:
            self._disconnected_callback()


def long_uuid(uuid: Any) -> str:
    data = uuid.to_bytes(force_128=True)[::-1].hex()
    return f"{data[:8]}-{data[8:12]}-{data[12:16]}-{data[16:20]}-{data[20:]}"
