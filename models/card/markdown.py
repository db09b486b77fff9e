"""The card as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..artefact.model import Model
from .sections import banner, blocks, title


def as_markdown(model: Model) -> str:
    """Return the card of a model as Markdown text."""
    return "\n".join(_lines(model)) + "\n"


def _lines(model: Model) -> Iterator[str]:
    yield f"# {_plain(title(model))}"
    yield ""
    yield f"**{_plain(banner(model))}**"
    for block in blocks(model):
        yield ""
        yield f"## {_plain(block.title)}"
        for paragraph in block.text:
            yield ""
            yield _plain(paragraph)
        if block.grid is not None and block.grid.rows:
            yield ""
            yield _row(block.grid.heads)
            yield _row(["---"] * len(block.grid.heads))
            yield from (_row(row) for row in block.grid.rows)
        for paragraph in block.after:
            yield ""
            yield _plain(paragraph)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(_plain(cell) or 'n/a' for cell in cells)} |"


def _plain(text: str) -> str:
    """Return text that stays on its line and is no markup."""
    flat = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    for mark in "\\`*_[]<>|":
        flat = flat.replace(mark, f"\\{mark}")
    return flat
