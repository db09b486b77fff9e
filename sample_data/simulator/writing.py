"""A simulated night as files: what `score` reads, and the truth beside it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
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
from .carriers import ATTRIBUTION
from .families import STANDARD, Family
from .happenings import described
from .night import SimulatedNight, simulate_night
from .scenario import Scenario

BLOCK_S = 60
RECORD_LENGTHS_S = (1, 2, 5, 10)
_RECORDING_FIELD = 80 - len("Startdate 01-JAN-2000 ")


@dataclass(frozen=True, slots=True)
class WrittenNight:
    """Where a simulated night was written.

    Attributes
    ----------
    recording
        EDF+ file.
    truth
        Its true ``events.tsv``.
    provenance
        ``simulation.json``: what it was drawn from, and all that was put in.
    """

    recording: Path
    truth: Path
    provenance: Path


def write_night(
    scenario: str | Scenario,
    out_dir: str | PathLike[str],
    seed: int,
    *,
    hours: float | None = None,
    family: str | Family = STANDARD,
    person: int | None = None,
    carriers: bool = False,
    sensors: str | None = None,
    progress: Callable[[float], None] = lambda _: None,
) -> WrittenNight:
    """Simulate a night and write it.

    An EDF+ file, the truth in ``events.tsv`` (described in ``events.json``), and
    ``simulation.json``: scenario, seed, family, and all that was put into the night, also
    what nobody would mark. Memory does not grow with the length of the night. The same
    arguments give the same bytes. The EDF+ file carries no events, so that a detector cannot
    read the answer; a gap holds the last value and is annotated ``BAD_gap``.

    Parameters
    ----------
    scenario, seed, hours, family, person, carriers, sensors
        As in `simulate_night`.
    out_dir
        Folder for the files; made where missing.
    progress
        Called with the part done, from 0 to 1.

    Raises
    ------
    CrampwatchError
        As `simulate_night`.
    RecordingError
        The folder cannot be written, or a rate does not fill whole records.
    """
    made = simulate_night(
        scenario,
        seed,
        hours=hours,
        family=family,
        person=person,
        carriers=carriers,
        sensors=sensors,
    )
    folder = Path(out_dir)
    name = f"{_name(made)}.edf"
    with write_folder(folder) as part:
        _write_recording(made, part / name, progress)
        write_events(part / "events.tsv", made.truth, described(made.truth))
        text = json.dumps(_provenance(made, name), indent=1) + "\n"
        (part / "simulation.json").write_text(text, encoding="utf-8")
    return WrittenNight(folder / name, folder / "events.tsv", folder / "simulation.json")


def _name(made: SimulatedNight) -> str:
    parts = ["simulated_night", made.scenario.name]
    if made.family.name != STANDARD:
        parts.append(made.family.name)
    if made.carriers:
        parts.append("carriers")
    if made.sensors is not None:
        parts.append(made.sensors)
    if made.person is not None:
        parts.append(f"person{made.person}")
    return "_".join([*parts, f"seed{made.seed}"])


def _provenance(made: SimulatedNight, name: str) -> dict[str, Any]:
    return {
        "simulated": True,
        "recording": name,
        "scenario": made.scenario.name,
        "about": made.scenario.about,
        "seed": made.seed,
        "hours": made.plan.duration_s / 3600,
        "family": made.family.name,
        "held_out": made.family.held_out,
        "person": made.person,
        **({} if made.sensors is None else {"sensors": made.sensors}),
        "carriers": ATTRIBUTION if made.carriers else None,
        "happenings": [
            {
                "name": each.name,
                "onset": round(each.onset_s, 3),
                "duration": round(each.duration_s, 3),
                "side": each.side,
            }
            for each in made.plan.happenings
        ],
    }


def _write_recording(
    made: SimulatedNight, path: Path, progress: Callable[[float], None]
) -> None:
    night = made.night
    record_s = _record_length(night, path.name)
    signals = [signal for stream in night.streams for signal in _signals(stream, record_s)]
    kind = "" if made.family.name == STANDARD else f" family_{made.family.name}"
    write_edf(
        path,
        signals,
        _blocks(night, progress),
        start=night.start,
        record_s=record_s,
        annotations=tuple(_gaps(night)),
        patient=f"SIMULATED X X Nobody{kind}{' carriers' if made.carriers else ''}",
        recording=_recording_field(made),
    )


def _recording_field(made: SimulatedNight) -> str:
    """Return what fits beside the date in the 80 characters of the header."""
    start = "SIMULATED X SIMULATED_by_Crampwatch"
    texts = (f"{made.scenario.name}_seed_{made.seed}", f"seed_{made.seed}", "")
    return next(
        full for text in texts if len(full := f"{start} {text}".strip()) <= _RECORDING_FIELD
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


def _blocks(night: Night, progress: Callable[[float], None]) -> Iterator[list[NDArray[Any]]]:
    for start in range(0, round(night.duration_s), BLOCK_S):
        block: list[NDArray[Any]] = []
        for stream in night.streams:
            first, after = (round(t * stream.rate_hz) for t in (start, start + BLOCK_S))
            end = round(night.duration_s * stream.rate_hz)
            raw = _filled(stream, first, min(after, end))
            block.extend(raw[:, axis] for axis in range(stream.n_axes))
        yield block
        progress(min(1.0, (start + BLOCK_S) / night.duration_s))


def _filled(stream: Stream, first: int, after: int) -> NDArray[np.int16]:
    """Return samples `first` to `after` of the whole night; a gap holds the last value."""
    out = np.zeros((after - first, stream.n_axes), np.int16)
    starts = [round(segment.start_s * stream.rate_hz) for segment in stream.segments]
    for segment, at, following in zip(
        stream.segments, starts, [*starts[1:], after], strict=True
    ):
        begin, end = max(first, at), min(after, at + len(segment))
        if begin < end:
            out[begin - first : end - first] = segment.source.read(begin - at, end - at)
        held, until = max(first, at + len(segment)), min(after, following)
        if held < until:
            last = segment.source.read(len(segment) - 1, len(segment))
            out[held - first : until - first] = last
    return out
