"""What will happen in a simulated night, before any sample of it exists."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from ...recording.model import Event, Side
from .drive import Envelope

MuscleName = Literal["GM", "TA"]
MUSCLES: tuple[MuscleName, ...] = ("GM", "TA")
FaultKind = Literal["pop", "peel_off", "loose_contact", "mains", "wobble"]


@dataclass(frozen=True, slots=True)
class Activation:
    """One muscle at work.

    Attributes
    ----------
    side, muscle
        Which muscle.
    onset_s
        Start, seconds from the start of the night.
    level_uv
        EMG level at envelope 1, uV RMS at the electrodes.
    envelope
        Course in time.
    pool
        Whether the units are recruited by will or reflex, or as in a cramp.
    """

    side: Side
    muscle: MuscleName
    onset_s: float
    level_uv: float
    envelope: Envelope
    pool: Literal["voluntary", "cramp"] = "voluntary"

    @property
    def end_s(self) -> float:
        """End of the activity, seconds from the start of the night."""
        return self.onset_s + self.envelope.duration_s


@dataclass(frozen=True, slots=True)
class Jolt:
    """A movement of the leg that begins and ends in the same posture.

    Attributes
    ----------
    onset_s, duration_s
        Seconds.
    peak_g
        Largest acceleration, g.
    tilt_deg
        Largest passing rotation of the sensor against gravity, degrees.
    rate_hz
        Dominant rate of the movement, Hz.
    phases
        Phase of each axis, radians: what makes two jolts differ.
    """

    side: Side
    onset_s: float
    duration_s: float
    peak_g: float
    tilt_deg: float
    rate_hz: float
    phases: tuple[float, float, float]

    @property
    def end_s(self) -> float:
        """End of the movement, seconds from the start of the night."""
        return self.onset_s + self.duration_s


@dataclass(frozen=True, slots=True)
class Turn:
    """A rotation of the sensor into another posture, where it stays.

    Attributes
    ----------
    roll_deg, pitch_deg
        The new posture: rotation about the shank, and rise of the shank.
    """

    side: Side
    onset_s: float
    duration_s: float
    roll_deg: float
    pitch_deg: float

    @property
    def end_s(self) -> float:
        """End of the rotation, seconds from the start of the night."""
        return self.onset_s + self.duration_s


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with one electrode pair for a while.

    Attributes
    ----------
    kind
        ``pop`` (a step that decays), ``peel_off`` (no muscle, mains and noise),
        ``loose_contact`` (pops without end), ``mains``, ``wobble`` (cable movement).
    size_uv
        Amplitude, uV.
    seed
        Of the random details.
    """

    side: Side
    muscle: MuscleName
    onset_s: float
    duration_s: float
    kind: FaultKind
    size_uv: float
    seed: int

    @property
    def end_s(self) -> float:
        """End of the fault, seconds from the start of the night."""
        return self.onset_s + self.duration_s


@dataclass(frozen=True, slots=True)
class Dropout:
    """A stretch in which the sensors of one leg send nothing."""

    side: Side
    onset_s: float
    duration_s: float

    @property
    def end_s(self) -> float:
        """End of the gap, seconds from the start of the night."""
        return self.onset_s + self.duration_s


@dataclass(frozen=True, slots=True)
class PlannedEvent:
    """One thing that happens: what it does to the signals, and the truth about it.

    Attributes
    ----------
    truth
        Rows of the true ``events.tsv``; empty for what nobody would mark.
    """

    truth: tuple[Event, ...] = ()
    activations: tuple[Activation, ...] = ()
    jolts: tuple[Jolt, ...] = ()
    turns: tuple[Turn, ...] = ()
    faults: tuple[Fault, ...] = ()
    dropouts: tuple[Dropout, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """All that happens in a night of `duration_s` seconds.

    Attributes
    ----------
    truth
        What an annotator with perfect eyes would mark, in order of time, to the
        millisecond.
    """

    duration_s: float
    events: tuple[PlannedEvent, ...]
    truth: tuple[Event, ...] = field(init=False)

    def __post_init__(self) -> None:
        marks = [_rounded(mark) for event in self.events for mark in event.truth]
        marks.sort(key=lambda mark: (mark.onset, mark.trial_type, mark.channel or ""))
        object.__setattr__(self, "truth", tuple(marks))

    def activations(self, side: Side, muscle: MuscleName) -> tuple[Activation, ...]:
        """Return the activations of one muscle in order of time."""
        found = [
            a
            for event in self.events
            for a in event.activations
            if a.side == side and a.muscle == muscle
        ]
        return tuple(sorted(found, key=lambda a: a.onset_s))

    def faults(self, side: Side, muscle: MuscleName) -> tuple[Fault, ...]:
        """Return the faults of one electrode pair in order of time."""
        found = [
            f
            for event in self.events
            for f in event.faults
            if f.side == side and f.muscle == muscle
        ]
        return tuple(sorted(found, key=lambda f: f.onset_s))

    def jolts(self, side: Side) -> tuple[Jolt, ...]:
        """Return the movements of one leg in order of time."""
        found = [j for event in self.events for j in event.jolts if j.side == side]
        return tuple(sorted(found, key=lambda j: j.onset_s))

    def turns(self, side: Side) -> tuple[Turn, ...]:
        """Return the changes of posture of one leg in order of time."""
        found = [t for event in self.events for t in event.turns if t.side == side]
        return tuple(sorted(found, key=lambda t: t.onset_s))

    def dropouts(self, side: Side) -> tuple[Dropout, ...]:
        """Return the gaps of one leg in order of time."""
        found = [d for event in self.events for d in event.dropouts if d.side == side]
        return tuple(sorted(found, key=lambda d: d.onset_s))


def channel_label(side: Side, muscle: MuscleName) -> str:
    """Return the canonical label of an EMG channel (``EMG L GM``)."""
    return f"EMG {side[0].upper()} {muscle}"


def shifted(event: PlannedEvent, seconds: float) -> PlannedEvent:
    """Return `event` the given time later."""
    return PlannedEvent(
        tuple(replace(mark, onset=mark.onset + seconds) for mark in event.truth),
        tuple(replace(a, onset_s=a.onset_s + seconds) for a in event.activations),
        tuple(replace(j, onset_s=j.onset_s + seconds) for j in event.jolts),
        tuple(replace(t, onset_s=t.onset_s + seconds) for t in event.turns),
        tuple(replace(f, onset_s=f.onset_s + seconds) for f in event.faults),
        tuple(replace(d, onset_s=d.onset_s + seconds) for d in event.dropouts),
    )


def _rounded(mark: Event) -> Event:
    return replace(mark, onset=round(mark.onset, 3), duration=round(mark.duration, 3))
