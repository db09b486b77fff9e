"""Several annotators of one night, side by side, and how far they agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...detection.agreement import compare_scorings, night_spans
from ...recording.errors import RecordingError
from ...recording.model import Event
from .labels import TYPES, Labels
from .log import SUFFIX, read_log

_MOST_OTHERS = 8
_GROUPS = (("cramp-like", ("cramp", "possible_cramp")),)


@dataclass(frozen=True, slots=True)
class AgreementRow:
    """How far two annotators agree on one kind of event.

    Attributes
    ----------
    other
        Name of the other annotator.
    kind
        Type of event; ``cramp-like`` for cramps and possible ones together.
    n_mine, n_theirs, n_both
        Events of each, and pairs that overlap (intersection over union of at least 0.2).
    f1, kappa
        Of the events, and of the time in them; None where they say nothing.
    """

    other: str
    kind: str
    n_mine: int
    n_theirs: int
    n_both: int
    f1: float | None
    kappa: float | None


class Others:
    """The logs of the other annotators in a folder, read again when they have grown.

    Parameters
    ----------
    folder
        Folder of the logs; None to see none.
    mine
        Name of the annotator whose page it is.
    """

    def __init__(self, folder: Path | None, mine: str) -> None:
        self._folder = folder
        self._mine = mine
        self._known: dict[str, tuple[tuple[int, int], tuple[Event, ...]]] = {}
        self.notes: tuple[str, ...] = ()

    def read(self) -> Mapping[str, tuple[Event, ...]]:
        """Return the labels of the others by name; at most eight, in order of their names."""
        found: dict[str, tuple[tuple[int, int], tuple[Event, ...]]] = {}
        notes = []
        for path in sorted(self._folder.glob(f"*{SUFFIX}") if self._folder else ()):
            if path.stem == self._mine:
                continue
            if len(found) == _MOST_OTHERS:
                notes.append(f"only {_MOST_OTHERS} other annotators are shown")
                break
            try:
                state = path.stat()
                stamp = (state.st_size, state.st_mtime_ns)
                known = self._known.get(path.stem)
                if known is None or known[0] != stamp:
                    known = (stamp, Labels(read_log(path).steps).events())
                found[path.stem] = known
            except OSError:
                continue
            except RecordingError as error:
                notes.append(str(error))
        self._known, self.notes = found, tuple(notes)
        return {name: events for name, (_, events) in found.items()}


def agreement(
    mine: Sequence[Event], others: Mapping[str, Sequence[Event]], night_s: float
) -> list[AgreementRow]:
    """Return a row for each other annotator and each kind that one of both has marked."""
    rows = []
    for name, theirs in others.items():
        present = {event.trial_type for event in (*mine, *theirs)}
        kinds = [*_GROUPS, *((kind, (kind,)) for kind in TYPES if kind in present)]
        for title, members in kinds:
            ours = [event for event in mine if event.trial_type in members]
            those = [event for event in theirs if event.trial_type in members]
            if not ours and not those:
                continue
            reference, other, length = night_spans(ours, those, night_s)
            found = compare_scorings(reference, other, duration_s=length)
            rows.append(
                AgreementRow(
                    name,
                    title,
                    found.n_reference,
                    found.n_other,
                    found.n_matched,
                    found.f1,
                    found.kappa,
                )
            )
    return rows
