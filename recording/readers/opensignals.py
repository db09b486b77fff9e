"""OpenSignals text files: biosignalsplux, bioplux, BITalino.

One JSON header, then a row for each sample: counter, digital ports, channels, device after
device. Scales are in `plux`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..assemble import Signal, build_streams
from ..errors import RecordingError
from ..model import Night
from .plux import Channel, Device, device_of, signal_of, timing
from .table import first_lines, gather, read_blocks, segments_of

_MOST_COLUMNS = 256


def read_opensignals_txt(path: Path, label_map: Mapping[str, str] | None = None) -> Night:
    """Open an OpenSignals ``.txt`` file.

    Parameters
    ----------
    path
        Text file that begins with ``# OpenSignals Text File Format``.
    label_map
        Channel label in the file (``CH1``, ``A1``) to canonical label.

    Raises
    ------
    RecordingError
        The header cannot be read, or the rows are no numbers.
    """
    name = path.name
    devices, first_byte = _header(path)
    dtypes = {
        column: np.float64 if column == device.counter else np.float32
        for device in devices
        for column in (device.counter, *(channel.column for channel in device.channels))
        if column is not None
    }
    if not any(device.channels for device in devices):
        raise RecordingError(f"{name}: the OpenSignals header names no channels")
    columns = gather(read_blocks(path, first_byte, r"\s+", list(dtypes)), dtypes)
    signals: list[Signal] = []
    notes: list[str] = []
    rows = len(next(iter(columns.values())))
    if rows == 0:
        raise RecordingError(f"{name}: no rows of samples after the header")
    for device in devices:
        counter = columns[device.counter] if device.counter is not None else None
        runs = timing(device, counter, rows, notes)
        for channel in device.channels:
            values = columns[channel.column]
            segments, rate = segments_of(values, runs, device.rate_hz, name)
            signals.append(signal_of(device, channel, segments, rate))
    first = devices[0]
    return Night(
        streams=build_streams(signals, name, label_map),
        start=first.start,
        source=path,
        format="OpenSignals",
        devices=tuple(f"{device.model} {device.name}".strip() for device in devices),
        notes=tuple(notes),
    )


def _header(path: Path) -> tuple[list[Device], int]:
    lines = first_lines(path, 64)
    first_byte = 0
    found: dict[str, Any] = {}
    for line in lines:
        first_byte += len(line)
        text = line.decode("utf-8", "replace").strip("\ufeff# \t\r\n")
        if text.startswith("{"):
            found = _json(text, path.name)
        if re.match(r"end\s*of\s*header", text, re.IGNORECASE):
            break
    else:
        raise RecordingError(f"{path.name}: the OpenSignals header has no end")
    if not found:
        raise RecordingError(f"{path.name}: the OpenSignals header names no device")
    devices = []
    before = 0
    for key, facts in found.items():
        if not isinstance(facts, dict):
            raise RecordingError(f"{path.name}: the OpenSignals header is damaged ({key!r})")
        device = device_of(str(key), facts, path.name)
        names = facts.get("column", [])
        if not isinstance(names, list) or len(names) > _MOST_COLUMNS:
            raise RecordingError(f"{path.name}: the OpenSignals header names no columns")
        devices.append(_placed(device, [str(each) for each in names], before, path.name))
        before += len(names)
    return devices, first_byte


def _json(text: str, name: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RecordingError(f"{name}: the OpenSignals header is no valid JSON") from error
    if not isinstance(found, dict) or not 0 < len(found) <= 64:
        raise RecordingError(f"{name}: the OpenSignals header names no device")
    return found


def _placed(device: Device, names: Sequence[str], before: int, name: str) -> Device:
    """Tell the device in which columns of the file its channels are: the last ones."""
    if len(names) < len(device.channels):
        raise RecordingError(
            f"{name}: the OpenSignals header names {len(device.channels)} channels but "
            f"{len(names)} columns"
        )
    at = before + len(names) - len(device.channels)
    channels = tuple(
        Channel(each.label, each.sensor, each.bits, at + place)
        for place, each in enumerate(device.channels)
    )
    counter = before if names and names[0].strip().lower() == "nseq" else None
    return Device(device.name, device.model, device.rate_hz, device.start, counter, channels)
