"""From the folder of a scored night to its page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ...recording.errors import RecordingError
from ...recording.writers.beside import write_text_beside
from ..provenance import verb_of
from .page import page_of
from .reading import read_night
from .told import NightTold

if TYPE_CHECKING:
    from ..trend.nights import PastNight


def make_page(folder: Path, recording: Path | None = None) -> tuple[NightTold, str]:
    """Return a scored night as its tables tell it, and its page.

    Raises
    ------
    RecordingError
        As `reading.read_night`.
    """
    told = read_night(folder, recording)
    return told, page_of(told, earlier_ones(folder, told))


def earlier_ones(folder: Path, told: NightTold) -> Sequence[PastNight]:
    """Return the nights of the same person before this one; none where that cannot be told.

    The recordings of the demo lie side by side, and are of different persons.
    """
    arguments = told.provenance.get("arguments")
    if isinstance(arguments, Mapping) and arguments.get("verb") == "demo":
        return ()
    from ..trend.nights import earlier_nights

    try:
        return earlier_nights(folder, told.start)
    except (RecordingError, OSError):
        return ()


def write_page(target: Path, page: str) -> int:
    """Write a page in one step and return its size in bytes.

    Raises
    ------
    RecordingError
        It cannot be written, or a page from elsewhere would be lost.
    """
    if target.is_file() and target.name == "report.html" and verb_of(target.parent) is None:
        raise RecordingError(f"{target} is from elsewhere; name another file with --out")
    write_text_beside(target, page)
    return len(page.encode("utf-8"))
