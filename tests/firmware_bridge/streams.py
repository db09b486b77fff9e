"""What tests of drivers ask of a result."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np

from crampwatch.firmware_bridge.drivers import Decoded, Packet, find_driver


def decode(name: str, packets: Sequence[Packet], **settings: str) -> Decoded:
    driver = find_driver(name).open(settings)
    return Decoded.join([driver.feed(packets), driver.finish()])


def serial(name: str, frames: Iterable[bytes], **settings: str) -> Decoded:
    return decode(name, [Packet(b"".join(frames))], **settings)


def joined(result: Decoded, stream: str, what: str) -> np.ndarray:
    parts = [getattr(each, what) for each in result.samples if each.stream == stream]
    return np.concatenate(parts) if parts else np.empty(0)


def index(result: Decoded, stream: str = "exg") -> list[int]:
    return [int(i) for i in joined(result, stream, "index")]


def lost(result: Decoded, stream: str = "exg") -> int:
    return sum(gap.lost for gap in result.gaps if gap.stream == stream)


def rejected(result: Decoded) -> list[int]:
    return [each.n_bytes for each in result.rejected]


def plain(result: Decoded) -> dict[str, object]:
    """Return everything in a result, in a form that can be compared."""
    found: dict[str, object] = {
        "gaps": sorted(result.gaps, key=lambda gap: (gap.stream, gap.index)),
        "rejected": [(each.n_bytes, each.reason) for each in result.rejected],
        "events": [(e.kind, e.text, _plain(e.value)) for e in result.events],
    }
    for stream in sorted({each.stream for each in result.samples}):
        for what in ("raw", "index", "device_s", "arrival_s"):
            found[f"{stream} {what}"] = joined(result, stream, what).tobytes()
        scales = [
            s
            for each in result.samples
            if each.stream == stream
            for s in [each.scale] * len(each)
        ]
        found[f"{stream} scale"] = scales
    return found


def _plain(value: float) -> float | None:
    return None if math.isnan(value) else value
