"""EDF, EDF+C, EDF+D, BDF, BDF+C and BDF+D.

The whole file is mapped, never read: an eight-hour night opens in the time that its
annotations take, and one signal is read without the others. Gaps of a discontinuous file
stay gaps, and so does a stretch that a continuous file marks as ``BAD_gap``.

Kemp et al. 1992 (EDF), Kemp & Olivan 2003 (EDF+); BDF is EDF with 24-bit samples.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..assemble import Signal, build_streams
from ..errors import RecordingError
from ..model import Event, Night, Segment
from ..sources import cut_out
from .edf_annotations import MAX_RECORDS, Tals, read_tals
from .edf_header import (
    NOT_CALIBRATED,
    EdfHeader,
    SignalHeader,
    header_signals,
    parse_header,
)
from .edf_records import Records, RecordSource

_GAPS = frozenset(("bad_gap", "bad_acq_skip"))
_AT_ONCE = 512
_LONGEST_S = 400 * 86_400.0


def read_edf(
    path: Path, label_map: Mapping[str, str] | None = None, unit: str | None = None
) -> Night:
    """Open an EDF or BDF file.

    Parameters
    ----------
    path
        File to open; it must stay in place while the night is used.
    label_map
        Label in the file to canonical label.
    unit
        Unit of the electromyograms, where the header names none or a wrong one.

    Returns
    -------
    Night
        Its time runs from the first record. A header or a record that is wrong in a way
        that can be lived with is told in the notes.

    Raises
    ------
    RecordingError
        The file is not EDF, or nothing in it can be used.
    """
    name = path.name
    header = read_header(path)
    records, notes = _records(path, header)
    duration = float(header.record_s)
    if duration <= 0 or not any(s.samples for s in header.signals if not s.is_annotations):
        raise RecordingError(
            f"{name}: it holds annotations but no samples"
            if any(s.is_annotations for s in header.signals)
            else f"{name}: its records hold no samples or last {duration:g} s"
        )
    tals = _tals(header, records)
    begin, runs, time_notes = _runs(header, tals, len(records))
    holes = _holes(tals.events, begin)
    labels = {s.label for s in header.signals}
    signals = []
    for signal in header.signals:
        if signal.is_annotations:
            continue
        if signal.samples == 0:
            notes.append(f"{signal.label}: it has no samples in a record and was left out")
            continue
        rate = float(signal.samples / header.record_s)
        segments = tuple(
            Segment(
                start,
                RecordSource(
                    records, first, last, signal.first_byte, signal.samples, header.width
                ),
            )
            for start, first, last in runs
        )
        own = [
            hole for hole in holes if hole[2] in (None, signal.label) or hole[2] not in labels
        ]
        if own:
            segments = cut_out(segments, rate, _merged(own))
        signals.append(_signal(signal, rate, segments))
    start = header.start
    if start is not None and begin:
        try:
            start += timedelta(seconds=begin)
        except OverflowError:
            start = None
    return Night(
        streams=build_streams(signals, name, label_map, unit),
        start=start,
        events=tuple(
            Event(e.onset - begin, e.duration, e.trial_type, e.side, e.channel, None, e.extra)
            for e in tals.events
            if not _is_gap(e)
        ),
        source=path,
        format=header.kind,
        devices=(header.equipment,) if header.equipment else (),
        notes=(*header.notes, *notes, *tals.notes, *time_notes),
    )


def read_header(path: Path) -> EdfHeader:
    """Return the parsed header of an EDF or BDF file; errors as `read_edf`."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(256)
        count = header_signals(head, size, path.name)
        head += file.read(256 * count)
    return parse_header(head, size, path.name)


def _records(path: Path, header: EdfHeader) -> tuple[Records, list[str]]:
    """Return the whole records of the file, mapped, and what is wrong with their number."""
    data = path.stat().st_size - header.size
    if header.record_bytes == 0:
        raise RecordingError(f"{path.name}: the records of this EDF file are empty")
    there, rest = divmod(data, header.record_bytes)
    if there <= 0:
        raise RecordingError(
            f"{path.name}: no whole record in the file ({max(data, 0)} bytes of data, a record "
            f"takes {header.record_bytes}); it is truncated or its header is wrong"
        )
    notes = []
    declared = header.declared_records
    if declared <= 0:
        count = there
        notes.append(f"the header does not know the number of records; {there} were found")
    elif declared > there:
        count = there
        missing = float((declared - there) * header.record_s)
        notes.append(
            f"the file is truncated: {missing:.6g} s that the header promises are missing"
        )
    else:
        count = declared
        if declared < there:
            notes.append(
                f"{there - declared} records follow that the header does not count; not read"
            )
    if rest and count == there:
        notes.append("the last record is cut off and was left out")
    return Records(path, header.size, count, header.record_bytes), notes


