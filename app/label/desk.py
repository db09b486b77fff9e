"""What one annotator does to a night: every act is on the disk before it is in force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal
from uuid import uuid4

from ...recording.annotations.markers import one_line
from ...recording.model import Event, Stream
from .labels import REDO, UNDO, Edit, Label, Labels, Step, Verdict
from .log import MOST_NOTE, LabelLog
from .proposals import Proposal

SHORTEST_S = 0.01
"""A label is at least this long."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is selected: a label or a proposal, by its identity."""

    kind: Literal["label", "proposal"]
    key: str


class Desk:
    """Labels of one annotator, what the detector proposes, and what is selected.

    Every act is appended to the log first; where that fails nothing has happened.

    Parameters
    ----------
    log
        The annotator's log.
    night_s
        Length of the night, seconds: labels end there.
    proposals
        The most uncertain first.

    Raises
    ------
    RecordingError
        By every act, where the log cannot be written.
    """

    def __init__(
        self, log: LabelLog, night_s: float, proposals: Sequence[Proposal] = ()
    ) -> None:
        self._log = log
        self._night_s = night_s
        held = log.read()
        self.labels = Labels(held.steps)
        self.notes = held.notes
        self.saved_at = held.last_at
        self.proposals = tuple(proposals)
        self._by_key = {proposal.key: proposal for proposal in self.proposals}
        self.chosen: Chosen | None = None

    @property
    def annotator(self) -> str:
        """Whose desk it is."""
        return self._log.author

    @property
    def left(self) -> list[Proposal]:
        """Proposals without a verdict, the most uncertain first."""
        verdicts = self.labels.verdicts
        return [proposal for proposal in self.proposals if proposal.key not in verdicts]

    def verdict(self, proposal: Proposal) -> Verdict | None:
        """Return what was said of a proposal."""
        return self.labels.verdicts.get(proposal.key)

    def chosen_event(self) -> Event | None:
        """Return the selected label or proposal, None where nothing is selected."""
        if self.chosen is None:
            return None
        if self.chosen.kind == "label":
            known = self.chosen.key in self.labels
            return self.labels[self.chosen.key].as_event() if known else None
        return self._by_key[self.chosen.key].event

    def choose(self, kind: Literal["label", "proposal"], key: str) -> None:
        """Select a label or a proposal; an unknown one selects nothing."""
        known = key in (self.labels if kind == "label" else self._by_key)
        self.chosen = Chosen(kind, key) if known else None

    def mark(self, start_s: float, end_s: float, kind: str, stream: Stream | None) -> None:
        """Add a label and select it.

        Parameters
        ----------
        start_s, end_s
            Its ends in any order, seconds; they are cut to the night.
        kind
            Its type.
        stream
            What it was seen on, or None.
        """
        begin, end = self._span(start_s, end_s)
        side = None if stream is None else stream.side
        label = Label(
            begin,
            round(end - begin, 6),
            kind,
            side,
            None if stream is None else stream.label,
        )
        key = uuid4().hex[:12]
        self._do(Edit("mark", {key: label}))
        self.choose("label", key)

    def mend(self, start_s: float, end_s: float) -> None:
        """Move the edges of what is selected; a proposal is accepted with these edges."""
        begin, end = self._span(start_s, end_s)
        label = self._chosen_label()
        if label is None:
            return
        moved = replace(label, onset=begin, duration=round(end - begin, 6))
        if moved != label or not self._is_label():
            self._put("mend", moved)

    def retype(self, kind: str) -> bool:
        """Give what is selected another type; a proposal is accepted as that.

        Returns
        -------
        bool
            Whether anything was selected.
        """
        label = self._chosen_label()
        if label is None:
            return False
        if label.trial_type != kind or not self._is_label():
            self._put("type", replace(label, trial_type=kind))
        return True

    def write_note(self, text: str) -> None:
        """Write a note to the selected label; a proposal is accepted with it."""
        label = self._chosen_label()
        note = one_line(text, MOST_NOTE)
        if label is not None and (note != label.note or not self._is_label()):
            self._put("note", replace(label, note=note))

    def delete(self) -> None:
        """Take the selected label away; its proposal waits for a verdict again."""
        label = self._chosen_label()
        if label is None or self.chosen is None or self.chosen.kind != "label":
            return
        verdicts: Mapping[str, Verdict | None] = (
            {label.proposal: None} if label.proposal else {}
        )
        self._do(Edit("delete", {self.chosen.key: None}, verdicts))
        self.chosen = None

    def accept(self) -> bool:
        """Accept the selected proposal as it is; its label is selected.

        Returns
        -------
        bool
            Whether there was one without an acceptance.
        """
        label = self._chosen_label()
        if label is None or self._is_label():
            return False
        self._put("accept", label)
        return True

    def reject(self) -> bool:
        """Reject the selected proposal, or that of the selected label, which goes.

        Returns
        -------
        bool
            Whether there was one.
        """
        if self.chosen is None:
            return False
        key, gone = self.chosen.key, self._label_of(self.chosen.key)
        if self.chosen.kind == "label":
            key, gone = self.labels[key].proposal, key
        if key not in self._by_key:
            return False
        self._do(Edit("reject", {gone: None} if gone else {}, {key: "rejected"}))
        self.choose("proposal", key)
        return True

    def take_over(self, edit: Edit) -> None:
        """Put an edit from elsewhere into force, such as an import."""
        self._do(edit)

    def undo(self) -> str:
        """Take the last act back; return it in one word, empty where there was none."""
        return self._step(UNDO, self.labels.last)

    def redo(self) -> str:
        """Do again what was taken back; return it in one word, empty where there was none."""
        return self._step(REDO, self.labels.next)

    def jump(self, way: int, at_s: float) -> bool:
        """Select the next (`way` 1) or previous (-1) proposal or label.

        Proposals without a verdict come first, the most uncertain first; where none is left,
        labels by their onset.

        Returns
        -------
        bool
            Whether there was one.
        """
        left = self.left
        if not left:
            return self.jump_label(way, at_s)
        place = {proposal.key: number for number, proposal in enumerate(self.proposals)}
        now = -1 if way > 0 else len(self.proposals)
        if self.chosen is not None:
            key = self.chosen.key
            if self.chosen.kind == "label" and key in self.labels:
                key = self.labels[key].proposal
            now = place.get(key, now)
        places = [place[proposal.key] for proposal in left]
        ahead = [n for n in places if (n > now if way > 0 else n < now)]
        number = (min if way > 0 else max)(ahead, default=places[0 if way > 0 else -1])
        self.choose("proposal", self.proposals[number].key)
        return True

    def jump_label(self, way: int, at_s: float) -> bool:
        """Select the next or previous label by onset; from the night's end on to its start."""
        rows = self.labels.in_order()
        if not rows:
            return False
        keys = [key for key, _ in rows]
        if self._is_label() and self.chosen is not None:
            number = (keys.index(self.chosen.key) + way) % len(keys)
        else:
            later = [n for n, (_, label) in enumerate(rows) if label.onset > at_s]
            earlier = [n for n, (_, label) in enumerate(rows) if label.onset < at_s]
            number = (later or [0])[0] if way > 0 else (earlier or [len(rows) - 1])[-1]
        self.choose("label", keys[number])
        return True

    def _chosen_label(self) -> Label | None:
        """Return the selected label, or that which a selected proposal would become."""
        if self.chosen is None:
            return None
        if self.chosen.kind == "label":
            return self.labels[self.chosen.key] if self._is_label() else None
        known = self._label_of(self.chosen.key)
        if known:
            self.choose("label", known)
            return self.labels[known]
        event = self._by_key[self.chosen.key].event
        return Label(
            event.onset,
            event.duration,
            event.trial_type,
            event.side,
            event.channel,
            proposal=self.chosen.key,
        )

    def _is_label(self) -> bool:
        chosen = self.chosen
        return chosen is not None and chosen.kind == "label" and chosen.key in self.labels

    def _label_of(self, proposal: str) -> str:
        """Return the identity of the label that a proposal became, or nothing."""
        return next(
            (key for key, label in self.labels.in_order() if label.proposal == proposal), ""
        )

    def _put(self, what: str, label: Label) -> None:
        if self._is_label() and self.chosen is not None:
            self._do(Edit(what, {self.chosen.key: label}))
            return
        key = uuid4().hex[:12]
        self._do(Edit(what, {key: label}, {label.proposal: "accepted"}))
        self.choose("label", key)

    def _do(self, edit: Edit) -> None:
        step = Step("edit", edit)
        self.saved_at = self._log.append(step)
        self.labels.apply(step)

    def _step(self, step: Step, what: str) -> str:
        if not what:
            return ""
        self.saved_at = self._log.append(step)
        change = self.labels.apply(step)
        if change is not None:
            self._choose_changed(change)
        return what

    def _choose_changed(self, change: Edit) -> None:
        """Select what an undo or redo brought back, if that is one thing."""
        here = [key for key in change.labels if key in self.labels]
        waiting = [key for key in change.verdicts if key in self._by_key]
        if len(here) == 1:
            self.choose("label", here[0])
        elif len(waiting) == 1:
            self.choose("proposal", waiting[0])
        else:
            self.chosen = None

    def _span(self, start_s: float, end_s: float) -> tuple[float, float]:
        low, high = sorted((start_s, end_s))
        begin = min(max(low, 0.0), max(self._night_s - SHORTEST_S, 0.0))
        end = max(min(high, max(self._night_s, SHORTEST_S)), begin + SHORTEST_S)
        return round(begin, 6), round(end, 6)
