"""One stream of one sensor, as the journal describes it: all that its raw numbers mean."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, get_args

from ..errors import RecordingError
from ..model import Kind, Side
from .header import DAMAGED

MOST_STREAMS = 1000
MOST_COLUMNS = 64
MOST_TEXT = 4096


@dataclass(frozen=True, slots=True)
class JournalStream:
    """One stream of one sensor: one channel of the journal.

    Attributes
    ----------
    sensor
        Name that the person gave (``left-calf``).
    stream
        Name that the driver gives (``exg``, ``accel``).
    kind
        What it measures, as in the night.
    columns
        One name for each channel, with its unit (``ch1_uV``).
    unit
        Unit of ``raw * gain * scale + offset``.
    rate_hz
        Nominal rate, Hz.
    gain, offset
        One number for each column.
    mixing
        Rows of a square matrix applied to the scaled columns, or None.
    calibrated
        Whether `unit` can be trusted as an absolute scale.
    raw_limits
        Smallest and largest raw number of the converter, where known.
    counter_modulus
        Samples after which the device's counter repeats, or None.
    device_clock
        Whether the device stamps its samples with a clock of its own.
    side
        Leg, where known.
    muscles
        Muscle under each column (``GM``, ``TA``), None where unknown; may be empty.
    placement
        Where the sensor sits (``calf``), where known.
    driver, settings
        What decodes the sensor, and how.
    title
        Name of the device, for people.
    generation
        Which decoder gave it, from 1: running numbers begin anew with each.
    """

    sensor: str
    stream: str
    kind: Kind
    columns: tuple[str, ...]
    unit: str
    rate_hz: float
    gain: tuple[float, ...]
    offset: tuple[float, ...]
    mixing: tuple[tuple[float, ...], ...] | None = None
    calibrated: bool = False
    raw_limits: tuple[int, int] | None = None
    counter_modulus: int | None = None
    device_clock: bool = False
    side: Side | None = None
    muscles: tuple[str | None, ...] = ()
    placement: str | None = None
    driver: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    title: str = ""
    generation: int = 1

    def __post_init__(self) -> None:
        wrong = _wrong(self)
        if wrong:
            raise RecordingError(f"stream {self.sensor}/{self.stream}: {wrong}")

    @property
    def topic(self) -> str:
        """Name of the channel in the journal."""
        return f"{self.sensor}/{self.stream}"


def stream_to_text(stream: JournalStream) -> str:
    """Return the stream as one JSON object."""
    return json.dumps(asdict(stream), ensure_ascii=False, separators=(",", ":"))


def stream_from_text(text: str) -> JournalStream:
    """Return the stream that `stream_to_text` wrote; names it does not know are passed over.

    Raises
    ------
    RecordingError
        It is no description of a stream.
    """
    try:
        data = json.loads(text)
        known = {each.name for each in fields(JournalStream)}
        return JournalStream(**{k: _frozen(v) for k, v in data.items() if k in known})
    except RecordingError:
        raise
    except DAMAGED as error:
        raise RecordingError(f"the description of a stream is damaged: {error}") from error


def _frozen(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_frozen(each) for each in value)
    return value


def _wrong(stream: JournalStream) -> str:
    """Say what is wrong with a description, which may come from a hostile file."""
    return _wrong_words(stream) or _wrong_numbers(stream)


def _wrong_words(stream: JournalStream) -> str:
    texts = (stream.sensor, stream.stream, stream.unit, stream.driver, stream.title)
    maybe = (stream.placement, *_tuple(stream.muscles))
    if not all(isinstance(text, str) and len(text) <= MOST_TEXT for text in texts):
        return "a name is no text"
    if not all(text is None or isinstance(text, str) for text in maybe):
        return "a placement is no text"
    if not (stream.sensor and stream.stream):
        return "it has no name"
    if stream.kind not in get_args(Kind) or stream.side not in (None, *get_args(Side)):
        return f"the kind {stream.kind!r} or the side {stream.side!r} is unknown"
    return "" if isinstance(stream.settings, Mapping) else "its settings are damaged"


def _wrong_numbers(stream: JournalStream) -> str:
    columns = _tuple(stream.columns)
    if not 1 <= len(columns) <= MOST_COLUMNS or not all(isinstance(c, str) for c in columns):
        return f"it needs 1 to {MOST_COLUMNS} named columns"
    if not (_are_numbers((stream.rate_hz,), 1) and 0 < stream.rate_hz <= 1e6):
        return f"a rate of {stream.rate_hz!r} Hz is not possible"
    rows = (stream.gain, stream.offset, *_tuple(stream.mixing))
    if not all(_are_numbers(row, len(columns)) for row in rows):
        return "gain, offset and mixing need one number for each column"
    if stream.mixing is not None and len(_tuple(stream.mixing)) != len(columns):
        return "the mixing needs a row for each column"
    if stream.raw_limits is not None and not _are_numbers(stream.raw_limits, 2):
        return "the raw limits are no pair of numbers"
    return "" if _are_numbers((stream.generation,), 1) else "its generation is no number"


def _tuple(value: object) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else ()


def _are_numbers(values: object, count: int) -> bool:
    row = _tuple(values)
    return len(row) == count and all(
        isinstance(value, int | float) and not isinstance(value, bool) and _finite(value)
        for value in row
    )


def _finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:
        return False
