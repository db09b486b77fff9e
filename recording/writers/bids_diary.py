"""The diary of a night in a BIDS dataset: words of the vocabulary, and all of it.

``phenotype/diary.tsv`` (BIDS 1.11, phenotypic and assessment data) has a row for each night
and no free text; the diary itself lies under ``sourcedata/``, which validators pass over.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from ..annotations.diary import Diary, allowed, to_json
from ..annotations.vocabulary import FACTORS, NIGHT_FIELDS, Field
from ..errors import RecordingError
from .beside import write_text_beside

TABLE: Final = Path("phenotype/diary.tsv")
"""The table in a dataset; its columns are described in the JSON file of the same name."""

KEYS: Final = ("participant_id", "session_id")
"""Columns that tell the nights apart."""

CRAMPS: Final = "cramps"
MISSING: Final = "n/a"
BETWEEN: Final = ","
"""What stands between the words where several may be told."""

_MOST_CRAMPS = 100
_FIELDS: Final[Mapping[str, Field]] = {
    CRAMPS: Field(CRAMPS, "", "Cramps remembered in the morning.", "scale", high=_MOST_CRAMPS),
    **{each.name: each for each in (*NIGHT_FIELDS, *FACTORS)},
}


def diary_row(diary: Diary, subject: str, session: str = "") -> dict[str, str]:
    """Return the row of a night: what was told in words of the vocabulary and in numbers.

    Parameters
    ----------
    diary
        Of the morning after.
    subject, session
        Labels without ``sub-`` and ``ses-``; no session is empty.
    """
    told: dict[str, Any] = {**diary.told, **diary.factors}
    if diary.cramps is not None:
        told[CRAMPS] = len(diary.cramps)
    row = {KEYS[0]: f"sub-{subject}", KEYS[1]: f"ses-{session}" if session else MISSING}
    return row | {name: _cell(told.get(name)) for name in _FIELDS}


def clean_cell(name: str, cell: str) -> str:
    """Return a cell of the table as the vocabulary has it, ``n/a`` where it does not."""
    field = _FIELDS.get(name)
    if field is None:
        return MISSING
    try:
        return _cell(allowed(_value(cell, field), field))
    except ValueError:
        return MISSING


def diary_table(rows: Iterable[Mapping[str, str]]) -> str:
    """Return rows as the text of the table, columns that nothing was told for left out.

    Of two rows for one night the later holds.
    """
    nights = {tuple(row.get(key, MISSING) for key in KEYS): row for row in rows}
    ordered = [nights[key] for key in sorted(nights)]
    told = [n for n in _FIELDS if any(row.get(n, MISSING) != MISSING for row in ordered)]
    keys = [
        KEYS[0],
        *(k for k in KEYS[1:] if any(r.get(k, MISSING) != MISSING for r in ordered)),
    ]
    header = [*keys, *told]
    lines = [header, *([row.get(name, MISSING) for name in header] for row in ordered)]
    return "\n".join("\t".join(line) for line in lines) + "\n"


def write_diary_table(target: Path, rows: Iterable[Mapping[str, str]]) -> None:
    """Write the table, and the description of its columns beside it.

    Raises
    ------
    RecordingError
        The folder cannot be written.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    text = diary_table(rows)
    header = text.partition("\n")[0].split("\t")
    write_text_beside(target, text)
    about = json.dumps(_about(header), indent=2, ensure_ascii=False)
    write_text_beside(target.with_suffix(".json"), about + "\n")


def keep_diary(
    root: Path, diary: Diary, home: Path, stem: str, *, into: Path | None = None
) -> None:
    """Write the diary of a night into the folder of a dataset that is being made.

    Parameters
    ----------
    root
        Folder to write into.
    diary
        Of the morning after.
    home
        Folder of the subject, or of the session, in the dataset.
    stem
        Beginning of the names of the files of the night.
    into
        Dataset that the files will be moved into: its table is continued.

    Raises
    ------
    RecordingError
        A file cannot be read or written.
    """
    subject, session = home.parts[0], home.parts[1] if len(home.parts) > 1 else ""
    new = diary_row(diary, subject.removeprefix("sub-"), session.removeprefix("ses-"))
    write_diary_table(root / TABLE, [*(read_diary_table(into / TABLE) if into else ()), new])
    whole = root / "sourcedata" / home / f"{stem}_diary.json"
    whole.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(to_json(diary), indent=2, ensure_ascii=False, allow_nan=False)
    write_text_beside(whole, text + "\n")


def read_diary_table(path: Path) -> list[dict[str, str]]:
    """Return the rows of the table, empty where there is none.

    Raises
    ------
    RecordingError
        It cannot be read.
    """
    try:
        if not path.is_file():
            return []
        lines = path.read_text("utf-8-sig", errors="replace").splitlines()
    except OSError as error:
        raise RecordingError(f"cannot read {path}: {error.strerror or error}") from error
    header = lines[0].split("\t") if lines else []
    return [dict(zip(header, line.split("\t"), strict=False)) for line in lines[1:] if line]


def _about(header: Sequence[str]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "MeasurementToolMetadata": {"Description": "Diary of the morning after (Crampwatch)."}
    }
    for name in header:
        field = _FIELDS.get(name)
        if field is None:
            continue
        entry: dict[str, Any] = {"Description": field.about}
        if field.kind == "choices":
            # a cell may hold several of them, which Levels do not allow
            words = "; ".join(f"{word}: {about}" for word, about in field.values.items())
            entry["Description"] += f" Any of these, with commas between them: {words}"
        elif field.values:
            entry["Levels"] = dict(field.values)
        if field.unit:
            entry["Units"] = field.unit
        found[name] = entry
    return found


def _cell(value: Any) -> str:
    if value is None:
        return MISSING
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return BETWEEN.join(value) or MISSING
    return value if isinstance(value, str) else f"{value:g}"


def _value(cell: str, field: Field) -> Any:
    if field.kind == "yes_no":
        return {"true": True, "false": False}.get(cell)
    if field.kind in ("scale", "number"):
        return float(cell)
    return cell.split(BETWEEN) if field.kind == "choices" else cell
