"""What two sensors at 250 notifications a second each cost over bleak's Linux backend.

``python benchmarks/ble.py [--seconds N]``; needs ``dbus-daemon`` (Debian package of that name).

Counted is the processor time of this process: the D-Bus messages of each notification, bleak,
the transport, and, in the last lines, the open protocol's driver fed every 50 ms. Not counted
are the bus, the Bluetooth service (a fake one here) and the kernel's radio, which run in other
processes; the bus is printed apart.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests/firmware_bridge/ble"))

from private_bus import PrivateBus, forget_bleak

from crampwatch.firmware_bridge.drivers.model import Packet
from crampwatch.firmware_bridge.drivers.registry import find_driver
from crampwatch.firmware_bridge.open_protocol import FROM_DEVICE
from crampwatch.firmware_bridge.transports.ble import BleTransport
from crampwatch.firmware_bridge.transports.inbox import Inbox

BANDS = [
    {"address": "C0:00:00:00:00:01", "name": "Crampwatch1", "pipes": True},
    {"address": "C0:00:00:00:00:02", "name": "Crampwatch2", "pipes": True},
]
BATCH_S = 0.05
DRIVER = find_driver("open-sensor")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        asyncio.run(measure(PrivateBus(Path(folder), patch), given.seconds))


async def measure(bus: PrivateBus, seconds: float) -> None:
    """Print one line for each way of connecting and of reading."""
    await bus.start_bus()
    await bus.start_bluez(*BANDS)
    print(f"{'reading':34}{'notifications/s':>16}{'this process':>14}{'the bus':>10}")
    for pipes in (False, True):
        way = "pipes" if pipes else "signals"
        both = [BleTransport(each["address"], info=DRIVER, pipes=pipes) for each in BANDS]
        commands = DRIVER.commands_for()
        for ble in both:
            await ble.open(commands.notify)
            for write in commands.start:
                await ble.write(write.data, write.channel)
        for label, pause_s, decode in (
            (f"{way}, each as it comes", 0.0, False),
            (f"{way}, every 50 ms", BATCH_S, False),
            (f"{way}, every 50 ms, decoded", BATCH_S, True),
        ):
            await spend(bus, both, seconds, label, pause_s, decode=decode)
        for ble in both:
            await ble.close()
    await forget_bleak()
    await bus.stop()
    await alone(seconds)


async def spend(
    bus: PrivateBus,
    both: list[BleTransport],
    seconds: float,
    label: str,
    pause_s: float,
    *,
    decode: bool,
) -> None:
    """Read for some seconds and print the share of a core."""
    counts = [0, 0]
    feeds: list[Callable[[list[Packet]], object]] = [
        DRIVER.open().feed if decode else len for _ in both
    ]

    async def read(which: int) -> None:
        while True:
            packets = await both[which].receive()
            feeds[which](packets)
            counts[which] += len(packets)
            await asyncio.sleep(pause_s)

    begin, used, bus_used = time.monotonic(), time.process_time(), of_daemon(bus)
    readers = [asyncio.create_task(read(which)) for which in range(len(both))]
    await asyncio.sleep(seconds)
    took = time.monotonic() - begin
    share = (time.process_time() - used) / took
    bus_share = (of_daemon(bus) - bus_used) / took
    for reader in readers:
        reader.cancel()
    await asyncio.wait(readers)
    print(f"{label:34}{sum(counts) / took:16.0f}{share:14.2%}{bus_share:10.2%}")


async def alone(seconds: float) -> None:
    """Print what the transport's own part of it is: stamp, queue, take."""
    inbox, now = Inbox(), time.monotonic
    data = bytearray(30)
    used = time.process_time()
    for number in range(int(500 * seconds)):
        inbox.put(Packet(bytes(data), now(), FROM_DEVICE))
        if number % 12 == 0:
            await inbox.take()
    share = (time.process_time() - used) / seconds
    print(f"{'of that: stamp, queue and take':34}{500:16}{share:14.2%}")


def of_daemon(bus: PrivateBus) -> float:
    """Return the processor seconds of the bus so far."""
    assert bus.daemon is not None
    fields = Path(f"/proc/{bus.daemon.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
