"""What recording two sensors costs, from the radio to the disk.

``python benchmarks/recorder.py [--seconds S]``: in real time, one process: two bands of 2 EMG
at 2 kHz and acceleration at 100 Hz in 250 notifications/s each, links, decoders, counts,
the collector, and the journal with a sync each half second. Not in it: the operating
system's Bluetooth and the library that talks to it. The notifications are those of a virtual
sensor, made before. The memory is the largest of the whole process, these notifications
included.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from links import Counter, Replayed, packets_of

from crampwatch.firmware_bridge.collector import Collector, Counts, Fan
from crampwatch.firmware_bridge.drivers import Packet, find_driver
from crampwatch.firmware_bridge.host_clock import SystemClock
from crampwatch.firmware_bridge.links import Link
from crampwatch.firmware_bridge.virtual.wire.open_sensor import OpenSensorWire
from crampwatch.recording.journal import JournalHeader, JournalWriter

BUDGET = 0.05
BUDGET_MB = 120


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30.0)
    given = parser.parse_args()
    wire = OpenSensorWire(exg_hz=2000.0, exg_per_frame=8, accel_hz=100.0, accel_per_frame=20)
    packets = packets_of(wire, given.seconds + 2)
    sink = Counter()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "night.mcap"
        share = asyncio.run(_measure(packets, given.seconds, sink, path))
    rate = sink.packets / given.seconds / 2
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{'notifications/s each':24}{rate:8.0f}")
    print(f"{'samples':24}{sink.samples:8,}")
    print(f"{'share of one core':24}{share:8.1%}   budget {BUDGET:.0%}")
    print(f"{'memory, MB':24}{memory:8.0f}   budget {BUDGET_MB}")


async def _measure(
    packets: Sequence[Packet], seconds: float, sink: Counter, path: Path
) -> float:
    clock = SystemClock()
    header = JournalHeader(clock.wall(), clock.monotonic(), clock.awake_or_not())
    collector = Collector(JournalWriter(path, header), clock)
    fan = Fan(sink, Counts(clock), collector)
    info = find_driver("open-sensor")
    links = [
        Link(name, info, {}, lambda: Replayed(packets), fan, clock=clock)
        for name in ("left", "right")
    ]
    running = [asyncio.create_task(link.run()) for link in links]
    begin = time.process_time()
    for _ in range(int(seconds)):
        await asyncio.sleep(1.0)
        collector.tick()
    share = (time.process_time() - begin) / seconds
    await asyncio.gather(*(link.stop() for link in links))
    await asyncio.gather(*running)
    await asyncio.to_thread(collector.close)
    if collector.error is not None:
        raise collector.error
    return share


if __name__ == "__main__":
    main()
