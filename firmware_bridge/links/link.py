"""One sensor through one night: connect, configure, stream, watch, connect anew."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import NoReturn

from ...recording.errors import CrampwatchError
from ..drivers.model import Decoded, Driver, Packet, Write
from ..drivers.registry import DriverInfo
from ..host_clock import HostClock, SystemClock
from ..transports.transport import Fault, Transport, TransportError
from .attempts import Attempts
from .buzzing import Buzzer
from .conversations import conversation_for
from .decoding import Decoding, DriverError
from .guard import BrokenError, Guard, StopError, told
from .line import Line
from .news import News
from .policy import LinkPolicy
from .reactions import REACTIONS
from .states import LinkChange, LinkSink, LinkState
from .suspend import SuspendWatch, duration
from .watchdog import Watchdog

Connect = Callable[[], Transport]
Search = Callable[[], Awaitable[object]]

logger = logging.getLogger(__name__)


class Link:
    """Keeps a sensor streaming, whatever transport it is on, until it is told to stop.

    Each attempt has a fresh transport, and the one before is always closed first. The decoder
    is kept, so that running numbers go on and what was lost in between is counted.

    Parameters
    ----------
    name
        For people, and to tell links apart.
    info
        The sensor's driver.
    settings
        Settings of the driver.
    connect
        Makes a fresh transport.
    sink
        Takes samples, transitions and round trips.
    clock
        The host's clocks, the same that stamp packets.
    policy
        How patient the link is.
    seed
        Of the random part of pauses.
    search
        Looks for the sensor anew where several attempts in a row have failed, if the
        transport does not search by itself.

    Attributes
    ----------
    state
        What it does now.
    connection
        Which connection this is, from 1: the latency of each is its own.

    Raises
    ------
    SettingError
        A setting is unknown or has a value that is not allowed.
    """

    def __init__(
        self,
        name: str,
        info: DriverInfo,
        settings: Mapping[str, str],
        connect: Connect,
        sink: LinkSink,
        *,
        clock: HostClock | None = None,
        policy: LinkPolicy | None = None,
        seed: int = 0,
        search: Search | None = None,
    ) -> None:
        self.name = name
        self.info = info
        self.state = LinkState.STOPPED
        self.connection = 0
        self._connect = connect
        self._search = search
        self._sink = sink
        self._clock = clock or SystemClock()
        self._policy = policy or LinkPolicy()
        self._decoding = Decoding(info, settings)
        self._commands = info.commands_for(settings)
        self._buzzer = Buzzer(name, self._commands, self.send)
        self._conversation = conversation_for(self._commands, self._decoding)
        self._watchdog = Watchdog(self._policy)
        self._attempts = Attempts(self._policy, name, seed)
        self._suspend = SuspendWatch(self._clock, self._policy.suspend_s)
        self._news = News()
        self._guard: Guard | None = None
        self._ended = asyncio.Event()
        self._stopping = False
        self._line: Line | None = None
        self._held: list[Packet] | None = None
        self._began_anew_s: float | None = None

    @property
    def driver(self) -> Driver:
        """The decoder; its streams may change with `generation`."""
        return self._decoding.driver

    @property
    def generation(self) -> int:
        """Which decoder this is, from 1: running numbers begin anew with each."""
        return self._decoding.generation

    @property
    def settings(self) -> Mapping[str, str]:
        """Settings of the decoder, as given or as the sensor itself has said."""
        return dict(self._decoding.settings)

    async def run(self) -> None:
        """Keep the sensor streaming until `stop`, cancellation, or the end of a recording.

        When cancelled, the connection is closed at once: only `stop` lets the sensor stop and
        hands on what the decoder held back.

        Raises
        ------
        CrampwatchError
            The link runs already, or has run.
        Exception
            Whatever the sink raised.
        """
        if self._guard is not None:
            raise CrampwatchError(f"{self.name}: a link runs once")
        self._guard = Guard()
        if self._stopping:
            self._guard.stop()
        try:
            reason = await self._keep(self._guard)
            self._finish()
            self._change(LinkState.STOPPED, reason)
        finally:
            self.state = LinkState.STOPPED
            self._ended.set()

    async def stop(self) -> None:
        """Let the sensor stop, close the connection, and wait until `run` has ended."""
        self._stopping = True
        if self._guard is not None:
            self._guard.stop()
            await self._ended.wait()

    async def send(self, write: Write) -> None:
        """Write to the sensor.

        Raises
        ------
        TransportError
            It is not connected, or the connection broke.
        """
        if self._line is None:
            raise TransportError(Fault.LOST, f"{self.name} is not connected")
        await self._line.interject(write)

    def buzz(self, duration_ms: int, strength: int) -> bool:
        """Let the sensor vibrate, without waiting for it; never raises.

        Parameters
        ----------
        duration_ms
            Milliseconds, at most five seconds.
        strength
            1 to 255.

        Returns
        -------
        bool
            Whether the command is on its way: False where the sensor has no motor, does not
            stream, or has not yet been told of the one before.
        """
        if self.state is not LinkState.STREAMING or self._line is None:
            return False
        return self._buzzer.buzz(self.driver, duration_ms, strength)

    async def _keep(self, guard: Guard) -> str:
        try:
            while True:
                try:
                    await guard.pause(0.0)
                    await self._try(guard)
                except BrokenError as broken:
                    trouble = broken
                if REACTIONS[trouble.fault].ends:
                    return str(trouble)
                await self._recover(guard, trouble)
        except StopError:
            return "stopped"

    async def _try(self, guard: Guard) -> NoReturn:
        """Make one connection and live with it; always raises, and leaves nothing open."""
        self._attempts.begin()
        await self._look_for_it(guard)
        line = Line(self._transport(), self._digest, guard, self._policy)
        try:
            await line.open(self._commands.notify)
            self._suspend.slept()
            self._line = line
            self.connection += 1
            await self._live(line)
        except StopError:
            if self._line is not None:
                await line.part(self._conversation.stop)
            raise
        finally:
            self._line = None
            await line.close()

    async def _look_for_it(self, guard: Guard) -> None:
        lost = self._attempts.is_lost
        if self._search is not None and (lost or self._attempts.are_many):
            self._change(LinkState.SEARCHING, "looking for it anew")
            searching = _awaited(self._search())
            await guard.run(searching, self._policy.search_s, "searching")
        elif lost:
            self._change(LinkState.SEARCHING, "looking for it")
            return
        self._change(LinkState.CONNECTING, "connecting")

    def _transport(self) -> Transport:
        try:
            return self._connect()
        except TransportError as error:
            raise BrokenError(error.fault, str(error)) from error
        except CrampwatchError as error:
            raise BrokenError(Fault.OTHER, str(error)) from error
        except Exception as error:
            logger.exception("%s: no transport could be made", self.name)
            raise BrokenError(Fault.OTHER, told(error)) from error

    async def _live(self, line: Line) -> NoReturn:
        """Configure and stream; raises when it is over."""
        await self._begin(line, "connected; telling it what to send")
        while True:
            packets = await line.next(self._policy.tick_s)
            if self._waits_for_start():
                await self._begin(line, "the sensor began anew; it is set up again")
            await self._say_what_is_due(line)
            self._judge()
            if packets:
                await line.rest()

    async def _begin(self, line: Line, reason: str) -> None:
        self._began_anew_s = None
        self._change(LinkState.CONFIGURING, reason)
        self._watchdog.begin(self._now())
        self._held = [] if self._conversation.asks_first else None
        try:
            await self._conversation.begin(line)
            self._refine()
        finally:
            held, self._held = self._held, None
            if held:
                self._digest(held)
        now_s = self._now()
        self._conversation.begun(now_s)
        self._watchdog.begin(now_s)

    def _refine(self) -> None:
        """Open a fresh decoder where the sensor says that it sends something else."""
        settings = self._conversation.settings
        if settings == self._decoding.settings:
            return
        before = self.generation
        self._finish()
        try:
            self._decoding.renew(settings)
        except CrampwatchError as error:
            raise BrokenError(Fault.FOREIGN, str(error)) from error
        if self.generation != before:
            self._remark("the sensor now sends something else; numbers begin anew")

    async def _say_what_is_due(self, line: Line) -> None:
        for write in self._conversation.due(self._now()):
            await line.write(write)

    def _waits_for_start(self) -> bool:
        began_s = self._began_anew_s
        return began_s is not None and self._now() - began_s >= self._policy.restart_s

    def _digest(self, packets: Sequence[Packet]) -> None:
        """Decode, hand on, and take note; raises only what the sink does."""
        if self._held is not None:
            if len(self._held) < self._policy.most_held:
                self._held += packets
            else:
                self._sink.took(self, packets, Decoded())
            return
        try:
            decoded = self._decoding.feed(packets)
        except DriverError as error:
            self._sink.took(self, packets, Decoded())
            self._remark(f"the decoder failed ({error}); a fresh one goes on")
            return
        now_s = self._now()
        self._watchdog.saw(now_s, packets, decoded)
        trips = self._conversation.took(decoded)
        if self._conversation.began_anew:
            self._began_anew_s = now_s
        elif decoded.samples:
            self._began_anew_s = None
        self._sink.took(self, packets, decoded)
        for trip in trips:
            self._sink.round_trip(self, trip)
        if self._conversation.outgrown:
            self._finish()
            self._decoding.renew()
            self._remark("the sensor now sends other streams; numbers begin anew")
        elif decoded.samples and self.state is LinkState.CONFIGURING:
            self._change(LinkState.STREAMING, "samples come")

    def _finish(self) -> None:
        """Hand on what the decoder held back."""
        held_back = self._decoding.finish()
        if held_back.samples or held_back.gaps or held_back.rejected or held_back.events:
            self._sink.took(self, (), held_back)

    def _judge(self) -> None:
        now_s = self._now()
        slept_s = self._suspend.slept()
        if slept_s:
            words = f"the computer slept for {duration(slept_s)}"
            raise BrokenError(Fault.LOST, words, at_once=True)
        if self._decoding.errors >= self._policy.most_driver_errors:
            self._decoding.errors = 0
            raise BrokenError(Fault.FOREIGN, "the decoder fails on what it sends")
        trouble = self._watchdog.judge(now_s, self._conversation.hint)
        if trouble is not None:
            raise trouble
        if self._watchdog.streaming_s(now_s) >= self._policy.settled_s:
            self._attempts.settle()
        gone, back = self._watchdog.turned(now_s)
        for name in gone:
            self._remark(f"no samples of {name} any more; the rest goes on")
        for name in back:
            self._remark(f"samples of {name} come again")

    async def _recover(self, guard: Guard, trouble: BrokenError) -> None:
        """Tell what happened, and wait as long as it takes."""
        if trouble.silent:
            self._change(LinkState.SILENT, str(trouble), trouble.fault)
        pause_s = self._attempts.pause_after(trouble)
        when = "at once" if trouble.at_once else f"in {pause_s:.1f} s"
        reason = f"{trouble}; {REACTIONS[trouble.fault].doing} {when}"
        self._change(LinkState.WAITING, reason, trouble.fault, about=str(trouble))
        self._suspend.slept()
        until = self._now() + pause_s
        while (rest := until - self._now()) > 0:
            await guard.pause(min(rest, 1.0))
            if self._suspend.slept():
                self._attempts.hurry()
                return

    def _change(
        self, state: LinkState, reason: str, fault: Fault | None = None, about: str = ""
    ) -> None:
        self.state = state
        news = self._news.is_news(state, fault, about or reason)
        self._tell(LinkChange(self._now(), state, reason, self._attempts.number, fault, news))

    def _remark(self, words: str) -> None:
        """Tell what happened while the link goes on as it is."""
        news = self._news.is_new_remark(words)
        number = self._attempts.number
        self._tell(LinkChange(self._now(), self.state, words, number, news=news))

    def _tell(self, change: LinkChange) -> None:
        logger.info("%s: %s: %s", self.name, change.state.value, change.reason)
        self._sink.changed(self, change)

    def _now(self) -> float:
        return self._clock.monotonic()


async def _awaited(what: Awaitable[object]) -> object:
    return await what
