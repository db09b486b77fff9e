"""EDF+C and BDF+C, written record by record: memory does not grow with the night.

EDF+ specification: Kemp & Olivan, Clin Neurophysiol 2003;114:1755-1761 (edfplus.info);
BDF+ is the same with 24-bit samples. A file never holds a discontinuity (EDF+D), because
many readers close it silently: a gap is padded and marked with a ``BAD_gap`` annotation.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from os import PathLike
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..errors import RecordingError
from ..model import Event
from .beside import write_beside
from .edf_tals import TalWriter, plain_decimal

_MAX_SIGNALS = 4096
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN",
           "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")  # fmt: skip


@dataclass(frozen=True, slots=True)
class EdfSignal:
    """One signal of an EDF or BDF file.

    Attributes
    ----------
    label
        Canonical label, at most 16 characters (``EMG L GM``, ``ACC L X``).
    unit
        Unit of the physical limits, at most 8 characters (``uV``, ``g``).
    physical_min, physical_max
        Physical values of the digital limits. They are stored in 8 characters each;
        `gain` and `offset` are what a reader will compute from them.
    digital_min, digital_max
        Limits of the raw numbers, within the bits of the file.
    samples_per_record
        Samples of this signal in each record.
    transducer, prefilter
        Free text, at most 80 characters.
    """

    label: str
    unit: str
    physical_min: float
    physical_max: float
    digital_min: int
    digital_max: int
    samples_per_record: int
    transducer: str = ""
    prefilter: str = ""

    @property
    def gain(self) -> float:
        """Physical step of one raw number, as it reads back from the file."""
        low, high = (
            float(eight_characters(self.physical_min)),
            float(eight_characters(self.physical_max)),
        )
        return (high - low) / (self.digital_max - self.digital_min)

    @property
    def offset(self) -> float:
        """Physical value of raw number 0, as it reads back from the file."""
        return float(eight_characters(self.physical_min)) - self.digital_min * self.gain


def write_edf(
    path: str | PathLike[str],
    signals: Sequence[EdfSignal],
    records: Iterable[Sequence[NDArray[Any]]],
    *,
    start: datetime | None,
    record_s: float,
    annotations: Sequence[Event] = (),
    patient: str = "X X X X",
    recording: str = "X X X",
    bits: Literal[16, 24] = 16,
) -> int:
    """Write an EDF+C (16 bits) or BDF+C (24 bits) file without holding it in memory.

    Parameters
    ----------
    path
        File to write; it appears whole or not at all.
    signals
        What each signal is; the annotation signal is added by the writer.
    records
        Blocks of one or more whole records, consumed lazily: for each block one integer
        array for each signal, shape ``(n * samples_per_record,)`` with the same ``n`` for
        all. Numbers outside the digital limits are an error, not clipped.
    start
        Time of the first sample, local time of the recorder (a zone is not stored);
        None where it is not known. Fractions of a second are kept.
    record_s
        Duration of a record, seconds; must be exact in 8 characters.
    annotations
        Events in seconds from `start`, in any order. Their text is
        ``trial_type [side][@@channel]``, see `annotations.edf_text`.
    patient
        EDF+ patient field: code, sex, birth date and name, ``X`` for unknown.
    recording
        What follows ``Startdate dd-MMM-yyyy`` in the recording field: administration
        code, technician, equipment; ``X`` for unknown.
    bits
        16 for EDF+, 24 for BDF+.

    Returns
    -------
    int
        Number of records written.

    Raises
    ------
    RecordingError
        The file cannot be written, or something does not fit the format.
    """
    name = Path(path).name
    width = bits // 8
    seconds = _exact_duration(record_s, name)
    _check_signals(signals, bits, name)
    tals = TalWriter(annotations, start, seconds, width, name)
    kind: Literal["EDF", "BDF"] = "EDF" if bits == 16 else "BDF"
    marks = EdfSignal(
        f"{kind} Annotations",
        "",
        -1,
        1,
        -(1 << (bits - 1)),
        (1 << (bits - 1)) - 1,
        tals.samples,
    )
    subject = _subject(kind, start, patient, recording, name)
    header = _header(kind, subject, seconds, [*signals, marks], name)
    size = width * sum(signal.samples_per_record for signal in signals) + tals.bytes
    count = 0
    with write_beside(path) as file:
        file.write(header)
        for record in records:
            block = _pack(signals, record, size, width, f"{name}, record {count}")
            for row in block:
                row[size - tals.bytes :] = tals.record(count)
                count += 1
            file.write(block.tobytes())
        if count == 0:
            raise RecordingError(f"{name}: no samples to write; record something first")
        tals.write_the_rest(file, len(header), size)
        file.seek(236)
        file.write(_field(str(count), 8, name))
    return count


def eight_characters(value: float) -> str:
    """Return the most exact decimal of at most 8 characters, as EDF writes its limits."""
    if not math.isfinite(value):
        return "nan"
    for digits in range(7, -1, -1):
        text = f"{value:.{digits}f}"
        if digits:
            text = text.rstrip("0").rstrip(".")
        if len(text) <= 8:
            return "0" if text == "-0" else text
    return "nan"


def _pack(
    signals: Sequence[EdfSignal],
    block: Sequence[NDArray[Any]],
    size: int,
    width: int,
    where: str,
) -> NDArray[np.uint8]:
    if len(block) != len(signals):
        raise RecordingError(f"{where}: {len(block)} arrays for {len(signals)} signals")
    count = len(block[0]) // signals[0].samples_per_record
    packed = np.zeros((count, size), np.uint8)
    column = 0
    for signal, values in zip(signals, block, strict=True):
        if values.dtype.kind not in "iu" or len(values) != count * signal.samples_per_record:
            raise RecordingError(
                f"{where}: {signal.label} has {len(values)} samples of {values.dtype}, "
                f"expected {count} x {signal.samples_per_record} integers"
            )
        if count and not (
            values.min() >= signal.digital_min and values.max() <= signal.digital_max
        ):
            raise RecordingError(
                f"{where}: {signal.label} runs from {values.min()} to {values.max()}, outside "
                f"its digital limits {signal.digital_min} to {signal.digital_max}"
            )
        raw = np.ascontiguousarray(values, dtype="<i4" if width == 3 else "<i2")
        octets = raw.view(np.uint8).reshape(count, signal.samples_per_record, -1)
        end = column + signal.samples_per_record * width
        packed[:, column:end] = octets[:, :, :width].reshape(count, end - column)
        column = end
    return packed


def _subject(
    kind: str, start: datetime | None, patient: str, recording: str, name: str
) -> bytes:
    if start is not None and not 1985 <= start.year <= 2084:
        raise RecordingError(f"{name}: EDF knows the years 1985 to 2084, not {start.year}")
    day = f"{start.day:02}-{_MONTHS[start.month - 1]}-{start.year}" if start else "X"
    parts = [
        b"\xffBIOSEMI" if kind == "BDF" else _field("0", 8, name),
        _field(patient, 80, name),
        _field(f"Startdate {day} {recording}", 80, name),
        _field(start.strftime("%d.%m.%y") if start else "01.01.85", 8, name),
        _field(start.strftime("%H.%M.%S") if start else "00.00.00", 8, name),
    ]
    return b"".join(parts)


def _header(
    kind: str, subject: bytes, seconds: Decimal, every: Sequence[EdfSignal], name: str
) -> bytes:
    parts = [
        subject,
        _field(str(256 * (len(every) + 1)), 8, name),
        _field(f"{kind}+C", 44, name),
        _field("-1", 8, name),
        _field(f"{seconds:f}", 8, name),
        _field(str(len(every)), 4, name),
    ]
    columns = [
        ([signal.label for signal in every], 16),
        ([signal.transducer for signal in every], 80),
        ([signal.unit for signal in every], 8),
        ([eight_characters(signal.physical_min) for signal in every], 8),
        ([eight_characters(signal.physical_max) for signal in every], 8),
        ([str(signal.digital_min) for signal in every], 8),
        ([str(signal.digital_max) for signal in every], 8),
        ([signal.prefilter for signal in every], 80),
        ([str(signal.samples_per_record) for signal in every], 8),
        (["" for _ in every], 32),
    ]
    parts += [_field(text, length, name) for texts, length in columns for text in texts]
    return b"".join(parts)


def _check_signals(signals: Sequence[EdfSignal], bits: int, name: str) -> None:
    if not 1 <= len(signals) <= _MAX_SIGNALS:
        raise RecordingError(
            f"{name}: EDF holds 1 to {_MAX_SIGNALS} signals, not {len(signals)}"
        )
    low, high = -(1 << (bits - 1)), (1 << (bits - 1)) - 1
    for signal in signals:
        if not low <= signal.digital_min < signal.digital_max <= high:
            raise RecordingError(
                f"{name}: {signal.label} has digital limits {signal.digital_min} to "
                f"{signal.digital_max}; {bits} bits hold {low} to {high}"
            )
        if signal.samples_per_record < 1:
            raise RecordingError(f"{name}: {signal.label} has no samples in a record")
        wanted = (signal.physical_max - signal.physical_min) / (
            signal.digital_max - signal.digital_min
        )
        if not math.isfinite(wanted) or not abs(signal.gain - wanted) < 1e-3 * abs(wanted):
            raise RecordingError(
                f"{name}: {signal.label} has physical limits {signal.physical_min} to "
                f"{signal.physical_max} {signal.unit}, which 8 characters cannot hold; use "
                "another unit"
            )


def _exact_duration(record_s: float, name: str) -> Decimal:
    text = plain_decimal(Decimal(repr(float(record_s))))[1:] if 0 < record_s < math.inf else ""
    if not 0 < len(text) <= 8:
        raise RecordingError(
            f"{name}: a record of {record_s} s cannot be written in 8 characters; choose one "
            "that holds a whole number of samples in round seconds"
        )
    return Decimal(text)


def _field(text: str, length: int, name: str) -> bytes:
    plain = unicodedata.normalize("NFKD", text.replace("µ", "u").replace("μ", "u"))
    ascii_only = "".join(c for c in plain if " " <= c <= "~")
    if len(ascii_only) > length:
        raise RecordingError(f"{name}: {text!r} is longer than the {length} characters of EDF")
    return ascii_only.ljust(length).encode("ascii")
