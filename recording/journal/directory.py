"""What lies where in a journal: small enough to be held, and kept in the file itself."""

from __future__ import annotations

from collections.abc import Mapping as Table
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from ..clock.mapping import Mapping, Run
from ..errors import RecordingError
from .header import JournalHeader, header_from_text, header_to_text
from .scan import Damage
from .streams import JournalStream, stream_from_text, stream_to_text
from .tables import BROKEN, MOST_ROWS, TablesIn, TablesOut

ESTIMATE = 1
"""Version of how clocks are estimated; a directory with another one is made anew."""

MOST_PIECES = MOST_ROWS
"""Contiguous runs and notes, at most, in one journal."""

Whole = NDArray[np.int64]
Real = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """Runs of samples of one stream whose numbers count up by one, in the order of arrival.

    Attributes
    ----------
    chunk
        Where the chunk of each lies in the file.
    at, size
        Where its block lies in the chunk.
    row
        Its first row in the block.
    index
        Number of its first sample.
    count
        Samples.
    run
        Stretch over which the numbers and the device's clock count without a break.
    device_s, last_s
        Times of its first and its last sample by the device's clock, seconds or NaN.
    arrival_s
        Arrival of its first sample, seconds or NaN.
    scale
        Factor on the gain.
    """

    chunk: Whole
    at: Whole
    size: Whole
    row: Whole
    index: Whole
    count: Whole
    run: Whole
    device_s: Real
    last_s: Real
    arrival_s: Real
    scale: Real

    def __len__(self) -> int:
        return len(self.chunk)


@dataclass(frozen=True, slots=True, eq=False)
class NotePlaces:
    """Where the notes lie: chunk in the file, place and size in it."""

    chunk: Whole
    at: Whole
    size: Whole

    def __len__(self) -> int:
        return len(self.chunk)


@dataclass(frozen=True, slots=True, eq=False)
class Directory:
    """What a journal holds.

    Attributes
    ----------
    header
        Start of the night.
    streams
        By channel.
    pieces
        By channel.
    clocks
        Device time to host time, by channel; of the stream itself.
    notes
        Places of the notes.
    damage
        Places that cannot be read.
    end
        Where the chunks end.
    """

    header: JournalHeader
    streams: Table[int, JournalStream]
    pieces: Table[int, Pieces]
    clocks: Table[int, Mapping]
    notes: NotePlaces
    damage: tuple[Damage, ...]
    end: int


def directory_to_bytes(directory: Directory) -> bytes:
    """Return the directory, compressed."""
    out = TablesOut()
    told = {
        "estimate": ESTIMATE,
        "header": header_to_text(directory.header),
        "end": directory.end,
        "damage": [[each.offset, each.length, each.torn] for each in directory.damage],
        "notes": out.put(_columns(directory.notes)),
        "streams": [
            {
                "channel": channel,
                "stream": stream_to_text(stream),
                "pieces": out.put(_columns(directory.pieces[channel])),
                "late": directory.clocks[channel].late,
                "found": directory.clocks[channel].found,
                "runs": [
                    [run.number, run.start_s, *out.put(_knots(run))]
                    for run in directory.clocks[channel].runs
                ],
            }
            for channel, stream in directory.streams.items()
        ],
    }
    return out.to_bytes(told)


def directory_from_bytes(data: bytes) -> Directory:
    """Return the directory that `directory_to_bytes` wrote.

    Raises
    ------
    RecordingError
        It is damaged, or of another version.
    """
    try:
        return _unpacked(TablesIn(data))
    except BROKEN as error:
        raise RecordingError(f"the index of the journal is damaged: {error}") from error


def _unpacked(tables: TablesIn) -> Directory:
    told = tables.told
    if told["estimate"] != ESTIMATE:
        raise RecordingError("the index of the journal is of another version")
    notes = NotePlaces(*tables.table(told["notes"]))
    streams: dict[int, JournalStream] = {}
    pieces: dict[int, Pieces] = {}
    clocks: dict[int, Mapping] = {}
    for each in told["streams"]:
        channel = int(each["channel"])
        streams[channel] = stream_from_text(each["stream"])
        table = tables.table(each["pieces"])
        chunk, at, size, row, index, count, run = table[:7]
        device_s, last_s, arrival_s, scale = (c.view(np.float64) for c in table[7:])
        pieces[channel] = Pieces(
            chunk, at, size, row, index, count, run, device_s, last_s, arrival_s, scale
        )
        runs = []
        for number, start_s, *shape in each["runs"]:
            knots = [column.view(np.float64) for column in tables.table(shape)]
            runs.append(Run(int(number), float(start_s), *knots))
        clocks[channel] = Mapping(tuple(runs), int(each["late"]), tuple(each["found"]))
    damage = tuple(Damage(int(a), int(n), bool(torn)) for a, n, torn in told["damage"])
    header = header_from_text(told["header"])
    return Directory(header, streams, pieces, clocks, notes, damage, int(told["end"]))


def _columns(table: Pieces | NotePlaces) -> list[NDArray[np.int64] | NDArray[np.float64]]:
    return [getattr(table, each.name) for each in fields(table)]


def _knots(run: Run) -> list[NDArray[np.int64] | NDArray[np.float64]]:
    return [run.device_s, run.host_s, run.error_s, run.drift_ppm, run.drift_error_ppm]
