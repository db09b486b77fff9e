"""Whole notifications of BLE: sorted by characteristic, and stacked where they are alike."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from ..model import DeviceEvent, Packet, Rejected
from .unwrap import known

LONGEST = 512
"""Most bytes that a characteristic can hold (Bluetooth Core, Vol 3, Part F, 3.2.9)."""

BATTERY_LEVEL = "00002a19-0000-1000-8000-00805f9b34fb"


def stack(packets: Sequence[Packet], size: int) -> NDArray[np.uint8]:
    """Return packets of one size as rows, shape ``(n, size)``."""
    data = b"".join(packet.data for packet in packets)
    return np.frombuffer(data, np.uint8).reshape(len(packets), size)


def arrivals(packets: Sequence[Packet]) -> NDArray[np.float64]:
    """Return when each packet arrived, shape ``(n,)``."""
    return known([packet.arrival_s for packet in packets])


def of_size(
    packets: Sequence[Packet], sizes: Collection[int]
) -> tuple[list[Packet], list[Rejected]]:
    """Return the packets of allowed sizes, and the others as rejected."""
    good = [packet for packet in packets if len(packet.data) in sizes]
    bad = [
        Rejected(len(packet.data), "wrong length", packet.arrival_s)
        for packet in packets
        if len(packet.data) not in sizes
    ]
    return good, bad


def battery_events(packets: Sequence[Packet]) -> list[DeviceEvent]:
    """Return what the standard battery characteristic says, percent."""
    return [
        DeviceEvent("battery", float(packet.data[0]), arrival_s=packet.arrival_s)
        for packet in packets
        if packet.channel.lower() == BATTERY_LEVEL
        and len(packet.data) == 1
        and packet.data[0] <= 100
    ]
