"""Raw captured bytes of a sensor to one table for each stream, and a summary."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from io import BufferedReader
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, TextIO

import numpy as np

from ..firmware_bridge.drivers import Decoded, Driver, Packet, StreamSpec, find_driver
from ..firmware_bridge.drivers.registry import DriverInfo
from ..firmware_bridge.drivers.settings import SettingError
from ..firmware_bridge.transports.capture import notification
from ..recording.errors import RecordingError
from ..recording.writers.beside import write_folder
from .jsontext import to_json

BLOCK = 1 << 20
LONGEST_LINE = 1 << 16
PACKETS = 2000
ROWS = 20_000
"""Rows formatted at a time."""


@dataclass(slots=True)
class StreamTotal:
    """What was decoded of one stream; see ``summary.json``."""

    fs: float
    samples: int = 0
    lost: int = 0
    lost_low: int = 0
    lost_high: int | None = 0


@dataclass(slots=True)
class DecodeResult:
    """What was decoded of one file.

    Attributes
    ----------
    streams
        By name.
    rejected_frames
        Notifications, or contiguous runs of serial bytes, thrown away.
    rejected_bytes
        Bytes in them.
    restarts
        Times the device began anew.
    unreadable_lines
        Lines of the capture that are no notification, the torn last one apart.
    events
        What the device said besides its samples: how often, by kind.
    """

    streams: dict[str, StreamTotal] = field(default_factory=dict)
    rejected_frames: int = 0
    rejected_bytes: int = 0
    restarts: int = 0
    unreadable_lines: int = 0
    events: dict[str, int] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return it as ``summary.json`` holds it."""
        return {
            "streams": {
                name: {
                    "samples": total.samples,
                    "lost": total.lost,
                    "fs": total.fs,
                    "lost_low": total.lost_low,
                    "lost_high": total.lost_high,
                }
                for name, total in self.streams.items()
            },
            "rejected_frames": self.rejected_frames,
            "rejected_bytes": self.rejected_bytes,
            "restarts": self.restarts,
            "unreadable_lines": self.unreadable_lines,
            "events": self.events,
        }


def decode_file(
    driver: str, raw: Path, out: Path, settings: Mapping[str, str] | None = None
) -> DecodeResult:
    """Decode a raw capture, and write ``STREAM.csv`` for each stream and ``summary.json``.

    Parameters
    ----------
    driver
        Name of the driver.
    raw
        Serial: bytes as received. BLE: JSON lines ``{"t": s, "char": uuid, "data": hex}``.
    out
        Folder to write; nothing half-written is left in it.
    settings
        Settings of the driver as text; ``chunk`` cuts a serial file into pieces of as many
        bytes.

    Raises
    ------
    CrampwatchError
        The driver or a setting is unknown, the file cannot be read or is no capture of this
        kind, or the folder cannot be written.
    """
    info = find_driver(driver)
    own = dict(settings or {})
    piece = _piece(own.pop("chunk", None))
    decoder = info.open(own)
    result = DecodeResult()
    try:
        file = raw.open("rb")
    except OSError as error:
        raise RecordingError(f"{raw}: {error.strerror}; check the name") from error
    with file, write_folder(out) as folder, ExitStack() as stack:
        batches = (
            _serial(file, piece)
            if _is_serial(info, file)
            else _notifications(file, raw, result)
        )
        tables = _Tables(folder, stack)
        for decoded in _decoded(decoder, batches):
            for spec in decoder.streams:
                if spec.name not in result.streams:
                    result.streams[spec.name] = StreamTotal(spec.rate_hz)
                    tables.open(spec)
            tables.add(decoded)
            _count(result, decoded)
        stack.close()
        (folder / "summary.json").write_text(to_json(result.as_json()) + "\n", "utf-8")
    return result


def _piece(text: str | None) -> int:
    if text is None:
        return BLOCK
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= BLOCK:
        raise SettingError(f"chunk={text!r}: must be a whole number from 1 to {BLOCK}")
    return int(text)


def _is_serial(info: DriverInfo, file: BinaryIO) -> bool:
    if info.transport != "both":
        return info.transport == "serial"
    start = file.read(1)
    file.seek(0)
    return start != b"{"


def _decoded(driver: Driver, batches: Iterable[list[Packet]]) -> Iterator[Decoded]:
    for packets in batches:
        yield driver.feed(packets)
    yield driver.finish()


def _serial(file: BinaryIO, piece: int) -> Iterator[list[Packet]]:
    while block := file.read(piece):
        yield [Packet(block)]


def _notifications(
    file: BufferedReader, raw: Path, result: DecodeResult
) -> Iterator[list[Packet]]:
    """Yield the notifications of a capture; a torn last line is passed over."""
    read = 0
    lines = _lines(file, result)
    while packets := list(islice(lines, PACKETS)):
        read += len(packets)
        yield packets
    if not read and result.unreadable_lines:
        raise RecordingError(
            f"{raw}: no line is a captured notification; a BLE capture holds lines like"
            ' {"t": 1.5, "char": "UUID", "data": "hex"}'
        )


def _lines(file: BufferedReader, result: DecodeResult) -> Iterator[Packet]:
    while line := file.readline(LONGEST_LINE):
        whole = line.endswith(b"\n")
        packet = notification(line)
        if packet is not None:
            yield packet
        elif line.strip() and (whole or file.peek(1)):
            result.unreadable_lines += 1
        while not whole and (more := file.readline(LONGEST_LINE)):
            whole = more.endswith(b"\n")


def _count(result: DecodeResult, decoded: Decoded) -> None:
    for gap in decoded.gaps:
        total = result.streams[gap.stream]
        total.lost += gap.lost
        total.lost_low += gap.lost_low
        if gap.lost_high is None or total.lost_high is None:
            total.lost_high = None
        else:
            total.lost_high += gap.lost_high
    for samples in decoded.samples:
        result.streams[samples.stream].samples += len(samples)
    result.rejected_frames += len(decoded.rejected)
    result.rejected_bytes += sum(each.n_bytes for each in decoded.rejected)
    for event in decoded.events:
        result.events[event.kind] = result.events.get(event.kind, 0) + 1
    result.restarts = result.events.get("restart", 0)


class _Tables:
    """One open CSV file for each stream."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder, self._stack = folder, stack
        self._specs: dict[str, StreamSpec] = {}
        self._files: dict[str, TextIO] = {}
        self._origin: float | None = None

    def open(self, spec: StreamSpec) -> None:
        path = self._folder / f"{spec.name}.csv"
        file = self._stack.enter_context(path.open("w", encoding="utf-8", newline=""))
        file.write(",".join(("index", "time_s", *spec.columns)) + "\n")
        self._specs[spec.name], self._files[spec.name] = spec, file

    def add(self, decoded: Decoded) -> None:
        for samples in decoded.samples:
            if not len(samples):
                continue
            if self._origin is None:
                self._origin = float(samples.device_s[0])
            spec = self._specs[samples.stream]
            values = np.column_stack(
                (
                    samples.index,
                    samples.device_s - self._origin,
                    spec.physical(samples.raw, samples.scale),
                )
            )
            form = "%d,%.9f" + ",%.10g" * len(spec.columns) + "\n"
            for start in range(0, len(values), ROWS):
                block = values[start : start + ROWS]
                self._files[samples.stream].write(form * len(block) % tuple(block.flat))
