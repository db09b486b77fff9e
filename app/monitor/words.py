"""What a board says in words: for the page and for the terminal."""

from __future__ import annotations

import math

from ..report.looks import look_of
from ..report.words import SIMULATED, clock, duration, kind_words, side_words, unit_words
from .board import Board, Seen, Track

SILENT_S = 4.0
"""The journal is written twice a second: so long without anything is worth a word."""

LOST_S = 90.0
"""The recorder writes something each minute, whatever happens."""

Cells = tuple[str, ...]

NOTHING_RECORDED = (
    "NOTHING IS RECORDED: this only shows what the sensors send. crampwatch record keeps a"
    " night."
)
PROVISIONAL = (
    "Events are provisional: crampwatch score tells the final ones from the whole night."
)


def state_words(board: Board) -> tuple[str, bool]:
    """Return how the night is doing, and whether that is to be worried about."""
    if board.failed:
        return f"The monitor has stopped: {board.failed}", True
    if board.over:
        return board.over, False
    if math.isnan(board.newest_s):
        waits = "sensors" if board.feed.origin == "sensors" else "first samples"
        return f"Waiting for the {waits} ...", False
    silent_s = board.silent_s()
    if silent_s >= LOST_S:
        length = duration(silent_s)
        return f"Nothing has come for {length}: the recorder hangs or has ended.", True
    if silent_s >= SILENT_S:
        return f"Nothing has come for {duration(silent_s)}.", True
    words = {
        "recording": "Being recorded",
        "sensors": "Live from the sensors",
        "stored": "A finished recording is played",
    }
    return words[board.feed.origin], False


def banners(board: Board) -> list[str]:
    """Return what must be seen first."""
    told = []
    if board.feed.origin == "sensors":
        told.append(NOTHING_RECORDED)
    if board.feed.simulated:
        told.append(SIMULATED)
    return told


def elapsed_words(board: Board, at_s: float) -> str:
    """Return for how long the night goes on, and the time of what is shown."""
    if math.isnan(at_s):
        return ""
    whole = max(0, int(at_s))
    since = f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"
    if board.start is None:
        return f"{since} from the start"
    return f"{clock(board.start, at_s)}, {since} since the start"


def sensor_rows(board: Board) -> list[Cells]:
    """Return name, link, quality, battery and lost samples of each sensor."""
    # a finished recording has no link
    stored = board.feed.origin == "stored"
    now_s = board.newest_s
    return [
        (
            name or "recording",
            "stored" if stored else sensor.link_words(now_s),
            sensor.quality_words() or "not known yet",
            sensor.battery_words() or "not told",
            str(sensor.lost) if sensor.lost else "none",
        )
        for name, sensor in board.sensors.known.items()
    ]


def event_rows(board: Board, most: int) -> list[Cells]:
    """Return symbol, begin, what, length, where and state of events, newest first."""
    newest = list(board.events)[-most:][::-1]
    return [_event_row(board, seen) for seen in newest]


def row_words(track: Track, half: float) -> str:
    """Return what stands at the left of a row: label, axes, and half its height."""
    stream = track.stream
    axes = f" {', '.join(_axes(stream.axes))}" if len(stream.axes) > 1 else ""
    return f"{stream.label}{axes}   ±{half:g} {_unit(track)}"


def height_words(track: Track, full: float) -> str:
    """Return what stands above a row of bars: label, and what a full bar is."""
    return f"{track.stream.label}   full: ±{full:g} {_unit(track)}"


def _unit(track: Track) -> str:
    unit = track.stream.unit
    return "counts" if unit == "count" else unit_words(unit)


def _axes(axes: tuple[str, ...]) -> list[str]:
    marks = ("─", "╌", "┈")
    return [f"{axis} {marks[n % len(marks)]}" for n, axis in enumerate(axes)]


def _event_row(board: Board, seen: Seen) -> Cells:
    at = clock(board.start, seen.at_s)
    notice = seen.notice
    if notice is None:
        return ("✎" if seen.kind == "marker" else "!", at, seen.words, "", "", seen.kind)
    event = notice.event
    symbol = look_of(event.trial_type).symbol
    length = duration(event.duration)
    where = ", ".join(part for part in (side_words(event.side), event.channel or "") if part)
    state = "goes on" if notice.ongoing else "ended"
    probability = "" if event.probability is None else f", p {event.probability:.2f}"
    return (
        symbol, at, kind_words(event) + probability, length, where, f"provisional, {state}"
    )  # fmt: skip
