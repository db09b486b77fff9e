"""A scored night, as its folder tells it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from ...recording.annotations.diary import read_diary
from ...recording.annotations.tsv import read_events
from ...recording.annotations.vocabulary import muscle_of
from ...recording.errors import RecordingError
from ...recording.model import Event
from .facts import at, moment, number, read_facts, text
from .past_night import PastCramp, PastNight
from .places import EVENTS, SUMMARY, person_of, score_folder

_CRAMPS: Final = ("cramp", "possible_cramp")


def read_night(folder: Path) -> PastNight:
    """Return what the folder of a night holds; what cannot be read is told in `problem`."""
    person = person_of(folder)
    score = score_folder(folder)
    if score is None:
        return PastNight(folder, person, problem="not scored")
    try:
        summary = read_facts(score / SUMMARY)
        events = read_events(score / EVENTS, _CRAMPS)
        valid_s, recorded_s = number(summary, "valid_s"), number(summary, "duration_s")
    except RecordingError as error:
        return PastNight(folder, person, problem=f"cannot be read: {error}")
    if valid_s is None or recorded_s is None or not 0 <= valid_s <= recorded_s + 1.0:
        problem = f"cannot be read: {SUMMARY} does not tell how much was scored"
        return PastNight(folder, person, problem=problem)
    start = moment(summary.get("start"))
    factors, restless, notes = _diary(folder, score, summary)
    remembered = _remembered(summary)
    plm_per_h, plm_definition = _plm(summary)
    return PastNight(
        folder=folder,
        person=person,
        start=start,
        recorded_s=recorded_s,
        valid_s=valid_s,
        cramps=tuple(_cramp(event, start, summary) for event in events),
        remembered=None if remembered is None else len(remembered),
        missed=(remembered or []).count("missed"),
        not_watched=(remembered or []).count("not_watched"),
        plm_per_h=plm_per_h,
        plm_definition=plm_definition,
        factors=factors,
        restless_legs=restless,
        watched=_watched(summary),
        intervened=summary.get("intervened") is True
        or at(summary, "alerts", "told") not in (None, 0),
        simulated=summary.get("simulated") is True,
        judge=_judge(summary),
        notes=tuple(notes),
    )


def _cramp(event: Event, start: datetime | None, summary: Mapping[str, Any]) -> PastCramp:
    said = event.extra.get("confirmation")
    settled = event.extra.get("settled_s")
    clock = None
    if start is not None:
        with suppress(OverflowError):
            clock = start + timedelta(seconds=event.onset)
    return PastCramp(
        onset_s=event.onset,
        duration_s=event.duration,
        at=clock,
        possible=event.trial_type == "possible_cramp",
        confirmation=said if said in ("confirmed", "denied") else "",
        side=event.side,
        muscle=muscle_of(_placement(event.channel, summary)),
        settled_s=float(settled) if isinstance(settled, int | float) else None,
    )


def _channels(summary: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = summary.get("channels")
    return (
        [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []
    )


def _placement(label: str | None, summary: Mapping[str, Any]) -> str | None:
    for channel in _channels(summary):
        if label is not None and channel.get("label") == label:
            return text(channel.get("placement")) or None
    return None


def _watched(summary: Mapping[str, Any]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for channel in _channels(summary):
        scored = channel.get("status") == "ok" and channel.get("rule")
        if channel.get("kind") == "emg" and scored:
            muscle = muscle_of(text(channel.get("placement"))) or text(channel.get("label"))
            found[" ".join(filter(None, (text(channel.get("side")), muscle)))] = None
    return tuple(found)


def _remembered(summary: Mapping[str, Any]) -> list[str] | None:
    """Return the outcome of each cramp that was told of; None where nothing was said."""
    said = summary.get("said")
    if not isinstance(said, Mapping):
        return None
    told = said.get("remembered")
    entries = (
        [each for each in told if isinstance(each, Mapping)] if isinstance(told, list) else []
    )
    cramps = [text(each.get("outcome")) for each in entries if each.get("kind") == "cramp"]
    # notes of the night alone do not tell that there was nothing else
    return cramps if cramps or said.get("cramps_in_diary") is not None else None


def _plm(summary: Mapping[str, Any]) -> tuple[float | None, str]:
    standard = at(summary, "leg_movements", "standard")
    indices = at(summary, "leg_movements", "by_rule", standard, "indices")
    for name in ("plms_index", "plm_per_valid_hour"):
        entry = indices.get(name) if isinstance(indices, Mapping) else None
        if isinstance(entry, Mapping):
            value = number(entry, "value")
            if value is not None and value >= 0:
                return value, text(entry.get("definition"))
    return None, ""


def _diary(
    folder: Path, score: Path, summary: Mapping[str, Any]
) -> tuple[Mapping[str, Any], bool | None, list[str]]:
    """Return factors, restless legs and remarks; a diary in the folder is the newer truth."""
    notes: list[str] = []
    said = summary.get("said")
    factors = said.get("factors") if isinstance(said, Mapping) else None
    restless = said.get("restless_legs") if isinstance(said, Mapping) else None
    try:
        diary = read_diary(folder)
    except RecordingError as error:
        diary = None
        notes.append(str(error))
    if diary is not None:
        factors, restless = diary.factors, diary.told.get("restless_legs")
        with suppress(OSError):
            written = (folder / "diary.json").stat().st_mtime
            if not isinstance(said, Mapping) and written > (score / SUMMARY).stat().st_mtime:
                notes.append("the diary is newer than the score: score the night again")
    kept = dict(factors) if isinstance(factors, Mapping) else {}
    return MappingProxyType(kept), restless if isinstance(restless, bool) else None, notes


def _judge(summary: Mapping[str, Any]) -> str:
    model = summary.get("model")
    if not isinstance(model, Mapping):
        return ""
    name, digest = text(model.get("name")) or text(model.get("kind")), text(model.get("sha256"))
    return f"{name} {digest[:12]}".strip()
