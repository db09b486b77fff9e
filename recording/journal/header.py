"""What a journal says about itself: its version, and when and where the night began."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from ..errors import RecordingError

VERSION = 1
"""Version of the journal; a reader refuses later ones and opens all earlier ones."""

DAMAGED = (
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    AttributeError,
    RecursionError,
)
"""What taking apart a damaged or hostile JSON text may raise."""


@dataclass(frozen=True, slots=True)
class JournalHeader:
    """The start of a night.

    Attributes
    ----------
    wall_s, monotonic_s
        The host's clocks at one moment: seconds since 1970 UTC, and its monotonic clock,
        which all arrivals and notes are told in.
    elapsed_s
        The host's clock that goes on while it sleeps, NaN where there is none.
    zone
        Time zone of the place, by name (``Europe/Berlin``), or empty.
    utc_offset_s
        Local time less UTC at that moment, seconds.
    program
        Name and version of the program.
    details
        Anything else worth keeping, by name.
    """

    wall_s: float
    monotonic_s: float
    elapsed_s: float = math.nan
    zone: str = ""
    utc_offset_s: int = 0
    program: str = ""
    details: Mapping[str, str] = field(default_factory=dict)


def header_to_text(header: JournalHeader) -> str:
    """Return the header as one JSON object."""
    told = {"version": VERSION, **asdict(header)}
    if not math.isfinite(header.elapsed_s):
        told["elapsed_s"] = None
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def header_from_text(text: str) -> JournalHeader:
    """Return the header that `header_to_text` wrote.

    Raises
    ------
    RecordingError
        It is damaged, or of a later version.
    """
    try:
        told = json.loads(text)
        version = int(told.get("version", 0))
        wall_s, monotonic_s = float(told["wall_s"]), float(told["monotonic_s"])
        elapsed = told.get("elapsed_s")
        header = JournalHeader(
            wall_s,
            monotonic_s,
            math.nan if elapsed is None else float(elapsed),
            str(told.get("zone", "")),
            int(told.get("utc_offset_s", 0)),
            str(told.get("program", "")),
            {str(k): str(v) for k, v in dict(told.get("details") or {}).items()},
        )
    except DAMAGED as error:
        raise RecordingError(f"its header is damaged: {error}") from error
    if version > VERSION:
        raise RecordingError(
            f"it was written by a later version of the program (journal {version}; this one "
            f"reads up to {VERSION}); update crampwatch"
        )
    possible = 0 <= wall_s < 4.2e9 and math.isfinite(monotonic_s)
    if not (possible and abs(header.utc_offset_s) < 86400):
        raise RecordingError("its header is damaged: its start is not a possible time")
    return header
