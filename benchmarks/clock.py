"""How well device time is mapped to host time over simulated nights, and what it costs.

``python benchmarks/clock.py [--hours 9] [--seeds 5]``: errors are the 95th percentile of the
absolute error in milliseconds after the constant is removed, median and worst over the seeds.
All links are simulated (``tests/recording/clock/simulated.py``); nothing here was measured on
a device.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "recording" / "clock"))

from simulated import Conditions, Link, simulate, windowed

from crampwatch.recording.clock import CausalClock

WINDOW_S = 60.0
REACH_S = 600.0

FAST = Conditions(packet_hz=250.0, interval_s=0.015)
CASES = {
    "250 packets/s, 20 ppm": FAST,
    "250 packets/s, 40 ppm": replace(FAST, drift_ppm=40.0),
    "the same, 60 reconnections": replace(FAST, drift_ppm=40.0, reconnections=60),
    "50 packets/s, 60 reconnections": Conditions(drift_ppm=40.0, reconnections=60),
    "1 packet/s": Conditions(packet_hz=1.0),
    "poll in step, 20 ms": Conditions(packet_hz=50.0, interval_s=0.020),
    "poll in step, 60 reconnections": Conditions(
        packet_hz=100.0, interval_s=0.030, drift_ppm=8.0, reconnections=60
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=9.0)
    parser.add_argument("--seeds", type=int, default=5)
    given = parser.parse_args()
    print("| simulated night | one line | local line | windowed | causal | apart |")
    print("|---|---|---|---|---|---|")
    for name, conditions in CASES.items():
        rows = [
            measure(simulate(replace(conditions, hours=given.hours), seed))
            for seed in range(given.seeds)
        ]
        middle, worst = np.median(rows, axis=0), np.max(rows, axis=0)
        cells = [f"{a:.2f} ({b:.2f})" for a, b in zip(middle, worst, strict=True)]
        print(f"| {name} | {' | '.join(cells)} |", flush=True)
    links = [simulate(replace(FAST, hours=given.hours), seed) for seed in (0, 1)]
    for label, work in (("windowed", windowed), ("causal", causal)):
        begin = time.process_time()
        for link in links:
            work(link)
        took = time.process_time() - begin
        print(f"{label}, two sensors at 250 packets/s, {given.hours:g} h: {took:.2f} s")


def measure(link: Link) -> tuple[float, ...]:
    """Return errors of the four ways, and how far causal and windowed are apart, ms."""
    every = slice(None, None, max(1, len(link.device_s) // 100_000))
    device, true = link.device_s[every], link.true_s[every]
    later = true > true[0] + 3600.0
    after = windowed(link).to_host(device)
    live = causal(link, 5000)[every]
    return (
        error_ms(one_line(link, device) - true),
        error_ms(local_line(link, device) - true),
        error_ms(after - true),
        error_ms((live - true)[later]),
        error_ms((live - after)[later]),
    )


def error_ms(off: NDArray[np.float64]) -> float:
    return float(np.percentile(np.abs(off - np.median(off)), 95)) * 1e3


def one_line(link: Link, device_s: NDArray[np.float64]) -> NDArray[np.float64]:
    slope, start = np.polyfit(link.device_s, link.arrival_s - link.device_s, 1)
    return device_s * (1 + slope) + start


def local_line(link: Link, device_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Low quantile each minute, median line of the minutes within ten: no connections."""
    number = ((link.arrival_s - link.arrival_s[0]) // WINDOW_S).astype(int)
    cuts = [0, *(np.flatnonzero(np.diff(number)) + 1), len(number)]
    delay = link.arrival_s - link.device_s
    parts = [slice(a, b) for a, b in pairwise(cuts)]
    at = np.array([link.device_s[part].mean() for part in parts])
    low = np.array([np.quantile(delay[part], 0.02) for part in parts])
    line = []
    for middle in at:
        near = np.abs(at - middle) <= REACH_S
        x, y = at[near], low[near]
        first, second = np.triu_indices(len(x), 1)
        slope = np.median((y[second] - y[first]) / (x[second] - x[first]))
        line.append(np.median(y - slope * (x - middle)))
    return device_s + np.interp(device_s, at, line)


def causal(link: Link, batch: int = 12) -> NDArray[np.float64]:
    clock = CausalClock()
    host = []
    for connection, device, arrival in link.connections():
        for at in range(0, len(device), batch):
            part = slice(at, at + batch)
            clock.add(device[part], arrival[part], connection=connection)
            host.append(clock.to_host(device[part]))
    return np.concatenate(host)


if __name__ == "__main__":
    main()
