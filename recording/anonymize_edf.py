"""An EDF or BDF file without what tells whose it is; not one sample changes.

Header fields: Kemp et al. 1992 (EDF), Kemp & Olivan 2003 (EDF+, edfplus.info).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from .annotations.edf_text import from_text
from .errors import RecordingError
from .labels import guess
from .model import Kind
from .readers.edf import read_header
from .readers.edf_header import NOT_CALIBRATED, EdfHeader, SignalHeader
from .units import COUNTS, scale_of

NO_SENSOR = "SIMULATED: no sensor"
"""What the transducer field of a simulated signal says."""

_FIXED = 256
_AT_ONCE_BYTES = 1 << 22
_LARGEST_RECORD = 1 << 26
_MOST_TEXTS = 100_000
_TAL = re.compile(
    rb"([+-]\d{1,12}(?:\.\d{0,24})?(?:\x15\d{1,12}(?:\.\d{0,24})?)?\x14)(.*)\x14", re.DOTALL
)
_FILTER = re.compile(
    r"(?:(?:HP|LP|N|BP|Notch)\s*:?\s*[\d.]+(?:\s*-\s*[\d.]+)?\s*(?:k?Hz|s)?[\s,;]*)+",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"[+-]?\d*[.,]?\d*(?:[eE][+-]?\d+)?")
_UNITS = frozenset(("%", "bpm", "mbar", "degC", "degF", "Hz", "lux", "deg", "s", "ms"))
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN",
           "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")  # fmt: skip
_KNOWN = """eeg eog ecg ekg emg chin loc roc spo sao flow airflow thorax abdomen abdo chest
    snore position pleth pulse hr resp nasal pressure therm light battery temp status trigger
    sum left right l r x y z a m c f o fp cz fz pz oz ref e leg legs acc gyro ta gm gl gas sol
    pl vl vm rf bf st quad ham edb ah tib tibialis anterior ant gastroc gastrocnemius med medial
    medialis lat lateral lateralis soleus calf shank shin thigh ankle foot knee rat plm lm lleg
    rleg accel accelerometer gyroscope channel ch exg uv mv signal"""
TECHNICAL = frozenset(_KNOWN.split())
"""Words that name signals, and nobody."""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What became of a file.

    Attributes
    ----------
    labels
        New label of each signal by its old one.
    removed
        Texts that were in the file and are in it no more.
    start
        New start, None where the file had none.
    """

    labels: dict[str, str]
    removed: tuple[str, ...]
    start: datetime | None


def clean_edf(source: Path, target: BinaryIO, shift: timedelta) -> Cleaned:
    """Write a copy without patient, recording, device, free text and true date.

    Kept are samples, scales, labels that name a signal, filters, and annotations that this
    program knows; of any other annotation only that there was a mark.

    Parameters
    ----------
    source
        EDF or BDF file.
    target
        File to write.
    shift
        Whole days that the start is moved by; the clock time stays.

    Raises
    ------
    RecordingError
        The file is not EDF, or the new date does not fit it (1985 to 2084).
    """
    header = read_header(source)
    count = _whole_records(source, header)
    start = _shifted(header.start, shift, source.name)
    with source.open("rb") as file:
        head = file.read(header.size)
        labels = _labels(header.signals)
        target.write(_header(head, header, labels, start, count))
        removed = [*_personal(head), *_signal_texts(head, header, labels)]
        removed += _dates(header.start) if shift else []
        texts: dict[str, None] = {}
        for block in _blocks(file, header, count):
            for octets in _annotation_bytes(block, header):
                octets[:] = _clean_tals(bytes(octets), labels, texts)
            target.write(block)
    return Cleaned(labels, tuple(dict.fromkeys([*removed, *texts])), start)


def same_samples(one: Path, other: Path) -> bool:
    """Return whether two files hold the same samples, annotations apart."""
    first, second = read_header(one), read_header(other)
    count = _whole_records(one, first)
    if (first.record_bytes, count) != (second.record_bytes, _whole_records(other, second)):
        return False
    with one.open("rb") as left, other.open("rb") as right:
        left.seek(first.size)
        right.seek(second.size)
        pairs = zip(_blocks(left, first, count), _blocks(right, second, count), strict=True)
        for ours, theirs in pairs:
            for block in (ours, theirs):
                for octets in _annotation_bytes(block, first):
                    octets[:] = bytes(len(octets))
            if ours != theirs:
                return False
    return True


