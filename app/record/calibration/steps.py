"""What the sleeper is asked to do, in which order, and in which words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import Literal

from ....recording.model import Side

REST_S = 20.0
HOLD_S = 3.0
HOLDS = 2
"""Of each leg, whatever it is asked to do."""

READY_S = 2.0
"""Between being asked for a contraction and its begin."""

RELAX_S = 1.5
TAP_S = 4.0
KNOCK_S = 8.0
SETTLE_S = 1.0
"""Between a part and the look at it: samples are still on their way."""

_HOW = {
    "press": ("press lightly with the ball of the foot, as on a pedal", "press lightly"),
    "lift": ("lift the toes a little, the heel down", "lift the toes"),
}

Phase = Literal["rest", "reference", "tap"]
Act = Literal["", "press", "lift"]


@dataclass(frozen=True, slots=True)
class Band:
    """A sensor, as far as the calibration goes.

    Attributes
    ----------
    name, side, muscles
        As in the settings.
    emg, acc, timed
        Whether it has electrodes, an accelerometer that feels a tap, and one that tells well
        when that was.
    """

    name: str
    side: Side | None
    muscles: tuple[str, ...]
    emg: bool
    acc: bool
    timed: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do.

    Attributes
    ----------
    phase, act
        What it is.
    seconds
        How long it is done.
    words
        What is said before it.
    doing
        What is said while it is done, a few words.
    side
        Leg, or None for both.
    sensors
        Those that should feel it.
    holds
        How often.
    """

    phase: Phase
    seconds: float
    words: str
    doing: str
    side: Side | None = None
    sensors: tuple[str, ...] = ()
    act: Act = ""
    holds: int = 1

    @property
    def common(self) -> bool:
        """Whether several sensors should feel the same taps."""
        return self.phase == "tap" and len(self.sensors) > 1

    @property
    def longest_s(self) -> float:
        """How long it takes at most, with all that belongs to it."""
        if self.phase == "reference":
            return self.holds * (READY_S + self.seconds + RELAX_S) + SETTLE_S
        return (self.seconds + SETTLE_S) * (1 if self.phase == "rest" else 2)


def steps_for(bands: Sequence[Band]) -> tuple[Step, ...]:
    """Return what to ask of the wearer of some sensors; nothing where they can feel nothing."""
    steps = [*_contractions(bands), *_taps(bands)]
    felt = tuple(band.name for band in bands if band.emg or band.acc)
    if not felt:
        return ()
    rest = Step(
        "rest",
        REST_S,
        f"Lie as you sleep and let both legs rest, for {REST_S:.0f} seconds.",
        "lie still",
        sensors=felt,
    )
    return (rest, *steps)


def _contractions(bands: Sequence[Band]) -> list[Step]:
    legs: dict[tuple[Side | None, int], list[Band]] = {}
    number = count()
    for band in bands:
        if band.emg:
            key = (band.side, 0) if band.side else (None, next(number) + 1)
            legs.setdefault(key, []).append(band)
    steps = []
    for (side, _), own in legs.items():
        muscles = [muscle for band in own for muscle in band.muscles if muscle != "-"]
        leg = f"{side} leg" if side else f"the leg with {own[0].name}"
        names = tuple(band.name for band in own)
        acts: list[Act] = []
        if not muscles or any(muscle != "TA" for muscle in muscles):
            acts.append("press")
        if "TA" in muscles:
            acts.append("lift")
        holds = HOLDS // len(acts)
        often = ", twice" if holds > 1 else ""
        for act in acts:
            how, short = _HOW[act]
            words = (
                f"{_first_up(leg)}: when told, {how}, the ankle in neutral; gently, for"
                f" {HOLD_S:.0f} seconds{often}."
            )
            doing = f"{leg}: {short}"
            steps.append(Step("reference", HOLD_S, words, doing, side, names, act, holds))
    return steps


def _taps(bands: Sequence[Band]) -> list[Step]:
    tapped = [band for band in bands if band.acc]
    steps = [
        Step(
            "tap",
            TAP_S,
            f"Tap the band {band.name}{_on(band)} three times with a finger.",
            f"tap {band.name}",
            band.side,
            (band.name,),
        )
        for band in tapped
    ]
    timed = tuple(band.name for band in bands if band.timed)
    if len(timed) > 1:
        words = (
            "Knock the heels together five times, so that both bands feel it, in an uneven"
            " rhythm: once, twice, and twice."
        )
        steps.append(Step("tap", KNOCK_S, words, "knock the heels together", None, timed))
    return steps


def _on(band: Band) -> str:
    return f" on the {band.side} leg" if band.side else ""


def _first_up(text: str) -> str:
    return text[:1].upper() + text[1:]
