"""From the signals of a file to the streams of a night: one gate for every reader."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from .errors import RecordingError
from .labels import Guess, guess
from .model import Segment, Stream
from .sources import side_by_side
from .units import COUNTS, doubt_about_acceleration, doubt_about_emg, likely_g, scale_of


@dataclass(frozen=True, slots=True)
class Signal:
    """One scalar signal as a file gives it.

    Attributes
    ----------
    label
        Label as the file spells it.
    rate_hz, nominal_rate_hz
        As in `Stream`.
    unit
        Unit as the file spells it; empty where it names none.
    segments
        Raw numbers, one axis.
    gain, offset
        ``raw * gain + offset`` is in `unit`.
    raw_limits
        As in `Stream`.
    hint
        What the format itself says about the signal, instead of its label.
    trusted
        Whether the format knows its scale; False makes it uncalibrated whatever the unit.
    notes
        As in `Stream`.
    """

    label: str
    rate_hz: float
    unit: str
    segments: tuple[Segment, ...]
    gain: float = 1.0
    offset: float = 0.0
    raw_limits: tuple[float, float] | None = None
    nominal_rate_hz: float | None = None
    hint: Guess | None = None
    trusted: bool = True
    notes: tuple[str, ...] = ()


def build_streams(
    signals: Sequence[Signal],
    name: str,
    label_map: Mapping[str, str] | None = None,
    emg_unit: str | None = None,
) -> tuple[Stream, ...]:
    """Return streams with canonical labels, house units, axes joined, scales judged.

    Parameters
    ----------
    signals
        Signals in the order of the file.
    name
        Name of the file, for errors.
    label_map
        Label in the file to canonical label (``{"Leg/L": "EMG L TA"}``).
    emg_unit
        Unit of the electromyograms by the user, who knows better than the file.

    Raises
    ------
    RecordingError
        The mapping names a label that is not in the file, or the unit is unknown.
    """
    if emg_unit is not None and not (emg_unit in COUNTS or scale_of(emg_unit, "emg").physical):
        raise RecordingError(f"{name}: the unit {emg_unit!r} is none of uV, mV, V, nV, count")
    mapped = _mapped(signals, name, label_map or {})
    told = _told_together([
        (signal, _tell(signal, mapped.get(number))) for number, signal in enumerate(signals)
    ])  # fmt: skip
    told = [(_with_unit(signal, each, emg_unit), each) for signal, each in told]
    streams = [
        _join(group) if len(group) > 1 else _scalar(*group[0]) for group in _groups(told)
    ]
    return with_own_labels(streams)


def with_own_labels(streams: Sequence[Stream]) -> tuple[Stream, ...]:
    """Return the streams, those that share a label with an earlier one numbered."""
    taken: set[str] = set()
    renamed: list[Stream] = []
    for stream in streams:
        label, number = stream.label, 1
        while label in taken:
            number += 1
            label = f"{stream.label} {number}"
        taken.add(label)
        renamed.append(stream if label == stream.label else replace(stream, label=label))
    return tuple(renamed)


def _mapped(
    signals: Sequence[Signal], name: str, label_map: Mapping[str, str]
) -> dict[int, str]:
    """Return the user's label by the number of the signal."""
    found: dict[int, str] = {}
    for source, target in label_map.items():
        exact = [n for n, signal in enumerate(signals) if signal.label == source]
        loose = [
            n for n, signal in enumerate(signals) if _loose(signal.label) == _loose(source)
        ]
        if not (exact or loose):
            there = ", ".join(repr(signal.label) for signal in signals[:40])
            raise RecordingError(
                f"{name}: there is no signal {source!r} to map; the file has {there}"
            )
        if not target.strip():
            raise RecordingError(f"{name}: the label that {source!r} is mapped to is empty")
        found.update(dict.fromkeys(exact or loose, " ".join(target.split())))
    return found


def _loose(label: str) -> str:
    return "".join(label.casefold().split())


@dataclass(frozen=True, slots=True)
class _Told:
    guess: Guess
    label: str
    note: str = ""


def _tell(signal: Signal, target: str | None) -> _Told:
    if target is not None:
        said = guess(target)
        label = target if said.kind == "other" else said.canonical
        return _Told(replace(said, number=None, bare=False, note=""), label)
    said = signal.hint or guess(signal.label)
    label = signal.label.strip() if said.kind == "other" else said.canonical
    return _Told(said, label or "unnamed", said.note)


def _told_together(told: list[tuple[Signal, _Told]]) -> list[tuple[Signal, _Told]]:
    """Settle what one label alone cannot say: numbered legs, and the chin of a sleep study."""
    numbers = {each.guess.number for _, each in told if each.guess.kind == "emg"}
    study = any(each.guess.brain for _, each in told)
    return [(signal, _settle(each, numbers, study=study)) for signal, each in told]


def _settle(told: _Told, numbers: set[int | None], *, study: bool) -> _Told:
    said = told.guess
    if said.kind == "emg" and said.number and not said.side and {1, 2} <= numbers:
        said = replace(said, side="left" if said.number == 1 else "right")
        note = f"; {said.side} because it is number {said.number} of two, by custom"
        return _Told(said, said.canonical, (told.note or "its label is numbered") + note)
    if said.bare and study:
        note = "a sleep study with an EMG of no named muscle: taken for the chin, not scored"
        return _Told(Guess("other"), "EMG chin", note)
    return told


