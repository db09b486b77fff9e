"""A recording without what tells whose it is, verified by reading it again.

Kept are samples, clock times, marks that this program knows, and the distance in days
between the nights. Removed are patient and recording fields, devices and serial numbers,
true dates, names of files and subjects, and all free text. What is not understood is left
out and named: nothing passes because nobody thought of it.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import chain
from pathlib import Path

from .annotations.columns import LEVELS
from .anonymize_edf import NO_SENSOR, TECHNICAL, clean_edf, same_samples, texts_of
from .anonymize_names import Names, is_bids_name
from .anonymize_tables import (
    OWN_WORDS,
    clean_channels,
    clean_diaries,
    clean_events,
    clean_participants,
    clean_sidecar,
    read_table,
    shifted_time,
)
from .errors import RecordingError
from .readers.edf import read_header
from .readers.edf_header import is_edf
from .writers.beside import write_beside, write_folder, write_text_beside
from .writers.bids import BIDS_VERSION, MUSCLES
from .writers.bids_diary import TABLE, write_diary_table

FIRST_DAY = date(1985, 1, 2)
"""The earliest night is moved to this day: nobody takes it for a true one."""

_RECORDINGS = (".edf", ".bdf", ".rec")
_REPLACED = frozenset(
    f"{home}{name}"
    for home in ("", "derivatives/crampwatch/")
    for name in ("README.md", "README", "dataset_description.json")
)
_MOST_FILES = 20_000
_OWN = ("*events.json", "*description.json", "phenotype/diary.*")


@dataclass(frozen=True, slots=True)
class Anonymized:
    """What was written.

    Attributes
    ----------
    files
        Paths in the folder, sorted.
    left_out
        Paths in the source that were not taken over.
    shift_days
        Days that dates were moved by.
    """

    files: tuple[str, ...]
    left_out: tuple[str, ...]
    shift_days: int


def anonymize(
    source: Path,
    out: Path,
    *,
    shift_days: int | None = None,
    diary: bool = False,
    progress: Callable[[float], None] = lambda _: None,
) -> Anonymized:
    """Write an anonymised copy of a recording, a folder of recordings, or a BIDS dataset.

    Parameters
    ----------
    source
        EDF or BDF file, or a folder that holds some.
    out
        Folder to write; it must be empty or not exist. All appears, or nothing.
    shift_days
        Days to move all dates by; by default the earliest night comes to 2 January 1985.
    diary
        Whether what sleepers told in words of the vocabulary and in numbers stays in a
        dataset.
    progress
        Called with the part done, from 0 to 1.

    Raises
    ------
    RecordingError
        Nothing there can be anonymised, the folder cannot be written, or something that
        should be gone was found in the result: then nothing is written.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise RecordingError(f"{out} is not empty; name a new folder")
    try:
        with write_folder(out) as part:
            return anonymize_into(
                source, part, shift_days=shift_days, diary=diary, progress=progress
            )
    except OSError as error:
        raise RecordingError(f"cannot read {source}: {error.strerror or error}") from error


def anonymize_into(
    source: Path,
    part: Path,
    *,
    shift_days: int | None = None,
    diary: bool = False,
    progress: Callable[[float], None] = lambda _: None,
) -> Anonymized:
    """Write the copy into an empty folder that its caller will show or throw away."""
    files = _files(source)
    bids = (source / "dataset_description.json").is_file()
    recordings = [
        file
        for file in files
        if (not bids or is_bids_name(file.relative_to(source))) and _is_recording(file)
    ]
    if not recordings:
        raise RecordingError(
            f"{source}: no EDF or BDF file in it; export the night first (crampwatch export)"
        )
    days = _shift(recordings) if shift_days is None else shift_days
    root = source if source.is_dir() else source.parent
    job = _Job(root, part, timedelta(days=days), bids=bids)
    for number, file in enumerate(recordings):
        job.recording(file)
        progress(0.8 * (number + 1) / len(recordings))
    if job.bids:
        job.dataset(files)
        if diary:
            job.diaries(files)
    else:
        job.marks(files)
    write_text_beside(part / "README.md", README)
    job.verify()
    progress(1.0)
    made = tuple(sorted(_relative(part)))
    done = {file.relative_to(job.root).as_posix() for file in job.used}
    rest = {file.relative_to(job.root).as_posix() for file in files}
    return Anonymized(made, tuple(sorted(rest - done - _REPLACED)), days)


