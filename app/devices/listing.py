"""Which sensors there are to choose from, in reach and simulated."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from ...firmware_bridge.addresses import Address
from ...firmware_bridge.drivers import DriverInfo, drivers, find_driver
from ...firmware_bridge.opening import is_wired
from ...firmware_bridge.transports import TransportError
from ...firmware_bridge.transports.ble_scan import Found
from ...firmware_bridge.transports.serial_ports import FoundPort

NO_PERMISSION = "you may not open it: sudo usermod -aG dialout $USER, then log in again"
NO_DRIVER = "say which sensor it is before the @"
UNKNOWN = "DRIVER"


@dataclass(frozen=True, slots=True)
class Device:
    """One sensor, or something that may be one.

    Attributes
    ----------
    address
        To be given to ``record``; begins with ``DRIVER@`` where nobody knows what it is.
    kind
        ``ble``, ``serial`` or ``sim``.
    title
        What it is or calls itself.
    driver
        Name of the driver, None where it is not known.
    signal_dbm
        Signal strength: -50 is close, -90 nearly out of reach; None where there is none.
    wired_to_body
        Whether electrodes on the skin would be joined to the computer by a wire; None where
        the driver is not known.
    battery_h
        Rough hours on one charge, None where nobody has said.
    note
        What is to be done before it can be used, or empty.
    """

    address: str
    kind: Literal["ble", "serial", "sim"]
    title: str
    driver: str | None
    signal_dbm: int | None = None
    wired_to_body: bool | None = None
    battery_h: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """All of them.

    Attributes
    ----------
    devices
        In the order: Bluetooth, serial, simulated.
    troubles
        Why a kind could not be looked for, and what helps, one line each.
    """

    devices: tuple[Device, ...] = field(default_factory=tuple)
    troubles: tuple[str, ...] = field(default_factory=tuple)

    def of_kind(self, kind: str) -> tuple[Device, ...]:
        """Return those of one kind."""
        return tuple(device for device in self.devices if device.kind == kind)

    def as_json(self) -> dict[str, Any]:
        """Return it as ``devices --json`` prints it."""
        return {
            "devices": [asdict(device) for device in self.devices],
            "troubles": list(self.troubles),
        }


def list_devices(seconds: float) -> Listing:
    """Return the sensors there are.

    Parameters
    ----------
    seconds
        How long to listen for Bluetooth; 0 for not at all.
    """
    troubles: list[str] = []
    found: list[Device] = []
    if seconds > 0:
        try:
            found += _over_ble(seconds)
        except TransportError as error:
            troubles.append(str(error))
    try:
        found += _serial()
    except (TransportError, OSError) as error:
        troubles.append(f"the serial ports cannot be listed: {error}")
    return Listing((*found, *_simulated()), tuple(troubles))


def from_advert(found: Found) -> Device:
    """Return what somebody who advertises over Bluetooth is."""
    info = find_driver(found.driver) if found.driver else None
    title = found.name or (info.title if info else "without a name")
    return _device("ble", found.address, title, info, signal_dbm=found.rssi_dbm)


def from_port(found: FoundPort) -> Device:
    """Return what may hang on a serial port."""
    info = find_driver(found.driver) if found.driver else None
    said = found.description.lower() not in ("", "n/a")
    title = found.description if said else "serial port"
    if info is not None:
        title = f"{title}: perhaps {info.title}"
    note = "" if found.permitted else NO_PERMISSION
    return _device("serial", found.stable_name, title, info, note=note)


def _device(
    kind: Literal["ble", "serial"],
    target: str,
    title: str,
    info: DriverInfo | None,
    *,
    signal_dbm: int | None = None,
    note: str = "",
) -> Device:
    if info is None:
        address = f"{UNKNOWN}@{Address(kind, target)}"
        return Device(address, kind, title, None, signal_dbm, note=note or NO_DRIVER)
    address = str(Address(kind, target, info.name))
    wired = is_wired(info, kind)
    return Device(address, kind, title, info.name, signal_dbm, wired, info.battery_h, note)


def _over_ble(seconds: float) -> list[Device]:
    from ...firmware_bridge.transports.ble_scan import scan

    return [from_advert(found) for found in asyncio.run(scan(seconds))]


def _serial() -> list[Device]:
    from ...firmware_bridge.transports.serial_ports import list_ports

    return [from_port(found) for found in list_ports()]


def _simulated() -> list[Device]:
    return [
        Device(
            str(Address("sim", info.name)),
            "sim",
            info.title,
            info.name,
            wired_to_body=is_wired(info, "sim"),
        )
        for info in drivers()
    ]
