"""The labels of one annotator: every change is an operation that can be undone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from ...recording.model import Event

Verdict = Literal["accepted", "rejected"]

TYPES = (
    "cramp",
    "possible_cramp",
    "LM",
    "PLM",
    "large_movement",
    "artifact",
    "unscorable",
    "ALMA",
    "HFT",
    "EFM",
)
"""Types that a person marks, in the order of the keys 1 to 9 and 0."""


def _no_labels() -> Mapping[str, Label | None]:
    return MappingProxyType({})


def _no_verdicts() -> Mapping[str, Verdict | None]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Label:
    """Something that an annotator marked.

    Attributes
    ----------
    onset, duration
        Seconds from the start of the night.
    trial_type
        Type of event.
    side
        ``left``, ``right``, ``both`` or None.
    channel
        Canonical label of the stream it was marked on, or None.
    note
        What the annotator wrote.
    proposal
        Identity of the proposal that was accepted, or nothing.
    """

    onset: float
    duration: float
    trial_type: str
    side: str | None = None
    channel: str | None = None
    note: str = ""
    proposal: str = ""

    @property
    def end(self) -> float:
        """End, seconds from the start of the night."""
        return self.onset + self.duration

    def as_event(self) -> Event:
        """Return it as a row of ``events.tsv``; the note is its text."""
        extra: dict[str, Any] = {"text": self.note} if self.note else {}
        return Event(
            self.onset, self.duration, self.trial_type, self.side, self.channel, None, extra
        )


@dataclass(frozen=True, slots=True)
class Edit:
    """One thing that an annotator did.

    Attributes
    ----------
    what
        In one word: ``mark``, ``mend``, ``type``, ``note``, ``delete``, ``accept``,
        ``reject``, ``import``.
    labels
        Labels by identity as they are afterwards, None for one that is no more.
    verdicts
        Verdicts on proposals by identity, None for one that was taken back.
    """

    what: str
    labels: Mapping[str, Label | None] = field(default_factory=_no_labels)
    verdicts: Mapping[str, Verdict | None] = field(default_factory=_no_verdicts)


@dataclass(frozen=True, slots=True)
class Step:
    """An edit, or a step back or forth over one."""

    kind: Literal["edit", "undo", "redo"]
    edit: Edit | None = None


UNDO = Step("undo")
REDO = Step("redo")


class Labels:
    """Labels and verdicts, with all that was done to them."""

    def __init__(self, steps: Iterable[Step] = ()) -> None:
        self._labels: dict[str, Label] = {}
        self._verdicts: dict[str, Verdict] = {}
        self._done: list[tuple[Edit, Edit]] = []
        self._undone: list[tuple[Edit, Edit]] = []
        self._revision = 0
        for step in steps:
            self.apply(step)

    def __len__(self) -> int:
        return len(self._labels)

    def __contains__(self, key: str) -> bool:
        return key in self._labels

    def __getitem__(self, key: str) -> Label:
        return self._labels[key]

    @property
    def verdicts(self) -> Mapping[str, Verdict]:
        """Verdict by identity of the proposal."""
        return MappingProxyType(self._verdicts)

    @property
    def revision(self) -> int:
        """A number that grows with every change."""
        return self._revision

    @property
    def last(self) -> str:
        """What `UNDO` would take back, in one word; empty where there is nothing."""
        return self._done[-1][0].what if self._done else ""

    @property
    def next(self) -> str:
        """What `REDO` would do again, in one word; empty where there is nothing."""
        return self._undone[-1][0].what if self._undone else ""

    def in_order(self) -> list[tuple[str, Label]]:
        """Return identities and labels by onset."""
        return sorted(self._labels.items(), key=lambda item: (item[1].onset, item[1].end))

    def events(self) -> tuple[Event, ...]:
        """Return the labels as rows of ``events.tsv``, by onset."""
        return tuple(label.as_event() for _, label in self.in_order())

    def apply(self, step: Step) -> Edit | None:
        """Do a step, and return what has changed; None where there was nothing to do."""
        if step.kind == "edit" and step.edit is not None:
            back = self._take(step.edit)
            self._done.append((step.edit, back))
            self._undone.clear()
            return step.edit
        source = self._done if step.kind == "undo" else self._undone
        if step.kind == "edit" or not source:
            return None
        edit, back = source.pop()
        change = back if step.kind == "undo" else edit
        self._take(change)
        (self._undone if step.kind == "undo" else self._done).append((edit, back))
        return change

    def _take(self, edit: Edit) -> Edit:
        """Put an edit into force and return the one that takes it back."""
        self._revision += 1
        back = Edit(
            edit.what,
            {key: self._labels.get(key) for key in edit.labels},
            {key: self._verdicts.get(key) for key in edit.verdicts},
        )
        for key, label in edit.labels.items():
            if label is None:
                self._labels.pop(key, None)
            else:
                self._labels[key] = label
        for key, verdict in edit.verdicts.items():
            if verdict is None:
                self._verdicts.pop(key, None)
            else:
                self._verdicts[key] = verdict
        return back


def same_place(labels: Sequence[Label], other: Label) -> bool:
    """Return whether one of the labels says the same of the same place."""
    return any(
        label.trial_type == other.trial_type
        and label.side == other.side
        and label.channel == other.channel
        and abs(label.onset - other.onset) < 1e-3
        and abs(label.duration - other.duration) < 1e-3
        for label in labels
    )
