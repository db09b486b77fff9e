"""The header of EDF, EDF+, BDF and BDF+, read with forgiveness.

Field widths: Kemp et al., Electroencephalogr Clin Neurophysiol 1992;82:391-393, and the
EDF+ specification (edfplus.info). What is wrong but can be lived with becomes a note.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from ..errors import RecordingError

NOT_CALIBRATED = "scale not calibrated"
"""In the transducer field of a signal whose unit is no absolute scale."""

_FIXED = 256
_MAX_SIGNALS = 10_000
_WIDTHS = (
    ("label", 16),
    ("transducer", 80),
    ("unit", 8),
    ("physical_min", 8),
    ("physical_max", 8),
    ("digital_min", 8),
    ("digital_max", 8),
    ("prefilter", 80),
    ("samples", 8),
    ("reserved", 32),
)
_SMALLEST, _LARGEST = 1e-24, 1e24
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN",
           "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")  # fmt: skip


@dataclass(frozen=True, slots=True)
class SignalHeader:
    """What the header says of one signal.

    Attributes
    ----------
    label, unit, transducer, prefilter
        Text, stripped.
    gain, offset
        ``raw * gain + offset`` is in `unit`; 1 and 0 where the limits make no scale.
    raw_limits
        Digital limits, smaller first, None where unreadable.
    samples
        Samples in a record.
    first_byte
        Place of its samples within a record.
    notes
        What is wrong with the header of this signal.
    """

    label: str
    unit: str
    transducer: str
    prefilter: str
    gain: float
    offset: float
    raw_limits: tuple[float, float] | None
    samples: int
    first_byte: int
    notes: tuple[str, ...]

    @property
    def is_annotations(self) -> bool:
        """Whether the signal holds time-stamped annotations, not samples."""
        return self.label in ("EDF Annotations", "BDF Annotations")


@dataclass(frozen=True, slots=True)
class EdfHeader:
    """What the header says of the file.

    Attributes
    ----------
    kind
        ``EDF``, ``EDF+C``, ``EDF+D``, ``BDF``, ``BDF+C`` or ``BDF+D``.
    width
        Bytes of a sample: 2 or 3.
    size
        Bytes of the header.
    record_s
        Duration of a record, exact.
    declared_records
        Number of records by the header, -1 where it does not know.
    record_bytes
        Bytes of a record.
    start
        Start by the header, None where anonymised or unreadable.
    equipment
        Recording device by the recording field (the subfield of EDF+, else all of it).
    signals
        All signals, annotation signals too.
    notes
        What is wrong with the header.
    """

    kind: str
    width: int
    size: int
    record_s: Fraction
    declared_records: int
    record_bytes: int
    start: datetime | None
    equipment: str
    signals: tuple[SignalHeader, ...]
    notes: tuple[str, ...]


def is_edf(head: bytes) -> bool:
    """Return whether a file that begins with `head` claims to be EDF or BDF."""
    return head[:8] in (b"0       ", b"\xffBIOSEMI")


def parse_header(head: bytes, file_bytes: int, name: str) -> EdfHeader:
    """Return the header of a file that begins with `head`.

    Parameters
    ----------
    head
        The first bytes; `header_bytes` says how many are needed.
    file_bytes
        Size of the file.
    name
        Name of the file, for errors.

    Raises
    ------
    RecordingError
        The file is not EDF, or its header leaves no way to find the samples.
    """
    count = header_signals(head, file_bytes, name)
    notes: list[str] = []
    size = _FIXED * (count + 1)
    if _integer(head[184:192]) != size:
        notes.append("the header gives a wrong size of itself")
    try:
        head[8:size].decode("ascii")
    except UnicodeDecodeError:
        notes.append("the header holds characters that EDF does not allow")
    width = 3 if head[0] == 0xFF else 2
    record_s = _duration(head[244:252], name)
    signals = _signals(head[_FIXED:size], count, width, name)
    for signal in signals:
        notes += [f"{signal.label or 'unnamed'}: {note}" for note in signal.notes]
    declared = _integer(head[236:244])
    if declared is None or declared < -1:
        notes.append("the header gives no number of records")
        declared = -1
    reserved = _text(head[192:236])
    plus = reserved[:5] if reserved[:5] in ("EDF+C", "EDF+D", "BDF+C", "BDF+D") else ""
    start, note = _start(head, plus=bool(plus))
    return EdfHeader(
        kind=("BDF" if width == 3 else "EDF") + plus[3:],
        width=width,
        size=size,
        record_s=record_s,
        declared_records=declared,
        record_bytes=width * sum(signal.samples for signal in signals),
        start=start,
        equipment=_equipment(_text(head[88:168]), plus=bool(plus)),
        signals=signals,
        notes=(*notes, note) if note else tuple(notes),
    )


def header_signals(head: bytes, file_bytes: int, name: str) -> int:
    """Return the number of signals; the header takes ``256 * (number + 1)`` bytes."""
    if not is_edf(head):
        raise RecordingError(
            f"{name}: not an EDF or BDF file; its first bytes are {head[:8]!r}"
        )
    if len(head) < _FIXED:
        raise RecordingError(f"{name}: {file_bytes} bytes are too few for an EDF header")
    count = _integer(head[252:256])
    if count is None or count < 0 or count > _MAX_SIGNALS:
        raise RecordingError(
            f"{name}: the EDF header gives {_text(head[252:256])!r} as number of signals"
        )
    if count == 0:
        raise RecordingError(f"{name}: the EDF header holds no signals")
    if _FIXED * (count + 1) > file_bytes:
        raise RecordingError(
            f"{name}: the file ends inside its header ({file_bytes} bytes, {count} signals)"
        )
    return count


def _signals(head: bytes, count: int, width: int, name: str) -> tuple[SignalHeader, ...]:
    columns: dict[str, list[bytes]] = {}
    place = 0
    for field, length in _WIDTHS:
        columns[field] = [
            head[place + i * length : place + (i + 1) * length] for i in range(count)
        ]
        place += count * length
    signals = []
    first_byte = 0
    for number in range(count):
        row = {field: values[number] for field, values in columns.items()}
        samples = _integer(row["samples"])
        if samples is None or samples < 0:
            raise RecordingError(
                f"{name}: signal {number + 1} ({_text(row['label'])}) has "
                f"{_text(row['samples'])!r} samples in a record"
            )
        gain, offset, limits, notes = _scale(row, width)
        signals.append(
            SignalHeader(
                label=_text(row["label"]),
                unit=_text(row["unit"]) if not notes else "",
                transducer=_text(row["transducer"]),
                prefilter=_text(row["prefilter"]),
                gain=gain,
                offset=offset,
                raw_limits=limits,
                samples=samples,
                first_byte=first_byte,
                notes=tuple(notes),
            )
        )
        first_byte += samples * width
    return tuple(signals)


def _scale(
    row: dict[str, bytes], width: int
) -> tuple[float, float, tuple[float, float] | None, list[str]]:
    if _text(row["label"]).endswith("Annotations"):
        return 1.0, 0.0, None, []
    physical = [_number(row[field]) for field in ("physical_min", "physical_max")]
    digital = [_number(row[field]) for field in ("digital_min", "digital_max")]
    low, high = digital
    limits = None
    if low is not None and high is not None and low != high:
        floor, ceiling = -(2.0 ** (8 * width - 1)), 2.0 ** (8 * width - 1) - 1
        limits = max(min(low, high), floor), min(max(low, high), ceiling)
    if low is None or high is None or physical[0] is None or physical[1] is None:
        return 1.0, 0.0, limits, ["its limits are unreadable, so its scale is unknown"]
    if low == high:
        return 1.0, 0.0, None, ["its digital limits are equal, so its scale is unknown"]
    if physical[0] == physical[1]:
        return 1.0, 0.0, limits, ["its physical limits are equal, so its scale is unknown"]
    gain = (physical[1] - physical[0]) / (high - low)
    offset = physical[0] - low * gain
    if not (_SMALLEST < abs(gain) < _LARGEST and abs(offset) < _LARGEST):
        return 1.0, 0.0, limits, ["its limits make no scale"]
    return gain, offset, limits, []


def _duration(field: bytes, name: str) -> Fraction:
    text = _text(field).replace(",", ".")
    value = Fraction(text) if re.fullmatch(r"\+?\d*\.?\d*", text) and text.strip("+.") else None
    if value is None:
        number = _number(field)
        value = Fraction(number) if number is not None else None
    if value is None or value < 0:
        raise RecordingError(f"{name}: the EDF header gives {text!r} as duration of a record")
    return value


def _start(head: bytes, *, plus: bool) -> tuple[datetime | None, str]:
    fields = re.fullmatch(r"(\d\d).(\d\d).(\d\d)(\d\d).(\d\d).(\d\d)", _text(head[168:184]))
    if fields is None:
        return None, "the header gives no readable start"
    day, month, year, hour, minute, second = (int(field) for field in fields.groups())
    year += 1900 if year >= 85 else 2000
    if plus:
        long = re.match(r"Startdate\s+(\S+)", _text(head[88:168]))
        date = re.fullmatch(r"(\d\d)-([A-Z]{3})-(\d{4})", long[1].upper()) if long else None
        if long is not None and long[1] == "X" and (day, month, year) == (1, 1, 1985):
            return None, ""
        if date is not None and date[2] in _MONTHS:
            day, month, year = int(date[1]), _MONTHS.index(date[2]) + 1, int(date[3])
    try:
        return datetime(year, month, day, hour, minute, second), ""  # noqa: DTZ001
    except ValueError:
        return None, "the header gives an impossible start"


def _equipment(recording: str, *, plus: bool) -> str:
    if not plus:
        return recording
    words = recording.split()[4:]
    return " ".join(word.replace("_", " ") for word in words if word != "X")


def _text(field: bytes) -> str:
    try:
        text = field.decode("utf-8")
    except UnicodeDecodeError:
        text = field.decode("latin-1")
    return "".join(char if char.isprintable() else " " for char in text).strip()


def _integer(field: bytes) -> int | None:
    text = _text(field)
    return int(text) if re.fullmatch(r"[+-]?[0-9]{1,8}", text) else None


def _number(field: bytes) -> float | None:
    try:
        value = float(_text(field).replace(",", "."))
    except ValueError:
        return None
    return value if math.isfinite(value) else None