@dataclass(slots=True)
class _Job:
    """One run: what became of each file, and what must not be found again."""

    root: Path
    part: Path
    shift: timedelta
    bids: bool
    used: list[Path] = field(default_factory=list)
    secrets: set[str] = field(default_factory=set)
    copies: dict[Path, Path] = field(default_factory=dict)
    labels: dict[Path, dict[str, str]] = field(default_factory=dict)
    names: Names = field(default_factory=Names)

    def recording(self, file: Path) -> None:
        """Copy one recording."""
        if self.bids:
            target = self._place(file)
        else:
            home = (
                ""
                if len(file.relative_to(self.root).parts) == 1
                else f"night-{len(self.copies) + 1:02}"
            )
            target = self.part / home / f"night-{len(self.copies) + 1:02}{file.suffix.lower()}"
        target.parent.mkdir(parents=True, exist_ok=True)
        with write_beside(target) as handle:
            cleaned = clean_edf(file, handle, self.shift)
        self.copies[file], self.labels[file] = target, cleaned.labels
        self.secrets.update(cleaned.removed)
        if not self.bids:
            self.secrets.add(file.stem)
        self.used.append(file)

    def marks(self, files: Iterable[Path]) -> None:
        """Copy the marks beside the recordings of plain folders."""
        for file in files:
            if not re.search(r"(?:^|_)events[^/]*\.tsv$", file.name):
                continue
            near = [each for each in self.copies if each.parent == file.parent]
            if not near:
                continue
            target = self.copies[near[0]].parent / _marks_name(file.name)
            if not target.exists():
                self._events(file, target, self.labels[near[0]])

    def dataset(self, files: Iterable[Path]) -> None:
        """Copy what belongs to the recordings of a BIDS dataset."""
        labels = {old: new for each in self.labels.values() for old, new in each.items()}
        for file in files:
            if file in self.copies:
                continue
            if file == self.root / "participants.tsv":
                names = {f"sub-{old}": f"sub-{new}" for old, new in self.names.subjects.items()}
                rows, removed = clean_participants(file, names)
                self._table(file, self.part / "participants.tsv", rows, removed)
            elif file.name.endswith("_scans.tsv") and self._known(file):
                self._scans(file)
            elif file.name.endswith("_events.tsv") and self._known(file):
                self._events(file, self._place(file), labels)
            elif file.name.endswith("_channels.tsv") and self._known(file):
                rows, removed = clean_channels(file, labels, MUSCLES.values())
                self._table(file, self._place(file), rows, removed)
            elif file.name.endswith("_emg.json") and self._known(file):
                target = self._place(file)
                task = re.search(r"_task-([A-Za-z0-9]+)", target.name)
                found, removed = clean_sidecar(file, task[1] if task else "sleep")
                self._json(target, found)
                self.secrets.update(removed)
                self.used.append(file)
        if not (self.part / "participants.tsv").exists():
            rows = [
                ["participant_id"],
                *([f"sub-{new}"] for new in self.names.subjects.values()),
            ]
            _write_rows(self.part / "participants.tsv", rows)
        about = {"Name": "Anonymised nights", "BIDSVersion": BIDS_VERSION, "DatasetType": "raw"}
        self._json(self.part / "dataset_description.json", about)
        home = self.part / "derivatives" / "crampwatch"
        if home.is_dir():
            maker = {"Name": "Found by a detector", "DatasetType": "derivative"}
            made = {"GeneratedBy": [{"Name": "Crampwatch"}]}
            self._json(home / "dataset_description.json", {**about, **maker, **made})

    def diaries(self, files: Iterable[Path]) -> None:
        """Copy the table of diaries."""
        source = self.root / TABLE
        if source not in files:
            return
        rows, removed = clean_diaries(
            source, lambda night: self._place(self.root / night).relative_to(self.part),
            {f"sub-{subject}" for subject in self.names.subjects},
        )  # fmt: skip
        if rows:
            write_diary_table(self.part / TABLE, rows)
        self.secrets.update(removed)
        self.used += [source, source.with_suffix(".json")]

    def verify(self) -> None:
        """Read everything again: nothing removed is there, and no sample changed."""
        for source, target in self.copies.items():
            if not same_samples(source, target):
                raise RecordingError(f"{source.name}: its samples changed; nothing was written")
        words = _words(self.secrets) - _words(self._own_words())
        for path in _relative(self.part):
            file = self.part / path
            inside = texts_of(file) if _is_recording(file) else [file.read_text("utf-8")]
            found = next(
                (hit for text in chain([path], inside) if (hit := words & _words([text]))), None
            )
            if found:
                raise RecordingError(
                    f"{path} would still hold {min(found)!r}; nothing was written"
                )

    def _own_words(self) -> Iterable[str]:
        """Yield what this program itself writes: no name is recognised by it."""
        yield from (README, NO_SENSOR, *MUSCLES.values(), *LEVELS, *TECHNICAL, *OWN_WORDS)
        yield from (label for labels in self.labels.values() for label in labels.values())
        for file in chain.from_iterable(map(self.part.rglob, _OWN)):
            yield file.read_text("utf-8")

    def _place(self, file: Path) -> Path:
        return self.part / self.names.renamed(file.relative_to(self.root))

    def _known(self, file: Path) -> bool:
        found = re.match(r"sub-([A-Za-z0-9]+)_", file.name)
        known = found is not None and found[1] in self.names.subjects
        return known and is_bids_name(file.relative_to(self.root))

    def _events(self, file: Path, target: Path, labels: dict[str, str]) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        self.secrets.update(clean_events(file, target, labels))
        self.used += [file, file.with_suffix(".json")]

    def _scans(self, file: Path) -> None:
        rows = [["filename", "acq_time"]]
        for row in read_table(file):
            source = file.parent / row.get("filename", "")
            if source in self.copies:
                target = self.copies[source].relative_to(self._place(file).parent)
                rows.append(
                    [target.as_posix(), shifted_time(row.get("acq_time", ""), self.shift)]
                )
        self._table(file, self._place(file), rows, [])

    def _table(
        self, file: Path, target: Path, rows: list[list[str]], removed: Iterable[str]
    ) -> None:
        _write_rows(target, rows)
        self.secrets.update(removed)
        self.used.append(file)

    def _json(self, target: Path, value: object) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        write_text_beside(target, json.dumps(value, indent=2) + "\n")


