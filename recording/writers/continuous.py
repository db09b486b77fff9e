"""One continuous EDF+ or BDF+ file of the streams of one sensor.

Samples are brought onto the grid of the night's clock. A gap holds the last value under a
``BAD_gap`` annotation, which our reader opens as a gap again; so does the rest of the last
record. EDF+D is never written: other programs close its gaps silently.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from shutil import disk_usage
from typing import Any, Literal

from numpy.typing import NDArray

from ..annotations.edf_text import BAD_GAP
from ..errors import RecordingError
from ..labels import guess
from ..model import Event, Stream
from ..readers.edf_header import NOT_CALIBRATED
from .digital import Digital, digital_of
from .edf import EdfSignal, write_edf
from .grid import Gridded

_BLOCK_S = 30.0
_LONGEST_RECORD_S = 10
_LABEL = 16


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """One stream of a file.

    Attributes
    ----------
    stream
        What was exported.
    labels
        Labels in the file, one for each axis.
    rate_hz
        Rate in the file, Hz.
    exact
        Whether the samples are the sensor's own; else they were resampled.
    """

    stream: Stream
    labels: tuple[str, ...]
    rate_hz: float
    exact: bool


@dataclass(frozen=True, slots=True, eq=False)
class Continuous:
    """A file that was written.

    Attributes
    ----------
    path
        The file, ``.edf`` or ``.bdf``.
    tracks
        Its streams.
    record_s, n_records
        Duration of a record, seconds, and their number.
    notes
        What a reader must know, one sentence each.
    """

    path: Path
    tracks: tuple[Track, ...]
    record_s: int
    n_records: int
    notes: tuple[str, ...]

    @property
    def duration_s(self) -> float:
        """Length of the file, seconds."""
        return float(self.record_s * self.n_records)


def write_continuous(
    stem: Path,
    streams: Sequence[Stream],
    *,
    start: datetime | None,
    events: Sequence[Event] = (),
    patient: str = "X X X X",
    recording: str = "X X X",
    progress: Callable[[float], None] = lambda _: None,
) -> Continuous:
    """Write the streams of one sensor as one EDF+C or, above 16 bits, BDF+C file.

    Parameters
    ----------
    stem
        File to write, without its suffix; it appears whole or not at all.
    streams
        Streams of one sensor; those without samples are left out.
    start
        Start of the night; of a time with a zone the clock time is written.
    events
        Marks for the annotations, seconds from the start of the night.
    patient, recording
        As in `write_edf`.
    progress
        Called with the part done, from 0 to 1.

    Raises
    ------
    RecordingError
        No stream holds samples, or the file cannot be written.
    """
    there = [stream for stream in streams if stream.n_samples]
    if not there:
        raise RecordingError(f"{stem.name}: no samples to export; the night is empty")
    record_s, rates = _record(there)
    plans = [
        _Plan(Gridded(stream, rate), digital_of(stream), names, round(rate * record_s))
        for stream, rate, names in zip(there, rates, _labels(there), strict=True)
    ]
    count = max(1, *(-(-len(plan.grid) // plan.size) for plan in plans))
    bits: Literal[16, 24] = 24 if any(plan.digital.bits > 16 for plan in plans) else 16
    path = stem.with_name(f"{stem.name}.{'edf' if bits == 16 else 'bdf'}")
    _check_room(path, count * sum(p.size * len(p.labels) for p in plans) * bits // 8)
    write_edf(
        path,
        [signal for plan in plans for signal in _signals(plan)],
        _blocks(plans, count, record_s, progress),
        start=start.replace(tzinfo=None) if start else None,
        record_s=record_s,
        annotations=[*events, *_gap_marks(plans, count)],
        patient=patient,
        recording=recording,
        bits=bits,
    )
    tracks = tuple(
        Track(plan.grid.stream, plan.labels, plan.grid.rate_hz, plan.grid.exact)
        for plan in plans
    )
    return Continuous(path, tracks, record_s, count, tuple(_notes(plans)))


@dataclass(frozen=True, slots=True, eq=False)
class _Plan:
    grid: Gridded
    digital: Digital
    labels: tuple[str, ...]
    size: int


def _check_room(path: Path, needed: int) -> None:
    try:
        free = disk_usage(path.parent).free
    except OSError:
        return
    if needed > free:
        raise RecordingError(
            f"{path.name} needs {needed / 1e6:.0f} MB and {free / 1e6:.0f} MB are free; free "
            "some space or name another disk"
        )


def _record(streams: Sequence[Stream]) -> tuple[int, list[float]]:
    """Return the length of a record that holds whole samples of all, and the rates.

    A rate that fills no records of whole seconds is rounded, by a thousandth at most where
    records of a second allow it, else to a tenth of a hertz.
    """
    wanted = [stream.nominal_rate_hz or stream.rate_hz for stream in streams]
    near = [Fraction(rate).limit_denominator(_LONGEST_RECORD_S) for rate in wanted]
    fits = [
        abs(rate / Fraction(asked) - 1) < 1e-9 for rate, asked in zip(near, wanted, strict=True)
    ]
    seconds = math.lcm(*(rate.denominator for rate, fit in zip(near, fits, strict=True) if fit))
    if seconds > _LONGEST_RECORD_S:
        seconds, fits = _LONGEST_RECORD_S, [False] * len(fits)
    if any(
        not fit and abs(round(rate * seconds) / (rate * seconds) - 1) > 1e-3
        for rate, fit in zip(wanted, fits, strict=True)
    ):
        seconds = math.lcm(seconds, _LONGEST_RECORD_S)
    return seconds, [
        rate if fit else max(1, round(rate * seconds)) / seconds
        for rate, fit in zip(wanted, fits, strict=True)
    ]


def _labels(streams: Sequence[Stream]) -> list[tuple[str, ...]]:
    """Return labels of at most 16 characters, all different, that are understood as meant."""
    taken: set[str] = set()
    found = []
    for place, stream in enumerate(streams, 1):
        stem = stream.label
        if stream.kind == "other":
            # the name of a sensor may sound like a muscle
            stem = stem.removeprefix(stream.sensor).strip()
            if not stem or guess(stem).kind != "other":
                stem = f"signal {place}"
        names = []
        for axis in stream.axes or ("",):
            whole = f"{stem} {axis.upper()}".strip()
            label, number = _fitted(whole, ""), 1
            while label in taken:
                number += 1
                label = _fitted(whole, f" {number}")
            taken.add(label)
            names.append(label)
        found.append(tuple(names))
    return found


def _fitted(label: str, tail: str) -> str:
    plain = "".join(char if " " <= char <= "~" else "_" for char in label)
    return f"{plain[: _LABEL - len(tail)].strip()}{tail}"


def _signals(plan: _Plan) -> Iterator[EdfSignal]:
    stream = plan.grid.stream
    for axis, label in enumerate(plan.labels):
        low, high = plan.digital.physical(stream, axis)
        yield EdfSignal(
            label=label,
            unit=stream.unit[:8],
            physical_min=low,
            physical_max=high,
            digital_min=plan.digital.low[axis],
            digital_max=plan.digital.high[axis],
            samples_per_record=plan.size,
            transducer="" if stream.calibrated else NOT_CALIBRATED,
        )


def _blocks(
    plans: Sequence[_Plan], count: int, record_s: int, progress: Callable[[float], None]
) -> Iterator[list[NDArray[Any]]]:
    at_once = max(1, round(_BLOCK_S / record_s))
    for first in range(0, count, at_once):
        after = min(first + at_once, count)
        block: list[NDArray[Any]] = []
        for plan in plans:
            raw = plan.grid.read(first * plan.size, after * plan.size)
            numbers = plan.digital.numbers(raw)
            block.extend(numbers[:, axis] for axis in range(plan.grid.stream.n_axes))
        yield block
        progress(after / count)


def _gap_marks(plans: Sequence[_Plan], count: int) -> Iterator[Event]:
    """Yield a mark for each hole; one that all signals share names no channel."""
    each = [
        {
            (first / plan.grid.rate_hz, (after - first) / plan.grid.rate_hz)
            for first, after in plan.grid.holes(count * plan.size)
        }
        for plan in plans
    ]
    shared = set.intersection(*each)
    for begin, duration in shared:
        yield Event(begin, duration, BAD_GAP)
    for holes, plan in zip(each, plans, strict=True):
        for begin, duration in holes - shared:
            for name in plan.labels:
                yield Event(begin, duration, BAD_GAP, None, name)


def _notes(plans: Sequence[_Plan]) -> Iterator[str]:
    resampled: dict[float, list[str]] = {}
    for plan in plans:
        label = plan.grid.stream.label
        if not plan.grid.exact:
            resampled.setdefault(plan.grid.rate_hz, []).append(label)
        if plan.digital.rescaled:
            yield f"{label}: its numbers do not fit 24 bits, so its step is another"
    for rate_hz, labels in resampled.items():
        yield f"{', '.join(labels)}: resampled to {rate_hz:g} Hz on the night's clock"
