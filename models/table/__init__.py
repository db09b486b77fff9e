"""From labelled nights to one table: a row for each contraction that was looked at."""

from __future__ import annotations

from .build import build_table
from .parquet import read_table, write_table
from .table import CrampFacts, NightFacts, Rows, TrainingTable, join

__all__ = [
    "CrampFacts",
    "NightFacts",
    "Rows",
    "TrainingTable",
    "build_table",
    "join",
    "read_table",
    "write_table",
]