def _write_rows(target: Path, rows: list[list[str]]) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    write_text_beside(target, "\n".join("\t".join(row) for row in rows) + "\n")


def _marks_name(name: str) -> str:
    if "desc-detector" in name:
        return "desc-detector_events.tsv"
    return "events.tsv"


def _files(source: Path) -> list[Path]:
    if not source.exists():
        raise RecordingError(f"{source}: no such file or folder")
    if source.is_file():
        return [source]
    found: list[Path] = []
    for folder, folders, names in os.walk(source):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [Path(folder, name) for name in sorted(names)]
        if len(found) > _MOST_FILES:
            raise RecordingError(f"{source}: more than {_MOST_FILES} files; name a part of it")
    return [file for file in found if file.is_file()]


def _is_recording(file: Path) -> bool:
    if file.suffix.lower() not in _RECORDINGS or not file.is_file():
        return False
    with file.open("rb") as handle:
        return is_edf(handle.read(8))


def _shift(recordings: Iterable[Path]) -> int:
    starts = [read_header(file).start for file in recordings]
    known = [start.date() for start in starts if isinstance(start, datetime)]
    return (FIRST_DAY - min(known)).days if known else 0


def _relative(folder: Path) -> list[str]:
    return [file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()]


def _words(texts: Iterable[str]) -> set[str]:
    """Return the words that could give somebody away: names, numbers, dates."""
    found: set[str] = set()
    for text in texts:
        for word in re.findall(r"[\w.@-]+", text.casefold()):
            bare = word.strip(".-_@")
            parts = {bare, *re.split(r"[_.@-]", bare)}
            found |= {each for each in parts if len(each) >= 4 and not each.isdecimal()}
            found |= {each for each in parts if each.isdecimal() and len(each) >= 6}
    return found - _COMMON


_COMMON = frozenset(
    ("simulated", "nobody", "startdate", "marker", "edf+c", "bdf+c", "24bit", "stated", "other")
)

README = """# Anonymised nights

Made by Crampwatch. Patient, recording and device fields, serial numbers, names, free text and
true dates are gone; clock times and the days between nights were kept. Samples are unchanged.

A stretch without samples holds the last value and is marked `BAD_gap` in the annotations of the
file. Marks of persons are in `events.tsv` files; what a detector found says `detector` in its
name. EMG cannot show pain: `cramp` means a cramp-like contraction.

No anonymisation is perfect: whoever knows when somebody slept may know the night again.
"""
"""What ``README.md`` of an anonymised folder says."""
