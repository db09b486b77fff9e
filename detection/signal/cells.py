"""Half-second summaries of one signal: what everything but the movement edges is made of."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


class CellTable:
    """A table of cells that grows by blocks, one array for each column.

    Parameters
    ----------
    columns
        Name and dtype of every column; a dtype with a shape makes a column of rows.

    Notes
    -----
    Cells are numbered from the start of the night. With `forget` the oldest rows are given
    up; the numbers stay.
    """

    def __init__(self, columns: dict[str, Any]) -> None:
        self._columns = {name: np.empty(1024, dtype) for name, dtype in columns.items()}
        self.first = 0
        self.stop = 0

    def __len__(self) -> int:
        return self.stop - self.first

    def append(self, rows: dict[str, NDArray[Any]]) -> None:
        """Add rows; every column must be given, all of one length."""
        n = next(iter(rows.values())).shape[0]
        held = len(self)
        for name, column in self._columns.items():
            room = column.shape[0]
            if held + n > room:
                grown = np.empty((max(2 * room, held + n), *column.shape[1:]), column.dtype)
                grown[:held] = column[:held]
                self._columns[name] = grown
            self._columns[name][held : held + n] = rows[name]
        self.stop += n

    def column(self, name: str, first: int | None = None, stop: int | None = None) -> Any:
        """Return a read-only view of one column, rows ``first`` to ``stop`` of the night."""
        low = 0 if first is None else max(first, self.first) - self.first
        high = len(self) if stop is None else min(stop, self.stop) - self.first
        view = self._columns[name][low : max(low, high)]
        view.flags.writeable = False
        return view

    def forget(self, before: int) -> None:
        """Give up the rows before cell number `before`."""
        drop = min(before, self.stop) - self.first
        if drop <= 0:
            return
        keep = len(self) - drop
        for name, column in self._columns.items():
            kept = np.empty((max(1024, 2 * keep), *column.shape[1:]), column.dtype)
            kept[:keep] = column[drop : drop + keep]
            self._columns[name] = kept
        self.first += drop
