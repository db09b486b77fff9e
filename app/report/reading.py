"""The night as the files in its folder tell it, so that its page can be made anew."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from ...detection.channels.report import ChannelReport
from ...recording.annotations import diary as diary_file
from ...recording.annotations import markers as marker_file
from ...recording.annotations.confirmation import CRAMPS, Confirmation, Remembered
from ...recording.annotations.diary import Diary, from_json, read_diary
from ...recording.annotations.markers import Mark
from ...recording.annotations.tsv import read_events
from ...recording.errors import CrampwatchError, RecordingError
from ...recording.model import Event, Stream
from ...recording.readers import open_recording
from ..diary.said import Said
from ..jsontext import to_json
from ..provenance import fingerprint, verb_of
from .told import NOT_AT_HAND, LegsTold, NightTold
from .tracks import MOST_TRACKS, track_of_json, track_to_json

TRACKS = "tracks.json"
"""The levels that the page draws, and the stages: too dear to find again for every page."""

SAID_LATER = (
    "Notes or a diary were written after the night was scored: score it again to hold them"
    " against what was found."
)

_MOST_BYTES = 64 << 20
_BROKEN = (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError)


def tracks_text(told: NightTold) -> str:
    """Return the content of ``tracks.json``."""
    content = {
        "signals": told.signals,
        "tracks": [track_to_json(one) for one in told.tracks],
        "stages": [[s.onset, s.duration, s.trial_type] for s in told.stages],
    }
    return to_json(content, indent=None) + "\n"


def read_night(folder: Path, recording: Path | None = None) -> NightTold:
    """Return a scored night from its folder, with the recording where that is at hand.

    Parameters
    ----------
    folder
        Folder that ``score``, ``record`` or ``demo`` wrote.
    recording
        The recording, where it lies elsewhere; by default the one in the folder, if it is
        the one that was scored.

    Raises
    ------
    RecordingError
        The folder holds no score of this program, or one that cannot be read; the recording
        that was named is another one.
    """
    if not folder.is_dir():
        raise RecordingError(f"{folder}: no such folder; name the folder of a scored night")
    if verb_of(folder) is None or not (folder / "summary.json").is_file():
        raise RecordingError(
            f"{folder} holds no score; make one with: crampwatch score {folder} --out {folder}"
        )
    summary, origin = _object(folder / "summary.json"), _object(folder / "provenance.json")
    events = read_events(folder / "events.tsv")
    try:
        told = _told(summary, origin, events)
        said = _said(folder, summary.get("said"), events)
    except _BROKEN as error:
        raise RecordingError(
            f"{folder}/summary.json is not what this version writes ({type(error).__name__});"
            " score the night again"
        ) from error
    later = () if not _said_later(folder, origin) else (SAID_LATER,)
    told = replace(told, said=said, warnings=(*told.warnings, *later))
    told, lacking = _with_tracks(folder, told)
    streams, missing = _streams(folder, origin, recording)
    return replace(told, streams=streams, without=" ".join(filter(None, (lacking, missing))))


def _told(
    summary: Mapping[str, Any], origin: Mapping[str, Any], events: tuple[Event, ...]
) -> NightTold:
    start = summary["start"]
    legs = summary["leg_movements"]
    by_rule = [LegsTold.of_summary(entry) for entry in legs["by_rule"].values()]
    return NightTold(
        name=str(summary["recording"]),
        start=None if start is None else datetime.fromisoformat(start),
        simulated=bool(summary["simulated"]),
        duration_s=float(summary["duration_s"]),
        valid_s=float(summary["valid_s"]),
        events=events,
        channels=TypeAdapter(tuple[ChannelReport, ...]).validate_python(summary["channels"]),
        warnings=tuple(map(str, summary["warnings"])),
        notes=tuple(map(str, summary["notes"])),
        legs_headline=str(legs["headline"]) if by_rule else "",
        legs=TypeAdapter(tuple[LegsTold, ...]).validate_python(tuple(by_rule)),
        provenance=origin,
        intervened=bool(summary.get("intervened")),
    )


def _said(folder: Path, entry: Any, events: tuple[Event, ...]) -> Said | None:
    """Return what was said as the score held it against the night, and the diary beside it."""
    if entry is None:
        return None
    contractions = tuple(event for event in events if event.trial_type in CRAMPS)
    remembered = tuple(_remembered(one, contractions) for one in entry["remembered"])
    diary: Diary | None = None
    try:
        diary = read_diary(folder)
    except RecordingError:
        diary = None
    if diary is None and entry["cramps_in_diary"] is not None:
        keys = ("restless_legs", "partner_noticed", "factors")
        content = {key: entry[key] for key in keys if entry.get(key) is not None}
        if entry["cramps_in_diary"] == 0:
            content["cramps"] = []
        diary = from_json(content, told=_ignored)
    return Said(Confirmation(contractions, remembered), (), diary)


def _said_later(folder: Path, origin: Mapping[str, Any]) -> bool:
    """Return whether the folder holds notes or a diary that the score does not know."""
    known = origin.get("said")
    digests = {
        file.get("sha256")
        for file in (known if isinstance(known, list) else ())
        if isinstance(file, Mapping)
    }
    try:
        return any(
            fingerprint(folder / name)["sha256"] not in digests
            for name in (marker_file.FILE, diary_file.FILE)
            if (folder / name).is_file()
        )
    except OSError:
        return False


def _remembered(entry: Mapping[str, Any], events: tuple[Event, ...]) -> Remembered:
    at = entry["at"]
    mark = Mark(
        at=None if at is None else datetime.fromisoformat(at),
        earlier_s=float(entry["earlier_s"]),
        later_s=float(entry["later_s"]),
        kind=str(entry["kind"]),
        side=entry["side"],
        muscles=tuple(map(str, entry["muscles"])),
        pain=entry["pain"],
        source=str(entry["sources"][0]) if entry["sources"] else "note",
    )
    onsets = [float(onset) for onset in entry.get("found", ())]
    places = tuple(
        n for n, event in enumerate(events) if any(abs(event.onset - t) < 0.01 for t in onsets)
    )
    sources = tuple(map(str, entry["sources"]))
    reason = str(entry["reason"] or "")
    return Remembered(mark, entry["onset"], entry["outcome"], reason, places, sources)


def _with_tracks(folder: Path, told: NightTold) -> tuple[NightTold, str]:
    if not (folder / TRACKS).is_file():
        return told, "Levels are not drawn: this score kept none; score the night again."
    content = _object(folder / TRACKS)
    try:
        tracks = tuple(track_of_json(one) for one in content["tracks"][:MOST_TRACKS])
        stages = tuple(
            Event(float(onset), float(length), str(kind))
            for onset, length, kind in content["stages"]
        )
        signals = int(content["signals"])
    except _BROKEN as error:
        raise RecordingError(
            f"{folder / TRACKS} is not what this version writes; score the night again"
        ) from error
    return replace(told, tracks=tracks, stages=stages, signals=signals), ""


def _streams(
    folder: Path, origin: Mapping[str, Any], named: Path | None
) -> tuple[tuple[Stream, ...], str]:
    """Return the streams of the recording that was scored, or why there are none."""
    asked = origin.get("arguments")
    asked = asked if isinstance(asked, Mapping) else {}
    found = origin.get("input")
    files = found.get("files") if isinstance(found, Mapping) else None
    scored = {
        str(file.get("sha256")): str(file.get("name"))
        for file in (files if isinstance(files, list) else ())
        if isinstance(file, Mapping)
    }
    place = named
    if place is None:
        here = [folder / Path(name).name for name in scored.values()]
        if not here or not all(file.is_file() for file in here):
            return (), f"{NOT_AT_HAND}: no traces are drawn."
        place = here[0] if len(here) == 1 else folder
    try:
        night = open_recording(
            place,
            rate_hz=asked.get("rate_hz"),
            label_map=dict(asked.get("map") or {}),
            unit=asked.get("unit"),
        )
        inputs = [place] if place.is_file() else _files_of(night.source, place)
        same = {fingerprint(file)["sha256"] for file in inputs} >= set(scored)
    except (CrampwatchError, OSError) as error:
        if named is not None:
            raise
        return (), f"The recording could not be read ({error}): no traces are drawn."
    if not same:
        said = "is not the recording that was scored"
        if named is not None:
            raise RecordingError(f"{named} {said}; name that one, or score this one")
        return (), f"{place.name} {said}: no traces are drawn."
    return night.streams, ""


def _files_of(source: Path | None, place: Path) -> list[Path]:
    if source is not None and source.is_file():
        return [source]
    home = source if source is not None and source.is_dir() else place
    return sorted(file for file in home.iterdir() if file.is_file())


def _ignored(sentence: str) -> None:
    """Pass over what a diary of another version says: the score took what it could."""
    del sentence


def _object(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
        if len(data) > _MOST_BYTES:
            most = f"{_MOST_BYTES >> 20} MB"
            raise RecordingError(f"{path}: more than {most}; no results of a night")
        found = json.loads(data)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise RecordingError(f"cannot read {path}: {reason}") from error
    except (ValueError, RecursionError) as error:
        raise RecordingError(f"{path} is no JSON; score the night again") from error
    if not isinstance(found, dict):
        raise RecordingError(f"{path} is no JSON object; score the night again")
    return found
