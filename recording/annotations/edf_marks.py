"""EDF+ files of annotations: beside the signals, or a file that holds nothing else.

EDF+ specification: Kemp & Olivan, Clin Neurophysiol 2003;114:1755-1761 (edfplus.info).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import numpy as np

from ..errors import RecordingError
from ..model import Event
from ..writers.beside import write_beside
from .edf_text import to_text
from .marks import Annotations
from .names import UNSCORED, event_name, side_of

_RECORD_BYTES: Final = 60_000
_LONGEST_TAL: Final = 4_000
_MONTHS: Final = (
    *("JAN", "FEB", "MAR", "APR", "MAY", "JUN"),
    *("JUL", "AUG", "SEP", "OCT", "NOV", "DEC"),
)


def read_edf_annotations(path: str | Path) -> Annotations:
    """Read the annotations of an EDF+ or BDF+ file, with its clock as the start.

    Raises
    ------
    RecordingError
        If the file is no EDF, or holds no annotation signal.
    """
    from ..readers.edf import read_header
    from ..readers.edf_annotations import MAX_RECORDS, read_tals

    place = Path(path)
    try:
        header = read_header(place)
        marks = [each for each in header.signals if each.is_annotations and each.samples]
        count = (place.stat().st_size - header.size) // max(header.record_bytes, 1)
        if not marks or not 0 < count <= MAX_RECORDS:
            raise RecordingError(f"{path}: holds no annotations; name the annotation file")
        shape = (count, header.record_bytes)
        data = np.memmap(place, np.uint8, "r", header.size, shape).view(np.ndarray)
    except OSError as error:
        raise RecordingError(f"cannot read {path}: {error.strerror or error}") from error
    blocks = (
        [data[:, signal.first_byte : signal.first_byte + signal.samples * header.width]]
        for signal in marks
    )
    tals = read_tals(blocks, count)
    begin = float(tals.onsets[0]) if np.isfinite(tals.onsets[0]) else 0.0
    events = (_named(replace(event, onset=event.onset - begin)) for event in tals.events)
    start = None if header.start is None else header.start + timedelta(seconds=begin)
    notes = (*header.notes, *tals.notes)
    return Annotations(tuple(events), header.kind, start, notes=notes)


def write_edf_annotations(
    path: str | Path, events: Iterable[Event], start: datetime | None = None
) -> None:
    """Write events as an EDF+ file that holds annotations only.

    Parameters
    ----------
    path
        File to write; it appears whole or not at all.
    events
        In seconds from `start`, in any order.
    start
        Clock time of the recording; 1 January 1985 where it is unknown, as EDF+ asks.

    Raises
    ------
    RecordingError
        If the file cannot be written, or the year does not fit the format (1985-2084).
    """
    moment = datetime(1985, 1, 1) if start is None else start  # noqa: DTZ001 - EDF has no zone
    if not 1985 <= moment.year <= 2084:
        raise RecordingError(f"{path}: the year {moment.year} does not fit EDF (1985-2084)")
    records = list(_records(sorted(events, key=lambda e: e.onset), moment.microsecond / 1e6))
    with write_beside(path) as file:
        file.write(_header(moment, len(records), known=start is not None))
        for record in records:
            file.write(record.ljust(_RECORD_BYTES, b"\0"))


def _named(event: Event) -> Event:
    """Give a marker its house name where its text is a known one."""
    text = str(event.extra.get("text", ""))
    if event.trial_type != "marker" or not text:
        return event
    if text.lower().startswith(("sleep stage", "movement time")):
        return replace(event, trial_type=UNSCORED)
    found = event_name(text)
    if found is None:
        return event
    return replace(event, trial_type=found, side=event.side or side_of(text))


def _records(events: Iterable[Event], fraction: float) -> Iterator[bytes]:
    clock = f"+{fraction:.6f}".rstrip("0").rstrip(".").encode() + b"\x14\x14\0"
    record = clock
    for event in events:
        tal = _tal(event, fraction)
        if len(record) + len(tal) > _RECORD_BYTES:
            yield record
            record = clock
        record += tal
    yield record


def _tal(event: Event, fraction: float) -> bytes:
    onset = f"{event.onset + fraction:+.6f}".rstrip("0").rstrip(".")
    duration = f"{event.duration:.6f}".rstrip("0").rstrip(".")
    known = event.trial_type == UNSCORED
    text = ("Sleep stage ?" if known else to_text(event)).encode()[:_LONGEST_TAL]
    return onset.encode() + b"\x15" + duration.encode() + b"\x14" + text + b"\x14\0"


def _header(start: datetime, records: int, *, known: bool) -> bytes:
    day = f"{start:%d}-{_MONTHS[start.month - 1]}-{start:%Y}" if known else "X"
    fields = (
        ("0", 8),
        ("X X X X", 80),
        (f"Startdate {day} X X X", 80),
        (f"{start:%d.%m.%y}", 8),
        (f"{start:%H.%M.%S}", 8),
        ("512", 8),
        ("EDF+C", 44),
        (str(records), 8),
        ("0", 8),
        ("1", 4),
        ("EDF Annotations", 16),
        ("", 80),
        ("", 8),
        ("-1", 8),
        ("1", 8),
        ("-32768", 8),
        ("32767", 8),
        ("", 80),
        (str(_RECORD_BYTES // 2), 8),
        ("", 32),
    )
    return b"".join(text.encode("ascii").ljust(length) for text, length in fields)
