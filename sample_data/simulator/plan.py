"""What will happen in a simulated night, before any sample of it exists."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Literal, TypeVar

from ...recording.model import Event, Side
from .drive import Envelope

MuscleName = Literal["GM", "TA"]
MUSCLES: tuple[MuscleName, ...] = ("GM", "TA")
FaultKind = Literal[
    "pop", "peel_off", "loose_contact", "mains", "wobble", "ecg", "sweat", "flat"
]


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
    lengths
        Length of the potentials at the onset and at the end, over that of the muscle's own.
    """

    side: Side
    muscle: MuscleName
    onset_s: float
    level_uv: float
    envelope: Envelope
    pool: Literal["voluntary", "cramp"] = "voluntary"
    lengths: tuple[float, float] = (1.0, 1.0)

    @property
    def end_s(self) -> float:
        """End of the activity, seconds from the start of the night."""
        return self.onset_s + self.envelope.duration_s


@dataclass(frozen=True, slots=True)
class Twitches:
    """Single discharges of single motor units.

    Attributes
    ----------
    onset_s
        What `times_s` are counted from, seconds from the start of the night.
    times_s, peaks_uv, units
        One value for each discharge: seconds, largest deflection in uV, number of the unit.
    """

    side: Side
    muscle: MuscleName
    onset_s: float
    times_s: tuple[float, ...]
    peaks_uv: tuple[float, ...]
    units: tuple[int, ...]


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
    steady
        Whether it shakes from beginning to end, or most when it begins and ends.
    """

    side: Side
    onset_s: float
    duration_s: float
    peak_g: float
    tilt_deg: float
    rate_hz: float
    phases: tuple[float, float, float]
    steady: bool = False

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
        ``loose_contact`` (pops without end), ``mains``, ``wobble`` (cable movement), ``ecg``
        (leaked electrocardiogram), ``sweat`` (slow drift), ``flat`` (nothing but a step).
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
    length_s
        Length of what is not marked, seconds.
    """

    truth: tuple[Event, ...] = ()
    activations: tuple[Activation, ...] = ()
    jolts: tuple[Jolt, ...] = ()
    turns: tuple[Turn, ...] = ()
    faults: tuple[Fault, ...] = ()
    dropouts: tuple[Dropout, ...] = ()
    twitches: tuple[Twitches, ...] = ()
    length_s: float = 0.0

    @property
    def starts_s(self) -> float:
        """When the first part of it begins, seconds."""
        parts: tuple[Activation | Jolt | Turn | Fault | Dropout | Twitches, ...] = (
            *self.activations,
            *self.jolts,
            *self.turns,
            *self.faults,
            *self.dropouts,
            *self.twitches,
        )
        return min((part.onset_s for part in parts), default=0.0)


@dataclass(frozen=True, slots=True)
class Happened:
    """What was put into the night, marked or not.

    Attributes
    ----------
    name
        Name of the builder.
    onset_s, duration_s
        Seconds; a group of events is one of these, from the first to the last.
    side
        Leg that it began in.
    """

    name: str
    onset_s: float
    duration_s: float
    side: Side


@dataclass(frozen=True, slots=True)
class Plan:
    """All that happens in a night of `duration_s` seconds.

    Attributes
    ----------
    happenings
        What was put in, in order of time; also what nobody would mark.
    columns
        Free columns that the truth has; None for all.
    truth
        What an annotator with perfect eyes would mark, in order of time, to the
        millisecond.
    """

    duration_s: float
    events: tuple[PlannedEvent, ...]
    happenings: tuple[Happened, ...] = ()
    columns: tuple[str, ...] | None = None
    truth: tuple[Event, ...] = field(init=False)

    def __post_init__(self) -> None:
        marks = [_told(mark, self.columns) for event in self.events for mark in event.truth]
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

    def twitches(self, side: Side, muscle: MuscleName) -> tuple[Twitches, ...]:
        """Return the single discharges of one muscle."""
        return tuple(
            t
            for event in self.events
            for t in event.twitches
            if t.side == side and t.muscle == muscle
        )

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
    return replace(
        event,
        truth=tuple(replace(mark, onset=mark.onset + seconds) for mark in event.truth),
        activations=_later(event.activations, seconds),
        jolts=_later(event.jolts, seconds),
        turns=_later(event.turns, seconds),
        faults=_later(event.faults, seconds),
        dropouts=_later(event.dropouts, seconds),
        twitches=_later(event.twitches, seconds),
    )


_Timed = TypeVar("_Timed", Activation, Jolt, Turn, Fault, Dropout, Twitches)


def _later(parts: tuple[_Timed, ...], seconds: float) -> tuple[_Timed, ...]:
    return tuple(replace(part, onset_s=part.onset_s + seconds) for part in parts)


def _told(mark: Event, columns: tuple[str, ...] | None) -> Event:
    extra = mark.extra
    if columns is not None:
        kept = {name: value for name, value in extra.items() if name in columns}
        extra = MappingProxyType(kept)
    return replace(
        mark, onset=round(mark.onset, 3), duration=round(mark.duration, 3), extra=extra
    )
