"""A journal without an index, surveyed: by its checkpoints, and by what lies behind them."""

from __future__ import annotations

from dataclasses import dataclass, field

from mcap.opcode import Opcode
from mcap.records import Attachment, AttachmentIndex

from ..errors import RecordingError
from .checkpoints import surveyed, walk
from .records import CHECKPOINT_NAME, MAGIC
from .scan import ChunkAt, Damage, JournalFile, RecordAt, parsed, scan
from .survey import Survey

_HEAD = 9
_MOST_BYTES = 64 << 20


@dataclass(slots=True)
class Surveyed:
    """What a journal without an index holds.

    Attributes
    ----------
    survey
        Of all chunks.
    end
        Where the chunks and checkpoints end.
    damage
        Places that cannot be read.
    checkpoints
        Attachments that the file holds.
    """

    survey: Survey
    end: int
    damage: list[Damage] = field(default_factory=list)
    checkpoints: list[AttachmentIndex] = field(default_factory=list)


def survey_of(file: JournalFile, *, every_chunk: bool = False) -> Surveyed:
    """Return what a journal holds, index or not.

    Parameters
    ----------
    file
        The journal.
    every_chunk
        Whether to read it through from the beginning, whatever its checkpoints say.

    Raises
    ------
    RecordingError
        It cannot be read, or holds more than any night does.
    """
    try:
        survey, at = Survey(file.path.name), len(MAGIC)
        if not every_chunk:
            survey, at = surveyed(file)
        found = Surveyed(survey, at)
        if at > len(MAGIC):
            places = [place for place, _ in walk(file, at)]
            for place in reversed(places[1:]):
                _attachment(file, place, found)
        _read_on(file, at, found)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise RecordingError(f"cannot read {file.path}: {reason}") from error
    return found


def _read_on(file: JournalFile, at: int, told: Surveyed) -> None:
    for found in scan(file, at):
        if isinstance(found, Damage):
            told.survey.hurt(found)
            told.damage.append(found)
            continue
        if isinstance(found, ChunkAt):
            told.survey.take(found)
        elif not _is_checkpoint(file, found, told):
            continue
        told.end = found.offset + found.length


def _is_checkpoint(file: JournalFile, found: RecordAt, told: Surveyed) -> bool:
    return found.opcode == Opcode.ATTACHMENT and _attachment(file, found.offset, told)


def _attachment(file: JournalFile, at: int, told: Surveyed) -> bool:
    length = int.from_bytes(file.read(at + 1, 8), "little")
    if length > _MOST_BYTES:
        return False
    found = parsed(Attachment, file.read(at + _HEAD, length))
    if not isinstance(found, Attachment) or found.name != CHECKPOINT_NAME:
        return False
    told.checkpoints.append(
        AttachmentIndex(
            offset=at,
            length=length + _HEAD,
            log_time=found.log_time,
            create_time=found.create_time,
            data_size=len(found.data),
            name=found.name,
            media_type=found.media_type,
        )
    )
    return True
