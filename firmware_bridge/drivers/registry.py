"""The drivers there are: one module in ``sensors`` is one driver.

A module there declares ``DRIVER``, a `DriverInfo`; its file name with dashes for underscores
is the driver's name. Nothing else has to be told of a new one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Literal

from ...recording.errors import CrampwatchError
from . import sensors
from .model import Commands, Driver
from .settings import Setting, read_settings


@dataclass(frozen=True, slots=True)
class DriverInfo:
    """What a driver says about its sensor before it is opened.

    Attributes
    ----------
    name
        As in ``crampwatch decode NAME``.
    title
        The sensor, for people.
    transport
        ``ble`` or ``serial``; ``both`` where frames are the same over either.
    wired_to_body
        Whether electrodes on the skin are joined to the computer by a wire.
    source
        Where the byte layout is documented.
    settings
        What can be set.
    make
        Turns the values of `settings` into a driver.
    commands
        Turns the values of `settings` into what starts and stops the sensor.
    battery_h
        Rough hours on one charge; None where nobody has said.
    services
        BLE services by which it is found.
    name_prefixes
        Beginnings of the name it advertises.
    baud
        Serial speed; 0 where there is none.
    calibration
        Where the scale comes from, and how far it can be trusted.
    """

    name: str
    title: str
    transport: Literal["ble", "serial", "both"]
    wired_to_body: bool
    source: str
    settings: tuple[Setting, ...]
    make: Callable[[Mapping[str, Any]], Driver]
    commands: Callable[[Mapping[str, Any]], Commands]
    battery_h: float | None
    calibration: str
    services: tuple[str, ...] = ()
    name_prefixes: tuple[str, ...] = ()
    baud: int = 0

    def open(self, settings: Mapping[str, str] | None = None) -> Driver:
        """Return a fresh driver.

        Raises
        ------
        SettingError
            A setting is unknown or has a value that is not allowed.
        """
        return self.make(read_settings(self.name, self.settings, settings or {}))

    def commands_for(self, settings: Mapping[str, str] | None = None) -> Commands:
        """Return what starts and stops the sensor with these settings; errors as `open`."""
        return self.commands(read_settings(self.name, self.settings, settings or {}))


def driver_names() -> tuple[str, ...]:
    """Return the names of all drivers, sorted."""
    return tuple(
        sorted(module.name.replace("_", "-") for module in iter_modules(sensors.__path__))
    )


def find_driver(name: str) -> DriverInfo:
    """Return the driver of this name.

    Raises
    ------
    CrampwatchError
        There is none; the line names those there are.
    """
    if name not in driver_names():
        raise CrampwatchError(f"no driver {name!r}; there are: {', '.join(driver_names())}")
    module = import_module(f"{sensors.__name__}.{name.replace('-', '_')}")
    info: DriverInfo = module.DRIVER
    return info


def drivers() -> Iterator[DriverInfo]:
    """Yield every driver, by name."""
    for name in driver_names():
        yield find_driver(name)
