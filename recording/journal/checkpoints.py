"""What lies where, told by the journal itself while it grows.

Every two minutes, or earlier where much is lost, the writer appends what a survey of the
chunks since the last checkpoint says, as an attachment of the container: any other reader
passes over it. All that a checkpoint tells of was on the disk before it was written. Each
names the one before it, so that a reader walks back from the newest and then reads through
the short rest of the file. Where one of them is damaged, the file is read through from the
beginning.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from mcap.opcode import Opcode
from mcap.records import Attachment
from numpy.typing import NDArray

from ..clock.windowed import Kept
from ..errors import RecordingError
from .directory import ESTIMATE
from .header import header_from_text, header_to_text
from .records import CHECKPOINT_NAME, MAGIC, record_bytes
from .scan import JournalFile, chunk_at, parsed
from .streams import stream_from_text, stream_to_text
from .survey import Survey, SurveyPart
from .tables import BROKEN, TablesIn, TablesOut
from .tracks import TrackPart

EVERY_CHUNKS = 240
"""Chunks of half a second between two checkpoints."""

MOST_UNTOLD = 1 << 14
"""Pieces and notes between two checkpoints, where many are lost or a night is compressed."""

MOST_CHECKPOINTS = 100_000
MOST_BEHIND = 64 << 20
"""Bytes behind the newest checkpoint, at most, that are searched for it."""

_WINDOW = 1 << 20
_HEAD = 9
_NAME = CHECKPOINT_NAME.encode()
_NAME_AT = _HEAD + 8 + 8 + 4
_MOST_BYTES = 32 << 20


def checkpoint_bytes(part: SurveyPart, at: int, before: int, time_ns: int) -> bytes:
    """Return a checkpoint as a record.

    Parameters
    ----------
    part
        What was seen since the last one.
    at
        Where it will lie in the file.
    before
        Where the last one lies, 0 for none.
    time_ns
        Of the newest message, as in the container.
    """
    out = TablesOut()
    told = {
        "estimate": ESTIMATE,
        "at": at,
        "before": before,
        "header": header_to_text(part.header),
        "streams": [[number, stream_to_text(each)] for number, each in part.streams.items()],
        "breaks": part.breaks,
        "samples": part.samples,
        "notes": part.notes,
        "lengths": out.put([*part.chunks[:2], part.chunks[4]]),
        "times": out.put(part.chunks[2:4]),
        "places": out.put(part.places),
        "tracks": [
            {
                "channel": channel,
                "whole": [out.put([column]) for column in track.whole],
                "real": [out.put([column]) for column in track.real],
                "state": out.put([track.clock.state]),
                "first": track.clock.first,
                "lows": out.put(list(track.clock.lows.T)),
                "found": track.clock.found,
            }
            for channel, track in part.tracks.items()
        ],
    }
    attachment = Attachment(
        create_time=0,
        log_time=time_ns,
        name=CHECKPOINT_NAME,
        media_type="application/octet-stream",
        data=out.to_bytes(told),
    )
    return record_bytes(attachment)


def surveyed(file: JournalFile) -> tuple[Survey, int]:
    """Return a survey as far as the checkpoints tell, and where to read on.

    Where there are none that can be trusted: a survey of nothing, and the beginning.
    """
    survey = Survey(file.path.name)
    at = newest(file, file.size)
    if at is None:
        return survey, len(MAGIC)
    try:
        parts = [part_of(tables) for _, tables in walk(file, at)]
        survey.add(parts[::-1], lambda offset: _content(file, offset))
    except (*BROKEN, RecordingError):
        return Survey(file.path.name), len(MAGIC)
    return survey, at


def newest(file: JournalFile, end: int) -> int | None:
    """Return where the last checkpoint before a place lies, None where there is none near."""
    stop = end
    while stop > len(MAGIC) and end - stop < MOST_BEHIND:
        start = max(0, stop - _WINDOW)
        window = file.read(start, min(stop + _NAME_AT + len(_NAME), end) - start)
        found = window.rfind(_NAME)
        while found >= 0:
            at = start + found - _NAME_AT
            if at > 0 and _tables(file, at) is not None:
                return at
            found = window.rfind(_NAME, 0, found)
        stop = start
    return None


def walk(file: JournalFile, at: int) -> Iterator[tuple[int, TablesIn]]:
    """Yield checkpoints and their places, the newest first, from one place on.

    Raises
    ------
    RecordingError
        One of them is damaged, or they do not follow on each other.
    """
    for _ in range(MOST_CHECKPOINTS):
        tables = _tables(file, at)
        if tables is None:
            raise RecordingError(f"{file.path.name}: a checkpoint is damaged")
        yield at, tables
        before = tables.told["before"]
        if not before:
            return
        if not isinstance(before, int) or not 0 < before < at:
            break
        at = before
    raise RecordingError(f"{file.path.name}: its checkpoints do not follow on each other")


def part_of(tables: TablesIn) -> SurveyPart:
    """Return what a checkpoint tells.

    Raises
    ------
    RecordingError
        It is damaged; also any of `BROKEN`.
    """
    told = tables.told
    offset, length, size = tables.table(told["lengths"])
    first_ns, last_ns = tables.table(told["times"])
    places = tuple(tables.table(told["places"]))
    tracks = {}
    for each in told["tracks"]:
        whole = tuple(tables.table(shape)[0] for shape in each["whole"])
        real = tuple(_real(tables.table(shape)[0]) for shape in each["real"])
        state = _real(tables.table(each["state"])[0])
        lows = [_real(column) for column in tables.table(each["lows"])]
        found = tuple(str(text) for text in each["found"])
        kept = Kept(state, int(each["first"]), np.stack(lows, axis=1), found)
        tracks[int(each["channel"])] = TrackPart(whole, real, kept)
    return SurveyPart(
        header_from_text(told["header"]),
        {int(number): stream_from_text(text) for number, text in told["streams"]},
        [(str(a), str(b), int(c), int(d), bool(e)) for a, b, c, d, e in told["breaks"]],
        (offset, length, first_ns, last_ns, size),
        places,
        tracks,
        int(told["samples"]),
        int(told["notes"]),
    )


def _tables(file: JournalFile, at: int) -> TablesIn | None:
    """Return the checkpoint at a place, None where there is no sound one of this version."""
    head = file.read(at, _HEAD)
    length = int.from_bytes(head[1:], "little")
    if len(head) < _HEAD or head[0] != Opcode.ATTACHMENT or length > _MOST_BYTES:
        return None
    attachment = parsed(Attachment, file.read(at + _HEAD, length))
    if not isinstance(attachment, Attachment) or attachment.name != CHECKPOINT_NAME:
        return None
    try:
        tables = TablesIn(attachment.data)
        sound = (tables.told["estimate"], tables.told["at"]) == (ESTIMATE, at)
    except (*BROKEN, RecordingError):
        return None
    return tables if sound else None


def _content(file: JournalFile, offset: int) -> bytes | None:
    found = chunk_at(file, offset)
    return None if found is None else found.content


def _real(column: NDArray[np.int64]) -> NDArray[np.float64]:
    return column.view(np.float64)
