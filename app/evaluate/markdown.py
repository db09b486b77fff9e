"""The evaluation as Markdown, for the docs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...models.evaluation import Evaluation
from .layout import Table, without_empty
from .sections import headline, sections


def as_markdown(evaluation: Evaluation) -> str:
    """Return the whole evaluation as Markdown text."""
    return "\n".join(_lines(evaluation)) + "\n"


def _lines(evaluation: Evaluation) -> Iterator[str]:
    yield f"# {_cell(headline(evaluation))}"
    yield ""
    yield f"**{evaluation.banner}**"
    for remark in evaluation.model.get("remarks", ()):
        yield ""
        yield _cell(str(remark))
    for section in sections(evaluation):
        yield ""
        yield f"## {section.title}"
        for paragraph in section.text:
            yield ""
            yield paragraph
        for table in section.tables:
            yield ""
            if table.name != section.title:
                yield f"### {table.name}"
                yield ""
            yield from _table(without_empty(table))


def _table(table: Table) -> Iterator[str]:
    yield _row(table.heads)
    yield _row(["---"] * len(table.heads))
    for number, row in enumerate(table.rows):
        cells = [_cell(cell) or "n/a" for cell in row]
        if number in table.strong:
            cells = [f"**{cell}**" for cell in cells]
        yield _row(cells)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(text: str) -> str:
    """Return text that stays in its cell and is no markup."""
    flat = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    for mark in "\\`*_[]<>|":
        flat = flat.replace(mark, f"\\{mark}")
    return flat
