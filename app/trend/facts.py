"""JSON that anybody may have written: taken as far as it makes sense."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from ...recording.errors import RecordingError

_MOST_BYTES: Final = 1 << 24
_MOST_TEXT: Final = 300


def read_facts(path: Path) -> dict[str, Any]:
    """Return the JSON object that a file holds.

    Raises
    ------
    RecordingError
        It cannot be read, is larger than 16 MB, or holds no JSON object.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise RecordingError(f"{path.name}: {error.strerror or error}") from error
    if len(data) > _MOST_BYTES:
        raise RecordingError(f"{path.name}: larger than {_MOST_BYTES >> 20} MB")
    try:
        found = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise RecordingError(f"{path.name}: not JSON ({str(error)[:80]})") from error
    if not isinstance(found, dict):
        raise RecordingError(f"{path.name}: not a JSON object")
    return found


def at(facts: Any, *keys: Any) -> Any:
    """Return what lies at a path of keys, None where there is no such path."""
    for key in keys:
        facts = facts.get(key) if isinstance(facts, Mapping) and isinstance(key, str) else None
    return facts


def number(facts: Mapping[str, Any], key: str) -> float | None:
    """Return a finite number, None for anything else."""
    value = facts.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    with suppress(OverflowError):
        return float(value) if math.isfinite(value) else None
    return None


def text(value: Any) -> str:
    """Return a short text on one line, nothing for anything else."""
    return " ".join(value.split())[:_MOST_TEXT] if isinstance(value, str) else ""


def moment(value: Any) -> datetime | None:
    """Return a date and time in ISO format, None for anything else."""
    if not isinstance(value, str):
        return None
    with suppress(ValueError):
        return datetime.fromisoformat(value)
    return None
