"""An hour of two simulated sensors that lose, drift and break off, in accounts.

``python benchmarks/soak.py [--seconds S] [--breaks N]``: a Cyton and a band with the open
protocol, 1 % of the frames lost, clocks 40 ppm off to either side, latency of 12 ms and 5 ms
of jitter. Simulated: the figures say what links, decoders and clocks do with it, not what a
radio does. ``lost`` is what they tell, ``truly`` what the numbers in the samples tell; times
are mapped by `recording.clock.WindowedClock`, less their constant offset.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests/firmware_bridge"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests/firmware_bridge/links"))

from soak import hour, soak, table


def main() -> None:
    """Run it and print the accounts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3600.0)
    parser.add_argument("--breaks", type=int, default=60)
    given = parser.parse_args()
    begin = time.process_time()
    result = soak(hour(given.seconds, given.breaks), given.seconds)
    print(table(result))
    print(f"objects alive after each third: {result.objects}")
    print(f"{given.seconds:.0f} s simulated in {time.process_time() - begin:.0f} s of one core")


if __name__ == "__main__":
    main()
