"""A program that owns ``org.bluez`` on a private bus and has bands in its air.

Started with the description of the bands as JSON; told what happens by lines of JSON on its
standard input, each answered by one on its standard output. What it says follows
``doc/org.bluez.{Adapter,Device,GattService,GattCharacteristic}.rst`` of BlueZ.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from band import FRAMES_PER_S, Band
from dbus_fast import BusType, Message, MessageType, Variant
from dbus_fast.aio import MessageBus

from crampwatch.firmware_bridge import open_protocol as protocol

ADAPTER = "/org/bluez/hci0"
ADAPTER1, DEVICE1 = "org.bluez.Adapter1", "org.bluez.Device1"
SERVICE1, CHARACTERISTIC1 = "org.bluez.GattService1", "org.bluez.GattCharacteristic1"
MANAGER = "org.freedesktop.DBus.ObjectManager"
PROPERTIES = "org.freedesktop.DBus.Properties"
ADVERTISE_S = 0.05
MTU = 247

Handler = Callable[[Message], Message | None]


class BluezError(Exception):
    """A refusal, by its name on the bus."""


class Bluez:
    """The objects of the bus and what can be done with them."""

    def __init__(self, bus: MessageBus, setup: dict[str, Any]) -> None:
        self.bus = bus
        self.objects: dict[str, dict[str, dict[str, Variant]]] = {}
        self.bands = {each["address"]: AirBand(self, each) for each in setup["bands"]}
        self.discovering: set[str] = set()
        self.refusals: dict[str, list[str]] = {}
        self.calls: list[str] = []
        self.slow_s = 0.0
        if setup.get("adapter", True):
            self.plug_in(powered=setup.get("powered", True))

    def plug_in(self, *, powered: bool = True) -> None:
        adapter = {
            "Address": Variant("s", "00:11:22:33:44:55"),
            "Powered": Variant("b", powered),
            "Discovering": Variant("b", False),
            "Roles": Variant("as", ["central", "peripheral"]),
        }
        self.add(ADAPTER, {ADAPTER1: adapter})

    def unplug(self) -> None:
        for band in self.bands.values():
            band.vanish()
        self.remove(ADAPTER, [ADAPTER1])

    def power(self, *, on: bool) -> None:
        if not on:
            for band in self.bands.values():
                band.vanish()
            self.discovering.clear()
        self.change(ADAPTER, ADAPTER1, Powered=Variant("b", on))

    def add(self, path: str, interfaces: dict[str, dict[str, Variant]]) -> None:
        self.objects[path] = interfaces
        self.signal("/", MANAGER, "InterfacesAdded", "oa{sa{sv}}", [path, interfaces])

    def remove(self, path: str, interfaces: list[str]) -> None:
        if self.objects.pop(path, None) is not None:
            self.signal("/", MANAGER, "InterfacesRemoved", "oas", [path, interfaces])

    def change(self, path: str, interface: str, **values: Variant) -> None:
        if path in self.objects:
            self.objects[path][interface].update(values)
            body = [interface, values, []]
            self.signal(path, PROPERTIES, "PropertiesChanged", "sa{sv}as", body)

    def signal(self, path: str, interface: str, name: str, signature: str, body: Any) -> None:
        self.bus.send(Message.new_signal(path, interface, name, signature, body))

    async def advertise(self) -> None:
        while True:
            await asyncio.sleep(ADVERTISE_S)
            if self.discovering:
                for band in self.bands.values():
                    band.advertise()

    def called(self, message: Message) -> Message | bool | None:
        """Answer a call; True where it is answered later or never."""
        if message.message_type is not MessageType.METHOD_CALL:
            return None
        member = str(message.member)
        self.calls.append(member)
        refusal = self.refusals.get(member)
        if refusal == []:
            return True
        if refusal:
            return Message.new_error(message, *refusal)
        try:
            return self.answer(member, message)
        except BluezError as error:
            return Message.new_error(message, error.args[0], " ".join(error.args[1:]))

    def answer(self, member: str, message: Message) -> Message | bool | None:
        if member == "GetManagedObjects":
            return Message.new_method_return(message, "a{oa{sa{sv}}}", [self.objects])
        if message.interface not in (ADAPTER1, DEVICE1, CHARACTERISTIC1):
            return None
        path = str(message.path)
        if path not in self.objects:
            raise BluezError("org.freedesktop.DBus.Error.UnknownObject", f"no {path}")
        if message.interface == ADAPTER1:
            return self.adapter(member, message)
        for band in self.bands.values():
            if path.startswith(band.path):
                return band.called(member, message)
        return None

    def adapter(self, member: str, message: Message) -> Message | bool:
        if not self.objects[ADAPTER][ADAPTER1]["Powered"].value:
            raise BluezError("org.bluez.Error.NotReady", "Resource Not Ready")
        sender = str(message.sender)
        if member == "StartDiscovery":
            if sender in self.discovering:
                raise BluezError("org.bluez.Error.InProgress", "Operation already in progress")
            self.discovering.add(sender)
            if self.slow_s:
                done = Message.new_method_return(message)
                asyncio.get_running_loop().call_later(self.slow_s, self.bus.send, done)
                return True
        elif member == "StopDiscovery":
            self.discovering.discard(sender)
        return Message.new_method_return(message)


class AirBand:
    """One band as the bus shows it."""

    def __init__(self, bluez: Bluez, setup: dict[str, Any]) -> None:
        self.bluez, self.setup = bluez, setup
        self.address, self.name = setup["address"], setup["name"]
        self.there = setup.get("there", True)
        self.path = f"{ADAPTER}/dev_{self.address.replace(':', '_')}"
        self.service = f"{self.path}/service0010"
        self.orders, self.data = f"{self.service}/char0011", f"{self.service}/char0013"
        self.band = Band(self.name)
        self.sending: asyncio.Task[None] | None = None
        self.notified = False
        self.pipe: socket.socket | None = None

    def advertise(self) -> None:
        if not self.there:
            return
        if self.path not in self.bluez.objects:
            device = {
                "Address": Variant("s", self.address),
                "Adapter": Variant("o", ADAPTER),
                "Alias": Variant("s", self.name),
                "Name": Variant("s", self.name),
                "Paired": Variant("b", False),
                "Connected": Variant("b", False),
                "ServicesResolved": Variant("b", False),
                "RSSI": Variant("n", -60),
                "UUIDs": Variant("as", [protocol.SERVICE]),
            }
            self.bluez.add(self.path, {DEVICE1: device})
        elif not self.connected:
            self.bluez.change(
                self.path, DEVICE1, RSSI=Variant("n", self.setup.get("rssi", -60))
            )

    @property
    def connected(self) -> bool:
        return bool(self.bluez.objects[self.path][DEVICE1]["Connected"].value)

    def called(self, member: str, message: Message) -> Message | bool:
        done = Message.new_method_return(message)
        if member == "Connect":
            self.bluez.change(self.path, DEVICE1, Connected=Variant("b", True))
            self.bluez.bus.send(done)
            self.resolve()
            return True
        if member == "Disconnect":
            self.bluez.bus.send(done)
            self.part()
            return True
        if member == "WriteValue":
            answer = self.band.hear(bytes(message.body[0]))
            if answer is not None:
                self.notify(answer)
            if self.band.streaming and self.sending is None:
                self.sending = asyncio.create_task(self.send())
        elif member == "StartNotify":
            self.notified = True
            self.bluez.change(self.data, CHARACTERISTIC1, Notifying=Variant("b", True))
        elif member == "AcquireNotify":
            self.pipe, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            self.pipe.setblocking(False)
            reply = Message.new_method_return(message, "hq", [0, MTU], [theirs.detach()])
            self.notified = True
            return reply
        return done

    def resolve(self) -> None:
        service = {
            "UUID": Variant("s", protocol.SERVICE),
            "Device": Variant("o", self.path),
            "Primary": Variant("b", True),
        }
        self.bluez.add(self.service, {SERVICE1: service})
        for path, uuid, flags in (
            (self.orders, protocol.TO_DEVICE, ["write", "write-without-response"]),
            (self.data, protocol.FROM_DEVICE, ["notify"]),
        ):
            characteristic = {
                "UUID": Variant("s", uuid),
                "Service": Variant("o", self.service),
                "Value": Variant("ay", b""),
                "Notifying": Variant("b", False),
                "Flags": Variant("as", flags),
                "MTU": Variant("q", MTU),
            }
            if uuid == protocol.FROM_DEVICE and self.setup.get("pipes"):
                characteristic["NotifyAcquired"] = Variant("b", False)
            self.bluez.add(path, {CHARACTERISTIC1: characteristic})
        self.bluez.change(self.path, DEVICE1, ServicesResolved=Variant("b", True))

    def notify(self, frame: bytes) -> None:
        if self.pipe is not None:
            with suppress(BlockingIOError):  # BlueZ drops it too
                self.pipe.send(frame)
        elif self.notified:
            self.bluez.change(self.data, CHARACTERISTIC1, Value=Variant("ay", frame))

    async def send(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            await asyncio.sleep(max(due - loop.time(), 0))
            due += 1 / FRAMES_PER_S
            self.notify(self.band.next_frame())

    def part(self) -> None:
        if self.sending is not None:
            self.sending.cancel()
            self.sending = None
        if self.pipe is not None:
            self.pipe.close()
            self.pipe = None
        self.band.streaming = self.notified = False
        if self.path not in self.bluez.objects or not self.connected:
            return
        self.bluez.change(self.path, DEVICE1, ServicesResolved=Variant("b", False))
        for path in (self.orders, self.data):
            self.bluez.remove(path, [CHARACTERISTIC1])
        self.bluez.remove(self.service, [SERVICE1])
        self.bluez.change(self.path, DEVICE1, Connected=Variant("b", False))

    def vanish(self) -> None:
        self.part()
        self.bluez.remove(self.path, [DEVICE1])


def happen(bluez: Bluez, what: dict[str, Any]) -> Any:
    """Do what a line asks for."""
    kind = what["do"]
    if kind == "power":
        bluez.power(on=what["on"])
    elif kind == "unplug":
        bluez.unplug()
    elif kind == "break":
        bluez.bands[what["address"]].part()
    elif kind == "leave":
        band = bluez.bands[what["address"]]
        band.there = False
        band.vanish()
    elif kind == "come":
        bluez.bands[what["address"]].there = True
    elif kind == "refuse":
        bluez.refusals[what["member"]] = what["error"]
    elif kind == "allow":
        bluez.refusals.clear()
    elif kind == "slow":
        bluez.slow_s = what["seconds"]
    elif kind == "tell":
        return {
            "calls": bluez.calls,
            "connected": [
                each.address
                for each in bluez.bands.values()
                if each.path in bluez.objects and each.connected
            ],
            "frames": {each.address: each.band.frames for each in bluez.bands.values()},
        }
    return None


def say(words: Any) -> None:
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


async def main() -> None:
    bus = await MessageBus(bus_type=BusType.SYSTEM, negotiate_unix_fd=True).connect()
    bluez = Bluez(bus, json.loads(sys.argv[1]))
    bus.add_message_handler(bluez.called)
    await bus.request_name("org.bluez")
    advertising = asyncio.create_task(bluez.advertise())
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(lines), os.fdopen(0, "rb")
    )
    say("ready")
    while line := await lines.readline():
        say(happen(bluez, json.loads(line)))
    advertising.cancel()
    bus.disconnect()


if __name__ == "__main__":
    asyncio.run(main())
