"""What follows the chunks of a finished journal: its directory, and the container's index."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping, Sequence

import numpy as np
from mcap.opcode import Opcode
from mcap.records import Attachment, AttachmentIndex, DataEnd, Footer, Statistics, SummaryOffset
from numpy.typing import NDArray

from .directory import Directory, directory_to_bytes
from .records import (
    CHUNK_HEAD,
    DIRECTORY_NAME,
    MAGIC,
    NOTES_CHANNEL,
    channels,
    record_bytes,
    schemas,
)

_CHUNK_INDEX = np.dtype(
    [
        ("opcode", "u1"),
        ("record", "<u8"),
        ("first_ns", "<u8"),
        ("last_ns", "<u8"),
        ("offset", "<u8"),
        ("length", "<u8"),
        ("messages", "<u4"),
        ("message_bytes", "<u8"),
        ("name_size", "<u4"),
        ("name", "S4"),
        ("packed", "<u8"),
        ("size", "<u8"),
    ]
)


def ending(
    directory: Directory,
    chunks: Sequence[NDArray[np.int64]],
    attachments: Sequence[AttachmentIndex] = (),
) -> bytes:
    """Return all that comes behind `directory.end`.

    Parameters
    ----------
    directory
        What lies where.
    chunks
        Columns: offset, length, first and last time in ns, size unpacked.
    attachments
        Those that the file holds already.
    """
    first_ns = int(chunks[2].min()) if len(chunks[2]) else 0
    last_ns = int(chunks[3].max()) if len(chunks[3]) else 0
    attachment = Attachment(
        create_time=0,
        log_time=last_ns,
        name=DIRECTORY_NAME,
        media_type="application/octet-stream",
        data=directory_to_bytes(directory),
    )
    attached = record_bytes(attachment)
    place = AttachmentIndex(
        offset=directory.end,
        length=len(attached),
        log_time=last_ns,
        create_time=0,
        data_size=len(attachment.data),
        name=DIRECTORY_NAME,
        media_type=attachment.media_type,
    )
    described = channels(directory.header, directory.streams.items())
    counts = _messages(directory)
    numbers = Statistics(
        attachment_count=1 + len(attachments),
        channel_count=len(described),
        channel_message_counts=dict(counts),
        chunk_count=len(chunks[0]),
        message_count=sum(counts.values()),
        message_start_time=first_ns,
        message_end_time=last_ns,
        metadata_count=1,
        schema_count=2,
    )
    groups: list[tuple[Opcode, bytes]] = [
        (Opcode.SCHEMA, record_bytes(*schemas())),
        (Opcode.CHANNEL, record_bytes(*described)),
        (Opcode.STATISTICS, record_bytes(numbers)),
        (Opcode.CHUNK_INDEX, _chunk_index(chunks)),
        (Opcode.ATTACHMENT_INDEX, record_bytes(place, *attachments)),
    ]
    begin = attached + record_bytes(DataEnd(0))
    return begin + _summary(groups, directory.end + len(begin))


def _messages(directory: Directory) -> Mapping[int, int]:
    counts = {NOTES_CHANNEL: len(directory.notes)}
    for channel, pieces in directory.pieces.items():
        # a block of several runs is several pieces
        moved = np.diff(pieces.chunk, prepend=-1) | np.diff(pieces.at, prepend=-1)
        counts[channel] = int(np.count_nonzero(moved))
    return {channel: count for channel, count in counts.items() if count}


def _chunk_index(chunks: Sequence[NDArray[np.int64]]) -> bytes:
    offset, length, first_ns, last_ns, size = chunks
    table = np.zeros(len(offset), _CHUNK_INDEX)
    table["opcode"], table["record"] = Opcode.CHUNK_INDEX, _CHUNK_INDEX.itemsize - 9
    table["first_ns"], table["last_ns"] = first_ns, last_ns
    table["offset"], table["length"] = offset, length
    table["name_size"], table["name"] = 4, b"zstd"
    table["packed"], table["size"] = length - CHUNK_HEAD, size
    return table.tobytes()


def _summary(groups: list[tuple[Opcode, bytes]], start: int) -> bytes:
    """Return the summary section, the footer and the last magic."""
    offsets, at = [], start
    for opcode, data in groups:
        if data:
            offsets.append(
                SummaryOffset(group_opcode=opcode, group_start=at, group_length=len(data))
            )
        at += len(data)
    summary = b"".join(data for _, data in groups) + record_bytes(*offsets)
    head = struct.pack("<BQQQ", Opcode.FOOTER, 20, start, at)
    footer = Footer(
        summary_start=start, summary_offset_start=at, summary_crc=zlib.crc32(summary + head)
    )
    return summary + record_bytes(footer) + MAGIC
