"""Sensors looked at without a recording: nothing of what they send reaches a disk."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from datetime import datetime

from ...firmware_bridge.collector import Collector
from ...firmware_bridge.host_clock import HostClock, SystemClock
from ...recording.errors import CrampwatchError, RecordingError
from ...recording.journal.blocks import SampleBlock
from ...recording.journal.header import JournalHeader
from ...recording.journal.notes import Note
from ...recording.journal.streams import JournalStream
from ..live.watching import LiveNight
from ..record.checks import Verdict, body_safety
from ..record.equipment import Equipped, Links, equip
from ..record.pace import LoopClock, PacedLoop
from ..record.power import Source, power
from ..record.settings import RecordSettings
from .feeds import LiveFeed

MOST_WAITING = 20_000
"""Blocks of samples that may wait for a monitor that does not look; older ones go."""

SYNC_EVERY_S = 0.1
TICK_S = 1.0
_START_S = 10.0

Item = Note | tuple[int, SampleBlock]


class Passing:
    """A journal that is only passed through: what nobody has read is in memory, then gone."""

    def __init__(self, header: JournalHeader) -> None:
        self.header = header
        self.failed: RecordingError | None = None
        self.ended = False
        self._streams: dict[int, JournalStream] = {}
        self._waiting: deque[Item] = deque(maxlen=MOST_WAITING)

    @property
    def streams(self) -> Mapping[int, JournalStream]:
        """Streams by channel."""
        return dict(self._streams)

    def open_stream(self, stream: JournalStream) -> int:
        """See `Journal`."""
        channel = len(self._streams) + 1
        self._streams[channel] = stream
        return channel

    def samples(self, channel: int, block: SampleBlock) -> None:
        """See `Journal`."""
        self._waiting.append((channel, block))

    def note(self, note: Note) -> None:
        """See `Journal`."""
        self._waiting.append(note)

    def sync(self) -> None:
        """See `Journal`."""

    def close(self) -> None:
        """End it."""
        self.ended = True

    def chunks(self) -> Iterator[list[Item]]:
        """Yield what came since the last call."""
        items = []
        while self._waiting:
            items.append(self._waiting.popleft())
        if items:
            yield items


class Sensing:
    """Sensors that are connected in a thread of their own, until `stop`.

    Parameters
    ----------
    settings
        The sensors, as for a recording.
    """

    def __init__(self, settings: RecordSettings) -> None:
        self._settings = settings
        self._ready = threading.Event()
        self._failed: BaseException | None = None
        self._passing: Passing | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, name="sensors", daemon=True)

    def start(self) -> Passing:
        """Begin to connect; returns what the sensors' samples pass through.

        Raises
        ------
        CrampwatchError
            An address makes no sense, or a sensor wired to the body must not be looked at
            while the computer is on a cable.
        """
        self._thread.start()
        self._ready.wait(_START_S)
        if isinstance(self._failed, CrampwatchError):
            raise self._failed
        if self._failed is not None or self._passing is None:
            raise CrampwatchError(f"the sensors cannot be opened: {self._failed!r}")
        return self._passing

    def stop(self) -> None:
        """Say good-bye to the sensors."""
        loop = self._loop
        if loop is not None and self._thread.is_alive():
            loop.call_soon_threadsafe(self._ended.set)
            self._thread.join(20.0)

    def _run(self) -> None:
        speed = self._settings.speed
        factory = (lambda: PacedLoop(speed)) if speed != 1.0 else None
        try:
            with asyncio.Runner(loop_factory=factory) as runner:
                runner.run(self._sense())
        except Exception as error:  # noqa: BLE001 - told by who waits for it
            self._failed = error
        finally:
            if self._passing is not None:
                self._passing.close()
            self._ready.set()

    async def _sense(self) -> None:
        loop = asyncio.get_running_loop()
        self._ended = asyncio.Event()
        self._loop = loop
        clock = LoopClock(loop) if isinstance(loop, PacedLoop) else SystemClock()
        sensors = equip(self._settings, clock)
        exposed = [] if self._settings.isolator else _wired(sensors)
        _refuse_wired(exposed)
        passing = self._passing = Passing(_header(clock))
        worn = {name: each.worn for name, each in sensors.items()}
        collector = Collector(passing, clock, worn=worn, sync_every_s=SYNC_EVERY_S)
        links = Links(sensors, collector, clock)
        links.start()
        self._ready.set()
        try:
            while not await _within(self._ended, TICK_S):
                collector.tick()
                if exposed and power().source is not Source.BATTERY:
                    await links.stop(*exposed)
                    exposed = []
        finally:
            await links.stop()
            collector.close()


def sense(settings: RecordSettings) -> LiveFeed:
    """Connect sensors and return what they bring; errors as those of `Sensing.start`."""
    sensing = Sensing(settings)
    passing = sensing.start()
    name = ", ".join(settings.sensors)
    return LiveFeed(LiveNight(passing), name, "sensors", sensing.stop)


def _wired(sensors: Mapping[str, Equipped]) -> list[str]:
    return [name for name, each in sensors.items() if each.opened.wired_to_body]


def _refuse_wired(names: list[str]) -> None:
    """Raise where a sensor is wired to a body and the computer may be on the mains."""
    found = body_safety(names, power(), isolator=False)
    if found is not None and found.verdict is Verdict.FAIL:
        raise CrampwatchError(found.words)


async def _within(event: asyncio.Event, seconds: float) -> bool:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return False
    return True


def _header(clock: HostClock) -> JournalHeader:
    wall_s = clock.wall()
    offset = datetime.fromtimestamp(wall_s).astimezone().utcoffset()
    return JournalHeader(
        wall_s=wall_s,
        monotonic_s=clock.monotonic(),
        elapsed_s=clock.awake_or_not(),
        utc_offset_s=0 if offset is None else round(offset.total_seconds()),
    )
