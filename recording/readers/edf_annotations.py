"""Time-stamped annotation lists (TALs) of EDF+ and BDF+."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..annotations.edf_text import from_text
from ..model import Event

MAX_RECORDS = 2_000_000
"""Files with more records are read without their annotations: memory stays bounded."""

_MAX_EVENTS = 200_000
_MAX_TEXT = 4_096
_MAX_TIME_S = 400 * 86_400.0
_CLOCK = re.compile(rb"\0*([+-]\d{1,12}(?:\.\d{0,24})?)(?:\x15[\d.]*)?\x14")
_TAL = re.compile(
    rb"([+-]\d{1,12}(?:\.\d{0,24})?)(?:\x15(\d{1,12}(?:\.\d{0,24})?))?\x14([^\0]+?)\x14(?=\0|$)"
)


@dataclass(frozen=True, slots=True)
class Tals:
    """What the annotation signals say.

    Attributes
    ----------
    onsets
        Time of each record by its time-keeping TAL, shape ``(n_records,)``, NaN where it
        has none; seconds from the start in the header.
    events
        All annotations, sorted by onset; seconds from the start in the header.
    notes
        What could not be read.
    """

    onsets: NDArray[np.float64]
    events: tuple[Event, ...]
    notes: tuple[str, ...]


def read_tals(signals: Iterable[Iterable[NDArray[np.uint8]]], n_records: int) -> Tals:
    """Return the annotations in the annotation signals of a file.

    Parameters
    ----------
    signals
        For each annotation signal its bytes in blocks of records, shape
        ``(records of the block, n_bytes)``; the first signal keeps the time.
    n_records
        Number of records.
    """
    onsets = np.full(n_records, np.nan)
    found: list[tuple[float, float, str]] = []
    unreadable = 0
    for number, blocks in enumerate(signals):
        keeps_time = number == 0
        for record, chunk in enumerate(row for block in blocks for row in _rows(block)):
            place = 0
            clock = _CLOCK.match(chunk) if keeps_time else None
            if clock is not None:
                onsets[record] = _seconds(clock[1])
                if chunk[clock.end() :] in (b"", b"\x14"):
                    continue
                place = clock.start(1)
            if chunk and len(found) < _MAX_EVENTS:
                unreadable += _collect(chunk[place:], found)
    notes = []
    if unreadable:
        notes.append(
            f"{unreadable} annotations have no readable time or text and were left out"
        )
    if len(found) >= _MAX_EVENTS:
        notes.append(f"only the first {_MAX_EVENTS} annotations were read")
    found.sort()
    return Tals(onsets, tuple(from_text(*each) for each in found), tuple(notes))


def _rows(block: NDArray[np.uint8]) -> Iterator[bytes]:
    """Yield the bytes of each record without their padding."""
    size = block.shape[1]
    data = block.tobytes()
    for start in range(0, len(data), size):
        yield data[start : start + size].rstrip(b"\0")


def _collect(chunk: bytes, found: list[tuple[float, float, str]]) -> int:
    """Add the annotations of one record; return how many TALs could not be read."""
    bad = 0
    for tal in chunk.split(b"\0"):
        if not tal or _CLOCK.fullmatch(tal.rstrip(b"\x14") + b"\x14"):
            continue
        match = _TAL.fullmatch(tal)
        if match is None:
            bad += 1
            continue
        onset, duration = _seconds(match[1]), _seconds(match[2] or b"0")
        if not (math.isfinite(onset) and math.isfinite(duration)):
            bad += 1
            continue
        for text in match[3].split(b"\x14"):
            if text.strip():
                words = text[:_MAX_TEXT].decode("utf-8", errors="replace")
                found.append((onset, duration, words))
    return bad


def _seconds(text: bytes) -> float:
    value = float(text)
    return value if abs(value) <= _MAX_TIME_S else math.nan
