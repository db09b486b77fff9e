"""Tables as Parquet files that stand by themselves: rows, nights and cramps in one."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...recording.errors import CrampwatchError
from ...recording.writers.beside import write_beside
from ..artefact.model import catalogue_digest
from .table import CrampFacts, NightFacts, Rows, TrainingTable

FORMAT = "crampwatch-feature-table"
VERSION = 1
_KEY = b"crampwatch"
_MOST_BYTES = 1 << 32
_MOST_ROWS = 50_000_000
_FACTS = ("person", "source", "group", "family")
_TEXTS = ("side", "muscle", "channel", "left_out", "mimic")
_NUMBERS = ("onset_s", "duration_s", "cut_s", "cramp")


def write_table(table: TrainingTable, path: str | PathLike[str]) -> None:
    """Write a table as one Parquet file; the same table gives the same bytes.

    Each row repeats its night's name, person, source, scenario and family, so that the file
    is of use by itself; nights and true cramps are JSON in its metadata.

    Raises
    ------
    RecordingError
        The file cannot be written.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = table.rows
    columns: dict[str, Any] = {
        "night": _repeated(pa, [night.id for night in table.nights], rows.night)
    }
    for name in _FACTS:
        columns[name] = _repeated(pa, [getattr(n, name) for n in table.nights], rows.night)
    for name in _TEXTS:
        columns[name] = pa.array(list(getattr(rows, name)), pa.string()).dictionary_encode()
    for name in _NUMBERS:
        values = getattr(rows, name)
        missing = np.isnan(values) if values.dtype.kind == "f" else None
        columns[name] = pa.array(values, mask=missing)
    columns["label"] = pa.array(rows.label, mask=rows.label < 0)
    for column, name in enumerate(table.features):
        columns[name] = pa.array(np.ascontiguousarray(rows.values[:, column]))
    facts = {
        "format": FORMAT,
        "version": VERSION,
        "catalogue": table.catalogue,
        "features": list(table.features),
        "settings": table.settings,
        "nights": [asdict(night) for night in table.nights],
        "cramps": [asdict(cramp) for cramp in table.cramps],
        "number_of_night": [int(n) for n in _runs(rows.night)],
    }
    made = pa.table(columns).replace_schema_metadata({_KEY: json.dumps(facts)})
    with write_beside(path) as file:
        pq.write_table(made, file, compression="zstd", compression_level=9)


def is_table(path: Path) -> bool:
    """Return whether a file begins like Parquet."""
    try:
        with path.open("rb") as file:
            return file.read(4) == b"PAR1"
    except OSError:
        return False


def read_table(path: str | PathLike[str]) -> TrainingTable:
    """Read a table that `write_table` wrote.

    Raises
    ------
    CrampwatchError
        The file cannot be read, is none, is damaged, or holds other features than this
        version computes.
    """
    place = Path(path)
    name = place.name
    try:
        facts, columns = _read(place)
        return _table(facts, columns)
    except CrampwatchError:
        raise
    except OSError as error:
        reason = error.strerror or "not a Parquet file, or a damaged one"
        raise CrampwatchError(f"cannot read {place}: {reason}") from error
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise CrampwatchError(
            f"{name}: no feature table of this program, or a damaged one"
        ) from error


def _read(place: Path) -> tuple[dict[str, Any], Any]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    if place.stat().st_size > _MOST_BYTES:
        raise CrampwatchError(f"{place.name}: larger than {_MOST_BYTES >> 30} GB")
    try:
        file = pq.ParquetFile(place)
        if file.metadata.num_rows > _MOST_ROWS:
            raise CrampwatchError(f"{place.name}: {file.metadata.num_rows} rows are too many")
        facts = json.loads((file.schema_arrow.metadata or {})[_KEY])
        if facts["format"] != FORMAT:
            raise ValueError("another table")
        if facts["version"] != VERSION or facts["catalogue"] != catalogue_digest():
            raise CrampwatchError(
                f"{place.name}: a table of other features than this version computes; make it"
                " again from its nights with `crampwatch train NIGHTS --table TABLE.parquet`"
            )
        return facts, file.read()
    except pa.ArrowException as error:
        raise ValueError("damaged") from error


def _table(facts: dict[str, Any], columns: Any) -> TrainingTable:
    features = tuple(str(name) for name in facts["features"])
    nights = tuple(NightFacts(**night) for night in facts["nights"])
    cramps = tuple(CrampFacts(**cramp) for cramp in facts["cramps"])
    count = columns.num_rows
    values = np.empty((count, len(features)), np.float32)
    for column, name in enumerate(features):
        values[:, column] = _numbers(columns, name, np.float32)
    night = np.repeat(
        np.arange(len(nights), dtype=np.int32), np.asarray(facts["number_of_night"], np.int64)
    )
    rows = Rows(
        night=night,
        onset_s=_numbers(columns, "onset_s", np.float64),
        duration_s=_numbers(columns, "duration_s", np.float64),
        cut_s=_numbers(columns, "cut_s", np.float64),
        label=_numbers(columns, "label", np.int8, missing=-1),
        cramp=_numbers(columns, "cramp", np.int32),
        values=values,
        **{name: np.array(columns[name].to_pylist(), dtype=object) for name in _TEXTS},
    )
    if any(len(getattr(rows, f.name)) != count for f in fields(rows)):
        raise ValueError("columns of different lengths")
    if any(not 0 <= c.night < len(nights) for c in cramps):
        raise ValueError("a cramp of no night")
    if count and (
        rows.cramp.max() >= len(cramps) or not set(np.unique(rows.label)) <= {-1, 0, 1}
    ):
        raise ValueError("labels")
    return TrainingTable(
        features, str(facts["catalogue"]), facts["settings"], nights, cramps, rows
    )


def _numbers(columns: Any, name: str, dtype: Any, *, missing: Any = np.nan) -> NDArray[Any]:
    column = columns[name]
    if column.null_count:
        column = column.fill_null(missing)
    return np.asarray(column.to_numpy(), dtype)


def _repeated(pa: Any, texts: list[str], night: NDArray[np.int32]) -> Any:
    # a dictionary that holds a text twice is written in an order that changes
    return pa.array(texts, pa.string()).dictionary_encode().take(pa.array(night))


def _runs(night: NDArray[np.int32]) -> NDArray[np.int64]:
    return np.bincount(night, minlength=int(night.max(initial=-1)) + 1).astype(np.int64)
