"""How fast each driver decodes: samples a second, and how many times real time.

``python benchmarks/drivers.py [--frames N] [DRIVER ...]``: processor time of one core,
everything in memory, 1 % of the frames left out, handed over in large pieces and in those of
50 ms in which a link hands them over.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "firmware_bridge"))

import encoders

from crampwatch.firmware_bridge import open_protocol
from crampwatch.firmware_bridge.drivers import Packet, find_driver

DIFFERENT = 2560
LOST = 0.01
BATCH_S = 0.05
WHEN = {"ganglion": 0.01, "chords-ble": 0.02, "myo": 0.01, "polar": 0.18, "open-sensor": 0.05}


def main() -> None:
    """Time the drivers named, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=100_000)
    parser.add_argument("drivers", nargs="*")
    given = parser.parse_args()
    print(f"{'driver':22}{'pieces':>16}{'samples/s':>14}{'x real time':>14}{'lost':>10}")
    for name, settings, make in CASES:
        if given.drivers and name not in given.drivers:
            continue
        for label, pieces in cut(name, given.frames, make):
            measure(name, settings, label, pieces)


def measure(
    name: str, settings: dict[str, str], label: str, pieces: list[list[Packet]]
) -> None:
    """Decode and print one line."""
    driver = find_driver(name).open(settings)
    begin = time.process_time()
    results = [driver.feed(piece) for piece in pieces]
    results.append(driver.finish())
    took = time.process_time() - begin
    spec = driver.streams[0]
    parts = [part for result in results for part in result.samples]
    count = sum(len(part) for part in parts if part.stream == spec.name)
    gaps = [gap for result in results for gap in result.gaps if gap.stream == spec.name]
    lost = sum(gap.lost for gap in gaps)
    rate = count / took
    words = " ".join([name, *settings.values()])
    print(f"{words:22}{label:>16}{rate:14,.0f}{rate / spec.rate_hz:14,.0f}{lost:10}")


def cut(
    name: str, frames: int, make: Callable[[int], bytes]
) -> Iterator[tuple[str, list[list[Packet]]]]:
    """Yield the same signal in large pieces, and in those of 50 ms."""
    rng = np.random.default_rng(0)
    count = frames // 4 if name in WHEN else frames
    made = [make(i) for i in range(min(DIFFERENT, count))]
    own = name in ("polar", "shimmer3", "open-sensor")
    kept = [i for i in range(count) if i < 2 or rng.random() >= LOST]
    data = [make(i) if own and i >= len(made) else made[i % len(made)] for i in kept]
    if name in WHEN:
        times = WHEN[name] * (np.array(kept) + rng.random(len(kept)))
        channels = CHANNELS[name]
        packets = [
            Packet(each, float(when), channels[i % len(channels)])
            for i, each, when in zip(kept, data, np.maximum.accumulate(times), strict=True)
        ]
        for size in (1000, max(1, round(BATCH_S / WHEN[name]))):
            label = f"{size} packets"
            yield label, [packets[at : at + size] for at in range(0, len(packets), size)]
        return
    whole = b"".join(data)
    rate_hz = find_driver(name).open().streams[0].rate_hz
    for size in (65536, round(BATCH_S * rate_hz) * len(data[0])):
        pieces = [[Packet(whole[at : at + size])] for at in range(0, len(whole), size)]
        yield f"{size} bytes", pieces


CHANNELS = {
    "ganglion": [encoders.GANGLION_DATA],
    "chords-ble": [encoders.CHORDS_DATA],
    "myo": list(encoders.MYO_EMG),
    "polar": [encoders.POLAR_DATA],
    "open-sensor": [open_protocol.FROM_DEVICE],
}
_noise = np.random.default_rng(1)


def _cyton(i: int) -> bytes:
    return encoders.cyton(i, _noise.integers(-(2**23), 2**23, 8))


def _chords_serial(i: int) -> bytes:
    return encoders.chords_serial(i, _noise.integers(0, 1024, 6))


def _bitalino(i: int) -> bytes:
    return encoders.bitalino(i, [int(v) for v in _noise.integers(0, 64, 6)], [0, 1, 0, 1])


def _shimmer(i: int) -> bytes:
    return encoders.shimmer3(64 * i, _noise.bytes(7))


def _ganglion(i: int) -> bytes:
    return encoders.ganglion3(i, [int(v) for v in _noise.integers(-9999, 9999, 8)], 18)


def _chords_ble(i: int) -> bytes:
    rows = _noise.integers(0, 4096, (10, 3))
    return b"".join(encoders.chords_sample(10 * i + k, row) for k, row in enumerate(rows))


def _myo(_i: int) -> bytes:
    return _noise.bytes(16)


def _polar(i: int) -> bytes:
    values = _noise.integers(-2000, 2000, (36, 3))
    return encoders.polar_acc16(10**18 + 180_000_000 * i, values)


def _polar_packed(i: int) -> bytes:
    values = np.cumsum(_noise.integers(-50, 50, (52, 3)), axis=0)
    return encoders.polar_compressed(10**18 + 10**9 * i, values, [20, 20, 11], 1)


def _open(i: int) -> bytes:
    if not i:
        stream = open_protocol.StreamInfo(0, "emg", 3, 2, 500_000, 0.05, 24, True, "uV", "exg")
        payload = open_protocol.Info(1, 1, 900, 0, "band", (stream,)).pack()
        return open_protocol.Frame(1, 0, 1, 0, 0, payload).pack()
    payload = _noise.bytes(150)
    return open_protocol.Frame(2, 0, 1, 25 * i, 50_000 * i, payload).pack()


CASES: list[tuple[str, dict[str, str], Callable[[int], bytes]]] = [
    ("cyton", {}, _cyton),
    ("ganglion", {"firmware": "3"}, _ganglion),
    ("polar", {"acc_fs": "200"}, _polar),
    ("polar", {"acc_fs": "52"}, _polar_packed),
    ("shimmer3", {}, _shimmer),
    ("chords-ble", {}, _chords_ble),
    ("chords-serial", {}, _chords_serial),
    ("bitalino", {}, _bitalino),
    ("myo", {}, _myo),
    ("open-sensor", {}, _open),
]


if __name__ == "__main__":
    main()