def _with_unit(signal: Signal, told: _Told, emg_unit: str | None) -> Signal:
    """Take the unit of an electromyogram from the user, or ask for it."""
    if told.guess.kind != "emg" or not signal.trusted:
        return signal
    stated = signal.unit.strip()
    if emg_unit is None:
        if stated:
            return signal
        note = "no unit is stated, so amplitudes are counts; state it with --unit"
    elif stated and stated != emg_unit:
        note = f"its unit is {emg_unit} by the user, not {stated} as in the file"
    else:
        return replace(signal, unit=emg_unit)
    return replace(signal, unit=emg_unit or "", notes=(*signal.notes, note))


def _groups(
    told: list[tuple[Signal, _Told]],
) -> Iterable[list[tuple[Signal, _Told]]]:
    """Bring the axes of one sensor together, in the place of the first of them."""
    families: dict[tuple[str, str, float, str], list[int]] = defaultdict(list)
    for number, (signal, each) in enumerate(told):
        if each.guess.axis and each.guess.kind in ("acc", "gyro"):
            stem = each.guess.stem or each.guess.kind
            families[each.guess.kind, stem, signal.rate_hz, signal.unit].append(number)
    taken: dict[int, list[int]] = {}
    for members in families.values():
        axes = {told[number][1].guess.axis: number for number in members}
        if len(axes) == len(members) > 1:
            ordered = [axes[axis] for axis in sorted(axis for axis in axes if axis)]
            taken.update(dict.fromkeys(ordered, ordered))
    for number, pair in enumerate(told):
        members = taken.get(number, [number])
        if number == min(members):
            yield [told[member] for member in members] if len(members) > 1 else [pair]


def _scalar(signal: Signal, told: _Told) -> Stream:
    scale = scale_of(signal.unit, told.guess.kind)
    gain, offset = signal.gain * scale.factor, signal.offset * scale.factor
    notes = [note for note in (*signal.notes, told.note) if note]
    trusted = scale.physical and signal.trusted
    stated = signal.unit.strip()
    if told.guess.kind in ("emg", "acc") and stated not in COUNTS and not scale.physical:
        notes.append(f"its unit {stated!r} is unknown; values are taken as counts")
    if told.guess.kind == "emg" and trusted:
        doubt = doubt_about_emg(signal.segments, signal.rate_hz, gain, offset)
        if doubt:
            trusted = False
            notes.append(doubt)
    return Stream(
        label=told.label,
        kind=told.guess.kind,
        rate_hz=signal.rate_hz,
        unit=scale.unit,
        segments=signal.segments,
        gain=np.array([gain]),
        offset=np.array([offset]),
        side=told.guess.side,
        placement=told.guess.placement,
        calibrated=trusted,
        raw_limits=signal.raw_limits,
        nominal_rate_hz=signal.nominal_rate_hz,
        source_labels=(signal.label,),
        source_unit=signal.unit,
        notes=tuple(notes),
    )


def _join(group: list[tuple[Signal, _Told]]) -> Stream:
    first, told = group[0]
    said = replace(told.guess, axis=None)
    scale = scale_of(first.unit, said.kind)
    gain = np.array([signal.gain for signal, _ in group]) * scale.factor
    offset = np.array([signal.offset for signal, _ in group]) * scale.factor
    segments = side_by_side([signal.segments for signal, _ in group], first.rate_hz)
    notes = list(dict.fromkeys(note for signal, _ in group for note in signal.notes))
    if segments is None:
        segments = ()
        notes.append("its axes lie on different grids of time and could not be joined")
    trusted = scale.physical and all(signal.trusted for signal, _ in group)
    stated = first.unit.strip()
    if said.kind == "acc" and stated not in COUNTS and not scale.physical:
        notes.append(f"its unit {stated!r} is unknown; values are taken as counts")
    unit = scale.unit
    if said.kind == "acc" and not stated and first.trusted and len(group) == 3:
        factor = likely_g(segments, first.rate_hz, gain, offset)
        if factor:
            unit, gain, offset = "g", gain * factor, offset * factor
            notes.append("no unit is stated; taken for g because gravity then measures 1 g")
    if said.kind == "acc" and trusted and len(group) == 3:
        doubt = doubt_about_acceleration(segments, first.rate_hz, gain, offset)
        if doubt:
            trusted = False
            notes.append(doubt)
    limits = {signal.raw_limits for signal, _ in group}
    return Stream(
        label=said.canonical,
        kind=said.kind,
        rate_hz=first.rate_hz,
        unit=unit,
        segments=segments,
        gain=gain,
        offset=offset,
        axes=tuple(each.guess.axis or "" for _, each in group),
        side=said.side,
        placement=said.placement,
        calibrated=trusted,
        raw_limits=limits.pop() if len(limits) == 1 else None,
        nominal_rate_hz=first.nominal_rate_hz,
        source_labels=tuple(signal.label for signal, _ in group),
        source_unit=first.unit,
        notes=tuple(notes),
    )
