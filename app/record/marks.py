"""Marks of the night: a key of the terminal, or a button of a sensor."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from queue import Full, Queue
from threading import Thread
from types import MappingProxyType
from typing import Any, Final

from ...firmware_bridge.collector import Collector
from ...firmware_bridge.drivers.model import Decoded
from ...firmware_bridge.host_clock import HostClock
from ...firmware_bridge.links import Link, LinkChange, LinkSink
from ...recording.annotations.markers import (
    NOW_LATER_S,
    PRESS_EARLIER_S,
    Mark,
    append_mark,
)
from ...recording.clock.round_trip import RoundTrip
from ...recording.errors import CrampwatchError

KEYS: Final[Mapping[str, str]] = MappingProxyType({" ": "press", "m": "press", "c": "cramp"})
"""Keys of the terminal, and what a press of them says."""

HINT: Final = "space marks a moment, c a cramp"
AGAIN_S: Final = 2.0
"""A key that is held down, or a button that bounces, is one press."""

MOST_WAITING: Final = 100
MOST_WAIT_S: Final = 10.0

logger = logging.getLogger(__name__)


class Marks(LinkSink):
    """Writes down presses, into the journal at once and into ``markers.tsv`` beside.

    The table is written by a thread of its own: a slow disk holds up no sensor.

    Parameters
    ----------
    folder
        Of the night.
    collector
        Takes the note.
    clock
        The host's clocks.
    say
        Tells a person.
    """

    def __init__(
        self, folder: Path, collector: Collector, clock: HostClock, say: Callable[[str], None]
    ) -> None:
        self._folder, self._collector, self._clock, self._say = folder, collector, clock, say
        self._last: dict[str, float] = {}
        self._waiting: Queue[Mark | None] = Queue(MOST_WAITING)
        self._writer = Thread(target=self._write, name="crampwatch marks", daemon=True)
        self._writer.start()

    def key(self, key: str) -> None:
        """Take a key of the terminal; one that means nothing is passed over."""
        kind = KEYS.get(key.lower())
        if kind is None or self._again(f"key {kind}", self._clock.monotonic()):
            return
        text = "a cramp" if kind == "cramp" else "a moment"
        wall_s = self._clock.wall()
        told = {"text": text, "source": "key", "wall_s": wall_s}
        self._collector.note("marker", None, told)
        self._mark(kind, "key", text, wall_s)

    def took(self, link: Link, packets: Sequence[object], decoded: Decoded) -> None:
        """See `LinkSink.took`; the journal has the button itself as a note already."""
        del packets
        for event in decoded.events:
            if event.kind != "button":
                continue
            now_s = self._clock.monotonic()
            at_s = now_s if math.isnan(event.arrival_s) else event.arrival_s
            if not self._again(f"button {link.name}", at_s):
                wall_s = self._clock.wall() - (now_s - at_s)
                self._mark("press", f"button:{link.name}", f"button of {link.name}", wall_s)

    def changed(self, link: Link, change: LinkChange) -> None:
        """See `LinkSink.changed`."""

    def round_trip(self, link: Link, trip: RoundTrip) -> None:
        """See `LinkSink.round_trip`."""

    def close(self) -> None:
        """Wait until all is written, for as long as a disk may take; never raises."""
        try:
            self._waiting.put(None, timeout=MOST_WAIT_S)
        except Full:
            return
        self._writer.join(MOST_WAIT_S)

    def _again(self, what: str, at_s: float) -> bool:
        before, self._last[what] = self._last.get(what, -math.inf), at_s
        return at_s - before < AGAIN_S

    def _mark(self, kind: str, source: str, text: str, wall_s: float) -> None:
        try:
            at = datetime.fromtimestamp(wall_s, UTC).astimezone()
        except (OverflowError, OSError, ValueError):
            return
        mark = Mark(
            at, PRESS_EARLIER_S, NOW_LATER_S, kind, source=source, made_at=at, text=text
        )
        try:
            self._waiting.put_nowait(mark)
        except Full:
            logger.warning("a mark is in the journal only: the disk takes no more")
        self._say(f"{at:%H:%M}  marked: {text}")

    def _write(self) -> None:
        told: set[str] = set()
        while (mark := self._waiting.get()) is not None:
            try:
                append_mark(self._folder, mark)
            except CrampwatchError as error:
                self._tell_once(told, str(error))
            except Exception as error:  # noqa: BLE001 - the next mark may go
                self._tell_once(told, repr(error))

    def _tell_once(self, told: set[str], trouble: Any) -> None:
        if trouble not in told:
            told.add(trouble)
            logger.warning("a mark is in the journal only: %s", trouble)
