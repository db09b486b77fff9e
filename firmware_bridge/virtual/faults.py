"""What can go wrong with a virtual sensor, on request."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields

from ...recording.errors import CrampwatchError

OUTAGE_S = 5.0
"""Mean time out of reach after a disconnection, unless it is told."""

_TIMES = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0}
_LONGEST_S = 7 * 86400.0


class FaultError(CrampwatchError):
    """A fault that does not exist, or a value that it cannot have."""


@dataclass(frozen=True, slots=True)
class Faults:
    """What goes wrong, and how much of it; all times by the sensor's clock.

    Attributes
    ----------
    drop
        Part of the frames (over BLE: of the notifications) that get lost on the way.
    disconnect_s, outage_s
        Mean time from a connection to its loss, and mean time out of reach after it; both
        exponential. ``disconnect=600s``, or ``disconnect=600s:30s``.
    drift_ppm
        How much faster than the host's clock the sensor's runs, parts in a million.
    jitter_s
        Mean delay of a frame on the way, exponential; the order is kept.
    latency_s
        Least delay of a frame on the way, and of a command.
    garbage
        Over serial: part of the bytes that are damaged or preceded by one that nobody sent.
        Over BLE: part of the notifications that are damaged or cut short.
    silent_s
        Time after which each connection stays and brings nothing any more.
    reset_s
        Mean time from one restart of the sensor to the next, exponential: counters, clock
        and boot id begin anew, and it has to be told again to stream. Over BLE the
        connection is lost with it.
    never
        Whether it never answers: over BLE no connection is made, over serial nothing comes.
    battery_percent
        What it says of its battery.
    """

    drop: float = 0.0
    disconnect_s: float = math.inf
    outage_s: float = OUTAGE_S
    drift_ppm: float = 0.0
    jitter_s: float = 0.0
    latency_s: float = 0.0
    garbage: float = 0.0
    silent_s: float = math.inf
    reset_s: float = math.inf
    never: bool = False
    battery_percent: float | None = None

    @classmethod
    def read(cls, options: Mapping[str, str]) -> Faults:
        """Return the faults that ``key=value`` words ask for.

        Raises
        ------
        FaultError
            There is no such fault, its value makes no sense, or its unit is missing.
        """
        values: dict[str, float | bool] = {}
        for name, text in options.items():
            if name not in _READERS:
                raise FaultError(f"no fault {name!r}; there are: {', '.join(FAULT_NAMES)}")
            try:
                values.update(_READERS[name](text.strip()))
            except ValueError as error:
                raise FaultError(f"{name}={text!r}: {error}") from None
        return cls(**values)  # type: ignore[arg-type]

    def options(self) -> dict[str, str]:
        """Return the words that `read` takes."""
        default = Faults()
        changed = {
            each.name: getattr(self, each.name)
            for each in fields(self)
            if getattr(self, each.name) != getattr(default, each.name)
        }
        said: dict[str, str] = {}
        for field, value in changed.items():
            name, unit = _WORDS.get(field, (field, ""))
            said[name] = "1" if value is True else f"{value!r}{unit}"
        if "outage_s" in changed or "disconnect_s" in changed:
            said.pop("outage_s", None)
            apart = "inf" if math.isinf(self.disconnect_s) else repr(self.disconnect_s)
            said["disconnect"] = f"{apart}s:{self.outage_s!r}s"
        return said


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise ValueError("not a number") from None
    if math.isnan(value):
        raise ValueError("not a number")
    return value


def _with_unit(text: str, units: Mapping[str, float], example: str) -> float:
    for unit in sorted(units, key=len, reverse=True):
        head = text.removesuffix(unit)
        if head != text:
            try:
                return _number(head) * units[unit]
            except ValueError:
                continue
    raise ValueError(f"needs a number with its unit, as in {example}")


def _time(text: str, example: str, *, least: float) -> float:
    seconds = _with_unit(text, _TIMES, example)
    if not least <= seconds or (seconds > _LONGEST_S and math.isfinite(seconds)):
        raise ValueError(f"must lie between {least:g} s and a week")
    return seconds


def _share(name: str) -> Callable[[str], dict[str, float | bool]]:
    def read(text: str) -> dict[str, float | bool]:
        value = _number(text)
        if not 0 <= value <= 1:
            raise ValueError("must lie between 0 and 1, as in 0.01")
        return {name: value}

    return read


def _delay(name: str) -> Callable[[str], dict[str, float | bool]]:
    def read(text: str) -> dict[str, float | bool]:
        seconds = _time(text, "20ms", least=0.0)
        if seconds > 60.0:
            raise ValueError("must be at most 60 s")
        return {name: seconds}

    return read


def _period(name: str) -> Callable[[str], dict[str, float | bool]]:
    return lambda text: {name: _time(text, "600s", least=0.1)}


def _disconnect(text: str) -> dict[str, float | bool]:
    apart, colon, outage = text.partition(":")
    values: dict[str, float | bool] = {"disconnect_s": _time(apart, "600s:30s", least=0.1)}
    if colon:
        values["outage_s"] = _time(outage, "600s:30s", least=0.0)
        if not math.isfinite(values["outage_s"]):
            raise ValueError("the time out of reach must end")
    return values


def _drift(text: str) -> dict[str, float | bool]:
    value = _with_unit(text, {"ppm": 1.0}, "40ppm")
    if not abs(value) <= 10_000:
        raise ValueError("must lie between -10000ppm and 10000ppm")
    return {"drift_ppm": value}


def _battery(text: str) -> dict[str, float | bool]:
    value = _with_unit(text, {"%": 1.0}, "15%")
    if not 0 <= value <= 100:
        raise ValueError("must lie between 0% and 100%")
    return {"battery_percent": value}


def _never(text: str) -> dict[str, float | bool]:
    if text not in ("0", "1"):
        raise ValueError("must be 0 or 1")
    return {"never": text == "1"}


_READERS: dict[str, Callable[[str], dict[str, float | bool]]] = {
    "drop": _share("drop"),
    "disconnect": _disconnect,
    "drift": _drift,
    "jitter": _delay("jitter_s"),
    "latency": _delay("latency_s"),
    "garbage": _share("garbage"),
    "silent": _period("silent_s"),
    "reset": _period("reset_s"),
    "never": _never,
    "battery": _battery,
}
_WORDS = {
    "disconnect_s": ("disconnect", "s"),
    "drift_ppm": ("drift", "ppm"),
    "jitter_s": ("jitter", "s"),
    "latency_s": ("latency", "s"),
    "silent_s": ("silent", "s"),
    "reset_s": ("reset", "s"),
    "battery_percent": ("battery", "%"),
}
FAULT_NAMES = tuple(_READERS)
"""Words that ask for a fault."""
