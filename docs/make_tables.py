"""Make the tables of ``formats.md`` from the program: ``python docs/make_tables.py``.

A table stands between ``<!-- table: NAME -->`` and ``<!-- end -->``. With ``--check`` nothing
is written, and the exit code is 1 where the page differs from the program.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from crampwatch.recording.annotations.columns import LEVELS, describe

PAGE = Path(__file__).resolve().parent / "formats.md"
COLUMNS = (
    "onset",
    "duration",
    "trial_type",
    "side",
    "channel",
    "probability",
    "rule",
    "amplitude",
    "ratio",
    "ratio_peak",
    "turn_deg",
    "reason",
    "cause",
    "clm",
    "movement",
    "series",
    "imi",
    "stage",
    "respiratory",
    "arousal",
    "bursts",
    "rate_hz",
    "text",
)


def columns() -> Iterable[tuple[str, ...]]:
    """Yield the rows of the table of columns."""
    yield "column", "unit", "meaning"
    for name, entry in describe(COLUMNS).items():
        values = [f"`{value}`" for value in entry.get("Levels", ()) if name != "trial_type"]
        meaning = entry["Description"] + (f" One of {', '.join(values)}." if values else "")
        yield f"`{name}`", entry.get("Units", ""), meaning


def types() -> Iterable[tuple[str, ...]]:
    """Yield the rows of the table of event types."""
    yield "trial_type", "meaning"
    for name, meaning in LEVELS.items():
        yield f"`{name}`", meaning


TABLES: Mapping[str, Iterable[tuple[str, ...]]] = {"columns": columns(), "types": types()}


def filled(text: str) -> str:
    """Return the page with its tables made anew."""
    for name, rows in TABLES.items():
        head, *body = (f"| {' | '.join(row)} |" for row in rows)
        rule = "|---" * (head.count("|") - 1) + "|"
        table = "\n".join((head, rule, *body))
        text, found = re.subn(
            rf"(<!-- table: {name} -->\n).*?(\n<!-- end -->)",
            lambda match, table=table: f"{match[1]}{table}{match[2]}",
            text,
            flags=re.DOTALL,
        )
        if found != 1:
            sys.exit(f"{PAGE.name} needs one place marked <!-- table: {name} -->")
    return text


def main() -> None:
    """Write the page, or check it."""
    old = PAGE.read_text(encoding="utf-8")
    new = filled(old)
    if "--check" in sys.argv[1:]:
        sys.exit(f"{PAGE.name} differs: python docs/make_tables.py" if new != old else 0)
    PAGE.write_text(new, encoding="utf-8")


if __name__ == "__main__":
    main()
