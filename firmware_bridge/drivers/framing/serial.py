"""From the frames of a serial stream to items with a counter, and what a reset leaves."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..model import DeviceEvent
from .scanner import Frames
from .unwrap import Items

SHORTEST_TEXT = 4
FRESH_COUNT = 8
"""A counter below this, after text, has begun anew."""


def counted(
    frames: Frames, position: NDArray[np.int64], restart: NDArray[np.bool_] | None = None
) -> Items:
    """Return frames as items of one sample each.

    Parameters
    ----------
    frames
        From the scanner.
    position
        Their counters, shape ``(n,)``.
    restart
        Where the device began anew.
    """
    count = len(frames)
    return Items(
        position,
        np.ones(count, np.int64),
        frames.arrival_s,
        damaged(frames),
        np.zeros(count, np.bool_) if restart is None else restart,
        frames.rows,
    )


def damaged(frames: Frames) -> NDArray[np.float64]:
    """Return how many frames the bytes thrown away before each frame were.

    Whole frames only: other lengths are as likely bytes that were put in.
    """
    whole, rest = np.divmod(frames.skipped, frames.rows.shape[1])
    return np.where(rest == 0, whole, 0.0)


def restarts(
    frames: Frames, position: NDArray[np.int64], marks: tuple[bytes, ...] = ()
) -> tuple[NDArray[np.bool_], tuple[DeviceEvent, ...]]:
    """Return where boot text was printed before a frame, and what it said.

    Parameters
    ----------
    frames
        From the scanner.
    position
        Their counters.
    marks
        Words that only a boot text holds. Any other text counts where the counter begins
        anew behind it.
    """
    found = np.zeros(len(frames), np.bool_)
    events = []
    for row, text in frames.texts.items():
        if row >= len(frames):
            continue
        marked = any(mark in text for mark in marks)
        if marked or (_is_text(text) and position[row] < FRESH_COUNT):
            found[row] = True
            words = "".join(c if c.isprintable() else " " for c in text.decode("latin-1"))
            time = float(frames.arrival_s[row])
            events.append(DeviceEvent("restart", text=words.strip(), arrival_s=time))
    return found, tuple(events)


def _is_text(data: bytes) -> bool:
    return len(data) >= SHORTEST_TEXT and all(32 <= c < 127 or c in b"\r\n\t\0" for c in data)
