"""Encoders of every wire format, written from the fact sheet and not from the drivers."""

from __future__ import annotations

import struct
from collections.abc import Sequence

import numpy as np

POLAR_DATA = "fb005c82-02e7-f387-1cad-8acd2d8df0c8"
GANGLION_DATA = "2d30c082-f39f-4ce6-923f-3484ea480596"
CHORDS_DATA = "beb5483e-36e1-4688-b7f5-ea07361b26a8"
MYO_EMG = tuple(f"d506{n}05-a904-deb9-4748-2c7f4a124842" for n in ("01", "02", "03", "04"))
MYO_IMU = "d5060402-a904-deb9-4748-2c7f4a124842"


def big_endian(value: int, size: int) -> bytes:
    return int(value).to_bytes(size, "big", signed=True)


def cyton(
    counter: int, values: Sequence[int], aux: bytes = bytes(6), stop: int = 0xC0
) -> bytes:
    body = b"".join(big_endian(value, 3) for value in values)
    return bytes([0xA0, counter % 256]) + body + aux + bytes([stop])


def chords_serial(counter: int, values: Sequence[int]) -> bytes:
    return (
        b"\xc7\x7c" + bytes([counter % 256]) + struct.pack(f">{len(values)}H", *values) + b"\1"
    )


def chords_sample(counter: int, values: Sequence[int]) -> bytes:
    return bytes([counter % 256]) + struct.pack(f">{len(values)}H", *values)


def bitalino(counter: int, analog: Sequence[int], digital: Sequence[int]) -> bytes:
    widths = (10, 10, 10, 10, 6, 6)[: len(analog)]
    bits = "".join(f"{line}" for line in digital)
    bits += "".join(f"{v:0{w}b}" for v, w in zip(analog, widths, strict=True))
    size = -(-(8 + len(bits)) // 8)
    bits = f"{counter % 16:04b}0000" + bits.ljust(8 * size - 8, "0")
    value = int(bits, 2)
    frame = bytearray(value.to_bytes(size, "big")[::-1])
    rest = 0
    for byte in frame:
        for bit in range(7, -1, -1):
            rest = rest << 1 | byte >> bit & 1
            rest ^= 0x13 if rest & 0x10 else 0
    frame[-1] |= rest
    return bytes(frame)


def shimmer3(stamp: int, body: bytes) -> bytes:
    return b"\0" + (stamp % (1 << 24)).to_bytes(3, "little") + body


def packed(fields: Sequence[int], width: int) -> bytes:
    bits = "".join(f"{field:0{width}b}" for field in fields)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


def ganglion3(number: int, values: Sequence[int], width: int, accel: int = 0) -> bytes:
    """Return packet `number` of firmware 3 with two samples of four int24 values."""
    fields = []
    for value in values:
        field = (value >> (24 - width)) & ((1 << width) - 1)
        fields.append(field & ~1 | (value < 0))
    head = bytes([number % 100 + (100 if width == 19 else 0)])
    tail = bytes([accel & 0xFF]) if width == 18 else b""
    return head + packed(fields, width) + tail


def ganglion3_value(value: int, width: int) -> int:
    return (value >> (24 - width) & ~1) << (24 - width)


class Ganglion2:
    """Firmware 2: keeps what a receiver that keeps the sign bit has, as a base line."""

    def __init__(self) -> None:
        self.receiver = np.zeros(4, np.int64)

    def packet(self, number: int, samples: np.ndarray, width: int = 18) -> bytes:
        """Return packet `number` of the ring of 101; `samples` becomes what is received."""
        place = number % 101
        if place == 0:
            self.receiver = samples[0].copy()
            body = b"".join(big_endian(v, 3) for v in samples[0])
            return bytes([0]) + body + bytes(range(7))
        fields = []
        for sample in samples[:2]:
            delta = self.receiver - sample
            field = (delta & ((1 << width) - 1)) & ~1 | (delta < 0)
            read = field - (field & 1) * (1 << width)
            self.receiver = self.receiver - read
            sample[:] = self.receiver
            fields += list(field)
        tail = b"\0" if width == 18 else b""
        return bytes([place + (100 if width == 19 else 0)]) + packed(fields, width) + tail


def polar(kind: int, stamp: int, form: int, body: bytes) -> bytes:
    return struct.pack("<BQB", kind, stamp, form) + body


def polar_acc16(stamp: int, values: np.ndarray) -> bytes:
    return polar(2, stamp, 1, values.astype("<i2").tobytes())


def polar_ecg(stamp: int, values: np.ndarray) -> bytes:
    body = b"".join(int(v).to_bytes(3, "little", signed=True) for v in values)
    return polar(0, stamp, 0, body)


def polar_compressed(stamp: int, values: np.ndarray, blocks: Sequence[int], form: int) -> bytes:
    """Return a frame of differences, in blocks of the given lengths."""
    body = values[0].astype("<i2").tobytes()
    steps = np.diff(values.astype(np.int64), axis=0)
    start = 0
    for count in blocks:
        block = steps[start : start + count].ravel()
        width = max(1, max(int(abs(v)).bit_length() for v in block) + 1)
        number = sum((int(v) & ((1 << width) - 1)) << (i * width) for i, v in enumerate(block))
        body += bytes([width, count]) + number.to_bytes(-(-width * len(block) // 8), "little")
        start += count
    return polar(2, stamp, 0x80 | form, body)
