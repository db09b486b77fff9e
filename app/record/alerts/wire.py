"""What recorder and alert process say to each other: one JSON object on each line."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

MOST_LINE = 4096
"""Bytes of a line; longer ones are thrown away."""

STOP = "stop"
KINDS = ("alert", "haptic", "last", "say", "alive", "failed")
"""What the alert process says; the recorder passes over everything else."""


def to_line(kind: str, value: Any) -> bytes:
    """Return what the alert process says, as a line that is not too long."""
    line = json.dumps({kind: _plain(value)}, ensure_ascii=True).encode() + b"\n"
    return line if len(line) <= MOST_LINE else b""


def from_line(line: bytes) -> tuple[str, Any] | None:
    """Return kind and value of a line, None where it is no word of ours."""
    if len(line) > MOST_LINE:
        return None
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or len(said) != 1:
        return None
    kind, value = next(iter(said.items()))
    return (kind, value) if kind in KINDS else None


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    return value
