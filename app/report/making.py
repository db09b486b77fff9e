"""From the folder of a scored night to its page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ...recording.errors import RecordingError
from ...recording.writers.beside import write_text_beside
from ..provenance import verb_of
from .page import TRACES_MARK, page_of
from .reading import read_night
from .told import NightTold

if TYPE_CHECKING:
    from ..trend.past_night import PastNight

REPORT = "report.html"
WITHOUT_SIGNALS = "report_without_signals.html"
"""Where a page goes that would take the drawn signals from the one that is there."""

_HEAD = 1024


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


def place_of_page(folder: Path, told: NightTold) -> Path:
    """Return where the page of a night goes by itself.

    A page made without the recording never replaces one on which its signals are drawn: that
    one cannot be made again until the recording is at hand.
    """
    usual = folder / REPORT
    return usual if told.streams or not _shows_traces(usual) else folder / WITHOUT_SIGNALS


def write_page(target: Path, page: str) -> int:
    """Write a page in one step and return its size in bytes.

    Raises
    ------
    RecordingError
        It cannot be written, or a page from elsewhere would be lost.
    """
    if target.is_file() and target.name == REPORT and verb_of(target.parent) is None:
        raise RecordingError(f"{target} is from elsewhere; name another file with --out")
    write_text_beside(target, page)
    return len(page.encode("utf-8"))


def _shows_traces(page: Path) -> bool:
    try:
        with page.open("rb") as file:
            return TRACES_MARK.encode() in file.read(_HEAD)
    except OSError:
        return False
