"""A list of nights: a table that names them, with their persons and their annotators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

from ...recording.errors import CrampwatchError
from .labelled import LabelledNight, Opener, Source
from .places import is_night, labelled, night_in_folder
from .truth import check_inside, read_truth

SIMULATED = ("sim:", "sim2:")
"""Beginnings of entries that are simulated when they are read, by either simulator."""

COLUMNS = ("night", "person", "truth", "annotator", "source", "everyday")
_SOURCES = ("simulated", "proxy", "real")
_EVERYDAY = {"": None, "yes": True, "no": False}
_MOST_BYTES = 1 << 26


def nights_in_list(file: Path, opener: Opener | None = None) -> list[LabelledNight]:
    """Return the nights that a tab-separated list names.

    Its first line names the columns: ``night`` (a recording, a night folder, ``sim:`` and a
    scenario, or ``sim2:`` and a kind; relative to the list) and maybe ``person``, ``truth``
    (file of marks; by default ``events.tsv`` beside it), ``annotator`` and ``source``
    (``proxy`` or ``real``), and ``everyday`` (``no`` for a night that was made harder than
    nights are: it teaches, and sets no threshold).
    Rows of one night with different annotators become one night with several opinions.

    Parameters
    ----------
    file
        The list.
    opener
        Makes a night of a ``sim:`` or ``sim2:`` entry.

    Raises
    ------
    CrampwatchError
        Naming the line: a column or a file is missing, an annotator comes twice.
    """
    nights: dict[str, LabelledNight] = {}
    persons: dict[str, str] = {}
    for number, row in _rows(file):
        where = f"{file.name}, line {number}"
        entry = row["night"]
        key = entry if entry.startswith(SIMULATED) else str((file.parent / entry).resolve())
        known = nights.get(key)
        person, annotator = row.get("person", ""), row.get("annotator", "")
        if known is None:
            night = _first(file, row, where, opener)
            everyday = _EVERYDAY[row.get("everyday", "")]
            if everyday is not None:
                night = replace(night, everyday=everyday)
            nights[key] = night
            persons[key] = person
            continue
        if person and persons[key] and person != persons[key]:
            raise CrampwatchError(
                f"{where}: {entry} belongs to {persons[key]!r} above and to {person!r} here"
            )
        if annotator in (known.annotator, *known.second_opinions):
            who = f"annotator {annotator!r}" if annotator else "no other annotator"
            raise CrampwatchError(f"{where}: {entry} comes twice, with {who}")
        nights[key] = _second(known, _marks(file, row, where), annotator, where)
    if not nights:
        raise CrampwatchError(f"{file}: the list names no night")
    return list(nights.values())


def _first(
    file: Path, row: Mapping[str, str], where: str, opener: Opener | None
) -> LabelledNight:
    entry, person = row["night"], row.get("person") or None
    if entry.startswith(SIMULATED):
        if opener is None:
            raise CrampwatchError(f"{where}: simulated nights cannot be read here: {entry}")
        if row.get("truth"):
            raise CrampwatchError(f"{where}: a simulated night brings its own truth")
        night = opener(entry)
        return night if person is None else replace(night, person=person)
    path = file.parent / entry
    if not path.exists():
        raise CrampwatchError(f"{where}: no such file: {path}")
    said = row.get("source") or None
    claimed = cast("Source | None", None if said == "simulated" else said)
    if path.is_dir():
        own = is_night(path) and not row.get("truth")
        marks = None if own else {row.get("annotator", ""): _marks(file, row, where)}
        night = night_in_folder(path, entry, marks=marks, person=person, source=claimed)
        night = replace(night, annotator=row.get("annotator") or night.annotator)
    else:
        marks = {row.get("annotator", ""): _marks(file, row, where)}
        night = labelled(path, marks, name=entry, person=person, source=claimed)
    return replace(night, source="simulated") if said == "simulated" else night


def _second(night: LabelledNight, marks: Path, annotator: str, where: str) -> LabelledNight:
    truth = read_truth(marks)
    check_inside(where, night.open(), truth)
    return replace(night, second_opinions={**night.second_opinions, annotator: truth})


def _marks(file: Path, row: Mapping[str, str], where: str) -> Path:
    if row.get("truth"):
        marks = file.parent / row["truth"]
        if not marks.is_file():
            raise CrampwatchError(f"{where}: no such file: {marks}")
        return marks
    night = file.parent / row["night"]
    places = [night / "events.tsv"] if night.is_dir() else _beside(night)
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        raise CrampwatchError(
            f"{where}: no marks for {row['night']}; name them in a column truth"
        )
    return found


def _beside(recording: Path) -> list[Path]:
    stem = recording.stem
    return [
        recording.with_name(f"{stem}_events.tsv"),
        recording.with_name(f"{stem.rsplit('_', 1)[0]}_events.tsv"),
        recording.with_name("events.tsv"),
    ]


def _rows(file: Path) -> list[tuple[int, dict[str, str]]]:
    lines = _lines(file)
    header = [cell.strip() for cell in lines[0].split("\t")]
    if "night" not in header:
        raise CrampwatchError(
            f"{file}: no list of nights; its first line names tab-separated columns, night and"
            f" maybe {', '.join(COLUMNS[1:])}"
        )
    foreign = [name for name in header if name not in COLUMNS]
    if foreign or len(set(header)) != len(header):
        raise CrampwatchError(
            f"{file}: column {(foreign or header)[0]!r} is unknown or comes twice; a list has"
            f" {', '.join(COLUMNS)}"
        )
    rows = []
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip() or line.startswith("#"):
            continue
        row = _row(header, line, f"{file.name}, line {number}")
        rows.append((number, row))
    return rows


def _row(header: Sequence[str], line: str, where: str) -> dict[str, str]:
    cells = [cell.strip() for cell in line.split("\t")]
    if len(cells) > len(header):
        raise CrampwatchError(f"{where}: {len(cells)} cells for {len(header)} columns")
    row = {
        name: "" if cell.lower() == "n/a" else cell
        for name, cell in zip(header, cells, strict=False)
    }
    if not row.get("night") or "\0" in line:
        raise CrampwatchError(f"{where}: no night is named")
    if row.get("source") and row["source"] not in _SOURCES:
        raise CrampwatchError(
            f"{where}: source {row['source']!r} is none of {', '.join(_SOURCES)}"
        )
    if row.get("everyday", "") not in _EVERYDAY:
        raise CrampwatchError(f"{where}: everyday is {row['everyday']!r}, not yes or no")
    return row


def _lines(file: Path) -> list[str]:
    try:
        with file.open("rb") as handle:
            data = handle.read(_MOST_BYTES + 1)
        text = data.decode("utf-8-sig")
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise CrampwatchError(f"cannot read {file}: {reason}") from error
    except UnicodeDecodeError as error:
        raise CrampwatchError(f"{file}: no list of nights: not UTF-8 text") from error
    if len(data) > _MOST_BYTES:
        raise CrampwatchError(f"{file}: more than {_MOST_BYTES >> 20} MB; no list of nights")
    lines = text.splitlines()
    if not lines:
        raise CrampwatchError(f"{file}: the file is empty; its first line names the columns")
    return lines
