"""What the detector sees in one night, kept so that it need not look twice."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from ... import detection, recording
from ...detection.cramps.candidates import Candidate
from ...detection.cramps.features.catalogue import FEATURES
from ...detection.settings import Settings
from ...recording.model import Night
from ...recording.writers.beside import write_beside
from ..artefact.model import catalogue_digest, detector_settings
from ..nights.identity import full_digest

CUTS_S = (10.0, 20.0, 40.0)
"""Times after the onset at which a row says what was known by then, seconds."""

_KEY = b"crampwatch"


@dataclass(frozen=True, slots=True)
class Task:
    """A night to look at; can be sent to another process.

    Attributes
    ----------
    id, identity
        As in `LabelledNight`.
    open
        Opens the recording.
    settings
        Settings of the detector.
    folder
        Where what was seen is kept.
    """

    id: str
    identity: str
    open: Callable[[], Night]
    settings: Settings
    folder: Path


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What the detector saw in one night.

    Attributes
    ----------
    hours, valid_hours
        Length, and what of it could be scored, hours.
    sensors
        What was recorded, a few words.
    candidates
        Contractions that were looked at, complete and cut.
    """

    hours: float
    valid_hours: float
    sensors: str
    candidates: tuple[Candidate, ...]


def look(task: Task) -> Path:
    """Look at a night, unless that was done before, and return the file that says what is seen.

    Raises
    ------
    CrampwatchError
        The recording cannot be read or scored.
    """
    night = task.open()
    file = task.folder / f"{_key(task, night)}.parquet"
    if not file.is_file():
        _write(_see(night, task.settings), file)
    return file


def recall(file: Path) -> Seen:
    """Return what was seen, as `look` kept it.

    Raises
    ------
    OSError, ValueError
        The file is missing or damaged.
    """
    import pyarrow.parquet as pq

    columns = pq.read_table(file)
    facts = json.loads(columns.schema.metadata[_KEY])
    names = [feature.name for feature in FEATURES]
    values = [columns[f"value {name}"].to_numpy() for name in names]
    table = np.array(values, np.float32).reshape(len(names), columns.num_rows).T
    candidates = tuple(
        Candidate(
            onset_s=row["onset_s"],
            duration_s=row["duration_s"],
            side=row["side"],
            muscle=row["muscle"],
            channel=row["channel"],
            cut_s=row["cut_s"],
            values=dict(zip(names, map(float, known), strict=True)),
        )
        for row, known in zip(columns.select(_COLUMNS).to_pylist(), table, strict=True)
    )
    return Seen(facts["hours"], facts["valid_hours"], facts["sensors"], candidates)


def _see(night: Night, settings: Settings) -> Seen:
    from ...detection import RuleJudge, score_night

    judge = RuleJudge(settings.cramp)
    score = score_night(night, settings, judge=judge, cuts_s=CUTS_S)
    return Seen(
        night.duration_s / 3600.0, score.valid_s / 3600.0, _sensors(night), score.candidates
    )


def _write(seen: Seen, file: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    facts = {"hours": seen.hours, "valid_hours": seen.valid_hours, "sensors": seen.sensors}
    columns: dict[str, Any] = {
        name: pa.array([getattr(c, name) for c in seen.candidates], kind)
        for name, kind in zip(
            _COLUMNS,
            (pa.float64(), pa.float64(), pa.float64(), pa.string(), pa.string(), pa.string()),
            strict=True,
        )
    }
    for feature in FEATURES:
        values = [c.values[feature.name] for c in seen.candidates]
        columns[f"value {feature.name}"] = pa.array(values, pa.float32())
    table = pa.table(columns).replace_schema_metadata({_KEY: json.dumps(facts)})
    with write_beside(file) as out:
        pq.write_table(table, out, compression="zstd")


def _key(task: Task, night: Night) -> str:
    identity = task.identity
    if night.source is not None and night.source.is_file():
        identity = full_digest(night.source)
    parts = (
        identity,
        json.dumps(detector_settings(task.settings), sort_keys=True),
        repr(CUTS_S),
        catalogue_digest(),
        program_digest(),
    )
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:40]


@cache
def program_digest() -> str:
    """Return a digest of the source of the reader and the detector: another one sees anew."""
    digest = hashlib.sha256()
    for package in (recording, detection):
        for file in sorted(Path(str(package.__file__)).parent.rglob("*.py")):
            with suppress(OSError):
                digest.update(file.read_bytes())
    return digest.hexdigest()


def _sensors(night: Night) -> str:
    counted: dict[str, int] = {}
    for stream in night.streams:
        if stream.kind in ("emg", "acc"):
            what = "EMG" if stream.kind == "emg" else "acceleration"
            where = f" {stream.placement}" if stream.placement and stream.kind == "emg" else ""
            name = f"{what}{where} {stream.rate_hz:g} Hz {stream.unit}"
            counted[name] = counted.get(name, 0) + 1
    return (
        ", ".join(f"{count} x {name}" for name, count in sorted(counted.items())) or "nothing"
    )


_COLUMNS = ["onset_s", "duration_s", "cut_s", "side", "muscle", "channel"]