def texts_of(path: Path) -> Iterator[str]:
    """Yield all that is text in a file, in pieces: its header and its annotations."""
    header = read_header(path)
    with path.open("rb") as file:
        yield file.read(header.size).decode("latin-1")
        for block in _blocks(file, header, _whole_records(path, header)):
            for octets in _annotation_bytes(block, header):
                yield bytes(octets).replace(b"\0", b" ").decode("utf-8", "replace")


def _whole_records(path: Path, header: EdfHeader) -> int:
    if not 0 < header.record_bytes <= _LARGEST_RECORD:
        raise RecordingError(
            f"{path.name}: its records take {header.record_bytes} bytes; a record of EDF holds "
            f"1 to {_LARGEST_RECORD}"
        )
    there = max(0, path.stat().st_size - header.size) // header.record_bytes
    declared = header.declared_records
    return there if declared <= 0 else min(there, declared)


def _blocks(file: BinaryIO, header: EdfHeader, count: int) -> Iterator[bytearray]:
    at_once = max(1, _AT_ONCE_BYTES // header.record_bytes)
    for first in range(0, count, at_once):
        records = min(at_once, count - first)
        block = bytearray(file.read(records * header.record_bytes))
        if len(block) < records * header.record_bytes:
            raise RecordingError("the file became shorter while it was read")
        yield block


def _annotation_bytes(block: bytearray, header: EdfHeader) -> Iterator[memoryview]:
    view = memoryview(block)
    for signal in header.signals:
        if signal.is_annotations:
            size = signal.samples * header.width
            for first in range(0, len(block), header.record_bytes):
                begin = first + signal.first_byte
                yield view[begin : begin + size]


def _clean_tals(octets: bytes, labels: dict[str, str], removed: dict[str, None]) -> bytes:
    out = bytearray()
    for tal in octets.split(b"\0"):
        found = _TAL.fullmatch(tal)
        if found is None:
            if tal.strip() and len(removed) < _MOST_TEXTS:
                removed[tal.decode("utf-8", "replace")] = None
            continue
        texts = [_clean_text(text, labels, removed) for text in found[2].split(b"\x14")]
        out += found[1] + b"\x14".join(texts) + b"\x14\0"
    return bytes(out).ljust(len(octets), b"\0")[: len(octets)]


def _clean_text(text: bytes, labels: dict[str, str], removed: dict[str, None]) -> bytes:
    """Return a text that is known, or a mark without text; never longer than it was."""
    words = text.decode("utf-8", "replace")
    if not words.strip():
        return b""
    body, at, channel = words.partition("@@")
    if from_text(0.0, 0.0, body).trial_type == "marker" and body.strip() != "marker":
        if len(removed) < _MOST_TEXTS:
            removed[words] = None
        return b"marker" if len(text) >= len("marker") else b"x"
    if not at:
        return text
    if labels.get(channel.strip()) == channel.strip():
        return text
    removed[channel] = None
    return body.encode()


def _labels(signals: tuple[SignalHeader, ...]) -> dict[str, str]:
    """Return the new labels by the old: those that name a signal and nothing else stay."""
    found: dict[str, str] = {}
    for number, signal in enumerate(signals, 1):
        label = signal.label
        if label in found:
            continue
        if not (signal.is_annotations or is_technical(label)):
            said = guess(label)
            label = said.canonical[:16] if said.kind != "other" else f"signal {number}"
            if label in found.values():
                label = f"{label[:12]} {number}"
        found[signal.label] = label
    return found


def is_technical(label: str) -> bool:
    """Return whether a label names a signal and nothing else.

    All its words must be known: ``EMG L GM`` is kept, ``EMG Smith`` is not.
    """
    words = re.findall(r"[^\W\d_]+|\d+", label.casefold())
    return bool(words) and all(
        word in TECHNICAL or (word.isdigit() and len(word) <= 2) for word in words
    )


def _dates(start: datetime | None) -> list[str]:
    if start is None:
        return []
    month = _MONTHS[start.month - 1]
    return [f"{start:%d.%m.%y}", f"{start:%d}-{month}-{start:%Y}", f"{start:%Y-%m-%d}"]


def _personal(head: bytes) -> list[str]:
    recording = head[88:168].decode("latin-1")
    reserved = head[192:236].decode("latin-1")
    after = re.sub(r"^Startdate\s+\S+", "", recording)
    return [head[8:88].decode("latin-1"), after, re.sub(r"^[BE]DF\+[CD]|24BIT", "", reserved)]


_WIDTHS = (16, 80, 8, 8, 8, 8, 8, 80, 8, 32)


def _columns(head: bytes, count: int) -> list[list[str]]:
    columns, place = [], _FIXED
    for width in _WIDTHS:
        fields = [head[place + i * width : place + (i + 1) * width] for i in range(count)]
        columns.append([field.decode("latin-1").strip() for field in fields])
        place += width * count
    return columns


def _signal_texts(head: bytes, header: EdfHeader, labels: dict[str, str]) -> list[str]:
    columns = _columns(head, len(header.signals))
    texts = [old for old, new in labels.items() if old != new]
    texts += [text for text in columns[1] if text != _transducer(text)]
    texts += [text for text in columns[7] if text != _prefilter(text)]
    return texts + columns[9]


def _header(
    head: bytes,
    header: EdfHeader,
    labels: dict[str, str],
    start: datetime | None,
    count: int,
) -> bytes:
    simulated = b"simulat" in head[8:168].lower()
    patient = "SIMULATED X X Nobody" if simulated else "X X X X"
    device = "SIMULATED X SIMULATED" if simulated else "X X X"
    day = f"{start.day:02}-{_MONTHS[start.month - 1]}-{start.year}" if start else "X"
    kind = header.kind if "+" in header.kind else ("24BIT" if header.width == 3 else "")
    fields = [
        (patient, 80),
        (f"Startdate {day} {device}", 80),
        (f"{start:%d.%m.%y}" if start else "01.01.85", 8),
        (f"{start:%H.%M.%S}" if start else "00.00.00", 8),
        (str(header.size), 8),
        (kind, 44),
        (str(count), 8),
    ]
    parts = [head[:8], *(text.ljust(width).encode("ascii") for text, width in fields)]
    parts.append(head[244:256])
    columns = _columns(head, len(header.signals))
    cleaners = (
        _nothing, _transducer, _unit, _numeric, _numeric, _numeric, _numeric, _prefilter,
        _numeric, _nothing,
    )  # fmt: skip
    columns[0] = [labels[signal.label] for signal in header.signals]
    for number, (column, clean, width) in enumerate(
        zip(columns, cleaners, _WIDTHS, strict=True)
    ):
        texts = column if number == 0 else [clean(text) for text in column]
        parts += [text.encode("latin-1", "replace")[:width].ljust(width) for text in texts]
    return b"".join(parts)


def _nothing(_text: str) -> str:
    return ""


def _transducer(text: str) -> str:
    if NOT_CALIBRATED in text:
        return NOT_CALIBRATED
    return NO_SENSOR if text.lower().startswith("simulat") else ""


def _prefilter(text: str) -> str:
    return text if _FILTER.fullmatch(text) else ""


def _unit(text: str) -> str:
    kinds: tuple[Kind, ...] = ("emg", "acc", "gyro")
    if text in _UNITS or text.lower() in COUNTS:
        return text
    return text if any(scale_of(text, kind).physical for kind in kinds) else ""


def _numeric(text: str) -> str:
    return text if _NUMBER.fullmatch(text) else ""


def _shifted(start: datetime | None, shift: timedelta, name: str) -> datetime | None:
    if start is None:
        return None
    try:
        moved = start + shift
    except OverflowError:
        moved = start.replace(year=1)
    if not 1985 <= moved.year <= 2084:
        raise RecordingError(
            f"{name}: a shift by {shift.days} days leads to the year {moved.year}; EDF knows "
            "1985 to 2084"
        )
    return moved
