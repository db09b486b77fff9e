"""Nights that lie in the folder already: cut off, or being recorded."""

from __future__ import annotations

from pathlib import Path

from ...recording.errors import RecordingError
from ...recording.journal.files import REAL
from ...recording.journal.reader import is_indexed
from ..record.checks import Check, Verdict
from ..record.folder import JOURNAL
from .system import joined

MOST_NIGHTS = 400
MOST_NAMED = 5


def nights(folder: Path) -> list[Check]:
    """Return a line on nights that were cut off, and one on nights that are being recorded."""
    try:
        journals = sorted([*folder.glob(JOURNAL), *folder.glob(f"*/{JOURNAL}")])[-MOST_NIGHTS:]
    except OSError:
        return []
    broken: list[Path] = []
    running: list[Path] = []
    for journal in journals:
        try:
            if is_indexed(journal):
                continue
        except (RecordingError, OSError):
            broken.append(journal.parent)
            continue
        (running if _is_held(journal) else broken).append(journal.parent)
    checks = []
    if running:
        words = f"{_named(running)}: is being recorded now; its sensors are taken"
        checks.append(Check("recording", Verdict.WARN, words))
    if broken:
        words = (
            f"{_named(broken)}: cut off; mended by the next record in this folder, or now by:"
            f" crampwatch recover {broken[0]}"
        )
        checks.append(Check("nights", Verdict.WARN, words))
    elif journals:
        count = len(journals) - len(running)
        checks.append(Check("nights", Verdict.OK, f"{count} here, all whole"))
    return checks


def _is_held(journal: Path) -> bool:
    try:
        handle = REAL.existing(journal)
    except OSError:
        return False
    try:
        return not REAL.lock(handle)
    except OSError:
        return False
    finally:
        REAL.close(handle)


def _named(folders: list[Path]) -> str:
    names = joined([each.name or str(each) for each in folders[:MOST_NAMED]])
    more = len(folders) - MOST_NAMED
    return f"{names} and {more} more" if more > 0 else names
