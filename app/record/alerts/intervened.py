"""Whether the program meddled with a night: who is woken stops what would have gone on."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ....recording.errors import RecordingError
from ....recording.journal.reader import JournalReader
from ....recording.model import Night
from ..folder import JOURNAL, SETTINGS
from .alert import AlertKind
from .table import NAME, read_alerts

JOURNAL_FORMAT = "Crampwatch journal"


@dataclass(frozen=True, slots=True)
class Told:
    """The alerts of a night that got out.

    Attributes
    ----------
    kinds
        How many of each kind.
    first_s
        When the first was decided, seconds of the night.
    file
        The table they were read from; None where only the journal knows of them.
    """

    kinds: dict[str, int]
    first_s: float
    file: Path | None

    @property
    def count(self) -> int:
        """All of them."""
        return sum(self.kinds.values())

    def summary(self) -> dict[str, Any]:
        """Return the entry ``alerts`` of ``summary.json``."""
        return {"told": self.count, "first_s": self.first_s, "kinds": dict(self.kinds)}

    def sentence(self, start: datetime | None) -> str:
        """Return what the reader of the results must know."""
        from ...report.words import clock

        what = ", ".join(f"{count} x {kind}" for kind, count in self.kinds.items())
        first = clock(start, self.first_s)
        return (
            f"Alerts were told in this night ({what}; the first at {first})."
            " It is marked intervened: how long its cramps lasted, and how many there were, is"
            " no measure of a night that is left alone."
        )


def alerts_told(path: Path, night: Night) -> Told | None:
    """Return the alerts of a night that got out, None where there were none.

    Parameters
    ----------
    path
        What was opened: the folder of a night, or a file.
    night
        What it holds.
    """
    folder = path if path.is_dir() else path.parent
    try:
        rows = read_alerts(folder)
    except RecordingError:
        rows = []
    of_folder = path.is_dir() or path.name == JOURNAL
    if rows and of_folder:
        told = {(row.onset, row.decided, row.kind, row.sensor) for row in rows if row.told}
        return _told([(kind, decided) for _, decided, kind, _ in told], folder / NAME)
    source = night.source
    if night.format != JOURNAL_FORMAT or source is None:
        return None
    if (source.parent / SETTINGS).exists():
        return None  # a whole folder of the recorder, which would hold the table
    return _told(_in_journal(source), None)


def _in_journal(journal: Path) -> list[tuple[str, float]]:
    found = []
    kinds = {kind.value for kind in AlertKind}
    with closing(JournalReader(journal)) as reader:
        for note in reader.notes(["alert"]):
            kind, decided = note.data.get("alert"), note.data.get("decided_s")
            if kind in kinds and isinstance(decided, int | float):
                found.append((str(kind), float(decided)))
    return found


def _told(found: list[tuple[str, float]], file: Path | None) -> Told | None:
    if not found:
        return None
    counts = Counter(kind for kind, _ in found)
    kinds = {kind.value: counts[kind.value] for kind in AlertKind if kind.value in counts}
    return Told(kinds, min(decided for _, decided in found), file)
