"""The names that the field gives to the stages of sleep."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

STAGES: Final = ("W", "N1", "N2", "N3", "R")
"""Names of the stages; an epoch that nobody could score carries the empty name."""

SLEEP: Final = ("N1", "N2", "N3", "R")


def stage_names(names: Sequence[str]) -> tuple[NDArray[np.str_], list[str]]:
    """Translate the field's spellings to `STAGES`.

    Known are AASM and Rechtschaffen-Kales names, with or without ``sleep_``, ``Sleep stage``
    or ``NREM``, and the two numberings: 0-3 with 5 for REM (4 is the deepest NREM stage),
    and 0-3 with 4 for REM.

    Returns
    -------
    stages
        Shape ``(n,)``, ``<U2``; empty where unscored or unknown.
    notes
        What had to be guessed or could not be read.
    """
    keys = [_key(str(name)) for name in names]
    distinct = set(keys)
    table = dict(_NAMES)
    notes: list[str] = []
    if "4" in distinct and "5" not in distinct:
        table["4"] = "R"
        notes.append("stage number 4 was read as REM, because the hypnogram has no number 5")
    strange = sorted(
        {str(name) for name, key in zip(names, keys, strict=True) if key not in table}
    )
    if strange:
        shown = ", ".join(repr(name[:40]) for name in strange[:5])
        notes.append(f"unknown stages ({shown}) were read as unscored")
    known = {key: table.get(key, "") for key in distinct}
    return np.array([known[key] for key in keys], dtype="<U2"), notes


def is_stage(name: str) -> bool:
    """Return whether a name can only be that of a stage (not a bare number or letter)."""
    low = name.strip().lower()
    return _key(name) in _NAMES and (
        low.startswith(("sleep", "stage", "nrem", "wake", "rem", "n1", "n2", "n3", "unscored"))
        or low in {"w", "r"}
    )


def _key(name: str) -> str:
    """Reduce a spelling to its core: ``Sleep stage N2`` and ``sleep_N2`` to ``n2``."""
    low = re.sub(r"[\s_\-:.|]+", " ", name[:100].strip().strip('"').lower()).strip()
    low = re.sub(r"^-?(\d+) 0$", r"\1", low) if low.endswith(" 0") else low
    if name.strip().startswith("-") and low.isdigit():
        return "-" + low
    bare = re.sub(r"^(sleep ?stage|sleep|stage)(?= |\d|[wnrs]\d?$|\?) ?", "", low)
    if bare != low and bare[:1].isdigit():
        # stage 4 is Rechtschaffen and Kales; a bare 4 may be REM
        bare = f"s{bare}"
    low = bare
    low = re.sub(r"^(non rem|nonrem|nrem) ?(sleep ?)?(stage ?)?", "n", low)
    return low.removesuffix(" sleep") or low


_NAMES: Final = {
    **dict.fromkeys(("w", "wake", "wakefulness", "awake", "wach", "0", "s0"), "W"),
    **dict.fromkeys(("n1", "1", "s1"), "N1"),
    **dict.fromkeys(("n2", "2", "s2"), "N2"),
    **dict.fromkeys(("n3", "3", "s3", "n4", "4", "s4", "sws"), "N3"),
    **dict.fromkeys(("r", "rem", "5", "s5"), "R"),
    **dict.fromkeys(
        (
            *("", "?", "u", "n/a", "na", "nan", "none", "unscored", "unknown", "undefined"),
            *("unsure", "artifact", "artefact", "a", "art", "m", "mt", "mvt", "movement"),
            *("movement time", "movement artifact", "-1", "-2", "6", "7", "8", "9", "l"),
            *("lights", "lights on", "no stage", "not scored", "notscored", "indeterminate"),
            *("i", "x", "uns", "bewegung", "artefakt", "unbekannt"),
        ),
        "",
    ),
}
