"""Leg movements from files: marks, stages, breathing and arousals to one scored night."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from ..detection.plm import RULE_SETS, PlmScore, Rules, movements_from_events, score_movements
from ..detection.plm.movements import CRAMP_TYPES, MOVEMENT_TYPES, SIDE_NAMES, marks
from ..recording.annotations.edf_text import TRIAL_TYPES
from ..recording.annotations.hypnogram import Hypnogram
from ..recording.annotations.marks import Annotations
from ..recording.annotations.names import AROUSAL, RESPIRATORY
from ..recording.annotations.read import (
    hypnogram_of,
    is_epoch,
    read_annotations,
    read_hypnogram,
)
from ..recording.errors import CrampwatchError
from ..recording.model import Event

_STANDARDS: Final = frozenset({"", "n/a", "wasm2016", "aasm"})
_BASES: Final = ("", "relative", "calf", "accelerometric")
_OTHER_TYPES: Final = frozenset({"desat", "lights_on", "lights_off", "marker"})


@dataclass(frozen=True, slots=True)
class MovementRequest:
    """What to score, and how.

    Attributes
    ----------
    events
        File of marked leg movements.
    rules
        ``wasm2016`` or ``aasm``.
    hypnogram, respiratory, arousals
        Further files, or None.
    options
        Entries of the rule table to read differently.
    valid_s
        Time in which leg movements could be seen, seconds.
    epoch_s
        Length of an epoch where the hypnogram does not say, seconds.
    start
        Clock time of the recording, for files that go by the clock.
    """

    events: Path
    rules: str
    hypnogram: Path | None = None
    respiratory: Path | None = None
    arousals: Path | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    valid_s: float | None = None
    epoch_s: float | None = None
    start: datetime | None = None


@dataclass(frozen=True, slots=True)
class Scored:
    """A scored table of marks.

    Attributes
    ----------
    name
        Name of the file of marks.
    score
        What the rules say.
    """

    name: str
    score: PlmScore

    def as_json(self) -> dict[str, Any]:
        """Return ``events``, ``counts``, ``indices``, and the rest of the summary."""
        score = self.score
        rows = zip(
            *(score.onset, score.duration, score.side, score.candidate),
            *(score.plm, score.kept.series, score.kept.imi),
            strict=True,
        )
        events = [
            {
                "onset": round(float(onset), 6),
                "duration": round(float(duration), 6),
                "side": SIDE_NAMES[side],
                "clm": bool(clm),
                "plm": bool(plm),
                "series": int(series) if series else None,
                "imi": None if math.isnan(imi) else round(float(imi), 6),
            }
            for onset, duration, side, clm, plm, series, imi in rows
        ]
        return {
            "events": events,
            **score.summary(),
            "stages": [str(stage) or None for stage in score.stage],
            "plm_onsets": _rounded(score.onset[score.plm]),
            "resp_onsets": _rounded(score.onset[score.set_aside]),
            "arousal_onsets": _rounded(score.onset[score.arousal]),
        }

    def lines(self) -> list[tuple[str, float | None]]:
        """Return what to print: a text and its number each."""
        summary = self.score.summary()
        counts, indices = summary["counts"], summary["indices"]
        shown: list[tuple[str, float | None]] = [
            ("leg movements", counts["lm"]),
            ("candidates", counts["clm"]),
            (f"in {summary['series']['n']} periodic series", counts["plm"]),
        ]
        if self.score.hypnogram is None:
            recording = summary["recording"]
            return [
                *shown,
                ("in periodic series, per hour of valid recording", recording["plm_per_h"]),
                ("leg movements per hour of valid recording", recording["lm_per_h"]),
            ]
        return [
            *shown,
            ("periodic in sleep (PLMS)", counts["plms"]),
            ("periodic in wake (PLMW)", counts["plmw"]),
            ("PLMS per hour of sleep", indices["plms_per_h"]),
            ("PLMW per hour of wake", indices["plmw_per_h"]),
            ("leg movements per hour of sleep", indices["lm_per_h"]),
        ]


def score_files(request: MovementRequest) -> Scored:
    """Read the files of a request and score its leg movements.

    Raises
    ------
    CrampwatchError
        If a file cannot be read or understood.
    """
    marked = read_annotations(request.events, recording_start=request.start, as_type="LM")
    start = request.start or marked.start
    said = [*marked.notes, *_unused(marked.events)]
    events = _of_one_basis(marked.events, said)
    hypnogram, note = _stages(request, marked, start)
    movements = movements_from_events(events)
    score = score_movements(
        movements,
        replace(RULE_SETS[request.rules], **request.options),
        hypnogram=hypnogram,
        respiratory=_table(request.respiratory, start, RESPIRATORY, "respiratory", said),
        arousals=_table(request.arousals, start, frozenset({AROUSAL}), AROUSAL, said),
        valid_s=request.valid_s,
    )
    warnings = (*said, *note, *score.warnings)
    return Scored(request.events.name, replace(score, warnings=tuple(dict.fromkeys(warnings))))


def parse_options(name: str, pairs: Iterable[str]) -> dict[str, Any]:
    """Return entries of a rule table from ``NAME=VALUE`` texts.

    Raises
    ------
    CrampwatchError
        If a name is no entry of the table, or a value does not fit it.
    """
    table = RULE_SETS[name]
    known = {entry.name: str(entry.type) for entry in fields(Rules) if entry.name != "name"}
    found = {}
    for pair in pairs:
        option, _, text = pair.partition("=")
        if option not in known:
            raise CrampwatchError(
                f"{option!r} is no entry of the rules; known are {', '.join(known)}"
            )
        found[option] = _value(option, text.strip(), known[option], getattr(table, option))
    return found


def _value(option: str, text: str, kind: str, shipped: Any) -> Any:
    if kind.startswith("Literal"):
        choices = [part.strip(" \"'") for part in kind[len("Literal[") : -1].split(",")]
        if text in choices:
            return text
        raise CrampwatchError(f"{option}={text}: it is one of {', '.join(choices)}")
    if kind == "bool":
        answer = {"yes": True, "true": True, "no": False, "false": False}.get(text.lower())
        if answer is None:
            raise CrampwatchError(f"{option}={text}: it is yes or no")
        return answer
    if text.lower() == "none" and "None" in kind:
        return None
    try:
        value = int(text) if kind.startswith("int") else float(text)
    except ValueError:
        value = -1.0
    if not (math.isfinite(value) and value >= 0):
        raise CrampwatchError(f"{option}={text}: it is a number, {shipped} as shipped")
    return value


def _stages(
    request: MovementRequest, marked: Annotations, start: datetime | None
) -> tuple[Hypnogram | None, list[str]]:
    if request.hypnogram is not None:
        stages = read_hypnogram(
            request.hypnogram, recording_start=start, epoch_s=request.epoch_s
        )
        return stages, []
    if any(is_epoch(event) for event in marked.events):
        return hypnogram_of(marked), ["the stages among the marks were used as the hypnogram"]
    return None, []


def _table(
    path: Path | None,
    start: datetime | None,
    wanted: frozenset[str],
    as_type: str,
    said: list[str],
) -> list[tuple[float, float]] | None:
    """Return onset and duration of the wanted rows; a table of nothing else is taken whole."""
    if path is None:
        return None
    found = read_annotations(path, recording_start=start, as_type=as_type)
    said += [note for note in found.notes if not note.startswith("rows without a type")]
    rows = [event for event in found.events if event.trial_type in wanted]
    if not rows:
        foreign = TRIAL_TYPES | _OTHER_TYPES | RESPIRATORY | {AROUSAL}
        rows = [
            event
            for event in found.events
            if event.trial_type not in foreign and not is_epoch(event)
        ]
    left = len(found.events) - len(rows)
    if left:
        said.append(f"{path.name}: {left} rows of other types were not used")
    return [(event.onset, event.duration) for event in rows]


def _unused(events: Sequence[Event]) -> list[str]:
    """Name types of rows that nobody knows: a leg movement may hide among them."""
    known = MOVEMENT_TYPES | CRAMP_TYPES | TRIAL_TYPES | _OTHER_TYPES | RESPIRATORY | {AROUSAL}
    strange = Counter(
        event.trial_type
        for event in events
        if event.trial_type not in known and not is_epoch(event)
    )
    if not strange:
        return []
    shown = ", ".join(f"{name[:40]!r} ({count})" for name, count in strange.most_common(5))
    return [f"rows of unknown types were not scored: {shown}; leg movements are LM or PLM"]


def _of_one_basis(events: Sequence[Event], said: list[str]) -> list[Event]:
    """Keep the leg movements of one basis, and say where it is no standard's own.

    Marks by a standard, or without a rule, go before those by any other: series of two bases
    would be series of neither.
    """
    bases = [_basis(event) if event.trial_type in MOVEMENT_TYPES else None for event in events]
    found = {basis for basis in bases if basis is not None}
    present = [
        *(basis for basis in _BASES if basis in found),
        *sorted(found.difference(_BASES)),
    ]
    if not present:
        return list(events)
    kept, *others = present
    said += [
        f"{marks(bases.count(basis))} by rule {basis} left out: no series mixes two rules"
        for basis in others
    ]
    if kept:
        said.append(f"marks were made by rule {kept}: their series are not PLM by the standard")
    return [event for event, basis in zip(events, bases, strict=True) if basis in (None, kept)]


def _basis(event: Event) -> str:
    """Return the rule of a mark; empty for a standard's own and for none."""
    rule = str(event.extra.get("rule") or "").lower()
    return "" if rule in _STANDARDS else rule


def _rounded(values: Iterable[float]) -> list[float]:
    return [round(float(value), 6) for value in values]
