"""Labelled nights in folders: one folder each, or a BIDS dataset."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from math import isfinite
from pathlib import Path
from typing import Any

from ...recording.errors import CrampwatchError
from ...recording.model import Event, Night
from ...recording.readers.open import open_sensors
from ...recording.readers.together import without_sensor
from .identity import sampled_digest
from .labelled import LabelledNight, Source, unmarked_events
from .truth import check_inside, read_json, read_truth, written_by_score

_JOURNAL = "night.mcap"
_RECORDINGS = (".edf", ".bdf")
_MOST_NIGHTS = 100_000
_BIDS_FOLDERS = ("emg", "eeg")


def is_bids(folder: Path) -> bool:
    """Return whether a folder is a BIDS dataset."""
    if not (folder / "dataset_description.json").is_file():
        return False
    return any(each.is_dir() for each in folder.glob("sub-*"))


def is_night(folder: Path) -> bool:
    """Return whether a folder is one night: marks, or what was simulated, beside a file."""
    if any((folder / name).is_file() for name in ("events.tsv", "simulation.json")):
        return True
    return any(folder.glob("events_*.tsv"))


def night_folders(folder: Path) -> list[Path]:
    """Return the night folders directly in a folder, sorted by name."""
    inner = sorted(each for each in folder.iterdir() if each.is_dir())
    return [each for each in inner[:_MOST_NIGHTS] if is_night(each)]


def night_in_folder(
    folder: Path,
    name: str | None = None,
    *,
    marks: Mapping[str, Path] | None = None,
    person: str | None = None,
    source: Source | None = None,
) -> LabelledNight:
    """Return the night in a folder: a recording, ``events.tsv``, maybe ``simulation.json``.

    Parameters
    ----------
    folder
        Night folder, as ``crampwatch simulate`` writes it.
    name
        Name of the night; by default that of the folder.
    marks
        Files of marks by annotator; by default those in the folder.
    person, source
        As somebody says; by default as the folder does.

    Raises
    ------
    CrampwatchError
        There is no recording, more than one, or there are no marks.
    """
    facts = read_json(folder / "simulation.json")
    chosen = _marks(folder) if marks is None else marks
    recording = _named_recording(folder, facts)
    return labelled(
        recording,
        chosen,
        name=name or folder.resolve().name,
        person=person,
        source=source,
        simulation=facts if facts.get("simulated") is True else None,
    )


def bids_nights(root: Path) -> list[LabelledNight]:
    """Return the nights of a BIDS dataset, sorted by their path.

    Every ``sub-XX[/ses-YY]/emg`` or ``eeg`` folder with an EDF or BDF file that has an
    ``_events.tsv`` of the same name, or several with an ``annotator-`` entity or a
    ``desc-`` one, is a night of that subject.

    Raises
    ------
    CrampwatchError
        No recording has marks.
    """
    nights = []
    bare = 0
    for place, recordings in _of_one_night(_bids_recordings(root)).items():
        recording, stem = recordings[0], place.name
        found = recording.parent.glob(f"{_escaped(stem)}*_events.tsv")
        # the file without a name of an annotator comes first
        marks = dict(sorted((_annotator(file.stem, stem), file) for file in found))
        if not marks:
            bare += 1
            continue
        subject = next(part for part in recording.parent.parts[::-1] if part.startswith("sub-"))
        others = recordings[1:]
        nights.append(labelled(recording, marks, name=stem, person=subject, others=others))
    if not nights:
        raise CrampwatchError(
            f"{root}: no labelled night in this BIDS dataset: {bare} recordings in emg or eeg"
            " folders, none of them with an _events.tsv of the same name"
        )
    return nights


def labelled(
    recording: Path,
    marks: Mapping[str, Path],
    *,
    name: str,
    person: str | None = None,
    simulation: Mapping[str, Any] | None = None,
    source: Source | None = None,
    others: Sequence[Path] = (),
) -> LabelledNight:
    """Return a night of a recording and the files of marks of its annotators.

    `others` are the files of its further sensors.

    Raises
    ------
    CrampwatchError
        The recording or the marks cannot be read, or a mark lies outside the night.
    """
    opinions = {annotator: read_truth(file) for annotator, file in marks.items()}
    files = (recording, *others)
    night = open_sensors(files)
    for opinion in opinions.values():
        check_inside(name, night, opinion)
    first = next(iter(opinions))
    facts = _facts(simulation) if simulation is not None else {}
    if simulation is not None and person is None:
        person = _simulated_person(facts)
    return LabelledNight(
        id=name,
        person=person,
        open=partial(open_sensors, tuple(file.resolve() for file in files)),
        truth=opinions[first],
        source=_source(night, simulation, source),
        group=facts.get("scenario", ""),
        held_out=bool(simulation and simulation.get("held_out")),
        about={**facts, "recording": recording.name, "format": night.format},
        identity=sampled_digest(recording),
        second_opinions=_others(opinions, first),
        unmarked=unmarked_events(_happenings(simulation or {}), opinions[first]),
        annotator=first,
    )


def _others(
    opinions: Mapping[str, tuple[Event, ...]], first: str
) -> dict[str, tuple[Event, ...]]:
    return {name: truth for name, truth in opinions.items() if name != first}


def _source(
    night: Night, simulation: Mapping[str, Any] | None, claimed: Source | None
) -> Source:
    """Return the evidence class; what says that it is simulated is never anything else."""
    said = (*night.notes, *night.devices)
    stem = night.source.name if night.source else ""
    if simulation is not None or any("simulat" in text.lower() for text in (stem, *said)):
        return "simulated"
    return claimed or "real"


def _facts(simulation: Mapping[str, Any]) -> dict[str, str]:
    facts = {}
    for name in ("scenario", "family"):
        if isinstance(simulation.get(name), str):
            facts[name] = simulation[name][:200]
    for name in ("seed", "person", "hours"):
        value = simulation.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            facts[name] = f"{value:g}" if name == "hours" else str(value)
    if simulation.get("carriers"):
        facts["carriers"] = "1"
    return facts


def _happenings(simulation: Mapping[str, Any]) -> list[tuple[str, float, float]]:
    """Return what was put into a simulated night; what is no such entry is passed over."""
    found = simulation.get("happenings")
    return [
        (str(each["name"])[:80], float(each["onset"]), float(each["duration"]))
        for each in (found if isinstance(found, list) else ())
        if isinstance(each, dict)
        and isinstance(each.get("name"), str)
        and all(_is_time(each.get(name)) for name in ("onset", "duration"))
    ]


def _is_time(value: object) -> bool:
    return isinstance(value, int | float) and isfinite(value) and value >= 0


def _simulated_person(facts: Mapping[str, str]) -> str | None:
    family = facts.get("family", "standard")
    if "person" in facts:
        return f"{family}/person-{facts['person']}"
    return f"{family}/seed-{facts['seed']}" if "seed" in facts else None


def _marks(folder: Path) -> dict[str, Path]:
    """Return the files of marks in a night folder, by annotator.

    ``events.tsv`` comes first, then ``events_NAME.tsv`` of further annotators. What the
    detector itself wrote there counts for nothing beside marks of a person.
    """
    found = {}
    for file in sorted(folder.glob("events_*.tsv")):
        found[file.stem.removeprefix("events_")] = file
    first = folder / "events.tsv"
    if first.is_file() and not (found and written_by_score(first)):
        found = {"": first, **found}
    if not found:
        raise CrampwatchError(f"{folder}: no events.tsv, so nothing says what is true there")
    return found


def _named_recording(folder: Path, facts: Mapping[str, Any]) -> Path:
    named = facts.get("recording")
    if isinstance(named, str) and named == Path(named).name:
        if (folder / named).is_file():
            return folder / named
        raise CrampwatchError(f"{folder}: its recording {named} is missing")
    if (folder / _JOURNAL).is_file():
        # all else beside a journal was made from it
        return folder / _JOURNAL
    found = sorted(
        each
        for each in folder.iterdir()
        if each.suffix.lower() in _RECORDINGS and each.is_file()
    )
    if len(found) == 1:
        return found[0]
    if not found:
        raise CrampwatchError(f"{folder}: no EDF, BDF or night.mcap beside its marks")
    names = ", ".join(each.name for each in found[:4])
    raise CrampwatchError(
        f"{folder}: several recordings ({names}) for one events.tsv; one folder per night"
    )


def _bids_recordings(root: Path) -> Iterator[Path]:
    for subject in sorted(root.glob("sub-*")):
        for kind in _BIDS_FOLDERS:
            for pattern in (f"{kind}/*_{kind}.*", f"ses-*/{kind}/*_{kind}.*"):
                for file in sorted(subject.glob(pattern)):
                    if file.suffix.lower() in _RECORDINGS:
                        yield file


def _of_one_night(recordings: Iterator[Path]) -> dict[Path, list[Path]]:
    """Return the files by their night; sensors with marks of their own stay apart."""
    found: dict[Path, list[Path]] = {}
    for recording in recordings:
        stem = recording.stem.rsplit("_", 1)[0]
        own = recording.with_name(f"{stem}_events.tsv").is_file()
        night = stem if own else without_sensor(stem)
        found.setdefault(recording.parent / night, []).append(recording)
    return found


def _annotator(events_stem: str, stem: str) -> str:
    rest = events_stem.removeprefix(stem).removesuffix("_events").strip("_")
    return re.sub(r"^(?:annotator|desc|acq)-", "", rest)


def _escaped(stem: str) -> str:
    return re.sub(r"([\[\]*?])", r"[\1]", stem)
