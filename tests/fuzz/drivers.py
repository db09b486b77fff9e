"""Coverage-guided fuzzing of one driver: bytes of an attacker's choosing.

    pip install atheris
    python tests/fuzz/drivers.py cyton -max_total_time=600

The first word names the driver, the rest are libFuzzer's own options. What the drivers must
hold stands in `tests/firmware_bridge/test_hostile.py`: no failure, whole results, and the same
result for any batches. Found inputs belong there, as tests.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["crampwatch.firmware_bridge"]):
    from crampwatch.firmware_bridge.drivers import (
        Decoded,
        Packet,
        driver_names,
        drivers,
        find_driver,
    )

    ALL = tuple(drivers())

sys.path.append(str(Path(__file__).parents[1] / "firmware_bridge"))
from streams import plain
from test_hostile import CHANNELS, check


def packets_of(name: str, data: bytes) -> list[list[Packet]]:
    """Return batches of packets that these bytes spell."""
    source = atheris.FuzzedDataProvider(data)
    channels = [*CHANNELS.get(name, [""]), "2a19"]
    batches: list[list[Packet]] = [[]]
    time_s = 0.0
    while source.remaining_bytes():
        word = source.ConsumeIntInRange(0, 255)
        if word & 0x80:
            batches.append([])
        time_s += (word & 0x07) * (2.0 if word & 0x08 else 0.004)
        size = source.ConsumeIntInRange(0, 240)
        channel = channels[(word >> 4) % len(channels)]
        batches[-1].append(Packet(source.ConsumeBytes(size), time_s, channel))
    return batches


def main() -> None:
    """Fuzz until libFuzzer is told to stop, or finds something."""
    name = sys.argv.pop(1) if len(sys.argv) > 1 else ""
    if name not in driver_names():
        sys.exit(f"name a driver: {', '.join(driver_names())}")
    info = find_driver(name)

    def one(data: bytes) -> None:
        batches = packets_of(name, data)
        pieced, whole = info.open(), info.open()
        parts = []
        for batch in batches:
            parts.append(pieced.feed(batch))
            check(pieced, parts[-1])
        parts.append(pieced.finish())
        check(pieced, parts[-1])
        once = whole.feed([packet for batch in batches for packet in batch])
        if plain(Decoded.join(parts)) != plain(Decoded.join([once, whole.finish()])):
            raise AssertionError("another result in other batches")

    atheris.Setup(sys.argv, one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
