"""One value of the diary, as a person types it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...recording.annotations.diary import allowed
from ...recording.annotations.vocabulary import FACTORS, NIGHT_FIELDS, Field

_YES = {"y": True, "yes": True, "true": True, "n": False, "no": False, "false": False}


def parse_value(text: str, field: Field) -> Any:
    """Return the value that a person typed for a field.

    Choices may be cut short where one is left, and are separated by commas or blanks.

    Raises
    ------
    ValueError
        The field does not allow it; the message says what it does.
    """
    clean = text.strip().casefold()
    if field.kind == "yes_no":
        if clean not in _YES:
            raise ValueError(f"{field.name} is yes or no, not {text.strip()[:40]!r}")
        return _YES[clean]
    if field.kind in ("choice", "choices"):
        words = clean.replace("+", ",").split(",")
        return allowed([named(word, field.values) for word in words if word.strip()], field)
    try:
        value = float(clean.replace(",", ".").split("/")[0])
    except ValueError:
        raise ValueError(f"{field.name} is a number, not {text.strip()[:40]!r}") from None
    return allowed(value, field)


def named(word: str, names: Iterable[str]) -> str:
    """Return the one name that a word stands for, or the word itself."""
    clean = "_".join(word.casefold().replace("-", " ").split())
    known = list(names)
    if clean in known:
        return clean
    begun = [name for name in known if name.startswith(clean)] if clean else []
    return begun[0] if len(begun) == 1 else word.strip()[:40]


def field_named(name: str) -> Field:
    """Return a field of the night or of the day before.

    Raises
    ------
    ValueError
        There is none of that name.
    """
    fields = (*NIGHT_FIELDS, *FACTORS)
    for field in fields:
        if field.name == name.strip():
            return field
    known = ", ".join(field.name for field in fields)
    raise ValueError(f"{name.strip()[:40]!r} is none of {known}")
