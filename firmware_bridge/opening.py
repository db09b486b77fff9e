"""From an address to what a link needs: the driver, its settings, and fresh transports."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

from ..recording.errors import CrampwatchError
from .addresses import Address, AddressError
from .drivers.registry import DriverInfo, driver_names, find_driver
from .drivers.settings import SettingError, number, whole
from .host_clock import HostClock
from .transports.transport import Transport
from .virtual import FAULT_NAMES, Faults, SampleSource, VirtualSensor, VirtualTransport
from .virtual.sensor import virtual_sensor

T = TypeVar("T")

LONGEST_S = 600.0
SIM_OPTIONS = ("seed", "speed")
OF_OPEN_SENSOR = ("lsl", "brainflow")
"""Kinds whose samples come as frames of the open protocol."""

CARRIES = {"ble": "ble", "serial": "serial", "tcp": "serial"}
"""Which drivers fit which kind of address; a file and a simulation fit all."""


class SourceMaker(Protocol):
    """What a simulated sensor measures; the program decides, this package has no signals.

    Attributes
    ----------
    names
        Options that it knows.
    """

    names: tuple[str, ...]

    def __call__(self, driver: str, options: Mapping[str, str]) -> SampleSource:
        """Return the samples for a sensor.

        Raises
        ------
        CrampwatchError
            An option makes no sense.
        """
        ...


@dataclass(frozen=True, slots=True)
class OpenedAddress:
    """What a link needs for one sensor.

    Attributes
    ----------
    address
        As it was asked for.
    info, settings
        The driver and its settings.
    connect
        Makes a fresh transport for each attempt.
    wired_to_body
        Whether electrodes on the skin are joined to the computer by a wire this way.
    simulated
        The sensor where there is no real one.
    """

    address: Address
    info: DriverInfo
    settings: Mapping[str, str]
    connect: Callable[[], Transport]
    wired_to_body: bool
    simulated: VirtualSensor | None = None


def open_address(
    address: Address, *, clock: HostClock, sources: SourceMaker | None = None
) -> OpenedAddress:
    """Return what a link needs; nothing is connected yet, but all options are read.

    Parameters
    ----------
    address
        Of a sensor.
    clock
        The host's clocks.
    sources
        What simulated sensors measure; without it there are none.

    Raises
    ------
    CrampwatchError
        The driver is not said or does not exist, does not fit the address, or an option is
        unknown or makes no sense.
    """
    info = find_driver(_driver_name(address))
    _check_fit(address, info)
    options = dict(address.options)
    settings = _settings(address, info, options, sources)
    info.open(settings)
    simulated = None
    if address.kind == "sim":
        if sources is None:
            raise CrampwatchError(f"{address}: simulated sensors are not to be had here")
        simulated = _simulated(info, settings, options, clock, sources)
        connect = _virtual(simulated, clock)
    else:
        connect = _real(address, info, options, clock)
    wired = is_wired(info, address.kind)
    return OpenedAddress(address, info, settings, connect, wired, simulated)


def is_wired(info: DriverInfo, kind: str) -> bool:
    """Return whether a sensor joined this way has a wire from the skin to the computer."""
    if kind in ("file", "sim") or (info.transport == "both" and kind in ("ble", "tcp")):
        return False
    return info.wired_to_body


def options_of(kind: str, sources: SourceMaker | None = None) -> tuple[str, ...]:
    """Return the options of an address that are not the driver's settings."""
    if kind == "sim":
        names = (*FAULT_NAMES, *SIM_OPTIONS, *(sources.names if sources else ()))
        return tuple(dict.fromkeys(names))
    own = {
        "ble": ("timeout",),
        "serial": ("baud",),
        "file": ("speed", "bytes_per_s"),
        "lsl": ("unit", "kind"),
    }
    return own.get(kind, ())


def _driver_name(address: Address) -> str:
    if address.kind == "sim":
        return address.target
    if address.kind in OF_OPEN_SENSOR:
        if address.driver not in (None, "open-sensor"):
            raise AddressError(f"{address}: {address.kind}: needs no driver; leave it out")
        return "open-sensor"
    if address.driver is None:
        names = ", ".join(driver_names())
        raise AddressError(
            f"{address}: say which sensor it is, as in cyton@{address}; there are: {names}"
        )
    return address.driver


def _check_fit(address: Address, info: DriverInfo) -> None:
    needed = CARRIES.get(address.kind)
    if needed is not None and info.transport not in (needed, "both"):
        right = "ble" if info.transport == "ble" else "serial"
        raise AddressError(
            f"{address}: {info.title} is joined by {right}: as in {info.name}@{right}:..."
        )


