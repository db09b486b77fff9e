"""What is worth an alert, seen in what the journal brings and in how time passes without."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ....detection.result import Notice
from ....recording.journal.notes import Note
from ....recording.model import Event, Stream
from ...live.growing import Chunk
from ...live.watching import Watched
from .alert import AlertKind
from .settings import AlertSettings

STEADY_S = 5.0
"""What was away is back once its samples have come for so long."""

LOSS_S = 300.0
"""Losses are counted over so long."""

LOSS_FROM_S = 120.0
"""Over less, a loss says little."""

FELL = 5.0
"""Percent by which a low battery falls before that is worth another word."""

STALLED_S = 90.0
"""The recorder writes something at least each minute."""

MARRED = 0.9
"""Part of a channel that is unusable where its electrode is taken to be off."""

_SLICE_S = 10.0


@dataclass(frozen=True, slots=True, eq=False)
class Sign:
    """Something that may be told.

    Attributes
    ----------
    kind
        What it is.
    at_s
        When it happened, seconds of the night.
    sensor
        Which sensor, None for the night.
    words
        What exactly, for texts with detail.
    event
        The event, where the detector saw one.
    """

    kind: AlertKind
    at_s: float
    sensor: str | None
    words: str
    event: Event | None = None


@dataclass(slots=True)
class _Sensor:
    """What is known of one sensor."""

    last_s: float = 0.0
    back_s: float = math.nan
    away: bool = False
    loose_s: dict[str, float] = field(default_factory=dict)
    told_loose: bool = False
    slices: deque[list[float]] = field(default_factory=deque)
    stream: int | None = None
    first_s: float = math.nan
    held_s: float = -math.inf
    battery: float = math.nan
    told_battery: float = math.inf


class Signs:
    """Turns steps of the night into signs.

    Parameters
    ----------
    settings
        Where each kind begins.
    sensors
        Names of all sensors, of those too that have not come yet.
    """

    def __init__(self, settings: AlertSettings, sensors: Iterable[str]) -> None:
        self._settings = settings
        self._sensors = {name: _Sensor() for name in sensors}
        self._cramps: deque[Event] = deque(maxlen=32)
        self._stalled = False
        self._full = False

    @property
    def batteries(self) -> Mapping[str, float]:
        """What each sensor said last of its battery, percent or NaN."""
        return {name: each.battery for name, each in self._sensors.items()}

    @property
    def links(self) -> Mapping[str, str]:
        """How the link of each sensor is doing, in a word."""
        return {n: "lost" if e.away else "streams" for n, e in self._sensors.items()}

    def took(self, watched: Watched, streams: Sequence[Stream]) -> Iterator[Sign]:
        """Take one step of the night."""
        step = watched.step
        for chunk in step.chunks:
            self._samples(chunk, streams[chunk.stream], step.now_s)
        for at_s, note in step.notes:
            yield from self._note(at_s, note)
        for notice in watched.notices:
            yield from self._notice(notice, streams)

    def passed(self, now_s: float, marred: Mapping[str, Mapping[str, float]]) -> Iterator[Sign]:
        """Take note that time has passed.

        Parameters
        ----------
        now_s
            Time of night, seconds.
        marred
            By sensor and channel: part of the last samples that is unusable.
        """
        for name, sensor in self._sensors.items():
            yield from self._link(name, sensor, now_s)
            self._channels(sensor, marred.get(name, {}), now_s)
            yield from self._electrode(name, sensor, now_s)
            yield from self._loss(name, sensor, now_s)

    def disk(self, now_s: float, free_bytes: float) -> Iterator[Sign]:
        """Take how much space there is."""
        low = free_bytes < self._settings.disk.threshold * 1e9
        if low and not self._full:
            words = f"{free_bytes / 1e9:.1f} GB are free"
            yield Sign(AlertKind.DISK, now_s, None, words)
        self._full = low

    def grew(self, now_s: float, since_s: float) -> Iterator[Sign]:
        """Take for how long the journal has not grown, seconds of the night."""
        stalled = since_s > STALLED_S
        if stalled and not self._stalled:
            words = "the journal does not grow: the recorder hangs, or has ended"
            yield Sign(AlertKind.DATA, now_s - since_s, None, words)
        elif self._stalled and not stalled:
            yield Sign(AlertKind.BACK, now_s, None, "the journal grows again")
        self._stalled = stalled

    def _samples(self, chunk: Chunk, stream: Stream, now_s: float) -> None:
        sensor = self._sensors.setdefault(stream.sensor, _Sensor())
        if now_s - sensor.last_s > STEADY_S or math.isnan(sensor.back_s):
            sensor.back_s = now_s
        sensor.last_s = now_s
        if sensor.stream is None:
            sensor.stream, sensor.first_s = chunk.stream, now_s
        if chunk.stream == sensor.stream:
            seconds = chunk.raw.shape[0] / stream.rate_hz
            if not sensor.slices or now_s - sensor.slices[-1][0] > _SLICE_S:
                sensor.slices.append([now_s, 0.0])
            sensor.slices[-1][1] += seconds

    def _note(self, at_s: float, note: Note) -> Iterator[Sign]:
        if note.sensor is None or note.kind not in ("battery", "device"):
            return
        sensor = self._sensors.setdefault(note.sensor, _Sensor())
        kind, value = note.data.get("kind"), note.data.get("value")
        if kind == "battery" and isinstance(value, int | float):
            sensor.battery = float(value)
            if sensor.battery > self._settings.battery.threshold + FELL:
                sensor.told_battery = math.inf
            low = sensor.battery <= self._settings.battery.threshold
            if low and sensor.battery <= sensor.told_battery - FELL:
                sensor.told_battery = sensor.battery
                words = f"{note.sensor}: battery at {sensor.battery:.0f} %"
                yield Sign(AlertKind.BATTERY, at_s, note.sensor, words)
        elif kind == "leads_off":
            sensor.loose_s.setdefault(_SAID, at_s)
        elif kind == "leads_on":
            sensor.loose_s.pop(_SAID, None)

    def _notice(self, notice: Notice, streams: Sequence[Stream]) -> Iterator[Sign]:
        event = notice.event
        if event.trial_type != "cramp":
            return
        known = any(e.side == event.side and _overlap(e, event) for e in self._cramps)
        self._cramps.append(event)
        if known:
            return
        sensor = next((s.sensor for s in streams if s.label == event.channel), None)
        leg = f"{event.side} leg" if event.side in ("left", "right") else "a leg"
        words = f"cramp-like contraction, {leg}, for {event.duration:.0f} s"
        yield Sign(AlertKind.CRAMP, event.onset, sensor or None, words, event)

    def _link(self, name: str, sensor: _Sensor, now_s: float) -> Iterator[Sign]:
        silent_s = now_s - sensor.last_s
        if not sensor.away and silent_s > self._settings.link.threshold:
            sensor.away = True
            words = f"{name}: no samples for {silent_s:.0f} s"
            yield Sign(AlertKind.LINK, sensor.last_s, name, words)
        elif sensor.away and silent_s < STEADY_S and sensor.last_s - sensor.back_s > STEADY_S:
            sensor.away = False
            yield Sign(AlertKind.BACK, sensor.back_s, name, f"{name}: samples come again")
        if sensor.away:
            sensor.held_s = now_s

    def _channels(self, sensor: _Sensor, marred: Mapping[str, float], now_s: float) -> None:
        for channel, part in marred.items():
            if part >= MARRED:
                sensor.loose_s.setdefault(channel, now_s)
            else:
                sensor.loose_s.pop(channel, None)

    def _electrode(self, name: str, sensor: _Sensor, now_s: float) -> Iterator[Sign]:
        since_s = min(sensor.loose_s.values(), default=math.inf)
        if sensor.away:
            return
        if not sensor.told_loose and now_s - since_s > self._settings.electrode.threshold:
            sensor.told_loose = True
            where = ", ".join(each for each in sensor.loose_s if each != _SAID)
            words = f"{name}: an electrode is off{f' ({where})' if where else ''}"
            yield Sign(AlertKind.ELECTRODE, since_s, name, words)
        elif sensor.told_loose and not sensor.loose_s:
            sensor.told_loose = False
            words = f"{name}: the electrodes hold again"
            yield Sign(AlertKind.BACK, now_s, name, words)

    def _loss(self, name: str, sensor: _Sensor, now_s: float) -> Iterator[Sign]:
        """Tell losses, but not those of a link of which was told."""
        slices = sensor.slices
        while slices and slices[0][0] < now_s - LOSS_S:
            slices.popleft()
        since_s = max(now_s - LOSS_S, sensor.first_s, sensor.held_s)
        length_s = sensor.last_s - since_s
        if math.isnan(sensor.first_s) or length_s < LOSS_FROM_S:
            return
        came_s = sum(seconds for begun_s, seconds in slices if begun_s >= since_s)
        begun_s = next((begun for begun, _ in slices if begun >= since_s), since_s)
        lost = 100.0 * max(0.0, 1.0 - came_s / max(sensor.last_s - begun_s, 1.0))
        if lost > self._settings.data.threshold:
            words = f"{name}: {lost:.0f} % of the last minutes are lost"
            sensor.held_s = now_s
            yield Sign(AlertKind.DATA, now_s, name, words)


_SAID = "said by the sensor"


def _overlap(one: Event, other: Event) -> bool:
    return one.onset < other.end and other.onset < one.end
