"""The directory of a journal, made from its chunks as they are read or written."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from mcap.opcode import Opcode
from mcap.records import Channel
from numpy.typing import NDArray

from ..errors import RecordingError
from .blocks import times_from_bytes
from .directory import MOST_PIECES, Directory, NotePlaces
from .header import JournalHeader, header_from_text
from .notes import Note, note_from_bytes
from .records import HEADER_KEY, NOTES_CHANNEL, STREAM_KEY, Message
from .scan import ChunkAt, Damage, parsed, records_in
from .streams import MOST_STREAMS, JournalStream, stream_from_text
from .tracks import LARGEST_INDEX, NONE, Breaks, Place, Track, TrackPart, runs, whole

NOTHING_LEFT = "an MCAP file, but no journal of crampwatch, or nothing of it is left"
_LARGEST = (1 << 63) - 1


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


@dataclass(frozen=True, slots=True, eq=False)
class SurveyPart:
    """What a survey saw since its last part.

    Attributes
    ----------
    header
        Start of the night.
    streams
        New ones, by channel.
    breaks
        New ones: sensor, stream, generation, running number, and whether they are certain.
    chunks
        Columns: offset, length, first and last time in ns, size unpacked.
    places
        Columns of the notes: chunk, place, size.
    tracks
        By channel.
    samples, notes
        How many were seen since the beginning.
    """

    header: JournalHeader
    streams: dict[int, JournalStream]
    breaks: list[tuple[str, str, int, int, bool]]
    chunks: tuple[NDArray[np.int64], ...]
    places: tuple[NDArray[np.int64], ...]
    tracks: dict[int, TrackPart]
    samples: int
    notes: int


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
        self._chunks = tuple(array("q") for _ in range(5))
        self._places = tuple(array("q") for _ in range(3))
        self._tracks: dict[int, Track] = {}
        self._breaks: dict[tuple[str, str, int], Breaks] = {}
        self._damage: list[Damage] = []
        self._pieces = self._told_pieces = 0
        self._told_streams = 0

    @property
    def header(self) -> JournalHeader | None:
        """Start of the night, None before a chunk tells it."""
        return self._told.header

    @property
    def streams(self) -> dict[int, JournalStream]:
        """Streams by channel, as far as known."""
        return self._told.streams

    @property
    def untold(self) -> int:
        """Pieces and notes since the last part: what the memory held grows with."""
        return self._pieces - self._told_pieces

    @property
    def chunks(self) -> tuple[NDArray[np.int64], ...]:
        """Columns of the chunks, as in `SurveyPart`."""
        return tuple(whole(column) for column in self._chunks)

    def take(self, chunk: ChunkAt) -> None:
        """Take the next chunk.

        Raises
        ------
        RecordingError
            It holds more than any night does, or is of a later version.
        """
        row = chunk.offset, chunk.length, chunk.first_ns, chunk.last_ns, len(chunk.content)
        for column, value in zip(self._chunks, row, strict=True):
            column.append(min(value, _LARGEST))
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
        places = NotePlaces(*(whole(column) for column in self._places))
        streams = dict(self.streams)
        damage = tuple(self._damage)
        return Directory(self.header, streams, pieces, clocks, places, damage, end)

    def part(self) -> SurveyPart | None:
        """Return what was seen since the last part, and hold it no longer.

        None before a chunk told what the file is.
        """
        if self.header is None:
            return None
        streams = dict(list(self.streams.items())[self._told_streams :])
        self._told_streams, self._told_pieces = len(self.streams), self._pieces
        breaks = [
            (*key, index, certain)
            for key, found in self._breaks.items()
            for index, certain in found.told()
        ]
        part = SurveyPart(
            self.header,
            streams,
            breaks,
            self.chunks,
            tuple(whole(column) for column in self._places),
            {channel: track.part() for channel, track in self._tracks.items()},
            self.samples,
            self.notes,
        )
        for column in (*self._chunks, *self._places):
            del column[:]
        return part

    def add(self, parts: Sequence[SurveyPart], content: Callable[[int], bytes | None]) -> None:
        """Take all parts of one journal, in order, and go on from there.

        Parameters
        ----------
        parts
            From the first one on.
        content
            Returns the content of the chunk at a place, None where it is damaged.

        Raises
        ------
        RecordingError
            A chunk is damaged whose samples are still needed, or the parts do not fit.
        """
        tracks: dict[int, list[TrackPart]] = defaultdict(list)
        for part in parts:
            self._told.header = self._told.header or part.header
            self.streams.update(part.streams)
            for sensor, stream, generation, index, certain in part.breaks:
                self._break((sensor, stream, generation), index, certain=certain)
            for column, values in zip(
                (*self._chunks, *self._places), (*part.chunks, *part.places), strict=True
            ):
                column.frombytes(values.tobytes())
            for channel, each in part.tracks.items():
                tracks[channel].append(each)
                self._count(len(each.real[0]))
            self._count(len(part.places[0]))
            self.samples, self.notes = part.samples, part.notes
        for channel, found in tracks.items():
            self._track(channel).add(found)
        self._told_streams = len(self.streams)
        for known in self._breaks.values():
            list(known.told())
        self._settle_again(content)

    def _settle_again(self, content: Callable[[int], bytes | None]) -> None:
        open_ = [
            (place, passed, track)
            for track in self._tracks.values()
            for place, passed in track.unsettled()
        ]
        at, chunk = -1, b""
        for place, passed, track in sorted(open_, key=lambda each: each[0].chunk):
            if place.chunk != at:
                at, chunk = place.chunk, content(place.chunk) or b""
            times = times_from_bytes(memoryview(chunk)[place.at : place.at + place.size])
            track.again(place, times, passed)

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
            self._break(key, index, certain=reason == "restart")

    def _break(self, key: tuple[str, str, int], index: int, *, certain: bool) -> None:
        self._breaks.setdefault(key, Breaks()).add(index, certain=certain)

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
        for row, stop, run in runs(index, self._breaks_of(stream)):
            self._count()
            place = Place(chunk.offset, message.at, len(message.data), row, stop - row)
            track.put(place, times, run)
        self.samples += len(index)

    def _track(self, channel: int) -> Track:
        track = self._tracks.get(channel)
        if track is None:
            stream = self.streams.get(channel)
            track = Track(stamped=stream is None or stream.device_clock)
            self._tracks[channel] = track
        return track

    def _breaks_of(self, stream: JournalStream | None) -> NDArray[np.int64]:
        """Return the running numbers from which another run counts, in order."""
        if stream is None:
            return NONE
        found = self._breaks.get((stream.sensor, stream.stream, stream.generation))
        if found is None:
            return NONE
        return found.certain if stream.device_clock else found.all

    def _count(self, more: int = 1) -> None:
        self._pieces += more
        if self._pieces > MOST_PIECES:
            raise RecordingError(f"{self._name}: more than {MOST_PIECES} pieces and notes")