def _signal(signal: SignalHeader, rate: float, segments: tuple[Segment, ...]) -> Signal:
    limits, notes = signal.raw_limits, signal.notes
    if limits is not None and segments:
        probe = segments[0].source.read(0, min(len(segments[0]), 2_000))
        if probe.size and (probe.min() < limits[0] or probe.max() > limits[1]):
            limits = None
            notes = (*notes, "its samples exceed the digital limits of the header")
    return Signal(
        label=signal.label,
        rate_hz=rate,
        unit=signal.unit,
        segments=segments,
        gain=signal.gain,
        offset=signal.offset,
        raw_limits=limits,
        trusted=NOT_CALIBRATED not in signal.transducer,
        notes=notes,
    )


def _tals(header: EdfHeader, records: Records) -> Tals:
    marks = [signal for signal in header.signals if signal.is_annotations and signal.samples]
    count = len(records)
    if count > MAX_RECORDS and marks:
        empty = np.full(count, np.nan)
        return Tals(empty, (), (f"{count} records: too many to read annotations",))
    blocks = (_octets(records, signal, header.width) for signal in marks)
    return read_tals(blocks, count)


def _octets(records: Records, signal: SignalHeader, width: int) -> Iterator[NDArray[np.uint8]]:
    """Yield the bytes of an annotation signal, some megabytes of the file at a time."""
    begin, end = signal.first_byte, signal.first_byte + signal.samples * width
    for first in range(0, len(records), _AT_ONCE):
        yield records.take(first, min(first + _AT_ONCE, len(records)), begin, end)


def _runs(
    header: EdfHeader, tals: Tals, count: int
) -> tuple[float, list[tuple[float, int, int]], list[str]]:
    """Return the time of the first record, and the contiguous runs of records.

    A run is ``(start in seconds, first record, record after the last)``.
    """
    duration = float(header.record_s)
    onsets = tals.onsets
    begin = float(onsets[0]) if count and np.isfinite(onsets[0]) else 0.0
    last = begin + (count - 1) * duration
    if not header.kind.endswith("+D"):
        notes = []
        if np.isfinite(onsets[-1]) and abs(onsets[-1] - last) > 1.0:
            notes.append(
                f"its records are declared continuous, but the last one is stamped "
                f"{onsets[-1] - last:+.3g} s from where it lies"
            )
        return begin, [(0.0, 0, count)], notes
    return begin, *_split(onsets - begin, header)


def _split(
    onsets: NDArray[np.float64], header: EdfHeader
) -> tuple[list[tuple[float, int, int]], list[str]]:
    fastest = max(signal.samples for signal in header.signals if not signal.is_annotations)
    duration = float(header.record_s)
    near = 0.5 * duration / fastest
    runs: list[tuple[float, int, int]] = []
    start, first, shift = 0.0, 0, 0.0
    unstamped = overlapping = 0
    for record, stamp in enumerate(onsets.tolist()):
        due = start + (record - first) * duration
        if stamp != stamp or stamp > _LONGEST_S:  # noqa: PLR0124 - NaN
            unstamped += 1
            continue
        late = stamp + shift - due
        if late < -near:
            overlapping += 1
            shift -= late
        elif late > near:
            runs.append((start, first, record))
            start, first = stamp + shift, record
    runs.append((start, first, len(onsets)))
    notes = []
    if unstamped:
        notes.append(f"{unstamped} records carry no readable time; taken as contiguous")
    if overlapping:
        notes.append(
            f"{overlapping} records are stamped before the end of the one before them; taken "
            "as contiguous, and all later times are moved"
        )
    return [run for run in runs if run[2] > run[1]], notes


def _is_gap(event: Event) -> bool:
    text = (
        str(event.extra.get("text", "")) if event.trial_type == "marker" else event.trial_type
    )
    return text.casefold() in _GAPS


def _holes(events: Sequence[Event], begin: float) -> list[tuple[float, float, str | None]]:
    return [
        (event.onset - begin, event.end - begin, event.channel)
        for event in events
        if _is_gap(event) and event.duration > 0
    ]


def _merged(holes: Sequence[tuple[float, float, str | None]]) -> list[tuple[float, float]]:
    merged: list[tuple[float, float]] = []
    for start, end, _ in sorted(holes, key=lambda hole: hole[:2]):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged
