"""An evaluation as sections of plain text and tables, for any kind of page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Table:
    """A table of text.

    Attributes
    ----------
    name
        What it shows.
    heads
        Names of the columns.
    rows
        Cells; an empty one is not known.
    strong
        Positions of the rows to stand out.
    """

    name: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    strong: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page.

    Attributes
    ----------
    title
        Heading.
    text
        Paragraphs before the tables.
    tables
        In order.
    figure
        Name of a drawing that goes before the tables, or empty.
    folded
        Whether it may be closed at first.
    """

    title: str
    text: Sequence[str] = ()
    tables: Sequence[Table] = ()
    figure: str = ""
    folded: bool = False


def without_empty(table: Table) -> Table:
    """Return the table without columns that hold nothing at all; the first one stays."""
    kept = [i for i in range(len(table.heads)) if i == 0 or any(row[i] for row in table.rows)]
    return Table(
        table.name,
        [table.heads[i] for i in kept],
        [[row[i] for i in kept] for row in table.rows],
        table.strong,
    )
