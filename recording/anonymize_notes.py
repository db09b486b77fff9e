"""Header, streams and notes of a journal without what tells whose it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Final

from .annotations.vocabulary import KINDS
from .anonymize_edf import TECHNICAL
from .anonymize_names import sensor_label
from .errors import RecordingError
from .journal import JournalHeader, JournalStream, Note
from .units import COUNTS, scale_of
from .writers.bids import MUSCLES

_NUMBERS: Final[Mapping[str, tuple[str, ...]]] = {
    "link": ("attempt", "connection"),
    "gap": ("generation", "index", "lost", "lost_low", "lost_high"),
    "rejected": ("count", "bytes"),
    "device": ("device_s",),
    "battery": ("value", "device_s"),
    "round_trip": ("sent_s", "received_s", "device_s", "connection"),
    "wall": ("wall_s", "elapsed_s"),
    "tap": ("offset_s", "error_s", "taps", "confidence"),
    "marker": ("wall_s",),
    "recorder": ("lost_bytes", "damaged", "recorded_s"),
    "calibration": ("start_s", "end_s"),
    "alert": (),
}
"""Numbers of each kind of note that stay; other kinds are left out."""

_TEXTS: Final[Mapping[str, tuple[str, ...]]] = {
    "link": ("state", "fault"),
    "gap": ("reason",),
    "device": ("kind",),
    "battery": ("kind",),
    "marker": ("source", "text"),
    "recorder": ("event",),
    "calibration": ("phase", "act", "side"),
}
"""Texts that stay where they are one of `WORDS`."""

_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "tap": ("first", "second"),
    "calibration": ("sensor", "felt_by"),
}
"""Names of sensors, which become the new ones."""

WORDS: Final = frozenset(
    (
        *("searching", "connecting", "configuring", "streaming", "silent", "waiting"),
        *("stopped", "counter", "restart", "resent", "clock", "baseline", "arrival"),
        *("battery", "button", "time", "status", "key", "note", "start", "stop"),
        *("whole", "rest", "reference", "tap", "press", "lift", "left", "right", "simulated"),
    )
)
"""Words of notes that name nobody."""

_MARKS: Final = frozenset((*KINDS, "a cramp", "a moment"))
_STREAMS: Final = frozenset(
    (
        *("emg", "exg", "ecg", "acc", "accel", "gyro", "imu", "digital", "analog"),
        *("orientation", "magnetometer", "w", "dps"),
    )
)
_PROGRAM = re.compile(r"crampwatch(?: \d+(?:\.\d+)*)?")
_WALL = "wall_s"


@dataclass(slots=True)
class Cleaning:
    """New names by the old ones, what was taken out, and what may be there."""

    old: JournalHeader
    shift: timedelta
    models: Mapping[str, str]
    removed: dict[str, None] = field(default_factory=dict)
    kept: set[str] = field(default_factory=lambda: {*WORDS, *_MARKS, *_NUMBERS})
    _sensors: dict[str, str] = field(default_factory=dict)
    _streams: dict[tuple[str, str], str] = field(default_factory=dict)

    def header(self) -> JournalHeader:
        """Return the header: the clock time of the place told as if it were UTC."""
        old = self.old
        self._remove(old.zone, *old.details, *old.details.values())
        program = old.program if _PROGRAM.fullmatch(old.program) else "crampwatch"
        self.kept.add(program)
        return JournalHeader(
            self._wall(old.wall_s), old.monotonic_s, old.elapsed_s, "", 0, program, {}
        )

    def stream(self, old: JournalStream) -> JournalStream:
        """Return a stream with words of the lists and new names."""
        driver = old.driver if old.driver in self.models else ""
        title = self.models.get(old.driver, "")
        if "simulat" in f"{old.title} {old.driver}".lower():
            title = f"simulated {title}".strip()
        unit = old.unit if scale_of(old.unit, old.kind).physical or old.unit in COUNTS else ""
        muscles = tuple(each if each in MUSCLES else None for each in old.muscles)
        placement = old.placement if _is_technical(old.placement or "") else None
        new = replace(
            old,
            sensor=self.sensor(old.sensor),
            stream=self._stream(old.sensor, old.stream),
            columns=tuple(
                name if _is_technical(name) else f"ch{place}"
                for place, name in enumerate(old.columns, 1)
            ),
            unit=unit,
            muscles=muscles,
            placement=placement,
            driver=driver,
            settings={},
            title=title,
        )
        self._remove(old.driver, old.title, old.unit, old.placement or "", *old.columns)
        self._remove(
            *(each for each in old.muscles if each), *texts_of_json(dict(old.settings))
        )
        told = (new.stream, new.unit, new.driver, new.title, new.placement or "")
        self.kept.update(told, new.columns, filter(None, muscles))
        return new

    def note(self, old: Note) -> Note | None:
        """Return a note with its numbers and listed words; None where its kind is unknown."""
        self._remove(*texts_of_json(old.data))
        if old.kind not in _NUMBERS:
            self._remove(old.kind)
            return None
        data: dict[str, Any] = {
            name: old.data[name]
            for name in _NUMBERS[old.kind]
            if _is_number(old.data.get(name))
        }
        if old.kind == "gap" and old.data.get("lost_high", 0) is None:
            data["lost_high"] = None
        if _WALL in data:
            data[_WALL] = self._wall(data[_WALL])
        for name in _TEXTS.get(old.kind, ()):
            text = old.data.get(name)
            told = text.partition(":")[0] if isinstance(text, str) else ""
            if name == "text":
                told = text if text in _MARKS else ""
            if told in WORDS or told in _MARKS:
                data[name] = told
        for name in _NAMES.get(old.kind, ()):
            if isinstance(old.data.get(name), str):
                data[name] = self.sensor(old.data[name])
        if old.kind == "gap" and isinstance(old.data.get("stream"), str):
            data["stream"] = self._stream(str(old.sensor), old.data["stream"])
        return Note(old.kind, old.at_s, old.sensor and self.sensor(old.sensor), data)

    def sensor(self, old: str) -> str:
        """Return the new name of a sensor; one that tells leg or muscle only stays."""
        new = self._sensors.get(old)
        if new is None:
            new = sensor_label(old) or f"sensor-{len(self._sensors) + 1}"
            while new in self._sensors.values():
                new = f"{new}-{len(self._sensors) + 1}"
            self._sensors[old] = new
            self.kept.add(new)
            self._remove(old)
        return new

    def _stream(self, sensor: str, old: str) -> str:
        new = self._streams.get((sensor, old))
        if new is None:
            new = old if _is_technical(old) else f"stream-{len(self._streams) + 1}"
            self._streams[sensor, old] = new
            self.kept.add(new)
            self._remove(old)
        return new

    def _wall(self, wall_s: float) -> float:
        moved = wall_s + self.old.utc_offset_s + self.shift.total_seconds()
        if not 0 <= moved < 4.2e9:
            raise RecordingError("the journal would begin before 1970 or after 2100")
        return moved

    def _remove(self, *texts: str) -> None:
        self.removed.update(dict.fromkeys(text for text in texts if text))


def texts_of_json(value: object) -> Iterable[str]:
    """Yield all texts in what JSON holds, and keys of objects that are no plain words."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, each in value.items():
            if not re.fullmatch(r"[a-z_]{1,20}", str(name)):
                yield str(name)
            yield from texts_of_json(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from texts_of_json(each)


def _is_technical(text: str) -> bool:
    """Return whether a text is made of words that name signals, and numbers of a channel."""
    words = re.findall(r"[^\W\d_]+", text.casefold())
    short = not re.search(r"\d{3}", text) and len(text) <= 40
    plain = re.fullmatch(r"[\w ./^-]*", text, re.ASCII) is not None
    known = TECHNICAL | _STREAMS | COUNTS | {"counts"}
    return bool(words) and short and plain and all(word in known for word in words)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
