"""What biosignalsplux, bioplux and BITalino numbers mean.

Transfer functions of the maker's sensor manuals (support.pluxbiosignals.com, "Transfer
functions"; BITalino EMG data sheet)::

    EMG [V] = (ADC / 2^n - 1/2) * VCC / G
    ACC [g] = 2 * (ADC - Cmin) / (Cmax - Cmin) - 1

with VCC = 3 V and G = 1000 on biosignalsplux and bioplux, 3.3 V and 1009 on BITalino
(1008 on its first series). Cmin and Cmax differ from sensor to sensor; without a
calibration the maker's typical 28000 and 38000 (16 bits), 400 and 608 (BITalino, 10 bits)
are used and the result is not called calibrated.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..assemble import Signal
from ..errors import RecordingError
from ..labels import Guess, guess
from ..model import Kind, Segment
from .counter import losses, runs_of, wrap_of
from .table import Run

_WRAPS = (16, 1 << 15, 1 << 16)
_STUCK = 65_535


@dataclass(frozen=True, slots=True)
class Channel:
    """One channel: its label, sensor, bits, and where it lies (column or -1)."""

    label: str
    sensor: str
    bits: int
    column: int = -1


@dataclass(frozen=True, slots=True)
class Device:
    """One hub or board.

    Attributes
    ----------
    name, model
        Address and kind (``biosignalsplux``, ``bitalino_rev``).
    rate_hz
        Sampling rate, Hz.
    start
        Local start time, None where unreadable.
    counter
        Column of the sequence counter, where there is one.
    channels
        In the order of the file.
    """

    name: str
    model: str
    rate_hz: float
    start: datetime | None
    counter: int | None
    channels: tuple[Channel, ...]

    @property
    def is_bitalino(self) -> bool:
        """Whether it is a BITalino: 3.3 V, a counter of 4 bits."""
        return self.model.startswith("bitalino")


def device_of(key: str, facts: Mapping[str, Any], name: str) -> Device:
    """Return what a header says of a device; `facts` are its entries.

    Raises
    ------
    RecordingError
        Rate or channels are missing or senseless.
    """
    rate = _float(facts.get("sampling rate"))
    if rate is None or not 0 < rate <= 1e5:
        raise RecordingError(f"{name}: the OpenSignals header gives no usable sampling rate")
    labels = _texts(facts.get("label"))
    sensors = _texts(facts.get("sensor"))
    if len(labels) > 128:
        raise RecordingError(f"{name}: the OpenSignals header names too many channels")
    bits = [int(each) for each in map(_float, _list(facts.get("resolution"))) if each]
    bits = bits[-len(labels) :] if len(bits) >= len(labels) else []
    channels = tuple(
        Channel(
            label or f"CH{place + 1}",
            sensors[place] if place < len(sensors) else "",
            bits[place] if place < len(bits) and 0 < bits[place] <= 24 else 0,
        )
        for place, label in enumerate(labels)
    )
    model = str(facts.get("device", "")).strip().lower()
    return Device(key, model, rate, _start(facts), None, channels)


def timing(
    device: Device, counter: NDArray[np.float64] | None, rows: int, notes: list[str]
) -> list[Run]:
    """Return the evenly spaced runs of rows by the sequence counter; what is odd is noted."""
    whole = [Run(0.0, 0, rows)]
    if counter is None or rows < 2:
        return whole
    who = f"{device.name}: " if device.name else ""
    if not np.isfinite(counter).all() or np.abs(counter).max() > 2**40:
        notes.append(f"{who}its sequence counter is damaged, so losses are not known")
        return whole
    numbers = counter.astype(np.int64)
    stuck = int(np.argmax(numbers == _STUCK)) if (numbers == _STUCK).any() else rows
    if stuck < rows - 1 and np.all(numbers[stuck:] == _STUCK):
        notes.append(
            f"{who}its sequence counter stops at {_STUCK}, so losses after "
            f"{stuck / device.rate_hz:.0f} s are not known"
        )
        numbers = numbers[: stuck + 1]
    wrap = 16 if device.is_bitalino and numbers.max() < 16 else wrap_of(numbers, _WRAPS)
    found, still = losses(numbers, wrap)
    if len(found) + len(still) > rows / 4:
        notes.append(f"{who}its sequence counter does not count samples, so losses are unknown")
        return whole
    if found:
        lost = sum(loss.samples for loss in found)
        turn = f" (known modulo {wrap})" if wrap and wrap <= 256 else ""
        notes.append(f"{who}{len(found)} gaps, {lost} samples lost by its counter{turn}")
    return runs_of(found, rows, device.rate_hz)


def signal_of(
    device: Device, channel: Channel, segments: tuple[Segment, ...], rate_hz: float
) -> Signal:
    """Return the signal of a channel with the scale of its sensor, where that is published."""
    sensor = re.sub(r"BIT(REV)?$", "", channel.sensor.strip().upper())
    top = float(2**channel.bits) if channel.bits else 0.0
    limits = (0.0, top - 1.0) if top else None
    said = guess(channel.label)
    kind: Kind = {"EMG": "emg", "ECG": "ecg", "ACC": "acc", "XYZ": "acc", "CACC": "acc"}.get(
        sensor, "other"
    )  # type: ignore[assignment]
    hint = said
    if kind not in (said.kind, "other"):
        hint = Guess(kind, said.side, said.placement, _axis(channel, device), channel.sensor)
    elif kind == "acc":
        hint = Guess(kind, said.side, said.placement, said.axis, channel.sensor)
    gain, offset, unit, trusted, note = 1.0, 0.0, "", False, ""
    if kind == "emg" and top and channel.bits >= 8:
        supply, factor = _emg(device)
        gain, offset, unit = supply / factor / top * 1e6, -supply / factor / 2 * 1e6, "uV"
        trusted = True
    elif kind == "acc" and top:
        low, high = (400.0, 608.0) if device.is_bitalino else (28_000.0, 38_000.0)
        share = top / (1024.0 if device.is_bitalino else 65_536.0)
        gain = 2.0 / ((high - low) * share)
        offset = -low * share * gain - 1.0
        unit = "g"
        note = "its scale is the maker's typical one, not a calibration of this sensor"
    notes = (note,) if note else ()
    return Signal(
        channel.label, rate_hz, unit, segments, gain, offset, limits, None, hint, trusted, notes
    )


def _emg(device: Device) -> tuple[float, float]:
    """Return supply in volts and gain of the EMG sensor."""
    if device.model == "bitalino":
        return 3.3, 1008.0
    return (3.3, 1009.0) if device.is_bitalino else (3.0, 1000.0)


def _axis(channel: Channel, device: Device) -> str | None:
    """Return the axis of an unlabelled accelerometer channel: sensors come in threes."""
    same = [each for each in device.channels if each.sensor == channel.sensor]
    place = same.index(channel)
    return "xyz"[place] if len(same) == 3 else None


def _start(facts: Mapping[str, Any]) -> datetime | None:
    date = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", str(facts.get("date", "")).strip())
    time = re.fullmatch(
        r"(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d{1,6}))?", str(facts.get("time", "")).strip()
    )
    if date is None or time is None:
        return None
    thousandths = int(time[4]) * 1000 if time[4] and len(time[4]) <= 3 else 0
    try:
        return datetime(  # noqa: DTZ001 - local time of the recorder
            int(date[1]), int(date[2]), int(date[3]), int(time[1]), int(time[2]), int(time[3]),
            thousandths,
        )  # fmt: skip
    except ValueError:
        return None


def _list(value: Any) -> Sequence[Any]:
    if isinstance(value, np.ndarray):
        return list(value.ravel()[:512].tolist())
    if isinstance(value, int | float | np.number):
        return [value]
    return value[:512] if isinstance(value, list | tuple) else []


def _texts(value: Any) -> list[str]:
    return [str(each).strip() for each in _list(value)]


def _float(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if np.isfinite(number) else None
