"""The marks that a night is learned from, and whether they can be that."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from ...recording.annotations.tsv import read_events
from ...recording.errors import CrampwatchError
from ...recording.model import Event, Night

_TOLERANCE_S = 1.0
_MOST_JSON = 1 << 24


def read_truth(file: Path) -> tuple[Event, ...]:
    """Read the marks of one annotator.

    Raises
    ------
    CrampwatchError
        There are none, the file cannot be read, or the detector wrote it itself.
    """
    if not file.is_file():
        raise CrampwatchError(
            f"{file}: no such file; a labelled night needs an events.tsv that says what is true"
        )
    if written_by_score(file):
        raise CrampwatchError(
            f"{file}: written by the detector itself, which learns nothing from its own words;"
            " mark the night by hand and name that file"
        )
    return read_events(file)


def check_inside(name: str, night: Night, truth: Iterable[Event]) -> None:
    """Raise where a mark lies outside the night.

    Raises
    ------
    CrampwatchError
        Naming the first such mark and the length of the night.
    """
    length = night.duration_s
    for event in truth:
        if event.onset < -_TOLERANCE_S or event.end > length + _TOLERANCE_S:
            raise CrampwatchError(
                f"{name}: the mark {event.trial_type} from {event.onset:g} to {event.end:g} s"
                f" lies outside the night, which ends at {length:g} s; are these the marks of"
                " another recording, or clock times?"
            )


def written_by_score(file: Path) -> bool:
    """Return whether a file is one of the results in a folder of `score`."""
    if file.name != "events.tsv" or not (file.parent / "provenance.json").is_file():
        return False
    return read_json(file.parent / "provenance.json").get("program") == "crampwatch"


def read_json(file: Path) -> dict[str, object]:
    """Return a JSON object, empty where the file is none.

    Raises
    ------
    CrampwatchError
        The file exists and holds something else.
    """
    try:
        if file.stat().st_size > _MOST_JSON:
            raise CrampwatchError(f"{file}: larger than {_MOST_JSON >> 20} MB")
        found = json.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        raise CrampwatchError(f"{file}: not readable as JSON") from error
    if not isinstance(found, dict):
        raise CrampwatchError(f"{file}: not a JSON object")
    return found
