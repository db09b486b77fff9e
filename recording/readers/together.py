"""The files of several sensors as one night."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from ..assemble import with_own_labels
from ..errors import RecordingError
from ..model import Event, Night, Segment, Stream

_ENTITY = re.compile(r"_recording-([A-Za-z0-9]+(?:-[A-Za-z0-9]+)*)(?=_|$)")
_FARTHEST_S = 86_400.0


def without_sensor(name: str) -> str:
    """Return the BIDS name of a file without its entity ``recording-``."""
    return _ENTITY.sub("", name)


def sensor_of(name: str) -> str:
    """Return the label of the entity ``recording-`` in a BIDS name, or nothing."""
    entity = _ENTITY.search(name)
    return entity[1] if entity else ""


def named(night: str, sensor: str) -> str:
    """Return the name, without suffix, of the file of one sensor of a night."""
    label = "-".join(re.findall(r"[A-Za-z0-9]+", sensor))
    return f"{night}_recording-{label}" if label else night


def one_night(paths: Sequence[Path]) -> dict[str, Path] | None:
    """Return the files by sensor, where they are those of one night; else None.

    So are files of one folder whose names differ in the entity ``recording-`` only, as BIDS
    and `named` have them.
    """
    found: dict[str, Path] = {}
    nights = set()
    for path in paths:
        sensor = sensor_of(path.stem)
        if not sensor:
            return None
        nights.add((path.parent, without_sensor(path.stem)))
        found[sensor] = path
    return found if len(nights) == 1 and len(found) == len(paths) else None


def join(nights: Mapping[str, Night]) -> Night:
    """Return the nights of several sensors as one.

    Parameters
    ----------
    nights
        Night by the name of its sensor. They are put in place by their clock times. Marks
        that stand in the files of several are taken once.

    Raises
    ------
    RecordingError
        One of them has a start and another has none, or they lie a day apart.
    """
    start = _start(nights)
    streams: list[Stream] = []
    events: list[Event] = []
    for sensor, night in nights.items():
        late = (night.start - start).total_seconds() if start and night.start else 0.0
        streams += [_of(stream, sensor, late) for stream in night.streams]
        own = [replace(event, onset=event.onset + late) for event in night.events]
        events += _new(own, events)
    first = next(iter(nights.values()))
    return Night(
        streams=with_own_labels(streams),
        start=start,
        events=tuple(sorted(events, key=lambda event: event.onset)),
        source=first.source.parent if first.source else None,
        format=first.format,
        devices=tuple(dict.fromkeys(d for night in nights.values() for d in night.devices)),
        notes=tuple(f"{name}: {note}" for name, n in nights.items() for note in n.notes),
    )


def _start(nights: Mapping[str, Night]) -> datetime | None:
    starts = [night.start for night in nights.values()]
    known = [start for start in starts if start is not None]
    if known and len(known) < len(starts):
        raise RecordingError("one sensor's file names no start, so it cannot join the others")
    if known and (max(known) - min(known)).total_seconds() > _FARTHEST_S:
        raise RecordingError("the files of the sensors begin on different days; name one")
    return min(known, default=None)


def _new(events: Sequence[Event], known: Sequence[Event]) -> list[Event]:
    """Return the events that are not known from the file of another sensor."""

    def told(event: Event) -> tuple[object, ...]:
        times = round(event.onset, 3), round(event.duration, 3)
        extra = sorted((name, str(value)) for name, value in event.extra.items())
        return *times, event.trial_type, event.side, event.channel, tuple(extra)

    held = {told(event) for event in known}
    return [event for event in events if told(event) not in held]


def _of(stream: Stream, sensor: str, late_s: float) -> Stream:
    segments = tuple(Segment(each.start_s + late_s, each.source) for each in stream.segments)
    return replace(stream, segments=segments, sensor=sensor)
