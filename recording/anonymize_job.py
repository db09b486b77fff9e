"""One run of anonymising: what became of each file, and what must not be found again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import chain
from pathlib import Path

from .annotations.columns import LEVELS
from .anonymize_edf import NO_SENSOR, TECHNICAL, clean_edf, same_samples
from .anonymize_files import is_journal, paths_in, texts_in
from .anonymize_journal import clean_journal, same_journal_samples
from .anonymize_names import Names, is_bids_name, sensor_label
from .anonymize_tables import (
    OWN_WORDS,
    clean_channels,
    clean_diaries,
    clean_events,
    clean_participants,
    clean_sidecar,
    read_object,
    read_table,
    shifted_time,
)
from .anonymize_words import words_of
from .errors import RecordingError
from .journal.night import night_of
from .readers.together import named, sensor_of, without_sensor
from .writers.beside import write_beside, write_text_beside
from .writers.bids import BIDS_VERSION, MUSCLES
from .writers.bids_diary import TABLE, write_diary_table

JOURNAL = "night.mcap"

_OWN = ("*events.json", "*description.json", "phenotype/diary.*")


@dataclass(slots=True)
class Job:
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
    models: Mapping[str, str] = field(default_factory=dict)
    nights: dict[tuple[Path, str], int] = field(default_factory=dict)
    words: set[str] = field(default_factory=set)

    def recording(self, file: Path) -> None:
        """Copy one recording."""
        target = self._place(file) if self.bids else self._numbered(file)
        target.parent.mkdir(parents=True, exist_ok=True)
        if is_journal(file):
            self._journal(file, target)
        else:
            with write_beside(target) as handle:
                cleaned = clean_edf(file, handle, self.shift)
            self.labels[file] = cleaned.labels
            self.secrets.update(cleaned.removed)
        self.copies[file] = target
        if not self.bids:
            self.secrets.add(without_sensor(file.stem))
        self.used.append(file)

    def marks(self, files: Iterable[Path]) -> None:
        """Copy the marks beside the recordings of plain folders."""
        for file in files:
            if not re.search(r"(?:^|_)events[^/]*\.tsv$", file.name):
                continue
            near = [each for each in self.copies if each.parent == file.parent]
            if not near:
                continue
            found = "desc-detector" in file.name or _is_scored(file.parent)
            name = "desc-detector_events.tsv" if found else "events.tsv"
            target = self.copies[near[0]].parent / name
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
            same = same_journal_samples if is_journal(source) else same_samples
            if not same(source, target):
                raise RecordingError(f"{source.name}: its samples changed; nothing was written")
        words = words_of(self.secrets) - words_of(self._own_words())
        for path in paths_in(self.part):
            file = self.part / path
            inside = texts_in(file)
            found = next(
                (hit for text in chain([path], inside) if (hit := words & words_of([text]))),
                None,
            )
            if found:
                raise RecordingError(
                    f"{path} would still hold {min(found)!r}; nothing was written"
                )

    def _numbered(self, file: Path) -> Path:
        """Return where a recording of a plain folder goes: files of one night keep together."""
        night = file.parent, without_sensor(file.stem)
        number = self.nights.setdefault(night, len(self.nights) + 1)
        stem = f"night-{number:02}"
        deep = len(file.relative_to(self.root).parts) > 1
        home = self.part / stem if deep else self.part
        if is_journal(file):
            return home / JOURNAL
        sensor = sensor_of(file.stem)
        if sensor:
            stem = named(stem, sensor_label(sensor) or f"sensor-{len(self.copies) + 1}")
        return home / f"{stem}{file.suffix.lower()}"

    def _journal(self, file: Path, target: Path) -> None:
        cleaned = clean_journal(file, target, self.shift, self.models)
        self.secrets.update(cleaned.removed)
        self.words.update(cleaned.words)
        pairs = zip(night_of(file).streams, night_of(target).streams, strict=True)
        self.labels[file] = {old.label: new.label for old, new in pairs}

    def _own_words(self) -> Iterable[str]:
        """Yield what this program itself writes: no name is recognised by it."""
        yield from self.words
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


def _is_scored(folder: Path) -> bool:
    """Return whether the events beside a recording are what this program found in it."""
    made = folder / "provenance.json"
    return made.is_file() and read_object(made).get("program") == "crampwatch"


README = """# Anonymised nights

Made by Crampwatch. Patient, recording and device fields, serial numbers, names, free text and
true dates are gone; clock times and the days between nights were kept. Samples are unchanged.

In EDF files a stretch without samples holds the last value and is marked `BAD_gap` in the
annotations; a journal (`night.mcap`) has no samples there. Marks of persons are in `events.tsv`
files; what a detector found says `detector` in its name. EMG cannot show pain: `cramp` means a
cramp-like contraction.

No anonymisation is perfect: whoever knows when somebody slept may know the night again.
"""
"""What ``README.md`` of an anonymised folder says."""
