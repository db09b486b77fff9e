"""Drivers: the bytes of a sensor to samples, gaps, rejections and events."""

from .model import (
    Commands,
    Decoded,
    DeviceEvent,
    Driver,
    Gap,
    Packet,
    Rejected,
    Samples,
    StreamSpec,
    Write,
)
from .registry import DriverInfo, driver_names, drivers, find_driver

__all__ = [
    "Commands",
    "Decoded",
    "DeviceEvent",
    "Driver",
    "DriverInfo",
    "Gap",
    "Packet",
    "Rejected",
    "Samples",
    "StreamSpec",
    "Write",
    "driver_names",
    "drivers",
    "find_driver",
]
