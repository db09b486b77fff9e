"""Trying the ways of alerting in the evening, when somebody is there to see what comes."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ....recording.errors import CrampwatchError
from ..sources import PREFIX, in_one_line, read_config
from .alert import Alert, AlertKind, Level, Way
from .settings import AlertSettings

TEST = Alert(
    AlertKind.CRAMP,
    Level.URGENT,
    0.0,
    0.0,
    None,
    "This is a test. An alert at night would come like this.",
    "Crampwatch",
)
"""Of the kind and level of the alert that matters most, so that what waits for it is tried."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of one way.

    Attributes
    ----------
    way
        Its name.
    trouble
        Why it did not work; empty where it did.
    seconds
        How long it took.
    """

    way: str
    trouble: str
    seconds: float


def alert_settings(config: Path | None, environment: Mapping[str, str]) -> AlertSettings:
    """Return what a settings file says of alerts.

    Raises
    ------
    CrampwatchError
        It cannot be read, or makes no sense.
    """
    from pydantic import ValidationError

    named = environment.get(f"{PREFIX}CONFIG")
    path = config or (Path(named) if named else None)
    said: Any = {} if path is None else read_config(path).get("alerts", {})
    try:
        return AlertSettings.model_validate(said)
    except ValidationError as error:
        raise in_one_line(error, path, "alerts") from None


def try_ways(ways: Sequence[Way], *, tell: bool) -> Iterator[Tried]:
    """Open each way, let it tell a test where that is wanted, and close it; one at a time.

    Yields
    ------
    Tried
        What came of it, as soon as it is known.
    """
    for way in ways:
        began_s = time.monotonic()
        trouble = ""
        try:
            way.open()
            if tell:
                way.tell(TEST)
        except CrampwatchError as error:
            trouble = str(error)
        finally:
            way.close()
        yield Tried(way.name, trouble, time.monotonic() - began_s)
