"""A simulated night as files: what `score` reads, and the truth beside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...recording.annotations.edf_text import BAD_GAP
from ...recording.annotations.tsv import write_events
from ...recording.errors import RecordingError
from ...recording.model import Event, Night, Stream
from ...recording.writers.beside import write_folder
from ...recording.writers.edf import EdfSignal, write_edf
from .happenings import TRUTH_COLUMNS
from .night import SimulatedNight, simulate_night
from .scenarios import Scenario

BLOCK_S = 60
RECORD_LENGTHS_S = (1, 2, 5, 10)


@dataclass(frozen=True, slots=True)
class WrittenNight:
    """Where a simulated night was written.

    Attributes
    ----------
    recording
        EDF+ file.
    truth
        Its true ``events.tsv``.
    """

    recording: Path
    truth: Path


def write_night(
    scenario: str | Scenario,
    out_dir: str | PathLike[str],
    seed: int,
    *,
    hours: float | None = None,
) -> WrittenNight:
    """Simulate a night and write it: EDF+, ``events.tsv`` and ``events.json``.

    Memory does not grow with the length of the night. The same arguments give the same
    bytes. The EDF+ file carries no events, so that a detector cannot read the answer; a gap
    holds the last value and is annotated ``BAD_gap``.

    Parameters
    ----------
    scenario, seed, hours
        As in `simulate_night`.
    out_dir
        Folder for the files; made where missing.

    Raises
    ------
    CrampwatchError
        The scenario is not known, or the length is not between a minute and a day.
    RecordingError
        The folder cannot be written, or a rate does not fill whole records.
    """
    made = simulate_night(scenario, seed, hours=hours)
    folder = Path(out_dir)
    name = f"simulated_night_{made.scenario.name}_seed{seed}.edf"
    with write_folder(folder) as part:
        _write_recording(made, part / name)
        write_events(part / "events.tsv", made.truth, TRUTH_COLUMNS)
    return WrittenNight(folder / name, folder / "events.tsv")


def _write_recording(made: SimulatedNight, path: Path) -> None:
    night = made.night
    record_s = _record_length(night, path.name)
    signals = [signal for stream in night.streams for signal in _signals(stream, record_s)]
    write_edf(
        path,
        signals,
        _blocks(night),
        start=night.start,
        record_s=record_s,
        annotations=tuple(_gaps(night)),
        patient="SIMULATED X X Nobody",
        recording=f"SIMULATED X SIMULATED_by_Crampwatch {made.scenario.name}_seed_{made.seed}",
    )


def _record_length(night: Night, name: str) -> int:
    for seconds in RECORD_LENGTHS_S:
        if all(float(stream.rate_hz * seconds).is_integer() for stream in night.streams):
            return seconds
    rates = ", ".join(f"{stream.rate_hz:g}" for stream in night.streams)
    raise RecordingError(
        f"{name}: rates of {rates} Hz fill no whole records of up to "
        f"{RECORD_LENGTHS_S[-1]} s; choose rates with at most one decimal"
    )


def _signals(stream: Stream, record_s: int) -> Iterator[EdfSignal]:
    if stream.raw_limits is None:
        raise ValueError(f"{stream.label}: the limits of the raw numbers are not known")
    low, high = (int(limit) for limit in stream.raw_limits)
    for axis, label in enumerate(stream.source_labels):
        gain, offset = stream.gain[axis], stream.offset[axis]
        yield EdfSignal(
            label=label,
            unit=stream.unit,
            physical_min=low * gain + offset,
            physical_max=high * gain + offset,
            digital_min=low,
            digital_max=high,
            samples_per_record=round(stream.rate_hz * record_s),
            transducer=f"SIMULATED {stream.kind}: no sensor",
            prefilter="",
        )


def _gaps(night: Night) -> Iterator[Event]:
    for stream in night.streams:
        for gap in stream.gaps:
            for label in stream.source_labels:
                yield Event(gap.start_s, gap.duration_s, BAD_GAP, None, label)


def _blocks(night: Night) -> Iterator[list[NDArray[Any]]]:
    for start in range(0, round(night.duration_s), BLOCK_S):
        block: list[NDArray[Any]] = []
        for stream in night.streams:
            first, after = (round(t * stream.rate_hz) for t in (start, start + BLOCK_S))
            end = round(night.duration_s * stream.rate_hz)
            raw = _filled(stream, first, min(after, end))
            block.extend(raw[:, axis] for axis in range(stream.n_axes))
        yield block


def _filled(stream: Stream, first: int, after: int) -> NDArray[np.int16]:
    """Return samples `first` to `after` of the whole night; a gap holds the last value."""
    out = np.zeros((after - first, stream.n_axes), np.int16)
    for segment in stream.segments:
        at = round(segment.start_s * stream.rate_hz)
        begin, end = max(first, at), min(after, at + len(segment))
        if begin < end:
            out[begin - first : end - first] = segment.source.read(begin - at, end - at)
        held = max(first, at + len(segment))
        if held < after:
            out[held - first :] = segment.source.read(len(segment) - 1, len(segment))
    return out
