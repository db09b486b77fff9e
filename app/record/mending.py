"""Nights beside the new one that were cut off: made whole before it begins."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ...recording.errors import RecordingError
from ...recording.journal.reader import is_indexed
from ...recording.journal.recover import recover
from .folder import JOURNAL

MOST_NIGHTS = 400


def mend_beside(folder: Path) -> Iterator[str]:
    """Mend the nights in the folder that the new night goes into; yield a line on each.

    A night that is being recorded is left alone, and one that cannot be mended stays as it
    is.
    """
    home = folder.absolute().parent
    if not home.is_dir():
        return
    try:
        journals = sorted(home.glob(f"*/{JOURNAL}"))[-MOST_NIGHTS:]
    except OSError:
        return
    for journal in journals:
        try:
            if is_indexed(journal) or not recover(journal, every_chunk=False).needed:
                continue
        except (RecordingError, OSError):
            continue
        yield f"{journal.parent.name} was cut off; it is mended, and can be scored."
