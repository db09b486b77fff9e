"""What the fields of the vocabulary allow."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .markers import one_line
from .vocabulary import Field


def checked(
    values: Any, fields: Iterable[Field], told: Callable[[str], None]
) -> Mapping[str, Any]:
    """Return the values that their fields allow, in the order of the fields.

    Parameters
    ----------
    values
        By name of the field; None is nothing told.
    fields
        What there is.
    told
        Called with a sentence for everything that is not allowed.
    """
    if not isinstance(values, Mapping):
        told("factors is no object")
        return {}
    known = {one.name: one for one in fields}
    for name in values:
        if name not in known:
            told(f"{str(name)[:40]!r} is not known")
    found: dict[str, Any] = {}
    for name, one in known.items():
        value = values.get(name)
        if value is None:
            continue
        try:
            found[name] = allowed(value, one)
        except ValueError as error:
            told(str(error))
    return found


def allowed(value: Any, one: Field) -> Any:
    """Return a value as its field has it.

    Raises
    ------
    ValueError
        The field does not allow it; the message says what it does.
    """
    if one.kind == "yes_no":
        if isinstance(value, bool):
            return value
        raise ValueError(f"{one.name} is true or false, not {shown(value)}")
    if one.kind in ("choice", "choices"):
        words = value if isinstance(value, list | tuple) else [value]
        wrong = [word for word in words if word not in tuple(one.values)]
        if wrong or (one.kind == "choice" and len(words) != 1):
            choice = "one" if one.kind == "choice" else "any"
            raise ValueError(
                f"{one.name} is {choice} of {', '.join(one.values)}, not {shown(value)}"
            )
        return words[0] if one.kind == "choice" else tuple(dict.fromkeys(words))
    limits = f"{one.low:g} to {one.high:g}{f' {one.unit}' if one.unit else ''}"
    number = not isinstance(value, bool) and isinstance(value, int | float)
    if not (number and one.low <= value <= one.high):
        raise ValueError(f"{one.name} is a number from {limits}, not {shown(value)}")
    if one.kind == "scale" and value != int(value):
        raise ValueError(f"{one.name} is a whole number from {limits}, not {shown(value)}")
    return int(value) if one.kind == "scale" else float(value)


def shown(value: Any) -> str:
    """Return a value as a message names it, in one short line."""
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list | tuple):
        words = all(isinstance(item, str) for item in value)
        return one_line(", ".join(value), 60) if words else "a list"
    return one_line(repr(value), 60)
