"""A night for other programs: EDF+, EMG-BIDS, CSV."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version
from json import dumps
from pathlib import Path
from typing import Any

from ..recording.annotations.diary import Diary, read_diary, to_json
from ..recording.annotations.markers import read_marks
from ..recording.annotations.moments import clock_zone, onset_of
from ..recording.annotations.tsv import read_events, write_events
from ..recording.anonymize import anonymize_into
from ..recording.errors import RecordingError
from ..recording.model import Event, Night
from ..recording.readers import open_recording
from ..recording.readers.together import named
from ..recording.writers.beside import write_folder, write_text_beside
from ..recording.writers.bids import Place, write_bids
from ..recording.writers.continuous import write_continuous
from ..recording.writers.sensors import by_sensor, file_name, header_fields
from ..recording.writers.tables import write_tables
from .provenance import verb_of

FORMATS = ("edf", "bids", "csv")
DONATION = """## A night for research

This folder was made on your own computer and sent nowhere. To give it away is your decision:

- Look through it first. Nothing in it should tell who you are; clock times were kept.
- Give it only to people who told you in writing what they will do with it, for how long, and
  how you can take it back.
- What is published cannot be taken back.

How such nights are collected so that they can be used: docs/validation.md of Crampwatch.
"""
"""What ``README.md`` of a donated night says at its end."""

_SHARED = ("participants.tsv", "_scans.tsv", "dataset_description.json",
           "phenotype/diary.tsv", "phenotype/diary.json")  # fmt: skip


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """What to export, and how.

    Attributes
    ----------
    path
        Recording: a file or a folder.
    out
        Folder to write into.
    form
        ``edf``, ``bids`` or ``csv``.
    place
        Subject, session and task in a BIDS dataset.
    rate_hz, unit, label_map
        As in `open_recording`.
    mains_hz
        Frequency of the mains, for BIDS.
    donate
        Whether to anonymise the dataset, for somebody who gives a night to research.
    diary
        Whether the diary goes along; of a donation only words of the vocabulary and numbers.
    """

    path: Path
    out: Path
    form: str
    place: Place = field(default_factory=Place)
    rate_hz: float | None = None
    unit: str | None = None
    label_map: Mapping[str, str] = field(default_factory=dict)
    mains_hz: float | None = None
    donate: bool = False
    diary: bool = True


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written.

    Attributes
    ----------
    out
        Folder.
    files
        Paths in the folder, sorted.
    notes
        What a reader must know, one sentence each.
    """

    out: Path
    files: tuple[str, ...]
    notes: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return this, JSON-ready."""
        return {"out": str(self.out), "files": list(self.files), "notes": list(self.notes)}


def export_night(
    request: ExportRequest, progress: Callable[[float], None] = lambda _: None
) -> Exported:
    """Export a night: all files, or none.

    Marks of persons go along. What a detector found is kept apart from them, so that no
    training takes it for the truth.

    Raises
    ------
    RecordingError
        The recording cannot be read, is empty, or the folder cannot be written or holds
        one of the files.
    """
    night = open_recording(
        request.path,
        rate_hz=request.rate_hz,
        label_map=dict(request.label_map),
        unit=request.unit,
    )
    diary, told = _diary(request)
    job = _Job(request, night, *events_of(request.path, night), diary)
    if request.donate:
        return _donation(job, progress)
    with write_folder(request.out) as part:
        write = _bids if request.form == "bids" else _plain
        notes = write(job, part, progress)
        files = _files(part)
        for name in files:
            if (request.out / name).exists() and not name.endswith(_SHARED):
                raise RecordingError(
                    f"{request.out / name} exists and is not written over; name another folder"
                    + (", subject or session" if request.form == "bids" else "")
                )
    return Exported(request.out, files, (*night.notes, *told, *notes))


def events_of(path: Path, night: Night) -> tuple[tuple[Event, ...], tuple[Event, ...]]:
    """Return the marks of persons on a night, and what a detector found in it.

    Raises
    ------
    RecordingError
        ``events.tsv`` in the folder of the night cannot be read.
    """
    marks: tuple[Event, ...] = night.events
    found: tuple[Event, ...] = ()
    table = path / "events.tsv"
    if path.is_dir() and table.is_file():
        if verb_of(path) is None:
            marks = (*marks, *read_events(table))
        else:
            found = tuple(e for e in read_events(table) if e.trial_type != "marker")
    if path.is_dir() and night.start is not None:
        marks = (*marks, *_noted(path, night, night.start))
    return tuple(sorted(marks, key=lambda event: event.onset)), found


def _noted(folder: Path, night: Night, start: datetime) -> Iterator[Event]:
    """Yield what the sleeper noted during the night: when it was said to be, no onset."""
    for mark in read_marks(folder).marks:
        if mark.at is None:
            continue
        onset = onset_of(mark.at, start, clock_zone(start))
        if 0 <= onset <= night.duration_s:
            extra = {
                "text": mark.text or mark.kind,
                "earlier_s": mark.earlier_s,
                "later_s": mark.later_s,
                "pain": mark.pain,
                "source": mark.source,
            }
            yield Event(onset, 0.0, "marker", mark.side, extra=extra)


@dataclass(frozen=True, slots=True)
class _Job:
    request: ExportRequest
    night: Night
    marks: tuple[Event, ...]
    found: tuple[Event, ...]
    diary: Diary | None


def _diary(request: ExportRequest) -> tuple[Diary | None, tuple[str, ...]]:
    """Return the diary of the night, and what of it cannot be read: it stops no export."""
    if not (request.diary and request.path.is_dir()):
        return None, ()
    try:
        diary = read_diary(request.path)
    except RecordingError as error:
        return None, (str(error),)
    return diary, diary.notes if diary else ()


def _donation(job: _Job, progress: Callable[[float], None]) -> Exported:
    """Write the anonymised dataset alone; the one with names is thrown away."""
    out = job.request.out
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise RecordingError(f"{out} is not empty; name a new folder for the donation")
    with write_folder(out) as part:
        named = part / ".named"
        named.mkdir()
        _bids(job, named, lambda done: progress(0.6 * done))
        done = anonymize_into(
            named,
            part / ".clean",
            diary=job.request.diary,
            progress=lambda d: progress(0.6 + 0.4 * d),
        )
        shutil.rmtree(named)
        for each in sorted((part / ".clean").iterdir()):
            each.rename(part / each.name)
        (part / ".clean").rmdir()
        readme = part / "README.md"
        readme.write_text(f"{readme.read_text('utf-8')}\n{DONATION}", "utf-8")
    return Exported(out, done.files, ())


def _bids(job: _Job, part: Path, progress: Callable[[float], None]) -> tuple[str, ...]:
    written = write_bids(
        part,
        job.night,
        job.request.place,
        marks=job.marks,
        found=job.found,
        version=version("crampwatch"),
        mains_hz=job.request.mains_hz,
        diary=job.diary,
        into=None if job.request.donate else job.request.out,
        progress=progress,
    )
    return tuple(note for file in written for note in file.notes)


def _plain(job: _Job, part: Path, progress: Callable[[float], None]) -> tuple[str, ...]:
    path = job.request.path
    sensors = by_sensor(job.night)
    if not sensors:
        raise RecordingError(f"{path}: no samples to export; the night is empty")
    name = file_name(path.resolve().stem) or "night"
    notes: list[str] = []
    stems = _stems(name, list(sensors))
    for number, (sensor, streams) in enumerate(sensors.items()):
        patient, recording = header_fields(job.night, sensor)
        stem = part / stems[sensor]

        def update(done: float, number: int = number) -> None:
            progress((number + done) / len(sensors))

        if job.request.form == "csv":
            write_tables(stem, streams, update)
            continue
        file = write_continuous(
            stem,
            streams,
            start=job.night.start,
            events=job.marks,
            patient=patient,
            recording=recording,
            progress=update,
        )
        notes += file.notes
    if job.marks and job.request.form == "csv":
        write_events(part / f"{name}_events.tsv", job.marks)
    if job.diary is not None:
        text = dumps(to_json(job.diary), indent=2, ensure_ascii=False, allow_nan=False)
        write_text_beside(part / f"{name}_diary.json", text + "\n")
    if job.found:
        write_events(part / f"{name}_desc-detector_events.tsv", job.found)
    return tuple(notes)


def _stems(night: str, sensors: Sequence[str]) -> dict[str, str]:
    """Return the name of the file of each sensor; `open_recording` takes them for one night."""
    names = [named(night, file_name(sensor)) for sensor in sensors]
    return {
        sensor: name if names.count(name) == 1 else named(night, f"sensor-{number}")
        for number, (sensor, name) in enumerate(zip(sensors, names, strict=True), 1)
    }


def _files(folder: Path) -> tuple[str, ...]:
    found = (each for each in folder.rglob("*") if each.is_file())
    return tuple(sorted(each.relative_to(folder).as_posix() for each in found))
