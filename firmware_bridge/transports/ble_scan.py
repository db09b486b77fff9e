"""Looking for sensors over Bluetooth: who is there, and which driver would read them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from ..drivers.registry import DriverInfo, drivers
from .ble_faults import ble_failures

if TYPE_CHECKING:
    from bleak.backends.device import BLEDevice
    from bleak.backends.scanner import AdvertisementData, BaseBleakScanner

RSSI_UNKNOWN_DBM = -127
GRACE_S = 8.0
"""For what starts and ends a search; a Bluetooth service that hangs would never do either."""

END_S = 1.5
"""For the end of a search that nobody waits for any more."""

BASE_UUID = "-0000-1000-8000-00805f9b34fb"

_HARDWARE = re.compile(r"([0-9a-f]{2}[:-]){5}[0-9a-f]{2}", re.IGNORECASE)
_SHORT_UUID = re.compile(r"[0-9a-f]{4}|[0-9a-f]{8}")
_FOR_ALL_MAKERS = re.compile(rf"000018[0-9a-f]{{2}}{BASE_UUID}")
"""Services the Bluetooth SIG gives to everybody, the heart rate of every strap for one."""


@dataclass(frozen=True, slots=True)
class Found:
    """A sensor, or anything else, that advertises.

    Attributes
    ----------
    address
        Hardware address; on macOS a UUID that only this computer knows it by.
    name
        As advertised, empty where it says none.
    rssi_dbm
        Signal strength: -50 is close, -90 nearly out of range; None where not known.
    driver
        Name of the driver that its name or services speak for; None where nothing does.
    """

    address: str
    name: str
    rssi_dbm: int | None
    driver: str | None


async def scan(seconds: float, *, scanner: type[BaseBleakScanner] | None = None) -> list[Found]:
    """Return who advertises within some seconds, known sensors first, then the closest.

    Parameters
    ----------
    seconds
        How long to listen. Most sensors advertise at least once in two seconds.
    scanner
        Another backend of bleak, for a virtual radio.

    Raises
    ------
    TransportError
        Bluetooth is missing, off or not allowed.
    """
    seen: dict[str, tuple[BLEDevice, AdvertisementData]] = {}

    def note(device: BLEDevice, advert: AdvertisementData) -> bool:
        seen[device.address] = device, advert
        return False

    with ble_failures("the search for sensors", during="search"):
        async with radio():
            await _listen(note, seconds, scanner)
    found = [_found(device, advert) for device, advert in seen.values()]
    return sorted(found, key=_closest_first)


def guess_driver(name: str, services: list[str]) -> str | None:
    """Return the name of the driver that fits what is advertised, or None.

    A beginning of the name speaks louder than a service; services that are open to every
    maker say nothing.
    """
    if not name and not services:
        return None
    lowered = name.casefold()
    offered = {full_uuid(each) for each in services}
    by_service = None
    for info in drivers():
        if any(lowered.startswith(each.casefold()) for each in info.name_prefixes):
            return info.name
        own = {full_uuid(each) for each in info.services}
        if by_service is None and any(
            each in offered and not _FOR_ALL_MAKERS.fullmatch(each) for each in own
        ):
            by_service = info.name
    return by_service


def full_uuid(uuid: str) -> str:
    """Return a UUID in its long form and lower case; other text in lower case."""
    lowered = uuid.lower()
    return lowered.rjust(8, "0") + BASE_UUID if _SHORT_UUID.fullmatch(lowered) else lowered


async def look(
    target: str,
    info: DriverInfo,
    seconds: float,
    scanner: type[BaseBleakScanner] | None = None,
) -> BLEDevice | None:
    """Return the first that answers to an address, an advertised name or a service UUID.

    One that advertises comes first. Where none does, one of the driver's kind that this
    computer already holds is taken: a connection left over by a program that died keeps a
    sensor silent.
    """
    found = await _listen(
        lambda device, advert: _answers_to(target, device, advert), seconds, scanner
    )
    return await _held(target, info) if found is None and scanner is None else found


def radio() -> asyncio.Lock:
    """Return the lock of this event loop's radio.

    Adapters search and connect for one at a time, and BlueZ ends a second search of one
    program with ``InProgress``. The lock is fair, and a search gives it up every few seconds,
    so that a sensor that is switched off does not keep another from coming back.
    """
    return _RADIOS.setdefault(asyncio.get_running_loop(), asyncio.Lock())


_RADIOS: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()


async def _listen(
    wanted: Callable[[BLEDevice, AdvertisementData], bool],
    seconds: float,
    scanner: type[BaseBleakScanner] | None,
) -> BLEDevice | None:
    """Return the first that is wanted, or None when the time is over.

    Whoever is cancelled while a search begins has the search end as it should: BlueZ would
    think that this program still searches, and refuse every search after it.
    """
    enough = asyncio.Event()
    searching = asyncio.create_task(_search(wanted, seconds, scanner, enough))
    searching.add_done_callback(_take_note)
    try:
        async with asyncio.timeout(seconds + GRACE_S):
            return await asyncio.shield(searching)
    finally:
        enough.set()
        await asyncio.wait({searching}, timeout=END_S)
        searching.cancel()
        await asyncio.wait({searching}, timeout=END_S)


def _take_note(searching: asyncio.Task[BLEDevice | None]) -> None:
    if not searching.cancelled():
        searching.exception()


async def _search(
    wanted: Callable[[BLEDevice, AdvertisementData], bool],
    seconds: float,
    scanner: type[BaseBleakScanner] | None,
    enough: asyncio.Event,
) -> BLEDevice | None:
    from bleak import BleakScanner

    found: list[BLEDevice] = []

    def heard(device: BLEDevice, advert: AdvertisementData) -> None:
        if not found and wanted(device, advert):
            found.append(device)
            enough.set()

    async with BleakScanner(heard, backend=scanner):
        with suppress(TimeoutError):
            await asyncio.wait_for(enough.wait(), seconds)
    return found[0] if found else None


def _found(device: BLEDevice, advert: AdvertisementData) -> Found:
    name = _printable(advert.local_name or device.name or "")
    rssi = None if advert.rssi == RSSI_UNKNOWN_DBM else advert.rssi
    return Found(device.address, name, rssi, guess_driver(name, advert.service_uuids))


def _printable(name: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in name)


def _closest_first(found: Found) -> tuple[bool, int, str]:
    rssi = RSSI_UNKNOWN_DBM if found.rssi_dbm is None else found.rssi_dbm
    return found.driver is None, -rssi, found.address


def _answers_to(target: str, device: BLEDevice, advert: AdvertisementData) -> bool:
    if _named(target, device, advert.local_name):
        return True
    return full_uuid(target) in {full_uuid(each) for each in advert.service_uuids}


def _named(target: str, device: BLEDevice, local_name: str | None = None) -> bool:
    wanted = target.casefold()
    if _HARDWARE.fullmatch(target):
        wanted = wanted.replace("-", ":")
    return wanted in {
        device.address.casefold(),
        (device.name or "").casefold(),
        (local_name or "").casefold(),
    }


async def _held(target: str, info: DriverInfo) -> BLEDevice | None:
    from bleak import BleakAdapter

    with suppress(NotImplementedError):
        adapter = await BleakAdapter.get()
        for device in await adapter.get_connected_devices(list(info.services) or ["1801"]):
            if _named(target, device) or full_uuid(target) in map(full_uuid, info.services):
                return device
    return None
