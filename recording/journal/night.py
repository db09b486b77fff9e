"""The journal as a night: streams on one time line, gaps explicit, samples left on the disk."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..assemble import with_own_labels
from ..clock import ClockReading, Loss, NightClock, loss_of, night_clock
from ..errors import DamagedError, RecordingError
from ..model import Event, Night, Stream
from .cache import BlockCache
from .calibration import calibration_events, calibration_remarks
from .directory import Directory
from .notes import Note
from .reader import JournalReader, is_doubted
from .recover import journal_in, recover_if_broken
from .segments import place, rate_of, segments_of, stretches
from .shapes import Shape, family_of, parts_of, stream_of
from .streams import JournalStream
from .times import Told, host_times

RATE_FROM_S = 30.0
"""A rate is measured over at least this long."""

RATE_OFF = 0.1
"""A measured rate further from the nominal one is not believed."""

Real = NDArray[np.float64]


def night_of(path: str | os.PathLike[str]) -> Night:
    """Open the journal of a night.

    A journal without an index (the recording was cut off, or goes on) is opened from its
    checkpoints. Where damage is found while samples are read, `DamagedError` is raised;
    opened again by the same process, the journal is mended first, or read without the
    damaged part where it cannot be written.

    Parameters
    ----------
    path
        The folder of a night, or the journal.

    Returns
    -------
    Night
        One stream for each muscle and each accelerometer. Times are seconds from the first
        sample, by the host's clock, the drift of the sensors' own clocks removed; rates are
        those measured. Presses of keys and buttons are events.

    Raises
    ------
    RecordingError
        It cannot be read, is no journal, or holds no samples.
    """
    journal = journal_in(path)
    try:
        return _night(_reader(journal))
    except DamagedError:
        return _night(_reader(journal))


def _reader(journal: Path) -> JournalReader:
    """Open a journal; one in which damage was found is mended, or read through in memory."""
    if is_doubted(journal):
        recover_if_broken(journal, every_chunk=True)
    return JournalReader(journal, every_chunk=is_doubted(journal))


def _night(reader: JournalReader) -> Night:
    journal, directory = reader.path, reader.directory
    heard = _Heard()
    for note in reader.notes():
        heard.take(note)
    times, unknown = host_times(directory, heard.clocks)
    starts = [float(each.min()) for each in times.values() if len(each)]
    if not starts:
        raise RecordingError(f"{journal}: no sample was recorded")
    clock = _clock(directory, heard.clocks.readings, min(starts))
    nights = {channel: clock.to_night(each) for channel, each in times.items()}
    cache = BlockCache(reader)
    streams = [
        stream
        for channels in _families(directory)
        for stream in _streams(directory, channels, nights, heard, cache)
    ]
    return Night(
        streams=with_own_labels(streams),
        start=_start(directory, clock),
        events=_events(heard, clock),
        source=journal,
        format="Crampwatch journal",
        devices=_devices(directory),
        notes=(*_remarks(reader, heard, clock), *unknown),
    )


@dataclass(slots=True)
class _Heard:
    """What the notes tell."""

    clocks: Told = field(default_factory=Told)
    gaps: dict[tuple[str, str], list[_Gap]] = field(default_factory=lambda: defaultdict(list))
    marks: list[Note] = field(default_factory=list)
    calibration: list[Note] = field(default_factory=list)
    stopped: bool = False
    mended: list[Note] = field(default_factory=list)

    def take(self, note: Note) -> None:
        self.clocks.take(note)
        if note.kind == "gap":
            self._gap(note)
        elif note.kind == "marker" or (
            note.kind == "device" and note.data.get("kind") == "button"
        ):
            self.marks.append(note)
        elif note.kind == "calibration":
            self.calibration.append(note)
        elif note.kind == "recorder":
            self.stopped |= note.data.get("event") == "stop"
            if "lost_bytes" in note.data:
                self.mended.append(note)

    def _gap(self, note: Note) -> None:
        data = note.data
        try:
            high = data.get("lost_high")
            gap = _Gap(
                int(data["lost"]),
                int(data["lost_low"]),
                None if high is None else int(high),
                str(data["reason"]),
            )
            self.gaps[str(note.sensor), str(data["stream"])].append(gap)
        except (ValueError, TypeError, LookupError, OverflowError):
            return


@dataclass(frozen=True, slots=True)
class _Gap:
    lost: int
    lost_low: int
    lost_high: int | None
    reason: str


def _clock(directory: Directory, readings: list[ClockReading], start_s: float) -> NightClock:
    header = directory.header
    first = ClockReading(header.monotonic_s, header.wall_s, header.elapsed_s)
    clock = night_clock([first, *readings], start_s)
    if clock is None:
        raise RecordingError("the journal tells no time")
    return clock


def _start(directory: Directory, clock: NightClock) -> datetime:
    """Return the start as the clock on the wall showed it, with its offset from UTC."""
    zone = timezone(timedelta(seconds=directory.header.utc_offset_s))
    return clock.start_utc.astimezone(zone)


def _families(directory: Directory) -> list[list[int]]:
    """Return the channels that are one stream: the decoder was renewed, its streams stayed."""
    families: dict[str, list[int]] = {}
    for channel, stream in directory.streams.items():
        families.setdefault(family_of(stream), []).append(channel)
    return list(families.values())


def _streams(
    directory: Directory,
    channels: Sequence[int],
    times: dict[int, Real],
    heard: _Heard,
    cache: BlockCache,
) -> list[Stream]:
    """Return the streams of the night that one stream of a sensor becomes."""
    told = directory.streams[channels[0]]
    tables = [directory.pieces[channel] for channel in channels]
    runs = [stretches(table) for table in tables]
    if not any(runs):
        return []
    rate_hz, remark = _rate(
        told, [rate_of(found, times[c]) for c, found in zip(channels, runs, strict=True)]
    )
    shape = Shape(told, np.concatenate([table.scale for table in tables]))
    placed = [
        (start_s, table, stretch)
        for channel, table, found in zip(channels, tables, runs, strict=True)
        for each in found
        for start_s, stretch in place(each, times[channel], rate_hz)
    ]
    loss = loss_of(
        heard.gaps.get((told.sensor, told.stream), ()), sum(int(t.count.sum()) for t in tables)
    )
    clock_notes = [note for channel in channels for note in directory.clocks[channel].found]
    notes = [remark, *_loss_note(loss), *clock_notes]
    return [
        stream_of(
            told,
            part,
            shape,
            rate_hz,
            segments=segments_of(
                [
                    (start_s, shape.source(cache, table, stretch, part.columns))
                    for start_s, table, stretch in placed
                ],
                rate_hz,
            ),
            notes=tuple(note for note in notes if note),
        )
        for part in parts_of(told)
    ]


def _rate(told: JournalStream, measured: Iterable[tuple[float, float]]) -> tuple[float, str]:
    """Return the rate that times are computed with, and what is to be said about it."""
    samples, seconds = (sum(each) for each in zip(*measured, strict=True))
    if seconds < RATE_FROM_S:
        return told.rate_hz, ""
    rate_hz = samples / seconds
    if abs(rate_hz / told.rate_hz - 1.0) > RATE_OFF:
        return told.rate_hz, (
            f"{rate_hz:.3g} samples came in each second, not {told.rate_hz:g} as the sensor "
            "says; times within a run go by the latter"
        )
    return rate_hz, ""


def _loss_note(loss: Loss) -> tuple[str, ...]:
    return () if loss.exact and not loss.lost else (str(loss),)


def _events(heard: _Heard, clock: NightClock) -> tuple[Event, ...]:
    events = calibration_events(
        heard.calibration, lambda at_s: float(clock.to_night(np.array([at_s]))[0])
    )
    for note in heard.marks:
        onset = float(clock.to_night(np.array([note.at_s]))[0])
        if not np.isfinite(onset):
            continue
        text = str(note.data.get("text") or note.data.get("kind") or "")
        extra = {"text": text} if text else {}
        if source := _pressed(note):
            extra["source"] = source
        events.append(Event(onset, 0.0, "marker", extra=extra))
    return tuple(sorted(events, key=lambda event: event.onset))


def _pressed(note: Note) -> str:
    """Return what was pressed, in the words of ``markers.tsv``; nothing where nobody says."""
    if note.kind == "device":
        return f"button:{note.sensor}" if note.sensor else "button"
    source = note.data.get("source")
    return source if isinstance(source, str) else ""


def _devices(directory: Directory) -> tuple[str, ...]:
    told = (
        f"{each.sensor}: {each.title or each.driver or 'unknown sensor'}"
        for each in directory.streams.values()
    )
    return tuple(dict.fromkeys(told))


def _remarks(reader: JournalReader, heard: _Heard, clock: NightClock) -> list[str]:
    remarks = [str(step) for step in clock.steps]
    holes = [each for each in reader.damage if not each.torn]
    if holes:
        size = sum(each.length for each in holes)
        remarks.append(f"{size} bytes of the journal are damaged and left out as gaps")
    remarks += [
        f"the journal was recovered; {note.data['lost_bytes']} bytes could not be read"
        for note in heard.mended
    ]
    remarks += calibration_remarks(heard.calibration)
    if not reader.indexed and not heard.stopped:
        remarks.append("the recording was cut off, or still goes on")
    return remarks
