"""``diary.json``: the morning after, as the sleeper tells it. Every field may be missing."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Final

from ..errors import RecordingError
from ..writers.beside import write_text_beside
from .diary_entries import Answer, Diary, RememberedCramp
from .diary_fields import allowed, checked
from .diary_json import FORMAT, MOST_BYTES, VERSION, from_json, parse_json, to_json
from .markers import read_small

__all__ = [
    "FILE",
    "FORMAT",
    "VERSION",
    "Answer",
    "Diary",
    "RememberedCramp",
    "allowed",
    "checked",
    "from_json",
    "parse_json",
    "read_diary",
    "to_json",
    "write_diary",
]

FILE: Final = "diary.json"
"""Name of the file in the folder of a night."""

_MOST_NOTES: Final = 20


def read_diary(folder: str | os.PathLike[str]) -> Diary | None:
    """Read the diary of a night; None where there is none.

    What makes no sense is passed over and told in the notes.

    Raises
    ------
    RecordingError
        There is a file, and it is no diary.
    """
    path = Path(folder) / FILE
    data = read_small(path, MOST_BYTES + 1)
    if data is None:
        return None
    notes: list[str] = []
    diary = from_json(parse_json(data, str(path)), told=notes.append)
    return replace(diary, notes=tuple(f"{FILE}: {note}" for note in _some(notes)))


def write_diary(folder: str | os.PathLike[str], diary: Diary, *, again: bool = False) -> Path:
    """Write the diary of a night.

    Parameters
    ----------
    folder
        Night.
    diary
        What to write.
    again
        Whether to write it where there is one; that one is kept as ``diary.1.json``.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    RecordingError
        There is a diary, or the folder cannot be written.
    """
    path = Path(folder) / FILE
    text = json.dumps(to_json(diary), indent=2, ensure_ascii=False, allow_nan=False)
    if path.exists():
        if not again:
            raise RecordingError(
                f"{path} is there already; --again writes another and keeps it beside"
            )
        _keep(path)
    write_text_beside(path, text + "\n")
    return path


def _some(notes: list[str]) -> list[str]:
    left = len(notes) - _MOST_NOTES
    return notes if left <= 0 else [*notes[:_MOST_NOTES], f"{left} more things make no sense"]


def _keep(path: Path) -> None:
    number = 1
    while (kept := path.with_name(f"{path.stem}.{number}{path.suffix}")).exists():
        number += 1
    try:
        # a link before the new file is renamed over it: at no moment is there no diary
        kept.hardlink_to(path)
    except OSError:
        write_text_beside(kept, path.read_text("utf-8", "replace"))
