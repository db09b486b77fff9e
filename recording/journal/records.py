"""Records of the MCAP container (mcap.dev/spec): how the journal's are made.

A chunk holds half a second while recording. Each begins with a fixed pattern that a reader
can find again after damage.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass

import zstandard
from mcap.data_stream import RecordBuilder
from mcap.opcode import Opcode
from mcap.records import Channel, Header, McapRecord, Metadata, Schema

from .header import JournalHeader, header_to_text
from .streams import JournalStream, stream_to_text

MAGIC = b"\x89MCAP0\r\n"
NOTES_CHANNEL = 1
NOTES_TOPIC = "notes"
SAMPLES_ENCODING = "crampwatch.samples"
HEADER_KEY = "journal"
STREAM_KEY = "stream"
DIRECTORY_NAME = "crampwatch.directory"
CHECKPOINT_NAME = "crampwatch.checkpoint"
MOST_CONTENT = 64 << 20
"""Bytes of a chunk, unpacked, at most."""

_MESSAGE = struct.Struct("<BQHIQQ")
_CHUNK = struct.Struct("<BQQQQII4sQ")
_NOTES_SCHEMA, _SAMPLES_SCHEMA = 1, 2
_LEVEL = 6
CHUNK_HEAD = _CHUNK.size
"""Bytes of a chunk before its compressed records."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a chunk.

    Attributes
    ----------
    channel, time_ns, sequence
        As in the container.
    data
        What it says.
    at
        Where `data` lies in the chunk.
    """

    channel: int
    time_ns: int
    data: bytes | memoryview
    sequence: int = 0
    at: int = 0


def opening(header: JournalHeader) -> bytes:
    """Return how a journal begins."""
    first = Header(profile="crampwatch", library=header.program or "crampwatch")
    about = Metadata(name="crampwatch", metadata={HEADER_KEY: header_to_text(header)})
    return MAGIC + record_bytes(first, about)


def record_bytes(*records: McapRecord) -> bytes:
    """Return records of the container, one after the other."""
    builder = RecordBuilder()
    for each in records:
        each.write(builder)
    data: bytes = builder.end()  # type: ignore[no-untyped-call]
    return data


def descriptions(header: JournalHeader, streams: Iterable[tuple[int, JournalStream]]) -> bytes:
    """Return the schemas and channels, repeated in the journal lest one damage hides them."""
    return record_bytes(*schemas(), *channels(header, streams))


def schemas() -> tuple[Schema, Schema]:
    """Return what notes and samples look like."""
    return (
        Schema(_NOTES_SCHEMA, data=b'{"type":"object"}', encoding="jsonschema", name="note"),
        Schema(_SAMPLES_SCHEMA, data=b"", encoding="", name=SAMPLES_ENCODING),
    )


def channels(
    header: JournalHeader, streams: Iterable[tuple[int, JournalStream]]
) -> list[Channel]:
    """Return the channel of the notes and that of each stream."""
    notes = Channel(
        NOTES_CHANNEL,
        topic=NOTES_TOPIC,
        message_encoding="json",
        metadata={HEADER_KEY: header_to_text(header)},
        schema_id=_NOTES_SCHEMA,
    )
    return [notes] + [
        Channel(
            number,
            topic=stream.topic,
            message_encoding=SAMPLES_ENCODING,
            metadata={STREAM_KEY: stream_to_text(stream)},
            schema_id=_SAMPLES_SCHEMA,
        )
        for number, stream in streams
    ]


def message_bytes(message: Message) -> bytes:
    """Return one message as a record."""
    return (
        _MESSAGE.pack(
            Opcode.MESSAGE,
            _MESSAGE.size - 9 + len(message.data),
            message.channel,
            message.sequence & 0xFFFFFFFF,
            message.time_ns,
            message.time_ns,
        )
        + message.data
    )


def chunk_bytes(content: bytes, first_ns: int, last_ns: int) -> bytes:
    """Return records as one compressed chunk, with their checksum."""
    packed = zstandard.ZstdCompressor(level=_LEVEL).compress(content)
    return (
        _CHUNK.pack(
            Opcode.CHUNK,
            _CHUNK.size - 9 + len(packed),
            first_ns,
            last_ns,
            len(content),
            zlib.crc32(content),
            4,
            b"zstd",
            len(packed),
        )
        + packed
    )
