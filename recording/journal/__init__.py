"""The journal of a night: one MCAP file, safe against whatever ends the recording."""

from .blocks import SampleBlock
from .files import JournalFiles
from .header import JournalHeader
from .notes import Note
from .streams import JournalStream
from .writer import JournalWriter

__all__ = [
    "JournalFiles",
    "JournalHeader",
    "JournalStream",
    "JournalWriter",
    "Note",
    "SampleBlock",
]
