"""Where a score comes from: input, versions, settings, arguments."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ..detection.settings import Settings
from ..recording.model import Night, Stream

_BLOCK = 1 << 20


def provenance(
    path: Path, night: Night, settings: Settings, arguments: Mapping[str, Any]
) -> dict[str, Any]:
    """Return all that is needed to make the same score again, JSON-ready.

    Parameters
    ----------
    path
        Recording as the user named it; only its last part is kept.
    night
        The recording as it was read.
    settings
        Settings of the detector.
    arguments
        Arguments of the command; paths must be shortened by the caller.

    Raises
    ------
    OSError
        The recording cannot be read any more.
    """
    return {
        "program": "crampwatch",
        "version": version("crampwatch"),
        "scored_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "libraries": {name: version(name) for name in ("numpy", "scipy", "pandas", "bokeh")},
        "arguments": dict(arguments),
        "settings": asdict(settings),
        "input": {
            "name": path.resolve().name,
            "format": night.format,
            "files": [fingerprint(file) for file in _files(path, night)],
        },
        "channels": [_mapping(stream) for stream in night.streams],
    }


def verb_of(folder: Path) -> str | None:
    """Return the verb that wrote the results in a folder; None where no verb did."""
    try:
        found = json.loads((folder / "provenance.json").read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or found.get("program") != "crampwatch":
        return None
    arguments = found.get("arguments")
    verb = arguments.get("verb") if isinstance(arguments, dict) else None
    return verb if isinstance(verb, str) else None


def fingerprint(file: Path) -> dict[str, Any]:
    """Return name, size and SHA-256 of a file."""
    digest = hashlib.sha256()
    size = 0
    with file.open("rb") as handle:
        while block := handle.read(_BLOCK):
            digest.update(block)
            size += len(block)
    return {"name": file.name, "size": size, "sha256": digest.hexdigest()}


def _files(path: Path, night: Night) -> list[Path]:
    if path.is_file():
        return [path]
    if night.source is not None and night.source.is_file():
        return [night.source]
    # the files of several sensors lie in the folder that the night names
    folder = night.source if night.source is not None and night.source.is_dir() else path
    return sorted(file for file in folder.iterdir() if file.is_file())


def _mapping(stream: Stream) -> dict[str, Any]:
    return {
        "label": stream.label,
        "source_labels": list(stream.source_labels),
        "kind": stream.kind,
        "side": stream.side,
        "placement": stream.placement,
        "unit": stream.unit,
        "source_unit": stream.source_unit,
        "calibrated": stream.calibrated,
        "rate_hz": stream.rate_hz,
        "nominal_rate_hz": stream.nominal_rate_hz,
        "notes": list(stream.notes),
    }
