"""What a trend is written as."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ...recording.errors import CrampwatchError
from ...recording.writers.beside import write_text_beside
from ..jsontext import to_json
from .weeks import Weeks, night_json


def write_trend(weeks: Weeks, path: Path) -> None:
    """Write a trend as its suffix says: ``.html``, ``.tsv`` (a row for each night), ``.json``.

    Raises
    ------
    CrampwatchError
        The suffix is another, or the file cannot be written.
    """
    refuse_suffix(path)
    write_text_beside(path, _WRITERS[path.suffix.lower()](weeks))


def refuse_suffix(path: Path) -> None:
    """Raise where a file's suffix is none that a trend is written as."""
    if path.suffix.lower() not in _WRITERS:
        raise CrampwatchError(f"cannot write {path}: name it .html, .tsv or .json")


def trend_table(weeks: Weeks) -> str:
    """Return a row for each night, tab-separated, ``n/a`` for what is not known."""
    rows = [_flat(night_json(night, usable=weeks.is_usable(night))) for night in weeks.nights]
    heads = list(dict.fromkeys(name for row in rows for name in row))
    lines = ["\t".join(heads)]
    lines += ["\t".join(_cell(row.get(name)) for name in heads) for row in rows]
    return "\n".join(lines) + "\n"


def _flat(row: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: value for name, value in row.items() if name != "factors"}
    for name, value in (row.get("factors") or {}).items():
        found[f"factor_{name}"] = value
    return found


def _cell(value: Any) -> str:
    if value is None or value in ([], ""):
        return "n/a"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return ",".join(_cell(each) for each in value)
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    return " ".join("".join(c if c.isprintable() else " " for c in text).split()) or "n/a"


def _page(weeks: Weeks) -> str:
    from .page import trend_page

    return trend_page(weeks)


def _json(weeks: Weeks) -> str:
    return to_json(weeks.as_json()) + "\n"


_WRITERS: Mapping[str, Callable[[Weeks], str]] = {
    ".html": _page,
    ".tsv": trend_table,
    ".json": _json,
}
