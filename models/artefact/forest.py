"""Boosted trees as plain numbers: they judge without the library that grew them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_CELLS = 1 << 21


@dataclass(frozen=True, slots=True, eq=False)
class Forest:
    """Trees whose leaves add up to log-odds.

    Attributes
    ----------
    feature
        Column that a node asks about, -1 for a leaf; int16, shape ``(trees, nodes)``.
    threshold
        At most this goes left; float64, same shape.
    left, right
        Nodes that follow; a leaf names itself. int16, same shape.
    unknown_left
        Whether NaN goes left; bool, same shape.
    value
        Log-odds that a leaf adds; float64, same shape.
    start
        Log-odds before any tree.
    depth
        Questions on the longest way to a leaf.
    """

    feature: NDArray[np.int16]
    threshold: NDArray[np.float64]
    left: NDArray[np.int16]
    right: NDArray[np.int16]
    unknown_left: NDArray[np.bool_]
    value: NDArray[np.float64]
    start: float
    depth: int

    def log_odds(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return log-odds, shape ``(n,)``, of features of shape ``(n, columns)``."""
        trees = self.feature.shape[0]
        out = np.full(len(values), self.start)
        size = max(1, _CELLS // max(1, trees))
        for first in range(0, len(values), size):
            part = slice(first, first + size)
            out[part] += self._sum(values[part])
        return out

    def _sum(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        trees, nodes = self.feature.shape
        root = np.arange(trees, dtype=np.intp)[None, :] * nodes
        node = np.broadcast_to(root, (len(values), trees)).copy()
        row = np.arange(len(values))[:, None]
        feature, threshold = self.feature.ravel(), self.threshold.ravel()
        left, right = self.left.ravel(), self.right.ravel()
        unknown = self.unknown_left.ravel()
        for _ in range(self.depth):
            asked = values[row, feature[node]]
            goes_left = np.where(np.isnan(asked), unknown[node], asked <= threshold[node])
            node = root + np.where(goes_left, left[node], right[node])
        # row by row: a sum must not depend on what else is judged with it
        total: NDArray[np.float64] = np.add.reduce(self.value.ravel()[node], axis=1)
        return total
