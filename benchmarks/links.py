"""What two sensors at 250 notifications/s each cost between the radio and the sink.

``python benchmarks/links.py [--seconds S]``: in real time, one process, the share of one core
of the event loop, one callback for each notification that stamps and queues it, the links
with their decoders, and a sink that counts. Not in it: the operating system's Bluetooth and
the library that talks to it. The notifications are those of a virtual sensor, made before.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "firmware_bridge"))

from fast_time import LoopClock, run_fast

from crampwatch.firmware_bridge.drivers import Decoded, Packet, find_driver
from crampwatch.firmware_bridge.host_clock import SystemClock
from crampwatch.firmware_bridge.links import Link, LinkChange
from crampwatch.firmware_bridge.transports import Transport
from crampwatch.firmware_bridge.transports.inbox import Inbox
from crampwatch.firmware_bridge.virtual import Noise, VirtualSensor, VirtualTransport
from crampwatch.firmware_bridge.virtual.wire.open_sensor import OpenSensorWire
from crampwatch.recording.clock import RoundTrip

PER_FRAME = 2
BUDGET = 0.05


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0)
    given = parser.parse_args()
    packets = packets_of(OpenSensorWire(exg_per_frame=PER_FRAME), given.seconds + 2)
    sink = Counter()
    share = asyncio.run(_measure(packets, given.seconds, sink))
    rate = sink.packets / given.seconds / 2
    print(f"{'notifications/s each':24}{rate:8.0f}")
    print(f"{'samples':24}{sink.samples:8,}")
    print(f"{'share of one core':24}{share:8.1%}   budget {BUDGET:.0%}")


def packets_of(wire: OpenSensorWire, seconds: float) -> list[Packet]:
    """Return the notifications that a band sends in some time."""
    return run_fast(_recorded(wire, seconds))


class Counter:
    """A sink that counts."""

    def __init__(self) -> None:
        self.packets = self.samples = 0

    def took(self, _link: Link, packets: Sequence[Packet], decoded: Decoded) -> None:
        """See `LinkSink.took`."""
        self.packets += len(packets)
        self.samples += sum(len(run) for run in decoded.samples)

    def changed(self, _link: Link, _change: LinkChange) -> None:
        """See `LinkSink.changed`."""

    def round_trip(self, _link: Link, _trip: RoundTrip) -> None:
        """See `LinkSink.round_trip`."""


class Replayed(Transport):
    """Notifications at the times they had, each by a callback of its own."""

    def __init__(self, packets: Sequence[Packet]) -> None:
        self.address = "replayed"
        self._packets = packets
        self._inbox: Inbox | None = None
        self._next = 0
        self._timer: asyncio.TimerHandle | None = None

    async def open(self, notify: Sequence[str] = ()) -> None:
        """See `Transport.open`."""
        del notify
        self._inbox = Inbox()
        self._begun_s = time.monotonic() - self._packets[0].arrival_s
        self._deliver()

    async def write(self, data: bytes, channel: str = "") -> None:
        """See `Transport.write`."""

    async def receive(self) -> list[Packet]:
        """See `Transport.receive`."""
        if self._inbox is None:
            raise RuntimeError("not open")
        return await self._inbox.take()

    async def close(self) -> None:
        """See `Transport.close`."""
        if self._timer is not None:
            self._timer.cancel()

    def _deliver(self) -> None:
        packet = self._packets[self._next]
        if self._inbox is not None and self._next:
            self._inbox.put(Packet(packet.data, time.monotonic(), packet.channel))
        self._next += 1
        if self._next < len(self._packets):
            at_s = self._begun_s + self._packets[self._next].arrival_s
            self._timer = asyncio.get_running_loop().call_at(at_s, self._deliver)


async def _measure(packets: Sequence[Packet], seconds: float, sink: Counter) -> float:
    info = find_driver("open-sensor")
    links = [
        Link(name, info, {}, lambda: Replayed(packets), sink, clock=SystemClock())
        for name in ("left", "right")
    ]
    running = [asyncio.create_task(link.run()) for link in links]
    begin = time.process_time()
    await asyncio.sleep(seconds)
    share = (time.process_time() - begin) / seconds
    await asyncio.gather(*(link.stop() for link in links))
    await asyncio.gather(*running)
    return share


async def _recorded(wire: OpenSensorWire, seconds: float) -> list[Packet]:
    clock = LoopClock()
    sensor = VirtualSensor("band", wire, Noise(), clock=clock)
    transport = VirtualTransport(sensor, clock=clock)
    commands = find_driver("open-sensor").commands_for({})
    await transport.open(commands.notify)
    for write in commands.start:
        await transport.write(write.data, write.channel)
    packets: list[Packet] = []
    until = clock.monotonic() + seconds
    while clock.monotonic() < until:
        packets += await transport.receive()
    await transport.close()
    return packets


if __name__ == "__main__":
    main()
