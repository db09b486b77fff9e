"""A card as plain paragraphs and grids, for any kind of page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Grid:
    """Text in rows and columns.

    Attributes
    ----------
    heads
        Names of the columns.
    rows
        Cells.
    """

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a card.

    Attributes
    ----------
    title
        Heading.
    text
        Paragraphs before the grid.
    grid
        None where there is none.
    after
        Paragraphs after the grid.
    """

    title: str
    text: Sequence[str] = ()
    grid: Grid | None = None
    after: Sequence[str] = ()
