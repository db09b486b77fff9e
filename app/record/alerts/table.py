"""`alerts.tsv`: every alert of a night, each way it took, and how long that took."""

from __future__ import annotations

import csv
import math
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ....recording.errors import RecordingError
from ....recording.writers.beside import cannot_write
from .alert import AlertKind
from .limits import Decided

NAME = "alerts.tsv"

COLUMNS: Mapping[str, str] = {
    "onset": "When it happened, seconds from the start of the night.",
    "decided": "When it was decided to tell it, seconds from the start of the night: the time"
    " of the newest sample that was known by then.",
    "told_at": "When a way had told it, or had given up, seconds from the start of the night.",
    "latency_s": "`told_at` less `decided`, seconds.",
    "kind": "`cramp suspected`, `link lost`, `electrode off`, `battery low`, `disk low`,"
    " `data lost`, `all is well again`.",
    "level": "`info`, `warning`, `urgent`.",
    "sensor": "Sensor it concerns.",
    "side": "Leg, of a suspected cramp.",
    "channel": "Channel, of a suspected cramp.",
    "probability": "What the detector gave the event when it was decided; provisional.",
    "way": "Way that it took; `n/a` where it was held back or there was none.",
    "result": "`told`, `failed: ` and why, or `held back: ` and why.",
}
"""Meaning of each column of `alerts.tsv`."""

TOLD = "told"
NOTHING = "n/a"
MOST_BYTES = 16 << 20
MOST_TEXT = 300


@dataclass(frozen=True, slots=True)
class Row:
    """One line: an alert and one of its ways.

    Attributes
    ----------
    onset, decided, told_at
        Seconds of the night; NaN where nothing is known.
    kind, sensor, way, result
        As in the table.
    """

    onset: float
    decided: float
    told_at: float
    kind: str
    sensor: str | None
    way: str
    result: str

    @property
    def told(self) -> bool:
        """Whether it got out."""
        return self.result == TOLD


class AlertTable:
    """Appends to a table, and sees each line on the disk at once.

    Parameters
    ----------
    folder
        Of the night.

    Raises
    ------
    RecordingError
        The file cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        try:
            self._file = self._path.open("ab")
            if not self._file.tell():
                self._line(list(COLUMNS))
            else:
                self._file.write(b"\n")  # ends a line that was torn; empty ones are passed over
        except OSError as error:
            raise cannot_write(self._path, error) from error

    def put(self, decided: Decided, way: str, result: str, told_at_s: float) -> None:
        """Append one line.

        Raises
        ------
        RecordingError
            The disk is full, or failed.
        """
        alert, event = decided.alert, decided.event
        try:
            self._line([
                _seconds(alert.at_s),
                _seconds(alert.decided_s),
                _seconds(told_at_s),
                _seconds(told_at_s - alert.decided_s),
                alert.kind.value,
                alert.level.value,
                alert.sensor,
                None if event is None else event.side,
                None if event is None else event.channel,
                None if event is None else event.probability,
                way or None,
                result,
            ])  # fmt: skip
        except OSError as error:
            raise cannot_write(self._path, error) from error

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _line(self, values: list[Any]) -> None:
        self._file.write(("\t".join(_cell(value) for value in values) + "\n").encode())
        self._file.flush()
        os.fsync(self._file.fileno())


def read_alerts(folder: Path) -> list[Row]:
    """Return the lines of a night's alerts; a torn one is left out.

    Parameters
    ----------
    folder
        Of the night; without alerts there is no such file.

    Raises
    ------
    RecordingError
        It cannot be read.
    """
    path = folder / NAME
    try:
        with path.open("rb") as file:
            text = file.read(MOST_BYTES).decode("utf-8", "replace")
    except FileNotFoundError:
        return []
    except OSError as error:
        raise RecordingError(f"cannot read {path}: {error.strerror or error}") from error
    return list(_rows(text))


def _rows(text: str) -> Iterator[Row]:
    lines = csv.reader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    names: list[str] = []
    kinds = {kind.value for kind in AlertKind}
    for cells in lines:
        if not names:
            names = cells
            continue
        if len(cells) != len(names):
            continue
        told = dict(zip(names, cells, strict=True))
        if told.get("kind") not in kinds:
            continue
        sensor = told.get("sensor", NOTHING)
        yield Row(
            _number(told.get("onset")),
            _number(told.get("decided")),
            _number(told.get("told_at")),
            told["kind"],
            None if sensor == NOTHING else sensor,
            told.get("way", NOTHING),
            told.get("result", ""),
        )


def _number(text: str | None) -> float:
    try:
        return float(text or "nan")
    except ValueError:
        return math.nan


def _seconds(value: float) -> str:
    return f"{value:.3f}" if math.isfinite(value) else NOTHING


def _cell(value: Any) -> str:
    if value is None:
        return NOTHING
    text = " ".join(str(value).split())[:MOST_TEXT]
    return text or NOTHING
