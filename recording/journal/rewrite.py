"""A journal written anew: small, without what is damaged, and with an index."""

from __future__ import annotations

from pathlib import Path

from ..errors import RecordingError
from .files import REAL, JournalFiles


def rewrite(path: Path, *, files: JournalFiles = REAL) -> None:
    """Not there yet: the journal stays as it was recorded."""
    raise RecordingError(f"{path}: cannot be written anew yet ({type(files).__name__})")
