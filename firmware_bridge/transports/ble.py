"""Sensors over Bluetooth Low Energy, by bleak."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ..drivers.model import Packet
from ..drivers.registry import DriverInfo
from ..host_clock import HostClock, SystemClock
from .ble_faults import ble_failures
from .ble_scan import full_uuid, look, radio
from .inbox import Inbox
from .transport import Fault, Transport, TransportError

if TYPE_CHECKING:
    from bleak import BleakClient
    from bleak.backends.characteristic import BleakGATTCharacteristic
    from bleak.backends.client import BaseBleakClient
    from bleak.backends.device import BLEDevice
    from bleak.backends.scanner import BaseBleakScanner

SLICE_S = 4.0
"""A search keeps the radio no longer than this: other sensors want to come back too."""

CLOSE_S = 4.0
"""BlueZ takes two seconds to let a peripheral go, and never answers where it hangs."""

WRITE_S = 10.0
ROOM_S = 3.0
"""Within this the size of a packet has been agreed on, or never will be."""

ATT_HEAD = 3
LONGEST_WRITE = 512
"""Bytes of a characteristic at most (Bluetooth Core, Vol 3, Part F, 3.2.9)."""


class BleTransport(Transport):
    """One connection to one sensor over Bluetooth Low Energy.

    Nobody here asks whether it is connected: after the Bluetooth service died, that was seen
    to stay true. A connection ends when bleak says so, or when whoever reads misses data and
    closes it.

    Parameters
    ----------
    address
        Hardware address (on macOS the UUID that stands for it), advertised name, or service.
    info
        Driver of the sensor that is expected there.
    timeout_s
        How long to look for it, and again how long to wait until it is connected.
    backend, scanner
        Other backends of bleak, for a virtual radio.
    pipes
        Linux only: have notifications through a pipe for each characteristic instead of
        signals on the system's bus. It spares processor time, the bus's above all, and BlueZ
        throws away what comes while some 280 wait to be read. bleak itself went back to
        signals because some sensors fail with pipes.
    clock
        Stamps what arrives.
    """

    def __init__(
        self,
        address: str,
        *,
        info: DriverInfo,
        timeout_s: float = 20.0,
        backend: type[BaseBleakClient] | None = None,
        scanner: type[BaseBleakScanner] | None = None,
        pipes: bool = False,
        clock: HostClock | None = None,
    ) -> None:
        self.address = address
        self._info = info
        self._timeout_s = timeout_s
        self._backend = backend
        self._scanner = scanner
        self._signals = not pipes
        self._clock = clock or SystemClock()
        self._sensor = f"{info.title} ({address})"
        self._target = ""
        self._client: BleakClient | None = None
        self._inbox: Inbox | None = None
        self._writing = asyncio.Lock()

    @property
    def mtu(self) -> int:
        """Return the bytes of one packet on the air; a notification holds three fewer.

        All systems agree on it by themselves when they connect and none lets a program ask
        for more. It is 23 where nobody says (BlueZ before 5.62), and may grow a moment after
        the connection was made.
        """
        sizes = [each.max_write_without_response_size for each in self._characteristics()]
        return max(sizes, default=20) + ATT_HEAD

    async def open(self, notify: Sequence[str] = ()) -> None:
        """See `Transport.open`."""
        if self._inbox is not None:
            raise TransportError(Fault.OTHER, f"{self._sensor}: a transport is opened once")
        self._inbox = inbox = Inbox()
        try:
            with ble_failures(self._sensor, during="search"):
                await self._reach(inbox)
            with ble_failures(self._sensor, self._target):
                async with asyncio.timeout(self._timeout_s):
                    await self._ask(notify, inbox)
        except BaseException:
            await self.close()
            raise

    async def write(self, data: bytes, channel: str = "") -> None:
        """See `Transport.write`; acknowledged wherever the characteristic can.

        Longer than a packet is possible only where it is acknowledged: the system sends it in
        parts then. A command cut into several writes would be several commands.
        """
        with ble_failures(self._sensor, self._target, during="stream"):
            async with self._writing, asyncio.timeout(WRITE_S):
                characteristic = self._find(channel, "write", "write-without-response")
                answered = "write" in characteristic.properties
                if not answered:
                    await self._room_for(data, characteristic)
                if len(data) > LONGEST_WRITE:
                    raise TransportError(
                        Fault.OTHER, f"{self._sensor}: a command has {len(data)} bytes, not 512"
                    )
                await self._connected().write_gatt_char(characteristic, data, answered)

    async def receive(self) -> list[Packet]:
        """See `Transport.receive`."""
        if self._inbox is None:
            raise TransportError(Fault.LOST, f"{self._sensor} was never connected")
        return await self._inbox.take()

    async def close(self) -> None:
        """See `Transport.close`."""
        if self._inbox is not None:
            self._inbox.end(TransportError(Fault.LOST, f"{self._sensor} was let go"))
        client, self._client = self._client, None
        if client is None:
            return
        parting = asyncio.create_task(client.disconnect())
        try:
            await asyncio.wait({parting}, timeout=CLOSE_S)
        finally:
            parting.add_done_callback(_take_note)
            parting.cancel()
            await asyncio.wait({parting}, timeout=0.5)

    async def _reach(self, inbox: Inbox) -> None:
        """Look for the sensor until it is there, and connect."""
        loop = asyncio.get_running_loop()
        end = loop.time() + self._timeout_s
        while True:
            async with radio():
                device = await self._look(min(SLICE_S, max(end - loop.time(), 1.0)))
                if device is not None:
                    await self._connect(device, inbox)
                    return
            if loop.time() >= end:
                raise TransportError(
                    Fault.NOT_FOUND,
                    f"{self._sensor} was not found in {self._timeout_s:.0f} s: switch it on, "
                    "bring it close, and close phone apps that may hold it",
                )

    async def _look(self, seconds: float) -> BLEDevice | str | None:
        if self._backend is not None and self._scanner is None:
            return self.address
        return await look(self.address, self._info, seconds, self._scanner)

    async def _connect(self, device: BLEDevice | str, inbox: Inbox) -> None:
        from bleak import BleakClient

        self._target = device if isinstance(device, str) else device.address

        def gone(_client: BleakClient) -> None:
            inbox.end(
                TransportError(
                    Fault.LOST,
                    f"{self._sensor} has broken the connection: "
                    "it is out of range, empty or switched off",
                )
            )

        self._client = BleakClient(
            device, disconnected_callback=gone, timeout=self._timeout_s, backend=self._backend
        )
        with ble_failures(self._sensor, self._target):
            async with asyncio.timeout(self._timeout_s):
                await self._client.connect()

    async def _ask(self, notify: Sequence[str], inbox: Inbox) -> None:
        chosen = [(uuid, self._find(uuid, "notify", "indicate")) for uuid in notify]
        for uuid, characteristic in chosen:
            await self._connected().start_notify(
                characteristic,
                self._arrived(full_uuid(uuid), inbox),
                bluez={"use_start_notify": self._signals},
            )

    def _arrived(
        self, channel: str, inbox: Inbox
    ) -> Callable[[BleakGATTCharacteristic, bytearray], None]:
        now, put = self._clock.monotonic, inbox.put

        def arrived(_characteristic: BleakGATTCharacteristic, data: bytearray) -> None:
            put(Packet(bytes(data), now(), channel))

        return arrived

    def _connected(self) -> BleakClient:
        if self._client is None:
            raise TransportError(Fault.LOST, f"{self._sensor} is not connected")
        return self._client

    def _characteristics(self) -> list[BleakGATTCharacteristic]:
        """Return all there are, those of the driver's own services first."""
        own = {full_uuid(each) for each in self._info.services}
        services = sorted(
            self._connected().services, key=lambda each: (each.uuid not in own, each.handle)
        )
        return [each for service in services for each in service.characteristics]

    def _find(self, uuid: str, *able: str) -> BleakGATTCharacteristic:
        wanted = full_uuid(uuid)
        same = [each for each in self._characteristics() if each.uuid.lower() == wanted]
        if not same:
            raise TransportError(
                Fault.FOREIGN,
                f"{self.address} answers and is no {self._info.title} (nothing at {uuid}): "
                "name the right driver before the @",
            )
        return next((each for each in same if set(able) & set(each.properties)), same[0])

    async def _room_for(self, data: bytes, characteristic: BleakGATTCharacteristic) -> None:
        """Wait until a packet is long enough: systems agree on it after they connect."""
        loop = asyncio.get_running_loop()
        end = loop.time() + ROOM_S
        while len(data) > characteristic.max_write_without_response_size:
            if loop.time() > end:
                raise TransportError(
                    Fault.OTHER,
                    f"{self._sensor}: a command of {len(data)} bytes does not fit the "
                    f"{characteristic.max_write_without_response_size} of one packet; "
                    "update the firmware so that it accepts longer packets",
                )
            await asyncio.sleep(0.1)


def _take_note(parting: asyncio.Task[None]) -> None:
    if not parting.cancelled():
        parting.exception()
