"""Settings of a driver: declared once, read from ``key=value`` words."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...recording.errors import CrampwatchError

MAX_RATE_HZ = 100_000.0


class SettingError(CrampwatchError):
    """A setting of a driver that does not exist or cannot have this value."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting.

    Attributes
    ----------
    name
        Its key.
    default
        Its value where nothing is said.
    read
        Turns text into the value; a ``ValueError`` says what is allowed.
    about
        One sentence for people.
    """

    name: str
    default: Any
    read: Callable[[str], Any]
    about: str


def read_settings(
    driver: str, declared: Sequence[Setting], given: Mapping[str, str]
) -> dict[str, Any]:
    """Return the value of every declared setting.

    Raises
    ------
    SettingError
        A key is unknown, or a value not allowed; the line names what is.
    """
    known = {setting.name: setting for setting in declared}
    values = {name: setting.default for name, setting in known.items()}
    for name, text in given.items():
        if name not in known:
            names = ", ".join(known) or "none"
            raise SettingError(f"{driver} has no setting {name!r}; it has: {names}")
        try:
            values[name] = known[name].read(text.strip())
        except ValueError as error:
            raise SettingError(f"{driver}: {name}={text!r}: {error}") from None
    return values


def number(low: float, high: float) -> Callable[[str], float]:
    """Return a reader of one finite number from `low` to `high`."""

    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            raise ValueError("not a number") from None
        if not low <= value <= high or not math.isfinite(value):
            raise ValueError(f"must lie between {low:g} and {high:g}")
        return value

    return read


def rate(text: str) -> float:
    """Read a sampling rate, Hz."""
    return number(0.01, MAX_RATE_HZ)(text)


def whole(low: int, high: int) -> Callable[[str], int]:
    """Return a reader of one whole number from `low` to `high`."""

    def read(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            raise ValueError("not a whole number") from None
        if not low <= value <= high:
            raise ValueError(f"must lie between {low} and {high}")
        return value

    return read


def numbers(counts: tuple[int, ...], low: float, high: float) -> Callable[[str], Any]:
    """Return a reader of comma-separated numbers, as many as one of `counts`."""
    one = number(low, high)

    def read(text: str) -> tuple[float, ...]:
        values = tuple(one(part) for part in text.split(","))
        if len(values) not in counts:
            wanted = " or ".join(str(count) for count in counts)
            raise ValueError(f"needs {wanted} numbers, separated by commas")
        return values

    return read


def choice(*allowed: str) -> Callable[[str], str]:
    """Return a reader of one of some words."""

    def read(text: str) -> str:
        if text not in allowed:
            raise ValueError(f"must be one of {', '.join(allowed)}")
        return text

    return read
