"""The guide through the calibration: says what to do, listens, and tells what was felt."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from ....firmware_bridge.host_clock import HostClock
from ....recording.clock import TapMatch
from . import levels, taps
from .heard import Heard, Signal
from .steps import READY_S, RELAX_S, SETTLE_S, Band, Step, steps_for

NOTE = "calibration"
COUNT_S = 0.5
END_S = 1.0
LISTEN_S = 2.0
REST_MARGIN_S = 2.0

Tell = Callable[[str], None]
Write = Callable[[str, Mapping[str, Any]], None]


class SkippedError(Exception):
    """Somebody said that it is enough."""


class Guide:
    """One calibration.

    Parameters
    ----------
    bands
        Tells the sensors, once they were listened to for a moment.
    heard
        What they bring; it listens already.
    clock
        The host's clocks.
    say
        Tells a line.
    count
        Shows what is being done and for how much longer; an empty text: nothing.
    write
        Writes a note of the journal: its kind and its data.
    asked
        Called with what is asked for and when it begins, for sleepers made of software.
    """

    def __init__(
        self,
        bands: Callable[[], Sequence[Band]],
        heard: Heard,
        *,
        clock: HostClock,
        say: Tell,
        count: Tell,
        write: Write,
        asked: Callable[[Step, float], None] = lambda _step, _at_s: None,
    ) -> None:
        self._find = bands
        self._bands: tuple[Band, ...] = ()
        self._heard = heard
        self._clock = clock
        self._say, self._count, self._write, self._asked = say, count, write, asked
        self._enough = asyncio.Event()
        self._rest: tuple[float, float] | None = None
        self._felt: dict[str, str] = {}

    def skip(self) -> None:
        """End it; what was done so far holds."""
        if not self._enough.is_set():
            self._say("Calibration skipped; the night goes on.")
        self._enough.set()

    def end(self) -> None:
        """End it, for the night ends."""
        self._enough.set()

    async def run(self) -> None:
        """Lead through all steps."""
        if await self._stopped(LISTEN_S):
            return
        self._bands = tuple(self._find())
        steps = steps_for(self._bands)
        if not steps:
            self._say("No calibration: no sensor here feels a muscle or a tap.")
            return
        begun_s = self._clock.monotonic()
        longest_s = sum(step.longest_s for step in steps) + END_S
        self._phase("whole", begun_s, begun_s + longest_s, planned=True)
        usual_s = sum(_usual_s(step) for step in steps) + END_S
        self._say(
            f"Calibration, about {usual_s:.0f} seconds: rest, a gentle contraction, a tap."
            " Ctrl-C or s skips it, and the night goes on."
        )
        self._say("Never push hard: a forceful push can provoke a cramp. Gentle is enough.")
        outcome = "skipped"
        try:
            with suppress(SkippedError):
                for step in steps:
                    self._say(step.words)
                    await self._step(step)
                await self._wait(END_S)
                outcome = "done"
        finally:
            self._count("")
            self._phase("whole", begun_s, self._clock.monotonic(), outcome=outcome)
        if outcome == "done":
            self._say("That was all. Sleep well.")

    async def _step(self, step: Step) -> None:
        if step.phase == "rest":
            await self._lie_still(step)
        elif step.phase == "reference":
            await self._contract(step)
        else:
            tell = self._tell_offsets if step.common else self._tell_band
            if not tell(step, *await self._tap(step), again=False):
                self._say("Once more.")
                tell(step, *await self._tap(step), again=True)

    async def _lie_still(self, step: Step) -> None:
        start_s = await self._do(step)
        end_s = start_s + step.seconds
        self._phase("rest", start_s, end_s)
        await self._wait(SETTLE_S)
        self._rest = (start_s + REST_MARGIN_S, end_s)
        restless = [
            band.name
            for band in self._bands
            for kind in self._kinds(band)
            if (signal := self._heard.signal(band.name, kind, *self._rest)) is not None
            and not levels.rested(signal)
        ]
        if restless:
            names = ", ".join(dict.fromkeys(restless))
            self._say(f"  not quiet: {names}; the level of rest will be looked for later")
        else:
            self._say("  quiet")

    async def _contract(self, step: Step) -> None:
        spans = []
        for turn in range(step.holds):
            for left_s in range(round(READY_S), 0, -1):
                self._count(f"{'ready' if turn == 0 else 'again'}: {step.doing} in {left_s}")
                await self._wait(1.0)
            start_s = await self._do(step)
            spans.append((start_s, start_s + step.seconds))
            self._phase(
                "reference",
                *spans[-1],
                act=step.act,
                side=step.side,
                sensors=list(step.sensors),
            )
            self._count("relax")
            await self._wait(RELAX_S)
        await self._wait(SETTLE_S)
        rises = {band.name: self._rise(band, spans) for band in self._bands if band.emg}
        own = {name: rises[name] for name in step.sensors}
        best = max(own, key=lambda name: own[name].ratio)
        other = max(rises, key=lambda name: rises[name].ratio)
        if own[best].ratio >= levels.CLEAR:
            self._say(f"  felt by {best}: {own[best].ratio:.1f} times rest")
        elif rises[other].ratio >= levels.CLEAR:
            self._say(
                f"  felt by {other}, not by {best}: are the bands on the legs that their names"
                " say? It is written down."
            )
        else:
            self._say("  hardly felt; that is no harm, only the reference level is missing")

    async def _tap(self, step: Step) -> tuple[float, float]:
        start_s = await self._do(step)
        end_s = start_s + step.seconds + SETTLE_S
        await self._wait(SETTLE_S)
        return start_s, end_s

    def _tell_band(self, step: Step, start_s: float, end_s: float, *, again: bool) -> bool:
        """Tell which band felt a tap; return whether that is settled."""
        (named,) = step.sensors
        found = {
            band.name: taps.felt(self._acc(band.name, start_s, end_s))
            for band in self._bands
            if band.acc
        }
        felt_by = taps.feeler(found, named)
        told: dict[str, Any] = {
            "sensor": named,
            "side": step.side,
            "felt_by": felt_by,
            "taps": {name: one.taps for name, one in found.items()},
        }
        if felt_by not in (None, named):
            told["remark"] = (
                f"calibration: when {named} was to be tapped, {felt_by} felt it; their names"
                " may be exchanged"
            )
        self._phase("tap", start_s, end_s, **told)
        if felt_by == named:
            self._say(f"  felt by {named}")
        elif felt_by is not None:
            self._say(
                f"  felt by {felt_by}, not by {named}: their names seem to be exchanged. It is"
                " written down, and nothing is changed by itself. To set it right, end the"
                " night with Ctrl-C and begin another with the two addresses exchanged."
            )
        else:
            self._say(f"  no band felt it{'; it is left out' if again else ''}")
        return felt_by is not None

    def _tell_offsets(self, step: Step, start_s: float, end_s: float, *, again: bool) -> bool:
        """Tell and write down how far clocks lie apart; return whether all are known."""
        first, *others = step.sensors
        self._phase("tap", start_s, end_s, sensors=list(step.sensors))
        for second in others:
            if self._felt.get(second):
                continue
            pair = [self._acc(n, start_s, end_s, taps.TIMES_HZ) for n in (first, second)]
            found = taps.between(*pair)
            if isinstance(found, TapMatch):
                self._felt[second] = first
                self._write("tap", {"first": first, "second": second, **_plain(found)})
                self._say(
                    f"  {second} lies {1e3 * found.offset_s:+.0f} ms (give or take"
                    f" {2e3 * found.error_s:.0f} ms) against {first}; it is set right"
                )
            else:
                end = "; their offset stays unknown" if again else ""
                self._say(f"  {first}, {second}: {found.reason}{end}")
        return all(self._felt.get(name) for name in others)

    async def _do(self, step: Step) -> float:
        """Let it be done, counting down; return when it began."""
        start_s = self._clock.monotonic()
        self._asked(step, start_s)
        while (left_s := start_s + step.seconds - self._clock.monotonic()) > 1e-3:
            self._count(f"{step.doing}: {left_s + 0.5:.0f} s")
            await self._wait(min(COUNT_S, left_s))
        return start_s

    async def _wait(self, seconds: float) -> None:
        if await self._stopped(seconds):
            raise SkippedError

    async def _stopped(self, seconds: float) -> bool:
        try:
            await asyncio.wait_for(self._enough.wait(), seconds)
        except TimeoutError:
            return False
        return True

    def _phase(self, phase: str, start_s: float, end_s: float, **told: Any) -> None:
        self._write(NOTE, {"phase": phase, "start_s": start_s, "end_s": end_s, **told})

    def _rise(self, band: Band, spans: Sequence[tuple[float, float]]) -> levels.Rise:
        rest = None
        if self._rest is not None:
            rest = self._heard.signal(band.name, "emg", *self._rest)
        found = [self._heard.signal(band.name, "emg", *span) for span in spans]
        held = [each for each in found if each is not None]
        if rest is None or not held:
            return levels.Rise(0, 1.0)
        used = [n for n, muscle in enumerate(band.muscles) if muscle != "-"]
        return levels.rise(held, rest, used or None)

    def _acc(
        self, sensor: str, start_s: float, end_s: float, least_hz: float = taps.FEELS_HZ
    ) -> Signal | None:
        return self._heard.signal(sensor, "acc", start_s, end_s, least_hz=least_hz)

    @staticmethod
    def _kinds(band: Band) -> tuple[str, ...]:
        return ("emg",) * band.emg + ("acc",) * band.acc


def _usual_s(step: Step) -> float:
    once = step.phase == "tap"
    return step.seconds + SETTLE_S if once else step.longest_s


def _plain(found: TapMatch) -> dict[str, Any]:
    return {
        "offset_s": found.offset_s,
        "error_s": found.error_s,
        "taps": found.taps,
        "confidence": found.confidence,
    }
