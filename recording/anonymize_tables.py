"""Tables and side files of a night without free text, names and true dates."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from .annotations.calibration import CAUSES
from .annotations.columns import LEVELS, LISTED, describe
from .annotations.tsv import read_events, write_events
from .errors import RecordingError
from .model import Event
from .readers.edf_header import NOT_CALIBRATED
from .writers.bids_diary import KEYS, MISSING, clean_cell

_MOST_BYTES = 1 << 24
_KEPT_NUMBERS = ("SamplingFrequency", "PowerLineFrequency", "RecordingDuration",
                 "EMGChannelCount", "EEGChannelCount", "EpochLength")  # fmt: skip
_RECORDING_TYPES = ("continuous", "discontinuous", "epoched")
_CHANNEL_TYPES = re.compile(r"[A-Z]{2,12}")
_UNIT = re.compile(r"[munkµμ]?V|g|n/a|deg/s|m/s\^2|%|Hz|s", re.ASCII)
_SEXES = frozenset(("m", "f", "o", "male", "female", "other", "n/a"))
_STATUSES = frozenset(("resampled", NOT_CALIBRATED))
_OLDEST = 89
_SESSION = re.compile(r"ses-[A-Za-z0-9]+")

SIMULATED = "Simulated: no muscle was measured."
"""What ``TaskDescription`` says of a simulated night."""


def clean_events(source: Path, target: Path, labels: Mapping[str, str]) -> list[str]:
    """Write a table of events without what a person wrote; return what was removed.

    Types that are not of this program become ``marker``. Columns are kept that the formats
    page knows, in them numbers and the words that it names.

    Parameters
    ----------
    source, target
        ``events.tsv`` files.
    labels
        Labels that may stay, new by old.
    """
    removed: list[str] = []
    kept = [_clean_event(event, labels, removed) for event in read_events(source)]
    write_events(target, kept)
    return removed


def _clean_event(event: Event, labels: Mapping[str, str], removed: list[str]) -> Event:
    kind = event.trial_type
    if kind not in LEVELS:
        removed.append(kind)
        kind = "marker"
    channel = labels.get(event.channel or "")
    if event.channel and channel is None:
        removed.append(event.channel)
    extra = {}
    for name, value in event.extra.items():
        if name == "channels" and isinstance(value, str):
            extra[name] = _clean_labels(value, labels, removed)
        elif _may_stay(name, value):
            extra[name] = value
        elif value is not None:
            removed.append(str(value))
    return replace(event, trial_type=kind, channel=channel, extra=extra)


def _clean_labels(text: str, labels: Mapping[str, str], removed: list[str]) -> str | None:
    """Return a list of labels with those that may stay."""
    told = text.split(LISTED)
    removed += [label for label in told if label not in labels]
    return LISTED.join(labels[label] for label in told if label in labels) or None


def _may_stay(name: str, value: object) -> bool:
    about = describe([name])[name]
    if "LongName" not in about:
        return False
    if isinstance(value, bool | int | float):
        return True
    own: Mapping[str, Iterable[str]] = {"stage": LEVELS, "cause": CAUSES}
    words = {*about.get("Levels", ()), "true", "false", *own.get(name, ())}
    return isinstance(value, str) and value in words


def clean_participants(
    source: Path, names: Mapping[str, str]
) -> tuple[list[list[str]], list[str]]:
    """Return the rows of ``participants.tsv`` with new names, and what was removed.

    Sex and age stay; an age above 89 becomes 89.
    """
    table = read_table(source)
    rows, removed = [["participant_id", "age", "sex"]], []
    for row in table:
        old = row.pop("participant_id", "")
        removed += [cell for name, cell in row.items() if name not in ("age", "sex")]
        if old in names:
            rows.append([names[old], _age(row.get("age", "")), _sex(row.get("sex", ""))])
    keep = [n for n in range(3) if n == 0 or any(row[n] != "n/a" for row in rows[1:])]
    return [[row[n] for n in keep] for row in rows], removed


def clean_diaries(
    source: Path, renamed: Callable[[Path], Path], known: Collection[str]
) -> tuple[list[dict[str, str]], list[str]]:
    """Return the rows of the table of diaries with new names, and what was removed.

    Words of the vocabulary and numbers stay.

    Parameters
    ----------
    source
        ``diary.tsv``.
    renamed
        New path of a folder of the dataset.
    known
        Participants whose nights are kept.
    """
    rows, removed = [], []
    for row in read_table(source):
        participant, session = (row.pop(key, MISSING) for key in KEYS)
        if participant not in known:
            continue
        if session != MISSING and not _SESSION.fullmatch(session):
            removed.append(session)
            session = MISSING
        told = session != MISSING
        new = renamed(Path(participant, session) if told else Path(participant)).parts
        clean = {name: clean_cell(name, cell) for name, cell in row.items()}
        removed += [cell for name, cell in row.items() if clean[name] != cell]
        rows.append({KEYS[0]: new[0], KEYS[1]: new[1] if told else MISSING, **clean})
    return rows, removed


def clean_channels(
    source: Path, labels: Mapping[str, str], muscles: Iterable[str]
) -> tuple[list[list[str]], list[str]]:
    """Return the rows of ``_channels.tsv`` with what is no free text, and what was removed."""
    allowed = {text for m in muscles for text in (m, f"left {m}", f"right {m}")}
    checks: dict[str, Callable[[str], object]] = {
        "name": lambda text: text in labels,
        "type": _CHANNEL_TYPES.fullmatch,
        "units": _UNIT.fullmatch,
        "sampling_frequency": _is_number,
        "target_muscle": lambda text: text in allowed,
        "status": lambda text: text in ("good", "bad"),
        "status_description": lambda text: set(text.split("; ")) <= _STATUSES,
    }
    rows, removed = [list(checks)], []
    for row in read_table(source):
        cells = []
        for name, check in checks.items():
            cell = row.pop(name, "n/a")
            fine = cell == "n/a" or bool(check(cell))
            cells.append((labels[cell] if name == "name" and fine else cell) if fine else "n/a")
            removed += [] if fine else [cell]
        removed += row.values()
        if cells[0] != "n/a":
            rows.append(cells)
    return rows, removed


def clean_sidecar(source: Path, task: str) -> tuple[dict[str, Any], list[str]]:
    """Return the content of ``_emg.json`` with numbers only, and what was removed."""
    found = read_object(source)
    clean = bare_sidecar(task)
    if str(found.get("TaskDescription", "")).startswith("Simulated"):
        clean["TaskDescription"] = SIMULATED
    for key in _KEPT_NUMBERS:
        value = found.get(key)
        if isinstance(value, int | float) and not isinstance(value, bool):
            clean[key] = value
    kind = found.get("RecordingType")
    if kind in _RECORDING_TYPES:
        clean["RecordingType"] = kind
    removed = [text for key, text in _strings(found) if clean.get(key) != text]
    return clean, removed


def bare_sidecar(task: str) -> dict[str, Any]:
    """Return ``_emg.json`` with what BIDS requires and nothing else."""
    return {
        "TaskName": task,
        "EMGPlacementScheme": "Other",
        "EMGPlacementSchemeDescription": "not stated",
        "EMGReference": "not stated",
        "HardwareFilters": "n/a",
        "SoftwareFilters": "n/a",
        "PowerLineFrequency": "n/a",
        "RecordingType": "continuous",
    }


OWN_WORDS = (
    json.dumps(bare_sidecar("sleep")), SIMULATED, *_KEPT_NUMBERS, *_RECORDING_TYPES, *_STATUSES,
    "participant_id filename acq_time name type units sampling_frequency target_muscle",
    "status_description misc good channels events scans participants sleep recording session",
    "subject derivatives crampwatch detector night readme",
)  # fmt: skip
"""What cleaned tables and side files say by themselves."""


def shifted_time(text: str, shift: timedelta) -> str:
    """Return a BIDS time moved by some days, ``n/a`` where it is none."""
    try:
        moment = datetime.fromisoformat(text.strip())
        return (moment.replace(tzinfo=None) + shift).isoformat()
    except (ValueError, OverflowError):
        return "n/a"


def read_table(path: Path) -> list[dict[str, str]]:
    """Return the rows of a small table by column.

    Raises
    ------
    RecordingError
        It is too large, or no text.
    """
    lines = [line for line in _text(path).splitlines() if line.strip()]
    header = [cell.strip() for cell in lines[0].split("\t")] if lines else []
    return [
        dict(zip(header, map(str.strip, line.split("\t")), strict=False)) for line in lines[1:]
    ]


def read_object(path: Path) -> dict[str, Any]:
    """Return a JSON object, empty where the file holds none."""
    try:
        found = json.loads(_text(path))
    except (ValueError, RecursionError) as error:
        raise RecordingError(f"{path.name}: not readable as JSON") from error
    return found if isinstance(found, dict) else {}


def _text(path: Path) -> str:
    if path.stat().st_size > _MOST_BYTES:
        raise RecordingError(f"{path.name}: larger than {_MOST_BYTES >> 20} MB")
    return path.read_bytes().decode("utf-8-sig", "replace")


def _strings(value: object, key: str = "") -> list[tuple[str, str]]:
    if isinstance(value, str):
        return [(key, value)]
    if isinstance(value, dict):
        return [pair for name, each in value.items() for pair in _strings(each, str(name))]
    if isinstance(value, list):
        return [pair for each in value for pair in _strings(each, key)]
    return []


def _age(text: str) -> str:
    return f"{min(float(text), _OLDEST):g}" if _is_number(text) else "n/a"


def _sex(text: str) -> str:
    return text if text.lower() in _SEXES else "n/a"


def _is_number(text: str) -> bool:
    return re.fullmatch(r"\d+(?:\.\d+)?", text) is not None
