"""The directory of a journal, made from its chunks as they are read or written."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from contextlib import suppress
from itertools import pairwise

import numpy as np
from mcap.opcode import Opcode
from mcap.records import Channel
from numpy.typing import NDArray

from ..clock.arrivals import packet_arrivals
from ..clock.line import CRYSTAL_PPM, SAMPLING_PPM
from ..clock.windowed import WindowedClock
from ..errors import RecordingError
from .blocks import BlockTimes, times_from_bytes
from .directory import MOST_PIECES, Directory, NotePlaces, Pieces
from .header import JournalHeader, header_from_text
from .notes import Note, note_from_bytes
from .records import HEADER_KEY, NOTES_CHANNEL, STREAM_KEY, Message
from .scan import ChunkAt, Damage, parsed, records_in
from .streams import MOST_STREAMS, JournalStream, stream_from_text

LARGEST_INDEX = 1 << 52
_AT_ONCE = 64
NOTHING_LEFT = "an MCAP file, but no journal of crampwatch, or nothing of it is left"


class Descriptions:
    """What a journal says of itself and of its streams, as its chunks come.

    Attributes
    ----------
    header
        Start of the night, None before a chunk tells it.
    streams
        By channel.
    """

    def __init__(self, name: str) -> None:
        self.header: JournalHeader | None = None
        self.streams: dict[int, JournalStream] = {}
        self._name = name

    def take(self, opcode: int, data: bytes) -> None:
        """Take a record of a chunk that is no message.

        Raises
        ------
        RecordingError
            It is of a later version, or hostile.
        """
        if opcode != Opcode.CHANNEL:
            return
        channel = parsed(Channel, data)
        if not isinstance(channel, Channel):
            return
        header, stream = (channel.metadata.get(key) for key in (HEADER_KEY, STREAM_KEY))
        try:
            if channel.id == NOTES_CHANNEL and header is not None:
                self.header = self.header or header_from_text(header)
            elif stream is not None and channel.id not in self.streams:
                self.streams[channel.id] = stream_from_text(stream)
        except RecordingError as error:
            raise RecordingError(f"{self._name}: {error}") from error
        if len(self.streams) > MOST_STREAMS:
            raise RecordingError(f"{self._name}: more than {MOST_STREAMS} streams")


class Survey:
    """Takes the chunks of a journal in order and says what lies where.

    Held in memory are some numbers for each block and each note, never a sample.

    Parameters
    ----------
    name
        Name of the file, for errors.

    Attributes
    ----------
    samples, notes
        How many were seen.
    """

    def __init__(self, name: str) -> None:
        self._told = Descriptions(name)
        self.samples = 0
        self.notes = 0
        self._name = name
        self._places = tuple(array("q") for _ in range(3))
        self._tracks: dict[int, _Track] = {}
        self._breaks: dict[tuple[str, str, int], _Breaks] = {}
        self._damage: list[Damage] = []
        self._pieces = 0

    @property
    def header(self) -> JournalHeader | None:
        """Start of the night, None before a chunk tells it."""
        return self._told.header

    @property
    def streams(self) -> dict[int, JournalStream]:
        """Streams by channel, as far as known."""
        return self._told.streams

    def take(self, chunk: ChunkAt) -> None:
        """Take the next chunk.

        Raises
        ------
        RecordingError
            It holds more than any night does, or is of a later version.
        """
        blocks: list[Message] = []
        for record in records_in(chunk.content):
            if isinstance(record, tuple):
                self._told.take(*record)
            elif record.channel == NOTES_CHANNEL:
                self._note(chunk, record)
            else:
                blocks.append(record)
        for message in blocks:
            self._block(chunk, message)

    def hear(self, message: Message) -> None:
        """Learn of a gap whose note comes later in the file than the samples behind it."""
        if b'"gap"' in bytes(message.data):
            with suppress(RecordingError):
                self._gap(note_from_bytes(bytes(message.data)))

    def hurt(self, damage: Damage) -> None:
        """Take note of a damaged place."""
        self._damage.append(damage)

    def directory(self, end: int) -> Directory:
        """Return what was seen.

        Parameters
        ----------
        end
            Where the chunks end.

        Raises
        ------
        RecordingError
            There was nothing that says what the file is.
        """
        if self.header is None:
            raise RecordingError(f"{self._name}: {NOTHING_LEFT}")
        pieces, clocks = {}, {}
        for channel, stream in self.streams.items():
            track = self._track(channel)
            pieces[channel] = track.pieces(self._breaks_of(stream))
            track.settle()
            clocks[channel] = track.clock.mapping()
        places = NotePlaces(*(_whole(column) for column in self._places))
        streams = dict(self.streams)
        damage = tuple(self._damage)
        return Directory(self.header, streams, pieces, clocks, places, damage, end)

    def _note(self, chunk: ChunkAt, message: Message) -> None:
        self._count()
        try:
            note = note_from_bytes(bytes(message.data))
        except RecordingError:
            return
        self.notes += 1
        place = chunk.offset, message.at, len(message.data)
        for column, value in zip(self._places, place, strict=True):
            column.append(value)
        self._gap(note)

    def _gap(self, note: Note) -> None:
        if note.kind != "gap":
            return
        data = note.data
        try:
            key = str(note.sensor), str(data["stream"]), int(data.get("generation", 1))
            high = data.get("lost_high")
            exact = high is not None and int(high) == int(data["lost_low"])
            index, reason = int(data["index"]), str(data["reason"])
        except (ValueError, TypeError, LookupError, OverflowError):
            return
        if reason == "restart" or not (exact or reason == "resent"):
            breaks = self._breaks.setdefault(key, _Breaks())
            breaks.add(index, certain=reason == "restart")

    def _block(self, chunk: ChunkAt, message: Message) -> None:
        try:
            times = times_from_bytes(message.data)
        except RecordingError:
            self.hurt(Damage(chunk.offset, chunk.length, torn=False))
            return
        index = times.index
        if not len(index):
            return
        if int(np.abs(index).max()) > LARGEST_INDEX:
            raise RecordingError(f"{self._name}: a running number is impossible")
        stream = self.streams.get(message.channel)
        if stream is not None and len(stream.columns) != times.columns:
            raise RecordingError(f"{self._name}: a block of another stream in {stream.topic}")
        track = self._track(message.channel)
        for row, stop, run in _runs(index, self._breaks_of(stream)):
            self._count()
            count = stop - row
            track.put(
                (chunk.offset, message.at, len(message.data), row, int(index[row]), count),
                (
                    float(times.device_s[row]),
                    float(times.device_s[row + count - 1]),
                    float(times.arrival_s[row]),
                    times.scale,
                ),
            )
            track.feed(times, slice(row, stop), run)
        self.samples += len(index)

    def _track(self, channel: int) -> _Track:
        track = self._tracks.get(channel)
        if track is None:
            stream = self.streams.get(channel)
            track = _Track(stamped=stream is None or stream.device_clock)
            self._tracks[channel] = track
        return track

    def _breaks_of(self, stream: JournalStream | None) -> NDArray[np.int64]:
        """Return the running numbers from which another run counts, in order."""
        if stream is None:
            return _NONE
        found = self._breaks.get((stream.sensor, stream.stream, stream.generation))
        if found is None:
            return _NONE
        return found.certain if stream.device_clock else found.all

    def _count(self) -> None:
        self._pieces += 1
        if self._pieces > MOST_PIECES:
            raise RecordingError(f"{self._name}: more than {MOST_PIECES} pieces and notes")


_NONE = np.empty(0, np.int64)


class _Breaks:
    """Running numbers from which samples count anew.

    A device's own clock bridges those where only the number of the lost ones is uncertain.
    """

    def __init__(self) -> None:
        self.certain = _NONE
        self.all = _NONE

    def add(self, index: int, *, certain: bool) -> None:
        if abs(index) > LARGEST_INDEX:
            return
        self.all = np.union1d(self.all, [index])
        if certain:
            self.certain = np.union1d(self.certain, [index])


class _Track:
    """One stream: where its pieces lie, and its clock."""

    def __init__(self, *, stamped: bool) -> None:
        self.clock = WindowedClock(CRYSTAL_PPM if stamped else SAMPLING_PPM)
        self._whole = tuple(array("q") for _ in range(6))
        self._real = tuple(array("d") for _ in range(4))
        self._key = (0, 0)
        self._waiting: list[tuple[NDArray[np.float64], NDArray[np.float64]]] = []

    def put(self, whole: Iterable[int], real: Iterable[float]) -> None:
        for column, value in zip(self._whole, whole, strict=True):
            column.append(value)
        for numbers, number in zip(self._real, real, strict=True):
            numbers.append(number)

    def feed(self, times: BlockTimes, rows: slice, run: int) -> None:
        """Hand packets to the clock, many at once."""
        key = times.connection, run
        if key != self._key or len(self._waiting) >= _AT_ONCE:
            self.settle()
            self._key = key
        self._waiting.append((times.device_s[rows], times.arrival_s[rows]))

    def settle(self) -> None:
        """Hand what waits to the clock."""
        if not self._waiting:
            return
        device_s, arrival_s = (
            np.concatenate(each) for each in zip(*self._waiting, strict=True)
        )
        self._waiting.clear()
        packets = packet_arrivals(device_s, arrival_s)
        connection, run = self._key
        self.clock.add(packets.device_s, packets.arrival_s, connection=connection, run=run)

    def pieces(self, breaks: NDArray[np.int64]) -> Pieces:
        chunk, at, size, row, index, count = (_whole(column) for column in self._whole)
        device_s, last_s, arrival_s, scale = (np.array(each, np.float64) for each in self._real)
        run = np.searchsorted(breaks, index, side="right").astype(np.int64)
        return Pieces(
            chunk, at, size, row, index, count, run, device_s, last_s, arrival_s, scale
        )


def _runs(index: NDArray[np.int64], breaks: NDArray[np.int64]) -> list[tuple[int, int, int]]:
    """Return first row, last row and run of the samples whose numbers count up by one."""
    count = len(index)
    run = int(np.searchsorted(breaks, index[0], side="right"))
    straight = count == 1 or bool((index[1:] - index[:-1] == 1).all())
    if straight and (run == len(breaks) or int(breaks[run]) > int(index[-1])):
        return [(0, count, run)]
    runs = np.searchsorted(breaks, index, side="right")
    ends = np.flatnonzero((np.diff(index) != 1) | (np.diff(runs) != 0)) + 1
    return [
        (first, stop, int(runs[first])) for first, stop in pairwise((0, *ends.tolist(), count))
    ]


def _whole(column: array[int]) -> NDArray[np.int64]:
    return np.array(column, np.int64)