def _settings(
    address: Address,
    info: DriverInfo,
    options: dict[str, str],
    sources: SourceMaker | None,
) -> dict[str, str]:
    """Take the settings of the driver out of the options, and return them."""
    known = {setting.name for setting in info.settings}
    own = options_of(address.kind, sources)
    settings = {name: options.pop(name) for name in list(options) if name in known}
    unknown = [name for name in options if name not in own]
    if unknown and address.kind != "brainflow":
        names = ", ".join((*own, *sorted(known)))
        raise AddressError(f"{address}: no option {unknown[0]!r}; there are: {names or 'none'}")
    if "link" in known and address.kind in CARRIES:
        settings.setdefault("link", CARRIES[address.kind])
        if settings["link"] != CARRIES[address.kind]:
            raise AddressError(f"{address}: link={settings['link']} does not fit the address")
    return settings


def _simulated(
    info: DriverInfo,
    settings: Mapping[str, str],
    options: dict[str, str],
    clock: HostClock,
    sources: SourceMaker,
) -> VirtualSensor:
    faults = Faults.read({name: options[name] for name in FAULT_NAMES if name in options})
    seed = _option(options, "seed", whole(0, 2**63 - 1), 0)
    speed = _speed(options)
    source = sources(
        info.name, {each: options[each] for each in sources.names if each in options}
    )
    return virtual_sensor(
        info.name, source, faults, clock=clock, seed=seed, settings=settings, speed=speed
    )


def _virtual(sensor: VirtualSensor, clock: HostClock) -> Callable[[], Transport]:
    return lambda: VirtualTransport(sensor, clock=clock)


def _real(
    address: Address, info: DriverInfo, options: Mapping[str, str], clock: HostClock
) -> Callable[[], Transport]:
    makers = {
        "ble": _ble,
        "serial": _serial,
        "tcp": _tcp,
        "file": _file,
        "lsl": _lsl,
        "brainflow": _brainflow,
    }
    return makers[address.kind](address.target, info, options, clock)


def _ble(
    target: str, info: DriverInfo, options: Mapping[str, str], clock: HostClock
) -> Callable[[], Transport]:
    from .transports.ble import BleTransport

    timeout_s = _option(options, "timeout", number(1.0, LONGEST_S), 20.0)
    return lambda: BleTransport(target, info=info, timeout_s=timeout_s, clock=clock)


def _serial(
    target: str, info: DriverInfo, options: Mapping[str, str], clock: HostClock
) -> Callable[[], Transport]:
    from .transports.serial import SerialTransport

    baud = _option(options, "baud", whole(50, 12_000_000), info.baud or 115200)
    return lambda: SerialTransport(target, baud=baud, clock=clock)


def _tcp(
    target: str, _info: DriverInfo, _options: Mapping[str, str], clock: HostClock
) -> Callable[[], Transport]:
    from .transports.tcp import TcpTransport

    host, colon, text = target.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    try:
        port = whole(1, 65535)(text) if colon and host else 0
    except ValueError:
        port = 0
    if not port:
        raise AddressError(f"tcp:{target}: needs a host and a port, as in tcp:127.0.0.1:9000")
    return lambda: TcpTransport(host, port, clock=clock)


def _file(
    target: str, _info: DriverInfo, options: Mapping[str, str], clock: HostClock
) -> Callable[[], Transport]:
    from .transports.playback import FileTransport

    speed = _speed(options)
    bytes_per_s = _option(options, "bytes_per_s", number(0.0, 1e9), 0.0)
    return lambda: FileTransport(target, speed=speed, clock=clock, bytes_per_s=bytes_per_s)


def _lsl(
    target: str, _info: DriverInfo, options: Mapping[str, str], clock: HostClock
) -> Callable[[], Transport]:
    from .transports.boards.lsl import LslTransport

    unit, kind = options.get("unit", ""), options.get("kind", "")
    return lambda: LslTransport(target, clock=clock, unit=unit, kind=kind)


def _brainflow(
    target: str, _info: DriverInfo, options: Mapping[str, str], clock: HostClock
) -> Callable[[], Transport]:
    from .transports.boards.brainflow import BrainflowTransport

    return lambda: BrainflowTransport(target, clock=clock, options=options)


def _speed(options: Mapping[str, str]) -> float:
    return _option(options, "speed", number(1e-3, 1e6), 1.0)


def _option(options: Mapping[str, str], name: str, read: Callable[[str], T], default: T) -> T:
    if name not in options:
        return default
    try:
        return read(options[name])
    except ValueError as error:
        raise SettingError(f"{name}={options[name]!r}: {error}") from None
