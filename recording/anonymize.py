"""A recording without what tells whose it is, verified by reading it again.

Kept are samples, clock times, marks that this program knows, and the distance in days
between the nights. Removed are patient and recording fields, devices and serial numbers,
true dates, names of files and subjects, and all free text. What is not understood is left
out and named: nothing passes because nobody thought of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from .anonymize_files import files_in, is_recording, paths_in, start_of
from .anonymize_job import README, Job
from .anonymize_names import is_bids_name
from .errors import RecordingError
from .writers.beside import write_folder, write_text_beside

FIRST_DAY = date(1985, 1, 2)
"""The earliest night is moved to this day: nobody takes it for a true one."""

_REPLACED = frozenset(
    f"{home}{name}"
    for home in ("", "derivatives/crampwatch/")
    for name in ("README.md", "README", "dataset_description.json")
)


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
    models: Mapping[str, str] | None = None,
    progress: Callable[[float], None] = lambda _: None,
) -> Anonymized:
    """Write an anonymised copy of a recording, a folder of recordings, or a BIDS dataset.

    Parameters
    ----------
    source
        Journal, EDF or BDF file, or a folder that holds some: of a night, of several, or a
        BIDS dataset.
    out
        Folder to write; it must be empty or not exist. All appears, or nothing.
    shift_days
        Days to move all dates by; by default the earliest night comes to 2 January 1985.
    diary
        Whether what sleepers told in words of the vocabulary and in numbers stays in a
        dataset.
    models
        Title by name of the drivers that a journal may go on naming; none by default.
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
                source,
                part,
                shift_days=shift_days,
                diary=diary,
                models=models,
                progress=progress,
            )
    except OSError as error:
        raise RecordingError(f"cannot read {source}: {error.strerror or error}") from error


def anonymize_into(
    source: Path,
    part: Path,
    *,
    shift_days: int | None = None,
    diary: bool = False,
    models: Mapping[str, str] | None = None,
    progress: Callable[[float], None] = lambda _: None,
) -> Anonymized:
    """Write the copy into an empty folder that its caller will show or throw away."""
    files = files_in(source)
    bids = (source / "dataset_description.json").is_file()
    recordings = [
        file
        for file in files
        if (not bids or is_bids_name(file.relative_to(source))) and is_recording(file)
    ]
    if not recordings:
        raise RecordingError(
            f"{source}: no journal, EDF or BDF file in it; export the night first (crampwatch"
            " export)"
        )
    days = _shift(recordings) if shift_days is None else shift_days
    root = source if source.is_dir() else source.parent
    job = Job(root, part, timedelta(days=days), bids=bids, models=models or {})
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
    made = tuple(sorted(paths_in(part)))
    done = {file.relative_to(job.root).as_posix() for file in job.used}
    rest = {file.relative_to(job.root).as_posix() for file in files}
    return Anonymized(made, tuple(sorted(rest - done - _REPLACED)), days)


def _shift(recordings: Iterable[Path]) -> int:
    known = [start.date() for start in map(start_of, recordings) if start is not None]
    return (FIRST_DAY - min(known)).days if known else 0
